//! The backward pass as a function of tensors.

use super::NAME;
use super::algorithm::{Convolve, Operands};
use super::plan::Plan;
use crate::error::invalid;
use crate::layer::Wanted;
use crate::storage::{for_float, slice};
use candle::{Result, Shape, Storage, Tensor};

/// The gradients of input, weight and bias from input, weight, outputs and their gradient, all of
/// them contiguous. The outputs are read where there is an activation.
pub(super) fn gradients(
    plan: &Plan,
    [xs, weight, ys, grad]: [&Tensor; 4],
    wanted: Wanted,
) -> Result<[Option<Tensor>; 3]> {
    #[cfg(feature = "cuda")]
    if grad.device().is_cuda() {
        return super::device::backward(plan, [xs, weight, ys, grad], wanted);
    }
    let tensors = [xs, weight, ys, grad].map(|tensor| tensor.storage_and_layout());
    for_float!(grad.dtype(), NAME, T => {
        let mut slices = [&[][..]; 4];
        for (slice_of, (storage, layout)) in slices.iter_mut().zip(&tensors) {
            let Storage::Cpu(storage) = &**storage else {
                return Err(invalid(NAME, "there is no backward pass on this device"));
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
