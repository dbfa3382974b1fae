//! Frames with label maps, cropped and augmented in step.

use micrograph_image::IGNORE;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::geometry::Placement;
use crate::stream::Operation;
use crate::{Error, Key, Recipe, Result};

/// Which part of a frame a network trains on.
///
/// The part is chosen before the content is turned and deformed, which then takes what lies around it from
/// the frame itself, not from a border.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cropping {
    /// Height and width of the part, in pixels. A frame that is smaller stands in its middle, continued by
    /// the recipe's border.
    pub size: [usize; 2],
    /// The probability that the part is chosen around a pixel of foreground, all of which are as likely,
    /// where the frame has any; it then contains that pixel. Else all parts are as likely.
    pub foreground: f64,
}

/// What a label map can hold: class indices or numbers of objects.
pub trait Label: Copy + sealed::Sealed {
    /// The label beyond a constant border.
    const OUTSIDE: Self;

    /// Whether a pixel with this label is foreground.
    fn is_foreground(self) -> bool;

    /// Whether a pixel with this label is background; what is ignored is neither.
    fn is_background(self) -> bool;
}

/// Class indices: beyond a constant border nobody knows the class.
impl Label for u8 {
    const OUTSIDE: Self = IGNORE;

    fn is_foreground(self) -> bool {
        self > 0 && self != IGNORE
    }

    fn is_background(self) -> bool {
        self == 0
    }
}

/// Numbers of objects: beyond a constant border there are none.
impl Label for u32 {
    const OUTSIDE: Self = 0;

    fn is_foreground(self) -> bool {
        self > 0
    }

    fn is_background(self) -> bool {
        self == 0
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u32 {}
}

/// Crops and augments a frame, or a window of frames, and its label map in step.
///
/// All planes move alike, so that the frames of a window stay in register, and labels take the nearest
/// pixel: no class or object comes about that is not there. Brightness, contrast, gamma and noise change the
/// pixels alone; the first three are the same for all planes.
///
/// # Shapes
/// - `pixels`: `(planes, height, width)`, before normalization
/// - `labels`: `(height, width)`, classes in `u8` ([`IGNORE`] for none) or objects in `u32`
/// - returns: both in the size of `cropping`, or as they came
///
/// # Errors
/// Those of [`augment`](crate::augment), and [`Error::Cropping`].
///
/// # Example
/// ```
/// use micrograph_augment::{Cropping, Key, Recipe, augment_labels};
/// use ndarray::{Array2, Array3};
/// let frame = Array3::from_shape_fn((5, 64, 64), |(t, y, x)| (t + y * x) as f32); // five frames
/// let mut cells = Array2::<u8>::zeros((64, 64));
/// cells[[60, 3]] = 1;
/// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
/// let cropping = Cropping { size: [16, 16], foreground: 1.0 };
/// let recipe = Recipe::turns();
/// let both = (frame.view(), cells.view());
/// let (pixels, labels) = augment_labels(&recipe, key, both, Some(&cropping), 255.0)?;
/// assert_eq!((pixels.dim(), labels.dim()), ((5, 16, 16), (16, 16)));
/// assert_eq!(labels.iter().filter(|&&class| class == 1).count(), 1); // the one pixel of foreground
/// # Ok::<(), micrograph_augment::Error>(())
/// ```
pub fn augment_labels<L: Label>(
    recipe: &Recipe,
    key: Key,
    (pixels, labels): (ArrayView3<'_, f32>, ArrayView2<'_, L>),
    cropping: Option<&Cropping>,
    full_scale: f32,
) -> Result<(Array3<f32>, Array2<L>)> {
    recipe.check(pixels, Some(labels.dim()), full_scale)?;
    let (size, corner) = match cropping {
        None => (labels.dim(), [0.0; 2]),
        Some(cropping) => {
            cropping.validate()?;
            ((cropping.size[0], cropping.size[1]), cropping.corner(key, labels))
        }
    };
    let drawn = recipe.draw(key);
    let placement = Placement::new(recipe, &drawn, key, size, corner);
    let (mut pixels, labels) = if placement.changes_nothing(labels.dim()) {
        (pixels.to_owned(), labels.to_owned())
    } else {
        let warped = placement.warp(pixels, recipe.interpolation, recipe.border);
        (warped, placement.warp_labels(labels, recipe.border, L::OUTSIDE))
    };
    recipe.adjust(&drawn, key, &mut pixels, full_scale);
    Ok((pixels, labels))
}

impl Cropping {
    /// Checks both fields.
    ///
    /// # Errors
    /// [`Error::Cropping`] for no pixels, or a probability outside of `[0, 1]`.
    pub fn validate(&self) -> Result<()> {
        let Self { size, foreground } = *self;
        if size.contains(&0) || !(0.0..=1.0).contains(&foreground) {
            return Err(Error::Cropping { size, foreground });
        }
        Ok(())
    }

    /// The upper left corner of the part in the frame.
    fn corner<L: Label>(&self, key: Key, labels: ArrayView2<'_, L>) -> [f64; 2] {
        let mut stream = key.stream(Operation::Crop);
        let inside = self.foreground > 0.0 && stream.random::<f64>() < self.foreground;
        let count = labels.iter().filter(|label| label.is_foreground()).count();
        let pixel = if inside && count > 0 {
            let nth = stream.random_range(0..count);
            let mut foreground = labels.indexed_iter().filter(|(_, label)| label.is_foreground());
            foreground.nth(nth).map(|((row, column), _)| [row, column])
        } else {
            None
        };
        let lengths = [labels.nrows(), labels.ncols()];
        let mut start = |axis: usize| {
            let (length, size) = (lengths[axis], self.size[axis]);
            let Some(last) = length.checked_sub(size) else {
                return -(((size - length) / 2) as f64);
            };
            place(&mut stream, last, pixel.map(|pixel| pixel[axis]), size) as f64
        };
        [start(0), start(1)]
    }
}

/// A start from 0 to `last` of `size` pixels, which contain `pixel` if there is one.
fn place(stream: &mut ChaCha8Rng, last: usize, pixel: Option<usize>, size: usize) -> usize {
    let (low, high) = match pixel {
        Some(pixel) => ((pixel + 1).saturating_sub(size), pixel.min(last)),
        None => (0, last),
    };
    stream.random_range(low..=high)
}
