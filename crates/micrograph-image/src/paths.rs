//! Telling whether two paths mean the same file.

use std::path::{Component, Path, PathBuf};

/// The path without `.` and without `a/..`, by its letters alone; for names within one data set.
///
/// ```
/// # use std::path::Path;
/// assert_eq!(micrograph_image::plain_path("a/./b/../c.png".as_ref()), Path::new("a/c.png"));
/// assert_eq!(micrograph_image::plain_path("../c.png".as_ref()), Path::new("../c.png"));
/// ```
#[must_use]
pub fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The one path of what stands, or would stand, at `path`: absolute, with symbolic links followed as
/// far as it exists; what does not exist yet keeps its letters.
///
/// Two paths that lead to one file are equal; `a.starts_with(b)` says whether `a` lies in `b`.
///
/// # Errors
/// When `path` is empty or the current folder is gone.
pub fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    let whole = std::path::absolute(path)?;
    let mut rest = Vec::new();
    let mut exists = whole.as_path();
    loop {
        if let Ok(real) = exists.canonicalize() {
            let joined = rest.iter().rev().fold(real, |path: PathBuf, part| path.join(part));
            return Ok(plain_path(&joined));
        }
        let (Some(parent), Some(last)) = (exists.parent(), exists.components().next_back()) else {
            return Ok(plain_path(&whole));
        };
        rest.push(last.as_os_str());
        exists = parent;
    }
}
