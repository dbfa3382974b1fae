//! The command line, as `--help` shows it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const AFTER: &str = "\
Examples:
  micrograph synth lamellarity --count 600 --out liposomes
  micrograph info --data liposomes
  micrograph train --data liposomes --model lipnet4 --epochs 20 --seed 1 --out run
  micrograph evaluate --run run --data other-liposomes --json measures.json
  micrograph predict --run run new-images/ --out predictions.csv

Exit codes: 0 done; 1 an error, told in one line; 2 a wrong command line; 130 stopped by Ctrl-C, \
with the state saved where there is one.";

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
    /// k-fold cross-validation: early stopping picks the epochs, then each fold trains for them.
    Crossval(Box<CrossvalArguments>),
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
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// Folder of the new run.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this run from its last checkpoint, with its own settings and data.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "DataArguments", "SettingArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CrossvalArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// Number of folds [default: 5]
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<usize>,
    /// Train each fold for exactly `--epochs`, without a first run that looks for the best number.
    #[arg(long)]
    pub(crate) fixed_epochs: bool,
    /// Folder for the results.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this cross-validation with its own settings and data: finished folds are kept, the
    /// one that was cut goes on from its last checkpoint.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "folds", "fixed_epochs", "DataArguments",
                                "SettingArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    /// Folder of a finished run, or a copy of its model.toml and model.safetensors.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// Part of the data to measure: train, val or test [default: test where there are parts]
    #[arg(long, value_name = "NAME")]
    pub(crate) split: Option<String>,
    /// Write all measures to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a report with curves, matrices and the worst errors to this file.
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Replace files that `--json` and `--report` name.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Average over symmetric copies of each image: none, flip or dihedral.
    #[arg(long, default_value = "none", value_name = "COPIES")]
    pub(crate) test_time: micrograph::model::TestTime,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArguments {
    /// Folder of a finished run, or a copy of its model.toml and model.safetensors.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Images, folders of images (with all folders below), .npz files, or .csv tables with a column
    /// path and perhaps mask; X_mask.png beside X is its mask.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Masks of images, from their folder: '../masks/{stem}.png' for a name without its ending;
    /// of a table's rows, from its columns, as in train.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) mask_template: Option<String>,
    /// File names from columns of a table, such as '{image ID:03}.bmp'.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) path_template: Option<String>,
    /// The column of a table with the file name.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) path_column: Option<String>,
    /// A .csv or .json file, or a folder for predictions.csv [default: CSV to standard output]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a file that `--out` names.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Average over symmetric copies of each image: none, flip or dihedral.
    #[arg(long, default_value = "none", value_name = "COPIES")]
    pub(crate) test_time: micrograph::model::TestTime,
    /// Leave out images that cannot be read, and list them.
    #[arg(long)]
    pub(crate) skip_unreadable: bool,
    /// Refuse images with more pixels.
    #[arg(long, value_name = "N")]
    pub(crate) max_pixels: Option<u64>,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}

#[derive(Debug, Args)]
pub(crate) struct SynthArguments {
    /// lamellarity (unilamellar, multilamellar, uncertain) or encapsulation (full, empty, uncertain).
    pub(crate) problem: String,
    /// How many objects in all.
    #[arg(long, default_value_t = 600, value_name = "N")]
    pub(crate) count: usize,
    /// thesis (Tables 1 and 2), balanced, or parts in alphabetical class order such as 70,20,10.
    #[arg(long, default_value = "thesis", value_name = "RATIO")]
    pub(crate) ratio: String,
    /// The seed: same seed, same images.
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub(crate) seed: u64,
    /// Folder for the class folders; must not exist or be empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Folder of a run.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}

/// How data is found and read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArguments {
    /// A folder of class folders (also below train/val/test), an .npz with MedMNIST's keys, or a CSV
    /// table with the columns path and label.
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
    /// Settles doubt: class-folders, split-folders, npz or manifest.
    #[arg(long, value_name = "LAYOUT")]
    pub(crate) layout: Option<micrograph::image::Layout>,
    /// File names from columns of a table, such as '{image ID:03}.bmp'.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) path_template: Option<String>,
    /// Mask names likewise; non-zero pixels are the object.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) mask_template: Option<String>,
    /// The column with the class.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label_column: Option<String>,
    /// The column with the file name.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) path_column: Option<String>,
    /// The column whose equal values (a patient, a slide) never cross a split.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group: Option<String>,
    /// The column with train, val or test.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) split_column: Option<String>,
    /// Leave out samples that cannot be read, and list them.
    #[arg(long)]
    pub(crate) skip_unreadable: bool,
    /// Refuse images with more pixels [default: 268435456]
    #[arg(long, value_name = "N")]
    pub(crate) max_pixels: Option<u64>,
}

/// What can change the weights.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct SettingArguments {
    /// Settings from a TOML file, such as the config.toml of another run; flags win over it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// classify (segment comes later).
    #[arg(long, default_value = "classify", value_name = "TASK")]
    pub(crate) task: String,
    /// lipnet1, lipnet2, lipnet4, lipnet4c or lipnet6 [default: lipnet4]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Epochs to train [default: 30]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Stop at the end of the epoch in which this time has passed.
    #[arg(long, value_name = "M")]
    pub(crate) max_minutes: Option<f64>,
    /// Stop when the best epoch lies this many epochs back.
    #[arg(long, value_name = "N")]
    pub(crate) patience: Option<usize>,
    /// What picks the best epoch: auroc, loss, balanced-accuracy or accuracy [default: auroc]
    #[arg(long, value_name = "MEASURE")]
    pub(crate) monitor: Option<micrograph::train::Monitor>,
    /// Everything random follows from it [default: 0]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Images per step [default: 32]
    #[arg(long, value_name = "N")]
    pub(crate) batch_size: Option<usize>,
    /// Learning rate before the schedule [default: 0.001]
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// Part of training that validates, where the data has no validation part [default: 0.15]
    #[arg(long, value_name = "FRACTION")]
    pub(crate) validation_fraction: Option<f64>,
    /// Rare classes: none, over, under or weights [default: over]
    #[arg(long, value_name = "HOW")]
    pub(crate) balance: Option<micrograph::train::Balance>,
    /// A preset (none, flips, light, thesis) or a TOML file with a recipe [default: light]
    #[arg(long, value_name = "PRESET|FILE")]
    pub(crate) augment: Option<String>,
    /// Height and width of the network's input [default: the architecture's own]
    #[arg(long, value_name = "N")]
    pub(crate) input_size: Option<usize>,
    /// Objects with a mask: surround (50 px around), crop, mask (cropped, the rest in the object's
    /// mean gray) or mask_black [default: mask]
    #[arg(long, value_name = "MODE")]
    pub(crate) input_mode: Option<micrograph::image::InputMode>,
    /// native, gray or rgb [default: native]
    #[arg(long, value_name = "CHANNELS", value_parser = named::<micrograph::image::Channels>)]
    pub(crate) channels: Option<micrograph::image::Channels>,
    /// stretch, fit (padded) or center_crop [default: stretch]
    #[arg(long, value_name = "HOW", value_parser = named::<micrograph::image::ResizeMode>)]
    pub(crate) resize: Option<micrograph::image::ResizeMode>,
}

/// What surrounds the work and never changes its result.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct WorkArguments {
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// auto, cpu or cuda:N; this build has the CPU alone.
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub(crate) device: String,
    /// Print results, notes and errors alone, without progress.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A value by the name that it has in `config.toml`.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}
