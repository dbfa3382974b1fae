//! The deterministic way of an image into a model, as one value.

use ndarray::{Array2, Array3, ArrayView2, CowArray, Ix3};
use serde::{Deserialize, Serialize};

use crate::input_mode::background;
use crate::{
    Channels, Image, InputMode, Normalizer, Notice, ResizeMode, Result, apply_input_mode,
    convert_channels, fit_channels, resize, resize_mask,
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
///     n_channels: 1,
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
    /// How many they are. Under [`Channels::Native`], an image with others is brought to them as
    /// [`fit_channels`] says, so that a model of gray images takes those that are stored in colors.
    pub n_channels: usize,
    /// What happens to the aspect ratio. [`ResizeMode::Fit`], [`ResizeMode::Pad`] and
    /// [`ResizeMode::Native`] pad with what lies around a masked object (see
    /// [`Shown::background`]), and a whole image with the raw value 0.
    pub resize: ResizeMode,
    /// Height and width that the model takes, in pixels; under [`ResizeMode::Native`] the most that
    /// an object may have without being scaled down.
    pub size: [usize; 2],
    /// The range of the values, fitted on training samples where it has to be.
    pub normalizer: Normalizer,
}

/// An image on its way into a model: cut out and resized, its values still those of the file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shown {
    /// `(channels, height, width)`, as [`Preprocessing::target`] says of `object`.
    pub pixels: Array3<f32>,
    /// `(height, width)`, where the image has a mask.
    pub mask: Option<Array2<bool>>,
    /// The value of each channel around a masked object; `None` where the image goes on there.
    pub background: Option<Vec<f32>>,
    /// Height and width of what was cut out, in pixels of the image.
    pub object: [usize; 2],
    /// What the channels lost.
    pub notice: Option<Notice>,
}

impl Preprocessing {
    /// Height and width of what the model sees of an object of this height and width: `size`, or
    /// what [`ResizeMode::Native`] makes of it.
    #[must_use]
    pub fn target(&self, object: [usize; 2]) -> [usize; 2] {
        self.resize.target(object, self.size)
    }

    /// All steps but the normalizer.
    ///
    /// # Errors
    /// Those of [`apply_input_mode`], [`fit_channels`] and [`resize`].
    pub fn geometry(&self, image: &Image, mask: Option<ArrayView2<'_, bool>>) -> Result<Shown> {
        let mut pixels: CowArray<'_, f32, Ix3> = image.pixels.view().into();
        let mut notice = None;
        if self.channels == Channels::Native && pixels.dim().0 != self.n_channels {
            let (fitted, lost) = fit_channels(pixels.view(), self.n_channels)?;
            (pixels, notice) = (fitted.into(), lost);
        }
        let (pixels, mask) =
            apply_input_mode(pixels.view(), mask, self.input_mode, self.surround_px)?;
        let around =
            mask.as_ref().and_then(|mask| background(pixels.view(), mask, self.input_mode));
        let around = around.map(|values| convert_channels(values.view(), self.channels));
        let background = around.map(|values| values.into_iter().collect::<Vec<f32>>());
        let (_, height, width) = pixels.dim();
        let pixels = convert_channels(pixels.view(), self.channels);
        let size = (self.size[0], self.size[1]);
        let padding = background.as_deref().unwrap_or_default();
        Ok(Shown {
            pixels: resize(pixels.view(), self.resize, size, padding)?,
            mask: mask.map(|mask| resize_mask(mask.view(), self.resize, size)).transpose()?,
            background,
            object: [height, width],
            notice,
        })
    }

    /// All steps: what the network sees.
    ///
    /// # Errors
    /// Those of [`Preprocessing::geometry`] and of [`Normalizer::apply`].
    pub fn apply(&self, image: &Image, mask: Option<ArrayView2<'_, bool>>) -> Result<Array3<f32>> {
        let Shown { mut pixels, .. } = self.geometry(image, mask)?;
        self.normalizer.apply(&mut pixels, image.depth)?;
        Ok(pixels)
    }
}
