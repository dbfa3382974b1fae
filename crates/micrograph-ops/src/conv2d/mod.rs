//! Two-dimensional convolution: `plan` has the sizes, `algorithm` the choice between `direct`,
//! `narrow` (few input channels) and `winograd`, `transpose` the layer that exchanges forward and
//! backward, `max_pool` the convolution that is pooled at once.

mod algorithm;
mod backward;
mod config;
mod direct;
mod max_pool;
mod narrow;
mod plan;
mod transpose;
mod vectors;
mod winograd;

pub use config::{Activation, Algorithm, Conv2dConfig};
pub use max_pool::conv2d_max_pool2d;
pub use transpose::{ConvTranspose2dConfig, conv_transpose2d};

use crate::storage::{for_float, slice};
use algorithm::{Convolve, Wanted};
use backward::gradients;
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};
use plan::Plan;

const NAME: &str = "conv2d";

/// Convolution (cross-correlation, as in every deep-learning library) of a batch of images.
///
/// `ys[n, o, y, x] = bias[o] + sum over c, i, j of weight[o, c, i, j] *
/// xs[n, c, y * stride + i * dilation - top, x * stride + j * dilation - left]`,
/// with zeros outside of the image and `c` over the channels of the group of `o`.
///
/// The result has `(h + top + bottom - dilation * (kh - 1) - 1) / stride + 1` rows, rounded down.
/// A sample's result does not depend on the batch that it is in, and no bit depends on the number
/// of threads. The gradients of arguments that are not tracked are left out (with the one exception
/// that a bias alone may cost as much as the weight).
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `weight`: `(o, c / groups, kh, kw)`; `bias`: `(o)`
/// - returns: `(n, o, oh, ow)`
///
/// # Errors
/// Ranks, sizes or number types that do not agree; a size, stride or dilation of zero; groups that
/// do not divide the channels; a kernel larger than the padded image.
///
/// # Example
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_ops::{Conv2dConfig, Padding, conv2d};
/// let xs = Tensor::new(&[[[[1f32, 2., 3.], [4., 5., 6.]]]], &Device::Cpu)?;
/// let weight = Tensor::ones((1, 1, 1, 2), DType::F32, &Device::Cpu)?;
/// let config = Conv2dConfig { padding: Padding { right: 1, ..Padding::ZERO }, ..Default::default() };
/// let ys = conv2d(&xs, &weight, None, &config)?;
/// assert_eq!(ys.squeeze(0)?.to_vec3::<f32>()?, [[[3., 5., 3.], [9., 11., 6.]]]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn conv2d(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    config: &Conv2dConfig,
) -> Result<Tensor> {
    let plan = Plan::new(xs, weight, bias, config)?;
    let (xs, weight) = (xs.contiguous()?, weight.contiguous()?);
    match bias {
        None => xs.apply_op2(&weight, Conv2d { plan }),
        Some(bias) => xs.apply_op3(&weight, &bias.contiguous()?, Conv2d { plan }),
    }
}

struct Conv2d {
    plan: Plan,
}

impl CustomOp2 for Conv2d {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(xs.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let weight = slice::<T>(NAME, weight, weight_layout)?;
            let ys = T::forward(&self.plan, xs, weight, None);
            Ok((T::to_cpu_storage_owned(ys), self.plan.ys_shape()))
        })
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        ys: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let wanted = Wanted { xs: xs.track_op(), weight: weight.track_op(), bias: false };
        let [grad_xs, grad_weight, _] = gradients(&self.plan, [xs, weight, ys, grad], wanted)?;
        Ok((grad_xs, grad_weight))
    }
}

impl CustomOp3 for Conv2d {
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
        for_float!(xs.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let weight = slice::<T>(NAME, weight, weight_layout)?;
            let bias = slice::<T>(NAME, bias, bias_layout)?;
            let ys = T::forward(&self.plan, xs, weight, Some(bias));
            Ok((T::to_cpu_storage_owned(ys), self.plan.ys_shape()))
        })
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        ys: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let wanted = Wanted { xs: xs.track_op(), weight: weight.track_op(), bias: bias.track_op() };
        let [grad_xs, grad_weight, grad_bias] =
            gradients(&self.plan, [xs, weight, ys, grad], wanted)?;
        Ok((grad_xs, grad_weight, grad_bias))
    }
}
