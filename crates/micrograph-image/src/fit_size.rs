//! Cropped or padded to a size.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use crate::{Affine, Border, Interpolation, warp, warp_labels};

/// Crops or pads an image to a size about its center; each axis on its own.
///
/// Where the difference is odd, one more row or column is added, or taken away, at the end: what was padded
/// and then cropped to its old size is what it was.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`
/// - `size`: height and width of the result
/// - returns: `(channels, size.0, size.1)`
///
/// # Source
/// StemNet thesis, section 6.4: frames of different sizes were cropped or padded to 1024 x 1024.
///
/// # Example
/// ```
/// use micrograph_image::{Border, fit_size};
/// use ndarray::array;
/// let row = array![[[1.0, 2.0, 3.0]]];
/// let padded = fit_size(row.view(), (1, 6), Border::Constant(0.0));
/// assert_eq!(padded, array![[[0.0, 1.0, 2.0, 3.0, 0.0, 0.0]]]);
/// assert_eq!(fit_size(padded.view(), (1, 3), Border::Constant(0.0)), row);
/// assert_eq!(fit_size(row.view(), (1, 5), Border::Reflect), array![[[1.0, 1.0, 2.0, 3.0, 3.0]]]);
/// ```
#[must_use]
pub fn fit_size(pixels: ArrayView3<'_, f32>, size: (usize, usize), border: Border) -> Array3<f32> {
    let (_, height, width) = pixels.dim();
    warp(pixels, size, &about_center((height, width), size), Interpolation::Nearest, border)
}

/// Crops or pads labels as [`fit_size`] does the image; `outside` stands beyond a constant border.
///
/// ```
/// use micrograph_image::{Border, IGNORE, fit_labels};
/// let labels = ndarray::array![[0_u8, 1]];
/// let padded = fit_labels(labels.view(), (1, 4), Border::Constant(0.0), IGNORE);
/// assert_eq!(padded, ndarray::array![[IGNORE, 0, 1, IGNORE]]);
/// ```
#[must_use]
pub fn fit_labels<L: Copy>(
    labels: ArrayView2<'_, L>,
    size: (usize, usize),
    border: Border,
    outside: L,
) -> Array2<L> {
    let affine = about_center(labels.dim(), size);
    warp_labels(labels, size, &|at| affine.apply(at), border, outside)
}

fn about_center(from: (usize, usize), to: (usize, usize)) -> Affine {
    let start = |from: usize, to: usize| {
        if from >= to { ((from - to) / 2) as f64 } else { -(((to - from) / 2) as f64) }
    };
    Affine { offset: [start(from.0, to.0), start(from.1, to.1)], ..Affine::IDENTITY }
}
