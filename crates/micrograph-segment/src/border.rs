//! The pixels along the border of objects.

use ndarray::ArrayView2;

use crate::neighbors::Connectivity;

/// The pixels `[y, x]` of objects that have a neighbor of another label, in reading order.
///
/// With [`Connectivity::Eight`], and labels 0 and 1, this is the list of edge pixels that the StemNet
/// thesis writes for each frame: foreground with background among its eight neighbors.
///
/// # Edge cases
/// Beyond the image there is nothing: an object that is cut off by it has no border there.
///
/// # Source
/// StemNet thesis, appendix (`segmentation`), whose list is of the pixels one up and one to the left:
/// it subtracts 1 from every index before it looks at the neighbors. The oracle is
/// `skimage.segmentation.find_boundaries` in the mode `inner`.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, border_pixels};
/// let labels = ndarray::array![
///     [0, 0, 0, 0, 0],
///     [1, 1, 1, 0, 0],
///     [1, 1, 1, 0, 0],
///     [1, 1, 1, 2, 0],
/// ];
/// let border = border_pixels(labels.view(), Connectivity::Four);
/// assert_eq!(border, [[1, 0], [1, 1], [1, 2], [2, 2], [3, 2], [3, 3]]);
/// ```
#[must_use]
pub fn border_pixels(labels: ArrayView2<'_, u32>, connectivity: Connectivity) -> Vec<[usize; 2]> {
    let is_border = |at: (usize, usize), label: u32| {
        label > 0 && connectivity.around(at, labels.dim()).any(|other| labels[other] != label)
    };
    labels
        .indexed_iter()
        .filter(|&(at, &label)| is_border(at, label))
        .map(|((y, x), _)| [y, x])
        .collect()
}
