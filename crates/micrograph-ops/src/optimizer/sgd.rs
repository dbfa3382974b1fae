//! Stochastic gradient descent.

use super::device::Step;
use super::{check, check_decay, check_not_negative, update, update2};
use crate::error::invalid;
use crate::storage::{for_float, slice, slice_mut};
use candle::backend::BackendStorage;
use candle::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var};
use serde::{Deserialize, Serialize};

const NAME: &str = "sgd_step";

/// How past gradients carry on; the coefficient lies in `[0, 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Momentum {
    /// Not at all.
    #[default]
    None,
    /// The step follows the velocity (Polyak).
    Classic(f64),
    /// The step follows the velocity that the next step would have (Nesterov).
    Nesterov(f64),
}

/// One step of [`sgd_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdStep {
    /// Learning rate, not negative.
    pub lr: f64,
    /// Momentum.
    pub momentum: Momentum,
    /// Coupled weight decay, not negative: its product with the variable is added to the gradient.
    pub weight_decay: f64,
}

/// One step of stochastic gradient descent, in place, as PyTorch's `SGD` without dampening.
///
/// ```text
/// g        = grad + weight_decay * var
/// velocity = momentum * velocity + g
/// var     -= lr * g                               no momentum
/// var     -= lr * velocity                        classic
/// var     -= lr * (g + momentum * velocity)       Nesterov
/// ```
///
/// # Shapes
/// The tensors have one shape and one type, f32 or f64. `velocity` begins as zeros; it is given
/// exactly when there is momentum.
///
/// # Errors
/// Shapes or types that do not agree; variable or velocity that is not contiguous, or shares its
/// memory with another; momentum without velocity or the reverse; settings outside of their ranges.
///
/// # Source
/// Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, in
/// PyTorch's form, where the learning rate is outside of the velocity.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{Momentum, SgdStep, sgd_step};
/// let var = Var::new(&[1f64], &Device::Cpu)?;
/// let grad = Tensor::new(&[0.5f64], &Device::Cpu)?;
/// let velocity = grad.zeros_like()?;
/// let step = SgdStep { lr: 0.1, momentum: Momentum::Nesterov(0.5), weight_decay: 0.0 };
/// sgd_step(&var, &grad, Some(&velocity), &step)?;
/// assert_eq!(velocity.to_vec1::<f64>()?, [0.5]);
/// assert!((var.to_vec1::<f64>()?[0] - 0.925).abs() < 1e-15); // 1 - 0.1 * (0.5 + 0.5 * 0.5)
/// # Ok::<(), candle::Error>(())
/// ```
pub fn sgd_step(var: &Var, grad: &Tensor, velocity: Option<&Tensor>, step: &SgdStep) -> Result<()> {
    let state: Vec<&Tensor> = velocity.into_iter().collect();
    check(NAME, var, grad, &state)?;
    check_not_negative(NAME, &[("learning rate", step.lr), ("weight decay", step.weight_decay)])?;
    let grad = grad.contiguous()?;
    let settings = vec![step.lr, step.weight_decay];
    match (step.momentum, velocity) {
        (Momentum::None, None) => {
            if (Step { op: NAME, kernel: "sgd", settings }).taken(&[var, &grad])? {
                return Ok(());
            }
            var.inplace_op2(&grad, &Descent { step: *step })
        }
        (Momentum::Classic(momentum) | Momentum::Nesterov(momentum), Some(velocity)) => {
            check_decay(NAME, "momentum", momentum)?;
            let nesterov = matches!(step.momentum, Momentum::Nesterov(_));
            let kernel = if nesterov { "sgd_nesterov" } else { "sgd_classic" };
            let settings = [settings, vec![momentum]].concat();
            if (Step { op: NAME, kernel, settings }).taken(&[var, &grad, velocity])? {
                return Ok(());
            }
            let weight_decay = step.weight_decay;
            velocity.inplace_op3(&grad, var, &Velocity { momentum, weight_decay })?;
            var.inplace_op3(&grad, velocity, &Descent { step: *step })
        }
        (Momentum::None, Some(_)) => Err(invalid(NAME, "without momentum no velocity is taken")),
        (_, None) => Err(invalid(NAME, "momentum needs a velocity; begin with zeros")),
    }
}

/// `velocity = momentum * velocity + grad + weight_decay * var`.
struct Velocity {
    momentum: f64,
    weight_decay: f64,
}

impl InplaceOp3 for Velocity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        velocity: &mut CpuStorage,
        velocity_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
        var: &CpuStorage,
        var_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), NAME, T => {
            let velocity = slice_mut::<T>(NAME, velocity, velocity_layout)?;
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let var = slice::<T>(NAME, var, var_layout)?;
            let (momentum, decay) = (self.momentum as T, self.weight_decay as T);
            update2(velocity, grad, var, |v, g, x| momentum * v + (g + decay * x));
            Ok(())
        })
    }
}

/// The step itself: from the gradient alone, or from the gradient and the new velocity.
struct Descent {
    step: SgdStep,
}

impl InplaceOp2 for Descent {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        var: &mut CpuStorage,
        var_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), NAME, T => {
            let var = slice_mut::<T>(NAME, var, var_layout)?;
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let (lr, decay) = (self.step.lr as T, self.step.weight_decay as T);
            update(var, grad, |x, g| x - lr * (g + decay * x));
            Ok(())
        })
    }
}

impl InplaceOp3 for Descent {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        var: &mut CpuStorage,
        var_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
        velocity: &CpuStorage,
        velocity_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), NAME, T => {
            let var = slice_mut::<T>(NAME, var, var_layout)?;
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let velocity = slice::<T>(NAME, velocity, velocity_layout)?;
            let (lr, decay) = (self.step.lr as T, self.step.weight_decay as T);
            match self.step.momentum {
                Momentum::Nesterov(momentum) => {
                    let momentum = momentum as T;
                    update2(var, grad, velocity, |x, g, v| x - lr * (g + decay * x + momentum * v));
                }
                Momentum::Classic(_) | Momentum::None => {
                    update2(var, grad, velocity, |x, _, v| x - lr * v);
                }
            }
            Ok(())
        })
    }
}
