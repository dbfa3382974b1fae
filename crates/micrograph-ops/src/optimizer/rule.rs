//! Optimizers whose memory of an element is a few numbers, in two passes: memory, then variable.

use super::device::Step;
use crate::elementwise::CHUNK;
use crate::error::{float, same_dtype, unexpected_shape};
use crate::parallel::*;
use crate::storage::{Element, check_apart, for_float, slice, slice_mut};
use candle::backend::BackendStorage;
use candle::{CpuStorage, Error, InplaceOp3, Layout, Result, Tensor, Var};

/// What an optimizer does with one element that it remembers `STATES` numbers of.
pub(super) trait Rule<const STATES: usize>: Sync {
    /// The memory after a gradient.
    fn remember<T: Element>(&self, state: [T; STATES], grad: T, var: T) -> [T; STATES];
    /// The variable after the step, from the new memory.
    fn descend<T: Element>(&self, var: T, grad: T, state: [T; STATES]) -> T;
    /// The kernel that does both, and its settings.
    fn kernel(&self) -> (&'static str, Vec<f64>);
}

/// One step of `var`, in place; `state` is `(STATES, ...)`.
pub(super) fn apply<const STATES: usize>(
    op: &'static str,
    var: &Var,
    grad: &Tensor,
    state: &Tensor,
    rule: &impl Rule<STATES>,
) -> Result<()> {
    float(op, var)?;
    for tensor in [grad, state] {
        same_dtype(op, var, tensor)?;
    }
    if grad.shape() != var.shape() {
        let message = "the gradient must have the shape of the variable";
        return Err(unexpected_shape(op, message, var.shape(), grad.shape()));
    }
    let expected = [&[STATES], var.dims()].concat();
    if state.dims() != expected {
        let message = format!("the state must have {STATES} times the shape of the variable");
        return Err(unexpected_shape(op, message, expected, state.shape()));
    }
    if !var.is_contiguous() || !state.is_contiguous() {
        return Err(Error::RequiresContiguous { op }.bt());
    }
    check_apart(op, &[var, grad, state])?;
    if var.elem_count() == 0 {
        return Ok(());
    }
    let grad = grad.contiguous()?;
    let (kernel, settings) = rule.kernel();
    if (Step { op, kernel, settings }).taken(&[var, &grad, state])? {
        return Ok(());
    }
    state.inplace_op3(&grad, var, &Remember { op, rule })?;
    var.inplace_op3(&grad, state, &Descend { op, rule })
}

struct Remember<'a, R, const STATES: usize> {
    op: &'static str,
    rule: &'a R,
}

impl<R: Rule<STATES>, const STATES: usize> InplaceOp3 for Remember<'_, R, STATES> {
    fn name(&self) -> &'static str {
        self.op
    }

    fn cpu_fwd(
        &self,
        state: &mut CpuStorage,
        state_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
        var: &CpuStorage,
        var_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), self.op, T => {
            let state = slice_mut::<T>(self.op, state, state_layout)?;
            let grad = slice::<T>(self.op, grad, grad_layout)?;
            let var = slice::<T>(self.op, var, var_layout)?;
            let mut rows: Vec<_> =
                state.chunks_exact_mut(grad.len()).map(|row| row.chunks_mut(CHUNK)).collect();
            let chunk = |_| -> [&mut [T]; STATES] {
                std::array::from_fn(|row| rows[row].next().unwrap_or_default())
            };
            let tasks: Vec<_> = (0..grad.len().div_ceil(CHUNK)).map(chunk).collect();
            let inputs = grad.par_chunks(CHUNK).zip(var.par_chunks(CHUNK));
            tasks.into_par_iter().zip(inputs).for_each(|(mut state, (grad, var))| {
                for (i, (&grad, &var)) in grad.iter().zip(var).enumerate() {
                    let old = std::array::from_fn(|row| state[row][i]);
                    let new = self.rule.remember(old, grad, var);
                    state.iter_mut().zip(new).for_each(|(row, new)| row[i] = new);
                }
            });
            Ok(())
        })
    }
}

struct Descend<'a, R, const STATES: usize> {
    op: &'static str,
    rule: &'a R,
}

impl<R: Rule<STATES>, const STATES: usize> InplaceOp3 for Descend<'_, R, STATES> {
    fn name(&self) -> &'static str {
        self.op
    }

    fn cpu_fwd(
        &self,
        var: &mut CpuStorage,
        var_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
        state: &CpuStorage,
        state_layout: &Layout,
    ) -> Result<()> {
        for_float!(grad.dtype(), self.op, T => {
            let var = slice_mut::<T>(self.op, var, var_layout)?;
            let grad = slice::<T>(self.op, grad, grad_layout)?;
            let state = slice::<T>(self.op, state, state_layout)?;
            let chunks = var.par_chunks_mut(CHUNK).zip(grad.par_chunks(CHUNK)).enumerate();
            chunks.for_each(|(chunk, (var, grads))| {
                let row = |row: usize| &state[row * grad.len() + chunk * CHUNK..][..grads.len()];
                let rows: [&[T]; STATES] = std::array::from_fn(row);
                for (i, (var, &grad)) in var.iter_mut().zip(grads).enumerate() {
                    *var = self.rule.descend(*var, grad, std::array::from_fn(|row| rows[row][i]));
                }
            });
            Ok(())
        })
    }
}

/// `decay * mean + (1 - decay) * x`.
pub(super) fn blend<T: Element>(decay: f64, mean: T, x: T) -> T {
    T::from_f64(decay) * mean + T::from_f64(1.0 - decay) * x
}
