//! Decisions by least expected cost.

use crate::{Error, Result};

/// What each decision costs: `cost(truth, predicted)`.
///
/// Rows are the true classes, columns the predicted ones, as in a confusion matrix.
/// Serialized as its rows, and checked when read.
///
/// # Source
/// Elkan, "The foundations of cost-sensitive learning" (2001).
///
/// # Example
/// ```
/// use micrograph_sampling::CostMatrix;
///
/// // To miss the rare class 1 costs ten times a false alarm.
/// let costs = CostMatrix::new(vec![vec![0.0, 1.0], vec![10.0, 0.0]])?;
/// assert_eq!(costs.decide(&[0.95, 0.05]), 0); // expected costs 0.5 and 0.95
/// assert_eq!(costs.decide(&[0.85, 0.15]), 1); // expected costs 1.5 and 0.85
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")]
pub struct CostMatrix {
    rows: Vec<Vec<f64>>,
}

impl CostMatrix {
    /// Checks the costs: a square matrix of finite numbers of at least 0, in which the right
    /// decision costs least in each row.
    ///
    /// # Errors
    /// [`Error::CostShape`] and [`Error::Cost`].
    pub fn new(rows: Vec<Vec<f64>>) -> Result<Self> {
        let n_classes = rows.len();
        for (truth, costs) in rows.iter().enumerate() {
            if costs.len() != n_classes {
                return Err(Error::CostShape { row: truth, columns: costs.len(), n_classes });
            }
            for (predicted, &cost) in costs.iter().enumerate() {
                if !(cost.is_finite() && cost >= 0.0) {
                    let expected = "a finite number of at least 0";
                    return Err(Error::Cost { truth, predicted, cost, expected });
                }
                if predicted != truth && cost <= costs[truth] {
                    let expected = "more than the cost of the right decision";
                    return Err(Error::Cost { truth, predicted, cost, expected });
                }
            }
        }
        Ok(Self { rows })
    }

    /// Every error costs 1: the decision is the most probable class.
    pub fn uniform(n_classes: usize) -> Self {
        let cost = |truth, predicted| if truth == predicted { 0.0 } else { 1.0 };
        let row = |truth| (0..n_classes).map(|predicted| cost(truth, predicted)).collect();
        Self { rows: (0..n_classes).map(row).collect() }
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.rows.len()
    }

    /// The cost of predicting `predicted` where `truth` is right, or `None` for no such classes.
    pub fn cost(&self, truth: usize, predicted: usize) -> Option<f64> {
        self.rows.get(truth)?.get(predicted).copied()
    }

    /// The class of least expected cost, `argmin over j of sum over i of p_i * cost(i, j)`.
    ///
    /// The first of equals wins. `probabilities` has one entry a class: missing ones count as 0,
    /// further ones are ignored.
    pub fn decide(&self, probabilities: &[f64]) -> usize {
        let expected = |predicted: usize| -> f64 {
            self.rows.iter().zip(probabilities).map(|(costs, p)| p * costs[predicted]).sum()
        };
        let by_cost = |&a: &usize, &b: &usize| expected(a).total_cmp(&expected(b));
        (0..self.rows.len()).min_by(by_cost).unwrap_or(0)
    }

    /// Weights for a loss that knows no matrix: what a class loses by errors, scaled to a mean of 1.
    ///
    /// `w_i = k * s_i / (s_1 + ... + s_k)` with `s_i = sum over j of (cost(i, j) - cost(i, i))` and
    /// `k` classes. A classifier trained with them then predicts the most probable class: its
    /// probabilities are those of a population in which class `i` is `w_i` times as frequent, and
    /// deciding by [`decide`](Self::decide) on top would count the costs twice.
    ///
    /// Exact for two classes; for more, an approximation, since a weight cannot tell for which other
    /// class a sample is taken.
    ///
    /// # Source
    /// Breiman et al., "Classification and Regression Trees" (1984), section 4.4; for networks Zhou
    /// and Liu, "Training cost-sensitive neural networks" (2006). There a right decision costs
    /// nothing; where it does, only the difference counts (Elkan 2001, section 1.2).
    ///
    /// # Example
    /// ```
    /// use micrograph_sampling::CostMatrix;
    ///
    /// let costs = CostMatrix::new(vec![vec![0.0, 1.0], vec![3.0, 0.0]])?;
    /// assert_eq!(costs.class_weights(), [0.5, 1.5]);
    /// // An examination that costs 2 in any case changes no decision.
    /// let costs = CostMatrix::new(vec![vec![2.0, 3.0], vec![5.0, 2.0]])?;
    /// assert_eq!(costs.class_weights(), [0.5, 1.5]);
    /// # Ok::<(), micrograph_sampling::Error>(())
    /// ```
    pub fn class_weights(&self) -> Vec<f64> {
        let lost = |(truth, costs): (usize, &Vec<f64>)| -> f64 {
            costs.iter().map(|cost| cost - costs[truth]).sum()
        };
        let sums: Vec<f64> = self.rows.iter().enumerate().map(lost).collect();
        let mean = sums.iter().sum::<f64>() / sums.len() as f64;
        sums.iter().map(|sum| if mean > 0.0 { sum / mean } else { 1.0 }).collect()
    }
}

impl TryFrom<Vec<Vec<f64>>> for CostMatrix {
    type Error = Error;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self> {
        Self::new(rows)
    }
}

impl From<CostMatrix> for Vec<Vec<f64>> {
    fn from(costs: CostMatrix) -> Self {
        costs.rows
    }
}
