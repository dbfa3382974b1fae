//! Candle's errors with the operation, the sizes and the repair in them.

use crate::window::{Padding, check_volume};
use candle::{DType, Error, Result, Shape, Tensor};
use std::fmt::Display;

/// A setting outside its range.
pub(crate) fn invalid(op: &'static str, message: impl Display) -> Error {
    Error::Msg(format!("{op}: {message}")).bt()
}

/// A tensor of another shape than the operation can take.
pub(crate) fn unexpected_shape(
    op: &'static str,
    message: impl Display,
    expected: impl Into<Shape>,
    got: &Shape,
) -> Error {
    let msg = format!("{op}: {message}");
    Error::UnexpectedShape { msg, expected: expected.into(), got: got.clone() }.bt()
}

/// Refuses a tensor without elements.
pub(crate) fn not_empty(op: &'static str, argument: &'static str, tensor: &Tensor) -> Result<()> {
    if tensor.elem_count() > 0 {
        return Ok(());
    }
    let hint = format!(
        "{op}: {argument} has shape {:?}; leave empty batches and sizes of zero out",
        tensor.shape()
    );
    Err(Error::EmptyTensor { op }.bt().context(hint))
}

/// Refuses a tensor of another rank, by the name that the documentation gives the argument.
pub(crate) fn rank(
    op: &'static str,
    argument: &'static str,
    expected: usize,
    tensor: &Tensor,
) -> Result<()> {
    if tensor.rank() == expected {
        return Ok(());
    }
    let (got, shape) = (tensor.rank(), tensor.shape().clone());
    let error = Error::UnexpectedNumberOfDims { expected, got, shape }.bt();
    Err(error.context(format!("{op}: {argument}")))
}

/// Refuses two arguments of different number types.
pub(crate) fn same_dtype(op: &'static str, lhs: &Tensor, rhs: &Tensor) -> Result<()> {
    if lhs.dtype() == rhs.dtype() {
        return Ok(());
    }
    Err(Error::DTypeMismatchBinaryOp { lhs: lhs.dtype(), rhs: rhs.dtype(), op }.bt())
}

/// Refuses anything but `f32` and `f64`, and on a CUDA device `bf16` and `f16`.
pub(crate) fn float(op: &'static str, tensor: &Tensor) -> Result<()> {
    match tensor.dtype() {
        DType::F32 | DType::F64 => Ok(()),
        DType::BF16 | DType::F16 if tensor.device().is_cuda() => Ok(()),
        other => Err(Error::UnsupportedDTypeForOp(other, op).bt()),
    }
}

/// The sizes of a batch of images, `(n, c, h, w)` of floats, none of them zero.
pub(crate) fn image_dims(op: &'static str, xs: &Tensor) -> Result<[usize; 4]> {
    float(op, xs)?;
    rank(op, "xs is (n, c, h, w)", 4, xs)?;
    not_empty(op, "xs", xs)?;
    let (n, c, h, w) = xs.dims4()?;
    Ok([n, c, h, w])
}

/// Refuses a size of the result that is zero, or that no memory can hold.
pub(crate) fn check_size(op: &'static str, [n, c]: [usize; 2], size: [usize; 2]) -> Result<()> {
    if size.contains(&0) {
        return Err(invalid(op, format!("size {size:?} must be 1 or more on both axes")));
    }
    check_volume(op, Padding::ZERO, [n, c, size[0], size[1]])
}
