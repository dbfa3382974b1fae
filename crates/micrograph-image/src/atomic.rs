//! The one function that replaces a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::{Error, Result};

/// Writes a file as a whole or not at all.
///
/// The bytes go to a hidden temporary file in the same folder, which is flushed, synced to the disk
/// and then renamed to `path`. Whoever opens `path` meanwhile sees the old content or the new one,
/// never half of it; after a power cut, too. When anything fails, the temporary file is removed and
/// the old file stays untouched.
///
/// The new file gets the permissions that any new file gets. A symbolic link at `path` is replaced
/// by the file, and the folder must exist.
///
/// # Errors
/// [`Error::Write`], naming `path`, when `write` fails or the system refuses a step.
///
/// # Example
/// ```
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("answer.txt");
/// micrograph_image::write_atomically(&path, |file| file.write_all(b"42"))?;
/// assert_eq!(std::fs::read(&path)?, b"42");
///
/// let failure = |_: &mut dyn std::io::Write| Err(std::io::Error::other("the cable is out"));
/// assert!(micrograph_image::write_atomically(&path, failure).is_err());
/// assert_eq!(std::fs::read(&path)?, b"42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    replace(path, write).map_err(|source| Error::Write { path: path.into(), source })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // The parent of a bare file name is "", by which the system does not mean the current folder.
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // From here on, dropping `file` removes it.
    let file = temporary_file(folder)?;
    let mut writer = BufWriter::with_capacity(1 << 16, file.as_file());
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failure| failure.error)?;
    sync_folder(folder);
    Ok(())
}

#[cfg(unix)]
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    // A temporary file is private (0600) unless told otherwise; the umask still applies to 0666.
    let permissions = Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".new-").permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".new-").tempfile_in(folder)
}

/// Makes the rename itself durable, where the system has a way to do so.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        // The new file is complete and in place; some file systems refuse to sync a folder.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
