//! The settings of a run: all of `config.toml`.

use micrograph_augment::Recipe;
use micrograph_image::{Channels, InputMode, Normalization, ResizeMode};
use micrograph_nn::{Architecture, Dropout, DropoutDecay, LipNetConfig, OptimizerConfig, Schedule};
use micrograph_ops::LabelSmoothing;
use micrograph_sampling::ClassWeighting;
use serde::{Deserialize, Serialize};

use crate::{Error, Monitor, Result};

/// Every setting that can change the weights of a run.
///
/// Same settings, same data and same instruction set give the same weights, bit for bit.
/// Threads, progress and limits of reading are not here: they cannot change them.
///
/// ```
/// let config = micrograph_train::TrainConfig { seed: 7, ..Default::default() };
/// assert_eq!(config.batch_size, 32);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// The network.
    pub model: Architecture,
    /// The one seed from which everything random follows.
    pub seed: u64,
    /// Epochs to train; `None` (in a file: absent) only together with `max_minutes` or `patience`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// Stop at the end of the epoch in which this much time has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_minutes: Option<f64>,
    /// Stop when the best epoch lies this many epochs back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// The measure that picks the best epoch, whose weights are kept.
    pub monitor: Monitor,
    /// Images per step; 32 as in the LipNet thesis, section 8.1.
    pub batch_size: usize,
    /// Learning rate before the schedule; 0.001 as Kingma & Ba suggest for Adam.
    pub learning_rate: f64,
    /// Epochs over which a schedule that ends with the run is spread; `None` is `epochs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_epochs: Option<usize>,
    /// Part of the training samples that validates, when the data has no validation part.
    pub validation_fraction: f64,
    /// What is done about rare classes, in training samples alone.
    pub balance: Balance,
    /// Part of the majority class that undersampling leaves out of an epoch; thesis, section 4.8.2.
    pub undersample_fraction: f64,
    /// Weights of the classes under [`Balance::Weights`].
    pub class_weighting: ClassWeighting,
    /// Smoothing of the targets in the training loss.
    pub label_smoothing: LabelSmoothing,
    /// Global gradient norm to which larger gradients are scaled down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// How an image becomes an input.
    pub input: InputConfig,
    /// Widths and noise of the network; what is absent is the architecture's own.
    pub network: NetworkConfig,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// The learning rate over the epochs.
    pub schedule: Schedule,
    /// Augmentation of training samples.
    pub augment: Recipe,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            model: Architecture::LipNet4,
            seed: 0,
            epochs: Some(30),
            max_minutes: None,
            patience: None,
            monitor: Monitor::default(),
            batch_size: 32,
            learning_rate: 1e-3,
            schedule_epochs: None,
            validation_fraction: 0.15,
            balance: Balance::default(),
            undersample_fraction: 0.2,
            class_weighting: ClassWeighting::Balanced,
            label_smoothing: LabelSmoothing::OverAll(0.05),
            clip_norm: None,
            input: InputConfig::default(),
            network: NetworkConfig::default(),
            optimizer: OptimizerConfig::default(),
            schedule: Schedule::default(),
            augment: Recipe::light(),
        }
    }
}

/// What is done about rare classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Balance {
    /// Nothing.
    None,
    /// Samples of rare classes are repeated up to the count of the majority, drawn anew each epoch.
    #[default]
    Over,
    /// A part of the majority class is left out, another one each epoch.
    Under,
    /// Each class weighs in the loss.
    Weights,
}

impl std::str::FromStr for Balance {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "over" => Ok(Self::Over),
            "under" => Ok(Self::Under),
            "weights" => Ok(Self::Weights),
            other => Err(format!("expected none, over, under or weights, got `{other}`")),
        }
    }
}

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
    /// How the image reaches the network's size.
    pub resize: ResizeMode,
    /// Height and width of the input; `None` is the architecture's own.
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
            normalization: Normalization::ImageZScore,
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

impl TrainConfig {
    /// Checks every range that the data does not decide.
    ///
    /// # Errors
    /// [`Error::Config`] for the first setting outside its range.
    pub fn validate(&self) -> Result<()> {
        let limited = self.epochs.is_some() || self.max_minutes.is_some();
        check(limited || self.patience.is_some(), "epochs", &"none", "a number, or --max-minutes")?;
        check(self.epochs != Some(0), "epochs", &0, "at least 1")?;
        check(self.schedule_epochs != Some(0), "schedule_epochs", &0, "at least 1")?;
        check(self.patience != Some(0), "patience", &0, "at least 1")?;
        let minutes = self.max_minutes.unwrap_or(1.0);
        check(minutes > 0.0, "max_minutes", &minutes, "a positive number")?;
        check(self.batch_size > 0, "batch_size", &self.batch_size, "at least 1")?;
        let rate = self.learning_rate;
        check(rate > 0.0 && rate.is_finite(), "learning_rate", &rate, "a positive number")?;
        let part = self.validation_fraction;
        check((0.0..1.0).contains(&part), "validation_fraction", &part, "0 (none) to below 1")?;
        let dropped = self.undersample_fraction;
        check((0.0..1.0).contains(&dropped), "undersample_fraction", &dropped, "0 to below 1")?;
        let clip = self.clip_norm.unwrap_or(1.0);
        check(clip > 0.0, "clip_norm", &clip, "a positive number")?;
        check(
            self.horizon().is_some() || !self.schedule.needs_epochs(),
            "schedule",
            &"cosine",
            "constant, step or exponential where neither epochs nor schedule_epochs is given",
        )?;
        let (LabelSmoothing::OverAll(share) | LabelSmoothing::OverOthers(share)) =
            self.label_smoothing
        else {
            return self.validate_parts();
        };
        check((0.0..1.0).contains(&share), "label_smoothing", &share, "0 to below 1")?;
        self.validate_parts()
    }

    /// The number of epochs at which a schedule that ends with the run ends.
    #[must_use]
    pub fn horizon(&self) -> Option<usize> {
        self.schedule_epochs.or(self.epochs)
    }

    /// The settings of a fold that trains the number of `epochs` that early stopping picked.
    ///
    /// The schedule keeps the horizon of the run that picked the number: the learning rate is then
    /// that of the same epoch of that run. Spread anew over fewer epochs, a cosine would fall to its
    /// end sooner, and the number would be one for another training.
    ///
    /// ```
    /// use micrograph_train::TrainConfig;
    ///
    /// let config = TrainConfig { epochs: Some(30), patience: Some(5), ..Default::default() };
    /// let fold = config.for_folds(12);
    /// assert_eq!((fold.epochs, fold.patience, fold.horizon()), (Some(12), None, Some(30)));
    /// ```
    #[must_use]
    pub fn for_folds(&self, epochs: usize) -> Self {
        Self {
            epochs: Some(epochs),
            schedule_epochs: self.horizon(),
            patience: None,
            max_minutes: None,
            ..self.clone()
        }
    }

    /// The network for data with so many channels and classes.
    #[must_use]
    pub fn network_for(&self, channels: usize, classes: usize) -> LipNetConfig {
        let own = LipNetConfig::new(self.model, channels, classes);
        LipNetConfig {
            input_size: self.input.size.unwrap_or(own.input_size),
            maps: self.network.maps.unwrap_or(own.maps),
            dense: self.network.dense.unwrap_or(own.dense),
            dropout: self.network.dropout.unwrap_or(own.dropout),
            dropout_decay: self.network.dropout_decay,
            weight_noise: self.network.weight_noise,
            ..own
        }
    }

    fn validate_parts(&self) -> Result<()> {
        // What the data decides stands in with its least values.
        self.network_for(1, 2).validate()?;
        self.schedule.validate()?;
        self.optimizer.validate()?;
        self.augment.validate()?;
        Ok(())
    }
}

fn check(
    holds: bool,
    field: &'static str,
    value: &dyn std::fmt::Display,
    expected: &'static str,
) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Config { field, value: value.to_string(), expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_survives_toml() {
        let config = TrainConfig::default();
        config.validate().unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<TrainConfig>(&text).unwrap(), config);
    }

    #[test]
    fn a_setting_outside_its_range_is_named() {
        let config = TrainConfig { batch_size: 0, ..Default::default() };
        let message = config.validate().unwrap_err().to_string();
        assert_eq!(message, "batch_size = 0: expected at least 1");
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(toml::from_str::<TrainConfig>("epoch = 3").is_err());
    }
}
