//! Images to the size that a model takes.

use std::fmt;
use std::str::FromStr;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::F32;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How an image of another aspect ratio comes to the size of the model.
///
/// ```
/// use micrograph_image::ResizeMode;
///
/// assert_eq!("center_crop".parse::<ResizeMode>()?, ResizeMode::CenterCrop);
/// assert_eq!(ResizeMode::Native.to_string(), "native");
/// # Ok::<(), micrograph_image::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResizeMode {
    /// Height and width are scaled on their own; the aspect ratio is lost.
    #[default]
    Stretch,
    /// The whole image is scaled until it fits, and centered on a ground of one value.
    Fit,
    /// The largest centered box of the wanted aspect ratio is cut out and scaled.
    CenterCrop,
    /// As it is, centered on a ground of one value, so that large objects look large; only what is
    /// larger than the model's size is scaled until it fits.
    Pad,
    /// As under [`ResizeMode::Pad`], but on a ground no larger than it has to be: each side is the
    /// next multiple of [`ResizeMode::STEP`]. For models that take images of many sizes; the size of
    /// the model is then the most that is shown as it is.
    Native,
}

impl ResizeMode {
    /// All modes.
    pub const ALL: [Self; 5] =
        [Self::Stretch, Self::Fit, Self::CenterCrop, Self::Pad, Self::Native];

    /// What sides are multiples of under [`ResizeMode::Native`], in pixels: images whose sizes lie
    /// between the same multiples can stand in one batch.
    pub const STEP: usize = 16;

    /// Height and width of what becomes of an image `from`: `size`, but under
    /// [`ResizeMode::Native`].
    ///
    /// ```
    /// use micrograph_image::ResizeMode;
    ///
    /// assert_eq!(ResizeMode::Native.target([30, 49], [128, 128]), [32, 64]);
    /// assert_eq!(ResizeMode::Native.target([300, 150], [128, 128]), [128, 64]); // half the size
    /// assert_eq!(ResizeMode::Pad.target([30, 49], [128, 128]), [128, 128]);
    /// ```
    #[must_use]
    pub fn target(self, from: [usize; 2], size: [usize; 2]) -> [usize; 2] {
        let (Self::Native, Some(from), Some(most)) = (self, sides(from), sides(size)) else {
            return size;
        };
        fitted(from, most, 1.0).map(|side| {
            let side = side as usize;
            side.checked_next_multiple_of(Self::STEP).unwrap_or(side)
        })
    }
}

impl fmt::Display for ResizeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stretch => "stretch",
            Self::Fit => "fit",
            Self::CenterCrop => "center_crop",
            Self::Pad => "pad",
            Self::Native => "native",
        })
    }
}

impl FromStr for ResizeMode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|mode| mode.to_string() == name);
        found.ok_or_else(|| Error::UnknownResizeMode { name: name.to_owned() })
    }
}

/// Scales an image to `size` (height, width), anti-aliased bilinear.
///
/// The triangle filter is as wide as one output pixel where an image becomes smaller, so that every
/// input pixel counts; where it becomes larger, it is the usual bilinear interpolation.
/// An image that already has the size keeps its bits.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`
/// - returns: `(channels, size.0, size.1)`, under [`ResizeMode::Native`] `(channels, height, width)`
///   as [`ResizeMode::target`] says
///
/// # Edge cases
/// [`ResizeMode::Fit`], [`ResizeMode::Pad`] and [`ResizeMode::Native`] round a scaled side to whole pixels, at least 1, fill
/// the rest with `padding` (a value for each channel; 0 where there is none), and put the odd pixel
/// of a margin below and to the right. [`ResizeMode::CenterCrop`] cuts at fractions of a pixel.
///
/// # Errors
/// [`Error::ResizeSize`] where the image or the target has no pixel, or a side above `u32::MAX`.
///
/// # Source
/// Pillow's `Image.resize`, `ImageOps.pad` and `ImageOps.fit` with `BILINEAR` on images of mode `F`,
/// with which the results agree to `1e-6` of the value range.
///
/// # Example
/// ```
/// use micrograph_image::{ResizeMode, resize};
/// use ndarray::array;
/// let pixels = array![[[0.0, 0.0, 8.0, 8.0]]];
/// let half = resize(pixels.view(), ResizeMode::Stretch, (1, 2), &[])?;
/// assert_eq!(half, array![[[1.142_857_2, 6.857_143]]]); // 8/7 and 48/7
/// let fit = resize(pixels.view(), ResizeMode::Fit, (3, 4), &[5.0])?;
/// assert_eq!(fit, array![[[5.0, 5.0, 5.0, 5.0], [0.0, 0.0, 8.0, 8.0], [5.0, 5.0, 5.0, 5.0]]]);
/// let pad = resize(pixels.view(), ResizeMode::Pad, (2, 6), &[5.0])?;
/// assert_eq!(pad, array![[[5.0, 0.0, 0.0, 8.0, 8.0, 5.0], [5.0, 5.0, 5.0, 5.0, 5.0, 5.0]]]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn resize(
    pixels: ArrayView3<'_, f32>,
    mode: ResizeMode,
    size: (usize, usize),
    padding: &[f32],
) -> Result<Array3<f32>> {
    let (channels, height, width) = pixels.dim();
    let refused = || Error::ResizeSize { from: [height, width], to: [size.0, size.1] };
    let from = sides([height, width]).ok_or_else(refused)?;
    let most = sides([size.0, size.1]).ok_or_else(refused)?;
    let size = mode.target([height, width], [size.0, size.1]);
    let to = sides(size).ok_or_else(refused)?;
    if from == to {
        return Ok(pixels.to_owned());
    }
    let inner = match mode {
        ResizeMode::Fit => fitted(from, most, f64::INFINITY),
        ResizeMode::Pad | ResizeMode::Native => fitted(from, most, 1.0),
        ResizeMode::Stretch | ResizeMode::CenterCrop => to,
    };
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    if mode == ResizeMode::CenterCrop {
        let [top, left, height, width] = centered_box(from, to);
        options = options.crop(left, top, width, height);
    }
    let value = |(channel, _, _)| padding.get(channel).copied().unwrap_or(0.0);
    let mut resized = Array3::from_shape_fn((channels, size[0], size[1]), value);
    let [inner_height, inner_width] = inner.map(|length| length as usize);
    let (top, left) = ((size[0] - inner_height) / 2, (size[1] - inner_width) / 2);
    let rows = Slice::from(top..top + inner_height);
    let columns = Slice::from(left..left + inner_width);
    let mut place = resized.view_mut();
    place.slice_axis_inplace(Axis(1), rows);
    place.slice_axis_inplace(Axis(2), columns);
    if inner == from {
        place.assign(&pixels);
        return Ok(resized);
    }
    let mut resizer = Resizer::new();
    for (source, mut target) in pixels.axis_iter(Axis(0)).zip(place.axis_iter_mut(Axis(0))) {
        let source: Vec<F32> = source.iter().map(|&value| F32::new(value)).collect();
        let source = TypedImageRef::new(from[1], from[0], &source).map_err(|_| refused())?;
        let mut plane = TypedImage::<F32>::new(inner[1], inner[0]);
        resizer.resize_typed(&source, &mut plane, &options).map_err(|_| refused())?;
        target.iter_mut().zip(plane.pixels()).for_each(|(target, pixel)| *target = pixel.0);
    }
    Ok(resized)
}

/// Scales a mask as [`resize`] scales an image: a pixel is object where objects cover at least half
/// of it, so that the outline stays in step with the image's.
///
/// An object much thinner than an output pixel disappears. Padding is not object.
///
/// # Errors
/// As [`resize`].
///
/// ```
/// use micrograph_image::{ResizeMode, resize_mask};
/// use ndarray::array;
/// let mask = array![[false, false, true, true, true, true]];
/// let half = resize_mask(mask.view(), ResizeMode::Stretch, (1, 3))?;
/// assert_eq!(half, array![[false, true, true]]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn resize_mask(
    mask: ArrayView2<'_, bool>,
    mode: ResizeMode,
    size: (usize, usize),
) -> Result<Array2<bool>> {
    let cover = mask.map(|&object| f32::from(u8::from(object))).insert_axis(Axis(0));
    let resized = resize(cover.view(), mode, size, &[])?;
    Ok(resized.index_axis_move(Axis(0), 0).mapv(|cover| cover >= 0.5))
}

/// Height and width, if there is at least one pixel and the resizer can count them.
fn sides([height, width]: [usize; 2]) -> Option<[u32; 2]> {
    let side = |length: usize| u32::try_from(length).ok().filter(|&length| length > 0);
    Some([side(height)?, side(width)?])
}

/// The largest size within `to` that has the aspect ratio of `from` and at most `largest` times its
/// sides.
fn fitted(from: [u32; 2], to: [u32; 2], largest: f64) -> [u32; 2] {
    let [height, width] = from.map(f64::from);
    let scale = (f64::from(to[0]) / height).min(f64::from(to[1]) / width).min(largest);
    let fit = |length: f64, limit: u32| ((length * scale).round() as u32).clamp(1, limit);
    [fit(height, to[0]), fit(width, to[1])]
}

/// Top, left, height and width of the largest centered box within `from` that has the aspect ratio
/// of `to`, in pixels.
fn centered_box(from: [u32; 2], to: [u32; 2]) -> [f64; 4] {
    let [height, width] = from.map(f64::from);
    let scale = (height / f64::from(to[0])).min(width / f64::from(to[1]));
    let (inner_height, inner_width) = (f64::from(to[0]) * scale, f64::from(to[1]) * scale);
    let (top, left) =
        ((height - inner_height).max(0.0) / 2.0, (width - inner_width).max(0.0) / 2.0);
    // Rounding must not carry the far edge beyond the image.
    [top, left, inner_height.min(height - top), inner_width.min(width - left)]
}
