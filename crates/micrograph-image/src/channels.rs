//! Gray, color, or channels as they are.

use ndarray::{Array3, ArrayView3, Axis, Zip};
use serde::{Deserialize, Serialize};

/// Which channels a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
/// and blue; the mean of the channels for any other number. Nothing is rounded.
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
        (Channels::Rgb, _) => {
            let gray = gray_from_channels(pixels);
            let (_, height, width) = gray.dim();
            Array3::from_shape_fn((3, height, width), |(_, y, x)| gray[[0, y, x]])
        }
    }
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
    gray
}
