//! Steps of optimizers, in place: each pass reads its operands once and makes no temporary tensor.

mod ada_delta;
mod ada_grad;
mod adam;
mod ams_grad;
mod device;
mod ftrl;
mod nadam;
mod rms_prop;
mod rule;
mod sgd;

pub use ada_delta::{AdaDeltaStep, ada_delta_step};
pub use ada_grad::{AdaGradStep, ada_grad_step};
pub use adam::{AdamConfig, AdamStep, adam_step};
pub use ams_grad::ams_grad_step;
pub use ftrl::{FtrlStep, ftrl_step};
pub use nadam::{NadamStep, nadam_step};
pub use rms_prop::{RmsPropStep, rms_prop_step};
pub use sgd::{Momentum, SgdStep, sgd_step};

use crate::elementwise::CHUNK;
use crate::error::{float, invalid, same_dtype, unexpected_shape};
use crate::parallel::*;
use crate::storage::{Element, check_apart};
use candle::{Error, Result, Tensor};

/// Refuses operands that do not look like the variable, and state that cannot be written in place.
fn check(op: &'static str, var: &Tensor, grad: &Tensor, state: &[&Tensor]) -> Result<()> {
    float(op, var)?;
    for tensor in state.iter().chain([&grad]) {
        same_dtype(op, var, tensor)?;
        if tensor.shape() != var.shape() {
            let message = "gradient and state must have the shape of the variable";
            return Err(unexpected_shape(op, message, var.shape(), tensor.shape()));
        }
    }
    if state.iter().chain([&var]).any(|tensor| !tensor.is_contiguous()) {
        return Err(Error::RequiresContiguous { op }.bt());
    }
    let all: Vec<&Tensor> = [var, grad].into_iter().chain(state.iter().copied()).collect();
    check_apart(op, &all)
}

/// Refuses a setting that is negative or not finite.
fn check_not_negative(op: &'static str, settings: &[(&str, f64)]) -> Result<()> {
    let bad = settings.iter().find(|(_, value)| !value.is_finite() || *value < 0.0);
    bad.map_or(Ok(()), |(name, value)| {
        Err(invalid(op, format!("{name} {value} must be finite and not negative")))
    })
}

/// Refuses a decay rate outside of `[0, 1)`.
fn check_decay(op: &'static str, name: &str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(invalid(op, format!("{name} {value} must lie in [0, 1)")))
}

/// `x = f(x, a)` for each element.
fn update<T: Element>(xs: &mut [T], a: &[T], f: impl Fn(T, T) -> T + Sync) {
    xs.par_chunks_mut(CHUNK).zip(a.par_chunks(CHUNK)).for_each(|(xs, a)| {
        xs.iter_mut().zip(a).for_each(|(x, &a)| *x = f(*x, a));
    });
}

/// `x = f(x, a, b)` for each element.
fn update2<T: Element>(xs: &mut [T], a: &[T], b: &[T], f: impl Fn(T, T, T) -> T + Sync) {
    let inputs = a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK));
    xs.par_chunks_mut(CHUNK).zip(inputs).for_each(|(xs, (a, b))| {
        xs.iter_mut().zip(a.iter().zip(b)).for_each(|(x, (&a, &b))| *x = f(*x, a, b));
    });
}
