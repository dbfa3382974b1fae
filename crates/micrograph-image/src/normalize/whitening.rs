//! Channels that are correlated no longer.

use ndarray::{Array2, Array3, Axis};

use super::moments::Moments;
use super::{Normalizer, TrainingMoments};

/// Eigenvalues of the covariance below this share of the greatest count as that share.
const LEAST_EIGENVALUE: f64 = 1e-6;

/// The whitening of the channels that were gathered: `W = V diag(1 / sqrt(e)) V^T` for the eigenvectors
/// `V` and eigenvalues `e` of the covariance.
pub(super) fn fit(moments: &TrainingMoments) -> Normalizer {
    let mean = moments.channels.iter().map(|channel| channel.mean as f32).collect();
    let (values, vectors) = eigen(moments.covariance());
    let greatest = values.iter().copied().fold(0.0, f64::max);
    let n = values.len();
    let entry = |row: usize, column: usize| -> f64 {
        let term = |k: usize| {
            let value = values[k].max(LEAST_EIGENVALUE * greatest);
            vectors[[row, k]] * vectors[[column, k]] / value.sqrt()
        };
        if greatest > 0.0 { (0..n).map(term).sum() } else { 0.0 }
    };
    let row = |row: usize| (0..n).map(|column| entry(row, column)).collect();
    Normalizer::Whitening { mean, matrix: (0..n).map(row).collect() }
}

/// `matrix * (pixel - mean)` at each pixel; in double precision, for the weights of channels that are nearly
/// the same cancel each other.
pub(super) fn apply(pixels: &mut Array3<f32>, mean: &[f32], matrix: &[Vec<f64>]) {
    let mut centered = vec![0.0; mean.len()];
    for mut pixel in pixels.lanes_mut(Axis(0)) {
        for ((centered, value), mean) in centered.iter_mut().zip(&pixel).zip(mean) {
            *centered = f64::from(value - mean);
        }
        for (value, row) in pixel.iter_mut().zip(matrix) {
            let sum: f64 = row.iter().zip(&centered).map(|(weight, value)| weight * value).sum();
            *value = sum as f32;
        }
    }
}

impl TrainingMoments {
    /// The population covariance of the channels.
    fn covariance(&self) -> Array2<f64> {
        let n = self.channels.len();
        let count = self.channels.first().map_or(1.0, |channel| channel.count.max(1.0));
        Array2::from_shape_fn((n, n), |(row, column)| match row.cmp(&column) {
            std::cmp::Ordering::Equal => self.channels[row].squares / count,
            std::cmp::Ordering::Less => self.products[place(row, column, n)] / count,
            std::cmp::Ordering::Greater => self.products[place(column, row, n)] / count,
        })
    }
}

/// Where the pair of channels `first < second` of `n` stands in a list of all pairs.
fn place(first: usize, second: usize, n: usize) -> usize {
    first * n - first * (first + 1) / 2 + second - first - 1
}

/// Summed products of the deviations of each pair of channels, and of those between two sets of pixels.
pub(super) fn between(mine: &[Moments], theirs: &[Moments]) -> Vec<f64> {
    let difference = |channel: usize| theirs[channel].mean - mine[channel].mean;
    pairs(mine.len().min(theirs.len()))
        .map(|(first, second)| {
            let (n, m) = (mine[first].count, theirs[first].count);
            if n + m == 0.0 {
                0.0
            } else {
                difference(first) * difference(second) * (n * m / (n + m))
            }
        })
        .collect()
}

/// The pairs of `n` channels in the order of their list.
pub(super) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |first| (first + 1..n).map(move |second| (first, second)))
}

/// Eigenvalues and eigenvectors (in columns) of a symmetric matrix, by Jacobi's rotations.
///
/// Source: Golub, Van Loan, Matrix computations, 4th edition, section 8.5.
fn eigen(mut matrix: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    /// Convergence is quadratic; a handful of sweeps suffices.
    const SWEEPS: usize = 60;
    let n = matrix.nrows();
    let mut vectors = Array2::eye(n);
    for _ in 0..SWEEPS {
        let off: f64 = pairs(n).map(|(row, column)| matrix[[row, column]].powi(2)).sum();
        let all: f64 = matrix.iter().map(|value| value * value).sum();
        if off <= 1e-30 * all {
            break;
        }
        for (p, q) in pairs(n) {
            if matrix[[p, q]] == 0.0 {
                continue;
            }
            let tau = (matrix[[q, q]] - matrix[[p, p]]) / (2.0 * matrix[[p, q]]);
            let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
            let c = 1.0 / t.hypot(1.0);
            let s = t * c;
            let rotate = |a: &mut f64, b: &mut f64| (*a, *b) = (c * *a - s * *b, s * *a + c * *b);
            for k in 0..n {
                let (mut a, mut b) = (matrix[[k, p]], matrix[[k, q]]);
                rotate(&mut a, &mut b);
                (matrix[[k, p]], matrix[[k, q]]) = (a, b);
            }
            for k in 0..n {
                let (mut a, mut b) = (matrix[[p, k]], matrix[[q, k]]);
                rotate(&mut a, &mut b);
                (matrix[[p, k]], matrix[[q, k]]) = (a, b);
                let (mut a, mut b) = (vectors[[k, p]], vectors[[k, q]]);
                rotate(&mut a, &mut b);
                (vectors[[k, p]], vectors[[k, q]]) = (a, b);
            }
        }
    }
    (matrix.diag().to_vec(), vectors)
}
