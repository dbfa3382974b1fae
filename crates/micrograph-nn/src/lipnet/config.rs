//! Sizes and regularization of a LipNet.

use serde::{Deserialize, Serialize};

use super::Architecture;
use crate::error::check;
use crate::{Dropout, DropoutDecay, Error, InputSize, Result};

/// The most parameters that a configuration may ask for: 2^28, which is 1 GiB of f32 weights.
///
/// Training with Adam takes four times that. The limit turns a slip in `input_size` into a message
/// instead of a process that is killed for its memory.
pub const MAX_PARAMETERS: usize = 1 << 28;

/// Everything that decides the shape of a LipNet and what it does in training.
///
/// ```
/// use micrograph_nn::{Architecture, InputSize, LipNetConfig};
///
/// let config = LipNetConfig::new(Architecture::LipNet4, 1, 2);
/// assert_eq!(config.input_size, InputSize::square(28));
/// assert_eq!((config.maps, config.dense), (32, 256));
/// assert_eq!(config.parameter_count(), 430_242);
///
/// let wide = LipNetConfig { input_size: InputSize::square(64), ..config };
/// assert!(wide.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LipNetConfig {
    /// Which of them.
    pub architecture: Architecture,
    /// Channels of the input, at least 1.
    pub in_channels: usize,
    /// Classes, at least 2.
    pub n_classes: usize,
    /// Height and width of the input in pixels, one size; the thesis's by default. With `b`
    /// blocks, multiples of `2^b`, so that every pooling window is full; those of LipNet-4c may be
    /// any from 4. LipNet-4v takes a range of sizes instead, by default every one from 4.
    pub input_size: InputSize,
    /// Maps of each 3x3 convolution, at least 1; 32 as in the thesis.
    pub maps: usize,
    /// Units of the hidden fully connected layer, at least 1; 256, a choice of ours.
    /// LipNet-4c has no such layer.
    pub dense: usize,
    /// Dropout at the first epoch.
    pub dropout: Dropout,
    /// Dropout later.
    pub dropout_decay: DropoutDecay,
    /// Standard deviation of the Gaussian noise that each training pass adds to the weights, not
    /// to the biases; 0 (none), thesis, section 5.2.
    pub weight_noise: f64,
}

impl LipNetConfig {
    /// The thesis's network for this input and these classes.
    #[must_use]
    pub fn new(architecture: Architecture, in_channels: usize, n_classes: usize) -> Self {
        Self {
            architecture,
            in_channels,
            n_classes,
            input_size: if architecture.takes_any_size() {
                InputSize::MultipleOf { step: 1, at_least: 1 << architecture.blocks() }
            } else {
                InputSize::square(architecture.input_size())
            },
            maps: 32,
            dense: 256,
            dropout: Dropout::default(),
            dropout_decay: DropoutDecay::default(),
            weight_noise: 0.0,
        }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Config`] for the first field outside its range, [`Error::TooLarge`] above
    /// [`MAX_PARAMETERS`].
    pub fn validate(&self) -> Result<(), Error> {
        check(self.in_channels > 0, "in_channels", self.in_channels, "at least 1")?;
        check(self.n_classes > 1, "n_classes", self.n_classes, "at least 2")?;
        check(self.maps > 0, "maps", self.maps, "at least 1")?;
        check(self.dense > 0, "dense", self.dense, "at least 1")?;
        self.validate_input_size()?;
        self.dropout.validate()?;
        self.dropout_decay.validate()?;
        let sigma = self.weight_noise;
        check(sigma >= 0.0 && sigma.is_finite(), "weight_noise", sigma, "0 or more, finite")?;
        let parameters = self.parameter_count();
        if parameters > MAX_PARAMETERS {
            return Err(Error::TooLarge {
                architecture: self.architecture.to_string(),
                input_size: self.input_size,
                maps: self.maps,
                dense: self.dense,
                parameters,
                limit: MAX_PARAMETERS,
            });
        }
        Ok(())
    }

    /// The number of trainable numbers, without building the network.
    ///
    /// A convolution with a window of `a` pixels has `outputs * (inputs * a + 1)` of them, a fully
    /// connected layer `outputs * (inputs + 1)`. Saturates where a `usize` does not hold it.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        let layer =
            |inputs: usize, outputs: usize| inputs.saturating_add(1).saturating_mul(outputs);
        let conv3x3 = |inputs: usize| layer(inputs.saturating_mul(9), self.maps);
        let strided = usize::from(self.architecture.is_strided());
        let per_block = self.architecture.convolutions_per_block() + strided;
        let further = conv3x3(self.maps).saturating_mul(self.architecture.blocks() * per_block - 1);
        let head = if self.architecture.is_fully_convolutional() {
            layer(self.maps, self.n_classes)
        } else {
            let hidden = layer(self.flat_length(), self.dense);
            hidden.saturating_add(layer(self.dense, self.n_classes))
        };
        conv3x3(self.in_channels).saturating_add(further).saturating_add(head)
    }

    /// How many numbers the last layer takes: `dense`, or `maps` of LipNet-4c.
    ///
    /// ```
    /// use micrograph_nn::{Architecture, LipNetConfig};
    ///
    /// assert_eq!(LipNetConfig::new(Architecture::LipNet4, 1, 3).embedding_length(), 256);
    /// assert_eq!(LipNetConfig::new(Architecture::LipNet4c, 1, 3).embedding_length(), 32);
    /// ```
    #[must_use]
    pub fn embedding_length(&self) -> usize {
        if self.architecture.is_fully_convolutional() { self.maps } else { self.dense }
    }

    /// The length of the vector between the last block and the first fully connected layer: all
    /// pixels of all maps, or the average of each map.
    pub(super) fn flat_length(&self) -> usize {
        let InputSize::Fixed { height, width } = self.input_size else { return self.maps };
        let blocks = self.architecture.blocks();
        self.maps.saturating_mul((height >> blocks).saturating_mul(width >> blocks))
    }

    fn validate_input_size(&self) -> Result<(), Error> {
        let factor = 1 << self.architecture.blocks();
        let (size, name) = (self.input_size, self.architecture);
        let (height, width) = match size {
            InputSize::MultipleOf { at_least, .. } if name.takes_any_size() => {
                return check(
                    at_least >= factor,
                    "input_size",
                    size,
                    format!("from {factor}x{factor}"),
                );
            }
            InputSize::Fixed { height, width } if !name.takes_any_size() => (height, width),
            _ => {
                let expected = if name.takes_any_size() { "a range of sizes" } else { "one size" };
                return check(false, "input_size", size, format!("{expected} for {name}"));
            }
        };
        let least = height.min(width);
        if name.is_fully_convolutional() {
            return check(
                least >= factor,
                "input_size",
                size,
                format!("{factor} or more ({name})"),
            );
        }
        let example = |side: usize| side.max(1).checked_next_multiple_of(factor).unwrap_or(factor);
        check(
            least > 0 && height.is_multiple_of(factor) && width.is_multiple_of(factor),
            "input_size",
            size,
            format!(
                "multiples of {factor} for {name}, such as {}x{}",
                example(height),
                example(width)
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lipnet(architecture: Architecture) -> LipNetConfig {
        LipNetConfig::new(architecture, 1, 2)
    }

    #[track_caller]
    fn check_message(config: &LipNetConfig, expected: &str) {
        assert_eq!(config.validate().unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_defaults_are_valid() {
        for architecture in Architecture::ALL {
            lipnet(architecture).validate().unwrap();
        }
    }

    #[test]
    fn an_input_size_that_does_not_halve_names_those_that_do() {
        check_message(
            &LipNetConfig { input_size: InputSize::square(28), ..lipnet(Architecture::LipNet6) },
            "input_size = 28x28: expected multiples of 8 for lipnet6, such as 32x32",
        );
        check_message(
            &LipNetConfig { input_size: InputSize::square(0), ..lipnet(Architecture::LipNet4) },
            "input_size = 0x0: expected multiples of 4 for lipnet4, such as 4x4",
        );
        check_message(
            &LipNetConfig { input_size: InputSize::square(3), ..lipnet(Architecture::LipNet4c) },
            "input_size = 3x3: expected 4 or more (lipnet4c)",
        );
        let odd = InputSize::Fixed { height: 31, width: 5 };
        LipNetConfig { input_size: odd, ..lipnet(Architecture::LipNet4c) }.validate().unwrap();
    }

    #[test]
    fn a_network_of_one_size_takes_no_range_and_the_other_way_round() {
        let range = InputSize::MultipleOf { step: 16, at_least: 16 };
        check_message(
            &LipNetConfig { input_size: range, ..lipnet(Architecture::LipNet4c) },
            "input_size = multiples of 16 from 16x16: expected one size for lipnet4c",
        );
        let varying = lipnet(Architecture::LipNet4v);
        LipNetConfig { input_size: range, ..varying }.validate().unwrap();
        check_message(
            &LipNetConfig { input_size: InputSize::MultipleOf { step: 1, at_least: 3 }, ..varying },
            "input_size = at least 3x3: expected from 4x4",
        );
        check_message(
            &LipNetConfig { input_size: InputSize::square(28), ..varying },
            "input_size = 28x28: expected a range of sizes for lipnet4v",
        );
    }

    #[test]
    fn a_network_too_large_for_memory_is_refused() {
        let wide =
            LipNetConfig { input_size: InputSize::square(1024), ..lipnet(Architecture::LipNet1) };
        let message = wide.validate().unwrap_err().to_string();
        assert!(message.contains("2147484738 parameters, expected at most 268435456"), "{message}");
        let absurd = LipNetConfig {
            input_size: InputSize::square(usize::MAX - 3),
            maps: usize::MAX,
            ..wide
        };
        assert!(matches!(absurd.validate(), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn ranges_are_held() {
        let config = lipnet(Architecture::LipNet4);
        check_message(
            &LipNetConfig { n_classes: 1, ..config },
            "n_classes = 1: expected at least 2",
        );
        check_message(&LipNetConfig { maps: 0, ..config }, "maps = 0: expected at least 1");
        check_message(
            &LipNetConfig { weight_noise: -0.1, ..config },
            "weight_noise = -0.1: expected 0 or more, finite",
        );
    }

    #[test]
    fn a_configuration_survives_json() {
        let config = LipNetConfig {
            dropout_decay: DropoutDecay::Exponential { factor: 0.9 },
            ..lipnet(Architecture::LipNet4c)
        };
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<LipNetConfig>(&json).unwrap(), config);
    }
}
