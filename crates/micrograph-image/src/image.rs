//! The image in memory, and what is known about it.

use std::fmt;

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis, Slice};
use serde::{Deserialize, Serialize};

/// An image as it was stored.
///
/// # Units and ranges
/// A pixel has the value that stands in the file, never one scaled to the unit range: `0..=255` for
/// [`Depth::U8`], `0..=65535` for [`Depth::U16`], any finite number for [`Depth::F32`]. The one
/// exception are samples of 1, 2 and 4 bits, which are spread over `0..=255` (times 255, 85 and 17).
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The samples, `(channels, height, width)`; colors are red, green, blue.
    pub pixels: Array3<f32>,
    /// The type of the stored samples.
    pub depth: Depth,
    /// The size of a pixel, where the file tells it.
    pub pixel_size_nm: Option<PixelSize>,
    /// What the reader left out or changed, and the user may want to know.
    pub notices: Vec<Notice>,
}

impl Image {
    /// The shape of the image.
    pub fn shape(&self) -> Shape {
        let (channels, height, width) = self.pixels.dim();
        Shape { channels, height, width }
    }
}

/// The shape of an image: channels (without alpha), rows, columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Number of channels, alpha not counted.
    pub channels: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

/// Writes `channels x height x width`, as in `3 x 480 x 640`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} x {}", self.channels, self.height, self.width)
    }
}

/// A rectangle of an image: rows `y` to `y + height`, columns `x` to `x + width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// The first row.
    pub y: usize,
    /// The first column.
    pub x: usize,
    /// How many rows.
    pub height: usize,
    /// How many columns.
    pub width: usize,
}

impl Region {
    /// The pixels of the region, of what there is of it.
    ///
    /// ```
    /// use micrograph_image::Region;
    /// let pixels = ndarray::array![[[1, 2, 3], [4, 5, 6]]];
    /// let region = Region { y: 1, x: 1, height: 1, width: 5 };
    /// assert_eq!(region.of(pixels.view()), ndarray::array![[[5, 6]]]);
    /// ```
    #[must_use]
    pub fn of<T>(self, mut pixels: ArrayView3<'_, T>) -> ArrayView3<'_, T> {
        let (_, height, width) = pixels.dim();
        pixels.slice_axis_inplace(Axis(1), range(self.y, self.height, height));
        pixels.slice_axis_inplace(Axis(2), range(self.x, self.width, width));
        pixels
    }

    /// [`of`](Self::of), to be written.
    #[must_use]
    pub fn of_mut<T>(self, mut pixels: ArrayViewMut3<'_, T>) -> ArrayViewMut3<'_, T> {
        let (_, height, width) = pixels.dim();
        pixels.slice_axis_inplace(Axis(1), range(self.y, self.height, height));
        pixels.slice_axis_inplace(Axis(2), range(self.x, self.width, width));
        pixels
    }
}

/// `length` places from `from` on, of those below `end`.
fn range(from: usize, length: usize, end: usize) -> Slice {
    (from.min(end)..from.saturating_add(length).min(end)).into()
}

/// The physical size of a pixel, in nanometers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelSize {
    /// From one row to the next.
    pub y_nm: f64,
    /// From one column to the next.
    pub x_nm: f64,
}

/// The type of the stored samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Unsigned, at most 8 bits; booleans, too.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Floating point, and every integer that is signed or has more than 16 bits.
    F32,
}

impl Depth {
    /// The largest value that a sample can have; `None` for [`Depth::F32`], which has no natural one.
    ///
    /// ```
    /// use micrograph_image::Depth;
    /// assert_eq!(Depth::U8.full_scale(), Some(255.0));
    /// assert_eq!(Depth::U16.full_scale(), Some(65535.0));
    /// assert_eq!(Depth::F32.full_scale(), None);
    /// ```
    pub fn full_scale(self) -> Option<f32> {
        match self {
            Self::U8 => Some(255.0),
            Self::U16 => Some(65535.0),
            Self::F32 => None,
        }
    }
}

/// What a reader left out or changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// The file has an alpha channel; it was dropped, and colors were not multiplied with it.
    AlphaDropped,
    /// The file has more pages than the one that was read.
    ExtraPagesIgnored {
        /// How many pages were not read.
        pages: usize,
    },
    /// The file holds integers beyond `2^24` that are not an `f32`; they were rounded to the next.
    IntegersRounded,
    /// A last channel with one value everywhere was dropped, for a model that takes one less.
    ConstantChannelDropped,
    /// Colors became gray, for a model of gray images.
    ColorsDropped,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlphaDropped => f.write_str("the alpha channel was dropped"),
            Self::ExtraPagesIgnored { pages: 1 } => f.write_str("1 further page was ignored"),
            Self::ExtraPagesIgnored { pages } => write!(f, "{pages} further pages were ignored"),
            Self::IntegersRounded => {
                f.write_str("integers beyond 2^24 were rounded to the nearest 32-bit float")
            }
            Self::ConstantChannelDropped => {
                f.write_str("a last channel of one value was dropped to fit the model")
            }
            Self::ColorsDropped => {
                f.write_str("colors were turned into gray (ITU-R 601-2 luma) to fit the model")
            }
        }
    }
}
