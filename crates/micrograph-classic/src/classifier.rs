//! What all classifiers have in common.

use ndarray::{Array2, ArrayView2, Axis};

use crate::{Result, Samples};

/// Settings from which a classifier is fitted.
pub trait Fit {
    /// What is fitted.
    type Model: Classifier;

    /// Fits to `samples`; the same settings, samples and `seed` give the same bits on any number
    /// of threads.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) for settings outside their range, and what the
    /// settings' own page names.
    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<Self::Model>;
}

/// A fitted classifier.
pub trait Classifier {
    /// How many features a sample must have.
    fn n_features(&self) -> usize;

    /// How many classes there are, with those that had no sample in fitting.
    fn n_classes(&self) -> usize;

    /// The probability of each class, `(n, k)`; each row sums to 1.
    ///
    /// # Errors
    /// [`Error::Features`](crate::Error::Features), [`Error::NotFinite`](crate::Error::NotFinite),
    /// and [`Error::NoProbabilities`](crate::Error::NoProbabilities) where the model has none.
    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>>;

    /// The class of each sample: the most probable one, the first of equals, unless the model's
    /// page says otherwise.
    ///
    /// # Errors
    /// [`Error::Features`](crate::Error::Features) and
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        Ok(most_probable(self.probabilities(x)?.view()))
    }
}

/// The most probable class of each row, the first of equals.
pub(crate) fn most_probable(probabilities: ArrayView2<'_, f64>) -> Vec<u32> {
    probabilities.axis_iter(Axis(0)).map(|row| first_largest(row.iter())).collect()
}

/// The index of the largest value, the first of equals.
pub(crate) fn first_largest<'a>(values: impl Iterator<Item = &'a f64>) -> u32 {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, &value) in (0..).zip(values) {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}
