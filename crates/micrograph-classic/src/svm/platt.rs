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
    /// `weights` are those of a sample of the second class and of the first. They are brought to
    /// the effective number of samples (Kish 1965), `(sum w)^2 / sum w^2`, which is the number of
    /// samples where all weigh the same: rare samples that weigh much are no more evidence for it.
    ///
    /// Source: Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs"; LIBSVM's
    /// `sigmoid_train`, and with weights scikit-learn's `_sigmoid_calibration`.
    pub(crate) fn fit(decisions: &[f64], is_first: &[bool], weights: [f64; 2]) -> Self {
        const MAX_STEPS: usize = 100;
        const FLAT: f64 = 1e-5;
        let (weights, [seconds, firsts]) = effective(is_first, weights);
        let targets = [1.0 / (seconds + 2.0), (firsts + 1.0) / (firsts + 2.0)];
        let entry = |(&f, &first): (&f64, &bool)| {
            let class = usize::from(first);
            Entry { f, target: targets[class], weight: weights[class] }
        };
        let entries: Vec<Entry> = decisions.iter().zip(is_first).map(entry).collect();
        let mut point = Self { slope: 0.0, offset: ((seconds + 1.0) / (firsts + 1.0)).ln() };
        for _ in 0..MAX_STEPS {
            let (gradient, hessian) = point.derivatives(&entries);
            if gradient[0].abs() < FLAT && gradient[1].abs() < FLAT {
                break;
            }
            let Some(next) = point.descend(&entries, gradient, hessian) else { break };
            point = next;
        }
        point
    }

    /// Fits to decision values `out_of_fold`; where these would turn the order of samples round,
    /// to those `in_fitting`; where even they would, the same probability for all is the best that
    /// does not.
    pub(crate) fn fit_rising(
        out_of_fold: &[f64],
        in_fitting: impl FnOnce() -> Vec<f64>,
        is_first: &[bool],
        weights: [f64; 2],
    ) -> Self {
        let fitted = Self::fit(out_of_fold, is_first, weights);
        if fitted.slope < 0.0 {
            return fitted;
        }
        let fitted = Self::fit(&in_fitting(), is_first, weights);
        if fitted.slope < 0.0 {
            return fitted;
        }
        Self::fit(&vec![0.0; is_first.len()], is_first, weights)
    }

    /// A point of less loss on the way of Newton's step, the first when it is halved.
    fn descend(
        self,
        entries: &[Entry],
        gradient: [f64; 2],
        [h11, h12, h22]: [f64; 3],
    ) -> Option<Self> {
        const LEAST_SHARE: f64 = 1e-10;
        let determinant = h11 * h22 - h12 * h12;
        let by_slope = -(h22 * gradient[0] - h12 * gradient[1]) / determinant;
        let by_offset = -(h11 * gradient[1] - h12 * gradient[0]) / determinant;
        let descent = gradient[0] * by_slope + gradient[1] * by_offset;
        let (loss, mut share) = (self.loss(entries), 1.0);
        while share >= LEAST_SHARE {
            let slope = self.slope + share * by_slope;
            let next = Self { slope, offset: self.offset + share * by_offset };
            if next.loss(entries) < loss + 1e-4 * share * descent {
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

    /// The weighted cross-entropy, without overflow.
    fn loss(self, entries: &[Entry]) -> f64 {
        let of_entry = |&Entry { f, target, weight }: &Entry| {
            let z = f * self.slope + self.offset;
            let entropy = if z >= 0.0 {
                target * z + (-z).exp().ln_1p()
            } else {
                (target - 1.0) * z + z.exp().ln_1p()
            };
            weight * entropy
        };
        entries.iter().map(of_entry).sum()
    }

    /// The gradient of the loss, and the three entries of its Hessian with a small ridge.
    fn derivatives(self, entries: &[Entry]) -> ([f64; 2], [f64; 3]) {
        const RIDGE: f64 = 1e-12;
        let (mut gradient, mut hessian) = ([0.0; 2], [RIDGE, 0.0, RIDGE]);
        for &Entry { f, target, weight } in entries {
            let p = self.probability(f);
            let (curvature, error) = (weight * p * (1.0 - p), weight * (target - p));
            hessian[0] += f * f * curvature;
            hessian[1] += f * curvature;
            hessian[2] += curvature;
            gradient[0] += f * error;
            gradient[1] += error;
        }
        (gradient, hessian)
    }
}

/// A sample to which a sigmoid is fitted.
struct Entry {
    /// Its decision value.
    f: f64,
    /// The probability of the first class that is aimed at.
    target: f64,
    weight: f64,
}

/// The weights of a sample of either class, brought to the effective number of samples, and what
/// all samples of either class weigh.
fn effective(is_first: &[bool], weights: [f64; 2]) -> ([f64; 2], [f64; 2]) {
    let firsts = is_first.iter().filter(|&&first| first).count() as f64;
    let counts = [is_first.len() as f64 - firsts, firsts];
    let greatest = weights[0].max(weights[1]);
    let [second, first] = weights.map(|weight| weight / greatest);
    let sum = counts[0] * second + counts[1] * first;
    let squares = counts[0] * second * second + counts[1] * first * first;
    let weights = [second, first].map(|weight| weight * (sum / squares));
    (weights, [counts[0] * weights[0], counts[1] * weights[1]])
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
        sigmoids: Vec<Case>,
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
        weights: [f64; 2],
        slope: f64,
        offset: f64,
    }

    fn goldens() -> Golden {
        micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "sklearn.json")
    }

    #[test]
    fn sigmoids_are_scikit_learns() {
        for Case { decisions, is_first, weights, slope, offset } in goldens().sigmoids {
            // However weights are scaled.
            for unit in [1.0, 1e-60] {
                let weights = weights.map(|weight| weight * unit);
                let fitted = Sigmoid::fit(&decisions, &is_first, weights);
                // It stops where no derivative of the loss of some samples exceeds 1e-5.
                let (fitted, expected) = ([fitted.slope, fitted.offset], [slope, offset]);
                micrograph_testkit::assert_close(&fitted, &expected, 0.0, 1e-4);
            }
        }
    }

    /// Weights between which there are 200 orders of magnitude, and values that all are one.
    #[test]
    fn sigmoids_are_finite() {
        let is_first = [true, false, false, false];
        for weights in [[1e-100, 1e100], [1e100, 1e-100], [1.0, 1.0]] {
            for decisions in [[1.0, -1.0, -1.0, -2.0], [1.0; 4], [1e300, -1e300, 0.0, 0.0]] {
                let values = || decisions.to_vec();
                let fitted = Sigmoid::fit_rising(&decisions, values, &is_first, weights);
                assert!(fitted.is_finite() && fitted.slope <= 0.0, "{fitted:?}");
            }
        }
    }

    /// Values that would turn the order round are not taken.
    #[test]
    fn sigmoids_never_turn_round() {
        let is_first = [true, true, false, false, false];
        let (wrong, right) = ([-1.0, -2.0, 1.0, 0.0, 3.0], [2.0, 1.0, -1.0, -1.0, -2.0]);
        let fitted = Sigmoid::fit_rising(&wrong, || right.to_vec(), &is_first, [1.0, 1.5]);
        assert_eq!(fitted, Sigmoid::fit(&right, &is_first, [1.0, 1.5]));
        let fitted = Sigmoid::fit_rising(&wrong, || wrong.to_vec(), &is_first, [1.0, 1.5]);
        // Both classes weigh the same.
        assert_eq!(fitted.slope, 0.0);
        assert!((fitted.probability(5.0) - 0.5).abs() < 1e-5);
    }

    /// Both stop where no entry would change by more than 0.005 / k, after the same steps.
    #[test]
    fn coupled_probabilities_are_libsvms() {
        for Coupled { pairwise, probabilities } in goldens().coupling {
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
