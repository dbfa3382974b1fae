//! Bootstrap percentile intervals, of samples or of groups of samples.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, check};

/// How a bootstrap is done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootstrapConfig {
    /// The number of resamples: 1000 by default, what Efron and Tibshirani (1993, section 13.3)
    /// ask for percentile intervals at least.
    #[serde(default = "default_resamples")]
    pub resamples: usize,
    /// The share of resamples between the bounds, in (0, 1): 0.95 by default.
    #[serde(default = "default_level")]
    pub level: f64,
    /// Names the random stream: the same seed gives the same interval.
    pub seed: u64,
}

impl BootstrapConfig {
    /// 1000 resamples at the level 0.95.
    pub fn new(seed: u64) -> Self {
        Self { resamples: default_resamples(), level: default_level(), seed }
    }

    /// Whether the numbers make sense; every function that takes a config asks first.
    ///
    /// # Errors
    /// [`Error::NoResamples`], [`Error::Level`].
    pub fn validate(&self) -> Result<()> {
        if self.resamples == 0 {
            return Err(Error::NoResamples);
        }
        if self.level > 0.0 && self.level < 1.0 {
            Ok(())
        } else {
            Err(Error::Level { level: self.level })
        }
    }
}

fn default_resamples() -> usize {
    1000
}

fn default_level() -> f64 {
    0.95
}

/// An estimate with the bounds of its bootstrap percentile interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The statistic of the samples as they are; `None` where it is undefined.
    pub estimate: Option<f64>,
    /// The lower bound; `None` when there is but one sample (or group) to draw from, or when the
    /// statistic is defined in fewer than a tenth of the resamples.
    pub low: Option<f64>,
    /// The upper bound; `None` when the lower one is.
    pub high: Option<f64>,
    /// The resamples in which the statistic was undefined (such as the TPR of a class that was
    /// not drawn). They are left out: the interval is that of the others.
    pub n_undefined: usize,
}

/// The bootstrap percentile interval of a statistic of `n` samples (Efron 1979).
///
/// `statistic` gets the indices of the samples drawn, with repetitions, and returns `None` (or a
/// number that is not finite) where it is undefined. Without groups `n` samples are drawn with
/// replacement; with groups as many whole groups as there are, each with all its samples, since
/// images of one patient are no independent evidence. The bounds are the quantiles
/// `(1 - level) / 2` and `(1 + level) / 2`, interpolated as NumPy's default does. With fewer than
/// some twenty samples or groups such an interval is too narrow.
///
/// [`intervals`](crate::intervals) does the usual scores in one pass, and faster.
///
/// # Errors
/// [`Error::NoSamples`], [`Error::Length`] unless there is one group a sample, and as
/// [`BootstrapConfig::validate`].
///
/// # Example
/// ```
/// use micrograph_metrics::{BootstrapConfig, bootstrap};
///
/// let lengths = [4.0, 7.0, 5.0, 6.0, 8.0, 6.0, 5.0, 7.0];
/// let mean = |drawn: &[usize]| {
///     Some(drawn.iter().map(|&sample| lengths[sample]).sum::<f64>() / drawn.len() as f64)
/// };
/// let interval = bootstrap(lengths.len(), None, BootstrapConfig::new(7), mean)?;
/// assert_eq!(interval.estimate, Some(6.0));
/// // The standard error is 0.43, hence about 6 - 0.8 and 6 + 0.8.
/// assert!(interval.low.is_some_and(|low| (5.0..5.4).contains(&low)));
/// assert!(interval.high.is_some_and(|high| (6.6..7.0).contains(&high)));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn bootstrap(
    n: usize,
    groups: Option<&[usize]>,
    config: BootstrapConfig,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Result<Interval> {
    let resampler = Resampler::new(n, groups, config)?;
    let mut members = vec![Vec::new(); resampler.n_units];
    for (sample, &unit) in resampler.unit_of.iter().enumerate() {
        members[unit].push(sample);
    }
    let everything: Vec<usize> = (0..n).collect();
    let mut drawn = Vec::with_capacity(n);
    let distribution = resampler.streams().map(|stream| {
        drawn.clear();
        resampler.draw(stream, |unit| drawn.extend_from_slice(&members[unit]));
        statistic(&drawn)
    });
    Ok(resampler.interval(statistic(&everything), distribution))
}

/// Draws resamples: samples, or groups of them, are the units.
pub(crate) struct Resampler {
    unit_of: Vec<usize>,
    n_units: usize,
    config: BootstrapConfig,
}

impl Resampler {
    pub(crate) fn new(n: usize, groups: Option<&[usize]>, config: BootstrapConfig) -> Result<Self> {
        config.validate()?;
        if n == 0 {
            return Err(Error::NoSamples);
        }
        let Some(groups) = groups else {
            return Ok(Self { unit_of: (0..n).collect(), n_units: n, config });
        };
        check::length("groups", n, groups.len())?;
        // In order of appearance: what the groups are called does not matter.
        let mut units = BTreeMap::new();
        let mut unit_of = Vec::with_capacity(n);
        for group in groups {
            let next = units.len();
            unit_of.push(*units.entry(group).or_insert(next));
        }
        Ok(Self { unit_of, n_units: units.len(), config })
    }

    /// One random stream a resample, so that each can be drawn alone.
    pub(crate) fn streams(&self) -> impl Iterator<Item = u64> + use<> {
        (0..).take(self.config.resamples)
    }

    /// Calls `visit` for each unit drawn, as often as it is drawn.
    fn draw(&self, stream: u64, visit: impl FnMut(usize)) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        rng.set_stream(stream);
        (0..self.n_units).map(|_| rng.random_range(0..self.n_units)).for_each(visit);
    }

    /// Fills `times` with how often each sample is drawn; the draws are those of [`bootstrap`].
    pub(crate) fn times(&self, stream: u64, times: &mut Vec<f64>) {
        let mut of_unit = vec![0.0; self.n_units];
        self.draw(stream, |unit| of_unit[unit] += 1.0);
        times.clear();
        times.extend(self.unit_of.iter().map(|&unit| of_unit[unit]));
    }

    /// The interval of a statistic from its values in the resamples.
    pub(crate) fn interval(
        &self,
        estimate: Option<f64>,
        distribution: impl Iterator<Item = Option<f64>>,
    ) -> Interval {
        let is_finite = |value: &f64| value.is_finite();
        let mut values: Vec<f64> = distribution.flatten().filter(is_finite).collect();
        values.sort_by(f64::total_cmp);
        let n_undefined = self.config.resamples - values.len();
        let enough = self.n_units > 1 && values.len() >= self.config.resamples.div_ceil(10);
        let bound = |q| if enough { quantile(&values, q) } else { None };
        Interval {
            estimate: estimate.filter(is_finite),
            low: bound((1.0 - self.config.level) / 2.0),
            high: bound((1.0 + self.config.level) / 2.0),
            n_undefined,
        }
    }
}

/// The quantile `q` of sorted values, linear between them (NumPy's default); `None` for no values.
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let position = q * sorted.len().checked_sub(1)? as f64;
    let below = sorted.get(position.floor() as usize)?;
    let above = sorted.get(position.ceil() as usize)?;
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, 0.025, 0.5, 0.9, 1])
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        let got = [0.0, 0.025, 0.5, 0.9, 1.0].map(|q| quantile(&sorted, q).unwrap());
        micrograph_testkit::assert_close(&got, &[1.0, 1.1, 4.0, 12.8, 16.0], 1e-12, 0.0);
        assert_eq!(quantile(&[3.0], 0.4), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn streams_differ_and_seeds_differ() {
        let times = |seed, stream| {
            let mut times = Vec::new();
            let resampler = Resampler::new(50, None, BootstrapConfig::new(seed)).unwrap();
            resampler.times(stream, &mut times);
            times
        };
        assert_eq!(times(1, 0), times(1, 0));
        assert_ne!(times(1, 0), times(1, 1));
        assert_ne!(times(1, 0), times(2, 0));
        assert_eq!(times(1, 0).iter().sum::<f64>(), 50.0);
    }
}
