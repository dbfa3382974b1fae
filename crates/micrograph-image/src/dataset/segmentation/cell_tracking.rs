//! The folders of the Cell Tracking Challenge.
//!
//! Source: <https://celltrackingchallenge.net>, naming and file content conventions.

use std::collections::BTreeMap;
use std::path::Path;

use super::locate::{joined, refused};
use super::pair::{Demand, FilePair, check};
use super::problem::SegmentationProblem;
use super::sequence::place;
use crate::Result;
use crate::dataset::folder::Listing;

/// The folders beside which annotations lie: `01` of `01`, `01_GT` and `01_ST`.
pub(super) fn sequences(listing: &Listing) -> Vec<String> {
    let annotated = |name: &&String| {
        ["GT", "ST"].iter().any(|truth| listing.folders.contains(&format!("{name}_{truth}")))
    };
    listing.folders.iter().filter(annotated).cloned().collect()
}

/// The images of a sequence, each with the annotation of its number where there is one.
pub(super) fn pair(images: &Path, id: &str, truth: &Path) -> Result<Vec<FilePair>> {
    let masks = Listing::read(truth)?;
    let mut by_number: BTreeMap<u64, &String> = BTreeMap::new();
    for name in &masks.images {
        let Some((_, number)) = place(name) else { continue };
        if let Some(first) = by_number.insert(number, name) {
            let (first, second) = (first.clone(), name.clone());
            return Err(refused(truth, SegmentationProblem::Twice { first, second }));
        }
    }
    let file = |name: &String| {
        let mask = place(name).and_then(|(_, number)| by_number.get(&number));
        let mask = mask.map(|mask| truth.join(mask));
        FilePair { id: joined(id, name), image: images.join(name), mask }
    };
    let files: Vec<FilePair> = Listing::read(images)?.images.iter().map(file).collect();
    let annotated: Vec<FilePair> =
        files.iter().filter(|file| file.mask.is_some()).cloned().collect();
    check(&annotated, masks.images.into_iter(), images, truth, Demand::Masks)?;
    Ok(files)
}
