//! Samples with their labels, checked once.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// As many classes as the nodes of trees tell apart.
pub(crate) const MAX_CLASSES: usize = 1 << 16;

/// A feature matrix with a class for each row: what a classifier is fitted to.
///
/// # Example
/// ```
/// use micrograph_classic::Samples;
/// use ndarray::array;
///
/// let samples = Samples::new(array![[0.0], [1.0]].view(), &[0, 1], 2)?.n_classes();
/// assert_eq!(samples, 2);
/// let error = Samples::new(array![[0.0], [f64::NAN]].view(), &[0, 1], 2).unwrap_err();
/// assert!(error.to_string().starts_with("feature 0 of sample 1 is NaN"));
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    x: ArrayView2<'a, f64>,
    labels: &'a [u32],
    n_classes: usize,
    groups: Option<&'a [u64]>,
}

/// Samples of their own.
pub(crate) struct Part {
    x: Array2<f64>,
    labels: Vec<u32>,
    groups: Option<Vec<u64>>,
    n_classes: usize,
}

impl Part {
    pub(crate) fn samples(&self) -> Result<Samples<'_>> {
        let samples = Samples::new(self.x.view(), &self.labels, self.n_classes)?;
        match &self.groups {
            Some(groups) => samples.with_groups(groups),
            None => Ok(samples),
        }
    }
}

impl<'a> Samples<'a> {
    /// `x` is `(n, d)`, a sample a row; `labels` are class indices below `n_classes`, which is at
    /// most 65,536.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Labels`], [`Error::Label`] and [`Error::NotFinite`], each naming
    /// the first offender, and [`Error::Setting`] for too many classes.
    pub fn new(x: ArrayView2<'a, f64>, labels: &'a [u32], n_classes: usize) -> Result<Self> {
        check_matrix(x)?;
        if n_classes > MAX_CLASSES {
            let value = n_classes.to_string();
            return Err(Error::Setting { field: "n_classes", value, expected: "at most 65536" });
        }
        if labels.len() != x.nrows() {
            return Err(Error::Labels { samples: x.nrows(), labels: labels.len() });
        }
        match labels.iter().position(|&label| label as usize >= n_classes) {
            Some(sample) => Err(Error::Label { sample, label: labels[sample], n_classes }),
            None => Ok(Self { x, labels, n_classes, groups: None }),
        }
    }

    /// The same, of which those of one group (a patient, or copies and mixtures of one row) are
    /// never on both sides of a division that a fit or a search makes.
    ///
    /// # Errors
    /// [`Error::Setting`] unless there is one group for each sample.
    pub fn with_groups(self, groups: &'a [u64]) -> Result<Self> {
        if groups.len() != self.labels.len() {
            let value = format!("{} groups", groups.len());
            return Err(Error::Setting { field: "groups", value, expected: "one for each sample" });
        }
        Ok(Self { groups: Some(groups), ..self })
    }

    /// What each sample belongs to, where that is known.
    pub fn groups(&self) -> Option<&'a [u64]> {
        self.groups
    }

    /// The same samples with other features, which are checked.
    pub(crate) fn with_x<'b>(&self, x: ArrayView2<'b, f64>) -> Result<Samples<'b>>
    where
        'a: 'b,
    {
        let groups = self.groups;
        Ok(Samples { groups, ..Samples::new(x, self.labels, self.n_classes)? })
    }

    /// Some of the samples, in the given order.
    pub(crate) fn part(&self, rows: &[usize]) -> Part {
        Part {
            x: self.x.select(Axis(0), rows),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            groups: self.groups.map(|groups| rows.iter().map(|&row| groups[row]).collect()),
            n_classes: self.n_classes,
        }
    }

    /// The features, `(n, d)`.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        self.x
    }

    /// The class of each sample.
    pub fn labels(&self) -> &'a [u32] {
        self.labels
    }

    /// How many classes there are; some of them may have no sample.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The number of samples of each class.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.n_classes];
        self.labels.iter().for_each(|&label| counts[label as usize] += 1);
        counts
    }

    /// The mean of all samples, and the samples around it.
    pub(crate) fn around_mean(&self) -> Result<(Array1<f64>, Array2<f64>)> {
        around_mean(self.x)
    }

    /// The classes that have samples, ascending: at least two of them.
    pub(crate) fn at_least_two_classes(&self) -> Result<Vec<u32>> {
        let counts = self.counts();
        let present: Vec<u32> = (0..).zip(counts).filter(|c| c.1 > 0).map(|c| c.0).collect();
        match present.len() {
            0 | 1 => Err(Error::OneClass { present: present.len() }),
            _ => Ok(present),
        }
    }
}

/// Refuses a matrix without samples or features, and what is not finite.
pub(crate) fn check_matrix(x: ArrayView2<'_, f64>) -> Result<()> {
    if x.is_empty() {
        return Err(Error::Empty { samples: x.nrows(), features: x.ncols() });
    }
    check_finite(x)
}

fn check_finite(x: ArrayView2<'_, f64>) -> Result<()> {
    match x.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((sample, feature), &value)) => Err(Error::NotFinite { sample, feature, value }),
        None => Ok(()),
    }
}

/// What a column is divided by so that squares neither overflow nor vanish: 1 for ordinary numbers,
/// else a power of two, which rounds nothing.
pub(crate) fn unit_of(column: ArrayView1<'_, f64>) -> f64 {
    let greatest = column.iter().fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
    let ordinary = greatest == 0.0 || (1e-100..1e100).contains(&greatest);
    if ordinary { 1.0 } else { greatest.log2().floor().exp2().max(f64::MIN_POSITIVE) }
}

/// The mean of each column, and the columns around it, whose squares can be summed.
pub(crate) fn around_mean(x: ArrayView2<'_, f64>) -> Result<(Array1<f64>, Array2<f64>)> {
    let center = x.mean_axis(Axis(0)).unwrap_or_default();
    let around = &x - &center;
    let squares = around.map_axis(Axis(0), |column| column.dot(&column));
    match squares.iter().position(|sum| *sum > 1e300 || !sum.is_finite()) {
        Some(feature) => Err(Error::TooLarge { feature }),
        None => Ok((center, around)),
    }
}

/// Refuses samples that do not have the `expected` features; none at all are welcome.
pub(crate) fn check_features(x: ArrayView2<'_, f64>, expected: usize) -> Result<()> {
    if x.ncols() != expected {
        return Err(Error::Features { expected, got: x.ncols() });
    }
    check_finite(x)
}

/// The rows `chosen` of `x`, in that order.
pub(crate) fn rows(x: ArrayView2<'_, f64>, chosen: &[usize]) -> Array2<f64> {
    x.select(Axis(0), chosen)
}

/// How much the samples of a class weigh in fitting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassWeights {
    /// Every sample weighs 1.
    #[default]
    None,
    /// `n / (k * count)`, so that all classes weigh the same; `k` counts the classes present.
    Balanced,
    /// One weight for each class, from 1e-100 to 1e100.
    Of(Vec<f64>),
}

impl ClassWeights {
    /// The weight of each class; 0 for a class without samples under `Balanced`.
    pub(crate) fn of(&self, samples: &Samples<'_>) -> Result<Vec<f64>> {
        match self {
            Self::None => Ok(vec![1.0; samples.n_classes]),
            Self::Balanced => {
                let weighting = micrograph_sampling::ClassWeighting::Balanced;
                let (labels, n_classes) = (samples.labels, samples.n_classes);
                Ok(micrograph_sampling::class_weights(labels, n_classes, weighting)?)
            }
            Self::Of(weights) => {
                let fit = weights.iter().all(|weight| (1e-100..=1e100).contains(weight));
                if fit && weights.len() == samples.n_classes {
                    return Ok(weights.clone());
                }
                Err(Error::Setting {
                    field: "class_weights",
                    value: format!("{weights:?}"),
                    expected: "a number from 1e-100 to 1e100 for each class",
                })
            }
        }
    }
}
