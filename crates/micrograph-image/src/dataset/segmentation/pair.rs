//! Images and the masks of the same names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::locate::{joined, refused};
use super::problem::{SegmentationProblem, first_of};
use super::roles::{self, Role, key};
use crate::Result;
use crate::dataset::folder::Listing;

/// An image, a page of one, or a whole stack, with its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilePair {
    /// The path of the image relative to the root.
    pub(super) id: String,
    pub(super) image: PathBuf,
    pub(super) mask: Option<PathBuf>,
}

/// Whether every image must have a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    Masks,
    ImagesAlone,
}

/// Pairs the files of two folders, and those of the folders of the same names below them.
///
/// Adds the relative path of each folder with images, and its files in natural order.
pub(super) fn between(
    images: &Path,
    masks: Option<&Path>,
    id: &str,
    demand: Demand,
    found: &mut Vec<(String, Vec<FilePair>)>,
) -> Result<()> {
    let listing = Listing::read(images)?;
    let of_masks = match masks {
        Some(masks) => Listing::read(masks)?,
        None => Listing::default(),
    };
    let masks = masks.unwrap_or(images);
    let by_key = by_key(masks, of_masks.images.iter())?;
    let files = pair(&listing.images, images, id, &by_key, masks)?;
    check(&files, by_key.into_values(), images, masks, demand)?;
    let strangers = of_masks.folders.iter().filter(|&name| !listing.folders.contains(name));
    check(&[], strangers.map(|name| joined("", name)), images, masks, demand)?;
    if !files.is_empty() {
        found.push((id.to_owned(), files));
    }
    for name in &listing.folders {
        let below = masks.join(name);
        let below = of_masks.folders.contains(name).then_some(below.as_path());
        if below.is_none() && demand == Demand::Masks {
            let (count, names, masks) = (1, name.clone(), masks.to_owned());
            return Err(refused(images, SegmentationProblem::WithoutMask { masks, count, names }));
        }
        between(&images.join(name), below, &joined(id, name), demand, found)?;
    }
    Ok(())
}

/// Pairs the files of one folder by the words in their names; whether those say `instances`.
pub(super) fn beside(
    folder: &Path,
    id: &str,
    listing: &Listing,
    demand: Demand,
) -> Result<(Vec<FilePair>, bool)> {
    let is_mask = |name: &String| roles::of_file(name) == Some(Role::Mask);
    let (masks, images): (Vec<_>, Vec<_>) = listing.images.iter().cloned().partition(is_mask);
    let by_key = by_key(folder, masks.iter())?;
    let files = pair(&images, folder, id, &by_key, folder)?;
    check(&files, by_key.into_values(), folder, folder, demand)?;
    let instances = !masks.is_empty() && masks.iter().all(|name| roles::names_instances(name));
    Ok((files, instances))
}

/// The names by what they have in common with those of their partners.
fn by_key<'a>(
    folder: &Path,
    names: impl Iterator<Item = &'a String>,
) -> Result<BTreeMap<String, String>> {
    let mut by_key = BTreeMap::new();
    for name in names {
        if let Some(first) = by_key.insert(key(name), name.clone()) {
            let second = name.clone();
            return Err(refused(folder, SegmentationProblem::Twice { first, second }));
        }
    }
    Ok(by_key)
}

fn pair(
    names: &[String],
    folder: &Path,
    id: &str,
    masks_by_key: &BTreeMap<String, String>,
    masks: &Path,
) -> Result<Vec<FilePair>> {
    by_key(folder, names.iter())?;
    let file = |name: &String| FilePair {
        id: joined(id, name),
        image: folder.join(name),
        mask: masks_by_key.get(&key(name)).map(|mask| masks.join(mask)),
    };
    Ok(names.iter().map(file).collect())
}

/// Refuses images without masks, and masks (by name) without images.
pub(super) fn check(
    files: &[FilePair],
    all_masks: impl Iterator<Item = String>,
    images: &Path,
    masks: &Path,
    demand: Demand,
) -> Result<()> {
    if demand == Demand::ImagesAlone {
        return Ok(());
    }
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bare: Vec<String> =
        files.iter().filter(|file| file.mask.is_none()).map(|file| name(&file.image)).collect();
    if !bare.is_empty() {
        let (count, names, masks) = (bare.len(), first_of(&bare), masks.to_owned());
        return Err(refused(images, SegmentationProblem::WithoutMask { masks, count, names }));
    }
    let paired: BTreeSet<String> =
        files.iter().filter_map(|file| file.mask.as_ref()).map(name).collect();
    let lonely: Vec<String> = all_masks.filter(|mask| !paired.contains(mask)).collect();
    if !lonely.is_empty() {
        let (count, names, images) = (lonely.len(), first_of(&lonely), images.to_owned());
        let problem = SegmentationProblem::WithoutImage { images, count, names };
        return Err(refused(masks, problem));
    }
    Ok(())
}
