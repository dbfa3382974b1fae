//! What a solution must satisfy.

use super::super::gram::Precision;
use super::super::kernel::Function;
use super::*;
use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};

/// Gradients computed anew show what the solver claims, also where it set samples aside and
/// had to forget rows.
#[test]
fn solutions_are_optimal() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let n = 300;
    let x = Array2::from_shape_fn((n, 4), |_| rng.random_range(-1.0..1.0));
    let first = |t: usize| x[[t, 0]] * x[[t, 1]] + 0.3 * x[[t, 2]] > 0.1 * (t % 5) as f64;
    let sign = |t: usize| if first(t) { 1.0 } else { -1.0 };
    let problem = Problem {
        columns: (0..n).collect(),
        linear: (0..n).map(sign).collect(),
        lower: (0..n).map(|t| if first(t) { 0.0 } else { -5.0 }).collect(),
        upper: (0..n).map(|t| if first(t) { 5.0 } else { 0.0 }).collect(),
        beta: vec![0.0; n],
        group: Vec::new(),
    };
    let limits = Limits { tolerance: 1e-4, max_iterations: 1_000_000 };
    let scaled = &x * 0.8_f64.sqrt();
    let mut gram = Gram::new(scaled.view(), Function::Rbf, Precision::Single, 0);
    let Solution { beta, levels } = solve(problem.clone(), &mut gram, limits).unwrap();

    let slope = |t: usize| {
        let kernel = |s: usize| (-0.8 * (&x.row(s) - &x.row(t)).mapv(|d| d * d).sum()).exp();
        sign(t) - (0..n).map(|s| beta[s] * kernel(s)).sum::<f64>()
    };
    let slopes: Vec<f64> = (0..n).map(slope).collect();
    let can_rise = |t: &usize| beta[*t] < problem.upper[*t];
    let can_fall = |t: &usize| beta[*t] > problem.lower[*t];
    let highest = (0..n).filter(can_rise).map(|t| slopes[t]).fold(f64::MIN, f64::max);
    let lowest = (0..n).filter(can_fall).map(|t| slopes[t]).fold(f64::MAX, f64::min);
    assert!(highest - lowest < 2e-4, "{highest} and {lowest}");
    assert!(lowest - 1e-4 <= levels[0] && levels[0] <= highest + 1e-4);
    assert!(beta.iter().sum::<f64>().abs() < 1e-9);
    assert!((0..n).filter(|t| !can_rise(t) || !can_fall(t)).count() > 50);
}
