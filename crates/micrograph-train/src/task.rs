//! What differs between the tasks that a run can be of.

use std::fmt::Debug;

use candle::Tensor;
use micrograph_nn::{Mode, Parameters, Schedule};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::validate::check;
use crate::origin::MayChange;
use crate::plan::Appearance;
use crate::{EpochRecord, Event, Precision, Result};

/// Of which batches an epoch consists, what the loss of a step is, what is measured after an epoch.
///
/// All else is that of [`Run`](crate::trainer::Run): steps, time, checkpoints, history, and the
/// best weights at the end. Everything here is a function of settings, data and position alone.
pub(crate) trait Task: Sync {
    /// All settings; a checkpoint holds those that may not change.
    type Settings: Clone + PartialEq + Send + Serialize + DeserializeOwned + MayChange;
    /// Measures on the validation part.
    type Measured: Debug + Clone + PartialEq + Send + Serialize + DeserializeOwned;
    /// What a worker thread makes of a batch before the network sees it.
    type Batch: Send + Sync;

    /// The numbers that a step changes.
    fn parameters(&self) -> &Parameters;

    /// When the run ends, and how its steps go.
    fn pace(&self) -> Pace<'_>;

    /// The batches of `epoch`, counted from 0, in their order.
    fn plan(&self, epoch: u64) -> Result<Vec<Vec<Appearance>>>;

    /// Decodes and augments a batch of `epoch`; called on worker threads.
    fn batch(&self, plan: &[Appearance], epoch: u64) -> Result<Self::Batch>;

    /// A pass forward.
    fn loss(&self, batch: &Self::Batch, mode: Mode) -> Result<StepLoss>;

    /// Measures the validation part after `epoch`, counted from 1; `None` when there is none.
    fn validate(&self, epoch: usize) -> Result<Option<Self::Measured>>;

    /// Whether `new` measures tell of better weights than `old`.
    fn improves(&self, new: &Self::Measured, old: &Self::Measured) -> bool;

    /// How an epoch is told of.
    fn event(record: &EpochRecord<Self::Measured>) -> Event<'_>;
}

/// What a pass forward gives.
pub(crate) struct StepLoss {
    /// Its mean over the batch, a scalar in f32.
    pub(crate) loss: Tensor,
    /// Samples, or pixels, whose most probable class is the true one.
    pub(crate) right: usize,
    /// Of so many.
    pub(crate) samples: usize,
}

/// The settings of a run that every task has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace<'a> {
    pub(crate) seed: u64,
    pub(crate) precision: Precision,
    pub(crate) epochs: Option<usize>,
    pub(crate) patience: Option<usize>,
    pub(crate) max_minutes: Option<f64>,
    pub(crate) learning_rate: f64,
    pub(crate) schedule: &'a Schedule,
    /// Epochs over which the schedule is spread.
    pub(crate) horizon: Option<usize>,
    pub(crate) clip_norm: Option<f64>,
    /// Decay of the running average of the weights.
    pub(crate) weight_average: Option<f64>,
}

impl Pace<'_> {
    /// Checks every range.
    pub(crate) fn validate(&self) -> Result<()> {
        let limited = self.epochs.is_some() || self.max_minutes.is_some();
        check(limited || self.patience.is_some(), "epochs", &"none", "a number, or --max-minutes")?;
        check(self.epochs != Some(0), "epochs", &0, "at least 1")?;
        check(self.patience != Some(0), "patience", &0, "at least 1")?;
        let minutes = self.max_minutes.unwrap_or(1.0);
        // Files of JSON know no infinity: a run would not know its own settings again.
        check(minutes > 0.0 && minutes.is_finite(), "max_minutes", &minutes, "a positive number")?;
        let rate = self.learning_rate;
        check(rate > 0.0 && rate.is_finite(), "learning_rate", &rate, "a positive number")?;
        let clip = self.clip_norm.unwrap_or(1.0);
        check(clip > 0.0 && clip.is_finite(), "clip_norm", &clip, "a positive number")?;
        let decay = self.weight_average.unwrap_or(0.5);
        check(decay > 0.0 && decay < 1.0, "weight_average", &decay, "a decay above 0, below 1")?;
        check(
            self.horizon.is_some() || !self.schedule.needs_epochs(),
            "schedule",
            &"cosine",
            "constant, step or exponential where neither epochs nor schedule_epochs is given",
        )
    }

    /// The learning rate so many epochs into the run.
    pub(crate) fn rate(&self, position: f64) -> f64 {
        self.schedule.rate(self.learning_rate, position, self.horizon)
    }
}
