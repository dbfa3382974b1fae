//! Everything that can go wrong in a run.

use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Config {
        /// The setting, as in `config.toml`.
        field: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// No model has this name.
    #[error("no model is called `{name}`: expected one of {known}")]
    UnknownModel {
        /// What came.
        name: String,
        /// All names.
        known: String,
    },
    /// A classical model knows no weights of classes.
    #[error(
        "{what} weighs classes, and {model} knows no weights: leave it out, or take {remedies} or another model"
    )]
    NoClassWeights {
        /// The setting.
        what: &'static str,
        /// The name of the model.
        model: String,
        /// What it knows.
        remedies: &'static str,
    },
    /// Models of an ensemble tell other classes apart.
    #[error(
        "an ensemble needs models of the same classes: the first has {}, another {}",
        first.join(", "), other.join(", ")
    )]
    EnsembleClasses {
        /// Of the first model.
        first: Vec<String>,
        /// Of the one that differs.
        other: Vec<String>,
    },
    /// What a classical model looks at is not a number.
    #[error(
        "{sample}: `{column}` is {value}: expected a finite number; look for infinite pixels in the image, or leave it out"
    )]
    NotFinite {
        /// Its name in the data set.
        sample: String,
        /// The feature, or the place of the pixel.
        column: String,
        /// What it is.
        value: f64,
    },
    /// The costs are for another number of classes.
    #[error(
        "costs has {rows} rows: expected one row and one column for each class, in this order: {}",
        classes.join(", ")
    )]
    Costs {
        /// Rows, and columns, of the setting.
        rows: usize,
        /// Of the data.
        classes: Vec<String>,
    },
    /// The data does not hold what training needs.
    #[error("{path}: {problem}")]
    Data {
        /// The data set.
        path: PathBuf,
        /// What is missing, and what to do.
        problem: String,
    },
    /// The run folder exists.
    #[error(
        "{path}: exists already; continue it with --resume, replace it with --overwrite, or choose another --out"
    )]
    RunExists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is no run folder, so nothing in it is touched.
    #[error("{path}: is not a run of micrograph ({missing} is not there); choose another folder")]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// The file that was looked for.
        missing: &'static str,
    },
    /// The run is of another task.
    #[error("{path}: is a run that is to {found}, expected one that is to {expected}")]
    Task {
        /// The folder.
        path: PathBuf,
        /// Of which task it is.
        found: crate::RunTask,
        /// Of which it should be.
        expected: crate::RunTask,
    },
    /// Another process works on this run.
    #[error("{path}: another process is working on this run; wait for it, or stop it")]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the run cannot be read or written.
    #[error("{path}: {source}; {}", repair(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the run does not parse.
    #[error("{path}: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A resumed run found other data than it began with.
    #[error(
        "{path}: the data has changed since the run began (fingerprint {found}; it began with {expected}); restore the data, or start a new run"
    )]
    DataChanged {
        /// The data set.
        path: PathBuf,
        /// Of the data as it is.
        found: String,
        /// Of the data as it was.
        expected: String,
    },
    /// A resumed run would go on with another processor than it began with.
    #[error(
        "{path}: the run began with another processor, whose sums have other bits; go on with --device {flag}, or start a new run"
    )]
    ProcessorChanged {
        /// The checkpoint or `origin.json`.
        path: PathBuf,
        /// The device of before.
        flag: &'static str,
    },
    /// The loss became infinite or not a number.
    #[error(
        "the loss became {value} in epoch {epoch} at step {step}; lower the learning rate (it is {rate}), or look for extreme values in the images with `micrograph info`"
    )]
    Diverged {
        /// The loss.
        value: f64,
        /// Counted from 1.
        epoch: usize,
        /// Within the epoch, counted from 1.
        step: usize,
        /// The learning rate of the step.
        rate: f64,
    },
    /// The weights are no longer numbers; the last checkpoint still has good ones.
    #[error(
        "the weights became infinite in epoch {epoch}; lower the learning rate, or set clip_norm"
    )]
    WeightsDiverged {
        /// Counted from 1.
        epoch: usize,
    },
    /// The run was stopped from outside, and its state is saved.
    #[error("stopped in epoch {epoch} after step {step}; the state is saved: continue with `micrograph train --resume {}`", path.display())]
    Stopped {
        /// The run folder.
        path: PathBuf,
        /// Counted from 1.
        epoch: usize,
        /// Steps of this epoch that are done.
        step: usize,
    },
    /// Stopped from outside between two states, all of what came before is saved.
    #[error("stopped in {phase}; the state is saved: continue with `micrograph {command} --resume {}`", path.display())]
    StoppedInPhase {
        /// The run folder.
        path: PathBuf,
        /// Which command goes on: `train`, `crossval` or `compare`.
        command: &'static str,
        /// Such as `fold 2 of 5`.
        phase: String,
    },
    /// Stopped from outside where no state is kept.
    #[error("stopped")]
    Interrupted,
    /// A sample cannot be brought to the model's input.
    #[error("{sample}: {source}")]
    Sample {
        /// Its name in the data set.
        sample: String,
        /// What is wrong with it.
        source: Box<micrograph_model::Error>,
    },
    /// A decoder panicked on a sample.
    #[error(
        "{sample}: the decoder failed ({message}); export the image again, or leave it out with --skip-unreadable"
    )]
    Panicked {
        /// Its name in the data set.
        sample: String,
        /// What the panic said.
        message: String,
    },
    /// Training was asked to use samples that it is tested on.
    #[error("{sample} is on both sides of the split; give each sample to one side")]
    Overlap {
        /// The first such sample.
        sample: String,
    },
    /// A resumed run has other settings than it began with.
    #[error(
        "{path}: the settings have changed since the run began; undo the change ({may_change} may change), or start a new run"
    )]
    SettingsChanged {
        /// The checkpoint, or the plan of a cross-validation.
        path: PathBuf,
        /// What may change.
        may_change: &'static str,
    },
    /// Reading an image or a data set failed.
    #[error(transparent)]
    Image(#[from] micrograph_image::Error),
    /// Augmenting failed.
    #[error(transparent)]
    Augment(#[from] micrograph_augment::Error),
    /// Splitting or balancing failed.
    #[error(transparent)]
    Sampling(#[from] micrograph_sampling::Error),
    /// Computing a metric failed.
    #[error(transparent)]
    Metrics(#[from] micrograph_metrics::Error),
    /// Saving or loading a model failed.
    #[error(transparent)]
    Model(#[from] micrograph_model::Error),
    /// Fitting a classical model failed.
    #[error(transparent)]
    Classic(#[from] micrograph_classic::Error),
    /// Finding objects failed.
    #[error(transparent)]
    Segment(#[from] micrograph_segment::Error),
    /// Measuring features failed.
    #[error(transparent)]
    Features(#[from] micrograph_features::Error),
    /// Writing the report failed.
    #[error(transparent)]
    Report(#[from] micrograph_report::Error),
    /// A setting of network, optimizer or schedule is out of range.
    #[error(transparent)]
    Network(#[from] micrograph_nn::Error),
    /// The tensor library failed.
    #[error("network: {0}")]
    Candle(#[from] candle::Error),
}

/// What to do where the system refused a file of a run.
fn repair(source: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match source.kind() {
        ErrorKind::PermissionDenied => {
            "give permission to read and write there, or choose another folder"
        }
        ErrorKind::NotADirectory => {
            "a file stands where a folder is expected: choose another folder"
        }
        ErrorKind::NotFound => "restore the file, or begin a new run",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk",
        ErrorKind::InvalidData => "restore the file from a copy, or begin a new run",
        _ => "check the disk, and try again",
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A stop in the named part of the work on a folder from which `command` goes on; any other
    /// error stays.
    #[must_use]
    pub fn stopped_in(self, phase: &str, path: &Path, command: &'static str) -> Self {
        match self {
            Self::Interrupted => {
                Self::StoppedInPhase { path: path.to_path_buf(), command, phase: phase.to_owned() }
            }
            other => other,
        }
    }

    /// Whether a sample cannot be read or used, so that it may be left out where that is asked for; not
    /// where results cannot be written, or the run was stopped.
    #[must_use]
    pub fn is_of_sample(&self) -> bool {
        use micrograph_image::Error::{Encode, Write};
        match self {
            Self::Sample { .. } | Self::Panicked { .. } => true,
            Self::Image(error) => !matches!(error, Write { .. } | Encode { .. }),
            _ => false,
        }
    }

    /// Whether the run was stopped on purpose, not by a fault.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Stopped { .. } | Self::StoppedInPhase { .. } | Self::Interrupted)
    }
}
