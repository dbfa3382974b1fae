//! Resampling of what has no values between values.

use ndarray::{Array2, ArrayView2};

use super::Border;
use super::support::pixel_at;

/// Resamples labels at the pixel nearest to `source([y, x])` for each output pixel `(y, x)`, halves up:
/// no label comes about that is not there.
///
/// `outside` is the label beyond an image with a [`Border::Constant`], whatever its value, and of an
/// image of no pixels; other borders continue the labels as they continue the image.
///
/// # Shapes
/// - `labels`: `(height, width)`
/// - `out`: height and width of the result, and its shape
///
/// # Edge cases
/// A coordinate that is NaN counts as 0.
///
/// # Source
/// `scipy.ndimage.map_coordinates` 1.17, order 0.
///
/// # Example
/// ```
/// use micrograph_image::{Border, warp_labels};
/// let cells = ndarray::array![[3_u32, 0, 9]];
/// let doubled = |[y, x]: [f64; 2]| [y, x / 2.0 - 0.25];
/// let out = warp_labels(cells.view(), (1, 6), &doubled, Border::Reflect, 0);
/// assert_eq!(out, ndarray::array![[3, 3, 0, 0, 9, 9]]);
/// ```
#[must_use]
pub fn warp_labels<L: Copy>(
    labels: ArrayView2<'_, L>,
    out: (usize, usize),
    source: &dyn Fn([f64; 2]) -> [f64; 2],
    border: Border,
    outside: L,
) -> Array2<L> {
    let (height, width) = labels.dim();
    if labels.is_empty() {
        return Array2::from_elem(out, outside);
    }
    // A cast saturates, so that no coordinate is too far away.
    let nearest = |at: f64| (at + 0.5).floor().clamp(-1e15, 1e15) as isize;
    Array2::from_shape_fn(out, |(y, x)| {
        let [row, column] = source([y as f64, x as f64]).map(nearest);
        let row = pixel_at(row, height, border);
        let column = pixel_at(column, width, border);
        row.zip(column).map_or(outside, |at| labels[at])
    })
}
