//! The table of confusion of one class against all others.

use serde::{Deserialize, Serialize};

/// How often one class was told from the others: a table of confusion (LipNet thesis, Table 3).
///
/// Each score below lies in `[0, 1]` (`phi` in `[-1, 1]`) and is `None` where it is 0/0.
///
/// ```
/// use micrograph_metrics::Counts;
///
/// let counts = Counts { tp: 6.0, fp: 2.0, fn_: 3.0, tn: 9.0 };
/// assert_eq!(counts.tpr(), Some(6.0 / 9.0));
/// assert_eq!(counts.tnr(), Some(9.0 / 11.0));
/// assert_eq!(counts.ppv(), Some(0.75));
/// assert_eq!(counts.npv(), Some(0.75));
/// assert_eq!(counts.f1(), Some(12.0 / 17.0));
/// assert_eq!(Counts::default().f1(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// True positives: of the class, and said to be.
    pub tp: f64,
    /// False positives: of another class, but said to be of this.
    pub fp: f64,
    /// False negatives: of the class, but said to be of another.
    #[serde(rename = "fn")]
    pub fn_: f64,
    /// True negatives: of another class, and said to be of another.
    pub tn: f64,
}

impl Counts {
    /// Counts from the hits of a class and the weights of all that is of it, all that is said to
    /// be of it, and all.
    ///
    /// Differences of sums of fractional weights leave rounding where nothing should be, and
    /// 1e-17/1e-17 would pass for a defined score. What is below 1e-12 of the total is nothing.
    pub(crate) fn from_margins(hits: f64, truth: f64, predicted: f64, total: f64) -> Self {
        let rest = |value: f64| if value <= 1e-12 * total { 0.0 } else { value };
        let fp = rest(predicted - hits);
        let fn_ = rest(truth - hits);
        Self { tp: hits, fp, fn_, tn: rest(total - hits - fp - fn_) }
    }

    /// The number of samples of the class: `tp + fn`.
    pub fn support(&self) -> f64 {
        self.tp + self.fn_
    }

    /// True positive rate, also called sensitivity or recall: `tp / (tp + fn)`.
    ///
    /// `None` when no sample is of the class.
    pub fn tpr(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fn_)
    }

    /// True negative rate, also called specificity: `tn / (tn + fp)`.
    ///
    /// `None` when every sample is of the class.
    pub fn tnr(&self) -> Option<f64> {
        ratio(self.tn, self.tn + self.fp)
    }

    /// Positive predictive value, also called precision: `tp / (tp + fp)`.
    ///
    /// `None` when the class was never predicted.
    pub fn ppv(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fp)
    }

    /// Negative predictive value: `tn / (tn + fn)`.
    ///
    /// `None` when the class was always predicted.
    pub fn npv(&self) -> Option<f64> {
        ratio(self.tn, self.tn + self.fn_)
    }

    /// F1 as usual, the harmonic mean of PPV and TPR: `2 tp / (2 tp + fp + fn)`.
    ///
    /// A class that occurs but was never predicted has 0, as has one that was predicted but does
    /// not occur; `None` when the class neither occurs nor was predicted.
    pub fn f1(&self) -> Option<f64> {
        ratio(2.0 * self.tp, 2.0 * self.tp + self.fp + self.fn_)
    }

    /// Intersection over union, Jaccard's index: `tp / (tp + fp + fn)`.
    ///
    /// Of objects it is what the Data Science Bowl 2018 calls precision. `None` where [`f1`](Self::f1)
    /// is.
    pub fn iou(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fp + self.fn_)
    }

    /// F1 as the LipNet thesis defines it (section 4.6), the harmonic mean of TPR and TNR:
    /// `2 / (1/tpr + 1/tnr)`.
    ///
    /// Unlike [`f1`](Self::f1) it does not depend on how common the class is. 0 when either rate
    /// is 0; `None` when either is undefined.
    pub fn f1_tpr_tnr(&self) -> Option<f64> {
        let (tpr, tnr) = (self.tpr()?, self.tnr()?);
        // Both rates 0 is 2/(1/0 + 1/0) = 0 in the definition, hence no 0/0 here.
        Some(ratio(2.0 * tpr * tnr, tpr + tnr).unwrap_or(0.0))
    }

    /// Phi, the correlation of truth and prediction:
    /// `(tp tn - fp fn) / sqrt((tp + fp) (tp + fn) (tn + fp) (tn + fn))`.
    ///
    /// For two classes both have the same phi, and it is Matthews's correlation coefficient. `None`
    /// when the truth or the prediction is constant; scikit-learn's `matthews_corrcoef` says 0.
    pub fn phi(&self) -> Option<f64> {
        let predicted = (self.tp + self.fp) * (self.tn + self.fn_);
        let truth = (self.tp + self.fn_) * (self.tn + self.fp);
        correlation(self.tp * self.tn - self.fp * self.fn_, predicted * truth)
    }
}

/// `part / whole`, undefined when the whole is nothing.
pub(crate) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// `covariance / sqrt(variances)`, without the rounding that leads out of `[-1, 1]`.
pub(crate) fn correlation(covariance: f64, variances: f64) -> Option<f64> {
    ratio(covariance, variances.sqrt()).map(|value| value.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_without_samples_is_undefined_and_the_others_stand() {
        let all_of_the_class = Counts { tp: 3.0, fn_: 1.0, ..Counts::default() };
        assert_eq!(all_of_the_class.tpr(), Some(0.75));
        assert_eq!(all_of_the_class.tnr(), None);
        assert_eq!(all_of_the_class.f1_tpr_tnr(), None);
        assert_eq!(all_of_the_class.npv(), Some(0.0));
        assert_eq!(all_of_the_class.phi(), None);
    }

    #[test]
    fn never_predicted_has_no_precision_but_an_f1_of_zero() {
        let counts = Counts { fn_: 2.0, tn: 5.0, ..Counts::default() };
        assert_eq!((counts.ppv(), counts.f1(), counts.f1_tpr_tnr()), (None, Some(0.0), Some(0.0)));
    }

    #[test]
    fn all_wrong_has_an_f1_of_zero_and_a_phi_of_minus_one() {
        let counts = Counts { fp: 2.0, fn_: 3.0, ..Counts::default() };
        assert_eq!((counts.f1_tpr_tnr(), counts.phi()), (Some(0.0), Some(-1.0)));
    }

    #[test]
    fn rounding_of_margins_does_not_become_a_count() {
        // 0.1 + 0.2 - 0.3 is 5.6e-17, and there is no negative sample.
        let counts = Counts::from_margins(0.3, 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2);
        assert_eq!(counts, Counts { tp: 0.3, ..Counts::default() });
    }
}
