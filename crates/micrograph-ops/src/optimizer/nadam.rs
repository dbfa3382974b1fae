//! Nadam: Adam with the momentum of the step to come.

use super::rule::{Rule, apply, blend};
use super::{check_decay, check_not_negative};
use crate::error::invalid;
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "nadam_step";

/// One step of [`nadam_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NadamStep {
    /// Learning rate, not negative.
    pub lr: f64,
    /// Decay of the mean gradient, in `[0, 1)`; 0.9 in the paper.
    pub beta1: f64,
    /// Decay of the mean squared gradient, in `[0, 1)`; 0.999 in the paper.
    pub beta2: f64,
    /// Added to the root of the mean square, not negative; 1e-8 in the paper.
    pub epsilon: f64,
    /// How fast the momentum grows from half of `beta1` to the whole, not negative; 0.004 in the
    /// paper.
    pub momentum_decay: f64,
    /// The number of the step, from 1.
    pub t: u64,
}

/// One step of Nadam, in place, as PyTorch's `NAdam`.
///
/// ```text
/// first  = beta1 * first + (1 - beta1) * grad
/// second = beta2 * second + (1 - beta2) * grad^2
/// mu(i)  = beta1 * (1 - 0.96^(i * momentum_decay) / 2)
/// root   = sqrt(second / (1 - beta2^t)) + epsilon
/// var   -= lr * (1 - mu(t)) / (1 - mu(1) * ... * mu(t)) * grad / root
/// var   -= lr * mu(t + 1) / (1 - mu(1) * ... * mu(t + 1)) * first / root
/// ```
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(2, ...)`, first and second, and begins
/// as zeros.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; `t` of zero; settings outside of their ranges.
///
/// # Source
/// Dozat, "Incorporating Nesterov momentum into Adam", 2016.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{NadamStep, nadam_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let (grad, state) = (Tensor::new(&[0.5f64], &Device::Cpu)?, Tensor::new(&[[0f64], [0.]], &Device::Cpu)?);
/// let [beta1, beta2] = [0.5, 0.999];
/// let step = NadamStep { lr: 0.1, beta1, beta2, epsilon: 0.0, momentum_decay: 0.0, t: 1 };
/// nadam_step(&var, &grad, &state, &step)?; // mu is 1/4: 1 and 4/15 of the mean gradient of a half
/// assert!((var.to_vec1::<f64>()?[0] - (1.0 - 0.1 * (1.0 + 4.0 / 15.0 / 2.0))).abs() < 1e-12);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn nadam_step(var: &Var, grad: &Tensor, state: &Tensor, step: &NadamStep) -> Result<()> {
    let NadamStep { lr, beta1, beta2, epsilon, momentum_decay, t } = *step;
    let settings =
        [("learning rate", lr), ("epsilon", epsilon), ("momentum decay", momentum_decay)];
    check_not_negative(NAME, &settings)?;
    check_decay(NAME, "beta1", beta1)?;
    check_decay(NAME, "beta2", beta2)?;
    if t == 0 {
        return Err(invalid(NAME, "steps are counted from t = 1, got 0"));
    }
    apply(NAME, var, grad, state, &step.rule())
}

impl NadamStep {
    pub(super) fn rule(&self) -> Nadam {
        let Self { lr, beta1, beta2, epsilon, t, .. } = *self;
        let [mu, next] = [t, t + 1].map(|t| self.momentum(t));
        let product = self.momentum_product();
        Nadam {
            beta1,
            beta2,
            epsilon,
            root: (1.0 - beta2.powf(t as f64)).sqrt(),
            grad_rate: lr * (1.0 - mu) / (1.0 - product),
            first_rate: lr * next / (1.0 - product * next),
        }
    }

    fn momentum(&self, t: u64) -> f64 {
        self.beta1 * (1.0 - 0.5 * 0.96_f64.powf(t as f64 * self.momentum_decay))
    }

    /// The product of the momenta of all steps so far. Below 1e-17 it no longer changes `1 -
    /// product`, so that the loop is short even late in a training.
    fn momentum_product(&self) -> f64 {
        let mut product = 1.0;
        for t in 1..=self.t {
            product *= self.momentum(t);
            if product < 1e-17 {
                return 0.0;
            }
        }
        product
    }
}

pub(super) struct Nadam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    root: f64,
    grad_rate: f64,
    first_rate: f64,
}

impl Rule<2> for Nadam {
    fn remember<T: Element>(&self, [first, second]: [T; 2], grad: T, _: T) -> [T; 2] {
        [blend(self.beta1, first, grad), blend(self.beta2, second, grad * grad)]
    }

    fn descend<T: Element>(&self, var: T, grad: T, [first, second]: [T; 2]) -> T {
        let root = second.sqrt() / T::from_f64(self.root) + T::from_f64(self.epsilon);
        let step = T::from_f64(self.grad_rate) * grad + T::from_f64(self.first_rate) * first;
        var - step / root
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        let Self { beta1, beta2, epsilon, root, grad_rate, first_rate } = *self;
        let means = [beta1, 1.0 - beta1, beta2, 1.0 - beta2];
        ("nadam", [&means[..], &[root, epsilon, grad_rate, first_rate]].concat())
    }
}
