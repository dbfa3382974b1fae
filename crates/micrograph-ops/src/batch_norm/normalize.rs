//! The normalization itself, and its gradients.

use super::NAME;
use super::statistics::channel_planes;
use crate::cuda::cuda_fwd;
use crate::parallel::*;
use crate::storage::{for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType};

/// Where the statistics come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// From so many pixels of each channel of `xs`: they change with it.
    Training { count: usize },
    /// From elsewhere.
    Evaluation,
}

/// The arguments are `xs`, weight and bias.
#[derive(Debug, Clone)]
pub(super) struct BatchNorm {
    pub(super) mode: Mode,
    /// `(2, c)` in f64, where `xs` is: means, and one over the standard deviations.
    pub(super) numbers: Tensor,
}

impl BatchNorm {
    /// Of the means and variances of the channels, `(c)` each, in f64.
    pub(super) fn new(mode: Mode, mean: &Tensor, variance: &Tensor, epsilon: f64) -> Result<Self> {
        let scale = (variance + epsilon)?.sqrt()?.recip()?;
        Ok(Self { mode, numbers: Tensor::stack(&[mean, &scale], 0)? })
    }

    /// Means and scales, on the CPU.
    fn channels(&self) -> Result<Channels> {
        let mut rows = self.numbers.to_vec2::<f64>()?;
        let (scale, mean) = (rows.pop().unwrap_or_default(), rows.pop().unwrap_or_default());
        Ok(Channels { mean, scale })
    }
}

struct Channels {
    mean: Vec<f64>,
    /// One over the standard deviation.
    scale: Vec<f64>,
}

impl Channels {
    /// What takes a pixel of the channel to mean 0 and deviation 1.
    fn normalized(&self, channel: usize) -> impl Fn(f64) -> f64 + use<> {
        let (mean, scale) = (self.mean[channel], self.scale[channel]);
        move |x| (x - mean) * scale
    }
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, count, h, w) = xs_layout.shape().dims4()?;
        let channels = self.channels()?;
        for_float!(xs.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let weight = slice::<T>(NAME, weight, weight_layout)?;
            let bias = slice::<T>(NAME, bias, bias_layout)?;
            let mut ys = vec![0.0; xs.len()];
            let planes = ys.par_chunks_exact_mut(h * w).zip(xs.par_chunks_exact(h * w));
            planes.enumerate().for_each(|(plane, (ys, xs))| {
                let channel = plane % count;
                let normalized = channels.normalized(channel);
                let (weight, bias) = (weight[channel].to_f64(), bias[channel].to_f64());
                for (y, x) in ys.iter_mut().zip(xs) {
                    *y = (normalized(x.to_f64()) * weight + bias) as T;
                }
            });
            Ok((T::to_cpu_storage_owned(ys), xs_layout.shape().clone()))
        })
    }

    cuda_fwd!(xs xs_layout, weight weight_layout, bias bias_layout);

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let sums = grad.apply_op2_no_bwd(xs, &Sums(self.clone()))?; // (2, c)
        let grad_xs = || {
            let (weight, sums) = (weight.detach(), sums.clone());
            grad.apply_op2_no_bwd(xs, &BackwardData { of: self.clone(), weight, sums })
        };
        let grad_xs = xs.track_op().then(grad_xs).transpose()?;
        let sums = sums.to_dtype(xs.dtype())?;
        let gradient = |of: &Tensor, row: usize| of.track_op().then(|| sums.get(row)).transpose();
        Ok((grad_xs, gradient(weight, 1)?, gradient(bias, 0)?))
    }
}

/// `(2, c)` in f64: the sums over each channel of the gradient, and of its product with the
/// normalized pixels. They are the gradients of bias and weight.
pub(super) struct Sums(pub(super) BatchNorm);

impl CustomOp2 for Sums {
    fn name(&self) -> &'static str {
        "batch_norm2d_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        xs: &CpuStorage,
        xs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, channels, h, w) = xs_layout.shape().dims4()?;
        let of = self.0.channels()?;
        for_float!(grad.dtype(), NAME, T => {
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let sums: (Vec<f64>, Vec<f64>) = (0..channels).into_par_iter().map_to_vec(|channel| {
                let planes = |all| channel_planes(all, channels, h * w, channel).flatten();
                let normalized = of.normalized(channel);
                let pairs = planes(grad).zip(planes(xs));
                pairs.fold((0.0, 0.0), |(sum, product): (f64, f64), (g, x)| {
                    let g = g.to_f64();
                    (sum + g, product + g * normalized(x.to_f64()))
                })
            }).into_iter().unzip();
            Ok((CpuStorage::F64([sums.0, sums.1].concat()), Shape::from((2, channels))))
        })
    }

    cuda_fwd!(grad grad_layout, xs xs_layout);
}

/// The gradient of `xs`: `weight * scale * (g - mean of g - normalized * mean of g * normalized)`,
/// without the means in evaluation.
pub(super) struct BackwardData {
    pub(super) of: BatchNorm,
    pub(super) weight: Tensor,
    /// Those of [`Sums`].
    pub(super) sums: Tensor,
}

impl CustomOp2 for BackwardData {
    fn name(&self) -> &'static str {
        "batch_norm2d_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        xs: &CpuStorage,
        xs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, channels, h, w) = xs_layout.shape().dims4()?;
        let of = self.of.channels()?;
        let weight = self.weight.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        let sums = self.sums.to_vec2::<f64>()?;
        for_float!(grad.dtype(), NAME, T => {
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let mut out = vec![0.0; grad.len()];
            let inputs = grad.par_chunks_exact(h * w).zip(xs.par_chunks_exact(h * w));
            out.par_chunks_exact_mut(h * w).zip(inputs).enumerate().for_each(
                |(plane, (out, (grad, xs)))| {
                    let channel = plane % channels;
                    let normalized = of.normalized(channel);
                    let factor = weight[channel] * of.scale[channel];
                    let [mean, slope] = [0, 1].map(|row: usize| self.mean(sums[row][channel]));
                    for (out, (g, x)) in out.iter_mut().zip(grad.iter().zip(xs)) {
                        let g = g.to_f64() - mean - slope * normalized(x.to_f64());
                        *out = (factor * g) as T;
                    }
                },
            );
            Ok((T::to_cpu_storage_owned(out), xs_layout.shape().clone()))
        })
    }

    cuda_fwd!(grad grad_layout, xs xs_layout);
}

impl BackwardData {
    /// A sum over the channel as it counts for the gradient.
    fn mean(&self, sum: f64) -> f64 {
        match self.of.mode {
            Mode::Training { count } => sum / count as f64,
            Mode::Evaluation => 0.0,
        }
    }
}
