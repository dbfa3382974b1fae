//! Convolution and 2x2 maximum pooling as one operation.

use super::algorithm::Convolve;
use super::backward::gradients;
use super::plan::Plan;
use super::{Activation, Conv2dConfig};
use crate::error::invalid;
use crate::layer::{self, Forward, Layer, Wanted};
use crate::pool2d::Pool2dConfig;
use crate::pool2d::pairs::{MaxPool2x2Backward, maxima};
use candle::{Device, Result, Shape, Tensor};
use std::sync::OnceLock;

const NAME: &str = "conv2d_max_pool2d";

/// [`conv2d`](crate::conv2d), then [`max_pool2d`](crate::max_pool2d) of 2x2 windows side by side:
/// the same bits, in less time, because no tensor of the full size goes from one to the other.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `weight`: `(o, c / groups, kh, kw)`; `bias`: `(o)`
/// - returns: `(n, o, oh / 2, ow / 2)`, rounded down, of a convolution's output of `oh x ow`
///
/// # Errors
/// Those of [`conv2d`](crate::conv2d); an output of one row or column, which has no window.
///
/// # Example
/// ```
/// use candle::{Device, Var};
/// use micrograph_ops::{Conv2dConfig, conv2d_max_pool2d};
/// let xs = Var::new(&[[[[1f32, 5.], [3., 2.]]]], &Device::Cpu)?;
/// let weight = Var::new(&[[[[10f32]]]], &Device::Cpu)?;
/// let ys = conv2d_max_pool2d(&xs, &weight, None, &Conv2dConfig::default())?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [50.]);
/// let gradients = ys.backward()?;
/// assert_eq!(gradients.get(&xs).unwrap().flatten_all()?.to_vec1::<f32>()?, [0., 10., 0., 0.]);
/// assert_eq!(gradients.get(&weight).unwrap().flatten_all()?.to_vec1::<f32>()?, [5.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn conv2d_max_pool2d(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    config: &Conv2dConfig,
) -> Result<Tensor> {
    let plan = Plan::new(xs, weight, bias, config)?;
    let [rows, cols] = plan.out_size;
    if rows < 2 || cols < 2 {
        let message = format!(
            "the convolution makes {rows}x{cols} pixels, in which no 2x2 window fits; enlarge the \
             image or pad more"
        );
        return Err(invalid(NAME, message));
    }
    if !xs.device().is_cpu() {
        let ys = super::conv2d(xs, weight, bias, config)?;
        return crate::max_pool2d(&ys, &Pool2dConfig::square(2));
    }
    let kept = [Some(xs), Some(weight), bias].into_iter().flatten().any(Tensor::track_op);
    let op = ConvMaxPool { plan, kept, outputs: OnceLock::new() };
    layer::apply(op, xs, weight, bias)
}

struct ConvMaxPool {
    plan: Plan,
    /// Whether there will be a backward pass, which needs the outputs of the convolution.
    kept: bool,
    outputs: OnceLock<Tensor>,
}

impl Layer for ConvMaxPool {
    const NAME: &'static str = NAME;

    fn ys_shape(&self) -> Shape {
        let Plan { batch, out_channels, out_size: [rows, cols], .. } = self.plan;
        Shape::from((batch, out_channels, rows / 2, cols / 2))
    }

    #[cfg(feature = "cuda")]
    fn on_cuda(&self, _: &[crate::cuda::Stored<'_>]) -> Result<candle::CudaStorage> {
        Err(invalid(NAME, "on a GPU it is two operations"))
    }

    fn gradients(
        &self,
        [xs, weight, _, grad]: [&Tensor; 4],
        wanted: Wanted,
    ) -> Result<[Option<Tensor>; 3]> {
        let Some(outputs) = self.outputs.get() else {
            return Err(invalid(NAME, "a backward pass without a forward pass on the CPU"));
        };
        let size = self.plan.out_size;
        let rectified = self.plan.config.activation == Activation::Relu;
        let grad = grad.apply_op2_no_bwd(outputs, &MaxPool2x2Backward { size, rectified })?;
        // The pooling has closed the ReLU's gate already.
        gradients(&self.plan.without_activation(), [xs, weight, outputs, &grad], wanted)
    }
}

impl<T: Convolve> Forward<T> for ConvMaxPool {
    fn forward(&self, xs: &[T], weight: &[T], bias: Option<&[T]>) -> Result<Vec<T>> {
        if !self.kept {
            return Ok(T::forward_pooled(&self.plan, xs, weight, bias));
        }
        let ys = T::forward(&self.plan, xs, weight, bias);
        let pooled = maxima(&ys, self.plan.out_size);
        let outputs = Tensor::from_vec(ys, self.plan.ys_shape(), &Device::Cpu)?;
        self.outputs.get_or_init(|| outputs);
        Ok(pooled)
    }
}
