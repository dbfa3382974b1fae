//! Decision values as sums of kernels with support vectors.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::kernel::{Function, Space};
use crate::samples::{check_features, rows};
use crate::saved::Saved;
use crate::{Error, Result};

/// Samples that are decided at a time: enough for the product of matrices to pay.
const CHUNK: usize = 128;

/// What one machine makes of samples.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    /// The samples that it was fitted to, and the coefficient of each.
    pub(super) samples: Vec<usize>,
    pub(super) beta: Vec<f64>,
    /// What is subtracted.
    pub(super) rho: f64,
}

/// `sum of coefficient K(vector, x) - rho`, for each machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Expansion {
    pub(super) space: Space,
    /// In the units of `space`.
    pub(super) vectors: Array2<f64>,
    /// A support vector a row, a machine a column.
    pub(super) coefficients: Array2<f64>,
    pub(super) rho: Vec<f64>,
    /// Which samples of fitting the vectors are, ascending.
    pub(super) support: Vec<usize>,
}

impl Expansion {
    /// Of machines over the samples `x` in the units of `space`: those that support any.
    pub(super) fn new(space: Space, x: &Array2<f64>, fitted: &[Fitted]) -> Self {
        let mut all = Array2::zeros((x.nrows(), fitted.len()));
        for (machine, fitted) in fitted.iter().enumerate() {
            for (&sample, &beta) in fitted.samples.iter().zip(&fitted.beta) {
                all[[sample, machine]] = beta;
            }
        }
        let supports = |&sample: &usize| all.row(sample).iter().any(|&beta| beta != 0.0);
        let support: Vec<usize> = (0..x.nrows()).filter(supports).collect();
        let rho = fitted.iter().map(|fitted| fitted.rho).collect();
        let (vectors, coefficients) = (rows(x.view(), &support), rows(all.view(), &support));
        Self { space, vectors, coefficients, rho, support }
    }

    /// The decision values of samples `x` as they are given, `(n, machines)`.
    pub(super) fn decide(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.space.n_features())?;
        let lengths: Vec<f64> = self.vectors.outer_iter().map(|row| row.dot(&row)).collect();
        let mut values = Array2::zeros((x.nrows(), self.rho.len()));
        let parts = values.axis_chunks_iter_mut(Axis(0), CHUNK);
        let parts: Vec<_> = parts.zip(x.axis_chunks_iter(Axis(0), CHUNK)).collect();
        parts.into_par_iter().for_each(|(mut values, x)| {
            values.assign(&self.decide_chunk(&self.space.map(x), &lengths));
        });
        match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
            Some(((sample, _), _)) => Err(Error::Overflow { sample }),
            None => Ok(values),
        }
    }

    fn decide_chunk(&self, x: &Array2<f64>, lengths: &[f64]) -> Array2<f64> {
        let mut kernel = x.dot(&self.vectors.t());
        for (mut row, sample) in kernel.outer_iter_mut().zip(x.outer_iter()) {
            let own = sample.dot(&sample);
            for (entry, &length) in row.iter_mut().zip(lengths) {
                *entry = self.space.function.value(*entry, own, length);
            }
        }
        let mut values = kernel.dot(&self.coefficients);
        for mut row in values.outer_iter_mut() {
            row.iter_mut().zip(&self.rho).for_each(|(value, rho)| *value -= rho);
        }
        values
    }

    /// The normals of the planes of linear machines, `(d, machines)`; `None` for other kernels.
    pub(super) fn normals(&self) -> Option<Array2<f64>> {
        (self.space.function == Function::Linear).then(|| self.vectors.t().dot(&self.coefficients))
    }

    /// Refuses what does not fit together, or to so many machines.
    pub(super) fn check(&self, machines: usize, saved: Saved) -> Result<()> {
        self.space.check(saved)?;
        saved.must(self.vectors.ncols() == self.space.n_features(), "vectors of all features")?;
        let ascending = self.support.windows(2).all(|pair| pair[0] < pair[1]);
        let one_each = self.support.len() == self.vectors.nrows();
        saved.must(ascending && one_each, "an ascending row of fitting for each vector")?;
        saved.must(
            self.coefficients.dim() == (self.vectors.nrows(), machines)
                && self.rho.len() == machines,
            "a coefficient of each vector, and one offset, for each pair of classes",
        )?;
        saved.finite(self.vectors.iter().chain(&self.coefficients).chain(&self.rho))
    }
}
