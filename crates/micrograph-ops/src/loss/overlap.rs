//! Losses of overlapping areas: Dice and Tversky.

use super::area::Overlap;
use super::check_labels;
use crate::error::invalid;
use candle::{Result, Tensor};
use serde::{Deserialize, Serialize};

pub(super) const NAME: &str = "tversky_loss";

/// Which areas [`dice_loss`] and [`tversky_loss`] compare, and how their indices are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OverlapConfig {
    /// Added to numerator and denominator, in pixels, so that an empty class is defined: not
    /// negative; 1e-5 by default, as in MONAI. At 0 the index of two empty areas is 1.
    pub smooth: f64,
    /// Over what areas are summed.
    pub scope: OverlapScope,
    /// Whether class 0 counts.
    pub classes: OverlapClasses,
    /// A label whose pixels count for nothing.
    pub ignore_index: Option<u32>,
}

impl Default for OverlapConfig {
    fn default() -> Self {
        let (scope, classes) = (OverlapScope::default(), OverlapClasses::default());
        Self { smooth: 1e-5, scope, classes, ignore_index: None }
    }
}

/// Over what an area is summed before an index is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapScope {
    /// Each image has its own index.
    #[default]
    Image,
    /// The images of a batch are one: steadier where many of them lack a class.
    Batch,
}

/// The classes whose indices are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapClasses {
    /// All.
    #[default]
    All,
    /// All but class 0, the background.
    Foreground,
}

/// What errors cost in [`tversky_loss`]: not negative. Halves give Dice, ones the Jaccard index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorWeights {
    /// Weight of the area that is found and should not be, `alpha`.
    pub false_positives: f64,
    /// Weight of the area that should be found and is not, `beta`.
    pub false_negatives: f64,
}

/// `1 - mean of (2 * tp + smooth) / (2 * tp + fp + fn + smooth)`: [`tversky_loss`] with errors that
/// cost a half, and half the smoothing.
///
/// # Shapes, edge cases, errors
/// As there.
///
/// # Source
/// Milletari et al., "V-Net", 2016, without its squares.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{OverlapConfig, dice_loss};
/// let logits = Tensor::new(&[[[3f64.ln(), 3f64.ln(), 0.]]], &Device::Cpu)?; // 3/4, 3/4, 1/2
/// let labels = Tensor::new(&[[1u32, 0, 1]], &Device::Cpu)?;
/// let config = OverlapConfig { smooth: 0.0, ..Default::default() };
/// let loss = dice_loss(&logits, &labels, &config)?.to_scalar::<f64>()?;
/// assert!((loss - (1.0 - 2.0 * 1.25 / (2.0 + 2.0))).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn dice_loss(logits: &Tensor, labels: &Tensor, config: &OverlapConfig) -> Result<Tensor> {
    let halves = ErrorWeights { false_positives: 0.5, false_negatives: 0.5 };
    let config = OverlapConfig { smooth: config.smooth / 2.0, ..*config };
    tversky_loss(logits, labels, &halves, &config)
}

/// `1 - mean of (tp + smooth) / (tp + alpha * fp + beta * fn + smooth)` over classes and images,
/// where the areas are sums of probabilities: `tp` of the pixels of the class, `fp` of the others,
/// and `fn` of what is missing to 1 on the pixels of the class.
///
/// # Shapes
/// - `logits`: `(n, k, h, w)`, f32 or f64, in any memory layout; the probabilities are their
///   softmax, or with `k = 1` the sigmoid of class 1
/// - `labels`: `(n, h, w)`, u32, below `k`, or below 2 when `k = 1`
/// - returns: a scalar of the type of the logits; only the logits have a gradient
///
/// # Errors
/// Shapes or types that do not agree; a label that is no class; smoothing or weights that are
/// negative or not finite.
///
/// # Source
/// Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional deep
/// networks", 2017.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{ErrorWeights, OverlapConfig, tversky_loss};
/// let logits = Tensor::new(&[[[0f64, 3f64.ln()]]], &Device::Cpu)?; // 1/2 and 3/4
/// let labels = Tensor::new(&[[0u32, 1]], &Device::Cpu)?;
/// let weights = ErrorWeights { false_positives: 0.5, false_negatives: 2.0 };
/// let config = OverlapConfig { smooth: 0.0, ..Default::default() };
/// let loss = tversky_loss(&logits, &labels, &weights, &config)?.to_scalar::<f64>()?;
/// assert!((loss - (1.0 - 0.75 / (0.75 + 0.5 * 0.5 + 2.0 * 0.25))).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn tversky_loss(
    logits: &Tensor,
    labels: &Tensor,
    weights: &ErrorWeights,
    config: &OverlapConfig,
) -> Result<Tensor> {
    check_labels(NAME, logits, labels)?;
    let ErrorWeights { false_positives, false_negatives } = *weights;
    let settings = [config.smooth, false_positives, false_negatives];
    if let Some(bad) = settings.iter().find(|value| !value.is_finite() || **value < 0.0) {
        let message = format!("smoothing and weights must be finite and not negative, got {bad}");
        return Err(invalid(NAME, message));
    }
    let op = Overlap { weights: *weights, config: *config };
    logits.contiguous()?.apply_op2(&labels.contiguous()?, op)
}
