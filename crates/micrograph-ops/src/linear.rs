//! The fully connected layer.

use crate::channel_sum::channel_sum;
use crate::error::{float, not_empty, rank, same_dtype, unexpected_shape};
use crate::layer::{self, Forward, Layer, Wanted, check_bias};
use crate::matrix::{Destination, MatMut, MatRef, parallel_gemm, product};
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "linear";

/// The fully connected layer `ys = xs * weight^T + bias`.
///
/// # Shapes
/// - `xs`: `(n, i)`, f32 or f64
/// - `weight`: `(o, i)`; `bias`: `(o)`
/// - returns: `(n, o)`
///
/// # Errors
/// Ranks, sizes or number types that do not agree; a size of zero.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// let xs = Tensor::new(&[[1f32, 2.]], &Device::Cpu)?;
/// let weight = Tensor::new(&[[3f32, 4.], [5., 6.], [0., -1.]], &Device::Cpu)?;
/// let bias = Tensor::new(&[10f32, 20., 30.], &Device::Cpu)?;
/// let ys = micrograph_ops::linear(&xs, &weight, Some(&bias))?;
/// assert_eq!(ys.to_vec2::<f32>()?, [[21., 37., 28.]]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn linear(xs: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let layer = plan(xs, weight, bias)?;
    layer::apply(layer, xs, weight, bias)
}

fn plan(xs: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Linear> {
    float(NAME, xs)?;
    rank(NAME, "xs is (n, i)", 2, xs)?;
    rank(NAME, "weight is (o, i)", 2, weight)?;
    same_dtype(NAME, xs, weight)?;
    not_empty(NAME, "xs", xs)?;
    not_empty(NAME, "weight", weight)?;
    let ((samples, inputs), (outputs, of_weight)) = (xs.dims2()?, weight.dims2()?);
    if of_weight != inputs {
        let message = format!("the weight must take the {inputs} inputs that xs has");
        return Err(unexpected_shape(NAME, message, (outputs, inputs), weight.shape()));
    }
    check_bias(NAME, xs, bias, outputs)?;
    Ok(Linear { samples, inputs, outputs })
}

struct Linear {
    samples: usize,
    inputs: usize,
    outputs: usize,
}

impl Layer for Linear {
    const NAME: &'static str = NAME;

    fn ys_shape(&self) -> Shape {
        Shape::from((self.samples, self.outputs))
    }

    #[cfg(feature = "cuda")]
    fn on_cuda(&self, operands: &[crate::cuda::Stored<'_>]) -> Result<candle::CudaStorage> {
        cuda::forward(self, operands)
    }

    fn gradients(
        &self,
        [xs, weight, _, grad]: [&Tensor; 4],
        wanted: Wanted,
    ) -> Result<[Option<Tensor>; 3]> {
        let grad_xs = || grad.apply_op2_no_bwd(weight, &Product::Plain);
        let grad_weight = || grad.apply_op2_no_bwd(xs, &Product::TransposedLhs);
        Ok([
            wanted.xs.then(grad_xs).transpose()?,
            wanted.weight.then(grad_weight).transpose()?,
            wanted.bias.then(|| channel_sum(grad)).transpose()?,
        ])
    }
}

impl<T: Element> Forward<T> for Linear {
    fn forward(&self, xs: &[T], weight: &[T], bias: Option<&[T]>) -> Result<Vec<T>> {
        let Self { samples, inputs, outputs } = *self;
        let xs = MatRef::row_major(xs, samples, inputs);
        let weight = MatRef::row_major(weight, outputs, inputs).transposed();
        let Some(bias) = bias else { return Ok(product(xs, weight)) };
        let mut ys = bias.repeat(samples);
        parallel_gemm(MatMut::row_major(&mut ys, samples, outputs), xs, weight, Destination::Add);
        Ok(ys)
    }
}

/// The two products of the backward pass.
enum Product {
    /// `lhs * rhs`: the gradient of `xs` from those of the outputs and the weight.
    Plain,
    /// `lhs^T * rhs`: the gradient of the weight from those of the outputs and `xs`.
    TransposedLhs,
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "linear_backward"
    }

    fn cpu_fwd(
        &self,
        lhs: &CpuStorage,
        lhs_layout: &Layout,
        rhs: &CpuStorage,
        rhs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (lhs_dims, rhs_dims) = (lhs_layout.shape().dims2()?, rhs_layout.shape().dims2()?);
        for_float!(lhs.dtype(), self.name(), T => {
            let lhs = slice::<T>(self.name(), lhs, lhs_layout)?;
            let rhs = slice::<T>(self.name(), rhs, rhs_layout)?;
            let (out, shape) = self.compute(lhs, lhs_dims, rhs, rhs_dims);
            Ok((T::to_cpu_storage_owned(out), shape))
        })
    }
    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        lhs: &candle::CudaStorage,
        lhs_layout: &Layout,
        rhs: &candle::CudaStorage,
        rhs_layout: &Layout,
    ) -> Result<(candle::CudaStorage, Shape)> {
        self.on_cuda((lhs, lhs_layout), (rhs, rhs_layout))
    }
}

#[cfg(feature = "cuda")]
mod cuda {
    //! Products by cuBLAS, through Candle: for plain matrices nothing is faster, and their sums are
    //! in f32 for bf16 and f16, and in the same order each time.

    use super::{Linear, NAME, Product};
    use crate::cuda::{Stored, change};
    use crate::device_sum::shift_channels;
    use crate::layer::Layer;
    use candle::backend::BackendStorage;
    use candle::{CudaStorage, Result, Shape};

    /// `xs`, the weight, and perhaps the bias.
    pub(super) fn forward(layer: &Linear, operands: &[Stored<'_>]) -> Result<CudaStorage> {
        let Linear { samples, inputs, outputs } = *layer;
        let ((xs, xs_layout), (weight, weight_layout)) = (operands[0], operands[1]);
        let sizes = (1, samples, outputs, inputs);
        let mut ys = xs.matmul(weight, sizes, xs_layout, &weight_layout.transpose(0, 1)?)?;
        if let Some(&bias) = operands.get(2) {
            let shape = layer.ys_shape();
            let program = shift_channels(NAME, ys.dtype(), &shape, true, false)?;
            change(&program, &mut ys, &[bias])?;
        }
        Ok(ys)
    }

    impl Product {
        pub(super) fn on_cuda(
            &self,
            (lhs, lhs_layout): Stored<'_>,
            (rhs, rhs_layout): Stored<'_>,
        ) -> Result<(CudaStorage, Shape)> {
            let lhs_layout = match self {
                Self::Plain => lhs_layout.clone(),
                Self::TransposedLhs => lhs_layout.transpose(0, 1)?,
            };
            let ((rows, inner), (_, cols)) =
                (lhs_layout.shape().dims2()?, rhs_layout.shape().dims2()?);
            let product = lhs.matmul(rhs, (1, rows, cols, inner), &lhs_layout, rhs_layout)?;
            Ok((product, Shape::from((rows, cols))))
        }
    }
}

impl Product {
    fn compute<T: Element>(
        &self,
        lhs: &[T],
        lhs_dims: (usize, usize),
        rhs: &[T],
        rhs_dims: (usize, usize),
    ) -> (Vec<T>, Shape) {
        let lhs = MatRef::row_major(lhs, lhs_dims.0, lhs_dims.1);
        let rhs = MatRef::row_major(rhs, rhs_dims.0, rhs_dims.1);
        let (lhs, rows) = match self {
            Self::Plain => (lhs, lhs_dims.0),
            Self::TransposedLhs => (lhs.transposed(), lhs_dims.1),
        };
        (product(lhs, rhs), Shape::from((rows, rhs_dims.1)))
    }
}
