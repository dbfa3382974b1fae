//! The command line, as `--help` shows it.

mod folds;
mod shared;
mod using;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use self::folds::FoldArguments;
pub(crate) use self::shared::{
    CheckpointArguments, DataArguments, DataPlace, LengthArguments, Remedy, SettingArguments,
    WorkArguments,
};
pub(crate) use self::using::{
    BackgroundArguments, EvaluateArguments, FeaturesArguments, InfoArguments, ModelArguments,
    PredictArguments, SynthArguments,
};

const AFTER: &str = "\
Examples:
  micrograph synth lamellarity --count 600 --out liposomes
  micrograph info --data liposomes
  micrograph train --data liposomes --model lipnet4 --epochs 20 --seed 1 --out run
  micrograph evaluate --run run --data other-liposomes --json measures.json
  micrograph predict --run run new-images/ --out predictions.csv
  micrograph train --data liposomes --model svm --features lipnet --out svm
  micrograph evaluate --ensemble run svm --data other-liposomes
  micrograph compare --data liposomes --models lipnet4,svm,forest,lda,wnd,dummy --out comparison

Exit codes: 0 done; 1 an error, told in one line; 2 a wrong command line; 130 stopped by Ctrl-C, \
with the state saved where there is one.";

const FEATURES: &str = "\
The columns are id, label, group and part (each where the data knows it), then the features with \
their units in their names: _nm and _nm2 where every file tells the size of a pixel, else _px and \
_px2. The object is what the mask shows, or the whole image.

Example:
  micrograph features --data liposomes --features shape --out shapes.csv";

const BACKGROUND: &str = "\
background/NAME.tif holds the median of a sequence, named as its first frame; frames/NAME.tif each \
frame less the median: of images of 8 or 16 bits as 16-bit numbers in which 32768 stands for no \
difference, of floats as the difference itself. Put the masks into masks beside frames, and the \
folder is data for train.

Example:
  micrograph background --data recording/frames --out still
  cp -r recording/masks still/masks
  micrograph train --task segment --data still --out run";

/// Train, evaluate and use classifiers of biomedical images.
#[derive(Debug, Parser)]
#[command(name = "micrograph", version, after_help = AFTER, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a classifier on labeled images; writes a run folder with model and report.
    Train(Box<TrainArguments>),
    /// Measure a trained classifier on labeled images.
    Evaluate(EvaluateArguments),
    /// Predict images: class and probabilities, to CSV or JSON.
    Predict(PredictArguments),
    /// k-fold cross-validation: early stopping picks the epochs of a network, then each fold trains
    /// for them.
    Crossval(Box<FoldArguments>),
    /// Networks and classical models on the same folds: who is best, and is that more than chance?
    Compare(Box<CompareArguments>),
    /// Measure handcrafted features of objects, to CSV: one line a sample.
    #[command(after_help = FEATURES)]
    Features(FeaturesArguments),
    /// Subtract from the frames of a sequence what does not move: the median of each pixel over time.
    #[command(after_help = BACKGROUND)]
    Background(BackgroundArguments),
    /// Draw artificial electron micrographs of liposomes with masks, in class folders.
    Synth(SynthArguments),
    /// Say what a data set (from names and headers; pixels are not decoded) or a run holds.
    Info(InfoArguments),
    /// Print a completion script for your shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TrainArguments {
    #[command(flatten)]
    pub(crate) place: DataPlace,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) length: LengthArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) checkpoints: CheckpointArguments,
    /// Folder of the new run.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this run from its last checkpoint, with its own settings and data; --data says where
    /// the data is now, and --epochs, --max-minutes and --patience may change.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "DataArguments", "SettingArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`; it is kept below that, in replaced/1 and so on.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Models, separated by commas, such as lipnet4,svm,svm:pixels,forest,lda,wnd,dummy: networks by
    /// name, with --resize or their own behind a colon (lipnet4v:native), or with + a classical model
    /// in the place of their last layer (lipnet4+svm), which behind a colon also takes a set of
    /// features (lipnet4+logistic:lipnet); classical models by name, with
    /// --classical-input and --features as their input, or with their own behind a colon (pixels,
    /// features or a set of features).
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        required_unless_present = "resume",
        conflicts_with = "resume"
    )]
    pub(crate) models: Vec<String>,
    #[command(flatten)]
    pub(crate) folds: FoldArguments,
}
