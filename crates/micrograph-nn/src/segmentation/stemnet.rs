//! StemNet, 2017.

use serde::{Deserialize, Serialize};

use super::ladder::{Border, Drop, FirstWeights, Plan, resolutions};
use crate::{Error, Result};

/// StemNet: Isaksson, "StemNet: a temporally trained fully convolutional network for segmentation
/// of muscular stem cells", 2017, sections 9 and 18.1.4.
///
/// A U-Net with one 5x5 convolution a resolution on each way. Its Network1 sees a frame, its
/// Network5 a window of five as channels.
///
/// - Resolution `l`, from 1, has `maps * 2^(l - 1)` maps; a transposed convolution 2x2 of stride 2
///   with ReLU halves them, and stands behind what the way down had there.
/// - First weights are from a truncated normal with `sqrt(2 / (kernel^2 * maps out))`, where the way
///   up counts the maps of the resolution below, as its code does; those of the output have sigma
///   0.1. Biases begin at 0.1.
/// - Dropout takes the sums of each convolution, before bias and ReLU; none the output's.
///
/// The figure and the text of section 9 have six resolutions, the code of the appendix seven.
///
/// # Parameters
/// `down{l}.conv1` from `l` = 1, the highest resolution, to `levels`; `up{l}.up`, `up{l}.conv1`
/// to `levels - 1`; `output`; each with `.weight` and `.bias` in PyTorch's shapes.
///
/// ```
/// use micrograph_nn::{SegmenterConfig, StemNetConfig};
///
/// let count = |config: StemNetConfig| SegmenterConfig::new(config.into(), 1, 2).parameter_count();
/// assert_eq!(count(StemNetConfig::thesis()), 9_430_402);
/// assert_eq!(count(StemNetConfig::appendix()), 37_744_002);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StemNetConfig {
    /// Resolutions, from 1 to 12; 6: from 1024x1024 pixels to 32x32.
    pub levels: usize,
    /// Maps at the full resolution, at least 1; 16.
    pub maps: usize,
    /// Rows and columns of the kernels, odd; 5.
    pub kernel: usize,
    /// Probability with which the sums of a convolution are dropped in training, in `[0, 1)`; 0.25.
    pub dropout: f64,
    /// ReLU on the logits, as in the appendix: a pixel whose logits are all 0 then learns nothing
    /// any more, and no logit tells more than "at most even" against a class; no.
    pub relu_output: bool,
}

impl Default for StemNetConfig {
    fn default() -> Self {
        Self { levels: 6, maps: 16, kernel: 5, dropout: 0.25, relu_output: false }
    }
}

impl StemNetConfig {
    /// The network of section 9, the default: six resolutions.
    #[must_use]
    pub fn thesis() -> Self {
        Self::default()
    }

    /// The network of the code in the appendix: seven resolutions; without its ReLU on the logits,
    /// which is `relu_output`.
    #[must_use]
    pub fn appendix() -> Self {
        Self { levels: 7, ..Self::default() }
    }

    pub(super) fn plan(&self, in_channels: usize, n_classes: usize) -> Result<Plan, Error> {
        Ok(Plan {
            name: "stemnet",
            in_channels,
            n_classes,
            resolutions: resolutions(self.levels)?,
            maps: self.maps,
            kernel: self.kernel,
            convolutions: 1,
            border: Border::Zeros,
            first: FirstWeights::Thesis,
            dropped: Drop::Sums(self.dropout),
            rectified_output: self.relu_output,
            normalized: false,
        })
    }
}
