//! Softmax and cross-entropy in one operation.

use crate::error::{float, invalid, not_empty, rank, unexpected_shape};
use crate::softmax::row_softmax;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, DType, Error, Layout, Result, Shape, Tensor, WithDType};
use serde::{Deserialize, Serialize};

const NAME: &str = "softmax_cross_entropy";

/// How the target distribution is softened; the fraction lies in `[0, 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelSmoothing {
    /// The true class has probability 1.
    #[default]
    None,
    /// The fraction is shared out over all `k` classes, the true one among them: as in PyTorch and
    /// Keras, `1 - eps + eps / k` and `eps / k`.
    OverAll(f64),
    /// The fraction is shared out over the other classes alone: equation 2 of the LipNet thesis,
    /// `1 - eps` and `eps / (k - 1)`.
    OverOthers(f64),
}

impl LabelSmoothing {
    /// What the true class gives away.
    fn fraction(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::OverAll(fraction) | Self::OverOthers(fraction) => fraction,
        }
    }

    /// The target probabilities of the true class and of each other.
    fn targets(self, classes: usize) -> [f64; 2] {
        let k = classes as f64;
        match self {
            Self::None => [1.0, 0.0],
            Self::OverAll(fraction) => [1.0 - fraction + fraction / k, fraction / k],
            Self::OverOthers(fraction) => [1.0 - fraction, fraction / (k - 1.0)],
        }
    }
}

/// Class weights and smoothing of [`softmax_cross_entropy`]; neither by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrossEntropyConfig {
    /// One weight a class, finite and not negative; `None` is 1 for each.
    pub class_weights: Option<Vec<f32>>,
    /// How targets are softened.
    pub smoothing: LabelSmoothing,
}

/// Mean cross-entropy between the softmax of the logits and the labels, as PyTorch's `CrossEntropyLoss`.
///
/// `loss = sum over n, c of w_c * q_nc * -log p_nc / sum over n of w_(label n)`, where `p` is the
/// softmax of the logits and `q` the smoothed target. Without smoothing this is the mean of the
/// samples' losses, weighted by the weights of their classes.
///
/// Everything is computed in f64 from the logits' logarithms, so that logits of +-10,000 and a
/// true class of probability zero give finite losses and gradients.
///
/// # Shapes
/// - `logits`: `(n, k)`, f32 or f64, in any memory layout
/// - `labels`: `(n)`, u32, below `k`
/// - returns: a scalar of the type of the logits; only the logits have a gradient
///
/// # Edge cases
/// When the weights of all labels are zero, there is nothing to learn: loss and gradient are 0
/// (PyTorch: NaN).
///
/// # Errors
/// Shapes or types that do not agree; a label of `k` or more; weights that are not `k` finite
/// numbers of zero or more; a fraction outside of `[0, 1)`; smoothing over the others of one class.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{CrossEntropyConfig, LabelSmoothing, softmax_cross_entropy};
/// let logits = Tensor::new(&[[0f64, 3f64.ln()]], &Device::Cpu)?; // probabilities 1/4 and 3/4
/// let labels = Tensor::new(&[0u32], &Device::Cpu)?;
/// let plain = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
/// assert!((plain.to_scalar::<f64>()? - 4f64.ln()).abs() < 1e-15);
/// let smoothing = LabelSmoothing::OverOthers(0.1);
/// let config = CrossEntropyConfig { smoothing, ..Default::default() };
/// let smooth = softmax_cross_entropy(&logits, &labels, &config)?.to_scalar::<f64>()?;
/// assert!((smooth - (0.9 * 4f64.ln() + 0.1 * (4f64 / 3.0).ln())).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn softmax_cross_entropy(
    logits: &Tensor,
    labels: &Tensor,
    config: &CrossEntropyConfig,
) -> Result<Tensor> {
    check_tensors(logits, labels)?;
    let weights = check_config(config, logits.dim(1)?)?;
    let op = CrossEntropy { weights, smoothing: config.smoothing };
    logits.contiguous()?.apply_op2(&labels.contiguous()?, op)
}

fn check_tensors(logits: &Tensor, labels: &Tensor) -> Result<()> {
    float(NAME, logits)?;
    rank(NAME, "logits are (n, k)", 2, logits)?;
    not_empty(NAME, "logits", logits)?;
    if labels.dtype() != DType::U32 {
        let (expected, got) = (DType::U32, labels.dtype());
        let msg = "softmax_cross_entropy: labels are class indices";
        return Err(Error::UnexpectedDType { msg, expected, got }.bt());
    }
    let n = logits.dim(0)?;
    if labels.dims() != [n] {
        let message = format!("there must be one label for each of {n} rows of logits");
        return Err(unexpected_shape(NAME, message, n, labels.shape()));
    }
    Ok(())
}

/// The class weights, in full.
fn check_config(config: &CrossEntropyConfig, classes: usize) -> Result<Vec<f64>> {
    let fraction = config.smoothing.fraction();
    if !(0.0..1.0).contains(&fraction) {
        return Err(invalid(NAME, format!("smoothing {fraction} must lie in [0, 1)")));
    }
    if matches!(config.smoothing, LabelSmoothing::OverOthers(_)) && classes < 2 {
        return Err(invalid(NAME, "smoothing over the other classes needs at least 2 classes"));
    }
    let Some(weights) = &config.class_weights else { return Ok(vec![1.0; classes]) };
    if weights.len() != classes {
        let got = weights.len();
        return Err(invalid(NAME, format!("{classes} classes need as many weights, got {got}")));
    }
    if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
        return Err(invalid(NAME, format!("class weight {weight} must be finite and >= 0")));
    }
    Ok(weights.iter().map(|&weight| f64::from(weight)).collect())
}

#[derive(Clone)]
struct CrossEntropy {
    weights: Vec<f64>,
    smoothing: LabelSmoothing,
}

impl CrossEntropy {
    /// Calls `row` with each row of logits and its label, after checking that; returns the sum of
    /// the labels' weights.
    fn for_rows<T>(
        &self,
        logits: &[T],
        labels: &[u32],
        mut row: impl FnMut(&[T], usize),
    ) -> Result<f64> {
        let size = self.weights.len();
        let mut total = 0.0;
        for (logits, &label) in logits.chunks_exact(size).zip(labels) {
            let index = label as usize;
            let weight = self.weights.get(index);
            total += weight.ok_or_else(|| Error::InvalidIndex { op: NAME, index, size }.bt())?;
            row(logits, index);
        }
        Ok(total)
    }

    /// Weight times target probability of each class.
    fn weighted_targets(&self, label: usize) -> impl Iterator<Item = f64> {
        let [own, other] = self.smoothing.targets(self.weights.len());
        let target = move |class| if class == label { own } else { other };
        self.weights.iter().enumerate().map(move |(class, weight)| weight * target(class))
    }

    fn loss<T: Element>(&self, logits: &[T], labels: &[u32]) -> Result<f64> {
        let mut probabilities = vec![0.0; self.weights.len()];
        let mut sum = 0.0;
        let total = self.for_rows(logits, labels, |row, label| {
            let log_sum = row_softmax(row, &mut probabilities);
            for (target, x) in self.weighted_targets(label).zip(row) {
                // A class without a share costs nothing, even at a logit of negative infinity.
                if target > 0.0 {
                    sum += target * (log_sum - x.to_f64());
                }
            }
        })?;
        Ok(if total > 0.0 { sum / total } else { 0.0 })
    }

    /// `scale / total * (p_c * sum of targets - target_c)`.
    fn gradient<T: Element>(&self, logits: &[T], labels: &[u32], scale: f64) -> Result<Vec<T>> {
        let mut probabilities = vec![0.0; self.weights.len()];
        let mut gradient = Vec::with_capacity(logits.len());
        let total = self.for_rows(logits, labels, |row, label| {
            row_softmax(row, &mut probabilities);
            let mass: f64 = self.weighted_targets(label).sum();
            let targets = self.weighted_targets(label);
            gradient.extend(probabilities.iter().zip(targets).map(|(p, target)| p * mass - target));
        })?;
        let scale = if total > 0.0 { scale / total } else { 0.0 };
        Ok(gradient.into_iter().map(|g| T::from_f64(g * scale)).collect())
    }
}

impl CustomOp2 for CrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let labels = slice::<u32>(NAME, labels, labels_layout)?;
        for_float!(logits.dtype(), NAME, T => {
            let loss = self.loss(slice::<T>(NAME, logits, logits_layout)?, labels)?;
            Ok((T::to_cpu_storage_owned(vec![loss as T]), Shape::from(())))
        })
    }

    fn bwd(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let scale = grad.to_dtype(DType::F64)?.to_scalar::<f64>()?;
        let op = CrossEntropyBackward { of: self.clone(), scale };
        Ok((Some(logits.apply_op2_no_bwd(labels, &op)?), None))
    }
}

/// The gradient of the logits, in closed form.
struct CrossEntropyBackward {
    of: CrossEntropy,
    scale: f64,
}

impl CustomOp2 for CrossEntropyBackward {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy_backward"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let labels = slice::<u32>(NAME, labels, labels_layout)?;
        for_float!(logits.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, logits, logits_layout)?;
            let gradient = self.of.gradient(logits, labels, self.scale)?;
            Ok((T::to_cpu_storage_owned(gradient), logits_layout.shape().clone()))
        })
    }
}
