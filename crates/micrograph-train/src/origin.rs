//! With which data and settings, and on what, the work in a folder was begun; whoever goes on must
//! have the same.

use std::path::Path;

use candle::Device;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::run_files::write_json;
use crate::run_folder::io;
use crate::{Error, FoldPlan, Prepared, Readable, Result, RunFolder, Start, TrainConfig};

/// Its file in the folder.
pub(crate) const ORIGIN: &str = "origin.json";

/// What computes: its sums have bits of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Processor {
    #[default]
    Cpu,
    Cuda,
}

impl Processor {
    pub(crate) fn of(device: &Device) -> Self {
        if device.is_cuda() { Self::Cuda } else { Self::Cpu }
    }

    /// Classical models are fitted on the CPU, whatever device there is.
    fn of_model(config: &TrainConfig, device: &Device) -> Self {
        if config.model.is_classical() { Self::Cpu } else { Self::of(device) }
    }

    /// What `--device` has to say.
    fn flag(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda:0",
        }
    }
}

/// What may not change: the data, the processor, and the settings `S`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin<S> {
    /// Over the samples that the work reads.
    pub(crate) fingerprint: String,
    pub(crate) processor: Processor,
    pub(crate) settings: S,
}

/// Of a training run, the settings that say more than when it ends.
pub(crate) type OfRun = Origin<TrainConfig>;
/// Of a cross-validation, all settings.
pub(crate) type OfFolds = Origin<(FoldPlan, TrainConfig)>;

impl OfRun {
    pub(crate) fn new(prepared: &Prepared, config: &TrainConfig, device: &Device) -> Self {
        let processor = Processor::of_model(config, device);
        Self { fingerprint: prepared.fingerprint.clone(), processor, settings: fixed(config) }
    }
}

impl OfFolds {
    pub(crate) fn new(
        readable: &Readable,
        (config, plan): (&TrainConfig, FoldPlan),
        device: &Device,
    ) -> Self {
        let fingerprint = readable.fingerprint(&readable.usable());
        let processor = Processor::of_model(config, device);
        Self { fingerprint, processor, settings: (plan, config.clone()) }
    }

    /// Refuses to go on in `folds` where their work was begun otherwise, or notes there with what it
    /// begins.
    pub(crate) fn begin(&self, folds: &RunFolder, source: &Path) -> Result<()> {
        if self.check(folds, source)? {
            return Ok(());
        }
        refuse_unknown(folds.path())?;
        self.write(folds)
    }
}

/// What may change between the processes of one piece of work.
pub(crate) trait MayChange {
    const WHAT: &str;
}

impl MayChange for TrainConfig {
    const WHAT: &str =
        "epochs without a schedule that is spread over them, max_minutes and patience alone";
}

impl MayChange for (FoldPlan, TrainConfig) {
    const WHAT: &str = "nothing";
}

impl<S: MayChange + PartialEq + Serialize + DeserializeOwned> Origin<S> {
    /// Refuses to go on in `folder` where its work was begun otherwise; false where it was not begun.
    pub(crate) fn check(&self, folder: &RunFolder, source: &Path) -> Result<bool> {
        let path = folder.path().join(ORIGIN);
        if !path.is_file() {
            return Ok(false);
        }
        let text = std::fs::read(&path).map_err(|source| io(&path, source))?;
        let begun: Self = serde_json::from_slice(&text).map_err(|error| Error::Parse {
            path: path.clone(),
            reason: format!("is damaged ({error}); start again with --overwrite"),
        })?;
        self.compare(begun, &path, source)?;
        Ok(true)
    }

    /// Refuses what was `begun` otherwise, as `file` says.
    pub(crate) fn compare(&self, begun: Self, file: &Path, source: &Path) -> Result<()> {
        if begun.fingerprint != self.fingerprint {
            return Err(Error::DataChanged {
                path: source.to_path_buf(),
                found: self.fingerprint.clone(),
                expected: begun.fingerprint,
            });
        }
        if begun.processor != self.processor {
            return Err(Error::ProcessorChanged {
                path: file.to_path_buf(),
                flag: begun.processor.flag(),
            });
        }
        if begun.settings != self.settings {
            return Err(Error::SettingsChanged { path: file.to_path_buf(), may_change: S::WHAT });
        }
        Ok(())
    }

    pub(crate) fn write(&self, folder: &RunFolder) -> Result<()> {
        write_json(&folder.path().join(ORIGIN), self)
    }
}

/// Refuses to resume the run in `folder` with other data or settings than it was begun with; called
/// before anything is written there.
///
/// # Errors
/// [`Error::DataChanged`], [`Error::ProcessorChanged`] and [`Error::SettingsChanged`].
pub fn check_resume(
    prepared: &Prepared,
    config: &TrainConfig,
    folder: &RunFolder,
    device: &Device,
) -> Result<()> {
    OfRun::new(prepared, config, device).check(folder, &prepared.dataset.source).map(drop)
}

/// As [`check_resume`], for a cross-validation; notes in the folder of one that begins with what it
/// does.
///
/// # Errors
/// [`Error::DataChanged`], [`Error::ProcessorChanged`] and [`Error::SettingsChanged`]; folds of which
/// nobody knows with what they were begun.
pub fn begin_folds(
    readable: &Readable,
    (config, plan): (&TrainConfig, FoldPlan),
    folder: &RunFolder,
    device: &Device,
) -> Result<()> {
    let origin = OfFolds::new(readable, (config, plan), device);
    origin.begin(&folder.folds(Start::Resume)?, &readable.dataset().source)
}

/// Refuses phases of unknown data and settings.
fn refuse_unknown(folds: &Path) -> Result<()> {
    let entries = folds.read_dir().map_err(|source| io(folds, source))?;
    if entries.flatten().any(|entry| entry.path().is_dir()) {
        let problem = format!(
            "holds folds, but not {ORIGIN}, which says of which data and settings; restore it, or \
             start again with --overwrite"
        );
        return Err(Error::Data { path: folds.to_path_buf(), problem });
    }
    Ok(())
}

/// All settings but those that only say when a run ends. The number of epochs says more than that
/// where the schedule is spread over it.
fn fixed(config: &TrainConfig) -> TrainConfig {
    TrainConfig {
        epochs: None,
        schedule_epochs: config.horizon().filter(|_| config.schedule.needs_epochs()),
        max_minutes: None,
        patience: None,
        ..config.clone()
    }
}
