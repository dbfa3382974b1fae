//! Dropout whose mask is a function of a key.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, OnDevice, Operand, Program};
use crate::elementwise::CHUNK;
use crate::error::{float, invalid};
use crate::parallel::*;
use crate::philox::{RandomKey, fill_bits};
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "dropout";

/// Random words that are drawn at once; divides [`CHUNK`].
const BITS: usize = 512;

/// Sets each element to zero with the given probability, and divides those that stay by
/// `1 - probability` (inverted scaling), so that the expectation is kept.
///
/// Element `i`, in reading order, is dropped when word `i % 4` of Philox block `i / 4` is below
/// `probability * 2^32`: the mask depends on the key and the place alone. The backward pass makes
/// it anew, none is stored. A dropped NaN is 0.
///
/// # Shapes
/// Any, in any memory layout; the result has the same shape. f32 or f64.
///
/// # Units and ranges
/// `probability` in `[0, 1)`; at 0 the input comes back as it is.
///
/// # Errors
/// A probability outside of its range; another number type.
///
/// # Source
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
///
/// # Example
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_ops::{RandomKey, dropout};
/// let xs = Tensor::ones(6, DType::F32, &Device::Cpu)?;
/// let ys = dropout(&xs, 0.5, RandomKey { seed: 0, stream: 0 })?;
/// assert_eq!(ys.to_vec1::<f32>()?, [0., 2., 2., 2., 2., 0.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn dropout(xs: &Tensor, probability: f64, key: RandomKey) -> Result<Tensor> {
    float(NAME, xs)?;
    if !(0.0..1.0).contains(&probability) {
        return Err(invalid(NAME, format!("probability {probability} must lie in [0, 1)")));
    }
    if probability == 0.0 {
        return Ok(xs.clone());
    }
    xs.contiguous()?.apply_op1(Dropout { probability, key })
}

#[derive(Clone, Copy)]
struct Dropout {
    probability: f64,
    key: RandomKey,
}

impl CustomOp1 for Dropout {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_float!(storage.dtype(), NAME, T => {
            let ys = self.masked(slice::<T>(NAME, storage, layout)?);
            Ok((T::to_cpu_storage_owned(ys), layout.shape().clone()))
        })
    }

    cuda_fwd!(xs layout);

    /// The operation is linear and its own adjoint.
    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(self).map(Some)
    }
}

/// Words below the first are dropped; what stays is multiplied by the second.
pub(crate) fn threshold_and_scale(probability: f64) -> (u32, f64) {
    // Below 2^32 because the probability is below 1 and f64 has 53 bits.
    ((probability * 2_f64.powi(32)) as u32, 1.0 / (1.0 - probability))
}

impl Dropout {
    fn masked<T: Element>(&self, xs: &[T]) -> Vec<T> {
        let (threshold, scale) = threshold_and_scale(self.probability);
        let scale = T::from_f64(scale);
        let mut ys = Vec::with_capacity(xs.len());
        let slots = &mut ys.spare_capacity_mut()[..xs.len()];
        let chunks = slots.par_chunks_mut(CHUNK).zip(xs.par_chunks(CHUNK)).enumerate();
        chunks.for_each(|(chunk, (ys, xs))| {
            let mut bits = [0; BITS];
            let parts = ys.chunks_mut(BITS).zip(xs.chunks(BITS)).enumerate();
            for (part, (ys, xs)) in parts {
                let bits = &mut bits[..xs.len()];
                fill_bits(self.key, ((chunk * CHUNK + part * BITS) / 4) as u64, bits);
                for ((y, &x), &bits) in ys.iter_mut().zip(xs).zip(&*bits) {
                    y.write(if bits < threshold { T::zero() } else { x * scale });
                }
            }
        });
        // SAFETY: each chunk and each part of it was written whole.
        unsafe { ys.set_len(xs.len()) };
        ys
    }
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for Dropout {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (threshold, scale) = threshold_and_scale(self.probability);
        let RandomKey { seed, stream } = self.key;
        let settings =
            vec![Arg::U64(seed), Arg::U64(stream), Arg::U32(threshold), Arg::Real(scale)];
        Ok(Program::elementwise(NAME, ["dropout", "dropout"], operands, settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use candle::DType;

    #[test]
    fn kernels_drop_what_the_cpu_drops() {
        let Some(device) = Emulator::or_skip("kernels_drop_what_the_cpu_drops") else { return };
        let key = RandomKey { seed: 0x0123_4567_89ab_cdef, stream: u64::MAX - 5 };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            for (count, probability) in [(1, 0.5), (6, 0.1), (64, 0.9), (2051, 0.3)] {
                let xs = drawn(count as u64, dtype, &[count]);
                device.twin1(&Dropout { probability, key }, &xs, Agreement::Bits);
            }
        }
    }
}
