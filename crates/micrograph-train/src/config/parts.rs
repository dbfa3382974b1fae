//! Settings of the input and of the network.

use micrograph_image::{Channels, InputMode, Normalization, Normalizer, Preprocessing, ResizeMode};
use micrograph_nn::{Dropout, DropoutDecay};
use serde::{Deserialize, Serialize};

/// How an image becomes an input of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InputConfig {
    /// What is seen of an object with a mask; thesis, section 8.5.
    pub mode: InputMode,
    /// Pixels around the mask's box under [`InputMode::Surround`].
    pub surround_px: usize,
    /// Gray, RGB, or as stored.
    pub channels: Channels,
    /// How the image reaches the network's size; [`ResizeMode::Native`] is for networks that take
    /// any.
    pub resize: ResizeMode,
    /// Height and width of the input; `None` is the architecture's own. Under
    /// [`ResizeMode::Native`] what an object has at most without being scaled down, 128 unless told
    /// otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// How sample values are scaled. By each image's own mean and deviation unless told otherwise:
    /// exposure differs from image to image (`docs/masked-input.md` has the measurement).
    pub normalization: Normalization,
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            mode: InputMode::Mask,
            surround_px: 50,
            channels: Channels::Native,
            resize: ResizeMode::Stretch,
            size: None,
            normalization: Normalization::default(),
        }
    }
}

impl InputConfig {
    /// The way of an image into a network that takes `n_channels` and sides of `size` pixels; the one
    /// by which training samples are measured, trained on and predicted.
    pub(crate) fn preprocessing(
        &self,
        n_channels: usize,
        size: usize,
        normalizer: Normalizer,
    ) -> Preprocessing {
        Preprocessing {
            input_mode: self.mode,
            surround_px: self.surround_px,
            channels: self.channels,
            n_channels,
            resize: self.resize,
            size: [size; 2],
            normalizer,
        }
    }
}

/// Widths and noise of a LipNet; `None` is the architecture's own value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Feature maps of each convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maps: Option<usize>,
    /// Units of the first fully connected layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<usize>,
    /// Dropout after blocks and after the first fully connected layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<Dropout>,
    /// Standard deviation of the noise on weights in training; thesis, section 5.2.
    pub weight_noise: f64,
    /// How dropout changes over the epochs; thesis, section 5.3.
    pub dropout_decay: DropoutDecay,
}
