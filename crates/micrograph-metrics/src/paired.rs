//! Intervals of the differences between classifiers on the same samples.

use serde::{Deserialize, Serialize};

use crate::bootstrap::{BootstrapConfig, Resampler};
use crate::intervals::{Intervals, assemble};
use crate::summaries::Summaries;
use crate::{Error, Result, Scored};

/// Intervals of several classifiers on the same samples, and of their differences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedIntervals {
    /// The intervals of each classifier, in the order given: those of
    /// [`intervals`](crate::intervals).
    pub each: Vec<Intervals>,
    /// Every two of them, `(0, 1), (0, 2), ..., (1, 2), ...`.
    pub pairs: Vec<PairedDifference>,
}

/// How far two classifiers are apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedDifference {
    /// The position of the first classifier.
    pub first: usize,
    /// The position of the second.
    pub second: usize,
    /// Of each score of the first *minus* that of the second, in `[-1, 1]`; an estimate or a
    /// resample in which either is undefined is so too.
    pub difference: Intervals,
}

/// Bootstrap percentile intervals of each classifier and of the difference of any two, all from
/// the same resamples, clustered by group where [`Scored::groups`] are given.
///
/// The difference is taken within each resample, so that what makes a resample hard for both
/// cancels: two classifiers whose own intervals overlap may well differ for certain. A difference
/// is more than chance at the level of the interval when 0 lies outside. The scores are those of
/// [`intervals`](crate::intervals); the difference of any other score is had from
/// [`bootstrap`](crate::bootstrap) by a statistic that takes it.
///
/// # Errors
/// [`Error::NoModels`]; [`Error::NotPaired`] unless classes, true labels, weights and groups are
/// the same for all; and as [`intervals`](crate::intervals).
///
/// # Source
/// Efron and Tibshirani (1993), chapters 8 and 13; as `scipy.stats.bootstrap(paired=True)`.
///
/// # Example
/// ```
/// use micrograph_metrics::{BootstrapConfig, Scored, paired_intervals};
/// use ndarray::array;
///
/// let classes = ["empty", "full"].map(String::from);
/// let truth = [0, 0, 1, 1];
/// let good = array![[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]];
/// let poor = array![[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.6, 0.4]];
/// let scored = [good.view(), poor.view()].map(|p| Scored::new(&classes, &truth, p));
/// let paired = paired_intervals(&scored, BootstrapConfig::new(1))?;
///
/// let accuracy = paired.pairs[0].difference.accuracy;
/// assert_eq!(accuracy.estimate, Some(0.25)); // 3/4 - 2/4
/// assert_eq!(accuracy.low, Some(0.0)); // the second sample, the only one to tell, not drawn
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn paired_intervals(scored: &[Scored<'_>], config: BootstrapConfig) -> Result<PairedIntervals> {
    let reference = scored.first().ok_or(Error::NoModels)?;
    for (index, other) in scored.iter().enumerate() {
        other.validate()?;
        if let Some(what) = first_difference(reference, other) {
            return Err(Error::NotPaired { what, index });
        }
    }
    let resampler = Resampler::new(reference.truth.len(), reference.groups, config)?;
    let models: Vec<Summaries> =
        scored.iter().map(|scored| Summaries::new(scored, &resampler)).collect();
    let each = models.iter().map(|model| {
        assemble(reference.classes, |score| {
            resampler.interval(score(&model.full), model.resamples.iter().map(score))
        })
    });
    let difference = |first: usize, second: usize| {
        let (a, b) = (&models[first], &models[second]);
        assemble(reference.classes, |score| {
            let minus = |(a, b)| Some(score(a)? - score(b)?);
            let resamples = a.resamples.iter().zip(&b.resamples).map(minus);
            resampler.interval(minus((&a.full, &b.full)), resamples)
        })
    };
    let pairs = pairs(models.len());
    let pairs = pairs.map(|(first, second)| PairedDifference {
        first,
        second,
        difference: difference(first, second),
    });
    Ok(PairedIntervals { each: each.collect(), pairs: pairs.collect() })
}

/// Every two of `n`, each once.
pub(crate) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |first| (first + 1..n).map(move |second| (first, second)))
}

/// What of the samples differs.
fn first_difference(a: &Scored<'_>, b: &Scored<'_>) -> Option<&'static str> {
    let same = [
        ("classes", a.classes == b.classes),
        ("true labels", a.truth == b.truth),
        ("weights", a.weights == b.weights),
        ("groups", a.groups == b.groups),
    ];
    same.into_iter().find_map(|(what, same)| (!same).then_some(what))
}
