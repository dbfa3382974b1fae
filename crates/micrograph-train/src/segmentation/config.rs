//! The settings of a segmentation: the table `[segment]` of `config.toml`.

use micrograph_augment::Recipe;
use micrograph_image::{Channels, Normalization, TemporalWindow};
use micrograph_model::TestTime;
use micrograph_nn::{
    OptimizerConfig, Schedule, SegmentationArchitecture, SegmentationLoss, SegmenterConfig,
};
use serde::{Deserialize, Serialize};

use super::PixelMonitor;
use crate::config::{number_or_none, validate::check};
use crate::task::Pace;
use crate::{Precision, Result};

/// Every setting that can change the weights of a segmenter.
///
/// Same settings, same data and same instruction set give the same weights, bit for bit.
///
/// ```
/// let config = micrograph_train::SegmentationConfig { seed: 7, ..Default::default() };
/// assert_eq!((config.crop.size, config.batch_size), (256, 4));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentationConfig {
    /// The network.
    pub model: SegmentationArchitecture,
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
    pub monitor: PixelMonitor,
    /// Crops per step.
    pub batch_size: usize,
    /// Learning rate before the schedule.
    pub learning_rate: f64,
    /// Epochs over which a schedule that ends with the run is spread; `None` is `epochs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_epochs: Option<usize>,
    /// Part of the training frames that validates, when the data has no validation part: whole
    /// sequences where there are enough, else a block at the end of each.
    pub validation_fraction: f64,
    /// Global gradient norm to which larger gradients are scaled down.
    #[serde(with = "number_or_none")]
    pub clip_norm: Option<f64>,
    /// Decay of the exponential moving average of the weights, which is what is measured after each
    /// epoch and kept, in `(0, 1)`. After step `n` it is at most `n / (n + 9)`: the average goes over
    /// the last tenth of the steps, and over no more than some `1 / (1 - decay)`.
    #[serde(with = "number_or_none")]
    pub weight_average: Option<f64>,
    /// Over which copies of an image predictions are averaged; `None`: over those that the
    /// augmentation of training shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_time: Option<TestTime>,
    /// Into which channels a frame is converted.
    pub channels: Channels,
    /// The range of the pixels.
    pub normalization: Normalization,
    /// What a step sees of a frame.
    pub crop: CropConfig,
    /// How many frames the network sees at once, and which.
    pub window: TemporalWindow,
    /// The loss, with the weights of classes; pixels that count for nothing in the masks never count.
    pub loss: SegmentationLoss,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// The learning rate over the epochs.
    pub schedule: Schedule,
    /// Augmentation of training crops.
    pub augment: Recipe,
}

/// The random windows of frames that training sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CropConfig {
    /// Height and width; where the frames are smaller, theirs, up to the next size that the network
    /// takes.
    pub size: usize,
    /// Probability with which a crop is placed so that a random pixel of the foreground lies in it;
    /// elsewhere crops lie anywhere.
    pub foreground: f64,
    /// Crops of a frame in an epoch; `None`: as many as cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_frame: Option<usize>,
}

impl Default for CropConfig {
    fn default() -> Self {
        Self { size: 256, foreground: 0.5, per_frame: None }
    }
}

impl Default for SegmentationConfig {
    fn default() -> Self {
        Self {
            model: SegmentationArchitecture::default(),
            seed: 0,
            precision: Precision::default(),
            epochs: Some(60),
            max_minutes: None,
            patience: None,
            monitor: PixelMonitor::default(),
            batch_size: 4,
            learning_rate: 1e-3,
            schedule_epochs: None,
            validation_fraction: 0.15,
            clip_norm: Some(1.0),
            weight_average: Some(0.999),
            test_time: None,
            channels: Channels::Native,
            normalization: Normalization::ImageZScore,
            crop: CropConfig::default(),
            window: TemporalWindow::default(),
            loss: SegmentationLoss::default(),
            optimizer: OptimizerConfig::default(),
            schedule: Schedule::default(),
            augment: Recipe::unet(),
        }
    }
}

impl SegmentationConfig {
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

    /// The copies over which predictions are averaged: the eight symmetries of the square where
    /// training shows them all, the mirror image where it shows that.
    #[must_use]
    pub fn copies(&self) -> TestTime {
        let Recipe { flip_horizontal, flip_vertical, quarter_turns, .. } = self.augment;
        let own = match (flip_horizontal > 0.0, flip_vertical > 0.0, quarter_turns) {
            (true, _, true) | (_, true, true) => TestTime::Dihedral,
            (true, ..) => TestTime::Flip,
            _ => TestTime::None,
        };
        self.test_time.unwrap_or(own)
    }

    /// Checks every range that the data does not decide.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for the first setting outside its range.
    pub fn validate(&self) -> Result<()> {
        self.pace().validate()?;
        check(self.schedule_epochs != Some(0), "schedule_epochs", &0, "at least 1")?;
        check(self.batch_size > 0, "batch_size", &self.batch_size, "at least 1")?;
        let part = self.validation_fraction;
        check((0.0..1.0).contains(&part), "validation_fraction", &part, "0 (none) to below 1")?;
        let CropConfig { size, foreground, per_frame } = self.crop;
        check((1..=1 << 16).contains(&size), "crop.size", &size, "1 to 65536")?;
        let inside = (0.0..=1.0).contains(&foreground);
        check(inside, "crop.foreground", &foreground, "a probability, 0 to 1")?;
        check(per_frame != Some(0), "crop.per_frame", &0, "at least 1")?;
        let percentiles = matches!(self.normalization, Normalization::PercentileClip { .. });
        let expected = "image_z_score, dataset_z_score, unit_range, subtract or whitening: \
                        percentiles are not known of a part of a frame";
        check(!percentiles, "normalization", &"percentile_clip", expected)?;
        self.window.validate()?;
        self.loss.validate()?;
        let ignore = self.loss.ignore_index.is_none();
        check(ignore, "loss.ignore_index", &"set", "nothing: `ignore` of the classes names it")?;
        self.schedule.validate()?;
        self.optimizer.validate()?;
        self.augment.validate()?;
        // What the data decides stands in with its least values.
        Ok(SegmenterConfig::new(self.model.clone(), 1, 2).validate()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is `None` by choice stays so in files, where what is absent has its default.
    #[test]
    fn settings_without_clipping_and_average_are_read_as_they_were_written() {
        let none = SegmentationConfig {
            clip_norm: None,
            weight_average: None,
            ..SegmentationConfig::default()
        };
        for config in [none, SegmentationConfig::default()] {
            let toml = toml::to_string(&config).unwrap();
            assert_eq!(toml::from_str::<SegmentationConfig>(&toml).unwrap(), config);
            let json = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<SegmentationConfig>(&json).unwrap(), config);
        }
        let whole: SegmentationConfig = toml::from_str("clip_norm = 2").unwrap();
        assert_eq!((whole.clip_norm, whole.weight_average), (Some(2.0), Some(0.999)));
        let error = toml::from_str::<SegmentationConfig>("clip_norm = \"nothing\"").unwrap_err();
        assert!(error.to_string().contains("expected a number or \"none\""), "{error}");
    }
}
