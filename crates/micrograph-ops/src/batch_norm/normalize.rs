//! The normalization itself, and its gradients.

use super::NAME;
use super::statistics::channel_planes;
use crate::storage::{for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

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
    mode: Mode,
    mean: Vec<f64>,
    /// One over the standard deviation.
    scale: Vec<f64>,
}

impl BatchNorm {
    pub(super) fn new(mode: Mode, mean: Vec<f64>, variance: &[f64], epsilon: f64) -> Self {
        let scale = variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
        Self { mode, mean, scale }
    }

    fn channels(&self) -> usize {
        self.mean.len()
    }

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
        let (_, _, h, w) = xs_layout.shape().dims4()?;
        for_float!(xs.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let weight = slice::<T>(NAME, weight, weight_layout)?;
            let bias = slice::<T>(NAME, bias, bias_layout)?;
            let mut ys = vec![0.0; xs.len()];
            let planes = ys.par_chunks_exact_mut(h * w).zip(xs.par_chunks_exact(h * w));
            planes.enumerate().for_each(|(plane, (ys, xs))| {
                let channel = plane % self.channels();
                let normalized = self.normalized(channel);
                let (weight, bias) = (weight[channel].to_f64(), bias[channel].to_f64());
                for (y, x) in ys.iter_mut().zip(xs) {
                    *y = (normalized(x.to_f64()) * weight + bias) as T;
                }
            });
            Ok((T::to_cpu_storage_owned(ys), xs_layout.shape().clone()))
        })
    }

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
        let of_weight = weight.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        let grad_xs = || {
            let [ones, xs_sums] = [sums.get(0)?.to_vec1()?, sums.get(1)?.to_vec1()?];
            let op = BackwardData { of: self.clone(), weight: of_weight, sums: [ones, xs_sums] };
            grad.apply_op2_no_bwd(xs, &op)
        };
        let grad_xs = xs.track_op().then(grad_xs).transpose()?;
        let sums = sums.to_dtype(xs.dtype())?;
        let gradient = |of: &Tensor, row: usize| of.track_op().then(|| sums.get(row)).transpose();
        Ok((grad_xs, gradient(weight, 1)?, gradient(bias, 0)?))
    }
}

/// `(2, c)` in f64: the sums over each channel of the gradient, and of its product with the
/// normalized pixels. They are the gradients of bias and weight.
struct Sums(BatchNorm);

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
        for_float!(grad.dtype(), NAME, T => {
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let sums: (Vec<f64>, Vec<f64>) = (0..channels).into_par_iter().map(|channel| {
                let planes = |all| channel_planes(all, channels, h * w, channel).flatten();
                let normalized = self.0.normalized(channel);
                let pairs = planes(grad).zip(planes(xs));
                pairs.fold((0.0, 0.0), |(sum, product): (f64, f64), (g, x)| {
                    let g = g.to_f64();
                    (sum + g, product + g * normalized(x.to_f64()))
                })
            }).unzip();
            Ok((CpuStorage::F64([sums.0, sums.1].concat()), Shape::from((2, channels))))
        })
    }
}

/// The gradient of `xs`: `weight * scale * (g - mean of g - normalized * mean of g * normalized)`,
/// without the means in evaluation.
struct BackwardData {
    of: BatchNorm,
    weight: Vec<f64>,
    sums: [Vec<f64>; 2],
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
        for_float!(grad.dtype(), NAME, T => {
            let grad = slice::<T>(NAME, grad, grad_layout)?;
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let mut out = vec![0.0; grad.len()];
            let inputs = grad.par_chunks_exact(h * w).zip(xs.par_chunks_exact(h * w));
            out.par_chunks_exact_mut(h * w).zip(inputs).enumerate().for_each(
                |(plane, (out, (grad, xs)))| {
                    let channel = plane % channels;
                    let normalized = self.of.normalized(channel);
                    let factor = self.weight[channel] * self.of.scale[channel];
                    let [mean, slope] = self.means(channel);
                    for (out, (g, x)) in out.iter_mut().zip(grad.iter().zip(xs)) {
                        let g = g.to_f64() - mean - slope * normalized(x.to_f64());
                        *out = (factor * g) as T;
                    }
                },
            );
            Ok((T::to_cpu_storage_owned(out), xs_layout.shape().clone()))
        })
    }
}

impl BackwardData {
    fn means(&self, channel: usize) -> [f64; 2] {
        match self.of.mode {
            Mode::Training { count } => {
                [0, 1].map(|which| self.sums[which][channel] / count as f64)
            }
            Mode::Evaluation => [0.0; 2],
        }
    }
}
