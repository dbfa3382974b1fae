//! Gray, color, or channels as they are.

use ndarray::{Array3, ArrayView3, Axis, Slice, Zip};
use serde::{Deserialize, Serialize};

use crate::{Error, Notice, Result};

/// Which channels a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channels {
    /// One channel: ITU-R 601-2 luma of three channels, else the mean of all.
    Gray,
    /// Three channels: three as they are, else the gray value three times.
    Rgb,
    /// All channels as they are.
    #[default]
    Native,
}

impl Channels {
    /// How many channels come out where `native` go in.
    ///
    /// ```
    /// use micrograph_image::Channels;
    /// assert_eq!(Channels::Gray.count(4), 1);
    /// assert_eq!(Channels::Native.count(4), 4);
    /// ```
    pub fn count(self, native: usize) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Native => native,
        }
    }
}

/// Brings an image to the channels asked for.
///
/// `gray = 0.299 red + 0.587 green + 0.114 blue` for three channels, which are taken for red, green
/// and blue; the mean of the channels for any other number. Nothing is rounded, and where all
/// channels are equal, gray is that value to the last bit.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`
/// - returns: `(1 | 3 | channels, height, width)`
///
/// # Source
/// ITU-R BT.601-2; Pillow's conversion to mode `L`, which rounds to whole gray values.
///
/// # Example
/// ```
/// use micrograph_image::{Channels, convert_channels};
/// use ndarray::array;
/// let pixels = array![[[100.0]], [[200.0]], [[50.0]]];
/// assert_eq!(convert_channels(pixels.view(), Channels::Gray), array![[[153.0]]]);
/// ```
#[must_use]
pub fn convert_channels(pixels: ArrayView3<'_, f32>, channels: Channels) -> Array3<f32> {
    match (channels, pixels.dim().0) {
        (Channels::Native, _) | (Channels::Gray, 1) | (Channels::Rgb, 3) => pixels.to_owned(),
        (Channels::Gray, _) => gray_from_channels(pixels),
        (Channels::Rgb, _) => repeat(gray_from_channels(pixels).view()),
    }
}

/// Brings an image to the number of channels that a model was trained on.
///
/// In this order:
/// 1. `n` channels stay as they are.
/// 2. The last of two or four channels goes where it has one value everywhere, as the alpha of an
///    opaque image has: [`Notice::ConstantChannelDropped`].
/// 3. One channel is repeated for a model of three.
/// 4. Three channels become gray for a model of one ([`convert_channels`]). Where they are equal,
///    that loses nothing; else there is [`Notice::ColorsDropped`].
/// 5. All else is an error.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`
/// - returns: `(n, height, width)`
///
/// # Errors
/// [`Error::ChannelCount`].
///
/// # Example
/// ```
/// use micrograph_image::{Notice, fit_channels};
/// use ndarray::array;
/// let equal = array![[[7.0]], [[7.0]], [[7.0]]];
/// assert_eq!(fit_channels(equal.view(), 1)?, (array![[[7.0]]], None));
/// let color = array![[[100.0]], [[200.0]], [[50.0]]];
/// assert_eq!(fit_channels(color.view(), 1)?, (array![[[153.0]]], Some(Notice::ColorsDropped)));
/// assert_eq!(fit_channels(array![[[7.0]]].view(), 3)?, (equal, None));
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn fit_channels(
    pixels: ArrayView3<'_, f32>,
    n: usize,
) -> Result<(Array3<f32>, Option<Notice>)> {
    let got = pixels.dim().0;
    match (got, n) {
        _ if got == n => Ok((pixels.to_owned(), None)),
        (2 | 4, _) if is_constant(pixels, got - 1) => {
            let rest = pixels.slice_axis_move(Axis(0), Slice::from(..got - 1));
            let (fitted, notice) = fit_channels(rest, n)?;
            Ok((fitted, notice.or(Some(Notice::ConstantChannelDropped))))
        }
        (1, 3) => Ok((repeat(pixels), None)),
        (3, 1) => {
            let colorless = pixels.lanes(Axis(0)).into_iter().all(|v| v[0] == v[1] && v[1] == v[2]);
            let notice = (!colorless).then_some(Notice::ColorsDropped);
            Ok((gray_from_channels(pixels), notice))
        }
        _ => Err(Error::ChannelCount { expected: n, got }),
    }
}

/// Whether a channel has one value everywhere.
fn is_constant(pixels: ArrayView3<'_, f32>, channel: usize) -> bool {
    let plane = pixels.index_axis(Axis(0), channel);
    plane.first().is_some_and(|first| plane.iter().all(|value| value == first))
}

/// One channel three times.
fn repeat(gray: ArrayView3<'_, f32>) -> Array3<f32> {
    let (_, height, width) = gray.dim();
    Array3::from_shape_fn((3, height, width), |(_, y, x)| gray[[0, y, x]])
}

/// One channel, `(1, height, width)`.
fn gray_from_channels(pixels: ArrayView3<'_, f32>) -> Array3<f32> {
    let (count, height, width) = pixels.dim();
    let weights = match count {
        3 => vec![0.299, 0.587, 0.114],
        _ => vec![1.0 / count as f32; count],
    };
    let mut gray = Array3::zeros((1, height, width));
    let mut target = gray.index_axis_mut(Axis(0), 0);
    for (plane, weight) in pixels.axis_iter(Axis(0)).zip(weights) {
        Zip::from(&mut target).and(plane).for_each(|gray, &value| *gray += weight * value);
    }
    // The weights add up to 1 but for rounding; equal channels shall not show it.
    for (gray, values) in gray.iter_mut().zip(pixels.lanes(Axis(0))) {
        if values.iter().all(|&value| value == values[0]) {
            *gray = values[0];
        }
    }
    gray
}
