//! Adam, and AdamW by its decoupled decay.

use super::device::Step;
use super::{check, check_decay, check_not_negative, update, update2};
use crate::error::invalid;
use crate::storage::{Element, for_float, slice, slice_mut};
use candle::backend::BackendStorage;
use candle::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var};
use serde::{Deserialize, Serialize};

const NAME: &str = "adam_step";

/// What stays the same from step to step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamConfig {
    /// Decay of the mean gradient; 0.9 by default, as in the paper.
    pub beta1: f64,
    /// Decay of the mean squared gradient; 0.999 by default, as in the paper.
    pub beta2: f64,
    /// Added to the root of the mean square; 1e-8 by default, as in the paper.
    pub epsilon: f64,
    /// Decoupled weight decay (AdamW); 0 by default, which is Adam.
    pub weight_decay: f64,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

impl AdamConfig {
    /// Step number `t`, counted from 1, at a learning rate.
    #[must_use]
    pub const fn step(&self, lr: f64, t: u64) -> AdamStep {
        let Self { beta1, beta2, epsilon, weight_decay } = *self;
        AdamStep { lr, beta1, beta2, epsilon, weight_decay, t }
    }
}

/// One step of [`adam_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamStep {
    /// Learning rate, not negative.
    pub lr: f64,
    /// Decay of the mean gradient, in `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean squared gradient, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the root of the mean square, not negative.
    pub epsilon: f64,
    /// Decoupled weight decay, not negative: the variable shrinks by `lr * weight_decay` of itself.
    pub weight_decay: f64,
    /// The number of the step, from 1: it corrects the bias of means that began at zero.
    pub t: u64,
}

impl AdamStep {
    /// The rate and the root of the correction of the second mean, at this step.
    pub(super) fn rate_and_root(&self) -> [f64; 2] {
        let correction = |beta: f64| 1.0 - beta.powf(self.t as f64);
        [self.lr / correction(self.beta1), correction(self.beta2).sqrt()]
    }

    /// What the kernels of Adam and AMSGrad take.
    pub(super) fn settings(&self) -> Vec<f64> {
        let Self { lr, beta1, beta2, epsilon, weight_decay, .. } = *self;
        let [rate, root] = self.rate_and_root();
        let keep = 1.0 - lr * weight_decay;
        vec![beta1, 1.0 - beta1, beta2, 1.0 - beta2, keep, rate, root, epsilon]
    }

    pub(super) fn check(&self, op: &'static str) -> Result<()> {
        let Self { lr, beta1, beta2, epsilon, weight_decay, t } = *self;
        let settings =
            [("learning rate", lr), ("epsilon", epsilon), ("weight decay", weight_decay)];
        check_not_negative(op, &settings)?;
        check_decay(op, "beta1", beta1)?;
        check_decay(op, "beta2", beta2)?;
        if t == 0 {
            return Err(invalid(op, "steps are counted from t = 1, got 0"));
        }
        Ok(())
    }
}

/// One step of Adam, or of AdamW when there is weight decay, in place.
///
/// ```text
/// first  = beta1 * first + (1 - beta1) * grad
/// second = beta2 * second + (1 - beta2) * grad^2
/// var   -= lr * weight_decay * var
/// var   -= lr / (1 - beta1^t) * first / (sqrt(second / (1 - beta2^t)) + epsilon)
/// ```
///
/// # Shapes
/// All four tensors have one shape and one type, f32 or f64. `first` and `second` begin as zeros.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory with another of the four; `t` of zero; settings outside of their ranges.
///
/// # Source
/// Kingma and Ba, "Adam: a method for stochastic optimization", 2015; Loshchilov and Hutter,
/// "Decoupled weight decay regularization", 2019; order of operations as in PyTorch.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{AdamConfig, adam_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let grad = Tensor::new(&[0.5f64], &Device::Cpu)?;
/// let (first, second) = (grad.zeros_like()?, grad.zeros_like()?);
/// adam_step(&var, &grad, &first, &second, &AdamConfig::default().step(0.1, 1))?;
/// assert!((var.to_vec1::<f64>()?[0] - 0.9).abs() < 1e-8); // the first step is lr, whatever the gradient
/// # Ok::<(), candle::Error>(())
/// ```
pub fn adam_step(
    var: &Var,
    grad: &Tensor,
    first: &Tensor,
    second: &Tensor,
    step: &AdamStep,
) -> Result<()> {
    check(NAME, var, grad, &[first, second])?;
    step.check(NAME)?;
    let AdamStep { beta1, beta2, .. } = *step;
    let grad = grad.contiguous()?;
    let kernel = Step { op: NAME, kernel: "adam", settings: step.settings() };
    if kernel.taken(&[var, &grad, first, second])? {
        return Ok(());
    }
    first.inplace_op2(&grad, &Moment { decay: beta1, power: Power::First })?;
    second.inplace_op2(&grad, &Moment { decay: beta2, power: Power::Second })?;
    var.inplace_op3(first, second, &Update { step: *step })
}

/// Which moment of the gradient is averaged.
#[derive(Clone, Copy)]
enum Power {
    First,
    Second,
}

/// `moment = decay * moment + (1 - decay) * grad^power`.
struct Moment {
    decay: f64,
    power: Power,
}

impl InplaceOp2 for Moment {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        moment: &mut CpuStorage,
        moment_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), NAME, T => {
            let moment = slice_mut::<T>(NAME, moment, moment_layout)?;
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let (decay, rest) = (self.decay as T, (1.0 - self.decay) as T);
            match self.power {
                Power::First => update(moment, grad, |m, g| decay * m + rest * g),
                Power::Second => update(moment, grad, |m, g| decay * m + rest * (g * g)),
            }
            Ok(())
        })
    }
}

struct Update {
    step: AdamStep,
}

impl InplaceOp3 for Update {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        var: &mut CpuStorage,
        var_layout: &Layout,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> Result<()> {
        for_float!(first.dtype(), NAME, T => {
            let var = slice_mut::<T>(NAME, var, var_layout)?;
            let first = slice::<T>(NAME, first, first_layout)?;
            let second = slice::<T>(NAME, second, second_layout)?;
            self.apply(var, first, second);
            Ok(())
        })
    }
}

impl Update {
    fn apply<T: Element>(&self, var: &mut [T], first: &[T], second: &[T]) {
        let AdamStep { lr, epsilon, weight_decay, .. } = self.step;
        let keep = T::from_f64(1.0 - lr * weight_decay);
        let [rate, root] = self.step.rate_and_root().map(T::from_f64);
        let epsilon = T::from_f64(epsilon);
        update2(var, first, second, |x, m, v| x * keep - rate * (m / (v.sqrt() / root + epsilon)));
    }
}
