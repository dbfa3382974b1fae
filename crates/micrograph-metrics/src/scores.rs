//! Scores of a whole confusion matrix.

use serde::{Deserialize, Serialize};

use crate::counts::{correlation, ratio};
use crate::{ConfusionMatrix, Counts, EmptyClass, macro_average};

/// How much a confusion of two classes counts in [`ConfusionMatrix::weighted_kappa`], where the
/// order of the classes is a scale, as in grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KappaWeights {
    /// The distance of the labels, `|i - j|`.
    Linear,
    /// Its square, `(i - j)^2`.
    Quadratic,
}

impl ConfusionMatrix {
    /// The share of samples whose class was predicted; `None` without samples.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.cells().diag().sum(), self.total())
    }

    /// The mean TPR over the classes that occur; `None` without samples.
    ///
    /// As scikit-learn's `balanced_accuracy_score`: a class without samples has no part in it.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        macro_average(self, Counts::tpr, EmptyClass::Undefined).mean
    }

    /// Matthews's correlation coefficient for any number of classes (Gorodkin 2004, R_K):
    /// `(c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2))`, with `c` correct of `s`
    /// samples, `t_k` the samples of class `k` and `p_k` the predictions of it.
    ///
    /// In `[-1, 1]`, 0 for chance. `None` when the truth or the prediction is constant;
    /// scikit-learn's `matthews_corrcoef` says 0 there.
    pub fn mcc(&self) -> Option<f64> {
        let Margins { truth, predicted, total } = self.margins();
        let correct = self.cells().diag().sum();
        let agreed: f64 = truth.iter().zip(&predicted).map(|(t, p)| t * p).sum();
        // s^2 - sum t_k^2 without cancellation, hence exactly 0 where a margin is constant.
        let spread = |margin: &[f64]| {
            let mut before = 0.0;
            let mut sum = 0.0;
            for value in margin {
                sum += 2.0 * before * value;
                before += value;
            }
            sum
        };
        correlation(correct * total - agreed, spread(&truth) * spread(&predicted))
    }

    /// Phi of a matrix of two classes, where it equals [`mcc`](Self::mcc); `None` for any other
    /// number of classes, and where [`Counts::phi`] is.
    pub fn phi(&self) -> Option<f64> {
        if self.n_classes() == 2 { self.counts(1)?.phi() } else { None }
    }

    /// Cohen's kappa (1960): agreement beyond what the margins alone would give,
    /// `(p_o - p_e) / (1 - p_e)`.
    ///
    /// In `[-1, 1]`, 0 for chance. `None` when truth and prediction are one and the same class.
    pub fn kappa(&self) -> Option<f64> {
        self.kappa_by(|truth, predicted| f64::from(u8::from(truth != predicted)))
    }

    /// Kappa with a weight for each confusion (Cohen 1968):
    /// `1 - sum w_ij o_ij / sum w_ij e_ij`, `o` being the matrix and `e_ij = t_i p_j / s`.
    ///
    /// `None` when truth and prediction are one and the same class.
    ///
    /// ```
    /// use micrograph_metrics::{ConfusionMatrix, KappaWeights};
    ///
    /// let grades = ["low", "middle", "high"].map(String::from).to_vec();
    /// let rows = [vec![4.0, 1.0, 0.0], vec![0.0, 3.0, 1.0], vec![1.0, 0.0, 2.0]];
    /// let matrix = ConfusionMatrix::from_rows(grades, &rows)?;
    /// let round = |value: Option<f64>| value.map(|value| (value * 1e4).round() / 1e4);
    /// assert_eq!(round(matrix.kappa()), Some(0.6170));
    /// assert_eq!(round(matrix.weighted_kappa(KappaWeights::Linear)), Some(0.6129));
    /// assert_eq!(round(matrix.weighted_kappa(KappaWeights::Quadratic)), Some(0.6087));
    /// # Ok::<(), micrograph_metrics::Error>(())
    /// ```
    pub fn weighted_kappa(&self, weights: KappaWeights) -> Option<f64> {
        self.kappa_by(|truth, predicted| {
            let distance = truth.abs_diff(predicted) as f64;
            match weights {
                KappaWeights::Linear => distance,
                KappaWeights::Quadratic => distance * distance,
            }
        })
    }

    fn kappa_by(&self, weight: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let Margins { truth, predicted, total } = self.margins();
        let (mut observed, mut expected) = (0.0, 0.0);
        for ((i, j), cell) in self.cells().indexed_iter() {
            observed += weight(i, j) * cell;
            expected += weight(i, j) * truth[i] * predicted[j];
        }
        ratio(observed * total, expected).map(|disagreement| 1.0 - disagreement)
    }

    fn margins(&self) -> Margins {
        let cells = self.cells();
        Margins {
            truth: cells.rows().into_iter().map(|row| row.sum()).collect(),
            predicted: cells.columns().into_iter().map(|column| column.sum()).collect(),
            total: self.total(),
        }
    }
}

/// The sums of the rows, of the columns and of all.
struct Margins {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    total: f64,
}
