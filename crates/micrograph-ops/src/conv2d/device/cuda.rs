//! The passes on a CUDA device.

#[cfg(feature = "cudnn")]
use super::cudnn;
use super::{OnInputs, OnOutputs, OnWeight};
use crate::channel_sum::channel_sum;
use crate::conv2d::Activation;
use crate::conv2d::plan::Plan;
use crate::cuda::{self, Stored};
use crate::layer::Wanted;
use crate::relu::ReluBackward;
use candle::{CudaStorage, Result, Tensor};

/// `xs`, the weight, and perhaps the bias.
pub(in crate::conv2d) fn forward(plan: Plan, operands: &[Stored<'_>]) -> Result<CudaStorage> {
    #[cfg(feature = "cudnn")]
    if let Some(ys) = cudnn::outputs(&plan, operands)? {
        return Ok(ys);
    }
    Ok(cuda::forward(&OnOutputs { plan }, operands)?.0)
}

/// Of the convolution that goes the other way: `xs`, the weight, and perhaps the bias.
pub(in crate::conv2d) fn forward_transposed(
    plan: Plan,
    operands: &[Stored<'_>],
) -> Result<CudaStorage> {
    #[cfg(feature = "cudnn")]
    if let Some(ys) = cudnn::inputs(&plan, operands)? {
        return Ok(ys);
    }
    Ok(cuda::forward(&OnInputs { plan }, operands)?.0)
}

/// `xs`, then gradients of the outputs.
fn of_weight(plan: Plan, operands: &[Stored<'_>]) -> Result<CudaStorage> {
    #[cfg(feature = "cudnn")]
    if let Some(weight) = cudnn::weight(&plan, operands)? {
        return Ok(weight);
    }
    Ok(cuda::forward(&OnWeight { plan }, operands)?.0)
}

/// The gradients from input, weight, outputs and their gradient.
pub(in crate::conv2d) fn backward(
    plan: &Plan,
    [xs, weight, ys, grad]: [&Tensor; 4],
    wanted: Wanted,
) -> Result<[Option<Tensor>; 3]> {
    let grad = match plan.config.activation {
        Activation::Relu => &grad.apply_op2_no_bwd(ys, &ReluBackward)?,
        Activation::None => grad,
    };
    let plan = plan.without_activation();
    let inputs = || {
        let shape = plan.xs_shape();
        cuda::tensor_of(&[grad, weight], shape, |operands| forward_transposed(plan, operands))
    };
    let weights = || {
        let shape = plan.weight_shape();
        cuda::tensor_of(&[xs, grad], shape, |operands| of_weight(plan, operands))
    };
    Ok([
        wanted.xs.then(inputs).transpose()?,
        wanted.weight.then(weights).transpose()?,
        wanted.bias.then(|| channel_sum(grad)).transpose()?,
    ])
}
