//! The deterministic way of an image into a model, as one value.

use ndarray::{Array2, Array3, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{
    Channels, Image, InputMode, Normalizer, ResizeMode, Result, apply_input_mode, convert_channels,
    resize, resize_mask,
};

/// The deterministic way of an image into a model: everything that training and prediction have to
/// do alike, so it is stored beside the weights.
///
/// The steps act in the order of the fields: the box of the object, the channels, the size, and at
/// last the range of the values. Augmentation stands between size and range.
///
/// # Example
/// ```
/// use micrograph_image::{Channels, Depth, Image, InputMode, Normalizer, Preprocessing, ResizeMode};
/// use ndarray::array;
/// let preprocessing = Preprocessing {
///     input_mode: InputMode::Crop,
///     surround_px: 50,
///     channels: Channels::Gray,
///     resize: ResizeMode::Stretch,
///     size: [1, 1],
///     normalizer: Normalizer::UnitRange,
/// };
/// let pixels = array![[[0.0, 51.0, 102.0]]];
/// let image = Image { pixels, depth: Depth::U8, pixel_size_nm: None, notices: vec![] };
/// let object = array![[false, true, false]];
/// assert_eq!(preprocessing.apply(&image, Some(object.view()))?, array![[[0.2]]]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    /// How much of the image around its object is shown; without a mask, all of it.
    pub input_mode: InputMode,
    /// The margin of [`InputMode::Surround`], in pixels of the original image.
    pub surround_px: usize,
    /// The channels of the model.
    pub channels: Channels,
    /// What happens to the aspect ratio; [`ResizeMode::Fit`] pads with the raw value 0.
    pub resize: ResizeMode,
    /// Height and width that the model takes, in pixels.
    pub size: [usize; 2],
    /// The range of the values, fitted on training samples where it has to be.
    pub normalizer: Normalizer,
}

impl Preprocessing {
    /// All steps but the normalizer: the values are still those of the file, on its scale.
    ///
    /// # Shapes
    /// - returns: `(channels, size[0], size[1])`, and `(size[0], size[1])` for the mask
    ///
    /// # Errors
    /// Those of [`apply_input_mode`] and of [`resize`].
    pub fn geometry(
        &self,
        image: &Image,
        mask: Option<ArrayView2<'_, bool>>,
    ) -> Result<(Array3<f32>, Option<Array2<bool>>)> {
        let pixels = image.pixels.view();
        let (pixels, mask) = apply_input_mode(pixels, mask, self.input_mode, self.surround_px)?;
        let pixels = convert_channels(pixels.view(), self.channels);
        let size = (self.size[0], self.size[1]);
        let pixels = resize(pixels.view(), self.resize, size, 0.0)?;
        let mask = mask.map(|mask| resize_mask(mask.view(), self.resize, size)).transpose()?;
        Ok((pixels, mask))
    }

    /// All steps: what the network sees.
    ///
    /// # Errors
    /// Those of [`Preprocessing::geometry`] and of [`Normalizer::apply`].
    pub fn apply(&self, image: &Image, mask: Option<ArrayView2<'_, bool>>) -> Result<Array3<f32>> {
        let (mut pixels, _) = self.geometry(image, mask)?;
        self.normalizer.apply(&mut pixels, image.depth)?;
        Ok(pixels)
    }
}
