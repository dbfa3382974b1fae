//! The granularity spectrum.

use micrograph_segment::{Connectivity, Element, erode, open, reconstruct};
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
        let background = open(image.view(), Element::Disk(config.background_px))?;
        image.zip_mut_with(&background, |value, background| *value -= background);
        image.mapv_inplace(|value| value.max(0.0));
    }
    let (mut eroded, mut before) = (image.clone(), start);
    let mut spectrum = Vec::with_capacity(config.steps);
    for _ in 0..config.steps {
        eroded = erode(eroded.view(), Element::Cross(1))?;
        let grown = reconstruct(eroded.view(), image.view(), Connectivity::Four)?;
        let now = mean(&grown, mask);
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
