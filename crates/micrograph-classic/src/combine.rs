//! One matrix of probabilities from those of several classifiers.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::classifier::first_largest;
use crate::{Error, Result};

/// How the probabilities of several classifiers become those of one.
///
/// # Source
/// scikit-learn's `VotingClassifier`, `voting="soft"` with and without weights, and `"hard"`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Combination {
    /// The mean.
    #[default]
    Mean,
    /// The mean with a weight for each classifier, from 0; they need not sum to 1.
    Weighted(Vec<f64>),
    /// The share of classifiers for which a class is the most probable, the first of equals.
    Vote,
}

impl Combination {
    /// The probabilities, `(n, k)`, of classifiers with `members`, each `(n, k)`.
    ///
    /// # Errors
    /// [`Error::Ensemble`] when there is no member, their shapes differ, or weights are not a
    /// number from 0 for each, with one above 0; [`Error::NotFinite`].
    ///
    /// # Example
    /// ```
    /// use micrograph_classic::Combination;
    /// use ndarray::array;
    ///
    /// let (a, b) = (array![[0.75, 0.25]], array![[0.25, 0.75]]);
    /// let members = [a.view(), b.view(), b.view()];
    /// assert_eq!(Combination::Vote.combine(&members)?[[0, 1]], 2.0 / 3.0);
    /// let weighted = Combination::Weighted(vec![2.0, 1.0, 1.0]).combine(&members)?;
    /// assert_eq!(weighted, array![[0.5, 0.5]]);
    /// # Ok::<(), micrograph_classic::Error>(())
    /// ```
    pub fn combine(&self, members: &[ArrayView2<'_, f64>]) -> Result<Array2<f64>> {
        let Some(first) = members.first() else {
            return Err(Error::Ensemble { expected: "at least one classifier" });
        };
        if members.iter().any(|member| member.dim() != first.dim()) {
            let expected = "probabilities of the same samples and classes from all classifiers";
            return Err(Error::Ensemble { expected });
        }
        for member in members {
            crate::samples::check_features(*member, first.ncols())?;
        }
        let weights = self.weights(members.len())?;
        let mut sums = Array2::zeros(first.dim());
        for (member, &weight) in members.iter().zip(&weights) {
            for (mut sums, row) in sums.outer_iter_mut().zip(member.outer_iter()) {
                match self {
                    Self::Vote if row.is_empty() => {}
                    Self::Vote => sums[first_largest(row.iter()) as usize] += 1.0,
                    Self::Mean | Self::Weighted(_) => sums.scaled_add(weight, &row),
                }
            }
        }
        Ok(sums / weights.iter().sum::<f64>())
    }

    fn weights(&self, members: usize) -> Result<Vec<f64>> {
        let Self::Weighted(weights) = self else { return Ok(vec![1.0; members]) };
        let good = weights.iter().all(|weight| (0.0..=1e100).contains(weight));
        if good && weights.len() == members && weights.iter().any(|&weight| weight > 1e-100) {
            return Ok(weights.clone());
        }
        let expected = "a weight from 0 to 1e100 for each classifier, one of them above 0";
        Err(Error::Ensemble { expected })
    }
}
