//! AMSGrad: Adam whose rates never grow.

use super::adam::AdamStep;
use super::rule::{Rule, apply, blend};
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "ams_grad_step";

/// One step of AMSGrad, in place, as PyTorch's `AdamW` with `amsgrad=True`: [`adam_step`], with the
/// largest `second` so far in its place.
///
/// ```text
/// first   = beta1 * first + (1 - beta1) * grad
/// second  = beta2 * second + (1 - beta2) * grad^2
/// largest = max(largest, second)
/// var    -= lr * weight_decay * var
/// var    -= lr / (1 - beta1^t) * first / (sqrt(largest / (1 - beta2^t)) + epsilon)
/// ```
///
/// [`adam_step`]: crate::adam_step
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(3, ...)`, first, second and largest,
/// and begins as zeros.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; `t` of zero; settings outside of their ranges.
///
/// # Source
/// Reddi, Kale and Kumar, "On the convergence of Adam and beyond", 2018.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{AdamConfig, ams_grad_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let grad = Tensor::new(&[0.5f64], &Device::Cpu)?;
/// let state = Tensor::new(&[[0f64], [0.], [4.]], &Device::Cpu)?; // an earlier square of 4
/// let config = AdamConfig { beta1: 0.5, beta2: 0.75, epsilon: 0.0, ..Default::default() };
/// ams_grad_step(&var, &grad, &state, &config.step(0.1, 1))?;
/// assert!((var.to_vec1::<f64>()?[0] - (1.0 - 0.1 * 0.5 / 4.0)).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn ams_grad_step(var: &Var, grad: &Tensor, state: &Tensor, step: &AdamStep) -> Result<()> {
    step.check(NAME)?;
    apply(NAME, var, grad, state, &AmsGrad::of(step))
}

pub(super) struct AmsGrad {
    step: AdamStep,
    rate: f64,
    root: f64,
}

impl AmsGrad {
    pub(super) fn of(step: &AdamStep) -> Self {
        let [rate, root] = step.rate_and_root();
        Self { step: *step, rate, root }
    }
}

impl Rule<3> for AmsGrad {
    fn remember<T: Element>(&self, [first, second, largest]: [T; 3], grad: T, _: T) -> [T; 3] {
        let first = blend(self.step.beta1, first, grad);
        let second = blend(self.step.beta2, second, grad * grad);
        [first, second, if second > largest { second } else { largest }]
    }

    fn descend<T: Element>(&self, var: T, _: T, [first, _, largest]: [T; 3]) -> T {
        let keep = T::from_f64(1.0 - self.step.lr * self.step.weight_decay);
        let root = largest.sqrt() / T::from_f64(self.root) + T::from_f64(self.step.epsilon);
        var * keep - T::from_f64(self.rate) * (first / root)
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        ("ams_grad", self.step.settings())
    }
}
