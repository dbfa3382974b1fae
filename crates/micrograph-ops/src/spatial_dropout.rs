//! Dropout of whole maps.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, threads_for};
use crate::dropout::threshold_and_scale;
use crate::error::{image_dims, invalid};
use crate::parallel::*;
use crate::philox::RandomKey;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "spatial_dropout";

/// Sets each map to zero with the given probability, and divides those that stay by
/// `1 - probability`: neighbors in a map are alike, so that dropping pixels hides nothing.
///
/// Map `i`, counted over samples and channels, is dropped when word `i % 4` of Philox block `i / 4`
/// is below `probability * 2^32`, as elements are by [`dropout`](crate::dropout).
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: the same
///
/// # Units and ranges
/// `probability` in `[0, 1)`; at 0 the input comes back as it is.
///
/// # Errors
/// A probability outside of its range; a size of zero.
///
/// # Source
/// Tompson et al., "Efficient object localization using convolutional networks", 2015.
///
/// # Example
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_ops::{RandomKey, spatial_dropout};
/// let xs = Tensor::ones((1, 3, 1, 2), DType::F32, &Device::Cpu)?;
/// let ys = spatial_dropout(&xs, 0.5, RandomKey { seed: 0, stream: 0 })?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [0., 0., 2., 2., 2., 2.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn spatial_dropout(xs: &Tensor, probability: f64, key: RandomKey) -> Result<Tensor> {
    image_dims(NAME, xs)?;
    if !(0.0..1.0).contains(&probability) {
        return Err(invalid(NAME, format!("probability {probability} must lie in [0, 1)")));
    }
    if probability == 0.0 {
        return Ok(xs.clone());
    }
    xs.contiguous()?.apply_op1(SpatialDropout { probability, key })
}

#[derive(Clone, Copy)]
struct SpatialDropout {
    probability: f64,
    key: RandomKey,
}

impl CustomOp1 for SpatialDropout {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, _, h, w) = layout.shape().dims4()?;
        for_float!(storage.dtype(), NAME, T => {
            let ys = self.masked(slice::<T>(NAME, storage, layout)?, h * w);
            Ok((T::to_cpu_storage_owned(ys), layout.shape().clone()))
        })
    }

    cuda_fwd!(xs layout);

    /// The operation is linear and its own adjoint.
    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(self).map(Some)
    }
}

impl SpatialDropout {
    fn masked<T: Element>(&self, xs: &[T], plane: usize) -> Vec<T> {
        let (threshold, scale) = threshold_and_scale(self.probability);
        let scale = T::from_f64(scale);
        let mut ys = vec![T::zero(); xs.len()];
        let maps = ys.par_chunks_exact_mut(plane).zip(xs.par_chunks_exact(plane)).enumerate();
        maps.for_each(|(map, (ys, xs))| {
            if self.key.bits((map / 4) as u64)[map % 4] >= threshold {
                ys.iter_mut().zip(xs).for_each(|(y, &x)| *y = x * scale);
            }
        });
        ys
    }
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for SpatialDropout {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let (n, c, h, w) = xs.layout.shape().dims4()?;
        let (maps, plane) = ((n * c) as u64, (h * w) as u64);
        let (threshold, scale) = threshold_and_scale(self.probability);
        let args = vec![
            Arg::In(0),
            Arg::Out(0),
            Arg::U64(maps),
            Arg::U64(plane),
            Arg::U64(self.key.seed),
            Arg::U64(self.key.stream),
            Arg::U32(threshold),
            Arg::Real(scale),
        ];
        let blocks = [maps, threads_for(plane)];
        let launch = Launch::blocks("dropout", "spatial_dropout", xs.dtype, blocks, args);
        Ok(Program::single(NAME, (xs.dtype, xs.layout.shape().clone()), launch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use candle::DType;

    #[test]
    fn kernels_drop_the_maps_that_the_cpu_drops() {
        let test = "kernels_drop_the_maps_that_the_cpu_drops";
        let Some(device) = Emulator::or_skip(test) else { return };
        let op = SpatialDropout { probability: 0.4, key: RandomKey { seed: 3, stream: 1 << 40 } };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            for shape in [[1, 1, 1, 1], [2, 3, 5, 4], [1, 9, 17, 33]] {
                device.twin1(&op, &drawn(7, dtype, &shape), Agreement::Bits);
            }
        }
    }
}
