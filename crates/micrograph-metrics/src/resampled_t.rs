//! The t test over folds, corrected for the training samples that folds share.

use serde::{Deserialize, Serialize};

use crate::distributions::student_two_sided;
use crate::{Error, Result};

/// The outcome of the corrected resampled t test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResampledT {
    /// The mean of the differences.
    pub mean: f64,
    /// Its corrected standard error, `sqrt((1/J + n_test / n_train) s^2)`.
    pub standard_error: f64,
    /// `J - 1`.
    pub degrees_of_freedom: usize,
    /// `mean / standard_error`; `None` where all differences are the same, so that nothing says
    /// how they scatter.
    pub statistic: Option<f64>,
    /// The two-sided p value; `None` where the statistic is.
    pub p_value: Option<f64>,
}

/// Whether the scores of two classifiers differ over the `J` folds (or repeated splits) by more
/// than their scatter explains.
///
/// `differences` are the scores of the first minus those of the second, fold by fold, each pair
/// trained and tested on the same samples; `test_to_train` is the number of test samples of a
/// split by that of its training samples, `1 / (k - 1)` for k folds. With `s^2` the variance of
/// the differences (divided by `J - 1`),
///
/// `t = mean / sqrt((1/J + n_test / n_train) s^2)`, with `J - 1` degrees of freedom.
///
/// The plain paired t test has `1/J` alone: it takes folds to be independent, although any two
/// share most of their training samples, and finds differences where there are none. With
/// `test_to_train` 0 this is that test.
///
/// # Errors
/// [`Error::FewFolds`] for fewer than two differences, [`Error::Score`] for one that is infinite
/// or NaN, [`Error::TestToTrain`] for a ratio that is negative, infinite or NaN.
///
/// # Source
/// Nadeau and Bengio, Machine Learning 52 (2003), section 5.2; for k folds Bouckaert and Frank
/// (2004). As in scikit-learn's example "Statistical comparison of models using grid search".
///
/// # Example
/// ```
/// use micrograph_metrics::corrected_resampled_t;
///
/// // Five folds: mean 0.02, variance 0.00025; sqrt((1/5 + 1/4) 0.00025) = 0.0106.
/// let test = corrected_resampled_t(&[0.01, 0.03, 0.00, 0.04, 0.02], 0.25)?;
/// assert!((test.standard_error - 0.010607).abs() < 1e-6);
/// assert!((test.statistic.unwrap() - 1.885618).abs() < 1e-6);
/// assert!((test.p_value.unwrap() - 0.132419).abs() < 1e-6);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn corrected_resampled_t(differences: &[f64], test_to_train: f64) -> Result<ResampledT> {
    let n_folds = differences.len();
    if n_folds < 2 {
        return Err(Error::FewFolds { got: n_folds });
    }
    if let Some(index) = differences.iter().position(|value| !value.is_finite()) {
        return Err(Error::Score { index, value: differences[index] });
    }
    if !(test_to_train.is_finite() && test_to_train >= 0.0) {
        return Err(Error::TestToTrain { value: test_to_train });
    }
    let n = n_folds as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|value| (value - mean).powi(2)).sum();
    // Differences of scores that are equal but for their rounding must not become a scatter.
    let greatest = differences.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
    let low = differences.iter().copied().fold(f64::INFINITY, f64::min);
    let high = differences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let all_equal = high - low <= 8.0 * f64::EPSILON * greatest;
    let variance = if all_equal { 0.0 } else { squares / (n - 1.0) };
    let standard_error = ((1.0 / n + test_to_train) * variance).sqrt();
    let statistic = (standard_error > 0.0).then(|| mean / standard_error);
    Ok(ResampledT {
        mean,
        standard_error,
        degrees_of_freedom: n_folds - 1,
        statistic,
        p_value: statistic.map(|t| student_two_sided(t, n - 1.0)),
    })
}
