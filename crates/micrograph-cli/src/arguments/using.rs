//! Flags of the commands that take a model, or only data.

use std::path::{Path, PathBuf};

use clap::Args;

use super::shared::{DataArguments, DataPlace, WorkArguments, named};

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
    pub(crate) fn runs(&self) -> Vec<&Path> {
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
    /// Average over symmetric copies of each image: none, flip or dihedral [default: none; of a
    /// segmenter those that its training showed]
    #[arg(long, value_name = "COPIES")]
    pub(crate) test_time: Option<micrograph::model::TestTime>,
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
    /// A .csv or .json file, or a folder for predictions.csv [default: CSV to standard output]; of a
    /// segmenter a folder for masks, probabilities, instances and objects.csv
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a file that `--out` names.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Average over symmetric copies of each image: none, flip or dihedral [default: none; of a
    /// segmenter those that its training showed]
    #[arg(long, value_name = "COPIES")]
    pub(crate) test_time: Option<micrograph::model::TestTime>,
    /// Leave out images that cannot be read, and list them.
    #[arg(long)]
    pub(crate) skip_unreadable: bool,
    /// Whether the images of a folder follow each other, for a segmenter that sees several frames: auto,
    /// sequence or independent [default: auto]
    #[arg(long, value_name = "ORDER", value_parser = named::<micrograph::image::FrameOrder>)]
    pub(crate) order: Option<micrograph::image::FrameOrder>,
    /// Of a segmenter: write no maps of probabilities.
    #[arg(long)]
    pub(crate) no_probabilities: bool,
    /// Of a segmenter: write no numbered objects and no table of them, which need memory for the
    /// whole image.
    #[arg(long)]
    pub(crate) no_instances: bool,
    /// Refuse images with more pixels; of a TIFF that a segmenter reads in regions, strips or rows of
    /// tiles with more.
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
    /// support vector machine), size, shape, texture, appearance (gradients, granularity, projections),
    /// wndcharm (texture also after transforms) or all.
    #[arg(long, default_value = "lipnet", value_name = "SET")]
    pub(crate) features: String,
    /// native, gray or rgb: the channels in which intensities are measured.
    #[arg(long, default_value = "native", value_name = "CHANNELS",
          value_parser = named::<micrograph::image::Channels>)]
    pub(crate) channels: micrograph::image::Channels,
    /// The table.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    /// Replace a file that `--out` names.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackgroundArguments {
    /// A folder of frames (with all folders below), a TIFF stack, or a data set of frames and masks.
    #[arg(long, value_name = "PATH")]
    pub(crate) data: PathBuf,
    /// Folder for background and frames.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Replace files of the same names in `--out`.
    #[arg(long)]
    pub(crate) overwrite: bool,
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
    pub(crate) place: DataPlace,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Folder of a run.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}
