//! From an image to what a model takes of it.

use micrograph_features::{FeatureSet, Object};
use micrograph_image::{
    Channels, Depth, Image, Notice, PixelSize, Preprocessing, apply_input_mode, convert_channels,
    fit_channels,
};
use ndarray::{Array2, Array3, ArrayView2, CowArray, Ix2};
use serde::{Deserialize, Serialize};

use crate::{Error, ModelConfig, Result};

/// What a classical model is fitted to and predicts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassicalInput {
    /// The pixels that a network would see, channel by channel and row by row.
    Pixels,
    /// Handcrafted features of the object.
    Features(FeatureInput),
}

/// Which features a model takes, and how they are measured.
///
/// They are measured on the original image inside its mask, at most in other channels; without a
/// mask the whole image is the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureInput {
    /// What the settings call the set, such as `lipnet`.
    pub name: String,
    /// In which unit lengths and areas are.
    pub lengths: Lengths,
    /// The type of the samples in training, which a prediction has to share: intensities of 8 and
    /// of 16 bits are not alike. `None` where any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<Depth>,
    /// The names of the features, in their order.
    pub columns: Vec<String>,
    /// The set.
    pub set: FeatureSet,
}

/// In which unit a model measures lengths and areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lengths {
    /// In pixels, also where the size of a pixel is known.
    #[default]
    Pixels,
    /// In nanometers: an image without the size of a pixel is refused.
    Nanometers,
}

impl Lengths {
    /// The size of the pixels of `image` in this unit.
    ///
    /// # Errors
    /// [`Error::NoPixelSize`].
    pub fn pixel_size_of(self, image: &Image) -> Result<Option<PixelSize>> {
        match (self, image.pixel_size_nm) {
            (Self::Pixels, _) => Ok(None),
            (Self::Nanometers, Some(size)) => Ok(Some(size)),
            (Self::Nanometers, None) => Err(Error::NoPixelSize),
        }
    }
}

/// What a model takes of one sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A prepared image, `(c, h, w)`.
    Pixels(Array3<f32>),
    /// A row of features.
    Features(Vec<f64>),
    /// Both.
    Fused {
        /// A prepared image, `(c, h, w)`.
        pixels: Array3<f32>,
        /// A row of features.
        features: Vec<f64>,
    },
}

impl From<Array3<f32>> for Input {
    fn from(pixels: Array3<f32>) -> Self {
        Self::Pixels(pixels)
    }
}

impl Input {
    /// The row of a matrix: pixels channel by channel and row by row, then features as they are.
    #[must_use]
    pub fn into_row(self) -> Vec<f64> {
        let numbers = |pixels: Array3<f32>| pixels.into_iter().map(f64::from);
        match self {
            Self::Pixels(pixels) => numbers(pixels).collect(),
            Self::Features(row) => row,
            Self::Fused { pixels, features } => numbers(pixels).chain(features).collect(),
        }
    }

    /// The image, where there is one.
    #[must_use]
    pub fn pixels(&self) -> Option<&Array3<f32>> {
        match self {
            Self::Pixels(pixels) | Self::Fused { pixels, .. } => Some(pixels),
            Self::Features(_) => None,
        }
    }

    /// The features; empty where there are none.
    #[must_use]
    pub fn features(&self) -> &[f64] {
        match self {
            Self::Pixels(_) => &[],
            Self::Features(features) | Self::Fused { features, .. } => features,
        }
    }

    /// With other pixels, where there are any.
    pub(crate) fn map_pixels(&self, change: impl FnOnce(&Array3<f32>) -> Array3<f32>) -> Self {
        match self {
            Self::Pixels(pixels) => Self::Pixels(change(pixels)),
            Self::Features(row) => Self::Features(row.clone()),
            Self::Fused { pixels, features } => {
                Self::Fused { pixels: change(pixels), features: features.clone() }
            }
        }
    }
}

/// A sample made ready for a model.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PreparedInput {
    /// What the model takes.
    pub input: Input,
    /// What the channels lost.
    pub notice: Option<Notice>,
    /// Height and width of the object as the input mode cuts it out, in pixels of the image.
    pub object: [usize; 2],
}

impl ModelConfig {
    /// Makes a sample ready: pixels by `preprocessing`, features from the original image.
    ///
    /// # Errors
    /// When image and mask do not fit, the mask is empty, the image has other channels than the
    /// model, or its features cannot be measured.
    pub fn prepare(
        &self,
        preprocessing: &Preprocessing,
        image: &Image,
        mask: Option<ArrayView2<'_, bool>>,
    ) -> Result<PreparedInput> {
        let measured = self.features().map(|set| set.measure(preprocessing, image, mask));
        let measured = measured.transpose()?;
        let features = match measured {
            Some(measured) if !self.takes_pixels() => return Ok(measured),
            measured => measured.map(|measured| measured.input.into_row()),
        };
        let mut shown = preprocessing.geometry(image, mask)?;
        preprocessing.normalizer.apply(&mut shown.pixels, image.depth)?;
        let (notice, object, pixels) = (shown.notice, shown.object, shown.pixels);
        let input = match features {
            Some(features) => Input::Fused { pixels, features },
            None => Input::Pixels(pixels),
        };
        Ok(PreparedInput { input, notice, object })
    }
}

impl FeatureInput {
    /// Measures the object of a sample, in the channels that `preprocessing` names.
    ///
    /// # Errors
    /// As [`ModelConfig::prepare`].
    pub fn measure(
        &self,
        preprocessing: &Preprocessing,
        image: &Image,
        mask: Option<ArrayView2<'_, bool>>,
    ) -> Result<PreparedInput> {
        if let Some(expected) = self.depth.filter(|&depth| depth != image.depth) {
            return Err(Error::Depth { expected, found: image.depth });
        }
        let pixel_size_nm = self.lengths.pixel_size_of(image)?;
        // Refuses masks as it does for pixels.
        let Preprocessing { input_mode, surround_px, .. } = *preprocessing;
        let (shown, _) = apply_input_mode(image.pixels.view(), mask, input_mode, surround_px)?;
        let (_, height, width) = shown.dim();
        let (pixels, notice) = in_channels(preprocessing, image)?;
        let shape = (pixels.dim().1, pixels.dim().2);
        let mask: CowArray<'_, bool, Ix2> =
            mask.map_or_else(|| Array2::from_elem(shape, true).into(), CowArray::from);
        let object = Object { pixels: pixels.view(), mask: mask.view(), pixel_size_nm };
        let row = self.set.extract(&object)?.values;
        Ok(PreparedInput { input: Input::Features(row), notice, object: [height, width] })
    }
}

/// The image in the channels of the model.
fn in_channels(
    preprocessing: &Preprocessing,
    image: &Image,
) -> Result<(Array3<f32>, Option<Notice>)> {
    match preprocessing.channels {
        Channels::Native => Ok(fit_channels(image.pixels.view(), preprocessing.n_channels)?),
        channels => Ok((convert_channels(image.pixels.view(), channels), None)),
    }
}
