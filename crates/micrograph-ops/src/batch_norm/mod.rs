//! Batch normalization: the statistics of channels, and what is done with them.

#[cfg(any(feature = "cuda", test))]
mod device;
mod normalize;
mod statistics;

pub use statistics::ChannelStatistics;

use crate::error::{image_dims, invalid, same_dtype, unexpected_shape};
use candle::{DType, Error, Result, Tensor};
use normalize::{BatchNorm, Mode};
use statistics::{of_batch, statistics_type};

const NAME: &str = "batch_norm2d";

/// Batch normalization in training: each channel gets mean `bias` and deviation `weight`.
///
/// `ys = (xs - mean) / sqrt(variance + epsilon) * weight + bias`, where mean and variance are those
/// of the channel over batch, rows and columns. The variance divides by the number of pixels; the
/// one that comes back divides by one less, as PyTorch's running variance does. The sums are those
/// of the deviations from the mean, in f64, so that a large mean costs no digits. The gradient goes
/// through mean and variance as well.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `weight`, `bias`: `(c)`
/// - returns: `(n, c, h, w)`, and the statistics of the batch, without gradient, for
///   [`ChannelStatistics::update`]: f32, of images in f64 f64
///
/// # Units and ranges
/// `epsilon`, finite and not negative, in squared units of `xs`; 1e-5 in PyTorch, 1e-3 in Keras.
///
/// # Errors
/// Shapes or types that do not agree; a size of zero; one pixel a channel in all, which has no
/// variance; an epsilon outside of its range.
///
/// # Source
/// Ioffe and Szegedy, "Batch normalization", 2015.
///
/// # Example
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_ops::{ChannelStatistics, batch_norm2d, batch_norm2d_eval};
/// let xs = Tensor::new(&[[[[1f64, 3.]]]], &Device::Cpu)?;
/// let (weight, bias) = (Tensor::new(&[2f64], &Device::Cpu)?, Tensor::new(&[5f64], &Device::Cpu)?);
/// let (ys, batch) = batch_norm2d(&xs, &weight, &bias, 0.0)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f64>()?, [3., 7.]);
/// assert_eq!(batch.variance.to_vec1::<f64>()?, [2.]);
/// let running = ChannelStatistics::new(1, DType::F64, &Device::Cpu)?; // mean 0, variance 1
/// running.update(&batch, 0.5)?; // mean 1, variance 1.5
/// let ys = batch_norm2d_eval(&xs, &weight, &bias, &running, 2.5)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f64>()?, [5., 7.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn batch_norm2d(
    xs: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    epsilon: f64,
) -> Result<(Tensor, ChannelStatistics)> {
    let channels = check(xs, &[("weight", weight), ("bias", bias)], &[], epsilon)?;
    let count = xs.elem_count() / channels;
    if count == 1 {
        let message = "one pixel a channel has no variance; take larger batches, or evaluate";
        return Err(invalid(NAME, message));
    }
    let xs = xs.contiguous()?;
    let [mean, variance] = of_batch(&xs)?;
    let unbiased = ((&variance * count as f64)? / (count - 1) as f64)?;
    let dtype = statistics_type(xs.dtype());
    let [of_mean, of_variance] = [mean.to_dtype(dtype)?, unbiased.to_dtype(dtype)?];
    let batch = ChannelStatistics { mean: of_mean, variance: of_variance };
    let op = BatchNorm::new(Mode::Training { count }, &mean, &variance, epsilon)?;
    Ok((xs.apply_op3(&weight.contiguous()?, &bias.contiguous()?, op)?, batch))
}

/// Batch normalization in evaluation, by statistics from training:
/// `ys = (xs - mean) / sqrt(variance + epsilon) * weight + bias`.
///
/// # Shapes
/// - as in [`batch_norm2d`]; the statistics are `(c)` each, f32 (of images in f64 f64), and have no
///   gradient
///
/// # Errors
/// Shapes or types that do not agree; a size of zero; an epsilon outside of its range.
///
/// # Example
/// See [`batch_norm2d`].
pub fn batch_norm2d_eval(
    xs: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    running: &ChannelStatistics,
    epsilon: f64,
) -> Result<Tensor> {
    let ChannelStatistics { mean, variance } = running;
    let statistics = [("mean", mean), ("variance", variance)];
    check(xs, &[("weight", weight), ("bias", bias)], &statistics, epsilon)?;
    let [mean, variance] = [mean.to_dtype(DType::F64)?, variance.to_dtype(DType::F64)?];
    let op = BatchNorm::new(Mode::Evaluation, &mean.detach(), &variance.detach(), epsilon)?;
    xs.contiguous()?.apply_op3(&weight.contiguous()?, &bias.contiguous()?, op)
}

/// The number of channels.
fn check(
    xs: &Tensor,
    of_channels: &[(&str, &Tensor)],
    statistics: &[(&str, &Tensor)],
    epsilon: f64,
) -> Result<usize> {
    let [_, channels, ..] = image_dims(NAME, xs)?;
    for (_, tensor) in of_channels {
        same_dtype(NAME, xs, tensor)?;
    }
    for (_, tensor) in statistics {
        let (expected, got) = (statistics_type(xs.dtype()), tensor.dtype());
        if got != expected {
            let msg = "batch_norm2d_eval: statistics are f32, of images in f64 f64";
            return Err(Error::UnexpectedDType { msg, expected, got }.bt());
        }
    }
    for (argument, tensor) in of_channels.iter().chain(statistics) {
        if tensor.dims() != [channels] {
            let message = format!("the {argument} must have one number for each channel of xs");
            return Err(unexpected_shape(NAME, message, channels, tensor.shape()));
        }
    }
    if !epsilon.is_finite() || epsilon < 0.0 {
        return Err(invalid(NAME, format!("epsilon {epsilon} must be finite and not negative")));
    }
    Ok(channels)
}
