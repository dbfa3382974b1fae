//! Probabilities from decision values: a sigmoid for each pair of classes, and their coupling.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// `P(first class | decision value f) = 1 / (1 + exp(slope f + offset))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sigmoid {
    slope: f64,
    offset: f64,
}

impl Sigmoid {
    /// Fits to decision values and whether the sample has the first class, by Newton's method
    /// with backtracking, on targets that are drawn in by one sample of each class.
    ///
    /// Source: Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs"; LIBSVM's
    /// `sigmoid_train`.
    pub(crate) fn fit(decisions: &[f64], is_first: &[bool]) -> Self {
        const MAX_STEPS: usize = 100;
        const FLAT: f64 = 1e-5;
        let firsts = is_first.iter().filter(|&&first| first).count() as f64;
        let seconds = is_first.len() as f64 - firsts;
        let targets = [1.0 / (seconds + 2.0), (firsts + 1.0) / (firsts + 2.0)];
        let pairs: Vec<(f64, f64)> = decisions
            .iter()
            .zip(is_first)
            .map(|(&f, &first)| (f, targets[usize::from(first)]))
            .collect();
        let mut point = Self { slope: 0.0, offset: ((seconds + 1.0) / (firsts + 1.0)).ln() };
        for _ in 0..MAX_STEPS {
            let (gradient, hessian) = point.derivatives(&pairs);
            if gradient[0].abs() < FLAT && gradient[1].abs() < FLAT {
                break;
            }
            let Some(next) = point.descend(&pairs, gradient, hessian) else { break };
            point = next;
        }
        point
    }

    /// A point of less loss on the way of Newton's step, the first when it is halved.
    fn descend(
        self,
        pairs: &[(f64, f64)],
        gradient: [f64; 2],
        [h11, h12, h22]: [f64; 3],
    ) -> Option<Self> {
        const LEAST_SHARE: f64 = 1e-10;
        let determinant = h11 * h22 - h12 * h12;
        let by_slope = -(h22 * gradient[0] - h12 * gradient[1]) / determinant;
        let by_offset = -(h11 * gradient[1] - h12 * gradient[0]) / determinant;
        let descent = gradient[0] * by_slope + gradient[1] * by_offset;
        let (loss, mut share) = (self.loss(pairs), 1.0);
        while share >= LEAST_SHARE {
            let slope = self.slope + share * by_slope;
            let next = Self { slope, offset: self.offset + share * by_offset };
            if next.loss(pairs) < loss + 1e-4 * share * descent {
                return Some(next);
            }
            share /= 2.0;
        }
        None
    }

    pub(crate) fn is_finite(self) -> bool {
        self.slope.is_finite() && self.offset.is_finite()
    }

    /// The probability of the first class.
    pub(crate) fn probability(self, decision: f64) -> f64 {
        let z = decision * self.slope + self.offset;
        if z >= 0.0 { (-z).exp() / (1.0 + (-z).exp()) } else { 1.0 / (1.0 + z.exp()) }
    }

    /// The cross-entropy of (decision value, target) pairs, without overflow.
    fn loss(self, pairs: &[(f64, f64)]) -> f64 {
        let of_pair = |&(f, target): &(f64, f64)| {
            let z = f * self.slope + self.offset;
            if z >= 0.0 {
                target * z + (-z).exp().ln_1p()
            } else {
                (target - 1.0) * z + z.exp().ln_1p()
            }
        };
        pairs.iter().map(of_pair).sum()
    }

    /// The gradient of the loss, and the three entries of its Hessian with a small ridge.
    fn derivatives(self, pairs: &[(f64, f64)]) -> ([f64; 2], [f64; 3]) {
        const RIDGE: f64 = 1e-12;
        let (mut gradient, mut hessian) = ([0.0; 2], [RIDGE, 0.0, RIDGE]);
        for &(f, target) in pairs {
            let p = self.probability(f);
            let (curvature, error) = (p * (1.0 - p), target - p);
            hessian[0] += f * f * curvature;
            hessian[1] += f * curvature;
            hessian[2] += curvature;
            gradient[0] += f * error;
            gradient[1] += error;
        }
        (gradient, hessian)
    }
}

/// Probabilities of `k` classes from those of pairs: `pairwise[[i, j]]` is that of `i` against `j`.
///
/// Source: Wu, Lin and Weng 2004, the second method, as LIBSVM's `multiclass_probability`.
pub(crate) fn couple(pairwise: &Array2<f64>) -> Array1<f64> {
    let k = pairwise.nrows();
    if k == 2 {
        return Array1::from(vec![pairwise[[0, 1]], pairwise[[1, 0]]]);
    }
    let mut q = Array2::zeros((k, k));
    for i in 0..k {
        for j in (0..k).filter(|&j| j != i) {
            q[[i, i]] += pairwise[[j, i]] * pairwise[[j, i]];
            q[[i, j]] = -pairwise[[j, i]] * pairwise[[i, j]];
        }
    }
    let mut p = Array1::from_elem(k, 1.0 / k as f64);
    let enough = 0.005 / k as f64;
    for _ in 0..k.max(100) {
        let mut qp = q.dot(&p);
        let mut pqp = p.dot(&qp);
        if qp.iter().all(|value: &f64| (value - pqp).abs() < enough) {
            break;
        }
        for t in 0..k {
            let change = (pqp - qp[t]) / q[[t, t]];
            p[t] += change;
            pqp = (pqp + change * (change * q[[t, t]] + 2.0 * qp[t])) / (1.0 + change).powi(2);
            for j in 0..k {
                qp[j] = (qp[j] + change * q[[t, j]]) / (1.0 + change);
                p[j] /= 1.0 + change;
            }
        }
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        sigmoid: Case,
        coupling: Vec<Coupled>,
    }

    #[derive(Deserialize)]
    struct Coupled {
        pairwise: Vec<Vec<f64>>,
        probabilities: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Case {
        decisions: Vec<f64>,
        is_first: Vec<bool>,
        slope: f64,
        offset: f64,
    }

    #[test]
    fn sigmoids_are_scikit_learns() {
        let case: Golden = micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "sklearn.json");
        let Case { decisions, is_first, slope, offset } = case.sigmoid;
        let fitted = Sigmoid::fit(&decisions, &is_first);
        // It stops where no derivative of the loss of 50 samples exceeds 1e-5.
        let expected = [slope, offset];
        micrograph_testkit::assert_close(&[fitted.slope, fitted.offset], &expected, 0.0, 1e-4);
    }

    /// Both stop where no entry would change by more than 0.005 / k, after the same steps.
    #[test]
    fn coupled_probabilities_are_libsvms() {
        let cases: Golden = micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "sklearn.json");
        for Coupled { pairwise, probabilities } in cases.coupling {
            let k = pairwise.len();
            let pairwise = Array2::from_shape_vec((k, k), pairwise.concat()).unwrap();
            let coupled = couple(&pairwise).to_vec();
            micrograph_testkit::assert_close(&coupled, &probabilities, 1e-12, 1e-10);
        }
    }

    /// Where pairs agree, `r_ij = p_i / (p_i + p_j)`, coupling finds the `p` that they came from.
    #[test]
    fn coupling_finds_the_probabilities_behind_pairs() {
        for p in [vec![0.7, 0.3], vec![0.2, 0.5, 0.3], vec![0.1, 0.05, 0.6, 0.25]] {
            let k = p.len();
            let pairwise = Array2::from_shape_fn((k, k), |(i, j)| p[i] / (p[i] + p[j]));
            let coupled = couple(&pairwise);
            micrograph_testkit::assert_close(&coupled.to_vec(), &p, 0.005, 0.0);
        }
    }
}
