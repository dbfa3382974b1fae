//! A fitted support vector machine.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::kernel::Function;
use super::platt::{Sigmoid, couple};
use crate::samples::check_features;
use crate::{Classifier, Error, Result};

/// Samples that are decided at a time: enough for the product of matrices to pay.
const CHUNK: usize = 128;

/// The least probability that a pair may have, as in LIBSVM.
const LEAST: f64 = 1e-7;

/// A fitted [`SvmConfig`](crate::SvmConfig).
///
/// [`predict`](Classifier::predict) takes the class with the most votes of pairs, the first of
/// equals, as LIBSVM does; the most probable class may be another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SvmModel {
    function: Function,
    center: Array1<f64>,
    /// Centered.
    vectors: Array2<f64>,
    coefficients: Array2<f64>,
    rho: Vec<f64>,
    sigmoids: Option<Vec<Sigmoid>>,
    classes: Vec<u32>,
    n_classes: usize,
}

impl SvmModel {
    pub(super) fn new(
        function: Function,
        center: Array1<f64>,
        vectors: Array2<f64>,
        coefficients: Array2<f64>,
        machines: Machines,
    ) -> Self {
        let Machines { rho, sigmoids, classes, n_classes } = machines;
        Self { function, center, vectors, coefficients, rho, sigmoids, classes, n_classes }
    }

    /// How many samples of fitting the decision rests on.
    pub fn n_support(&self) -> usize {
        self.vectors.nrows()
    }

    /// The classes that had samples in fitting, ascending: pairs are formed of these.
    pub fn classes(&self) -> &[u32] {
        &self.classes
    }

    /// `sum of coefficient K(vector, x) - rho` for each pair of [`classes`](Self::classes) in the
    /// order (0,1), (0,2), ..., (1,2), ...; `(n, pairs)`. Above 0 is a vote for the first.
    ///
    /// # Errors
    /// [`Error::Features`] and [`Error::NotFinite`].
    pub fn decision_values(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.center.len())?;
        let lengths: Vec<f64> = self.vectors.outer_iter().map(|row| row.dot(&row)).collect();
        let mut values = Array2::zeros((x.nrows(), self.rho.len()));
        let parts = values.axis_chunks_iter_mut(Axis(0), CHUNK);
        let parts: Vec<_> = parts.zip(x.axis_chunks_iter(Axis(0), CHUNK)).collect();
        parts.into_par_iter().for_each(|(mut values, x)| {
            values.assign(&self.decide(&(&x - &self.center), &lengths));
        });
        Ok(values)
    }

    fn decide(&self, x: &Array2<f64>, lengths: &[f64]) -> Array2<f64> {
        let mut kernel = x.dot(&self.vectors.t());
        for (mut row, sample) in kernel.outer_iter_mut().zip(x.outer_iter()) {
            let own = sample.dot(&sample);
            for (entry, &length) in row.iter_mut().zip(lengths) {
                *entry = self.function.value(*entry, own, length);
            }
        }
        let mut values = kernel.dot(&self.coefficients);
        for mut row in values.outer_iter_mut() {
            row.iter_mut().zip(&self.rho).for_each(|(value, rho)| *value -= rho);
        }
        values
    }

    /// The pairs of places in [`classes`](Self::classes), in the order of the machines.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let k = self.classes.len();
        (0..k).flat_map(move |a| (a + 1..k).map(move |b| (a, b)))
    }
}

/// What stands beside the coefficients of the pairs' machines.
pub(super) struct Machines {
    pub(super) rho: Vec<f64>,
    pub(super) sigmoids: Option<Vec<Sigmoid>>,
    pub(super) classes: Vec<u32>,
    pub(super) n_classes: usize,
}

impl Classifier for SvmModel {
    fn n_features(&self) -> usize {
        self.center.len()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let sigmoids = self.sigmoids.as_ref().ok_or(Error::NoProbabilities)?;
        let decisions = self.decision_values(x)?;
        let mut probabilities = Array2::zeros((x.nrows(), self.n_classes));
        let k = self.classes.len();
        for (decisions, mut row) in decisions.outer_iter().zip(probabilities.outer_iter_mut()) {
            let mut pairwise = Array2::zeros((k, k));
            for (((a, b), sigmoid), &value) in self.pairs().zip(sigmoids).zip(decisions) {
                let p = sigmoid.probability(value).clamp(LEAST, 1.0 - LEAST);
                (pairwise[[a, b]], pairwise[[b, a]]) = (p, 1.0 - p);
            }
            let coupled = couple(&pairwise);
            self.classes.iter().zip(coupled).for_each(|(&class, p)| row[class as usize] = p);
        }
        Ok(probabilities)
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        let decisions = self.decision_values(x)?;
        let winner = |decisions: ndarray::ArrayView1<'_, f64>| {
            let mut votes = vec![0.0; self.classes.len()];
            for ((a, b), &value) in self.pairs().zip(decisions) {
                votes[if value > 0.0 { a } else { b }] += 1.0;
            }
            self.classes[crate::classifier::first_largest(votes.iter()) as usize]
        };
        Ok(decisions.outer_iter().map(winner).collect())
    }
}
