//! The ellipse with the second moments of a shape: eccentricity and orientation.

use ndarray::ArrayView2;

use crate::column::{Descriptor, Measure, Unit};
use crate::moments::central_moments;
use crate::size::axes_of_moments;

/// The eccentricity of an ellipse with these axes.
///
/// `sqrt(1 - (minor / major)^2)`
///
/// # Units and ranges
/// A number from 0 (circle) to 1 (line).
///
/// # Edge cases
/// 0 where the major axis is 0.
///
/// # Source
/// `skimage.measure.regionprops`.
///
/// # Example
/// ```
/// assert_eq!(micrograph_features::eccentricity(5.0, 3.0), 0.8);
/// assert_eq!(micrograph_features::eccentricity(0.0, 0.0), 0.0);
/// ```
#[must_use]
pub fn eccentricity(major: f64, minor: f64) -> f64 {
    if major <= 0.0 { 0.0 } else { (1.0 - (minor / major).powi(2)).max(0.0).sqrt() }
}

/// The angle from the vertical to the major axis, counterclockwise on the screen.
///
/// `1/2 atan2(2 mu11, mu02 - mu20)`
///
/// # Units and ranges
/// Radians, from `-pi/2` to `pi/2`; both ends are the same horizontal axis.
///
/// # Edge cases
/// 0 where no axis is longer, as for one pixel, squares and an empty mask.
///
/// # Source
/// `skimage.measure.regionprops`, which gives `pi/4` or `-pi/4` where no axis is longer.
///
/// # Example
/// ```
/// use micrograph_features::orientation;
/// use ndarray::array;
/// let falling = array![[true, false, false], [false, true, false], [false, false, true]];
/// assert!((orientation(falling.view()) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
/// let upright = array![[true], [true], [true]];
/// assert_eq!(orientation(upright.view()), 0.0);
/// ```
#[must_use]
pub fn orientation(mask: ArrayView2<'_, bool>) -> f64 {
    orientation_of_moments(&shape_moments(mask))
}

fn orientation_of_moments(mu: &[[f64; 4]; 4]) -> f64 {
    let (across, difference) = (2.0 * mu[1][1], mu[0][2] - mu[2][0]);
    if across.hypot(difference) <= 1e-12 * (mu[0][2] + mu[2][0]) {
        0.0
    } else {
        0.5 * across.atan2(difference)
    }
}

fn shape_moments(mask: ArrayView2<'_, bool>) -> [[f64; 4]; 4] {
    central_moments(mask.mapv(|object| f64::from(u8::from(object))).view())
}

const SKIMAGE: &str = "scikit-image, regionprops";

pub(crate) const ELLIPSE: [Descriptor; 4] = [
    Descriptor::new(
        "axis_major",
        Measure::Length,
        "4 sqrt(larger eigenvalue of the covariance of the coordinates)",
        SKIMAGE,
    ),
    Descriptor::new(
        "axis_minor",
        Measure::Length,
        "4 sqrt(smaller eigenvalue of the covariance of the coordinates)",
        SKIMAGE,
    ),
    Descriptor::new(
        "eccentricity",
        Measure::In(Unit::One),
        "sqrt(1 - (axis_minor / axis_major)^2)",
        SKIMAGE,
    ),
    Descriptor::new(
        "orientation",
        Measure::In(Unit::Radians),
        "1/2 atan2(2 mu11, mu02 - mu20), counterclockwise from the vertical",
        SKIMAGE,
    ),
];

/// The four values of [`ELLIPSE`].
pub(crate) fn ellipse(mask: ArrayView2<'_, bool>) -> [f64; 4] {
    let mu = shape_moments(mask);
    let [major, minor] = axes_of_moments(&mu);
    [major, minor, eccentricity(major, minor), orientation_of_moments(&mu)]
}
