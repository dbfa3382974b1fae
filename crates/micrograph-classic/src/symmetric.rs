//! Eigenvalues of symmetric matrices.

use ndarray::{Array1, Array2};

/// Eigenvalues, falling, and eigenvectors as columns, of a symmetric matrix.
///
/// Jacobi's rotations in a fixed order: slower than a reduction to three diagonals, but exact for
/// small eigenvalues and the same to the bit whatever the number of threads.
pub(crate) fn eigen(mut a: Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    const SWEEPS: usize = 60;
    let n = a.nrows();
    // Rows of `vectors` are turned, which lie together in memory.
    let mut vectors = Array2::eye(n);
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let bound = f64::EPSILON * (a[[p, p]] * a[[q, q]]).abs().sqrt();
                if a[[p, q]].abs() > bound.max(f64::MIN_POSITIVE) {
                    rotate(&mut a, &mut vectors, p, q);
                    turned = true;
                }
            }
        }
        if !turned {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[j, j]].total_cmp(&a[[i, i]]));
    let values = order.iter().map(|&i| a[[i, i]]).collect();
    (values, Array2::from_shape_fn((n, n), |(row, column)| vectors[[order[column], row]]))
}

/// Turns rows and columns `p` and `q` so that their entry becomes 0.
fn rotate(a: &mut Array2<f64>, vectors: &mut Array2<f64>, p: usize, q: usize) {
    let theta = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for i in 0..a.nrows() {
        let (x, y) = (a[[p, i]], a[[q, i]]);
        (a[[p, i]], a[[q, i]]) = (cosine * x - sine * y, sine * x + cosine * y);
        let (x, y) = (vectors[[p, i]], vectors[[q, i]]);
        (vectors[[p, i]], vectors[[q, i]]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    for i in 0..a.nrows() {
        let (x, y) = (a[[i, p]], a[[i, q]]);
        (a[[i, p]], a[[i, q]]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    (a[[p, q]], a[[q, p]]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn matrices_come_back_from_their_eigenvalues() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for n in [1, 2, 7, 30] {
            // Of rank n - 1: an eigenvalue of 0 among them.
            let half = Array2::from_shape_fn((n, n.max(2) - 1), |_| rng.random_range(-1.0..1.0));
            let a = half.dot(&half.t());
            let (values, vectors) = eigen(a.clone());
            let back = (&vectors * &values).dot(&vectors.t());
            assert!((back - a).iter().all(|d: &f64| d.abs() < 1e-12));
            let unit = vectors.t().dot(&vectors) - Array2::<f64>::eye(n);
            assert!(unit.iter().all(|d| d.abs() < 1e-12));
            assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]));
        }
    }
}
