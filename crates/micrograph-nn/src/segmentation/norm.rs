//! Batch normalization as a part of a layer.

use candle::{DType, Tensor, Var};
use micrograph_ops::{ChannelStatistics, batch_norm2d, batch_norm2d_eval};

use crate::source::Source;
use crate::{Init, Mode, Result};

/// Added to variances; PyTorch's.
const EPSILON: f64 = 1e-5;
/// The share of a batch in the running statistics; PyTorch's.
const MOMENTUM: f64 = 0.1;

/// Scale and shift of each map, and its running statistics, which share their numbers with the
/// network's buffers.
#[derive(Debug)]
pub(super) struct Norm {
    weight: Var,
    bias: Var,
    running: ChannelStatistics,
}

impl Norm {
    /// That of the layer `name`, with `maps` maps.
    pub(super) fn new(source: &mut Source<'_>, name: &str, maps: usize) -> Result<Self> {
        let weight =
            source.parameter(&format!("{name}.norm.weight"), &[maps], Init::Constant(1.0))?;
        let bias = source.parameter(&format!("{name}.norm.bias"), &[maps], Init::Zero)?;
        let mean = source.buffer(&format!("{name}.norm.running_mean"), maps, 0.0)?;
        let variance = source.buffer(&format!("{name}.norm.running_var"), maps, 1.0)?;
        let running = ChannelStatistics {
            mean: mean.as_detached_tensor(),
            variance: variance.as_detached_tensor(),
        };
        Ok(Self { weight, bias, running })
    }

    /// By the statistics of the batch in training, which the running ones follow; by those in
    /// evaluation.
    pub(super) fn apply(&self, xs: &Tensor, mode: Mode) -> Result<Tensor> {
        let [weight, bias] = [&self.weight, &self.bias].map(|v| number(v, xs.dtype(), mode));
        let (weight, bias) = (weight?, bias?);
        if mode == Mode::Evaluate {
            return batch_norm2d_eval(xs, &weight, &bias, &self.running, EPSILON);
        }
        let (ys, batch) = batch_norm2d(xs, &weight, &bias, EPSILON)?;
        self.running.update(&batch, MOMENTUM)?;
        Ok(ys)
    }
}

/// A parameter in the type of the input. In evaluation it is a constant, so that nothing between
/// input and logits is kept for a way back.
pub(super) fn number(variable: &Var, dtype: DType, mode: Mode) -> Result<Tensor> {
    match mode {
        Mode::Evaluate => variable.as_detached_tensor().to_dtype(dtype),
        Mode::Train { .. } => variable.to_dtype(dtype),
    }
}
