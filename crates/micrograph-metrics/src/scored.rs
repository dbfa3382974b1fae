//! Samples with their true labels and the probabilities that a classifier gave them.

use ndarray::ArrayView2;

use crate::{Error, Result, check};

/// How far from 1 the probabilities of a sample may sum: `1e-3`.
///
/// Softmax in `f32` and probabilities printed to four digits pass, logits do not.
pub const ROW_SUM_TOLERANCE: f64 = 1e-3;

/// Samples to be evaluated: what is true of them, and what was said.
///
/// [`Scored::new`] takes what is needed; weights and groups are added by struct update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    /// The names of the `k` classes, in the order of the labels.
    pub classes: &'a [String],
    /// The true label of each of the `n` samples, below `k`.
    pub truth: &'a [u32],
    /// The probability of each class, `(n, k)`; each row sums to 1.
    pub probabilities: ArrayView2<'a, f64>,
    /// The weight of each sample, at least 0; `None` counts each once.
    pub weights: Option<&'a [f64]>,
    /// What each sample belongs to (a patient, a specimen), as any numbers; only
    /// [`intervals`](crate::intervals) uses it.
    pub groups: Option<&'a [usize]>,
}

impl<'a> Scored<'a> {
    /// Samples without weights and groups.
    pub fn new(
        classes: &'a [String],
        truth: &'a [u32],
        probabilities: ArrayView2<'a, f64>,
    ) -> Self {
        Self { classes, truth, probabilities, weights: None, groups: None }
    }

    /// Whether all parts fit together; every function that takes samples asks first.
    ///
    /// # Errors
    /// [`Error::NoClasses`], [`Error::DuplicateClass`], [`Error::NoSamples`], [`Error::Columns`],
    /// [`Error::Length`], [`Error::Label`], [`Error::Probability`], [`Error::RowSum`],
    /// [`Error::Weight`] and [`Error::WeightSum`], each naming the first offender.
    pub fn validate(&self) -> Result<()> {
        check::classes(self.classes)?;
        let (expected, got) = (self.classes.len(), self.probabilities.ncols());
        if expected != got {
            return Err(Error::Columns { expected, got });
        }
        outcomes(self.truth, self.probabilities, self.weights)?;
        match self.groups {
            Some(groups) => check::length("groups", self.truth.len(), groups.len()),
            None => Ok(()),
        }
    }
}

/// Checks labels against probabilities, which tell the number of classes.
pub(crate) fn outcomes(
    truth: &[u32],
    probabilities: ArrayView2<'_, f64>,
    weights: Option<&[f64]>,
) -> Result<()> {
    if truth.is_empty() {
        return Err(Error::NoSamples);
    }
    check::length("rows of probabilities", truth.len(), probabilities.nrows())?;
    check::labels("true", truth, probabilities.ncols())?;
    check::weights(weights, truth.len())?;
    for (row, values) in probabilities.rows().into_iter().enumerate() {
        if let Some(column) = values.iter().position(|&value| !check::is_amount(value)) {
            return Err(Error::Probability { row, column, value: values[column] });
        }
        let sum = values.sum();
        if (sum - 1.0).abs() > ROW_SUM_TOLERANCE {
            return Err(Error::RowSum { row, sum });
        }
    }
    Ok(())
}
