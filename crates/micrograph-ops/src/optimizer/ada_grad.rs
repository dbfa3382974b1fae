//! AdaGrad.

use super::check_not_negative;
use super::rule::{Rule, apply};
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "ada_grad_step";

/// One step of [`ada_grad_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaGradStep {
    /// Learning rate, not negative.
    pub lr: f64,
    /// Added to the root of the sum, not negative; 1e-10 in PyTorch.
    pub epsilon: f64,
}

/// One step of AdaGrad, in place, as PyTorch's `Adagrad` without a decay of the rate.
///
/// ```text
/// sum += grad^2
/// var -= lr * grad / (sqrt(sum) + epsilon)
/// ```
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(1, ...)`, the sum, and begins as zeros
/// (in Keras as 0.1).
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; settings outside of their ranges.
///
/// # Source
/// Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", 2011.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{AdaGradStep, ada_grad_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let (grad, state) = (Tensor::new(&[3f64], &Device::Cpu)?, Tensor::new(&[[16f64]], &Device::Cpu)?);
/// ada_grad_step(&var, &grad, &state, &AdaGradStep { lr: 0.5, epsilon: 1.0 })?;
/// assert_eq!(var.to_vec1::<f64>()?, [0.75]); // 1 - 0.5 * 3 / (5 + 1)
/// # Ok::<(), candle::Error>(())
/// ```
pub fn ada_grad_step(var: &Var, grad: &Tensor, state: &Tensor, step: &AdaGradStep) -> Result<()> {
    check_not_negative(NAME, &[("learning rate", step.lr), ("epsilon", step.epsilon)])?;
    apply(NAME, var, grad, state, step)
}

impl Rule<1> for AdaGradStep {
    fn remember<T: Element>(&self, [sum]: [T; 1], grad: T, _: T) -> [T; 1] {
        [sum + grad * grad]
    }

    fn descend<T: Element>(&self, var: T, grad: T, [sum]: [T; 1]) -> T {
        var - T::from_f64(self.lr) * (grad / (sum.sqrt() + T::from_f64(self.epsilon)))
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        ("ada_grad", vec![self.lr, self.epsilon])
    }
}
