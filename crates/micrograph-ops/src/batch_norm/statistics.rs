//! Mean and variance of channels, of a batch and over time.

use super::NAME;
use crate::channel_sum::lane_sum;
use crate::cuda::cuda_fwd;
use crate::error::{invalid, same_dtype, unexpected_shape};
use crate::parallel::*;
#[cfg(feature = "cuda")]
use crate::storage::check_apart;
use crate::storage::{for_float, slice, slice_mut};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, DType, Device, InplaceOp2, Layout, Result, Shape, Tensor};

/// Mean and variance of each channel, `(c)` each: of one batch, or running over many.
#[derive(Debug, Clone)]
pub struct ChannelStatistics {
    /// The means.
    pub mean: Tensor,
    /// The variances; of a batch, the sum of squares divided by the number of pixels less one.
    pub variance: Tensor,
}

impl ChannelStatistics {
    /// Mean 0 and variance 1, where running statistics begin, for images of `dtype`: in f64 for
    /// f64, else in f32, because in bf16 and f16 small updates would vanish.
    ///
    /// # Errors
    /// When the device has no memory left.
    pub fn new(channels: usize, dtype: DType, device: &Device) -> Result<Self> {
        let dtype = statistics_type(dtype);
        let mean = Tensor::zeros(channels, dtype, device)?;
        Ok(Self { mean, variance: Tensor::ones(channels, dtype, device)? })
    }

    /// `running = (1 - momentum) * running + momentum * batch`, in place.
    ///
    /// # Units and ranges
    /// `momentum` in `[0, 1]`, the share of the batch: 0.1 in PyTorch (Keras's `momentum` of 0.99 is
    /// 0.01 here).
    ///
    /// # Errors
    /// Another momentum; numbers of channels or types that do not agree; running statistics that
    /// are not contiguous.
    pub fn update(&self, batch: &Self, momentum: f64) -> Result<()> {
        if !(0.0..=1.0).contains(&momentum) {
            return Err(invalid(NAME, format!("momentum {momentum} must lie in [0, 1]")));
        }
        let pairs = [(&self.mean, &batch.mean), (&self.variance, &batch.variance)];
        for (running, batch) in pairs {
            same_dtype(NAME, running, batch)?;
            if running.shape() != batch.shape() {
                let message = "running statistics must have the channels of the batch";
                return Err(unexpected_shape(NAME, message, batch.shape(), running.shape()));
            }
        }
        let blend = |(running, batch): (&Tensor, &Tensor)| {
            let (op, batch) = (Blend { momentum }, batch.contiguous()?);
            #[cfg(feature = "cuda")]
            if running.device().is_cuda() {
                check_apart(NAME, &[running, &batch])?;
                return crate::cuda::in_place(&op.program(running), &[running, &batch]);
            }
            running.inplace_op2(&batch, &op)
        };
        pairs.into_iter().try_for_each(blend)
    }
}

/// The type in which the statistics of images are kept.
pub(super) fn statistics_type(images: DType) -> DType {
    if images == DType::F64 { DType::F64 } else { DType::F32 }
}

pub(super) struct Blend {
    pub(super) momentum: f64,
}

impl InplaceOp2 for Blend {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        running: &mut CpuStorage,
        running_layout: &Layout,
        batch: &CpuStorage,
        batch_layout: &Layout,
    ) -> Result<()> {
        for_float!(batch.dtype(), NAME, T => {
            let running = slice_mut::<T>(NAME, running, running_layout)?;
            let batch = slice::<T>(NAME, batch, batch_layout)?;
            let (keep, take) = ((1.0 - self.momentum) as T, self.momentum as T);
            running.iter_mut().zip(batch).for_each(|(r, &b)| *r = keep * *r + take * b);
            Ok(())
        })
    }
}

/// Means, and variances that divide by the number of pixels: `(c)` each, in f64.
pub(super) fn of_batch(xs: &Tensor) -> Result<[Tensor; 2]> {
    let statistics = xs.apply_op1_no_bwd(&Statistics)?;
    Ok([statistics.get(0)?, statistics.get(1)?])
}

/// `(n, c, h, w)` to `(2, c)` in f64: means and variances.
pub(super) struct Statistics;

impl CustomOp1 for Statistics {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, channels, h, w) = layout.shape().dims4()?;
        for_float!(storage.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, storage, layout)?;
            let sum = |channel: usize, f: &dyn Fn(&[T]) -> f64| -> f64 {
                channel_planes(xs, channels, h * w, channel).map(f).sum()
            };
            let count = (n * h * w) as f64;
            let statistics = (0..channels).into_par_iter().map_to_vec(|channel| {
                let mean = sum(channel, &|plane| lane_sum(plane, |x| x)) / count;
                let squares = |plane: &[T]| lane_sum(plane, |x| (x - mean) * (x - mean));
                (mean, sum(channel, &squares) / count)
            });
            let (means, variances): (Vec<f64>, Vec<f64>) = statistics.into_iter().unzip();
            Ok((CpuStorage::F64([means, variances].concat()), Shape::from((2, channels))))
        })
    }

    cuda_fwd!(xs layout);
}

/// The planes of one channel, sample by sample.
pub(super) fn channel_planes<T>(
    xs: &[T],
    channels: usize,
    plane: usize,
    channel: usize,
) -> impl Iterator<Item = &[T]> {
    xs.chunks_exact(plane).skip(channel).step_by(channels)
}
