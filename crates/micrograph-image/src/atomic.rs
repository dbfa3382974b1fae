//! The one way in which a file is replaced.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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
    let mut file = Replacement::create(path)?;
    write(&mut file.writer)?;
    file.finish()
}

/// The file that is to stand at a path, while it is written; dropped before
/// [`finish`](Self::finish), it leaves nothing.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) writer: BufWriter<tempfile::NamedTempFile>,
    path: PathBuf,
}

impl Replacement {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let writer = BufWriter::with_capacity(1 << 16, temporary_file(folder_of(path))?);
        Ok(Self { writer, path: path.to_owned() })
    }

    /// Syncs the file and gives it its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        let file = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|failure| failure.error)?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

/// The parent of a bare file name is "", by which the system does not mean the current folder.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
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
