//! Classes whose scores are linear in the features.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::classifier::first_largest;
use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Classifier, Error, Result};

/// A fitted [`Lda`](crate::Lda), [`Logistic`](crate::Logistic) regression or
/// [`NearestCentroid`](crate::NearestCentroid): `P(class | x)` is the softmax of
/// `weight . (x - center) + offset`.
///
/// [`predict`](Classifier::predict) takes the class of the highest score: probabilities may be so
/// close to 1 that they are equal.
///
/// # Errors
/// Besides those of [`Classifier`]: [`Error::Overflow`] where a score is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct LinearModel(Parts);

/// What a linear classifier consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parts {
    pub(crate) center: Array1<f64>,
    /// A feature a row, a class that is present a column.
    pub(crate) weights: Array2<f64>,
    pub(crate) offsets: Array1<f64>,
    /// The classes that had samples in fitting, ascending.
    pub(crate) classes: Vec<u32>,
    pub(crate) n_classes: usize,
}

impl TryFrom<Parts> for LinearModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("linear classifier");
        let Parts { center, weights, offsets, classes, n_classes } = &parts;
        saved.classes(classes, *n_classes)?;
        saved.must(!center.is_empty(), "at least one feature")?;
        let (d, k) = (center.len(), classes.len());
        let fits = weights.dim() == (d, k) && offsets.len() == k;
        saved.must(fits, "a weight for each feature and class, and an offset for each class")?;
        saved.finite(center.iter().chain(weights).chain(offsets))?;
        Ok(Self(parts))
    }
}

impl LinearModel {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// What each feature adds to the score of each class that had samples, `(d, classes)`; of
    /// logistic regression of two classes, zeros for the first.
    pub fn weights(&self) -> ArrayView2<'_, f64> {
        self.0.weights.view()
    }

    /// The score of each class that is present, `(n, classes)`.
    fn scores(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let scores = (&x - &self.0.center).dot(&self.0.weights) + &self.0.offsets;
        match scores.indexed_iter().find(|(_, score)| !score.is_finite()) {
            Some(((sample, _), _)) => Err(Error::Overflow { sample }),
            None => Ok(scores),
        }
    }
}

impl Classifier for LinearModel {
    fn n_features(&self) -> usize {
        self.0.center.len()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut probabilities = Array2::zeros((x.nrows(), self.0.n_classes));
        for (scores, mut row) in self.scores(x)?.outer_iter().zip(probabilities.outer_iter_mut()) {
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
            for (&class, score) in self.0.classes.iter().zip(scores) {
                row[class as usize] = (score - highest).exp() / sum;
            }
        }
        Ok(probabilities)
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        let best =
            |scores: ArrayView1<'_, f64>| self.0.classes[first_largest(scores.iter()) as usize];
        Ok(self.scores(x)?.outer_iter().map(best).collect())
    }
}
