//! The settings of a run: all of `config.toml`.

mod balance;
mod classical;
mod head;
mod model;
pub(crate) mod number_or_none;
mod parts;
mod precision;
pub(crate) mod validate;

use micrograph_augment::Recipe;
use micrograph_classic::Tuning;
use micrograph_image::ResizeMode;
use micrograph_nn::{Architecture, InputSize, LipNetConfig, OptimizerConfig, Schedule};
use micrograph_ops::LabelSmoothing;
use micrograph_sampling::{ClassWeighting, CostMatrix};
use serde::{Deserialize, Serialize};

pub use self::balance::Balance;
pub use self::classical::{ClassicalSettings, ClassicalView};
pub use self::head::HeadSettings;
pub use self::model::{ClassicalName, ModelName};
pub use self::parts::{InputConfig, NetworkConfig};
pub use self::precision::Precision;
use crate::Monitor;
use crate::task::Pace;

/// Sides of images under [`ResizeMode::Native`] at most, unless the settings say others: a batch of
/// 32 then takes about a gigabyte in training.
const MOST_NATIVE: usize = 128;

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
    /// The network or classical model.
    pub model: ModelName,
    /// The one seed from which everything random follows.
    pub seed: u64,
    /// The number type of a training step; all but f32 needs a GPU.
    pub precision: Precision,
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
    /// What errors cost, `costs[truth][predicted]`, classes in the order of `micrograph info`: natural
    /// (`2` before `10`), or as an archive numbers them; `[[0, 1], [5, 0]]`: to miss the second class is five times as bad as a false
    /// alarm.
    ///
    /// The cost-sensitive learning of the LipNet thesis, section 4.8: in the training loss a sample
    /// weighs as [`CostMatrix::class_weights`] says, `k * s_i / (s_1 + ... + s_k)` with the sum
    /// `s_i` of what errors on class `i` cost. This multiplies whatever `balance` does: costs at the
    /// data's own class ratio need `balance = "none"`. Predictions stay the most probable class.
    /// The loss of a batch is divided by the weights in it, as in PyTorch: in batches that often lack
    /// a class, its weight acts less than in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<CostMatrix>,
    /// Smoothing of the targets in the training loss.
    pub label_smoothing: LabelSmoothing,
    /// Global gradient norm to which larger gradients are scaled down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Decay of the exponential moving average of the weights, which is what is measured after each
    /// epoch and kept, in `(0, 1)`. After step `n` it is at most `n / (n + 9)`: the average goes over
    /// the last tenth of the steps, and over no more than some `1 / (1 - decay)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_average: Option<f64>,
    /// How an image becomes an input.
    pub input: InputConfig,
    /// What a classical model looks at.
    pub classical: ClassicalSettings,
    /// A classical model in the place of the network's last layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadSettings>,
    /// How the settings of the classical model, alone or as a head, are searched for among those of
    /// its method; without it they are those of its name. The rows that it is fitted to compete in a
    /// cross-validation that divides no group, and whatever tests the model sees none of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
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
            model: Architecture::LipNet4.into(),
            seed: 0,
            precision: Precision::default(),
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
            costs: None,
            label_smoothing: LabelSmoothing::OverAll(0.05),
            clip_norm: None,
            weight_average: None,
            input: InputConfig::default(),
            classical: ClassicalSettings::default(),
            head: None,
            tuning: None,
            network: NetworkConfig::default(),
            optimizer: OptimizerConfig::default(),
            schedule: Schedule::default(),
            augment: Recipe::light(),
        }
    }
}

impl TrainConfig {
    /// The number of epochs at which a schedule that ends with the run ends.
    #[must_use]
    pub fn horizon(&self) -> Option<usize> {
        self.schedule_epochs.or(self.epochs)
    }

    /// When a run ends, and how its steps go.
    pub(crate) fn pace(&self) -> Pace<'_> {
        Pace {
            seed: self.seed,
            precision: self.precision,
            epochs: self.epochs,
            patience: self.patience,
            max_minutes: self.max_minutes,
            learning_rate: self.learning_rate,
            schedule: &self.schedule,
            horizon: self.horizon(),
            clip_norm: self.clip_norm,
            weight_average: self.weight_average,
        }
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
            ..self.tested_elsewhere()
        }
    }

    /// Without tests of chosen settings of their own, where folds test them.
    pub(crate) fn tested_elsewhere(&self) -> Self {
        let tuning = self.tuning.clone().map(|tuning| Tuning { outer_folds: 0, ..tuning });
        Self { tuning, ..self.clone() }
    }

    /// Height and width of the prepared image, under [`ResizeMode::Native`] the largest.
    ///
    /// ```
    /// use micrograph_image::ResizeMode;
    /// use micrograph_nn::Architecture;
    /// use micrograph_train::TrainConfig;
    ///
    /// let mut config =
    ///     TrainConfig { model: Architecture::LipNet4v.into(), ..TrainConfig::default() };
    /// assert_eq!(config.input_size(), 28);
    /// config.input.resize = ResizeMode::Native;
    /// assert_eq!(config.input_size(), 128);
    /// ```
    #[must_use]
    pub fn input_size(&self) -> usize {
        let own = match self.model {
            ModelName::Network(_) if self.input.resize == ResizeMode::Native => MOST_NATIVE,
            ModelName::Network(architecture) => architecture.input_size(),
            ModelName::Classical(_) => self.classical.input.size(),
        };
        self.input.size.unwrap_or(own)
    }

    /// Whether the model takes images of any size, or does not look at pixels.
    pub(crate) fn takes_any_size(&self) -> bool {
        match self.model {
            ModelName::Network(architecture) => architecture.takes_any_size(),
            ModelName::Classical(_) => self.takes_features(),
        }
    }

    /// Whether the model takes handcrafted features, not pixels.
    #[must_use]
    pub fn takes_features(&self) -> bool {
        self.model.is_classical() && self.classical.input == ClassicalView::Features
    }

    /// The set of features that the model takes, in place of pixels or beside them.
    #[must_use]
    pub fn features(&self) -> Option<&str> {
        if self.takes_features() {
            return Some(&self.classical.features);
        }
        self.head.as_ref()?.features.as_deref()
    }

    /// The model with what stands in the place of its last layer, as a comparison names it:
    /// `lipnet4`, `svm`, `lipnet4+svm`, `lipnet4+logistic:lipnet`.
    #[must_use]
    pub fn model_name(&self) -> String {
        match &self.head {
            Some(head) => format!("{}+{head}", self.model),
            None => self.model.to_string(),
        }
    }

    /// What is done about rare classes: [`Balance::Auto`] of a network is [`Balance::Over`], of a
    /// classical model it stays. Where the rows of a network's last layer are resampled
    /// ([`Balance::Resample`]), the network oversamples.
    #[must_use]
    pub fn remedy(&self) -> Balance {
        match self.balance {
            Balance::Auto | Balance::Resample if !self.model.is_classical() => Balance::Over,
            balance => balance,
        }
    }

    /// The network called `architecture` for data with so many channels and classes.
    #[must_use]
    pub fn network_for(
        &self,
        architecture: Architecture,
        channels: usize,
        classes: usize,
    ) -> LipNetConfig {
        let own = LipNetConfig::new(architecture, channels, classes);
        let size = self.input.size.filter(|_| !architecture.takes_any_size());
        LipNetConfig {
            input_size: size.map_or(own.input_size, InputSize::square),
            maps: self.network.maps.unwrap_or(own.maps),
            dense: self.network.dense.unwrap_or(own.dense),
            dropout: self.network.dropout.unwrap_or(own.dropout),
            dropout_decay: self.network.dropout_decay,
            weight_noise: self.network.weight_noise,
            ..own
        }
    }
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

    #[test]
    fn costs_are_rows_of_numbers_and_checked_when_read() {
        let config: TrainConfig = toml::from_str("costs = [[0, 1], [5, 0]]").unwrap();
        let weights = config.costs.as_ref().unwrap().class_weights();
        assert_eq!(weights, [2.0 / 6.0, 10.0 / 6.0]);
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<TrainConfig>(&text).unwrap(), config);
        let message = toml::from_str::<TrainConfig>("costs = [[0, 1], [-5, 0]]").unwrap_err();
        assert!(message.to_string().contains("class 0 for class 1 is -5"), "{message}");
    }
}
