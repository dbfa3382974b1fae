//! The command line, as `--help` shows it.

mod shared;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use self::shared::{
    CheckpointArguments, DataArguments, DataPlace, LengthArguments, Remedy, SettingArguments,
    WorkArguments,
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
    Crossval(Box<CrossvalArguments>),
    /// Networks and classical models on the same folds: who is best, and is that more than chance?
    Compare(Box<CompareArguments>),
    /// Measure handcrafted features of objects, to CSV: one line a sample.
    #[command(after_help = FEATURES)]
    Features(FeaturesArguments),
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
pub(crate) struct CrossvalArguments {
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
    /// Number of folds [default: 5]
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<usize>,
    /// Train each fold for exactly `--epochs`, without a first run that looks for the best number.
    #[arg(long)]
    pub(crate) fixed_epochs: bool,
    /// Folder for the results.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this cross-validation with its own settings and data (--data says where it is now):
    /// finished folds are kept, the one that was cut goes on from its last checkpoint.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "folds", "fixed_epochs", "DataArguments",
                                "SettingArguments", "LengthArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`; it is kept below that, in replaced/1 and so on.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    #[command(flatten)]
    pub(crate) place: DataPlace,
    /// Models, separated by commas, such as lipnet4,svm,svm:pixels,forest,lda,wnd,dummy: networks by
    /// name; classical models by name, with --classical-input and --features as their input, or with
    /// their own behind a colon (pixels, features or a set of features).
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required_unless_present = "resume")]
    pub(crate) models: Vec<String>,
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
    /// Number of folds [default: 5]
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<usize>,
    /// Train each fold of a network for exactly `--epochs`, without a first run that looks for the
    /// best number.
    #[arg(long)]
    pub(crate) fixed_epochs: bool,
    /// Folder for the results.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this comparison with its own models, settings and data (--data says where it is now):
    /// finished folds are kept, the one that was cut goes on from its last checkpoint.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "folds", "fixed_epochs", "models",
                                "DataArguments", "SettingArguments", "LengthArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// The model, or several of them.
#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Folder of a finished run, or a copy of its model.toml and model.safetensors.
    #[arg(long, value_name = "RUN", required_unless_present = "ensemble")]
    run: Option<PathBuf>,
    /// Several runs, whose probabilities are averaged; networks and classical models of the same
    /// classes may be mixed. Inputs stand before it, or after `--`.
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with = "run")]
    ensemble: Vec<PathBuf>,
}

impl ModelArguments {
    /// The runs, at least one.
    pub(crate) fn runs(&self) -> Vec<&std::path::Path> {
        self.run.iter().chain(&self.ensemble).map(PathBuf::as_path).collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    #[command(flatten)]
    pub(crate) models: ModelArguments,
    #[command(flatten)]
    pub(crate) place: DataPlace,
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
    #[command(flatten)]
    pub(crate) models: ModelArguments,
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
pub(crate) struct FeaturesArguments {
    #[command(flatten)]
    pub(crate) place: DataPlace,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// lipnet (size, shape, profiles and histogram of the LipNet thesis), vironova (the nine of its
    /// support vector machine), shape, texture, appearance (gradients, granularity, projections),
    /// wndcharm (texture also after transforms) or all.
    #[arg(long, default_value = "lipnet", value_name = "SET")]
    pub(crate) features: String,
    /// native, gray or rgb: the channels in which intensities are measured.
    #[arg(long, default_value = "native", value_name = "CHANNELS",
          value_parser = shared::named::<micrograph::image::Channels>)]
    pub(crate) channels: micrograph::image::Channels,
    /// The table.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    /// Replace a file that `--out` names.
    #[arg(long)]
    pub(crate) overwrite: bool,
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
    pub(crate) place: DataPlace,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Folder of a run.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}
