//! Watershed from markers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ndarray::{Array2, ArrayView2};

use crate::error::{Result, same_shape};
use crate::neighbors::Connectivity;

/// Floods `image` from the labels of `markers`, lowest values first, until all of `mask` is divided.
///
/// The next pixel is always the lowest next to what is flooded, of equals the one that was reached
/// first; it gets the label from which it was reached. So basins meet on the ridges, and plateaus are
/// divided in the middle.
///
/// # Shapes
/// All `(height, width)`; `markers` and the result are labels, 0 for none. Markers outside the mask
/// are ignored.
///
/// # Edge cases
/// Parts of the mask without a marker stay 0. NaN is flooded last. Without markers nothing is flooded.
///
/// # Errors
/// Markers or a mask of another shape.
///
/// # Source
/// Meyer, Beucher, Morphological segmentation, J. Vis. Commun. Image Represent. 1, 1990, as
/// `skimage.segmentation.watershed` without line and compactness; where pixels of different markers
/// have one value, the first in reading order begins.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, watershed};
/// use ndarray::{Array2, array};
/// let image = array![[0.0, 1.0, 2.0, 9.0, 3.0, 0.0]];
/// let markers = array![[1, 0, 0, 0, 0, 2]];
/// let everywhere = Array2::from_elem((1, 6), true);
/// let flooded =
///     watershed(image.view(), markers.view(), everywhere.view(), Connectivity::Four)?;
/// assert_eq!(flooded, array![[1, 1, 1, 1, 2, 2]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn watershed(
    image: ArrayView2<'_, f32>,
    markers: ArrayView2<'_, u32>,
    mask: ArrayView2<'_, bool>,
    connectivity: Connectivity,
) -> Result<Array2<u32>> {
    same_shape("markers", image.dim(), markers.dim())?;
    same_shape("a mask", image.dim(), mask.dim())?;
    let mut labels = Array2::zeros(image.dim());
    let mut queue = BinaryHeap::new();
    for (at, &label) in markers.indexed_iter() {
        if label > 0 && mask[at] {
            labels[at] = label;
            queue.push(Reverse((height(image[at]), 0, at)));
        }
    }
    let mut age: u64 = 0;
    while let Some(Reverse((_, _, from))) = queue.pop() {
        for at in connectivity.around(from, image.dim()) {
            if labels[at] == 0 && mask[at] {
                labels[at] = labels[from];
                age += 1;
                queue.push(Reverse((height(image[at]), age, at)));
            }
        }
    }
    Ok(labels)
}

/// A number that is larger where the value is: NaN above all, 0 and -0 alike.
fn height(value: f32) -> u32 {
    if value.is_nan() {
        return u32::MAX;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}
