//! Sum over all axes but the second: the gradient of a bias.

use crate::cuda::cuda_fwd;
#[cfg(any(feature = "cuda", test))]
use crate::cuda::{OnDevice, Operand, Program};
#[cfg(any(feature = "cuda", test))]
use crate::device_sum;
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

/// `(n, c, ...)` to `(c)`.
pub(crate) fn channel_sum(xs: &Tensor) -> Result<Tensor> {
    xs.contiguous()?.apply_op1_no_bwd(&ChannelSum)
}

struct ChannelSum;

impl CustomOp1 for ChannelSum {
    fn name(&self) -> &'static str {
        "channel_sum"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let channels = layout.dim(1)?;
        let plane = layout.dims()[2..].iter().product();
        for_float!(storage.dtype(), self.name(), T => {
            let xs = slice::<T>(self.name(), storage, layout)?;
            let sums = sums(xs, channels, plane);
            Ok((T::to_cpu_storage_owned(sums), Shape::from(channels)))
        })
    }

    cuda_fwd!(xs layout);
}

#[cfg(any(feature = "cuda", test))]
impl OnDevice for ChannelSum {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let Operand { dtype, layout } = operands[0];
        let plane = layout.dims()[2..].iter().product();
        device_sum::channel_sum(dtype, [layout.dim(0)?, layout.dim(1)?, plane])
    }
}

/// The sum of each channel's planes.
pub(crate) fn sums<T: Element>(xs: &[T], channels: usize, plane: usize) -> Vec<T> {
    let sum_of = |channel: usize| {
        let samples = xs.chunks_exact(channels * plane);
        let planes = samples.map(|sample| &sample[channel * plane..][..plane]);
        T::from_f64(planes.map(|plane| lane_sum(plane, |x| x)).sum())
    };
    (0..channels).into_par_iter().map_to_vec(sum_of)
}

/// The sum of `f(x)` in f64, in eight lanes: an order that vector instructions can follow.
pub(crate) fn lane_sum<T: Element>(xs: &[T], f: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let blocks = xs.chunks_exact(LANES);
    let rest: f64 = blocks.remainder().iter().map(|x| f(x.to_f64())).sum();
    for block in blocks {
        lanes.iter_mut().zip(block).for_each(|(lane, x)| *lane += f(x.to_f64()));
    }
    lanes.iter().sum::<f64>() + rest
}
