//! Rectified linear unit.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{OnDevice, Operand, Program};
use crate::elementwise::{map, zip_map};
use crate::error::float;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

/// The rectified linear unit `max(x, 0)`.
///
/// The gradient passes where `x > 0`; at zero it is 0, as in PyTorch. NaN stays NaN.
///
/// # Shapes
/// Any; the result has the same. f32 or f64.
///
/// # Errors
/// Another number type.
///
/// # Example
/// ```
/// use candle::{Device, Var};
/// let xs = Var::new(&[-2f32, 0., 3.], &Device::Cpu)?;
/// let ys = micrograph_ops::relu(&xs)?;
/// assert_eq!(ys.to_vec1::<f32>()?, [0., 0., 3.]);
/// let gradient = ys.backward()?.get(&xs).unwrap().to_vec1::<f32>()?;
/// assert_eq!(gradient, [0., 0., 1.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn relu(xs: &Tensor) -> Result<Tensor> {
    float(Relu.name(), xs)?;
    xs.contiguous()?.apply_op1(Relu)
}

/// `max(x, 0)`; NaN stays NaN.
pub(crate) fn rectified<T: Element>(x: T) -> T {
    if x <= T::zero() { T::zero() } else { x }
}

/// The gradient where the output is above zero.
pub(crate) fn relu_backward<T: Element>(grad: &[T], ys: &[T]) -> Vec<T> {
    zip_map(grad, ys, |g, y| if y <= T::zero() { T::zero() } else { g })
}

struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_float!(storage.dtype(), self.name(), T => {
            let xs = slice::<T>(self.name(), storage, layout)?;
            let ys = map(xs, rectified);
            Ok((T::to_cpu_storage_owned(ys), layout.shape().clone()))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, _: &Tensor, ys: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op2_no_bwd(ys, &ReluBackward).map(Some)
    }
}

pub(crate) struct ReluBackward;

impl CustomOp2 for ReluBackward {
    fn name(&self) -> &'static str {
        "relu_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        ys: &CpuStorage,
        ys_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let ys = slice::<T>(self.name(), ys, ys_layout)?;
            let out = relu_backward(grad, ys);
            Ok((T::to_cpu_storage_owned(out), grad_layout.shape().clone()))
        })
    }

    cuda_fwd!(grad grad_layout, ys ys_layout);
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for Relu {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        Ok(Program::elementwise(self.name(), ["elementwise", "relu"], operands, Vec::new()))
    }
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for ReluBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let kernel = ["elementwise", "relu_backward"];
        Ok(Program::elementwise(self.name(), kernel, operands, Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, with_nan};
    use candle::DType;

    #[test]
    fn kernels_rectify_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_rectify_as_the_cpu") else { return };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            for count in [1, 64, 1030] {
                let xs = with_nan(&drawn(1, dtype, &[count]));
                device.twin1(&Relu, &xs, Agreement::Bits);
                let grad = drawn(2, dtype, &[count]);
                device.twin2(&ReluBackward, [&grad, &xs], Agreement::Bits);
            }
        }
    }
}
