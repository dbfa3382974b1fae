//! The granularity spectrum.

use std::collections::VecDeque;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::crop;
use crate::error::Result;
use crate::object::bounds;
use crate::settings::{same_shape, within};

/// Settings of [`granularity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GranularityConfig {
    /// The number of values; 16 as in CellProfiler.
    pub steps: usize,
    /// The radius of the disk that makes the background; 10 as in CellProfiler, 0 to leave the
    /// background in.
    pub background_px: usize,
}

impl Default for GranularityConfig {
    fn default() -> Self {
        Self { steps: 16, background_px: 10 }
    }
}

impl GranularityConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let few = (1..=512).contains(&self.steps);
        within("the steps of granularity", "from 1 to 512", self.steps as f64, few)?;
        let radius = self.background_px as f64;
        within("the background of granularity", "of at most 512 pixels", radius, radius <= 512.0)
    }
}

/// How much of the object's intensity lies in bright grains of each size.
///
/// Of the image less its background, cut at 0: step `k` erodes once more with a cross of five pixels,
/// and fills up again what is left (reconstruction within the image). The value is
/// `100 (m_(k - 1) - m_k) / m_0`, with the object's mean `m_k` after `k` steps, and `m_0` that of the
/// image as it came. The background is the opening with a disk, in which structures that are wider
/// remain.
///
/// # Units and ranges
/// Percent of the object's mean intensity.
///
/// # Edge cases
/// All are 0 without an object, and where `m_0` is not above 0. The first value holds the background,
/// too. Beyond the image nothing erodes.
///
/// # Errors
/// A mask of another shape, no step or more than 512, a background above 512 pixels.
///
/// # Source
/// Ravkin, Temov, Bit representation techniques and image processing, Applied Informatics 14, 1988;
/// `MeasureGranularity` of CellProfiler with both subsampling factors 1, whose port `cp_measure` 0.3
/// is the oracle.
///
/// # Example
/// ```
/// use micrograph_features::{GranularityConfig, granularity};
/// use ndarray::Array2;
/// // A grain of 3 by 3 pixels: the cross fits into it once.
/// let inside = |i: usize| (3..6).contains(&i);
/// let grain = Array2::from_shape_fn((9, 9), |(y, x)| if inside(y) && inside(x) { 9.0 } else { 0.0 });
/// let mask = Array2::from_elem((9, 9), true);
/// let config = GranularityConfig { steps: 3, background_px: 0 };
/// let spectrum = granularity(grain.view(), mask.view(), &config)?;
/// assert_eq!(spectrum, [0.0, 100.0, 0.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn granularity(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &GranularityConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    same_shape(values.dim(), mask.dim())?;
    let mut image = values.mapv(f64::from);
    let start = mean(&image, mask);
    if start <= 0.0 {
        return Ok(vec![0.0; config.steps]);
    }
    if config.background_px > 0 {
        let background = opened(&image, config.background_px);
        image.zip_mut_with(&background, |value, background| *value -= background);
        image.mapv_inplace(|value| value.max(0.0));
    }
    let (mut eroded, mut before) = (image.clone(), start);
    let mut spectrum = Vec::with_capacity(config.steps);
    for _ in 0..config.steps {
        eroded = cross_eroded(&eroded);
        let now = mean(&reconstructed(eroded.clone(), &image), mask);
        spectrum.push((before - now) * 100.0 / start);
        before = now;
    }
    Ok(spectrum)
}

/// 0 without an object.
fn mean(image: &Array2<f64>, mask: ArrayView2<'_, bool>) -> f64 {
    let (mut sum, mut n) = (0.0, 0_u64);
    for (value, _) in image.iter().zip(&mask).filter(|&(_, &object)| object) {
        sum += value;
        n += 1;
    }
    sum / n.max(1) as f64
}

/// The least of each pixel and its four neighbors.
fn cross_eroded(image: &Array2<f64>) -> Array2<f64> {
    let mut eroded = image.clone();
    for axis in 0..2 {
        let lanes = image.lanes(ndarray::Axis(axis)).into_iter();
        for (lane, mut target) in lanes.zip(eroded.lanes_mut(ndarray::Axis(axis))) {
            for k in 1..lane.len() {
                target[k] = target[k].min(lane[k - 1]);
                target[k - 1] = target[k - 1].min(lane[k]);
            }
        }
    }
    eroded
}

/// The opening with a disk: its erosion, then its dilation.
fn opened(image: &Array2<f64>, radius: usize) -> Array2<f64> {
    let eroded = disk_least(image, radius);
    -disk_least(&-eroded, radius)
}

/// The least in the disk of pixels no farther than `radius`, from those in the image.
fn disk_least(image: &Array2<f64>, radius: usize) -> Array2<f64> {
    let (height, width) = image.dim();
    let mut least = Array2::from_elem(image.dim(), f64::INFINITY);
    let mut row = vec![0.0; width];
    for dy in 0..=radius.min(height.saturating_sub(1)) {
        let reach = ((radius * radius - dy * dy) as f64).sqrt() as usize;
        for y in 0..height {
            let source = image.row(y);
            row_least(source.as_slice().unwrap_or(&[]), reach, &mut row);
            for y in [y.checked_sub(dy), Some(y + dy)].into_iter().flatten() {
                if y < height {
                    let lane = least.row_mut(y).into_iter().zip(&row);
                    lane.for_each(|(least, &value)| *least = value.min(*least));
                }
            }
        }
    }
    least
}

/// The least of the values no farther than `reach`, through a queue of rising values.
fn row_least(values: &[f64], reach: usize, least: &mut [f64]) {
    let mut queue: VecDeque<usize> = VecDeque::new();
    for at in 0..values.len() + reach {
        if at < values.len() {
            while queue.back().is_some_and(|&last| values[last] >= values[at]) {
                queue.pop_back();
            }
            queue.push_back(at);
        }
        if at >= reach && at - reach < values.len() {
            let center = at - reach;
            while queue.front().is_some_and(|&first| first + reach < center) {
                queue.pop_front();
            }
            least[center] = queue.front().map_or(values[center], |&first| values[first]);
        }
    }
}

/// The greatest image that `seed` grows to through four neighbors below `limit`, which lies nowhere
/// below the seed.
///
/// Vincent, Morphological grayscale reconstruction in image analysis, IEEE Trans. Image Process. 2,
/// 1993: two scans, and a queue for the rest.
fn reconstructed(mut seed: Array2<f64>, limit: &Array2<f64>) -> Array2<f64> {
    let (height, width) = seed.dim();
    let mut queue = VecDeque::new();
    for y in 0..height {
        for x in 0..width {
            let up = if y > 0 { seed[[y - 1, x]] } else { seed[[y, x]] };
            let left = if x > 0 { seed[[y, x - 1]] } else { seed[[y, x]] };
            seed[[y, x]] = seed[[y, x]].max(up).max(left).min(limit[[y, x]]);
        }
    }
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            let down = (y + 1 < height).then_some([y + 1, x]);
            let right = (x + 1 < width).then_some([y, x + 1]);
            let mut value = seed[[y, x]];
            for at in [down, right].into_iter().flatten() {
                value = value.max(seed[at]);
            }
            value = value.min(limit[[y, x]]);
            seed[[y, x]] = value;
            let grows = |at: [usize; 2]| seed[at] < value && seed[at] < limit[at];
            if [down, right].into_iter().flatten().any(grows) {
                queue.push_back([y, x]);
            }
        }
    }
    while let Some([y, x]) = queue.pop_front() {
        let value = seed[[y, x]];
        let beside = [
            y.checked_sub(1).map(|y| [y, x]),
            x.checked_sub(1).map(|x| [y, x]),
            (y + 1 < height).then_some([y + 1, x]),
            (x + 1 < width).then_some([y, x + 1]),
        ];
        for at in beside.into_iter().flatten() {
            if seed[at] < value && seed[at] < limit[at] {
                seed[at] = value.min(limit[at]);
                queue.push_back(at);
            }
        }
    }
    seed
}

/// In the object's box with the background's radius around it.
pub(crate) fn object_granularity(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &GranularityConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    let [top, bottom, left, right] = bounds(mask);
    let around = config.background_px;
    let (height, width) = mask.dim();
    let part = [
        top.saturating_sub(around),
        (bottom + around).min(height),
        left.saturating_sub(around),
        (right + around).min(width),
    ];
    granularity(crop::cut(values, part), crop::cut(mask, part), config)
}

pub(crate) fn descriptors(config: &GranularityConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "granularity",
        Measure::In(Unit::One),
        "100 (m_(k - 1) - m_k) / m_0 after k erosions and reconstruction",
        "Ravkin, Temov 1988; CellProfiler MeasureGranularity",
    );
    (1..=config.steps).map(|step| one.numbered(step)).collect()
}
