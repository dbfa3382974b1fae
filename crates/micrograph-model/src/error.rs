//! Everything that can go wrong between a path and a prediction.

use std::path::PathBuf;

use micrograph_image::Depth;
use micrograph_nn::InputShape;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing that could be a bundle stands at the path.
    #[error(
        "{path}: no model here: expected `model.toml` and `model.safetensors`; give the folder of a finished run"
    )]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The device is not there.
    #[error("{device}: {reason}")]
    NoDevice {
        /// Its name.
        device: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A file of the bundle cannot be read.
    #[error(
        "{path}: cannot be read: {source}; give permission to read it, or restore it from the run that wrote it"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `model.toml` is not a manifest of ours.
    #[error(
        "{path}: not a model manifest: {reason}; restore `model.toml` from the run that wrote it"
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What the parser said, in one line.
        reason: String,
    },
    /// `model.toml` is not as it was written: damaged, or changed by hand.
    #[error(
        "{path}: damaged or changed by hand: its lines have the checksum {actual}, but its first line says {stated}; restore the file from the run that wrote it, or, where the change is meant, write {actual} into its first line"
    )]
    Edited {
        /// The file.
        path: PathBuf,
        /// The checksum that stands in it.
        stated: String,
        /// The checksum that its lines have.
        actual: String,
    },
    /// The bundle predicts something else than was asked for.
    #[error("{path}: is the model of a {found}, expected that of a {expected}")]
    Kind {
        /// The manifest.
        path: PathBuf,
        /// What it is of.
        found: crate::bundle::Kind,
        /// What was asked for.
        expected: crate::bundle::Kind,
    },
    /// An image is not of those that a segmenter takes.
    #[error(
        "an image of {} channels and {}x{} pixels: expected {expected}, after padding",
        found.0, found.1, found.2
    )]
    PixelInput {
        /// Channels, height and width.
        found: (usize, usize, usize),
        /// What the network takes.
        expected: String,
    },
    /// A network gave other than a logit for each class and pixel.
    #[error("the network gave {found} numbers, expected {expected:?}")]
    PixelOutput {
        /// How many.
        found: usize,
        /// Classes, height and width.
        expected: (usize, usize, usize),
    },
    /// Percentiles of a part of a frame are not those of the whole.
    #[error(
        "percentile_clip is not known to segmentation: take image_z_score, dataset_z_score or unit_range as normalization"
    )]
    Percentiles,
    /// A window has another number of frames than the network sees.
    #[error("{found} frames: expected {expected}, a window as the network has learned from")]
    Window {
        /// How many came.
        found: usize,
        /// How many the network sees.
        expected: usize,
    },
    /// The frames of a window differ in size.
    #[error("the frames of a window have the sizes {sizes:?}: expected one size")]
    FrameSizes {
        /// Height and width of each.
        sizes: Vec<(usize, usize)>,
    },
    /// The bundle was written by a version that this one does not understand.
    #[error(
        "{path}: bundle format {found}, this version reads {expected}; use the version of micrograph that wrote it"
    )]
    Format {
        /// The manifest.
        path: PathBuf,
        /// The number in the file.
        found: u32,
        /// The number that this version writes.
        expected: u32,
    },
    /// The weights are not those that the manifest describes.
    #[error(
        "{path}: damaged or exchanged: SHA-256 is {found}, the manifest expects {expected}; copy the file again"
    )]
    Damaged {
        /// The weights file.
        path: PathBuf,
        /// The digest in the manifest.
        expected: String,
        /// The digest of the file.
        found: String,
    },
    /// The weights file is not safetensors or does not fit the architecture.
    #[error("{path}: {reason}")]
    Weights {
        /// The weights file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Data has classes that the model does not know.
    #[error("classes unknown to the model: {}; the data has {}, the model {}; rename the class folders or labels, or train again", unknown.join(", "), data.join(", "), model.join(", "))]
    Classes {
        /// The names that the model lacks.
        unknown: Vec<String>,
        /// The data's classes.
        data: Vec<String>,
        /// The model's classes.
        model: Vec<String>,
    },
    /// An image does not fit the network.
    #[error(
        "image {index} of the batch is {found:?} (channels, height, width), the network takes {expected}{repair}"
    )]
    Input {
        /// Position in the batch.
        index: usize,
        /// The shape that came.
        found: (usize, usize, usize),
        /// What the network takes.
        expected: InputShape,
        /// What to do, where padding helps; begins with `; `.
        repair: String,
    },
    /// Images of one batch have different sizes.
    #[error(
        "image {index} of the batch is {}x{}, the first is {}x{}; give images of one size at a time",
        found[0], found[1], first[0], first[1]
    )]
    Sizes {
        /// Position in the batch.
        index: usize,
        /// Its height and width.
        found: [usize; 2],
        /// Height and width of the first.
        first: [usize; 2],
    },
    /// The network gave a probability that is not a number.
    #[error(
        "the network's output is not finite; the weights or the image hold infinite values: check the image, or train again"
    )]
    NotFinite,
    /// Pixels are asked of a sample that is a row of features.
    #[error("expected an image (channels, height, width) for the network, got {features} features")]
    NoPixels {
        /// How many there are.
        features: usize,
    },
    /// An image does not tell the size of its pixels.
    #[error(
        "its file tells no size of a pixel, and the model measures in nanometers: save it as an OME or ImageJ TIFF with its pixel size, or train on images without"
    )]
    NoPixelSize,
    /// The samples of an image are of another type than those in training.
    #[error(
        "its samples are {found:?}, those in training were {expected:?}, and features measure intensities: convert it to the type of the training images"
    )]
    Depth {
        /// In training.
        expected: Depth,
        /// Of the image.
        found: Depth,
    },
    /// Features are not those of the version that trained.
    #[error(
        "the features `{name}` are others in this version of micrograph: the model has {saved}, this version measures {now}{place}; train again, or use the version that wrote it"
    )]
    Columns {
        /// What the settings call them.
        name: String,
        /// How many the model has.
        saved: usize,
        /// How many this version has.
        now: usize,
        /// The first that differs.
        place: String,
    },
    /// Symmetric copies are asked of a model that sees no pixels.
    #[error("--test-time turns and flips pixels, and this {model} takes features; leave it out")]
    TestTime {
        /// The name of the model.
        model: String,
    },
    /// A classical model cannot be written.
    #[error("the model cannot be written: {reason}")]
    Encode {
        /// What the encoder said.
        reason: String,
    },
    /// A classical model failed.
    #[error(transparent)]
    Classic(#[from] micrograph_classic::Error),
    /// Measuring features failed.
    #[error(transparent)]
    Features(#[from] micrograph_features::Error),
    /// Reading or preparing an image failed.
    #[error(transparent)]
    Image(#[from] micrograph_image::Error),
    /// The tensor library failed.
    #[error("network: {0}")]
    Candle(#[from] candle::Error),
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
