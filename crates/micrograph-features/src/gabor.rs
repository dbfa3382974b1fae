//! Gabor filters: how strongly an object is striped, at several scales.

use std::f64::consts::{LN_2, PI, TAU};
use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit, number};
use crate::error::Result;
use crate::object::bounds;
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
    let [top, bottom, left, right] = bounds(mask);
    let boxed = mask.iter().zip(values).filter(|&(&object, _)| object);
    let (sum, n) = boxed.fold((0.0, 0_u64), |(sum, n), (_, &v)| (sum + f64::from(v), n + 1));
    if n == 0 {
        return Ok(vec![0.0; orientations]);
    }
    let mean = sum / n as f64;
    let energy = |k: usize| {
        let theta = PI * k as f64 / orientations as f64;
        let across = axis_weights(frequency, theta, theta.cos());
        let down = axis_weights(frequency, theta, theta.sin());
        // Along rows, as far above and below the box as the filter reaches.
        let reach = down.len() / 2;
        let first = top.saturating_sub(reach);
        let rows: Vec<Row> = (first..bottom.saturating_add(reach).min(values.nrows()))
            .map(|y| Row::along(&across, values.row(y), left..right, mean))
            .collect();
        let mut total = 0.0;
        for y in top..bottom {
            let mut result = Row::zeros(right - left);
            for (k, &weight) in down.iter().enumerate() {
                // Places beyond the image are its nearest.
                let place = (y + k).saturating_sub(reach).min(values.nrows() - 1);
                result.add(weight, &rows[place - first]);
            }
            let object = (left..right).filter(|&x| mask[[y, x]]);
            total += object.map(|x| result.magnitude(x - left)).sum::<f64>();
        }
        total / n as f64
    };
    Ok((0..orientations).map(energy).collect())
}

/// A row of complex numbers.
struct Row {
    re: Vec<f64>,
    im: Vec<f64>,
}

impl Row {
    fn zeros(n: usize) -> Self {
        Self { re: vec![0.0; n], im: vec![0.0; n] }
    }

    /// `sum weights[k] (values[x + k - reach] - mean)` for the columns, where places beyond the row are
    /// its nearest.
    fn along(
        weights: &[[f64; 2]],
        values: ArrayView1<'_, f32>,
        columns: Range<usize>,
        mean: f64,
    ) -> Self {
        let (reach, n) = (weights.len() / 2, columns.len());
        let at = |x: usize| (columns.start + x).saturating_sub(reach).min(values.len() - 1);
        let padded: Vec<f64> =
            (0..n + weights.len() - 1).map(|x| f64::from(values[at(x)]) - mean).collect();
        let mut row = Self::zeros(n);
        for (k, &[re, im]) in weights.iter().enumerate() {
            let parts = row.re.iter_mut().zip(&mut row.im);
            for ((real, imaginary), value) in parts.zip(&padded[k..k + n]) {
                *real += re * value;
                *imaginary += im * value;
            }
        }
        row
    }

    fn add(&mut self, [re, im]: [f64; 2], other: &Self) {
        let parts = self.re.iter_mut().zip(&mut self.im);
        for ((real, imaginary), (a, b)) in parts.zip(other.re.iter().zip(&other.im)) {
            *real += re * a - im * b;
            *imaginary += re * b + im * a;
        }
    }

    fn magnitude(&self, x: usize) -> f64 {
        // Filtered intensities are far from the ends of what squares can hold.
        (self.re[x] * self.re[x] + self.im[x] * self.im[x]).sqrt()
    }
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
