//! First-order statistics: what the intensities are, wherever they lie.

use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Named, Unit, names};
use crate::error::Result;
use crate::intensity::{HistogramConfig, IntensityRange, histogram};

/// Settings of [`first_order`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstOrderConfig {
    /// The bins of entropy and uniformity; 32 over the object's range by our choice.
    pub histogram: HistogramConfig,
}

impl Default for FirstOrderConfig {
    fn default() -> Self {
        Self { histogram: HistogramConfig { bins: 32, range: IntensityRange::Object } }
    }
}

/// Nineteen statistics of the values, in the order of [`FIRST_ORDER_NAMES`].
///
/// With the mean `m` and central moments `m_k = mean((v - m)^k)`:
/// - percentiles are interpolated linearly between sorted values (NumPy's default);
/// - `mean_absolute_deviation = mean |v - m|`; the robust one takes only values between the 10th and
///   the 90th percentile, and their mean;
/// - `skewness = m_3 / m_2^(3/2)`, `kurtosis = m_4 / m_2^2` (3 for a normal distribution);
/// - `entropy = -sum p log2 p` and `uniformity = sum p^2` over the bins of a histogram.
///
/// # Edge cases
/// Without values all are 0. Skewness and kurtosis of one intensity are 0. What is not finite makes
/// statistics that are not.
///
/// # Errors
/// No bin or more than 65536, a range that is empty or not finite.
///
/// # Source
/// The definitions of pyradiomics 3.0.1, `firstorder`, which is the oracle.
///
/// # Example
/// ```
/// use micrograph_features::{FIRST_ORDER_NAMES, FirstOrderConfig, first_order};
/// let statistics = first_order(&[4.0, 1.0, 2.0, 1.0], &FirstOrderConfig::default())?;
/// let of = |name| statistics[FIRST_ORDER_NAMES.iter().position(|n| *n == name).unwrap()];
/// assert_eq!((of("intensity_mean"), of("intensity_median"), of("intensity_variance")), (2.0, 1.5, 1.5));
/// assert_eq!((of("intensity_energy"), of("intensity_entropy")), (22.0, 1.5));
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn first_order(values: &[f64], config: &FirstOrderConfig) -> Result<[f64; 19]> {
    config.histogram.check()?;
    if values.is_empty() {
        return Ok([0.0; 19]);
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean_of = |of: &dyn Fn(f64) -> f64| values.iter().map(|&value| of(value)).sum::<f64>() / n;
    let mean = mean_of(&|value| value);
    // Moments of ratios, so that powers of small numbers do not become 0.
    let largest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    let moment = |power: i32| mean_of(&|value| ((value - mean) / largest).powi(power));
    let second = moment(2);
    let energy = values.iter().map(|value| value * value).sum::<f64>();
    let [p10, p25, p50, p75, p90] =
        [0.1, 0.25, 0.5, 0.75, 0.9].map(|fraction| percentile(&sorted, fraction));
    let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
    let varies = low < high && largest > 0.0;
    let where_it_varies = |value: f64| if varies { value } else { 0.0 };
    let bins = histogram(values, &config.histogram)?;
    let entropy = bins.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum::<f64>();
    Ok([
        low,
        p10,
        p25,
        p50,
        p75,
        p90,
        high,
        high - low,
        p75 - p25,
        mean,
        mean_of(&|value| (value - mean).abs()),
        robust_deviation(&sorted, p10, p90),
        (energy / n).sqrt(),
        energy,
        where_it_varies(second * largest * largest),
        where_it_varies(moment(3) / second.powf(1.5)),
        where_it_varies(moment(4) / (second * second)),
        entropy.max(0.0),
        bins.iter().map(|p| p * p).sum(),
    ])
}

/// The value below which that fraction of the sorted values lies, linear in between.
pub(crate) fn percentile(sorted: &[f64], fraction: f64) -> f64 {
    let place = fraction * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// The mean absolute deviation of the values from `low` to `high`, from their mean.
fn robust_deviation(sorted: &[f64], low: f64, high: f64) -> f64 {
    let kept: Vec<f64> = sorted.iter().copied().filter(|v| (low..=high).contains(v)).collect();
    let n = kept.len().max(1) as f64;
    let mean = kept.iter().sum::<f64>() / n;
    kept.iter().map(|value| (value - mean).abs()).sum::<f64>() / n
}

pub(crate) fn descriptors() -> Vec<Descriptor> {
    let of = |(name, unit, formula): Named| {
        Descriptor::new(name, Measure::In(unit), formula, "pyradiomics firstorder")
    };
    FIRST_ORDER.map(of).to_vec()
}

/// The names of the values of [`first_order`].
pub const FIRST_ORDER_NAMES: [&str; 19] = names(&FIRST_ORDER);

const FIRST_ORDER: [Named; 19] = [
    ("intensity_minimum", Unit::Intensity, "min v"),
    ("intensity_p10", Unit::Intensity, "10th percentile"),
    ("intensity_p25", Unit::Intensity, "25th percentile"),
    ("intensity_median", Unit::Intensity, "50th percentile"),
    ("intensity_p75", Unit::Intensity, "75th percentile"),
    ("intensity_p90", Unit::Intensity, "90th percentile"),
    ("intensity_maximum", Unit::Intensity, "max v"),
    ("intensity_range", Unit::Intensity, "max v - min v"),
    ("intensity_interquartile_range", Unit::Intensity, "p75 - p25"),
    ("intensity_mean", Unit::Intensity, "mean v"),
    ("intensity_mean_absolute_deviation", Unit::Intensity, "mean |v - m|"),
    (
        "intensity_robust_mean_absolute_deviation",
        Unit::Intensity,
        "mean |v - m| of values from p10 to p90",
    ),
    ("intensity_root_mean_square", Unit::Intensity, "sqrt(mean v^2)"),
    ("intensity_energy", Unit::SquareIntensity, "sum v^2"),
    ("intensity_variance", Unit::SquareIntensity, "mean (v - m)^2"),
    ("intensity_skewness", Unit::One, "m_3 / m_2^(3/2)"),
    ("intensity_kurtosis", Unit::One, "m_4 / m_2^2"),
    ("intensity_entropy", Unit::One, "-sum p log2 p over the histogram"),
    ("intensity_uniformity", Unit::One, "sum p^2 over the histogram"),
];
