//! The layer that turns gradients around.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, OnDevice, Operand, Program};
use crate::elementwise::map;
use crate::error::{float, invalid};
use crate::storage::{for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "reverse_gradient";

/// The input as it is; backward, the gradient times `-factor`.
///
/// Between features and a classifier of domains it makes the features worse for that classifier:
/// what it would learn to tell apart, batches or laboratories, fades from them.
///
/// # Shapes
/// Any, in any memory layout; the result has the same shape. f32 or f64.
///
/// # Units and ranges
/// `factor` is finite.
///
/// # Errors
/// Another factor or number type.
///
/// # Source
/// Ganin and Lempitsky, "Unsupervised domain adaptation by backpropagation", 2015.
///
/// # Example
/// ```
/// use candle::{Device, Var};
/// let xs = Var::new(&[3f32, 4.], &Device::Cpu)?;
/// let ys = micrograph_ops::reverse_gradient(&xs, 0.5)?;
/// assert_eq!(ys.to_vec1::<f32>()?, [3., 4.]);
/// assert_eq!(ys.backward()?.get(&xs).unwrap().to_vec1::<f32>()?, [-0.5, -0.5]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn reverse_gradient(xs: &Tensor, factor: f64) -> Result<Tensor> {
    float(NAME, xs)?;
    if !factor.is_finite() {
        return Err(invalid(NAME, format!("factor {factor} must be finite")));
    }
    xs.contiguous()?.apply_op1(Times { forward: 1.0, backward: -factor })
}

struct Times {
    forward: f64,
    backward: f64,
}

impl CustomOp1 for Times {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_float!(storage.dtype(), NAME, T => {
            let factor = self.forward as T;
            let ys = map(slice::<T>(NAME, storage, layout)?, |x| x * factor);
            Ok((T::to_cpu_storage_owned(ys), layout.shape().clone()))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let op = Self { forward: self.backward, backward: self.forward };
        grad.contiguous()?.apply_op1_no_bwd(&op).map(Some)
    }
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for Times {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let settings = vec![Arg::Real(self.forward)];
        Ok(Program::elementwise(NAME, ["elementwise", "times"], operands, settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use candle::DType;

    #[test]
    fn kernels_multiply_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_multiply_as_the_cpu") else { return };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let op = Times { forward: -0.3, backward: 1.0 };
            device.twin1(&op, &drawn(1, dtype, &[203]), Agreement::Bits);
        }
    }
}
