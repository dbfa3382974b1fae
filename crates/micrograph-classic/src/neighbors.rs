//! Nearest neighbors.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Classifier, Error, Fit, Result, Samples};

/// The share of each class among the `k` nearest samples of fitting, by Euclidean distance.
///
/// Of equally distant samples the first of fitting is nearer. Scale the features first.
///
/// # Source
/// Fix and Hodges 1951; scikit-learn's `KNeighborsClassifier(algorithm="brute")`.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, NearestNeighbors, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [9.0]];
/// let model = NearestNeighbors { k: 3 }.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(array![[0.4], [8.0]].view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearestNeighbors {
    /// How many neighbors; 5 by default, and all samples where there are fewer.
    pub k: usize,
}

impl Default for NearestNeighbors {
    fn default() -> Self {
        Self { k: 5 }
    }
}

/// Samples that are kept, features last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) x: Array2<f64>,
    pub(crate) labels: Vec<u32>,
    pub(crate) n_classes: usize,
}

impl Kept {
    /// The squared distance of `x` to each sample.
    fn squares(&self, x: &[f64]) -> Vec<f64> {
        let square = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter().zip(x).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        self.x.outer_iter().map(square).collect()
    }

    /// Refuses what does not fit together.
    pub(crate) fn check(&self, saved: Saved) -> Result<()> {
        saved.n_classes(self.n_classes)?;
        saved.must(!self.x.is_empty(), "at least one sample and one feature")?;
        saved.must(self.labels.len() == self.x.nrows(), "a label for each sample")?;
        let known = self.labels.iter().all(|&label| (label as usize) < self.n_classes);
        saved.must(known, "labels below the number of classes")?;
        saved.finite(&self.x)
    }

    /// Probabilities by row, each computed from the squared distances to all samples; no distance
    /// is NaN, and not all weights are 0.
    pub(crate) fn each(
        &self,
        x: ArrayView2<'_, f64>,
        weigh: impl Fn(&[f64], &mut [f64]) + Sync,
    ) -> Array2<f64> {
        let mut weights = vec![0.0; x.nrows() * self.n_classes];
        let rows: Vec<Vec<f64>> = x.outer_iter().map(|row| row.to_vec()).collect();
        weights.par_chunks_mut(self.n_classes.max(1)).zip(rows).for_each(|(weights, row)| {
            weigh(&self.squares(&row), weights);
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= sum);
        });
        Array2::from_shape_fn((x.nrows(), self.n_classes), |(row, class)| {
            weights[row * self.n_classes + class]
        })
    }
}

/// Fitted [`NearestNeighbors`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct NearestNeighborsModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    kept: Kept,
    k: usize,
}

impl TryFrom<Parts> for NearestNeighborsModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("nearest neighbors");
        parts.kept.check(saved)?;
        let k = 1..=parts.kept.labels.len();
        saved.must(k.contains(&parts.k), "a number of neighbors from 1 to that of samples")?;
        Ok(Self(parts))
    }
}

impl Fit for NearestNeighbors {
    type Model = NearestNeighborsModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<NearestNeighborsModel> {
        if self.k == 0 {
            let value = self.k.to_string();
            return Err(Error::Setting { field: "k", value, expected: "at least 1" });
        }
        let (x, labels) =
            (samples.x().as_standard_layout().into_owned(), samples.labels().to_vec());
        let k = self.k.min(labels.len());
        let kept = Kept { x, labels, n_classes: samples.n_classes() };
        Ok(NearestNeighborsModel(Parts { kept, k }))
    }
}

impl Classifier for NearestNeighborsModel {
    fn n_features(&self) -> usize {
        self.0.kept.x.ncols()
    }

    fn n_classes(&self) -> usize {
        self.0.kept.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        Ok(self.0.kept.each(x, |squares, weights| {
            let mut order: Vec<usize> = (0..squares.len()).collect();
            let nearer = |a: &usize, b: &usize| squares[*a].total_cmp(&squares[*b]).then(a.cmp(b));
            order.select_nth_unstable_by(self.0.k - 1, nearer);
            order[..self.0.k].iter().for_each(|&t| weights[self.0.kept.labels[t] as usize] += 1.0);
        }))
    }
}
