//! `train`, `val` and `test` above class folders.

use std::path::Path;

use super::class_folders::Scan;
use super::folder::Listing;
use super::layout::is_part;
use super::{Contents, DatasetNotice, Part};
use crate::{Error, Result};

/// Reads the parts directly below `root`.
pub(super) fn open(root: &Path) -> Result<Contents> {
    let listing = Listing::read(root)?;
    let (parts, others): (Vec<_>, Vec<_>) =
        listing.folders.iter().cloned().partition(|name| is_part(name));
    let mut scan = Scan::new(root);
    scan.pass_over(&listing);
    if !others.is_empty() {
        scan.note(DatasetNotice::FoldersIgnored { names: others });
    }
    for name in parts {
        refuse_without_classes(&root.join(&name))?;
        let part: Part = name.parse()?;
        scan.class_folders(&name, Some(part))?;
    }
    scan.finish()
}

/// A part that holds images directly has lost its classes: to ignore them would lose the part.
fn refuse_without_classes(part: &Path) -> Result<()> {
    let listing = Listing::read(part)?;
    if listing.folders.is_empty() && !listing.images.is_empty() {
        let images = listing.images.len();
        return Err(Error::PartWithoutClasses { path: part.to_owned(), images });
    }
    Ok(())
}
