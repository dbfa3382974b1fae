//! Softmax over the last axis.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program};
use crate::error::{float, not_empty};
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "softmax";

/// Probabilities over the last axis: `exp(x_i) / sum over j of exp(x_j)`.
///
/// The largest logit is taken off first, so that no finite logit overflows.
///
/// # Shapes
/// - `logits`: `(..., k)`, f32 or f64, in any memory layout
/// - returns: the same
///
/// # Edge cases
/// A row with NaN or positive infinity is NaN; a negative infinity is a probability of 0.
///
/// # Errors
/// A size of zero; another number type.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// let logits = Tensor::new(&[[0f64, 3f64.ln()], [1e4, -1e4]], &Device::Cpu)?;
/// let probabilities = micrograph_ops::softmax(&logits)?.to_vec2::<f64>()?;
/// assert!((probabilities[0][1] - 0.75).abs() < 1e-15);
/// assert_eq!(probabilities[1], [1.0, 0.0]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn softmax(logits: &Tensor) -> Result<Tensor> {
    float(NAME, logits)?;
    not_empty(NAME, "logits", logits)?;
    logits.contiguous()?.apply_op1(Softmax)
}

/// The probabilities of one row in f64.
fn row_softmax<T: Element>(logits: &[T], probabilities: &mut [f64]) {
    let logits = || logits.iter().map(|x| x.to_f64());
    let largest = logits().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (p, x) in probabilities.iter_mut().zip(logits()) {
        *p = (x - largest).exp();
        sum += *p;
    }
    probabilities.iter_mut().for_each(|p| *p /= sum);
}

/// The length of the last axis; a scalar counts as one.
fn classes(layout: &Layout) -> usize {
    layout.dims().last().copied().unwrap_or(1)
}

struct Softmax;

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let k = classes(layout);
        for_float!(storage.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, storage, layout)?;
            let mut probabilities = vec![0.0; k];
            let mut out = Vec::with_capacity(logits.len());
            for row in logits.chunks_exact(k) {
                row_softmax(row, &mut probabilities);
                out.extend(probabilities.iter().map(|&p| p as T));
            }
            Ok((T::to_cpu_storage_owned(out), layout.shape().clone()))
        })
    }

    cuda_fwd!(logits layout);

    fn bwd(&self, _: &Tensor, probabilities: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op2_no_bwd(probabilities, &SoftmaxBackward).map(Some)
    }
}

/// `p_i * (g_i - sum over j of g_j * p_j)`.
struct SoftmaxBackward;

impl CustomOp2 for SoftmaxBackward {
    fn name(&self) -> &'static str {
        "softmax_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        probabilities: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let k = classes(layout);
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let probabilities = slice::<T>(self.name(), probabilities, layout)?;
            let mut out = Vec::with_capacity(grad.len());
            for (grad, row) in grad.chunks_exact(k).zip(probabilities.chunks_exact(k)) {
                let mean: f64 = grad.iter().zip(row).map(|(g, p)| g.to_f64() * p.to_f64()).sum();
                out.extend(grad.iter().zip(row).map(|(g, p)| (p.to_f64() * (g.to_f64() - mean)) as T));
            }
            Ok((T::to_cpu_storage_owned(out), layout.shape().clone()))
        })
    }

    cuda_fwd!(grad grad_layout, probabilities layout);
}

/// Numbers of a row, at most, that a warp takes alone.
#[cfg(any(feature = "cuda", test))]
const OF_WARP: u64 = 1024;

/// By the first kernel a warp takes a row, by the second a block.
#[cfg(any(feature = "cuda", test))]
fn rows(op: &'static str, kernels: [&'static str; 2], operands: &[Operand<'_>]) -> Program {
    let xs = operands[0];
    let classes = classes(xs.layout) as u64;
    let rows = xs.len() / classes;
    let mut args: Vec<_> = (0..operands.len()).map(Arg::In).collect();
    args.extend([Arg::Out(0), Arg::U64(rows), Arg::U64(classes)]);
    let launch = if classes <= OF_WARP {
        Launch::over("softmax", kernels[0], xs.dtype, rows * 32, args)
    } else {
        Launch::blocks("softmax", kernels[1], xs.dtype, [rows, 256], args)
    };
    Program::single(op, (xs.dtype, xs.layout.shape().clone()), launch)
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for Softmax {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        Ok(rows(NAME, ["softmax_of_warps", "softmax_of_blocks"], operands))
    }
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for SoftmaxBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let kernels = ["softmax_backward_of_warps", "softmax_backward_of_blocks"];
        Ok(rows(self.name(), kernels, operands))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, with_nan};
    use candle::DType;

    #[test]
    fn kernels_agree_with_the_cpu() {
        let Some(device) = Emulator::or_skip("softmax::kernels_agree_with_the_cpu") else { return };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            // Sums of up to 1030 terms in another order; of narrow types, the last rounding alone.
            let near = if dtype.size_in_bytes() == 2 { 2.0 } else { 4.0 };
            for shape in [[1, 1], [35, 3], [2, 37], [2, 1030]] {
                let logits = (drawn(1, dtype, &shape) * 8.0).expect("logits");
                device.twin1(&Softmax, &logits, Agreement::Epsilons(near));
                device.twin1(&Softmax, &with_nan(&logits), Agreement::Epsilons(near));
                let probabilities = softmax(&drawn(2, DType::F64, &shape)).expect("probabilities");
                let probabilities = probabilities.to_dtype(dtype).expect("probabilities");
                let operands = [&drawn(3, dtype, &shape), &probabilities];
                device.twin2(&SoftmaxBackward, operands, Agreement::Epsilons(near));
            }
        }
    }
}
