//! Classes whose scores are linear in the features.

use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Error, Result};

/// `P(class | x)` as the softmax of `weight . (x - center) + offset`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Linear {
    pub(crate) center: Array1<f64>,
    /// A feature a row, a class that is present a column.
    pub(crate) weights: Array2<f64>,
    pub(crate) offsets: Array1<f64>,
    /// The classes that had samples in fitting, ascending.
    pub(crate) classes: Vec<u32>,
    pub(crate) n_classes: usize,
}

impl Linear {
    pub(crate) fn n_features(&self) -> usize {
        self.center.len()
    }

    /// The score of each class that is present, `(n, classes)`.
    pub(crate) fn scores(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let scores = (&x - &self.center).dot(&self.weights) + &self.offsets;
        match scores.indexed_iter().find(|(_, score)| !score.is_finite()) {
            Some(((sample, _), _)) => Err(Error::Overflow { sample }),
            None => Ok(scores),
        }
    }

    pub(crate) fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut probabilities = Array2::zeros((x.nrows(), self.n_classes));
        for (scores, mut row) in self.scores(x)?.outer_iter().zip(probabilities.outer_iter_mut()) {
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
            for (&class, score) in self.classes.iter().zip(scores) {
                row[class as usize] = (score - highest).exp() / sum;
            }
        }
        Ok(probabilities)
    }

    /// The class of the highest score: probabilities may be so close to 1 that they are equal.
    pub(crate) fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        let best = |scores: ndarray::ArrayView1<'_, f64>| {
            self.classes[crate::classifier::first_largest(scores.iter()) as usize]
        };
        Ok(self.scores(x)?.outer_iter().map(best).collect())
    }

    /// Refuses what does not fit together.
    pub(crate) fn check(&self, saved: Saved) -> Result<()> {
        saved.classes(&self.classes, self.n_classes)?;
        saved.must(!self.center.is_empty(), "at least one feature")?;
        let (d, k) = (self.center.len(), self.classes.len());
        let fits = self.weights.dim() == (d, k) && self.offsets.len() == k;
        saved.must(fits, "a weight for each feature and class, and an offset for each class")?;
        saved.finite(self.center.iter().chain(&self.weights).chain(&self.offsets))
    }
}
