//! From an image or a mask to objects with numbers.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::clean::{fill_holes, relabel, remove_small_labels};
use crate::components::label_components;
use crate::distance::{Beyond, distance_transform};
use crate::error::{Result, setting};
use crate::neighbors::Connectivity;
use crate::reconstruct::reconstruct;
use crate::smooth::gaussian;
use crate::threshold::{ThresholdMethod, threshold};
use crate::watershed::watershed;

/// What is foreground in [`instances`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foreground {
    /// What is above this value: 0.5 for probabilities.
    Above(f64),
    /// What is above the threshold of a method.
    Automatic(ThresholdMethod),
}

/// Settings of [`instances`] and [`split_mask`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstancesConfig {
    /// What is foreground: above 0.5.
    pub foreground: Foreground,
    /// The standard deviation of the Gaussian blur before the threshold: 0 px.
    pub blur_px: f64,
    /// Whether background inside of objects becomes object: so by default.
    pub holes: Holes,
    /// Which pixels of an object touch: those over a side.
    pub connectivity: Connectivity,
    /// How touching objects are parted: where the distance to the background falls by 1 px between
    /// two of its hills.
    pub split: Split,
    /// Smaller objects are left out: those below 10 px.
    pub least_px: u64,
}

/// What becomes of holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holes {
    /// They are filled.
    Fill,
    /// They stay.
    Keep,
}

/// How objects that touch are parted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Not at all: an object is a connected component.
    Never,
    /// Each hill of the distance transform that rises by more than this many pixels above its
    /// saddles is an object; borders are where the flooded distances meet. More parts less.
    Depth(f64),
}

impl Default for InstancesConfig {
    fn default() -> Self {
        Self {
            foreground: Foreground::Above(0.5),
            blur_px: 0.0,
            holes: Holes::Fill,
            connectivity: Connectivity::Four,
            split: Split::Depth(1.0),
            least_px: 10,
        }
    }
}

/// The objects of an image: threshold, holes, seeds from the distance transform, watershed, size.
///
/// In this order: blur, threshold, then as [`split_mask`].
///
/// # Shapes
/// `(height, width)`; labels `1..=n` in reading order of the seeds, 0 for background.
///
/// # Edge cases
/// NaN is background, and spoils what the blur reaches. An image of one value, or without pixels, has
/// no object by an automatic threshold.
///
/// # Errors
/// A blur or a depth that is negative, not finite, or above 1000 px; a foreground above NaN.
///
/// # Example
/// ```
/// use micrograph_segment::{InstancesConfig, instances};
/// use ndarray::Array2;
/// // Two disks of radius 6 whose centers are 10 px apart.
/// let disk = |y: usize, x: usize, center: f32| (y as f32 - 8.0).hypot(x as f32 - center) <= 6.0;
/// let image = Array2::from_shape_fn((17, 27), |(y, x)| {
///     if disk(y, x, 8.0) || disk(y, x, 18.0) { 0.9_f32 } else { 0.1 }
/// });
/// let labels = instances(image.view(), &InstancesConfig::default())?;
/// assert_eq!((labels[[8, 8]], labels[[8, 18]], labels[[0, 0]]), (1, 2, 0));
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn instances(image: ArrayView2<'_, f32>, config: &InstancesConfig) -> Result<Array2<u32>> {
    let blurred = gaussian(image, config.blur_px)?;
    let level = match config.foreground {
        Foreground::Above(level) => {
            setting("the level of the foreground", "that is a number", level, !level.is_nan())?;
            level
        }
        Foreground::Automatic(method) => {
            threshold(blurred.view(), method)?.unwrap_or(f64::INFINITY)
        }
    };
    split_mask(blurred.mapv(|value| f64::from(value) > level).view(), config)
}

/// The objects of a mask: holes, seeds from the distance transform, watershed, size.
///
/// A seed is a plateau of `reconstruct(d - depth, d)` of the distance transform `d`: a hill that rises
/// by more than the depth above the saddle to a higher one. `-d` is flooded from the seeds within the
/// mask.
///
/// # Errors
/// A depth that is negative, not finite, or above 1000 px.
///
/// # Source
/// Soille, Morphological Image Analysis, 2003, chapters 6 and 9 (h-maxima, watershed of distances).
pub fn split_mask(mask: ArrayView2<'_, bool>, config: &InstancesConfig) -> Result<Array2<u32>> {
    let mask = match config.holes {
        Holes::Fill => fill_holes(mask, Connectivity::Four),
        Holes::Keep => mask.to_owned(),
    };
    let labels = match config.split {
        Split::Never => label_components(mask.view(), config.connectivity).0,
        Split::Depth(depth) => {
            let fits = (0.0..=1000.0).contains(&depth);
            setting("the depth of a split", "from 0 to 1000 px", depth, fits)?;
            let distance = distance_transform(mask.view(), Beyond::Background);
            let seeds = hills(distance.view(), mask.view(), depth, config.connectivity)?;
            let below = distance.mapv(|distance| -distance as f32);
            watershed(below.view(), seeds.view(), mask.view(), config.connectivity)?
        }
    };
    Ok(relabel(remove_small_labels(labels.view(), config.least_px).view()).0)
}

/// The hills of `surface` within the mask that rise by more than `depth` above their saddles,
/// numbered in reading order.
fn hills(
    surface: ArrayView2<'_, f64>,
    mask: ArrayView2<'_, bool>,
    depth: f64,
    connectivity: Connectivity,
) -> Result<Array2<u32>> {
    // Far below all depths outside of the mask: no hill reaches another object's through it.
    let mut within = surface.to_owned();
    ndarray::Zip::from(&mut within).and(mask).for_each(|height, &inside| {
        if !inside {
            *height = -1e6;
        }
    });
    let lowered = within.mapv(|value| value - depth);
    let flat = reconstruct(lowered.view(), within.view(), connectivity)?;
    // With the smallest step down, the tops of what is left; plateaus have no steps but from a top.
    let step = 1e-3;
    let top = reconstruct(flat.mapv(|value| value - step).view(), flat.view(), connectivity)?;
    let mut tops = mask.to_owned();
    ndarray::Zip::from(&mut tops).and(&flat).and(&top).for_each(|is_top, &flat, &top| {
        *is_top = *is_top && flat - top > step / 2.0;
    });
    Ok(label_components(tops.view(), connectivity).0)
}
