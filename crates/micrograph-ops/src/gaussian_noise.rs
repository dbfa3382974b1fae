//! Gaussian noise that is a function of a key.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, OnDevice, Operand, Program};
use crate::elementwise::CHUNK;
use crate::error::{float, invalid};
use crate::parallel::*;
use crate::philox::RandomKey;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use std::f64::consts::TAU;

const NAME: &str = "gaussian_noise";

/// `xs + sigma * z` with independent `z` of the standard normal distribution.
///
/// The gradient passes unchanged, so that noise on weights regularizes as in Graves, "Practical
/// variational inference for neural networks", 2011. The four words of a Philox block give the
/// normal numbers of four elements, by the transform of Box and Muller; they lie within 6.8.
///
/// # Shapes
/// Any, in any memory layout; the result has the same shape. f32 or f64.
///
/// # Units and ranges
/// `sigma` is finite and not negative, in units of `xs`; at 0 the input comes back as it is.
///
/// # Errors
/// A sigma outside of its range; another number type.
///
/// # Example
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_ops::{RandomKey, gaussian_noise};
/// let xs = Tensor::zeros(40_000, DType::F64, &Device::Cpu)?;
/// let ys = gaussian_noise(&xs, 2.0, RandomKey { seed: 1, stream: 0 })?;
/// let variance = ys.sqr()?.mean_all()?.to_scalar::<f64>()?;
/// assert!((variance - 4.0).abs() < 0.1);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn gaussian_noise(xs: &Tensor, sigma: f64, key: RandomKey) -> Result<Tensor> {
    float(NAME, xs)?;
    if !sigma.is_finite() || sigma < 0.0 {
        return Err(invalid(NAME, format!("sigma {sigma} must be finite and not negative")));
    }
    if sigma == 0.0 {
        return Ok(xs.clone());
    }
    xs.contiguous()?.apply_op1(GaussianNoise { sigma, key })
}

struct GaussianNoise {
    sigma: f64,
    key: RandomKey,
}

impl CustomOp1 for GaussianNoise {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_float!(storage.dtype(), NAME, T => {
            let ys = self.added(slice::<T>(NAME, storage, layout)?);
            Ok((T::to_cpu_storage_owned(ys), layout.shape().clone()))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(grad.clone()))
    }
}

impl GaussianNoise {
    fn added<T: Element>(&self, xs: &[T]) -> Vec<T> {
        let mut ys = xs.to_vec();
        ys.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, ys)| {
            let first = (chunk * CHUNK / 4) as u64;
            for (block, ys) in (first..).zip(ys.chunks_mut(4)) {
                for (y, z) in ys.iter_mut().zip(normals(self.key.bits(block))) {
                    *y += T::from_f64(self.sigma * z);
                }
            }
        });
        ys
    }
}

/// Four independent standard normal numbers from four random words.
fn normals(bits: [u32; 4]) -> [f64; 4] {
    let [a, b, c, d] = bits.map(|word| (f64::from(word) + 0.5) / 2_f64.powi(32));
    let pair = |radius: f64, angle: f64| {
        let (radius, (sin, cos)) = ((-2.0 * radius.ln()).sqrt(), (TAU * angle).sin_cos());
        [radius * cos, radius * sin]
    };
    let ([first, second], [third, fourth]) = (pair(a, b), pair(c, d));
    [first, second, third, fourth]
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for GaussianNoise {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let RandomKey { seed, stream } = self.key;
        let settings = vec![Arg::U64(seed), Arg::U64(stream), Arg::F64(self.sigma)];
        Ok(Program::elementwise(NAME, ["elementwise", "gaussian_noise"], operands, settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use candle::DType;

    #[test]
    fn kernels_draw_the_noise_of_the_cpu() {
        let test = "kernels_draw_the_noise_of_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        let op = GaussianNoise { sigma: 0.7, key: RandomKey { seed: 11, stream: 5 } };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            // The last bits of logarithm and cosine are the mathematical library's.
            device.twin1(&op, &drawn(1, dtype, &[1031]), Agreement::Epsilons(2.0));
        }
    }
}
