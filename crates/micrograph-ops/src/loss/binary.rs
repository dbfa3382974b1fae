//! Sigmoid and binary cross-entropy in one operation.

use super::{check_weight, given_weights};
use crate::cuda::cuda_fwd;
use crate::elementwise::CHUNK;
use crate::error::{float, invalid, not_empty, same_dtype, unexpected_shape};
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType};

pub(super) const NAME: &str = "bce_with_logits";

/// Mean binary cross-entropy between the sigmoid of the logits and the targets, as PyTorch's
/// `BCEWithLogitsLoss`.
///
/// `loss = sum of w * (positive_weight * z * log(1 + e^-x) + (1 - z) * log(1 + e^x)) / sum of w`
/// for logits `x`, targets `z` and weights `w`, which are 1 when none are given (PyTorch divides by
/// the number of elements instead of the sum of the weights). Each logarithm is taken from `|x|`,
/// in f64: no finite logit overflows, and none loses its gradient.
///
/// # Shapes
/// - `logits`: any, f32 or f64, in any memory layout
/// - `targets`: the same, in `[0, 1]`; `weights`: the same, finite and not negative
/// - returns: a scalar of the type of the logits; only the logits have a gradient
///
/// # Units and ranges
/// `positive_weight`, finite and not negative, is what a positive target counts more than a
/// negative; 1 for no difference.
///
/// # Edge cases
/// When all weights are zero, loss and gradient are 0.
///
/// # Errors
/// Shapes or types that do not agree; a size of zero; numbers outside of their ranges.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::bce_with_logits;
/// let logits = Tensor::new(&[100f32, -100., 0.], &Device::Cpu)?;
/// let targets = Tensor::new(&[0f32, 0., 1.], &Device::Cpu)?;
/// let loss = bce_with_logits(&logits, &targets, None, 3.0)?.to_scalar::<f32>()?;
/// assert_eq!(loss, (100. + 3. * 2f32.ln()) / 3.);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn bce_with_logits(
    logits: &Tensor,
    targets: &Tensor,
    weights: Option<&Tensor>,
    positive_weight: f64,
) -> Result<Tensor> {
    float(NAME, logits)?;
    not_empty(NAME, "logits", logits)?;
    same_dtype(NAME, logits, targets)?;
    if targets.shape() != logits.shape() {
        let message = "there must be one target for each logit";
        return Err(unexpected_shape(NAME, message, logits.shape(), targets.shape()));
    }
    if !positive_weight.is_finite() || positive_weight < 0.0 {
        let message = format!("positive weight {positive_weight} must be finite and not negative");
        return Err(invalid(NAME, message));
    }
    let weights = given_weights(NAME, logits, weights, logits.dims())?;
    let op = BinaryCrossEntropy { positive_weight };
    logits.contiguous()?.apply_op3(&targets.contiguous()?, &weights, op)
}

/// The arguments are logits, targets, and weights (or no number).
#[derive(Debug, Clone, Copy)]
pub(super) struct BinaryCrossEntropy {
    pub(super) positive_weight: f64,
}

impl BinaryCrossEntropy {
    /// The sums of the losses and of the weights.
    fn sums<T: Element>(&self, logits: &[T], targets: &[T], weights: &[T]) -> Result<[f64; 2]> {
        let chunks = logits.par_chunks(CHUNK).zip(targets.par_chunks(CHUNK)).enumerate();
        let parts = chunks.map_to_vec(|(chunk, (logits, targets))| {
            let weights = weights.get(chunk * CHUNK..).unwrap_or_default();
            let mut sums = [0.0; 2];
            for (i, (x, z)) in logits.iter().zip(targets).enumerate() {
                let weight =
                    weights.get(i).map_or(Ok(1.0), |&weight| check_weight(NAME, weight))?;
                sums[0] += weight * self.loss(x.to_f64(), check_target(z.to_f64())?);
                sums[1] += weight;
            }
            Ok(sums)
        });
        let parts = parts.into_iter().collect::<Result<Vec<[f64; 2]>>>()?;
        Ok(parts.iter().fold([0.0; 2], |[loss, weight], part| [loss + part[0], weight + part[1]]))
    }

    fn loss(&self, x: f64, z: f64) -> f64 {
        let log = (-x.abs()).exp().ln_1p();
        // A target without a share costs nothing, even at an infinite logit.
        let term = |share: f64, x: f64| if share > 0.0 { share * (x.max(0.0) + log) } else { 0.0 };
        let loss = term(self.positive_weight * z, -x) + term(1.0 - z, x);
        if x.is_nan() { x } else { loss }
    }

    fn slope(&self, x: f64, z: f64) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        (1.0 - z) * sigmoid(x) - self.positive_weight * z * sigmoid(-x)
    }
}

pub(super) fn check_target(target: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&target) {
        return Ok(target);
    }
    Err(invalid(NAME, format!("target {target} must lie in [0, 1]; scale masks of 0 and 255")))
}

impl CustomOp3 for BinaryCrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        targets: &CpuStorage,
        targets_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(logits.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, logits, logits_layout)?;
            let targets = slice::<T>(NAME, targets, targets_layout)?;
            let weights = slice::<T>(NAME, weights, weights_layout)?;
            let [loss, total] = self.sums(logits, targets, weights)?;
            let loss = if total > 0.0 { loss / total } else { 0.0 };
            Ok((T::to_cpu_storage_owned(vec![loss as T]), Shape::from(())))
        })
    }

    cuda_fwd!(logits logits_layout, targets targets_layout, weights weights_layout);

    fn bwd(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let op = Backward { of: *self, grad: grad.clone() };
        Ok((Some(logits.apply_op3_no_bwd(targets, weights, &op)?), None, None))
    }
}

pub(super) struct Backward {
    pub(super) of: BinaryCrossEntropy,
    /// That of the loss; read where the logits are, so that no device waits for the host.
    pub(super) grad: Tensor,
}

impl CustomOp3 for Backward {
    fn name(&self) -> &'static str {
        "bce_with_logits_backward"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        layout: &Layout,
        targets: &CpuStorage,
        targets_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(logits.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, logits, layout)?;
            let targets = slice::<T>(NAME, targets, targets_layout)?;
            let weights = slice::<T>(NAME, weights, weights_layout)?;
            let out = self.gradient(logits, targets, weights)?;
            Ok((T::to_cpu_storage_owned(out), layout.shape().clone()))
        })
    }

    cuda_fwd!(logits logits_layout, targets targets_layout, weights weights_layout);
}

impl Backward {
    fn gradient<T: Element>(&self, logits: &[T], targets: &[T], weights: &[T]) -> Result<Vec<T>> {
        let [_, total] = self.of.sums(logits, targets, weights)?;
        let grad = self.grad.to_dtype(DType::F64)?.to_scalar::<f64>()?;
        let scale = if total > 0.0 { grad / total } else { 0.0 };
        let mut out = vec![T::zero(); logits.len()];
        out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            for (out, i) in out.iter_mut().zip(chunk * CHUNK..) {
                let weight = weights.get(i).map_or(1.0, |weight| weight.to_f64());
                let slope = self.of.slope(logits[i].to_f64(), targets[i].to_f64());
                *out = T::from_f64(scale * weight * slope);
            }
        });
        Ok(out)
    }
}
