//! Resampling by any map of the plane.

use ndarray::{Array3, ArrayView3};

use super::support::Support;
use super::{Border, Interpolation, bilinear, cubic, nearest, sample};

/// Resamples every channel of `pixels` at `source([y, x])` for each output pixel `(y, x)`: as
/// [`warp`](super::warp), by a map that need not be affine.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`
/// - `out`: height and width of the result
/// - returns: `(channels, out.0, out.1)`
///
/// # Edge cases
/// Coordinates that are NaN give any value of the image. An image of no pixels gives the constant of
/// [`Border::Constant`], else 0.
///
/// # Source
/// `scipy.ndimage.map_coordinates` 1.17, orders 0, 1 and 3.
///
/// # Example
/// ```
/// use micrograph_image::{Border, Interpolation, warp_field};
/// let row = ndarray::array![[[0.0, 10.0, 20.0, 60.0]]];
/// let squeezed = |[y, x]: [f64; 2]| [y, x * x / 3.0];
/// let out = warp_field(row.view(), (1, 4), &squeezed, Interpolation::Nearest, Border::Reflect);
/// assert_eq!(out, ndarray::array![[[0.0, 0.0, 10.0, 60.0]]]);
/// ```
#[must_use]
pub fn warp_field(
    pixels: ArrayView3<'_, f32>,
    out: (usize, usize),
    source: &dyn Fn([f64; 2]) -> [f64; 2],
    interpolation: Interpolation,
    border: Border,
) -> Array3<f32> {
    let shape = (pixels.dim().0, out.0, out.1);
    if pixels.is_empty() {
        let outside = if let Border::Constant(value) = border { value } else { 0.0 };
        return Array3::from_elem(shape, outside);
    }
    let support = Support::new(pixels, interpolation, border);
    let values = match interpolation {
        Interpolation::Nearest => sample(&support, out, source, nearest),
        Interpolation::Bilinear => sample(&support, out, source, bilinear),
        Interpolation::CubicSpline => sample(&support, out, source, cubic),
    };
    // The vector has just been filled to that very length.
    Array3::from_shape_vec(shape, values).unwrap_or_default()
}
