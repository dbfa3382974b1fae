//! Ranges of intensities, and the histogram.

use micrograph_image::Depth;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::{Error, Result};
use crate::settings::count;

/// Between which intensities values are sorted into bins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntensityRange {
    /// From `low` to below `high`, the same for all objects: bins keep how bright an object is.
    Fixed {
        /// The lower end of the first bin.
        low: f64,
        /// The upper end of the last bin.
        high: f64,
    },
    /// From the darkest to the brightest pixel of each object: bins keep its contrast alone.
    Object,
}

/// All values of integers; [`IntensityRange::Object`] for floats, which have no natural range.
impl From<Depth> for IntensityRange {
    fn from(depth: Depth) -> Self {
        match depth.full_scale() {
            Some(full_scale) => Self::Fixed { low: 0.0, high: f64::from(full_scale) + 1.0 },
            None => Self::Object,
        }
    }
}

impl IntensityRange {
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Fixed { low, high } if !(low < high && (high - low).is_finite()) => {
                Err(Error::Range { low, high })
            }
            _ => Ok(()),
        }
    }

    /// Lower end and width of the range.
    fn of(self, values: &[f64]) -> (f64, f64) {
        match self {
            Self::Fixed { low, high } => (low, high - low),
            Self::Object => {
                let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (low, high - low)
            }
        }
    }
}

/// The bin, `0..bins`, of each value.
///
/// `min(bins - 1, max(0, floor(bins (value - low) / (high - low))))`
///
/// # Edge cases
/// What lies below the range is in the first bin, what lies at its end or above in the last. Where
/// all values are equal, [`IntensityRange::Object`] puts them into the first. Where there is no bin, or
/// a number is NaN, the bin is 0.
///
/// # Example
/// ```
/// use micrograph_features::{IntensityRange, bin_of_values};
/// let range = IntensityRange::Fixed { low: 0.0, high: 256.0 };
/// assert_eq!(bin_of_values(&[-1.0, 0.0, 7.0, 8.0, 255.0, 300.0], 32, range), [0, 0, 0, 1, 31, 31]);
/// assert_eq!(bin_of_values(&[5.0, 6.0, 7.0], 2, IntensityRange::Object), [0, 1, 1]);
/// assert_eq!(bin_of_values(&[5.0, 5.0], 2, IntensityRange::Object), [0, 0]);
/// ```
#[must_use]
pub fn bin_of_values(values: &[f64], bins: usize, range: IntensityRange) -> Vec<usize> {
    let (low, width) = range.of(values);
    let last = bins.saturating_sub(1);
    values
        .iter()
        .map(|value| {
            let place = bins as f64 * ((value - low) / width);
            // A cast of what is below 0 or not a number gives 0.
            (place as usize).min(last)
        })
        .collect()
}

/// Settings of the [`histogram`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistogramConfig {
    /// The number of bins; the LipNet thesis has 32.
    pub bins: usize,
    /// What they cover.
    pub range: IntensityRange,
}

impl HistogramConfig {
    pub(crate) fn check(&self) -> Result<()> {
        count("bins of the histogram", self.bins)?;
        self.range.check()
    }
}

/// The fraction of values in each of `bins` equal parts of the range.
///
/// # Units and ranges
/// Fractions of the values; they sum to 1.
///
/// # Edge cases
/// As [`bin_of_values`]; without values all are 0.
///
/// # Errors
/// No bin or more than 65536, a range that is empty or not finite.
///
/// # Source
/// LipNet thesis, section 3 (32 bins); `numpy.histogram` divided by the number of values.
///
/// # Example
/// ```
/// use micrograph_features::{HistogramConfig, IntensityRange, histogram};
/// let range = IntensityRange::Fixed { low: 0.0, high: 4.0 };
/// assert_eq!(histogram(&[0.0, 1.0, 3.0, 3.5], &HistogramConfig { bins: 2, range })?, [0.5, 0.5]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn histogram(values: &[f64], config: &HistogramConfig) -> Result<Vec<f64>> {
    config.check()?;
    let mut counts = vec![0_u64; config.bins];
    for bin in bin_of_values(values, config.bins, config.range) {
        counts[bin] += 1;
    }
    let total = values.len().max(1) as f64;
    Ok(counts.into_iter().map(|count| count as f64 / total).collect())
}

pub(crate) const HISTOGRAM: Descriptor = Descriptor::new(
    "histogram",
    Measure::In(Unit::One),
    "fraction of object pixels in the bin",
    "LipNet thesis, section 3",
);
