//! Gabor filters: how strongly an object is striped, at several scales.

use std::f64::consts::{LN_2, PI, TAU};

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit, number};
use crate::error::Result;
use crate::settings::{count, same_shape, within};

/// Settings of [`gabor_energy`] of an object.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GaborConfig {
    /// Waves a pixel; 0.25 by our choice, stripes four pixels apart.
    pub frequency: f64,
    /// The number of orientations, equally far apart over half a turn; 4 by our choice.
    pub orientations: usize,
}

impl Default for GaborConfig {
    fn default() -> Self {
        Self { frequency: 0.25, orientations: 4 }
    }
}

impl GaborConfig {
    pub(crate) fn check(&self) -> Result<()> {
        count("orientations of Gabor filters", self.orientations)?;
        let usable = (0.01..=0.5).contains(&self.frequency);
        let what = "the frequency of Gabor filters";
        within(what, "from 0.01 to 0.5 waves a pixel", self.frequency, usable)
    }
}

/// The standard deviation of the envelope for a bandwidth of one octave.
fn envelope_px(frequency: f64) -> f64 {
    (LN_2 / 2.0).sqrt() / PI * 3.0 / frequency
}

/// How many pixels around the object the filters look at.
pub(crate) fn reach_px(frequency: f64) -> f64 {
    (3.0 * envelope_px(frequency)).max(1.0).ceil()
}

/// A complex weight for each offset from `-reach` to `reach` along one axis.
///
/// With a round envelope the filter is the product of one along rows and one along columns.
fn axis_weights(frequency: f64, theta: f64, along_axis: f64) -> Vec<[f64; 2]> {
    let sigma = envelope_px(frequency);
    // As scikit-image: as far as three standard deviations along the wave or across it.
    let longer = theta.cos().abs().max(theta.sin().abs());
    let reach = (3.0 * sigma * longer).max(1.0).ceil() as i64;
    let weight = |offset: i64| {
        let offset = offset as f64;
        let envelope = (-0.5 * (offset / sigma).powi(2)).exp() / (TAU.sqrt() * sigma);
        let (sin, cos) = (TAU * frequency * offset * along_axis).sin_cos();
        [envelope * cos, envelope * sin]
    };
    (-reach..=reach).map(weight).collect()
}

/// `sum weights[k] * value(at + k - reach)`, where places beyond `0..n` are its nearest.
fn filtered(
    weights: &[[f64; 2]],
    at: usize,
    n: usize,
    value: impl Fn(usize) -> [f64; 2],
) -> [f64; 2] {
    let reach = weights.len() / 2;
    let mut sum = [0.0; 2];
    for (k, [re, im]) in weights.iter().enumerate() {
        let [a, b] = value((at + k).saturating_sub(reach).min(n - 1));
        sum[0] += re * a - im * b;
        sum[1] += re * b + im * a;
    }
    sum
}

/// The mean magnitude of a Gabor filter's response over the object, for each orientation.
///
/// `mean |sum w(dy, dx) exp(2 pi i f (dx cos t + dy sin t)) v(y + dy, x + dx)|` with a Gaussian
/// `w` of one octave's bandwidth, cut at three standard deviations, around each object pixel;
/// `t = k pi / orientations`, where 0 is a wave to the right
///
/// # Units
/// Intensities.
///
/// # Edge cases
/// The mean of the object is taken off first, so that a flat image has 0 but for rounding. Beyond the image
/// its nearest pixel stands. Without an object all are 0.
///
/// # Errors
/// A mask of another shape; no orientation or more than 65536; a frequency outside 0.01 to 0.5.
///
/// # Source
/// Gabor, Theory of communication, 1946; Daugman 1985. The oracle is `skimage.filters.gabor_kernel`
/// with `scipy.ndimage.correlate`, mode `nearest`.
///
/// # Example
/// ```
/// use micrograph_features::{GaborConfig, gabor_energy};
/// use ndarray::Array2;
/// let stripes = Array2::from_shape_fn((24, 24), |(_, x)| if x % 4 < 2 { 1.0 } else { 0.0 });
/// let mask = Array2::from_shape_fn((24, 24), |(y, x)| (8..16).contains(&y) && (8..16).contains(&x));
/// let config = GaborConfig { frequency: 0.25, orientations: 2 };
/// let energy = gabor_energy(stripes.view(), mask.view(), &config)?;
/// assert!(energy[0] > 100.0 * energy[1]); // a wave to the right, none downwards
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn gabor_energy(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &GaborConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    same_shape(values.dim(), mask.dim())?;
    let GaborConfig { frequency, orientations } = *config;
    let object: Vec<(usize, usize)> =
        mask.indexed_iter().filter(|&(_, &object)| object).map(|(at, _)| at).collect();
    if object.is_empty() {
        return Ok(vec![0.0; orientations]);
    }
    let n = object.len() as f64;
    let mean = object.iter().map(|&at| f64::from(values[at])).sum::<f64>() / n;
    let (height, width) = values.dim();
    let energies = (0..orientations)
        .map(|k| {
            let theta = PI * k as f64 / orientations as f64;
            let right = axis_weights(frequency, theta, theta.cos());
            let down = axis_weights(frequency, theta, theta.sin());
            let rows = Array2::from_shape_fn((height, width), |(y, x)| {
                filtered(&right, x, width, |x| [f64::from(values[[y, x]]) - mean, 0.0])
            });
            let magnitude = |&(y, x): &(usize, usize)| {
                let [re, im] = filtered(&down, y, height, |y| rows[[y, x]]);
                re.hypot(im)
            };
            object.iter().map(magnitude).sum::<f64>() / n
        })
        .collect();
    Ok(energies)
}

pub(crate) fn descriptors(config: &GaborConfig) -> Vec<Descriptor> {
    let frequency = number(config.frequency);
    (0..config.orientations)
        .map(|k| Descriptor {
            name: format!("gabor_{frequency}_{k:02}").into(),
            measure: Measure::In(Unit::Intensity),
            formula: "mean magnitude of the filter's response over the object",
            source: "Daugman 1985; scikit-image gabor_kernel",
        })
        .collect()
}
