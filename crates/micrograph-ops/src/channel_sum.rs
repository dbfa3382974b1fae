//! Sum over all axes but the second: the gradient of a bias.

use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

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
}

/// The sum of each channel's planes.
pub(crate) fn sums<T: Element>(xs: &[T], channels: usize, plane: usize) -> Vec<T> {
    let sum_of = |channel: usize| {
        let sample_sums = xs
            .chunks_exact(channels * plane)
            .map(|sample| sum(&sample[channel * plane..][..plane]).to_f64());
        T::from_f64(sample_sums.sum())
    };
    (0..channels).into_par_iter().map(sum_of).collect()
}

/// The sum in sixteen lanes: an order that vector instructions can follow.
fn sum<T: Element>(xs: &[T]) -> T {
    const LANES: usize = 16;
    let mut lanes = [T::zero(); LANES];
    let blocks = xs.chunks_exact(LANES);
    let rest = blocks.remainder().iter().fold(T::zero(), |sum, &x| sum + x);
    for block in blocks {
        for (lane, &x) in lanes.iter_mut().zip(block) {
            *lane += x;
        }
    }
    lanes.iter().fold(rest, |sum, &x| sum + x)
}
