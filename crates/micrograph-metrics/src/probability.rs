//! Scores of the probabilities themselves, and the decision they lead to.

use ndarray::ArrayView2;

use crate::scored::outcomes;
use crate::{Result, check};

/// The most probable class of each sample, the first of equals (as NumPy's `argmax`).
///
/// `probabilities` is `(n, k)` with at least one column; logits give the same labels. NaN is never
/// the largest.
///
/// ```
/// use micrograph_metrics::predicted;
///
/// let probabilities = ndarray::array![[0.2, 0.8], [0.5, 0.5]];
/// assert_eq!(predicted(probabilities.view()), [1, 0]);
/// ```
pub fn predicted(probabilities: ArrayView2<'_, f64>) -> Vec<u32> {
    let largest = |row: ndarray::ArrayView1<'_, f64>| {
        let mut best = (0, f64::NEG_INFINITY);
        for (label, &value) in (0..).zip(row) {
            if value > best.1 {
                best = (label, value);
            }
        }
        best.0
    };
    probabilities.rows().into_iter().map(largest).collect()
}

/// The mean of `-ln p`, where `p` is the probability given to the true class; in nats, weighted.
///
/// Probabilities are first clipped to `[e, 1 - e]`, `e = 2.220446049250313e-16`, as scikit-learn's
/// `log_loss` does in `f64`: a class ruled out with certainty costs 36.04 nats, not infinitely
/// many. (For `f32` arrays scikit-learn clips at 1.19e-7, so that it costs 15.94.)
///
/// # Errors
/// As [`Scored::validate`](crate::Scored::validate), the number of classes being that of the columns.
///
/// # Example
/// ```
/// use micrograph_metrics::log_loss;
///
/// let probabilities = ndarray::array![[0.5, 0.5], [0.75, 0.25]];
/// let loss = log_loss(&[0, 1], probabilities.view(), None)?;
/// assert_eq!(loss, (2_f64.ln() + 4_f64.ln()) / 2.0);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn log_loss(
    truth: &[u32],
    probabilities: ArrayView2<'_, f64>,
    weights: Option<&[f64]>,
) -> Result<f64> {
    outcomes(truth, probabilities, weights)?;
    Ok(weighted_mean(truth.len(), weights, |sample| {
        let probability = probabilities[(sample, truth[sample] as usize)];
        -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    }))
}

/// The Brier score: the mean squared distance of the probabilities from the truth; weighted.
///
/// For two classes the mean of `(p_1 - y)^2`, in `[0, 1]`; for more the mean of
/// `sum_k (p_k - y_k)^2` with `y_k` = 1 for the true class and else 0, in `[0, 2]` (Brier 1950).
/// As scikit-learn's `brier_score_loss(scale_by_half="auto")`.
///
/// # Errors
/// As [`log_loss`].
///
/// # Example
/// ```
/// use micrograph_metrics::brier;
///
/// let two = ndarray::array![[0.5, 0.5], [0.75, 0.25]];
/// assert_eq!(brier(&[0, 1], two.view(), None)?, (0.25 + 0.5625) / 2.0);
/// let three = ndarray::array![[0.5, 0.25, 0.25]];
/// assert_eq!(brier(&[0], three.view(), None)?, 0.25 + 0.0625 + 0.0625);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn brier(
    truth: &[u32],
    probabilities: ArrayView2<'_, f64>,
    weights: Option<&[f64]>,
) -> Result<f64> {
    outcomes(truth, probabilities, weights)?;
    let scale = if probabilities.ncols() < 3 { 0.5 } else { 1.0 };
    Ok(weighted_mean(truth.len(), weights, |sample| {
        let squares = probabilities.row(sample).into_iter().enumerate().map(|(class, p)| {
            let y = f64::from(u8::from(class == truth[sample] as usize));
            (p - y) * (p - y)
        });
        scale * squares.sum::<f64>()
    }))
}

/// The weighted mean of a value of each sample; the weights have been checked.
fn weighted_mean(n: usize, weights: Option<&[f64]>, value: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for sample in 0..n {
        let weight = check::weight_of(weights, sample);
        sum += weight * value(sample);
        total += weight;
    }
    sum / total
}
