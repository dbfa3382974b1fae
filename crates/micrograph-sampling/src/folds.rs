//! Cross-validation folds: stratified, grouped, and both.

mod encode;
mod grouped;
mod stratified;

use crate::{Error, Result, Warning};

pub(crate) use encode::{Encoded, encode};
pub(crate) use grouped::class_counts_of_groups;
pub use grouped::{group_k_fold, stratified_group_k_fold};
pub use stratified::stratified_k_fold;

/// Two parts of a data set, as ascending sample indices.
///
/// Together they hold every sample once.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The samples to fit on.
    pub train: Vec<usize>,
    /// The samples to judge by.
    pub test: Vec<usize>,
}

impl Split {
    pub(crate) fn from_test(in_test: impl Iterator<Item = bool>) -> Self {
        let mut split = Self::default();
        for (sample, is_test) in in_test.enumerate() {
            if is_test { split.test.push(sample) } else { split.train.push(sample) }
        }
        split
    }
}

/// A division of samples into folds: each sample is tested in exactly one of them.
///
/// # Example
/// ```
/// use micrograph_sampling::stratified_k_fold;
///
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1];
/// let folds = stratified_k_fold(&labels, 3, 7)?;
/// for split in folds.iter() {
///     assert_eq!(split.train.len(), 6);
///     assert_eq!(split.test.iter().filter(|&&sample| labels[sample] == 1).count(), 1);
/// }
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    test_fold: Vec<usize>,
    n_folds: usize,
    /// What the caller should know about rare classes.
    pub warnings: Vec<Warning>,
}

impl Folds {
    pub(crate) fn new(test_fold: Vec<usize>, n_folds: usize, warnings: Vec<Warning>) -> Self {
        Self { test_fold, n_folds, warnings }
    }

    /// The number of folds.
    pub fn len(&self) -> usize {
        self.n_folds
    }

    /// Whether there is no fold; never true of what this crate returns.
    pub fn is_empty(&self) -> bool {
        self.n_folds == 0
    }

    /// The fold in which `sample` is tested.
    ///
    /// # Panics
    /// When `sample` is not below the number of samples that were divided.
    pub fn test_fold(&self, sample: usize) -> usize {
        self.test_fold[sample]
    }

    /// The training and test samples of `fold`; the test part is empty from [`Folds::len`] on.
    pub fn split(&self, fold: usize) -> Split {
        Split::from_test(self.test_fold.iter().map(|&test_fold| test_fold == fold))
    }

    /// The splits of all folds, in order.
    pub fn iter(&self) -> impl Iterator<Item = Split> + '_ {
        (0..self.n_folds).map(|fold| self.split(fold))
    }
}

/// Refuses fewer than two folds, and more folds than samples.
fn check_counts(samples: usize, folds: usize) -> Result<()> {
    if folds < 2 {
        return Err(Error::TooFewFolds { folds });
    }
    if samples < folds {
        return Err(Error::TooFewSamples { samples, parts: folds });
    }
    Ok(())
}
