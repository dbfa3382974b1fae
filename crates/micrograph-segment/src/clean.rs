//! Masks without holes, and objects that are large enough.

use ndarray::{Array2, ArrayView2};

use crate::components::label_components;
use crate::neighbors::Connectivity;

/// Fills the holes of a mask: background that the border of the image cannot be reached from.
///
/// `background` says which pixels of the background touch; [`Connectivity::Four`] is the rule of
/// `scipy.ndimage.binary_fill_holes`, and fits objects whose pixels touch in corners, too.
///
/// # Edge cases
/// Background that touches the border of the image is no hole.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, fill_holes};
/// use ndarray::array;
/// let ring = array![[true, true, true], [true, false, true], [true, true, true]];
/// assert!(fill_holes(ring.view(), Connectivity::Four)[[1, 1]]);
/// ```
#[must_use]
pub fn fill_holes(mask: ArrayView2<'_, bool>, background: Connectivity) -> Array2<bool> {
    let (parts, n) = label_components(mask.mapv(|object| !object).view(), background);
    let mut outside = vec![false; n as usize + 1];
    let (height, width) = mask.dim();
    for ((y, x), &part) in parts.indexed_iter() {
        if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
            outside[part as usize] = true;
        }
    }
    // Part 0 is the object itself.
    outside[0] = false;
    parts.mapv(|part| !outside[part as usize])
}

/// The number of pixels of each label: that of label `i` at place `i`, that of the background at 0.
///
/// # Edge cases
/// The list ends with the largest label that occurs; it holds 0 for labels that do not. Labels of
/// 2^24 and more are not counted, since the list would not fit into memory; number objects anew first
/// ([`relabel`]).
///
/// # Example
/// ```
/// use micrograph_segment::label_areas;
/// assert_eq!(label_areas(ndarray::array![[0, 3, 3], [1, 0, 0]].view()), [3, 1, 0, 2]);
/// ```
#[must_use]
pub fn label_areas(labels: ArrayView2<'_, u32>) -> Vec<u64> {
    let mut areas = Vec::new();
    for &label in labels.iter().filter(|&&label| label < 1 << 24) {
        if areas.len() <= label as usize {
            areas.resize(label as usize + 1, 0);
        }
        areas[label as usize] += 1;
    }
    areas
}

/// Numbers labels anew, `1..=n` in the order of the old ones, and returns `n`.
///
/// # Example
/// ```
/// use micrograph_segment::relabel;
/// use ndarray::array;
/// assert_eq!(relabel(array![[0, 9, 9], [4, 0, u32::MAX]].view()), (array![[0, 2, 2], [1, 0, 3]], 3));
/// ```
#[must_use]
pub fn relabel(labels: ArrayView2<'_, u32>) -> (Array2<u32>, u32) {
    let mut known: Vec<u32> = labels.iter().copied().filter(|&label| label > 0).collect();
    known.sort_unstable();
    known.dedup();
    let number = |label: u32| known.binary_search(&label).map_or(0, |index| index as u32 + 1);
    (labels.mapv(number), known.len() as u32)
}

/// Takes away the components of a mask that have fewer than `least_px` pixels.
///
/// # Source
/// `skimage.morphology.remove_small_objects` up to its version 0.25, with `min_size = least_px`.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, remove_small};
/// use ndarray::array;
/// let mask = array![[true, false, true, true]];
/// let kept = remove_small(mask.view(), 2, Connectivity::Four);
/// assert_eq!(kept, array![[false, false, true, true]]);
/// ```
#[must_use]
pub fn remove_small(
    mask: ArrayView2<'_, bool>,
    least_px: u64,
    connectivity: Connectivity,
) -> Array2<bool> {
    let (parts, _) = label_components(mask, connectivity);
    let areas = label_areas(parts.view());
    parts.mapv(|part| part > 0 && areas.get(part as usize).is_none_or(|&area| area >= least_px))
}

/// Takes away the labels that have fewer than `least_px` pixels; the others keep their numbers.
///
/// # Example
/// ```
/// use micrograph_segment::remove_small_labels;
/// use ndarray::array;
/// assert_eq!(remove_small_labels(array![[1, 0, 2, 2]].view(), 2), array![[0, 0, 2, 2]]);
/// ```
#[must_use]
pub fn remove_small_labels(labels: ArrayView2<'_, u32>, least_px: u64) -> Array2<u32> {
    let (numbers, _) = relabel(labels);
    let areas = label_areas(numbers.view());
    let mut kept = labels.to_owned();
    kept.zip_mut_with(&numbers, |label, &number| {
        if areas.get(number as usize).is_some_and(|&area| area < least_px) {
            *label = 0;
        }
    });
    kept
}
