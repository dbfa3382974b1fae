//! Pixel values to the range that a model takes.

mod moments;
mod whitening;

use ndarray::{Array3, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use self::moments::Moments;
pub use self::moments::TrainingMoments;
use crate::{Depth, Error, Result};

/// Which range is asked for, before anything is known about the training samples.
///
/// [`TrainingMoments::finish`] makes a [`Normalizer`] of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalization {
    /// See [`Normalizer::UnitRange`].
    UnitRange,
    /// See [`Normalizer::ImageZScore`]. The default: exposure differs from image to image.
    #[default]
    ImageZScore,
    /// See [`Normalizer::DatasetZScore`]: brightness can tell classes apart, and stays.
    DatasetZScore,
    /// See [`Normalizer::Subtract`].
    Subtract {
        /// The value, on the scale of the files.
        value: f64,
    },
    /// See [`Normalizer::Whitening`].
    Whitening,
    /// See [`Normalizer::PercentileClip`].
    PercentileClip {
        /// The percentile that becomes 0, in `[0, 100]`.
        low: f64,
        /// The percentile that becomes 1, in `[0, 100]`, above `low`.
        high: f64,
    },
}

/// A map of pixel values to the range that a model takes, fitted where it has to be.
///
/// Every channel is treated on its own, but for the unit range of floating-point images and whitening. Where there
/// is nothing to divide by, because all values are the same, the result is 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalizer {
    /// `value / 255` for 8 bits, `value / 65535` for 16 bits: in `[0, 1]`.
    ///
    /// Floating-point images have no full scale: `(value - min) / (max - min)` over all channels of
    /// the image.
    UnitRange,
    /// `(value - mean) / std` with the mean and the population standard deviation of the image's
    /// channel.
    ImageZScore,
    /// `(value - mean) / std` with numbers from the training samples, one per channel, on the scale
    /// of the files.
    DatasetZScore {
        /// Mean of each channel.
        mean: Vec<f32>,
        /// Population standard deviation of each channel.
        std: Vec<f32>,
    },
    /// `value - v`, nothing else: the StemNet thesis's program, which takes 127 from 8-bit values.
    Subtract {
        /// The value, on the scale of the files.
        value: f64,
    },
    /// `W (pixel - mean)` at each pixel, so that the channels of all training samples together have a
    /// variance of 1 and are correlated no longer: of colors, or of the frames of a window.
    ///
    /// `W = V diag(1 / sqrt(e)) V^T` for eigenvectors and eigenvalues of the population covariance, which
    /// turns the channels as little as any whitening (ZCA). Eigenvalues below a millionth of the greatest
    /// count as that; where all values are the same, the result is 0.
    ///
    /// Source: Bell, Sejnowski, The "independent components" of natural scenes are edge filters, Vision
    /// Res. 37, 1997; Kessy, Lewin, Strimmer, Am. Stat. 72, 2018, eq. 3.
    Whitening {
        /// Mean of each channel.
        mean: Vec<f32>,
        /// `W`, row by row.
        matrix: Vec<Vec<f64>>,
    },
    /// `(value - p_low) / (p_high - p_low)`, clipped to `[0, 1]`, with percentiles of the image's channel.
    ///
    /// Between two ranks a percentile is interpolated linearly, as `numpy.percentile` does by default.
    PercentileClip {
        /// The percentile that becomes 0, in `[0, 100]`.
        low: f64,
        /// The percentile that becomes 1, in `[0, 100]`, above `low`.
        high: f64,
    },
}

impl Normalizer {
    /// Maps the pixels in place.
    ///
    /// # Shapes
    /// - `pixels`: `(channels, height, width)`, values on the scale of `depth`
    ///
    /// # Errors
    /// [`Error::NormalizerChannels`] where a data-set z-score was fitted for another number of
    /// channels, [`Error::Percentiles`] for percentiles outside of `0 <= low < high <= 100`.
    ///
    /// # Example
    /// ```
    /// use micrograph_image::{Depth, Normalizer};
    /// use ndarray::array;
    /// let mut pixels = array![[[1.0, 3.0], [5.0, 7.0]]];
    /// let normalizer = Normalizer::DatasetZScore { mean: vec![3.0], std: vec![2.0] };
    /// normalizer.apply(&mut pixels, Depth::U8)?;
    /// assert_eq!(pixels, array![[[-1.0, 0.0], [1.0, 2.0]]]);
    /// # Ok::<(), micrograph_image::Error>(())
    /// ```
    pub fn apply(&self, pixels: &mut Array3<f32>, depth: Depth) -> Result<()> {
        match self {
            Self::UnitRange => unit_range(pixels, depth),
            Self::ImageZScore => {
                for plane in pixels.axis_iter_mut(Axis(0)) {
                    let moments = Moments::of(plane.view());
                    scale(plane, moments.mean, moments.std());
                }
            }
            Self::DatasetZScore { mean, std } => {
                let got = pixels.dim().0;
                if let Some(fitted) = [mean.len(), std.len()].into_iter().find(|&n| n != got) {
                    return Err(Error::NormalizerChannels { fitted, got });
                }
                for ((plane, &mean), &std) in pixels.axis_iter_mut(Axis(0)).zip(mean).zip(std) {
                    scale(plane, mean.into(), std.into());
                }
            }
            &Self::Subtract { value } => {
                pixels.mapv_inplace(|pixel| (f64::from(pixel) - value) as f32);
            }
            Self::Whitening { mean, matrix } => {
                let got = pixels.dim().0;
                let sizes =
                    [mean.len(), matrix.len()].into_iter().chain(matrix.iter().map(Vec::len));
                if let Some(fitted) = sizes.into_iter().find(|&n| n != got) {
                    return Err(Error::NormalizerChannels { fitted, got });
                }
                whitening::apply(pixels, mean, matrix);
            }
            &Self::PercentileClip { low, high } => {
                check_percentiles(low, high)?;
                for mut plane in pixels.axis_iter_mut(Axis(0)) {
                    let mut sorted: Vec<f32> = plane.iter().copied().collect();
                    let (low, high) = (percentile(&mut sorted, low), percentile(&mut sorted, high));
                    scale(plane.view_mut(), low, high - low);
                    plane.mapv_inplace(|value| value.clamp(0.0, 1.0));
                }
            }
        }
        Ok(())
    }
}

/// See [`Normalizer::UnitRange`].
fn unit_range(pixels: &mut Array3<f32>, depth: Depth) {
    if let Some(full_scale) = depth.full_scale() {
        pixels.mapv_inplace(|value| value / full_scale);
        return;
    }
    let min = f64::from(pixels.iter().copied().fold(f32::INFINITY, f32::min));
    let max = f64::from(pixels.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    for plane in pixels.axis_iter_mut(Axis(0)) {
        scale(plane, min, max - min);
    }
}

/// `(value - origin) / unit`, or 0 where the unit is 0; in double precision, since 16-bit values may
/// differ little beside their mean.
fn scale(mut plane: ArrayViewMut2<'_, f32>, origin: f64, unit: f64) {
    if unit > 0.0 {
        let per_unit = 1.0 / unit;
        plane.mapv_inplace(|value| ((f64::from(value) - origin) * per_unit) as f32);
    } else {
        plane.fill(0.0);
    }
}

/// Whether `0 <= low < high <= 100`.
fn check_percentiles(low: f64, high: f64) -> Result<()> {
    if 0.0 <= low && low < high && high <= 100.0 {
        return Ok(());
    }
    Err(Error::Percentiles { low, high })
}

/// The value at rank `(n - 1) * percent / 100` of the ascending order, linear between two ranks;
/// 0 for no values. The values are reordered.
fn percentile(values: &mut [f32], percent: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    let rank = last as f64 * percent / 100.0;
    let index = (rank as usize).min(last);
    let (_, &mut below, above) = values.select_nth_unstable_by(index, f32::total_cmp);
    let above = above.iter().copied().min_by(f32::total_cmp).unwrap_or(below);
    let (below, above) = (f64::from(below), f64::from(above));
    below + (above - below) * (rank - index as f64)
}
