//! A file is replaced as a whole or not at all.

use std::fs;
use std::io::{self, ErrorKind, Write};

use micrograph_image::{Error, write_atomically};
use micrograph_testkit::temporary_folder;

/// Takes `left` bytes, then has no more space.
struct Full<'a> {
    inner: &'a mut dyn Write,
    left: usize,
}

impl Write for Full<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        let n_written = self.inner.write(&bytes[..bytes.len().min(self.left)])?;
        self.left -= n_written;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The names in a folder, hidden ones among them.
fn names(folder: &std::path::Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(name).collect()
}

#[test]
fn a_writer_that_fails_after_some_bytes_leaves_the_old_file() {
    let new = vec![7; 200_000];
    for left in [0, 1, 100_000, 199_999] {
        let folder = temporary_folder();
        let path = folder.path().join("weights");
        fs::write(&path, "old").unwrap();
        let error = write_atomically(&path, |file| Full { inner: file, left }.write_all(&new));
        let error = error.unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(
            matches!(error, Error::Write { source, .. } if source.kind() == ErrorKind::StorageFull)
        );
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["weights"]);
    }
}

#[test]
fn a_new_file_is_whole_and_alone() {
    let folder = temporary_folder();
    let path = folder.path().join("weights");
    for content in ["first", "second, and longer"] {
        write_atomically(&path, |file| file.write_all(content.as_bytes())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert_eq!(names(folder.path()), ["weights"]);
    }
}

#[test]
fn a_panicking_writer_leaves_the_old_file() {
    let folder = temporary_folder();
    let path = folder.path().join("weights");
    fs::write(&path, "old").unwrap();
    let panicking = || write_atomically(&path, |_| panic!("in the writer"));
    assert!(std::panic::catch_unwind(panicking).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["weights"]);
}

#[test]
fn targets_that_cannot_be() {
    let folder = temporary_folder();
    let file = folder.path().join("file");
    fs::write(&file, "old").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("folder/inside"), "x").unwrap();
    for path in
        [file.join("below"), folder.path().join("absent/file"), folder.path().join("folder")]
    {
        let error = write_atomically(&path, |file| file.write_all(b"new")).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"old");
    let mut left = names(folder.path());
    left.sort();
    assert_eq!(left, ["file", "folder"]);
}

#[cfg(unix)]
#[test]
fn the_new_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = temporary_folder();
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    fs::write(folder.path().join("plain"), "x").unwrap();
    write_atomically(&folder.path().join("atomic"), |file| file.write_all(b"x")).unwrap();
    assert_eq!(mode("atomic"), mode("plain"));
}
