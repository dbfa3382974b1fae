//! What may happen to an image, as a value.

use micrograph_image::{Border, Interpolation};
use serde::{Deserialize, Serialize};

use crate::{Elastic, Error, Result};

/// What may happen to an image, and within which limits.
///
/// The fields act in their order. The geometric ones are composed into one affine map, so that an
/// image is interpolated once, elastic deformation included; the others follow on the result. A field at its neutral value draws
/// nothing, and changing one field changes the draws of no other.
///
/// The default is [`Recipe::none`]; a recipe file names what differs from it:
///
/// ```toml
/// rotation_degrees = 10.0
/// zoom = [0.9, 1.1]
/// border = { constant = 0.0 }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// The content turns about the center by an angle uniform in `[-r, r]`, counterclockwise where
    /// positive. In degrees, from 0 to 180.
    pub rotation_degrees: f64,
    /// Whether the content turns about the center by 0, 90, 180 or 270 degrees, each as likely. Of images
    /// that are as wide as high nothing is interpolated; of others, corners come from beyond the border.
    pub quarter_turns: bool,
    /// The content moves by shares of the height and of the width uniform in `[-f, f]`, downwards
    /// and to the right where positive. From 0 to 1.
    pub shift_fraction: f64,
    /// The content is sheared about the center by an angle `s` uniform in this range: output rows map
    /// to input rows as `y - sin(s) x`, columns to columns as `cos(s) x`. In radians, within `±1.5`.
    pub shear_radians: [f64; 2],
    /// The content is enlarged about the center by `1 / z`, for a `z` uniform in this range, in both
    /// directions alike. From 0.01 to 100.
    pub zoom: [f64; 2],
    /// The probability that left and right are exchanged.
    pub flip_horizontal: f64,
    /// The probability that top and bottom are exchanged.
    pub flip_vertical: f64,
    /// How the content is deformed, before all else.
    pub elastic: Elastic,
    /// Whether angles and shifts are whole numbers.
    pub steps: Steps,
    /// How values between pixels come about. Masks always take the nearest pixel.
    pub interpolation: Interpolation,
    /// What lies outside the image; a constant is on the scale of the pixels. Masks are continued
    /// in the same way, and have no object on a constant border. Not asked for around an object
    /// that was cut out ([`augment_object`](crate::augment_object)).
    pub border: Border,
    /// A value uniform in `[-b, b]` is added to all pixels. As a fraction of the full scale, from 0 to 1.
    pub brightness: f64,
    /// The distances from the image's mean are multiplied by a factor uniform in this range. From 0
    /// to 100.
    pub contrast: [f64; 2],
    /// `value -> full_scale * (value / full_scale)^g`, for a `g` uniform in this range, on values
    /// clamped to `[0, full_scale]`; both ends of the scale stay. From 0.01 to 100.
    pub gamma: [f64; 2],
    /// Each sample of each channel gets its own normal value of this standard deviation. As a
    /// fraction of the full scale, from 0 to 1.
    pub noise_sigma: f64,
}

/// Whether angles and shifts are drawn from all numbers or from whole ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    /// Any angle and any shift within the limits.
    #[default]
    Continuous,
    /// Whole degrees and whole pixels within the limits, all equally likely, as in the LipNet thesis.
    /// Shear and zoom, whose ranges hold no two whole numbers, remain continuous.
    Whole,
}

impl Default for Recipe {
    fn default() -> Self {
        Self::none()
    }
}

impl Recipe {
    /// Checks every field.
    ///
    /// # Errors
    /// The variant of [`Error`] that bears the name of the first field out of its range.
    pub fn validate(&self) -> Result<()> {
        let is_fraction = |value: f64| (0.0..=1.0).contains(&value);
        let outside = match self.border {
            Border::Constant(value) => value,
            Border::Nearest | Border::Reflect | Border::Wrap => 0.0,
        };
        let constraints = [
            (
                (0.0..=180.0).contains(&self.rotation_degrees),
                Error::RotationDegrees { got: self.rotation_degrees },
            ),
            (is_fraction(self.shift_fraction), Error::ShiftFraction { got: self.shift_fraction }),
            (
                is_range_within(self.shear_radians, -1.5, 1.5),
                Error::ShearRadians { got: self.shear_radians },
            ),
            (is_range_within(self.zoom, 0.01, 100.0), Error::Zoom { got: self.zoom }),
            (
                is_fraction(self.flip_horizontal),
                Error::FlipHorizontal { got: self.flip_horizontal },
            ),
            (is_fraction(self.flip_vertical), Error::FlipVertical { got: self.flip_vertical }),
            (self.elastic.is_in_range(), Error::Elastic { got: self.elastic }),
            (outside.is_finite(), Error::Border { got: outside }),
            (is_fraction(self.brightness), Error::Brightness { got: self.brightness }),
            (is_range_within(self.contrast, 0.0, 100.0), Error::Contrast { got: self.contrast }),
            (is_range_within(self.gamma, 0.01, 100.0), Error::Gamma { got: self.gamma }),
            (is_fraction(self.noise_sigma), Error::NoiseSigma { got: self.noise_sigma }),
        ];
        match constraints.into_iter().find(|(holds, _)| !holds) {
            Some((_, violation)) => Err(violation),
            None => Ok(()),
        }
    }

    /// Whether the values of pixels change, apart from interpolation.
    pub(crate) fn changes_intensity(&self) -> bool {
        self.brightness > 0.0
            || self.contrast != [1.0, 1.0]
            || self.gamma != [1.0, 1.0]
            || self.noise_sigma > 0.0
    }
}

/// Whether `low <= first <= second <= high`; false for NaN.
fn is_range_within([first, second]: [f64; 2], low: f64, high: f64) -> bool {
    low <= first && first <= second && second <= high
}
