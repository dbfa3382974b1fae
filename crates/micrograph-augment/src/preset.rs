//! Recipes with a name.

use micrograph_image::{Border, Interpolation};

use crate::{Elastic, Error, Recipe, Result, Steps};

impl Recipe {
    /// The names that [`Recipe::preset`] knows.
    pub const PRESETS: &[&str] = &["none", "flips", "turns", "light", "unet", "thesis"];

    /// Nothing happens; an image keeps its bits.
    ///
    /// It is the ground for other recipes: bilinear, continued by reflection, should a geometric
    /// field be set.
    pub fn none() -> Self {
        Self {
            rotation_degrees: 0.0,
            quarter_turns: false,
            shift_fraction: 0.0,
            shear_radians: [0.0, 0.0],
            zoom: [1.0, 1.0],
            flip_horizontal: 0.0,
            flip_vertical: 0.0,
            elastic: Elastic::None,
            steps: Steps::Continuous,
            interpolation: Interpolation::Bilinear,
            border: Border::Reflect,
            brightness: 0.0,
            contrast: [1.0, 1.0],
            gamma: [1.0, 1.0],
            noise_sigma: 0.0,
        }
    }

    /// Both flips, each with probability 1/2: for images without up and down, at no cost in sharpness.
    pub fn flips() -> Self {
        Self { flip_horizontal: 0.5, flip_vertical: 0.5, ..Self::none() }
    }

    /// For images with up and down, such as chest X-rays: left and right exchanged with probability
    /// 1/2, turns up to 7 degrees, shifts up to 5 %. The limits are ours; the interpolation is the
    /// spline's, since a blur that test images lack is something that a network learns.
    pub fn light() -> Self {
        Self {
            rotation_degrees: 7.0,
            shift_fraction: 0.05,
            flip_horizontal: 0.5,
            interpolation: Interpolation::CubicSpline,
            ..Self::none()
        }
    }

    /// The LipNet thesis, section 5.5: any turn, shifts up to 10 %, shear up to 0.2 rad, zoom from
    /// 0.8 to 1.0, both flips with probability 1/2; whole degrees and pixels; spline interpolation.
    ///
    /// The thesis does not say what lies outside the image; here it is continued by reflection, which
    /// leaves no seam. Keras, with which the thesis was made, repeats the edge ([`Border::Nearest`])
    /// by default, and draws the zooms of height and width apart, here they are one.
    pub fn thesis() -> Self {
        Self {
            rotation_degrees: 180.0,
            shift_fraction: 0.1,
            shear_radians: [0.0, 0.2],
            zoom: [0.8, 1.0],
            flip_horizontal: 0.5,
            flip_vertical: 0.5,
            steps: Steps::Whole,
            interpolation: Interpolation::CubicSpline,
            ..Self::none()
        }
    }

    /// Both flips and quarter turns: the eight symmetries of a square, each as likely, at no cost in
    /// sharpness; for images without up and down.
    pub fn turns() -> Self {
        Self { quarter_turns: true, ..Self::flips() }
    }

    /// U-Net's: what a segmenter of cells has to bear, section 3.1. Any shift comes with the crop; here are
    /// the eight symmetries, turns up to 15 degrees, deformation by vectors on a grid of 3 x 3 nodes with a
    /// standard deviation of 10 pixels, and gray values that vary. The limits of turns and gray values are
    /// ours; the paper names none.
    pub fn unet() -> Self {
        Self {
            rotation_degrees: 15.0,
            elastic: Elastic::Grid { nodes: 3, sigma_px: 10.0 },
            brightness: 0.05,
            contrast: [0.8, 1.25],
            gamma: [0.8, 1.25],
            ..Self::turns()
        }
    }

    /// The preset of that name.
    ///
    /// # Errors
    /// [`Error::UnknownPreset`], which lists the known.
    ///
    /// ```
    /// use micrograph_augment::Recipe;
    /// assert_eq!(Recipe::preset("thesis")?.zoom, [0.8, 1.0]);
    /// let error = Recipe::preset("heavy").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "expected one of the presets none, flips, turns, light, unet, thesis, but got `heavy`"
    /// );
    /// # Ok::<(), micrograph_augment::Error>(())
    /// ```
    pub fn preset(name: &str) -> Result<Self> {
        match name {
            "none" => Ok(Self::none()),
            "flips" => Ok(Self::flips()),
            "turns" => Ok(Self::turns()),
            "light" => Ok(Self::light()),
            "unet" => Ok(Self::unet()),
            "thesis" => Ok(Self::thesis()),
            _ => Err(Error::UnknownPreset { name: name.to_owned() }),
        }
    }
}
