//! RMSprop.

use super::rule::{Rule, apply, blend};
use super::{check_decay, check_not_negative};
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "rms_prop_step";

/// One step of [`rms_prop_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsPropStep {
    /// Learning rate, not negative.
    pub lr: f64,
    /// Decay of the mean squared gradient, in `[0, 1)`; 0.99 in PyTorch, 0.9 in Keras.
    pub decay: f64,
    /// Added to the root of the mean square, not negative; 1e-8 in PyTorch.
    pub epsilon: f64,
    /// Momentum of the steps, in `[0, 1)`; 0 for none.
    pub momentum: f64,
    /// Whether gradients are divided by their deviation instead of their mean square.
    pub centered: bool,
}

impl RmsPropStep {
    /// The numbers that are remembered of each element: 1, and 1 more when centered and 1 more with
    /// momentum.
    #[must_use]
    pub fn states(&self) -> usize {
        1 + usize::from(self.centered) + usize::from(self.momentum > 0.0)
    }
}

/// One step of RMSprop, in place, as PyTorch's `RMSprop`.
///
/// ```text
/// square = decay * square + (1 - decay) * grad^2
/// mean   = decay * mean + (1 - decay) * grad                  centered
/// scaled = grad / (sqrt(square) + epsilon)                    plain
/// scaled = grad / (sqrt(square - mean^2) + epsilon)           centered
/// var   -= lr * scaled                                        no momentum
/// steps  = momentum * steps + scaled; var -= lr * steps       momentum
/// ```
///
/// Centered, `square - mean^2` itself is remembered, by the recurrence
/// `v = decay * (v + (1 - decay) * (grad - mean)^2)`: it is never negative and loses no digits.
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(k, ...)` with `k` of
/// [`states`](RmsPropStep::states), and begins as zeros: square or variance, mean, steps.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; settings outside of their ranges.
///
/// # Source
/// Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; centered as in
/// Graves, "Generating sequences with recurrent neural networks", 2013.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{RmsPropStep, rms_prop_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let (grad, state) = (Tensor::new(&[0.5f64], &Device::Cpu)?, Tensor::new(&[[0f64]], &Device::Cpu)?);
/// let step = RmsPropStep { lr: 0.1, decay: 0.75, epsilon: 0.0, momentum: 0.0, centered: false };
/// rms_prop_step(&var, &grad, &state, &step)?; // 0.5 / sqrt(0.0625) is 2
/// assert_eq!(var.to_vec1::<f64>()?, [0.8]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn rms_prop_step(var: &Var, grad: &Tensor, state: &Tensor, step: &RmsPropStep) -> Result<()> {
    check_not_negative(NAME, &[("learning rate", step.lr), ("epsilon", step.epsilon)])?;
    check_decay(NAME, "decay", step.decay)?;
    check_decay(NAME, "momentum", step.momentum)?;
    match step.states() {
        1 => apply::<1>(NAME, var, grad, state, step),
        2 => apply::<2>(NAME, var, grad, state, step),
        _ => apply::<3>(NAME, var, grad, state, step),
    }
}

impl RmsPropStep {
    fn scaled<T: Element>(&self, grad: T, square: T) -> T {
        grad / (square.sqrt() + T::from_f64(self.epsilon))
    }
}

impl<const STATES: usize> Rule<STATES> for RmsPropStep {
    fn remember<T: Element>(&self, mut state: [T; STATES], grad: T, _: T) -> [T; STATES] {
        if self.centered {
            let (mean, rest) = (state[1], T::from_f64(1.0 - self.decay));
            let variance = state[0] + rest * (grad - mean) * (grad - mean);
            state[0] = T::from_f64(self.decay) * variance;
            state[1] = blend(self.decay, mean, grad);
        } else {
            state[0] = blend(self.decay, state[0], grad * grad);
        }
        if self.momentum > 0.0 {
            let steps = T::from_f64(self.momentum) * state[STATES - 1];
            state[STATES - 1] = steps + self.scaled(grad, state[0]);
        }
        state
    }

    fn descend<T: Element>(&self, var: T, grad: T, state: [T; STATES]) -> T {
        let momentum = self.momentum > 0.0;
        let step = if momentum { state[STATES - 1] } else { self.scaled(grad, state[0]) };
        var - T::from_f64(self.lr) * step
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        let kernel = match (self.centered, self.momentum > 0.0) {
            (false, false) => "rms_prop",
            (false, true) => "rms_prop_momentum",
            (true, false) => "rms_prop_centered",
            (true, true) => "rms_prop_centered_momentum",
        };
        (kernel, vec![self.lr, self.decay, 1.0 - self.decay, self.epsilon, self.momentum])
    }
}
