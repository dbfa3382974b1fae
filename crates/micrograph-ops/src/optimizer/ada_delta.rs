//! AdaDelta.

use super::rule::{Rule, apply, blend};
use super::{check_decay, check_not_negative};
use crate::error::invalid;
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "ada_delta_step";

/// One step of [`ada_delta_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaDeltaStep {
    /// Learning rate, not negative; 1 in the paper.
    pub lr: f64,
    /// Decay of both means, in `(0, 1)`; 0.9 in PyTorch, 0.95 in the paper.
    pub decay: f64,
    /// Added to both means, above 0; 1e-6 in the paper.
    pub epsilon: f64,
}

/// One step of AdaDelta, in place, as PyTorch's `Adadelta`.
///
/// ```text
/// square = decay * square + (1 - decay) * grad^2
/// delta  = grad * sqrt(steps + epsilon) / sqrt(square + epsilon)
/// steps  = decay * steps + (1 - decay) * delta^2
/// var   -= lr * delta
/// ```
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(2, ...)`, square and steps, and begins
/// as zeros.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; settings outside of their ranges.
///
/// # Source
/// Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{AdaDeltaStep, ada_delta_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let (grad, state) = (Tensor::new(&[4f64], &Device::Cpu)?, Tensor::new(&[[0f64], [0.]], &Device::Cpu)?);
/// ada_delta_step(&var, &grad, &state, &AdaDeltaStep { lr: 1.0, decay: 0.5, epsilon: 1.0 })?;
/// assert!((var.to_vec1::<f64>()?[0] - (1.0 - 4.0 / 3.0)).abs() < 1e-15); // the square is 8
/// # Ok::<(), candle::Error>(())
/// ```
pub fn ada_delta_step(var: &Var, grad: &Tensor, state: &Tensor, step: &AdaDeltaStep) -> Result<()> {
    check_not_negative(NAME, &[("learning rate", step.lr), ("epsilon", step.epsilon)])?;
    check_decay(NAME, "decay", step.decay)?;
    if step.decay == 0.0 || step.epsilon == 0.0 {
        return Err(invalid(NAME, "decay and epsilon must be above 0, or no step is ever taken"));
    }
    apply(NAME, var, grad, state, step)
}

impl AdaDeltaStep {
    /// `grad^2 / (square + epsilon)`.
    fn ratio<T: Element>(&self, grad: T, square: T) -> T {
        grad * grad / (square + T::from_f64(self.epsilon))
    }
}

impl Rule<2> for AdaDeltaStep {
    fn remember<T: Element>(&self, [square, steps]: [T; 2], grad: T, _: T) -> [T; 2] {
        let square = blend(self.decay, square, grad * grad);
        let delta_square = (steps + T::from_f64(self.epsilon)) * self.ratio(grad, square);
        [square, blend(self.decay, steps, delta_square)]
    }

    /// The step needs `steps` as it was before, but the memory has gone on. With `r` for the ratio,
    /// `new + decay * epsilon = (old + epsilon) * (decay + (1 - decay) * r)`, and all are positive.
    fn descend<T: Element>(&self, var: T, grad: T, [square, steps]: [T; 2]) -> T {
        let epsilon = T::from_f64(self.epsilon);
        let old = steps + T::from_f64(self.decay) * epsilon;
        let old = old / blend(self.decay, T::one(), self.ratio(grad, square));
        var - T::from_f64(self.lr) * (grad * (old / (square + epsilon)).sqrt())
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        ("ada_delta", vec![self.lr, self.decay, 1.0 - self.decay, self.epsilon])
    }
}
