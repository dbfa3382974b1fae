//! How much of an image around its object a model sees.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice, Zip};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How much of an image around its object a model sees: the three kinds of input of the LipNet
/// thesis (section 8.5), the masked one in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputMode {
    /// The object's box with its surroundings, 50 pixels in the thesis.
    #[default]
    Surround,
    /// The object's box.
    Crop,
    /// The object's box; wherever the object is not, the mean of its own pixels, by channel. Black
    /// there would be the strongest edge of the image, and most of its variance
    /// (`docs/masked-input.md` has the measurement).
    Mask,
    /// The object's box, with 0 wherever the object is not, as the thesis multiplies.
    MaskBlack,
}

impl InputMode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Surround, Self::Crop, Self::Mask, Self::MaskBlack];
}

impl fmt::Display for InputMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Surround => "surround",
            Self::Crop => "crop",
            Self::Mask => "mask",
            Self::MaskBlack => "mask_black",
        })
    }
}

impl FromStr for InputMode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|mode| mode.to_string() == name);
        found.ok_or_else(|| Error::UnknownInputMode { name: name.to_owned() })
    }
}

/// Cuts an image, and its mask with it, to what `mode` shows of the object.
///
/// The box is the smallest that holds every pixel of the mask, so the mask may have several parts.
/// [`InputMode::Surround`] grows it by `surround_px` on each side, up to the edges of the image.
/// Without a mask the whole image is the object, and nothing changes.
///
/// # Shapes
/// - `image`: `(channels, height, width)`
/// - `mask`: `(height, width)`
/// - returns: the same with the height and width of the box
///
/// # Errors
/// [`Error::MaskShape`] for a mask of another size, [`Error::EmptyMask`] for one without an object.
///
/// # Example
/// ```
/// use micrograph_image::{InputMode, apply_input_mode};
/// use ndarray::array;
/// let image = array![[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]];
/// let mask = array![[false, true, false, false], [false, true, true, false]];
/// let (pixels, _) = apply_input_mode(image.view(), Some(mask.view()), InputMode::Mask, 0)?;
/// assert_eq!(pixels, array![[[2.0, 5.0], [6.0, 7.0]]]); // 5 is the mean of 2, 6 and 7
/// let (pixels, _) = apply_input_mode(image.view(), Some(mask.view()), InputMode::Surround, 50)?;
/// assert_eq!(pixels, image);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn apply_input_mode(
    image: ArrayView3<'_, f32>,
    mask: Option<ArrayView2<'_, bool>>,
    mode: InputMode,
    surround_px: usize,
) -> Result<(Array3<f32>, Option<Array2<bool>>)> {
    let Some(mask) = mask else {
        return Ok((image.to_owned(), None));
    };
    let (_, height, width) = image.dim();
    if mask.dim() != (height, width) {
        let (mask_height, mask_width) = mask.dim();
        return Err(Error::MaskShape { image: [height, width], mask: [mask_height, mask_width] });
    }
    let margin = if mode == InputMode::Surround { surround_px } else { 0 };
    let (Some((top, bottom)), Some((left, right))) =
        (grown_extent(mask, Axis(0), margin), grown_extent(mask, Axis(1), margin))
    else {
        return Err(Error::EmptyMask { size: [height, width] });
    };
    let (rows, columns) = (Slice::from(top..bottom), Slice::from(left..right));
    let mask = mask.slice_axis(Axis(0), rows).slice_axis_move(Axis(1), columns).to_owned();
    let mut pixels = image.slice_axis(Axis(1), rows).slice_axis_move(Axis(2), columns).to_owned();
    if let Some(outside) = background(pixels.view(), &mask, mode) {
        for (mut plane, &outside) in pixels.axis_iter_mut(Axis(0)).zip(&outside) {
            Zip::from(&mut plane).and(&mask).for_each(|pixel, &object| {
                if !object {
                    *pixel = outside;
                }
            });
        }
    }
    Ok((pixels, Some(mask)))
}

/// The value of each channel where the object is not, `(channels, 1, 1)`; `None` where the image
/// stays as it is there.
pub(crate) fn background(
    pixels: ArrayView3<'_, f32>,
    mask: &Array2<bool>,
    mode: InputMode,
) -> Option<Array3<f32>> {
    let outside = |plane: ArrayView2<'_, f32>| match mode {
        InputMode::Surround | InputMode::Crop => None,
        InputMode::Mask => Some(mean_of_object(plane, mask)),
        InputMode::MaskBlack => Some(0.0),
    };
    let values: Option<Vec<f32>> = pixels.axis_iter(Axis(0)).map(outside).collect();
    Array3::from_shape_vec((pixels.dim().0, 1, 1), values?).ok()
}

/// The mean of the pixels of an object that has some; summed in f64, row by row.
fn mean_of_object(plane: ArrayView2<'_, f32>, mask: &Array2<bool>) -> f32 {
    let object = plane.iter().zip(mask).filter(|&(_, &object)| object).map(|(&pixel, _)| pixel);
    let (sum, count) =
        object.fold((0.0, 0.0), |(sum, count), pixel| (sum + f64::from(pixel), count + 1.0));
    (sum / count) as f32
}

/// First and one past the last index along `axis` with an object, grown by `margin` on both sides.
fn grown_extent(mask: ArrayView2<'_, bool>, axis: Axis, margin: usize) -> Option<(usize, usize)> {
    let occupied = |index: &usize| mask.index_axis(axis, *index).iter().any(|&object| object);
    let length = mask.len_of(axis);
    let first = (0..length).find(occupied)?;
    let last = (0..length).rfind(occupied)?;
    let end = last.saturating_add(margin).saturating_add(1).min(length);
    Some((first.saturating_sub(margin), end))
}
