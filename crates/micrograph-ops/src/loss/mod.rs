//! Losses: from logits and targets to one number.

mod area;
#[cfg(any(feature = "cuda", test))]
mod area_device;
mod binary;
#[cfg(any(feature = "cuda", test))]
mod binary_device;
mod block;
mod class_loss;
mod cross_entropy;
mod entropy;
#[cfg(any(feature = "cuda", test))]
mod entropy_device;
mod overlap;
mod probability;
mod probability_cost;

pub use binary::bce_with_logits;
pub use cross_entropy::{
    CrossEntropyConfig, LabelSmoothing, softmax_cross_entropy, softmax_cross_entropy_weighted,
};
pub use overlap::{
    ErrorWeights, OverlapClasses, OverlapConfig, OverlapScope, dice_loss, tversky_loss,
};
pub use probability::{ProbabilityCost, ProbabilityLossConfig, probability_loss};

use crate::error::{float, invalid, not_empty, same_dtype, unexpected_shape};
use crate::storage::Element;
use candle::{DType, Error, Result, Shape, Tensor};

/// Refuses logits other than `(n, k, ...)` and labels other than `(n, ...)`.
fn check_labels(op: &'static str, logits: &Tensor, labels: &Tensor) -> Result<()> {
    float(op, logits)?;
    if logits.rank() < 2 {
        let (expected, got, shape) = (2, logits.rank(), logits.shape().clone());
        let error = Error::UnexpectedNumberOfDims { expected, got, shape }.bt();
        return Err(error.context(format!("{op}: logits are (n, k) or (n, k, h, w)")));
    }
    not_empty(op, "logits", logits)?;
    if labels.dtype() != DType::U32 {
        let (expected, got) = (DType::U32, labels.dtype());
        let msg = "labels are class indices";
        return Err(Error::UnexpectedDType { msg, expected, got }.bt().context(op));
    }
    let expected = pixel_shape(logits);
    if labels.dims() != expected {
        let message = format!("there must be one label for each of {} rows", logits.dims()[0]);
        let message =
            if logits.rank() == 2 { message + " of logits" } else { message + " and pixels" };
        return Err(unexpected_shape(op, message, expected, labels.shape()));
    }
    Ok(())
}

/// The shape of the logits without the axis of classes.
fn pixel_shape(logits: &Tensor) -> Vec<usize> {
    let mut shape = logits.dims().to_vec();
    shape.remove(1);
    shape
}

/// The weights of a loss in memory: what is given, or no numbers for none (on a device a scalar).
fn given_weights(
    op: &'static str,
    logits: &Tensor,
    weights: Option<&Tensor>,
    shape: &[usize],
) -> Result<Tensor> {
    let Some(weights) = weights else {
        // A device has no memory of no size.
        let none = if logits.device().is_cuda() { Shape::from(()) } else { Shape::from(0) };
        return Tensor::zeros(none, logits.dtype(), logits.device());
    };
    same_dtype(op, logits, weights)?;
    if weights.dims() != shape {
        let message = "there must be one weight for each term of the loss";
        return Err(unexpected_shape(op, message, shape, weights.shape()));
    }
    // A scalar stands for none on a device, so that the weight of a scalar is a list of one.
    if shape.is_empty() { weights.reshape(1) } else { weights.contiguous() }
}

/// Refuses a weight that is negative or not finite.
fn check_weight<T: Element>(op: &'static str, weight: T) -> Result<f64> {
    let weight = weight.to_f64();
    if weight.is_finite() && weight >= 0.0 {
        return Ok(weight);
    }
    Err(invalid(op, format!("weight {weight} must be finite and not negative")))
}
