//! The plain value that a report is rendered from.

use micrograph_metrics::{BootstrapConfig, Evaluation, FoldMatrices, Intervals, PrCurve, RocCurve};
use ndarray::Array3;

use crate::format;

/// Everything that a report shows. Empty parts are left out of the page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunReport {
    /// The heading of the page and of its window.
    pub title: String,
    /// The line below it.
    pub subtitle: String,
    /// What was run: data, network, training, seed, time, command.
    pub facts: Vec<FactGroup>,
    /// What was measured after each epoch, in order.
    pub history: Vec<EpochRecord>,
    /// The [`EpochRecord::epoch`] whose weights were kept.
    pub best_epoch: Option<usize>,
    /// The samples of each class, in the order of the labels; also names the classes of `sizes`.
    pub class_balance: Vec<ClassBalance>,
    /// The sizes of the objects (LipNet thesis, Figures 3 and 4). Give them all: the page's
    /// quantiles and distributions are of all, and its scatter plot thins them itself.
    pub sizes: Vec<ObjectSize>,
    /// The unit of `sizes`.
    pub size_unit: SizeUnit,
    /// What the classifier was worth, in the order shown. The last one gives the headline, so
    /// that a test part comes after the validation part.
    pub evaluations: Vec<EvaluationSection>,
    /// Pictures: samples, worst errors, augmentation.
    pub sheets: Vec<ContactSheet>,
    /// Further tables: ablations, a comparison with published results.
    pub tables: Vec<Table>,
    /// Warnings and skipped files.
    pub notes: Vec<String>,
}

/// Facts that belong together, shown as one small table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactGroup {
    /// Such as `Network`.
    pub title: String,
    /// The rows of the table.
    pub facts: Vec<Fact>,
}

/// A name and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Such as `Model`.
    pub label: String,
    /// Such as `LipNet-4`; a command line (one with ` --` in it) and a hash are set as code.
    pub value: String,
}

impl Fact {
    /// Any value as it writes itself.
    pub fn new(label: &str, value: impl ToString) -> Self {
        Self { label: label.to_owned(), value: value.to_string() }
    }

    /// A count with separated thousands.
    ///
    /// ```
    /// assert_eq!(micrograph_report::Fact::count("Parameters", 430_242).value, "430,242");
    /// ```
    #[must_use]
    pub fn count(label: &str, count: usize) -> Self {
        Self::new(label, format::count(count as f64))
    }

    /// A length of time as one says it.
    ///
    /// ```
    /// let fact = micrograph_report::Fact::duration("Time", 192.4);
    /// assert_eq!(fact.value, "3\u{a0}min 12\u{a0}s");
    /// ```
    #[must_use]
    pub fn duration(label: &str, seconds: f64) -> Self {
        Self::new(label, format::duration(seconds))
    }
}

/// What was measured after one epoch; NaN and infinity are shown as undefined.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EpochRecord {
    /// The number of the epoch, from 1.
    pub epoch: usize,
    /// The mean training loss.
    pub train_loss: f64,
    /// The mean validation loss.
    pub validation_loss: Option<f64>,
    /// The training accuracy, in `[0, 1]`.
    pub train_accuracy: Option<f64>,
    /// The validation accuracy, in `[0, 1]`.
    pub validation_accuracy: Option<f64>,
    /// The area under the validation ROC curve, in `[0, 1]`.
    pub validation_auroc: Option<f64>,
    /// Measures of the pixels of the validation part, of a segmentation.
    pub pixels: Option<PixelMeasures>,
    /// The learning rate in force.
    pub learning_rate: f64,
    /// How long the epoch took.
    pub seconds: f64,
}

/// Measures of the pixels of the validation part; each in `[0, 1]`, the foreground being white.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PixelMeasures {
    /// Share of wrong pixels.
    pub error_rate: Option<f64>,
    /// Of the foreground.
    pub precision: Option<f64>,
    /// Of the foreground.
    pub recall: Option<f64>,
    /// Of the foreground.
    pub f1: Option<f64>,
    /// The share of the foreground that was found, the mean over frames.
    pub white_pixel_accuracy: Option<f64>,
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: Option<f64>,
}

/// How many samples a class has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassBalance {
    /// The name of the class.
    pub name: String,
    /// The name of a part (`train`, `val`, `test`) and the samples in it.
    pub counts: Vec<(String, usize)>,
}

/// The size of one object or image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectSize {
    /// The index of its class.
    pub class: u32,
    /// Its height, in the unit of the report.
    pub height: f64,
    /// Its width, in the unit of the report.
    pub width: f64,
}

impl ObjectSize {
    /// Finite and positive, so that it can be drawn.
    pub(crate) fn is_usable(&self) -> bool {
        [self.height, self.width].iter().all(|side| side.is_finite() && *side > 0.0)
    }
}

/// The unit of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SizeUnit {
    /// Pixels.
    #[default]
    Pixels,
    /// Nanometers.
    Nanometers,
}

/// What the classifier was worth on one part of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationSection {
    /// Such as `validation`, `test` or `5-fold, out of fold`; it begins with a capital on the page.
    pub name: String,
    /// What a reader must know of these samples, such as that they also picked the epoch; or empty.
    pub remark: String,
    /// The scores.
    pub evaluation: Evaluation,
    /// How far they may be trusted.
    pub intervals: Option<ScoreIntervals>,
    /// ROC curves, each with the name of the class that is told from all others.
    pub roc: Vec<(String, RocCurve)>,
    /// Precision-recall curves, likewise.
    pub pr: Vec<(String, PrCurve)>,
    /// Matrices averaged over folds (LipNet thesis, Tables 6 to 10).
    pub fold_matrices: Option<FoldMatrices>,
}

/// Intervals, and how they were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreIntervals {
    /// The intervals themselves.
    pub scores: Intervals,
    /// The level and the number of resamples.
    pub config: BootstrapConfig,
    /// How many groups were drawn, each as a whole; `None` where samples were.
    pub groups: Option<usize>,
}

/// A sheet of small pictures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ContactSheet {
    /// The heading of the sheet.
    pub title: String,
    /// What is seen on it.
    pub caption: String,
    /// Whether a new row begins where the label changes; the label then stands once, above its row.
    pub by_label: bool,
    /// Whether the pictures are frames, in which details count: these are shown large.
    pub large: bool,
    /// The pictures, in order; all are shown at one scale, so that a small one looks small.
    pub tiles: Vec<Tile>,
}

/// A picture of a contact sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// `(c, h, w)` with 1 (gray) or 3 (RGB) channels, in `[0, 1]`; what lies outside is clamped,
    /// NaN is black. Where the longest side of a sheet has more than 128 pixels, all its pictures
    /// are reduced by the same factor.
    pub pixels: Array3<f32>,
    /// The first line below the picture, such as the class.
    pub label: String,
    /// The second line, such as the prediction or the file.
    pub note: String,
    /// How the picture is marked.
    pub tone: Tone,
}

/// How a picture is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Not at all.
    #[default]
    Neutral,
    /// As a success.
    Good,
    /// As an error.
    Bad,
}

/// A table of text. Columns that hold only numbers are aligned as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The heading of the table.
    pub title: String,
    /// What it shows.
    pub caption: String,
    /// The heads of the columns.
    pub header: Vec<String>,
    /// The rows; a short one is filled up with empty cells.
    pub rows: Vec<Vec<String>>,
}
