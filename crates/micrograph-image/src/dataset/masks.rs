//! Object masks that lie beside their images: `X_mask.png` belongs to the image `X`.
//!
//! The ending of a mask may be any that images have, and `_mask` may be written in any case.
//! A file of such a name is never an image.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder;
use crate::opening::current_if_empty;
use crate::{EXTENSIONS, Result};

/// What marks the name of a mask before its ending.
const SUFFIX: &str = "_mask";

/// The images of one folder, each with its mask, and the masks that no image has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paired<'a> {
    pub(super) images: Vec<(&'a str, Option<&'a str>)>,
    pub(super) unpaired: usize,
}

/// Pairs the names of one folder; of two masks of one image the first is taken.
pub(super) fn pair(names: &[String]) -> Paired<'_> {
    let mut masks = HashMap::<&str, &str>::new();
    let mut images = Vec::new();
    for name in names {
        match image_stem(name) {
            Some(image) => drop(masks.entry(image).or_insert(name)),
            None => images.push(name.as_str()),
        }
    }
    let n_masks = names.len() - images.len();
    let images: Vec<_> =
        images.into_iter().map(|name| (name, masks.get(stem(name)).copied())).collect();
    let mut taken: Vec<&str> = images.iter().filter_map(|&(_, mask)| mask).collect();
    // `X.png` and `X.tif` share a mask.
    taken.sort_unstable();
    taken.dedup();
    Paired { images, unpaired: n_masks - taken.len() }
}

/// The stem of the image whose mask a file of this name is; `None` for the name of an image.
fn image_stem(name: &str) -> Option<&str> {
    let stem = stem(name);
    let (image, suffix) = stem.split_at_checked(stem.len().checked_sub(SUFFIX.len())?)?;
    suffix.eq_ignore_ascii_case(SUFFIX).then_some(image)
}

/// The name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The masks in folders, each folder looked into once.
#[derive(Debug, Default)]
pub(super) struct Beside(HashMap<PathBuf, HashMap<String, PathBuf>>);

impl Beside {
    /// The mask that lies beside the image at `path`.
    pub(super) fn of(&mut self, path: &Path) -> Result<Option<PathBuf>> {
        let parent = path.parent().unwrap_or(path);
        if !self.0.contains_key(parent) {
            self.0.insert(parent.to_owned(), masks_in(parent)?);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(self.0.get(parent).and_then(|masks| masks.get(stem(&name))).cloned())
    }
}

/// The masks in a folder by the stems of their images; a name that is no text is none.
fn masks_in(folder: &Path) -> Result<HashMap<String, PathBuf>> {
    let failed = |error| folder::cannot_list(folder, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(current_if_empty(folder)).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        names.extend(name.into_string().ok().filter(|name| folder::has_ending(name, EXTENSIONS)));
    }
    names.sort_unstable_by(|left, right| super::natural_order(left, right));
    let mut masks = HashMap::new();
    for name in &names {
        let path = folder.join(name);
        if let Some(image) = image_stem(name).filter(|_| path.is_file()) {
            masks.entry(image.to_owned()).or_insert(path);
        }
    }
    Ok(masks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], images: &[(&str, Option<&str>)], unpaired: usize) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(pair(&names), Paired { images: images.to_vec(), unpaired });
    }

    #[test]
    fn a_mask_has_any_ending_and_any_case() {
        for mask in ["0_mask.png", "0_mask.tif", "0_mask.bmp", "0_Mask.png", "0_MASK.PNG"] {
            check(&["0.jpg", mask], &[("0.jpg", Some(mask))], 0);
        }
        check(&["été_mask.png", "été.png"], &[("été.png", Some("été_mask.png"))], 0);
        check(&["mask.png", "éask.png"], &[("mask.png", None), ("éask.png", None)], 0);
    }

    #[test]
    fn a_mask_without_an_image_is_counted() {
        check(&["3x_mask.png", "4.png", "_mask.png"], &[("4.png", None)], 2);
        check(
            &["1.png", "1_mask.bmp", "1_mask.png", "1_mask_mask.png"],
            &[("1.png", Some("1_mask.bmp"))],
            2,
        );
        let both = [("1.png", Some("1_mask.png")), ("1.tif", Some("1_mask.png"))];
        check(&["1.png", "1.tif", "1_mask.png"], &both, 0);
    }
}
