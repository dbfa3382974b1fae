//! Watershed from markers.

use std::cmp::{Ordering, Reverse};
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
            queue.push(Reverse(Entry { value: image[at], age: 0, at }));
        }
    }
    let mut age = 0;
    while let Some(Reverse(entry)) = queue.pop() {
        for at in connectivity.around(entry.at, image.dim()) {
            if labels[at] == 0 && mask[at] {
                labels[at] = labels[entry.at];
                age += 1;
                queue.push(Reverse(Entry { value: image[at], age, at }));
            }
        }
    }
    Ok(labels)
}

/// A flooded pixel whose neighbors have to be looked at.
#[derive(Debug, Clone, Copy)]
struct Entry {
    value: f32,
    age: u64,
    at: (usize, usize),
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let nan_last = self.value.is_nan().cmp(&other.value.is_nan());
        // 0 and -0 are one height.
        let by_value = self.value.partial_cmp(&other.value).unwrap_or(nan_last);
        by_value.then(self.age.cmp(&other.age)).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
