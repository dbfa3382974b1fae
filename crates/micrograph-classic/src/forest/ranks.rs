//! Features as ranks, sorted once for all trees.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// For each feature the rank of each sample among the distinct values.
pub(super) struct Ranks {
    /// Feature by feature, `n` samples each.
    ranks: Vec<u32>,
    /// The distinct values of each feature, ascending.
    values: Vec<Vec<f64>>,
    n: usize,
}

impl Ranks {
    /// Sorts each column of `x`, `(n, d)`, on all threads.
    pub(super) fn new(x: ArrayView2<'_, f64>) -> Self {
        let n = x.nrows();
        let mut ranks = vec![0; x.len()];
        let columns: Vec<ArrayView1<'_, f64>> = x.axis_iter(Axis(1)).collect();
        let values =
            ranks.par_chunks_mut(n).zip(columns).map(|(ranks, column)| rank(column, ranks));
        let values = values.collect();
        Self { ranks, values, n }
    }

    pub(super) fn n_features(&self) -> usize {
        self.values.len()
    }

    /// The rank of each sample in `feature`.
    pub(super) fn of(&self, feature: usize) -> &[u32] {
        &self.ranks[feature * self.n..][..self.n]
    }

    /// The middle of two distinct values of `feature`, given by rank; below the upper one even
    /// where rounding would reach it.
    pub(super) fn threshold(&self, feature: usize, below: u32, above: u32) -> f64 {
        let [below, above] = [below, above].map(|rank| self.values[feature][rank as usize]);
        let middle = f64::midpoint(below, above);
        if middle < above { middle } else { below }
    }
}

/// Writes the ranks of `column` and gives back its distinct values.
fn rank(column: ArrayView1<'_, f64>, ranks: &mut [u32]) -> Vec<f64> {
    // Adding 0 makes -0 and 0 one value for `total_cmp` too.
    let mut sorted: Vec<(f64, u32)> = column.iter().map(|value| value + 0.0).zip(0..).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut values: Vec<f64> = Vec::new();
    for (value, sample) in sorted {
        if values.last().is_none_or(|&last| last < value) {
            values.push(value);
        }
        ranks[sample as usize] = values.len() as u32 - 1;
    }
    values
}
