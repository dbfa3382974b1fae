//! The directions in which samples vary.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::symmetric::Spectrum;

/// Rows of a product that a thread computes at a time.
const ROWS: usize = 64;

/// The spectrum of `x' x / n` of samples around their mean, by way of `x x' / n` where there are
/// fewer samples than features.
pub(crate) struct Covariance<'a> {
    x: &'a Array2<f64>,
    spectrum: Spectrum,
}

impl<'a> Covariance<'a> {
    pub(crate) fn new(x: &'a Array2<f64>) -> Self {
        let n = x.nrows() as f64;
        let squares =
            if x.nrows() < x.ncols() { product(x.view(), x.t()) } else { product(x.t(), x.view()) };
        Self { x, spectrum: Spectrum::new(squares / n) }
    }

    fn by_samples(&self) -> bool {
        self.x.nrows() < self.x.ncols()
    }

    /// The variances along the directions, falling; as many as there are samples or features,
    /// whichever are fewer. Rounding may leave small ones below 0.
    pub(crate) fn values(&self) -> &[f64] {
        self.spectrum.values()
    }

    /// The first `count` directions as columns of length 1; their variances must be above 0.
    pub(crate) fn directions(&self, count: usize) -> Array2<f64> {
        let vectors = self.spectrum.vectors(count);
        if !self.by_samples() {
            return vectors;
        }
        let mut directions = product(self.x.t(), vectors.view());
        for mut direction in directions.axis_iter_mut(Axis(1)) {
            let length = direction.dot(&direction).sqrt();
            direction /= length;
        }
        directions
    }

    /// `sum over the first directions v of v (v . m) / variance`, for each column of `m`.
    pub(crate) fn solve(&self, count: usize, m: &Array2<f64>) -> Array2<f64> {
        let by_samples = self.by_samples();
        let mut inside = if by_samples {
            self.spectrum.in_basis(&product(self.x.view(), m.view()))
        } else {
            self.spectrum.in_basis(m)
        };
        let n = self.x.nrows() as f64;
        for (place, (mut row, &variance)) in inside.outer_iter_mut().zip(self.values()).enumerate()
        {
            // A direction is `x' u / sqrt(n variance)` of a vector `u` over samples.
            let divisor = if by_samples { n * variance * variance } else { variance };
            row.mapv_inplace(|value| if place < count { value / divisor } else { 0.0 });
        }
        let outside = self.spectrum.out_of_basis(&inside);
        if by_samples { product(self.x.t(), outside.view()) } else { outside }
    }
}

/// The product of two matrices on all threads, each entry by the same operations whatever their
/// number.
pub(crate) fn product(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut product = Array2::zeros((a.nrows(), b.ncols()));
    let parts: Vec<_> = product
        .axis_chunks_iter_mut(Axis(0), ROWS)
        .zip(a.axis_chunks_iter(Axis(0), ROWS))
        .collect();
    parts.into_par_iter().for_each(|(mut part, rows)| part.assign(&rows.dot(&b)));
    product
}
