//! Flags that several commands have.

use std::path::PathBuf;

use clap::Args;

/// How data is found and read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArguments {
    /// Settles doubt: class-folders, split-folders, npz or manifest; of frames with masks
    /// image-mask-folders, part-folders, side-by-side or cell-tracking.
    #[arg(long, value_name = "LAYOUT")]
    pub(crate) layout: Option<String>,
    /// What masks hold: auto, classes or instances (the numbers of objects) [default: auto]
    #[arg(long, value_name = "KIND", value_parser = named::<micrograph::image::MaskKind>)]
    pub(crate) masks: Option<micrograph::image::MaskKind>,
    /// Which value of a mask is which class, such as '0=background,128=cytoplasm,255=nucleus'.
    #[arg(long, value_name = "TABLE")]
    pub(crate) classes: Option<micrograph::image::ClassTable>,
    /// Whether the images of a folder follow each other: auto, sequence or independent [default: auto]
    #[arg(long, value_name = "ORDER", value_parser = named::<micrograph::image::FrameOrder>)]
    pub(crate) order: Option<micrograph::image::FrameOrder>,
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

/// Where data is; it may have moved when a run is resumed. (A struct with others flattened into it
/// makes no group that flags could conflict with.)
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataPlace {
    /// A folder of class folders (also below train/val/test), an .npz with MedMNIST's keys, or a CSV
    /// table with the columns path and label; of frames with masks, a folder with image and label
    /// folders (or frames, masks, instances), stacks, or a Cell Tracking Challenge's.
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
}

/// When a run ends; that may change when it is resumed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct LengthArguments {
    /// Epochs to train [default: 30]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Stop at the end of the epoch in which this time has passed.
    #[arg(long, value_name = "M")]
    pub(crate) max_minutes: Option<f64>,
    /// Stop when the best epoch lies this many epochs back.
    #[arg(long, value_name = "N")]
    pub(crate) patience: Option<usize>,
}

/// What can change the weights.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct SettingArguments {
    /// Settings from a TOML file, such as the config.toml of another run; flags win over it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// classify (images) or segment (pixels) [default: as the model is, else as the data looks]
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<micrograph::train::RunTask>,
    /// To segment: unet, unet2015, rfi_unet, stemnet, stemnet_appendix, segnet, deconvnet, fcn32s,
    /// fcn16s or fcn8s [default: unet]. To classify: a network (lipnet1, lipnet2, lipnet4, lipnet4c, lipnet4v for any size, lipnet6) or a
    /// classical model, which is fitted in one go: svm and nu_svm (support vector machines), forest
    /// (random), tree, lda (linear discriminants), logistic (regression), neighbors (nearest),
    /// centroid (nearest), wnd (weighted neighbor distances), dummy (the majority, the floor of
    /// every table) [default: lipnet4]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// What a classical model looks at: features of the object inside its mask, without a mask of
    /// the whole image; or the pixels that a network would see [default: features]
    #[arg(long, value_name = "INPUT", value_parser = named::<micrograph::train::ClassicalView>)]
    pub(crate) classical_input: Option<micrograph::train::ClassicalView>,
    /// The features of a classical model: lipnet (size, shape, profiles and histogram of the LipNet
    /// thesis), vironova (the nine of its support vector machine), size (nothing else), shape,
    /// texture, appearance, wndcharm or all [default: lipnet]
    #[arg(long, value_name = "SET")]
    pub(crate) features: Option<String>,
    /// A classical model in the place of a network's last layer, such as svm or logistic: fitted after
    /// the epochs, with the best weights, to what that layer takes of the training samples
    #[arg(long, value_name = "NAME")]
    pub(crate) head: Option<micrograph::train::ClassicalName>,
    /// Features that the model of --head takes beside the network's: a set as of --features
    #[arg(long, value_name = "SET")]
    pub(crate) head_features: Option<String>,
    /// Search for the settings of a classical model or head (c, gamma, neighbors ...) by a
    /// cross-validation on the rows that it is fitted to, and by a nested one for what the choice is
    /// worth; in crossval and compare the folds tell that
    #[arg(long)]
    pub(crate) tune: bool,
    /// What picks the best epoch: auroc, loss, balanced-accuracy or accuracy [default: auroc]; of
    /// pixels f1, error-rate or loss [default: f1]
    #[arg(long, value_name = "MEASURE")]
    pub(crate) monitor: Option<String>,
    /// Everything random follows from it [default: 0]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Images per step [default: 32]; crops to segment [default: 4]
    #[arg(long, value_name = "N")]
    pub(crate) batch_size: Option<usize>,
    /// Learning rate before the schedule [default: 0.001]
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// Numbers of a training step: f32, and on a GPU bf16 or f16 with weights in f32 [default: f32]
    #[arg(long, value_name = "TYPE", value_parser = named::<micrograph::train::Precision>)]
    pub(crate) precision: Option<micrograph::train::Precision>,
    /// Part of training that validates, where the data has no validation part [default: 0.15]
    #[arg(long, value_name = "FRACTION")]
    pub(crate) validation_fraction: Option<f64>,
    /// Rare classes: none, over, under, weights; of a classical model or a head also smote, borderline1,
    /// borderline2, svm_smote, kmeans_smote, adasyn, random_over, random_under, tomek, enn,
    /// near_miss1 to 3, smote_tomek or smote_enn, on training rows alone; or auto, which suits the
    /// model (networks oversample, svm and logistic weigh classes, the others do nothing); in a
    /// comparison for each model that can take it [default: auto]
    #[arg(long, value_name = "HOW")]
    pub(crate) balance: Option<Remedy>,
    /// A preset (none, flips, turns, light, unet, thesis) or a TOML file with a recipe [default: light]
    #[arg(long, value_name = "PRESET|FILE")]
    pub(crate) augment: Option<String>,
    /// Height and width of the crops of frames that a step sees [default: 256]
    #[arg(long, value_name = "N")]
    pub(crate) crop_size: Option<usize>,
    /// How many frames of a sequence a network sees at once, an odd number [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) window: Option<usize>,
    /// Height and width of the network's input, or of classical pixels; under --resize native the
    /// most that is shown as it is [default: the architecture's own, or 28; native 128]
    #[arg(long, value_name = "N")]
    pub(crate) input_size: Option<usize>,
    /// Objects with a mask: surround (50 px around), crop, mask (cropped, the rest in the object's
    /// mean gray) or mask_black [default: mask]
    #[arg(long, value_name = "MODE")]
    pub(crate) input_mode: Option<micrograph::image::InputMode>,
    /// native, gray or rgb [default: native]
    #[arg(long, value_name = "CHANNELS", value_parser = named::<micrograph::image::Channels>)]
    pub(crate) channels: Option<micrograph::image::Channels>,
    /// stretch, fit (scaled, then padded), pad (at its own size, padded; only what is larger is
    /// scaled), center_crop, or native (as pad, on the least ground whose sides are multiples of 16;
    /// lipnet4v alone takes images of many sizes) [default: stretch]
    #[arg(long, value_name = "HOW")]
    pub(crate) resize: Option<micrograph::image::ResizeMode>,
}

/// What is done about rare classes, and by which resampler where it is one.
#[derive(Debug, Clone)]
pub(crate) struct Remedy {
    pub(crate) balance: micrograph::train::Balance,
    pub(crate) resampler: Option<micrograph::sampling::Resampler>,
}

impl std::str::FromStr for Remedy {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        use micrograph::sampling::Resampler;
        use micrograph::train::Balance;
        match Resampler::by_name(name) {
            resampler @ Some(_) => Ok(Self { balance: Balance::Resample, resampler }),
            None => {
                let known = Resampler::NAMES.join(", ");
                let balance = name.parse().map_err(|error| format!("{error}; or {known}"))?;
                Ok(Self { balance, resampler: None })
            }
        }
    }
}

/// How much of a run a power cut may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct CheckpointArguments {
    /// Save the state within an epoch when this many seconds have passed, besides at its end
    /// [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) checkpoint_every: Option<f64>,
}

/// What surrounds the work and never changes its result.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct WorkArguments {
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// auto (the first GPU of a build with CUDA, else the CPU), cpu or cuda:N.
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub(crate) device: micrograph::model::DeviceName,
    /// Print results, notes and errors alone, without progress.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A value by the name that it has in `config.toml`.
pub(super) fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}
