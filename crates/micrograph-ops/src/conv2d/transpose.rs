//! Transposed convolution: the products of a convolution in exchanged roles.

use super::algorithm::{Convolve, Operands};
use super::backward::gradients;
use super::plan::Plan;
use super::{Algorithm, Conv2d, Conv2dConfig};
use crate::channel_sum::channel_sum;
use crate::error::{image_dims, invalid, not_empty, rank, same_dtype, unexpected_shape};
use crate::layer::{self, Forward, Layer, Wanted, check_bias};
use crate::parallel::*;
use crate::window::{Padding, check_volume};
use candle::{Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

const NAME: &str = "conv_transpose2d";

/// Geometry of [`conv_transpose2d`]; pairs are `[vertical, horizontal]`.
///
/// The default is stride 1, no padding, dilation 1, one group, fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConvTranspose2dConfig {
    /// Output pixels from one input pixel to the next.
    pub stride: [usize; 2],
    /// Rows and columns that are cut off the output.
    pub padding: Padding,
    /// Rows below and columns to the right that are added to the output; less than the stride. It
    /// chooses among the sizes that [`conv2d`](crate::conv2d) makes the same size of.
    pub output_padding: [usize; 2],
    /// Pixels from one element of the kernel to the next.
    pub dilation: [usize; 2],
    /// Input and output channels fall into so many groups that do not see each other.
    pub groups: usize,
    /// How the sums are computed, as in [`conv2d`](crate::conv2d).
    pub algorithm: Algorithm,
}

impl Default for ConvTranspose2dConfig {
    fn default() -> Self {
        let Conv2dConfig { stride, padding, dilation, groups, algorithm, .. } =
            Conv2dConfig::DEFAULT;
        Self { stride, padding, output_padding: [0, 0], dilation, groups, algorithm }
    }
}

/// Transposed convolution ("deconvolution") of a batch of images, as PyTorch's `ConvTranspose2d`:
/// what [`conv2d`](crate::conv2d) of the same geometry does to gradients.
///
/// Each input pixel adds its product with the kernel to the output:
/// `ys[n, o, y * stride + i * dilation - top, x * stride + j * dilation - left] +=
/// weight[c, o, i, j] * xs[n, c, y, x]`, and `bias[o]` is added to each pixel.
///
/// The result has `(h - 1) * stride + dilation * (kh - 1) + 1 + output_padding - top - bottom` rows.
/// No bit depends on the number of threads. The gradients of arguments that are not tracked are not
/// computed. [`Algorithm`] says how exact the sums are.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `weight`: `(c, o / groups, kh, kw)`; `bias`: `(o)`
/// - returns: `(n, o, oh, ow)`
///
/// # Errors
/// Ranks, sizes or number types that do not agree; a size, stride or dilation of zero; groups that
/// do not divide the channels; output padding of the stride or more; padding that leaves nothing.
///
/// # Source
/// Zeiler et al., "Deconvolutional networks", 2010; Long et al., "Fully convolutional networks for
/// semantic segmentation", 2015.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{ConvTranspose2dConfig, conv_transpose2d};
/// let xs = Tensor::new(&[[[[1f32, 2.]]]], &Device::Cpu)?;
/// let weight = Tensor::new(&[[[[1f32, 10., 100.]]]], &Device::Cpu)?;
/// let config = ConvTranspose2dConfig { stride: [1, 2], ..Default::default() };
/// let ys = conv_transpose2d(&xs, &weight, None, &config)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [1., 10., 102., 20., 200.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn conv_transpose2d(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    config: &ConvTranspose2dConfig,
) -> Result<Tensor> {
    let plan = plan(xs, weight, bias, config)?;
    layer::apply(ConvTranspose2d { plan }, xs, weight, bias)
}

/// The convolution from the output's size to the input's.
fn plan(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    config: &ConvTranspose2dConfig,
) -> Result<Plan> {
    let [batch, inputs, h, w] = image_dims(NAME, xs)?;
    rank(NAME, "weight is (c, o / groups, kh, kw)", 4, weight)?;
    same_dtype(NAME, xs, weight)?;
    not_empty(NAME, "weight", weight)?;
    check_config(config)?;
    let (_, group_outputs, kh, kw) = weight.dims4()?;
    let ConvTranspose2dConfig { stride, padding, dilation, groups, .. } = *config;
    check_channels(xs, weight, groups)?;
    let maps = group_outputs * groups;
    check_bias(NAME, xs, bias, maps)?;
    let (size, kernel) = ([h, w], [kh, kw]);
    let [rows, cols] = [0, 1].map(|axis| output_size(size[axis], kernel[axis], axis, config));
    let (Some(rows), Some(cols)) = (rows, cols) else {
        let message = format!(
            "of an image of {h}x{w} nothing is left after {padding:?}, or more than memory can \
             hold; pad less"
        );
        return Err(invalid(NAME, message));
    };
    check_volume(NAME, padding, [batch, maps, rows, cols])?;
    let algorithm = config.algorithm;
    let config =
        Conv2dConfig { stride, padding, dilation, groups, algorithm, ..Conv2dConfig::DEFAULT };
    let (out_channels, out_size, size) = (inputs, size, [rows, cols]);
    Ok(Plan { batch, in_channels: maps, size, out_channels, kernel, out_size, config })
}

fn check_config(config: &ConvTranspose2dConfig) -> Result<()> {
    let ConvTranspose2dConfig { stride, output_padding, dilation, .. } = *config;
    for (what, pair) in [("stride", stride), ("dilation", dilation)] {
        if pair.contains(&0) {
            return Err(invalid(NAME, format!("{what} {pair:?} must be 1 or more on both axes")));
        }
    }
    if (0..2).any(|axis| output_padding[axis] >= stride[axis]) {
        let message =
            format!("output padding {output_padding:?} must be less than the stride {stride:?}");
        return Err(invalid(NAME, message));
    }
    Ok(())
}

fn check_channels(xs: &Tensor, weight: &Tensor, groups: usize) -> Result<()> {
    let inputs = xs.dim(1)?;
    if groups == 0 || inputs % groups != 0 {
        let message = format!("{groups} groups must divide {inputs} input channels");
        return Err(invalid(NAME, message));
    }
    let (channels, group_outputs, kh, kw) = weight.dims4()?;
    if channels != inputs {
        let message = format!("the weight must take the {inputs} channels that xs has");
        let expected = (inputs, group_outputs, kh, kw);
        return Err(unexpected_shape(NAME, message, expected, weight.shape()));
    }
    Ok(())
}

/// `None` when it is not positive, or no number at all.
fn output_size(
    size: usize,
    kernel: usize,
    axis: usize,
    config: &ConvTranspose2dConfig,
) -> Option<usize> {
    let [before, after] = config.padding.axes()[axis];
    let extent = (kernel - 1).checked_mul(config.dilation[axis])?.checked_add(1)?;
    let full = (size - 1).checked_mul(config.stride[axis])?.checked_add(extent)?;
    let full = full.checked_add(config.output_padding[axis])?;
    full.checked_sub(before)?.checked_sub(after).filter(|&size| size > 0)
}

struct ConvTranspose2d {
    plan: Plan,
}

impl Layer for ConvTranspose2d {
    const NAME: &'static str = NAME;

    fn ys_shape(&self) -> Shape {
        self.plan.xs_shape()
    }

    #[cfg(feature = "cuda")]
    fn on_cuda(&self, operands: &[crate::cuda::Stored<'_>]) -> Result<candle::CudaStorage> {
        super::device::forward_transposed(self.plan, operands)
    }

    fn gradients(
        &self,
        [xs, weight, _, grad]: [&Tensor; 4],
        wanted: Wanted,
    ) -> Result<[Option<Tensor>; 3]> {
        let plan = self.plan;
        let grad_xs = || layer::apply_no_bwd(Conv2d { plan }, grad, weight);
        let of_weight = Wanted { xs: false, weight: wanted.weight, bias: false };
        let [_, grad_weight, _] = gradients(&plan, [grad, weight, xs, xs], of_weight)?;
        Ok([
            wanted.xs.then(grad_xs).transpose()?,
            grad_weight,
            wanted.bias.then(|| channel_sum(grad)).transpose()?,
        ])
    }
}

impl<T: Convolve> Forward<T> for ConvTranspose2d {
    fn forward(&self, xs: &[T], weight: &[T], bias: Option<&[T]>) -> Result<Vec<T>> {
        let operands = Operands { xs: &[], weight, ys: &[], grad: xs };
        let wanted = Wanted { xs: true, weight: false, bias: false };
        let mut ys = T::backward(&self.plan, operands, wanted).xs.unwrap_or_default();
        let Some(bias) = bias else { return Ok(ys) };
        ys.par_chunks_exact_mut(self.plan.plane()).enumerate().for_each(|(plane, ys)| {
            let bias = bias[plane % bias.len()];
            ys.iter_mut().for_each(|y| *y += bias);
        });
        Ok(ys)
    }
}
