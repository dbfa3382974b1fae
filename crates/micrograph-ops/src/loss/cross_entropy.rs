//! Softmax and cross-entropy in one operation, and the focal loss.

use super::entropy::CrossEntropy;
use super::{check_labels, given_weights, pixel_shape};
use crate::error::invalid;
use candle::{Result, Tensor};
use serde::{Deserialize, Serialize};

pub(super) const NAME: &str = "softmax_cross_entropy";

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

/// What [`softmax_cross_entropy`] weighs and leaves out; nothing by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrossEntropyConfig {
    /// One weight a class, finite and not negative; `None` is 1 for each.
    pub class_weights: Option<Vec<f32>>,
    /// How targets are softened.
    pub smoothing: LabelSmoothing,
    /// A label whose pixels count for nothing, such as 255 for "unknown".
    pub ignore_index: Option<u32>,
    /// The exponent `gamma` of the focal loss, not negative: the term of a class is multiplied by
    /// `(1 - p)^gamma`, so that what is already right counts less. 0 is cross-entropy; Lin et al.
    /// take 2, with class weights `alpha`.
    pub focusing: f64,
}

/// Mean cross-entropy between the softmax of the logits and the labels, as PyTorch's
/// `CrossEntropyLoss`; with [`focusing`](CrossEntropyConfig::focusing), the focal loss.
///
/// `loss = sum over n, c of w_c * q_nc * (1 - p_nc)^gamma * -log p_nc / sum over n of w_(label n)`,
/// where `n` runs over samples and pixels, `p` is the softmax of the logits and `q` the smoothed
/// target. Without smoothing and focusing this is the mean of the samples' losses, weighted by the
/// weights of their classes.
///
/// Everything is computed in f64 from the logits' logarithms, so that logits of +-10,000 and a
/// true class of probability zero give finite losses and gradients.
///
/// # Shapes
/// - `logits`: `(n, k)` or `(n, k, h, w)`, f32 or f64, in any memory layout
/// - `labels`: `(n)` or `(n, h, w)`, u32, below `k`
/// - returns: a scalar of the type of the logits; only the logits have a gradient
///
/// # Edge cases
/// When the weights of all labels are zero, there is nothing to learn: loss and gradient are 0
/// (PyTorch: NaN).
///
/// # Errors
/// Shapes or types that do not agree; a label of `k` or more; weights that are not `k` finite
/// numbers of zero or more; a fraction outside of `[0, 1)`; smoothing over the others of one class;
/// focusing that is negative or not finite.
///
/// # Source
/// Lin et al., "Focal loss for dense object detection", 2017, with the softmax as in Keras's
/// `CategoricalFocalCrossentropy`; the mean is over the weights, as everywhere here.
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
/// let config = CrossEntropyConfig { focusing: 2.0, ..Default::default() };
/// let focal = softmax_cross_entropy(&logits, &labels, &config)?.to_scalar::<f64>()?;
/// assert!((focal - 0.75 * 0.75 * 4f64.ln()).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
#[doc(alias = "focal_loss")]
pub fn softmax_cross_entropy(
    logits: &Tensor,
    labels: &Tensor,
    config: &CrossEntropyConfig,
) -> Result<Tensor> {
    cross_entropy(logits, labels, None, config)
}

/// [`softmax_cross_entropy`] in which each sample or pixel has a weight of its own: U-Net's maps of
/// the borders between cells, or annotations to be trusted less.
///
/// Loss and divisor are multiplied by the weights: with weights of 1 it is the unweighted loss, and
/// the loss stays when all weights are doubled.
///
/// # Shapes
/// - `logits`, `labels`: as there
/// - `weights`: that of the labels, and the type of the logits; finite and not negative
///
/// # Errors
/// As there; weights outside of their range.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy_weighted};
/// let logits = Tensor::new(&[[0f64, 0.], [0., 3f64.ln()]], &Device::Cpu)?;
/// let labels = Tensor::new(&[0u32, 0], &Device::Cpu)?;
/// let weights = Tensor::new(&[3f64, 1.], &Device::Cpu)?;
/// let config = CrossEntropyConfig::default();
/// let loss = softmax_cross_entropy_weighted(&logits, &labels, &weights, &config)?;
/// assert!((loss.to_scalar::<f64>()? - (3. * 2f64.ln() + 4f64.ln()) / 4.).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn softmax_cross_entropy_weighted(
    logits: &Tensor,
    labels: &Tensor,
    weights: &Tensor,
    config: &CrossEntropyConfig,
) -> Result<Tensor> {
    cross_entropy(logits, labels, Some(weights), config)
}

fn cross_entropy(
    logits: &Tensor,
    labels: &Tensor,
    weights: Option<&Tensor>,
    config: &CrossEntropyConfig,
) -> Result<Tensor> {
    check_labels(NAME, logits, labels)?;
    let classes = logits.dim(1)?;
    let class_weights = check_config(config, classes)?;
    let target = |label: usize, class: usize| {
        let [own, other] = config.smoothing.targets(classes);
        class_weights[class] * if class == label { own } else { other }
    };
    let targets = (0..classes)
        .map(|label| (0..classes).map(|class| target(label, class)).collect())
        .collect();
    let CrossEntropyConfig { ignore_index, focusing, .. } = *config;
    let smoothed = config.smoothing.targets(classes);
    let op = CrossEntropy { targets, weights: class_weights, smoothed, ignore_index, focusing };
    let weights = given_weights(NAME, logits, weights, &pixel_shape(logits))?;
    logits.contiguous()?.apply_op3(&labels.contiguous()?, &weights, op)
}

/// The class weights, in full.
fn check_config(config: &CrossEntropyConfig, classes: usize) -> Result<Vec<f64>> {
    let (fraction, focusing) = (config.smoothing.fraction(), config.focusing);
    if !(0.0..1.0).contains(&fraction) {
        return Err(invalid(NAME, format!("smoothing {fraction} must lie in [0, 1)")));
    }
    if !focusing.is_finite() || focusing < 0.0 {
        return Err(invalid(NAME, format!("focusing {focusing} must be finite and not negative")));
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
