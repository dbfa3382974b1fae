//! The fully connected layer.

use crate::channel_sum::channel_sum;
use crate::error::{float, not_empty, rank, same_dtype, unexpected_shape};
use crate::matrix::{Destination, MatMut, MatRef, parallel_gemm, product};
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

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
    check(xs, weight, bias)?;
    let (xs, weight) = (xs.contiguous()?, weight.contiguous()?);
    match bias {
        None => xs.apply_op2(&weight, Linear),
        Some(bias) => xs.apply_op3(&weight, &bias.contiguous()?, Linear),
    }
}

fn check(xs: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<()> {
    float(NAME, xs)?;
    rank(NAME, "xs is (n, i)", 2, xs)?;
    rank(NAME, "weight is (o, i)", 2, weight)?;
    same_dtype(NAME, xs, weight)?;
    not_empty(NAME, "xs", xs)?;
    not_empty(NAME, "weight", weight)?;
    let (inputs, outputs) = (xs.dims()[1], weight.dims()[0]);
    if weight.dims()[1] != inputs {
        let message = format!("the weight must take the {inputs} inputs that xs has");
        return Err(unexpected_shape(NAME, message, (outputs, inputs), weight.shape()));
    }
    let Some(bias) = bias else { return Ok(()) };
    same_dtype(NAME, xs, bias)?;
    if bias.dims() != [outputs] {
        let message = format!("the bias must have one number for each of {outputs} outputs");
        return Err(unexpected_shape(NAME, message, outputs, bias.shape()));
    }
    Ok(())
}

struct Linear;

impl CustomOp2 for Linear {
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
        let (n, i) = xs_layout.shape().dims2()?;
        let o = weight_layout.dim(0)?;
        for_float!(xs.dtype(), NAME, T => {
            let xs = MatRef::row_major(slice::<T>(NAME, xs, xs_layout)?, n, i);
            let weight = MatRef::row_major(slice::<T>(NAME, weight, weight_layout)?, o, i);
            let ys = product(xs, weight.transposed());
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, o))))
        })
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let grad_xs = || grad.apply_op2_no_bwd(weight, &Product::Plain);
        let grad_weight = || grad.apply_op2_no_bwd(xs, &Product::TransposedLhs);
        Ok((
            xs.track_op().then(grad_xs).transpose()?,
            weight.track_op().then(grad_weight).transpose()?,
        ))
    }
}

impl CustomOp3 for Linear {
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
        let (n, i) = xs_layout.shape().dims2()?;
        let o = weight_layout.dim(0)?;
        for_float!(xs.dtype(), NAME, T => {
            let xs = MatRef::row_major(slice::<T>(NAME, xs, xs_layout)?, n, i);
            let weight = MatRef::row_major(slice::<T>(NAME, weight, weight_layout)?, o, i);
            let mut ys = slice::<T>(NAME, bias, bias_layout)?.repeat(n);
            let dst = MatMut::row_major(&mut ys, n, o);
            parallel_gemm(dst, xs, weight.transposed(), Destination::Add);
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, o))))
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
        let (grad_xs, grad_weight) = CustomOp2::bwd(self, xs, weight, ys, grad)?;
        let grad_bias = bias.track_op().then(|| channel_sum(grad)).transpose()?;
        Ok((grad_xs, grad_weight, grad_bias))
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
