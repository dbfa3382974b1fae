//! McNemar's test of two classifiers on the same samples.

use serde::{Deserialize, Serialize};

use crate::distributions::{chi_squared_tail, fair_coin_tail};
use crate::{Result, check};

/// The fewest samples with exactly one right answer from which on [`McNemarMethod::Automatic`]
/// trusts the chi-squared approximation.
const ENOUGH_FOR_CHI_SQUARED: usize = 25;

/// How the p value of McNemar's test is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum McNemarMethod {
    /// Exact for fewer than 25 samples on which exactly one is right, chi-squared from there on,
    /// where the approximation is good (Fleiss, Levin and Paik 2003, section 13.1).
    #[default]
    Automatic,
    /// The binomial test of `b` heads in `b + c` tosses of a fair coin, two-sided:
    /// `min(1, 2 P(X <= min(b, c)))`.
    Exact,
    /// `max(|b - c| - 1, 0)^2 / (b + c)` against chi-squared of one degree of freedom, with the
    /// continuity correction of Edwards (1948).
    ChiSquared,
}

/// The outcome of McNemar's test (1947).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McNemar {
    /// Samples that both classify rightly.
    pub both_right: usize,
    /// `b`: samples that the first alone classifies rightly.
    pub only_first: usize,
    /// `c`: samples that the second alone classifies rightly.
    pub only_second: usize,
    /// Samples that neither classifies rightly.
    pub both_wrong: usize,
    /// [`McNemarMethod::Exact`] or [`McNemarMethod::ChiSquared`], whichever was used.
    pub method: McNemarMethod,
    /// The chi-squared statistic; `None` for the exact test, which has none, and for `b + c = 0`.
    pub statistic: Option<f64>,
    /// The chance of a difference at least as large, were the two equally often right; `None`
    /// only for the chi-squared test of `b + c = 0`. The exact test says 1 there.
    pub p_value: Option<f64>,
}

/// Whether one of two classifiers is right more often than the other, beyond chance.
///
/// Only the samples on which exactly one of them is right tell: `b` for the first, `c` for the
/// second. Were both equally often right, each of the `b + c` would fall to either side like a
/// fair coin. [`McNemarMethod`] says how the p value comes about.
///
/// The test compares *accuracies*: where one class is 97 % of the samples, it compares how the two
/// do on that class. It takes samples to be independent; where several come from one patient the
/// p value is too small, and [`paired_intervals`](crate::paired_intervals) by group is the one to
/// read. Of a cross-validation it ignores that folds share training samples (Dietterich 1998,
/// section 3.1, finds its error of the first kind low nonetheless).
///
/// # Errors
/// [`Error::NoSamples`](crate::Error::NoSamples), and [`Error::Length`](crate::Error::Length)
/// unless both have one prediction a sample.
///
/// # Source
/// McNemar, Psychometrika 12 (1947); as statsmodels's `mcnemar`, but for `b = c`, where its
/// corrected statistic is `1 / (b + c)` and this one 0, as R's.
///
/// # Example
/// ```
/// use micrograph_metrics::{McNemarMethod, mcnemar};
///
/// // Of 12 samples both get 2, the first alone 8, the second alone 1, neither 1.
/// let truth = [0; 12];
/// let first = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
/// let second = [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1];
/// let test = mcnemar(&truth, &first, &second, McNemarMethod::Automatic)?;
/// assert_eq!((test.only_first, test.only_second), (8, 1));
/// assert_eq!(test.method, McNemarMethod::Exact);
/// // 2 (C(9, 0) + C(9, 1)) / 2^9 = 20 / 512
/// assert!((test.p_value.unwrap() - 0.0390625).abs() < 1e-12);
///
/// let approximate = mcnemar(&truth, &first, &second, McNemarMethod::ChiSquared)?;
/// assert_eq!(approximate.statistic, Some(4.0)); // (8 - 1 - 1)^2 / 9
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn mcnemar(
    truth: &[u32],
    first: &[u32],
    second: &[u32],
    method: McNemarMethod,
) -> Result<McNemar> {
    check::any_samples(truth.len())?;
    check::length("predictions of the first classifier", truth.len(), first.len())?;
    check::length("predictions of the second classifier", truth.len(), second.len())?;
    let mut agreement = [[0_usize; 2]; 2]; // first right, second right
    for ((truth, first), second) in truth.iter().zip(first).zip(second) {
        agreement[usize::from(first == truth)][usize::from(second == truth)] += 1;
    }
    let [[both_wrong, only_second], [only_first, both_right]] = agreement;
    let discordant = only_first + only_second;
    let method = match method {
        McNemarMethod::Automatic if discordant < ENOUGH_FOR_CHI_SQUARED => McNemarMethod::Exact,
        McNemarMethod::Automatic => McNemarMethod::ChiSquared,
        chosen => chosen,
    };
    let (statistic, p_value) = match method {
        McNemarMethod::ChiSquared => {
            let beyond = only_first.abs_diff(only_second).saturating_sub(1) as f64;
            let statistic = (discordant > 0).then(|| beyond * beyond / discordant as f64);
            (statistic, statistic.map(chi_squared_tail))
        }
        _ => {
            let tail = fair_coin_tail(only_first.min(only_second), discordant);
            (None, Some((2.0 * tail).min(1.0)))
        }
    };
    Ok(McNemar { both_right, only_first, only_second, both_wrong, method, statistic, p_value })
}
