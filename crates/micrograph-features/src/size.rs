//! Area, perimeter, width and diameter.

use std::f64::consts::SQRT_2;

use ndarray::ArrayView2;

use crate::column::{Descriptor, Measure, Unit};
use crate::hull::{greatest_distance, hull_of_mask};
use crate::moments::central_moments;

const THESIS: &str = "LipNet thesis, section 3";

pub(crate) const AREA: [Descriptor; 1] = [Descriptor::new(
    "area",
    Measure::Area,
    "number of object pixels",
    "LipNet thesis, section 4.1",
)];

pub(crate) const CIRCULARITY: [Descriptor; 1] = [Descriptor::new(
    "circularity",
    Measure::In(Unit::One),
    "4 pi area / length^2 of the smoothed outlines",
    "Cox 1927",
)];

pub(crate) const PERIMETER: [Descriptor; 1] = [Descriptor::new(
    "perimeter",
    Measure::Length,
    "steps between border pixels: straight 1, diagonal sqrt 2",
    "Benkrid, Crookes 2000; scikit-image",
)];

pub(crate) const MAXIMUM_WIDTH: [Descriptor; 2] = [
    Descriptor::new(
        "maximum_width_ellipse",
        Measure::Length,
        "4 sqrt(larger eigenvalue of the covariance of the coordinates)",
        THESIS,
    ),
    Descriptor::new(
        "maximum_width_polygon",
        Measure::Length,
        "greatest distance of an object pixel to the background",
        THESIS,
    ),
];

pub(crate) const DIAMETER: [Descriptor; 2] = [
    Descriptor::new(
        "diameter_ellipse",
        Measure::In(Unit::Pixels),
        "4 sqrt(larger eigenvalue of the covariance of the coordinates)",
        THESIS,
    ),
    Descriptor::new(
        "diameter_polygon",
        Measure::In(Unit::Pixels),
        "greatest distance between two vertices of the outline",
        THESIS,
    ),
];

pub(crate) const LENGTH: [Descriptor; 2] = [
    Descriptor::new("length_ellipse", Measure::Length, "diameter_ellipse", THESIS),
    Descriptor::new("length_polygon", Measure::Length, "diameter_polygon", THESIS),
];

/// The number of object pixels.
pub fn area(mask: ArrayView2<'_, bool>) -> f64 {
    mask.iter().filter(|&&object| object).count() as f64
}

/// The length of the border, holes included, estimated from the steps between border pixels.
///
/// A border pixel has a background pixel beside it (4 neighbors). It counts 1, `sqrt 2` or
/// `(1 + sqrt 2) / 2` by how its border neighbors lie.
///
/// # Units
/// Pixels.
///
/// # Edge cases
/// What lies beyond the image is background. One pixel, and two side by side, have the perimeter 0:
/// there is no step that the estimate knows.
///
/// # Source
/// Benkrid, Crookes, Design and FPGA implementation of a perimeter estimator, 2000; the oracle is
/// `skimage.measure.perimeter` with 4 neighbors.
///
/// # Example
/// ```
/// use micrograph_features::perimeter;
/// use ndarray::Array2;
/// let mask = Array2::from_elem((5, 4), true);
/// assert_eq!(perimeter(mask.view()), 14.0); // through the centers of the border pixels
/// ```
pub fn perimeter(mask: ArrayView2<'_, bool>) -> f64 {
    let (height, width) = mask.dim();
    let is_border = |y: usize, x: usize| {
        let object = |v: usize, u: usize| mask.get([v, u]).copied().unwrap_or(false);
        let inside = object(y.wrapping_sub(1), x)
            && object(y + 1, x)
            && object(y, x.wrapping_sub(1))
            && object(y, x + 1);
        mask[[y, x]] && !inside
    };
    // One pixel of background around, so that every pixel has eight neighbors.
    let stride = width + 2;
    let mut border = vec![0_u8; stride * (height + 2)];
    for y in 0..height {
        for x in 0..width {
            border[(y + 1) * stride + x + 1] = u8::from(is_border(y, x));
        }
    }
    let [mut straight, mut diagonal, mut mixed] = [0_u32; 3];
    for at in (0..border.len()).filter(|&at| border[at] == 1) {
        let beside = border[at - 1] + border[at + 1] + border[at - stride] + border[at + stride];
        let corners = border[at - stride - 1]
            + border[at - stride + 1]
            + border[at + stride - 1]
            + border[at + stride + 1];
        match (beside, corners) {
            (2 | 3, 0..=2) => straight += 1,
            (0, 2) | (1, 3) => diagonal += 1,
            (1, 1 | 2) => mixed += 1,
            _ => {}
        }
    }
    f64::from(straight) + f64::from(diagonal) * SQRT_2 + f64::from(mixed) * (1.0 + SQRT_2) / 2.0
}

/// The full axes of the ellipse with the second moments of the shape: the longer, the shorter.
///
/// `4 sqrt(l)` for both eigenvalues `l` of the covariance of the coordinates of the pixels
///
/// # Units
/// Pixels.
///
/// # Edge cases
/// Both are 0 for one pixel and for an empty mask; the shorter is 0 for a line one pixel wide.
///
/// # Source
/// `skimage.measure.regionprops`, `axis_major_length` and `axis_minor_length`.
///
/// # Example
/// ```
/// use micrograph_features::ellipse_axes;
/// use ndarray::array;
/// let [major, minor] = ellipse_axes(array![[true, true, true, true, true]].view());
/// assert!((major - 4.0 * 2.0_f64.sqrt()).abs() < 1e-12); // the variance of 0..=4 is 2
/// assert_eq!(minor, 0.0);
/// ```
pub fn ellipse_axes(mask: ArrayView2<'_, bool>) -> [f64; 2] {
    axes_of_moments(&central_moments(mask.mapv(|object| f64::from(u8::from(object))).view()))
}

pub(crate) fn axes_of_moments(mu: &[[f64; 4]; 4]) -> [f64; 2] {
    let total = mu[0][0];
    if total <= 0.0 {
        return [0.0; 2];
    }
    let (xx, yy, xy) = (mu[2][0] / total, mu[0][2] / total, mu[1][1] / total);
    let (mean, half) = ((xx + yy) / 2.0, (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt());
    [mean + half, mean - half].map(|eigenvalue| 4.0 * eigenvalue.max(0.0).sqrt())
}

/// The greatest distance between two corners of object pixels.
///
/// # Units
/// Pixels.
///
/// # Edge cases
/// The square root of 2 for one pixel, 0 for an empty mask.
///
/// # Source
/// LipNet thesis, section 3: "the greatest distance between any two vertices" of the polygon, here
/// the outline along the sides of pixels. SciPy's convex hull and distances are the oracle.
///
/// # Example
/// ```
/// use micrograph_features::polygon_diameter;
/// use ndarray::Array2;
/// assert_eq!(polygon_diameter(Array2::from_elem((3, 4), true).view()), 5.0);
/// ```
pub fn polygon_diameter(mask: ArrayView2<'_, bool>) -> f64 {
    greatest_distance(&hull_of_mask(mask))
}
