//! Opening files, and why a path cannot be opened.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Opens a file for reading, and tells its length in bytes.
///
/// A pipe is refused before it is opened: that would wait until somebody writes into it.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64)> {
    let failed = |error| explain(path, error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Error::IsFolder { path: path.to_owned() });
    }
    if !metadata.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    Ok((File::open(path).map_err(failed)?, metadata.len()))
}

/// The error for a path that could not be looked at, as near to its cause as can be found out.
pub(crate) fn explain(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    let above = || path.ancestors().skip(1).map(|above| current_if_empty(above).to_owned());
    if let Some(file) = above().find(|above| above.is_file()) {
        return Error::PathThroughFile { path, file };
    }
    if source.kind() == io::ErrorKind::NotFound {
        let existing = above().find(|above| above.is_dir()).unwrap_or_else(|| PathBuf::from("/"));
        return Error::NoSuchPath { path, existing };
    }
    Error::Read { path, source }
}

/// `.` for the empty path, which is what lies above `data.csv`.
pub(crate) fn current_if_empty(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}
