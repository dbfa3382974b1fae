//! A loss for pixels: as it is configured, and as it is fitted to training images.

use candle::Tensor;
use serde::{Deserialize, Serialize};

use super::{ClassWeights, PixelCost};
use crate::error::check;
use crate::{Error, Result};

/// What pixels cost and weigh in training.
///
/// ```
/// use micrograph_nn::{PixelCost, SegmentationLoss};
///
/// let loss: SegmentationLoss = serde_json::from_str(
///     r#"{ "cost": "dice_cross_entropy", "class_weights": { "given": [1, 2] }, "border": {} }"#,
/// )?;
/// assert!(matches!(loss.cost, PixelCost::DiceCrossEntropy { .. }));
/// assert_eq!(loss.fit(2, &[])?.class_weights(), Some(&[1.0, 2.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentationLoss {
    /// What a pixel costs; cross-entropy.
    pub cost: PixelCost,
    /// What the classes weigh; 1 each.
    pub class_weights: ClassWeights,
    /// Weights of pixels between objects that lie close together; none. They come from
    /// `micrograph_segment::border_weights`.
    pub border: Option<BorderWeights>,
    /// A label whose pixels count for nothing, such as 255; none.
    pub ignore_index: Option<u32>,
}

/// U-Net's map of weights: `1 + weight * exp(-(d1 + d2)^2 / (2 sigma^2))` on background, with the
/// distances to the nearest and to the second nearest object; 1 on objects.
///
/// Ronneberger et al., "U-Net", 2015, equation 2, whose weights of classes are
/// [`SegmentationLoss::class_weights`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BorderWeights {
    /// `w0`, finite and 0 or more; 10.
    pub weight: f64,
    /// In pixels, above 0; 5.
    pub sigma_px: f64,
}

impl Default for BorderWeights {
    fn default() -> Self {
        Self { weight: 10.0, sigma_px: 5.0 }
    }
}

impl SegmentationLoss {
    /// Checks every range, as far as it does not depend on the images.
    ///
    /// # Errors
    /// [`Error::Config`] for the first field outside its range; for weights of classes or borders
    /// beside a cost of areas, which has no use for them.
    pub fn validate(&self) -> Result<(), Error> {
        self.cost.validate()?;
        self.class_weights.validate()?;
        let weighed = self.cost.takes_weights();
        let free = weighed || self.class_weights == ClassWeights::None;
        let nothing = "none beside a cost of areas, such as Dice; take dice_cross_entropy";
        check(free, "class_weights", "set", nothing)?;
        let Some(BorderWeights { weight, sigma_px }) = self.border else { return Ok(()) };
        check(weighed, "border", "set", nothing)?;
        let finite = weight.is_finite() && weight >= 0.0;
        check(finite, "border.weight", weight, "finite and 0 or more")?;
        let finite = sigma_px.is_finite() && sigma_px > 0.0;
        check(finite, "border.sigma_px", sigma_px, "finite and above 0")
    }

    /// The loss for images of `n_classes`, of which training image `i` has `per_image[i][k]` pixels
    /// of class `k`; the counts are read where the weights of classes follow from them.
    ///
    /// # Errors
    /// As [`validate`](Self::validate) and [`ClassWeights::fit`].
    pub fn fit(&self, n_classes: usize, per_image: &[Vec<u64>]) -> Result<PixelLoss, Error> {
        self.validate()?;
        let class_weights = self.class_weights.fit(n_classes, per_image)?;
        Ok(PixelLoss { cost: self.cost.clone(), class_weights, ignore_index: self.ignore_index })
    }
}

/// A loss whose weights are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelLoss {
    cost: PixelCost,
    pub(super) class_weights: Option<Vec<f32>>,
    pub(super) ignore_index: Option<u32>,
}

impl PixelLoss {
    /// The weights of the classes; `None` where all are 1.
    #[must_use]
    pub fn class_weights(&self) -> Option<&[f32]> {
        self.class_weights.as_deref()
    }

    /// The loss of a batch.
    ///
    /// # Shapes
    /// - `logits`: `(n, k, h, w)`
    /// - `labels`: `(n, h, w)`, u32, below `k` or what is ignored
    /// - `pixel_weights`: `(n, h, w)`, of the type of the logits, finite and not negative; beside a
    ///   cost of areas they are not read
    /// - returns: a scalar of the type of the logits
    ///
    /// # Errors
    /// Shapes or types that do not agree; a label that is no class.
    pub fn loss(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        pixel_weights: Option<&Tensor>,
    ) -> Result<Tensor> {
        self.cost.loss(self, [logits, labels], pixel_weights)
    }
}
