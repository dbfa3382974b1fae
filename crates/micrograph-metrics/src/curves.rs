//! ROC and precision-recall curves of a score, and the areas under them.

use serde::{Deserialize, Serialize};

use crate::ranking::{Areas, Ranking, Run};
use crate::{Error, Result, check};

/// A receiver operating characteristic: the rates at each threshold, from the strictest down.
///
/// The first point is (0, 0), where nothing is called positive; then one point a distinct score,
/// the last of which is (1, 1). As scikit-learn's `roc_curve(drop_intermediate=False)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocCurve {
    /// The points, of falling threshold and of rising rates.
    pub points: Vec<RocPoint>,
}

/// One point of a [`RocCurve`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocPoint {
    /// Samples with this score or a higher one are called positive; `None`: no sample is.
    pub threshold: Option<f64>,
    /// False positive rate, `1 - tnr`.
    pub fpr: f64,
    /// True positive rate.
    pub tpr: f64,
}

/// Precision against recall at each threshold, from the strictest down.
///
/// The first point is recall 0, precision 1 by convention; then one point a distinct score, the
/// last of which has recall 1. The points of scikit-learn's `precision_recall_curve`, which lists
/// them in the opposite order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrCurve {
    /// The points, of falling threshold and of rising recall.
    pub points: Vec<PrPoint>,
}

/// One point of a [`PrCurve`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrPoint {
    /// Samples with this score or a higher one are called positive; `None`: no sample is.
    pub threshold: Option<f64>,
    /// True positive rate.
    pub recall: f64,
    /// Positive predictive value.
    pub precision: f64,
}

/// The ROC curve of a score that should be high where `positive` is true.
///
/// Equal scores fall on one side of any threshold together, so they make one point; samples of
/// weight 0 make none.
///
/// # Errors
/// [`Error::NoSamples`]; [`Error::Length`] for slices of different lengths, [`Error::Score`] for a
/// score that is not finite, [`Error::Weight`] and [`Error::WeightSum`]; [`Error::OneOutcome`]
/// unless there are positive and negative samples.
///
/// # Example
/// ```
/// use micrograph_metrics::roc_curve;
///
/// let curve = roc_curve(&[true, false, true, false], &[0.9, 0.8, 0.8, 0.1], None)?;
/// let points: Vec<_> = curve.points.iter().map(|p| (p.threshold, p.fpr, p.tpr)).collect();
/// assert_eq!(
///     points,
///     [(None, 0.0, 0.0), (Some(0.9), 0.0, 0.5), (Some(0.8), 0.5, 1.0), (Some(0.1), 1.0, 1.0)]
/// );
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn roc_curve(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<RocCurve> {
    let steps = steps(positive, score, weights)?;
    let (p, n) = totals(&steps);
    if p == 0.0 || n == 0.0 {
        return Err(Error::OneOutcome { curve: "ROC", positive: p, negative: n });
    }
    let start = RocPoint { threshold: None, fpr: 0.0, tpr: 0.0 };
    let points = steps.iter().map(|step| RocPoint {
        threshold: Some(step.score),
        fpr: step.negative / n,
        tpr: step.positive / p,
    });
    Ok(RocCurve { points: std::iter::once(start).chain(points).collect() })
}

/// The precision-recall curve of a score that should be high where `positive` is true.
///
/// Equal scores make one point, samples of weight 0 none.
///
/// # Errors
/// As [`roc_curve`], but no negative samples are needed.
///
/// # Example
/// ```
/// use micrograph_metrics::pr_curve;
///
/// let curve = pr_curve(&[true, false, true, false], &[0.9, 0.8, 0.8, 0.1], None)?;
/// let points: Vec<_> = curve.points.iter().map(|p| (p.recall, p.precision)).collect();
/// assert_eq!(points, [(0.0, 1.0), (0.5, 1.0), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn pr_curve(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<PrCurve> {
    let steps = steps(positive, score, weights)?;
    let (p, n) = totals(&steps);
    if p == 0.0 {
        return Err(Error::OneOutcome { curve: "precision-recall", positive: p, negative: n });
    }
    let start = PrPoint { threshold: None, recall: 0.0, precision: 1.0 };
    let points = steps.iter().map(|step| PrPoint {
        threshold: Some(step.score),
        recall: step.positive / p,
        precision: step.positive / (step.positive + step.negative),
    });
    Ok(PrCurve { points: std::iter::once(start).chain(points).collect() })
}

/// The area under the ROC curve: the probability that a positive sample scores higher than a
/// negative one, a tie counting one half (the trapezoidal area).
///
/// `None` unless there are positive and negative samples.
///
/// # Errors
/// As [`roc_curve`], but for [`Error::OneOutcome`].
///
/// # Example
/// ```
/// use micrograph_metrics::auroc;
///
/// // Of four pairs three are ranked right and one is tied.
/// let area = auroc(&[true, false, true, false], &[0.9, 0.8, 0.8, 0.1], None)?;
/// assert_eq!(area, Some(0.875));
/// assert_eq!(auroc(&[true, true], &[0.9, 0.8], None)?, None);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn auroc(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    Ok(areas(positive, score, weights)?.auroc)
}

/// Average precision: `sum (R_i - R_(i-1)) P_i` over the thresholds, with recall `R` and precision
/// `P`, the area under the precision-recall curve as a staircase.
///
/// As scikit-learn's `average_precision_score`; the trapezoidal area would be too large, since
/// precision does not vary linearly between points. `None` without positive samples, where
/// scikit-learn says 0.
///
/// # Errors
/// As [`roc_curve`], but for [`Error::OneOutcome`].
///
/// # Example
/// ```
/// use micrograph_metrics::average_precision;
///
/// let area = average_precision(&[true, false, true, false], &[0.9, 0.8, 0.8, 0.1], None)?;
/// assert_eq!(area, Some(0.5 * 1.0 + 0.5 * 2.0 / 3.0));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn average_precision(
    positive: &[bool],
    score: &[f64],
    weights: Option<&[f64]>,
) -> Result<Option<f64>> {
    Ok(areas(positive, score, weights)?.average_precision)
}

fn areas(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<Areas> {
    let ranking = ranking(positive, score, weights)?;
    Ok(ranking.areas(|index| check::weight_of(weights, index)))
}

/// The runs of equal scores with the weights of all that scored as high or higher.
fn steps(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<Vec<Run>> {
    let ranking = ranking(positive, score, weights)?;
    let mut steps: Vec<Run> = ranking.runs(|index| check::weight_of(weights, index)).collect();
    for step in 1..steps.len() {
        steps[step].positive += steps[step - 1].positive;
        steps[step].negative += steps[step - 1].negative;
    }
    Ok(steps)
}

fn totals(steps: &[Run]) -> (f64, f64) {
    steps.last().map_or((0.0, 0.0), |all| (all.positive, all.negative))
}

fn ranking(positive: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<Ranking> {
    if positive.is_empty() {
        return Err(Error::NoSamples);
    }
    check::length("scores", positive.len(), score.len())?;
    check::weights(weights, positive.len())?;
    if let Some(index) = score.iter().position(|score| !score.is_finite()) {
        return Err(Error::Score { index, value: score[index] });
    }
    Ok(Ranking::new(score.iter().copied(), |index| positive[index]))
}
