//! U-Net, 2015, and the form of it that finds interference in radio data.

use serde::{Deserialize, Serialize};

use super::ladder::{Border, Drop, FirstWeights, Plan, halvings, resolutions};
use crate::{Error, Result};

/// U-Net: Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
/// segmentation", 2015.
///
/// Each resolution has two 3x3 convolutions with ReLU on the way down, maximum pooling 2x2 between
/// them, and twice the maps of the one above. On the way up a transposed convolution 2x2 of stride 2
/// with ReLU halves the maps, what the way down had at this resolution is put before them, and two
/// convolutions follow; a 1x1 convolution gives the logits. First weights are normal with
/// `sqrt(2 / N)`, where an output is a sum of `N` numbers.
///
/// The default is a small one: a sixteenth of the published parameters (1,942,306 of 31,030,658
/// for one channel and two classes), zeros beyond the border, batch normalization (Ioffe and Szegedy
/// 2015), with which it learns in half of the steps (`docs/benchmarks.md`), no dropout.
///
/// # Parameters
/// `down{l}.conv1`, `down{l}.conv2` from `l` = 1, the highest resolution, to `levels + 1`;
/// `up{l}.up`, `up{l}.conv1`, `up{l}.conv2` to `levels`; `output`; each with `.weight` and
/// `.bias` in PyTorch's shapes. With `batch_norm` convolutions but the output have `.norm.weight` and
/// `.norm.bias` in the place of a bias, and the buffers `.norm.running_mean` and `.norm.running_var`.
///
/// ```
/// use micrograph_nn::{SegmenterConfig, UNetConfig};
///
/// let count = |config: UNetConfig| SegmenterConfig::new(config.into(), 1, 2).parameter_count();
/// assert_eq!(count(UNetConfig::default()), 1_942_306);
/// assert_eq!(count(UNetConfig::published()), 31_030_658);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UNetConfig {
    /// Times that height and width are halved, from 1 to 11; 4 as published.
    pub levels: usize,
    /// Maps at the full resolution, at least 1; 16. Published: 64.
    pub maps: usize,
    /// Beyond the border; zeros. Published: mirrored.
    pub border: Border,
    /// Probability with which pixels of the two lowest resolutions are dropped in training, in
    /// `[0, 1)`; 0. Published: 0.5, "at the end of the contracting path".
    pub dropout: f64,
    /// Batch normalization between each 3x3 convolution and its ReLU; yes. Published: no.
    pub batch_norm: bool,
}

impl Default for UNetConfig {
    fn default() -> Self {
        Self { levels: 4, maps: 16, border: Border::Zeros, dropout: 0.0, batch_norm: true }
    }
}

impl UNetConfig {
    /// Figure 1 of the paper: 64 maps, convolutions without padding, dropout 0.5.
    ///
    /// Logits of 388x388 pixels are those of an image of 572x572; here the image that is given has
    /// 388x388 pixels, and is mirrored beyond its border, as the paper does where nothing is known.
    #[must_use]
    pub fn published() -> Self {
        let small = Self::default();
        Self { maps: 64, border: Border::Mirror, dropout: 0.5, batch_norm: false, ..small }
    }

    pub(super) fn plan(&self, in_channels: usize, n_classes: usize) -> Result<Plan, Error> {
        Ok(Plan {
            name: "unet",
            in_channels,
            n_classes,
            resolutions: halvings(self.levels)? + 1,
            maps: self.maps,
            kernel: 3,
            convolutions: 2,
            border: self.border,
            first: FirstWeights::FanIn,
            dropped: Drop::Lowest(self.dropout),
            rectified_output: false,
            normalized: self.batch_norm,
        })
    }
}

/// The U-Net of Akeret et al., "Radio frequency interference mitigation using deep convolutional
/// neural networks", 2017 (`tf_unet`), from whose code StemNet comes; the StemNet thesis, section
/// 2.2: 12 layers and the output, 3x3 convolutions without padding.
///
/// First weights, biases and dropout are those of [`StemNetConfig`](super::StemNetConfig), which
/// took them from there. It was trained with L2 0.001, batches of 32 and momentum at rate 0.2.
///
/// ```
/// use micrograph_nn::{RfiUNetConfig, SegmenterConfig};
///
/// let config = SegmenterConfig::new(RfiUNetConfig::default().into(), 1, 2);
/// assert_eq!(config.parameter_count(), 1_861_762);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RfiUNetConfig {
    /// Resolutions, from 1 to 12; 3.
    pub levels: usize,
    /// Maps at the full resolution, at least 1; 64.
    pub maps: usize,
    /// Beyond the border; mirrored. Published: the output is smaller than the input.
    pub border: Border,
    /// Probability with which the sums of a convolution are dropped in training, in `[0, 1)`; 0.5.
    pub dropout: f64,
    /// ReLU on the logits, which then learn nothing where all are 0; no. Published: yes.
    pub relu_output: bool,
}

impl Default for RfiUNetConfig {
    fn default() -> Self {
        Self { levels: 3, maps: 64, border: Border::Mirror, dropout: 0.5, relu_output: false }
    }
}

impl RfiUNetConfig {
    pub(super) fn plan(&self, in_channels: usize, n_classes: usize) -> Result<Plan, Error> {
        Ok(Plan {
            name: "rfi_unet",
            in_channels,
            n_classes,
            resolutions: resolutions(self.levels)?,
            maps: self.maps,
            kernel: 3,
            convolutions: 2,
            border: self.border,
            first: FirstWeights::Thesis,
            dropped: Drop::Sums(self.dropout),
            rectified_output: self.relu_output,
            normalized: false,
        })
    }
}
