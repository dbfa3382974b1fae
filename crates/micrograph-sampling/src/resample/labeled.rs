//! A feature matrix with labels, checked once.

use std::collections::BTreeMap;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::neighbors::Rows;
use crate::{Error, Result, Split};

/// The greatest magnitude of a feature: squared distances stay finite.
const GREATEST: f64 = 1e150;

/// A feature matrix with a class for each row: what is resampled.
///
/// # Example
/// ```
/// use micrograph_sampling::{Labeled, Resampler, stratified_k_fold};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [9.0], [8.0], [7.0]];
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1];
/// let samples = Labeled::new(x.view(), &labels, 2)?;
/// let smote = Resampler::by_name("smote").expect("a name of `Resampler::NAMES`");
/// for split in stratified_k_fold(&labels, 3, 42)?.iter() {
///     // Nothing of the test part can come into the training part.
///     let balanced = smote.resample_labeled(&samples.training_part(&split)?, 42)?;
///     assert_eq!(balanced.labels.len(), 8);
///     let seen = |&sample: &usize| balanced.origin.iter().any(|origin| origin.uses(sample));
///     assert!(!split.test.iter().any(seen));
/// }
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Labeled<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) labels: &'a [u32],
    pub(super) n_classes: usize,
    pub(super) training: Option<&'a [usize]>,
    pub(super) support: Option<&'a dyn SupportVectors>,
}

/// Finds the support vectors of a machine for SVM-SMOTE.
///
/// This crate has no support vector machine. imbalanced-learn takes scikit-learn's
/// `SVC(gamma="scale")`: radial basis functions, `C = 1`.
pub trait SupportVectors {
    /// The rows of `x` that are support vectors of a machine fitted to `x`, `(n, d)`, and `labels`.
    ///
    /// # Errors
    /// Whatever keeps the machine from being fitted, in words for people.
    fn support_vectors(
        &self,
        x: ArrayView2<'_, f64>,
        labels: &[u32],
        n_classes: usize,
        seed: u64,
    ) -> Result<Vec<usize>, String>;
}

impl std::fmt::Debug for Labeled<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Labeled");
        text.field("x", &self.x).field("labels", &self.labels).field("n_classes", &self.n_classes);
        text.field("training", &self.training).finish_non_exhaustive()
    }
}

impl<'a> Labeled<'a> {
    /// `x` is `(n, d)`, a sample a row; `labels` are class indices below `n_classes`.
    ///
    /// # Errors
    /// [`Error::NoSamples`], [`Error::LabelCount`], [`Error::Label`] and [`Error::Feature`], each
    /// naming the first offender.
    pub fn new(x: ArrayView2<'a, f64>, labels: &'a [u32], n_classes: usize) -> Result<Self> {
        if x.is_empty() {
            return Err(Error::NoSamples { samples: x.nrows(), features: x.ncols() });
        }
        if labels.len() != x.nrows() {
            return Err(Error::LabelCount { samples: x.nrows(), labels: labels.len() });
        }
        if let Some(sample) = labels.iter().position(|&label| label as usize >= n_classes) {
            return Err(Error::Label { sample, label: labels[sample], n_classes });
        }
        let wrong = |value: &f64| value.is_nan() || value.abs() > GREATEST;
        // Row by row, without leaving a row early: the loop becomes vector instructions.
        let any = |row: &usize| x.row(*row).iter().fold(false, |any, value| any | wrong(value));
        let rows = (0..x.nrows()).into_par_iter().with_min_len(512);
        if let Some(sample) = rows.find_first(any) {
            let row = x.row(sample);
            let feature = row.iter().position(wrong).unwrap_or_default();
            return Err(Error::Feature { sample, feature, value: row[feature] });
        }
        Ok(Self { x, labels, n_classes, training: None, support: None })
    }

    /// The same, of which only the rows of `split.train` are seen and resampled.
    ///
    /// [`Origin`](super::Origin) still counts all rows.
    ///
    /// # Errors
    /// [`Error::Row`] for a row that does not exist, [`Error::Repeated`] for one that stands in the
    /// training part twice, or in the test part as well, and [`Error::NoSamples`].
    pub fn training_part<'b>(&self, split: &'b Split) -> Result<Labeled<'b>>
    where
        'a: 'b,
    {
        let rows = self.labels.len();
        let mut is_taken = vec![false; rows];
        let mut take = |&row: &usize| match is_taken.get_mut(row) {
            None => Err(Error::Row { row, rows }),
            Some(true) => Err(Error::Repeated { row }),
            Some(taken) => {
                *taken = true;
                Ok(())
            }
        };
        split.train.iter().try_for_each(&mut take)?;
        split.test.iter().filter(|&&row| row < rows).try_for_each(take)?;
        if split.train.is_empty() {
            return Err(Error::NoSamples { samples: 0, features: self.x.ncols() });
        }
        Ok(Labeled { training: Some(&split.train), ..self.reborrow() })
    }

    /// The same, with a machine for [`SvmSmoteConfig`](super::SvmSmoteConfig).
    pub fn with_support_vectors<'b>(&self, support: &'b dyn SupportVectors) -> Labeled<'b>
    where
        'a: 'b,
    {
        Labeled { support: Some(support), ..self.reborrow() }
    }

    fn reborrow<'b>(&self) -> Labeled<'b>
    where
        'a: 'b,
    {
        let Self { x, labels, n_classes, training, support } = *self;
        Labeled { x: x.reborrow(), labels, n_classes, training, support }
    }
}

/// The rows of a class, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Class {
    pub(super) label: u32,
    pub(super) rows: Vec<usize>,
}

/// The classes that have rows, by label.
pub(super) fn classes(labels: &[u32]) -> Vec<Class> {
    let mut classes: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(row);
    }
    classes.into_iter().map(|(label, rows)| Class { label, rows }).collect()
}

/// What the methods work on: rows one after another, by class.
pub(super) struct Table<'a> {
    /// In standard layout.
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) labels: &'a [u32],
    pub(super) n_classes: usize,
    pub(super) classes: Vec<Class>,
}

impl<'a> Table<'a> {
    /// `x` in standard layout.
    pub(super) fn new(x: ArrayView2<'a, f64>, labels: &'a [u32], n_classes: usize) -> Self {
        Self { x, labels, n_classes, classes: classes(labels) }
    }

    pub(super) fn rows(&self) -> Rows<'a> {
        Rows::new(self.x)
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.labels.len()).collect()
    }
}
