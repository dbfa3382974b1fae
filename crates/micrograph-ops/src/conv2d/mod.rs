//! Two-dimensional convolution: `plan` has the sizes, `algorithm` the choice between `direct`,
//! `narrow` (few input channels) and `winograd`, `transpose` the layer that exchanges forward and
//! backward, `max_pool` the convolution that is pooled at once, `device` what runs on a GPU.

mod algorithm;
mod backward;
mod config;
#[cfg(any(feature = "cuda", test))]
mod device;
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

use crate::layer::{self, Forward, Layer, Wanted};
use algorithm::Convolve;
use backward::gradients;
use candle::{Result, Shape, Tensor};
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
    layer::apply(Conv2d { plan }, xs, weight, bias)
}

struct Conv2d {
    plan: Plan,
}

impl Layer for Conv2d {
    const NAME: &'static str = NAME;

    fn ys_shape(&self) -> Shape {
        self.plan.ys_shape()
    }

    #[cfg(feature = "cuda")]
    fn on_cuda(&self, operands: &[crate::cuda::Stored<'_>]) -> Result<candle::CudaStorage> {
        device::forward(self.plan, operands)
    }

    fn gradients(&self, tensors: [&Tensor; 4], wanted: Wanted) -> Result<[Option<Tensor>; 3]> {
        gradients(&self.plan, tensors, wanted)
    }
}

impl<T: Convolve> Forward<T> for Conv2d {
    fn forward(&self, xs: &[T], weight: &[T], bias: Option<&[T]>) -> Result<Vec<T>> {
        Ok(T::forward(&self.plan, xs, weight, bias))
    }
}
