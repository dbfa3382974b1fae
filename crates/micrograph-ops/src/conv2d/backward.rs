//! The backward passes as functions of tensors.

use super::NAME;
use super::algorithm::{Convolve, Operands, Wanted};
use super::plan::Plan;
use crate::error::invalid;
use crate::storage::{for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, Layout, Result, Shape, Storage, Tensor, WithDType};

/// The gradients of input, weight and bias from input, weight, outputs and their gradient.
pub(super) fn gradients(
    plan: &Plan,
    [xs, weight, ys, grad]: [&Tensor; 4],
    wanted: Wanted,
) -> Result<[Option<Tensor>; 3]> {
    let grad = grad.contiguous()?;
    let tensors = [xs, weight, ys, &grad].map(|tensor| tensor.storage_and_layout());
    for_float!(grad.dtype(), NAME, T => {
        let mut slices = [&[][..]; 4];
        for (slice_of, (storage, layout)) in slices.iter_mut().zip(&tensors) {
            let Storage::Cpu(storage) = &**storage else {
                return Err(invalid(NAME, "the backward pass has no CUDA kernel yet"));
            };
            *slice_of = slice::<T>(NAME, storage, layout)?;
        }
        let [xs, weight, ys, grad_slice] = slices;
        let operands = Operands { xs, weight, ys, grad: grad_slice };
        let gradients = T::backward(plan, operands, wanted);
        let tensor = |data: Option<Vec<T>>, shape: Shape| {
            data.map(|data| Tensor::from_vec(data, shape, grad.device())).transpose()
        };
        Ok([
            tensor(gradients.xs, plan.xs_shape())?,
            tensor(gradients.weight, plan.weight_shape())?,
            tensor(gradients.bias, Shape::from(plan.out_channels))?,
        ])
    })
}

/// From the gradient of the outputs and the weight to the gradient of the input, of a plan without
/// activation.
pub(super) struct BackwardData {
    pub(super) plan: Plan,
}

impl CustomOp2 for BackwardData {
    fn name(&self) -> &'static str {
        "conv2d_backward_data"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let weight = slice::<T>(self.name(), weight, weight_layout)?;
            let operands = Operands { xs: &[], weight, ys: &[], grad };
            let wanted = Wanted { xs: true, weight: false, bias: false };
            let xs = T::backward(&self.plan, operands, wanted).xs.unwrap_or_default();
            Ok((T::to_cpu_storage_owned(xs), self.plan.xs_shape()))
        })
    }
}

/// From the gradient of the outputs and the input to the gradient of the weight, of a plan without
/// activation.
pub(super) struct BackwardWeight {
    pub(super) plan: Plan,
}

impl CustomOp2 for BackwardWeight {
    fn name(&self) -> &'static str {
        "conv2d_backward_weight"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        xs: &CpuStorage,
        xs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let xs = slice::<T>(self.name(), xs, xs_layout)?;
            let operands = Operands { xs, weight: &[], ys: &[], grad };
            let wanted = Wanted { xs: false, weight: true, bias: false };
            let weight = T::backward(&self.plan, operands, wanted).weight.unwrap_or_default();
            Ok((T::to_cpu_storage_owned(weight), self.plan.weight_shape()))
        })
    }
}
