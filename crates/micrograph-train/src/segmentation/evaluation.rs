//! What a segmenter is worth: the measures on frames with masks.

use serde::{Deserialize, Serialize};

/// The measures of a segmenter on frames; the content of `evaluate --json`.
///
/// The foreground, white, is every class but the first; scores are over all pixels together unless
/// they are called means over frames. What is 0/0 is `None`.
///
/// Pixels that the masks ignore ([`IGNORE`](micrograph_image::IGNORE)) are no wrong pixels and no
/// right ones; where regions are compared, they are background in truth and prediction alike, so that
/// a region ends where what is known of it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentationEvaluation {
    /// The version of this format, 1.
    pub schema: u32,
    /// Class names; the first is the background.
    pub classes: Vec<String>,
    /// Frames that were not measured because they have no whole window ([`whole_windows`]).
    ///
    /// [`whole_windows`]: super::whole_windows
    pub frames_without_window: usize,
    /// Pixels whose class is known.
    pub pixels: u64,
    /// Share of pixels of another class than said.
    pub error_rate: f64,
    /// `tp / (tp + fp)` of the foreground.
    pub precision: Option<f64>,
    /// `tp / (tp + fn)` of the foreground.
    pub recall: Option<f64>,
    /// `2 tp / (2 tp + fp + fn)` of the foreground.
    pub f1: Option<f64>,
    /// `tp / (tp + fp + fn)` of the foreground.
    pub iou: Option<f64>,
    /// The same as `f1`, by its other name.
    pub dice: Option<f64>,
    /// Share of the foreground that was found, of all pixels together: the same as `recall`, by the
    /// StemNet thesis's name.
    pub white_pixel_accuracy_pooled: Option<f64>,
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: Option<f64>,
    /// Mean of the frames' F1, 0 in a frame where it is 0/0, as in the StemNet thesis.
    pub f1_frame_mean: Option<f64>,
    /// Mean of the frames' white-pixel accuracy, 1 in a frame without foreground: what the thesis
    /// calls white-pixel accuracy.
    pub white_pixel_accuracy_frame_mean: Option<f64>,
    /// `2 tn / (2 tn + fp + fn)`: F1 of the background, where that is what is looked for.
    pub background_f1: Option<f64>,
    /// Mean cross-entropy of a pixel.
    pub log_loss: f64,
    /// Of each class against all others.
    pub per_class: Vec<ClassPixels>,
    /// Scores of cells between membranes: of two classes, where more than half of the pixels are
    /// foreground.
    pub membranes: Option<Membranes>,
    /// Scores of objects, where the masks are instances.
    pub objects: Option<ObjectScores>,
    /// Frame by frame.
    pub per_frame: Vec<FrameScores>,
}

/// The scores of one class against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassPixels {
    /// Its name.
    pub name: String,
    /// Its pixels.
    pub support: u64,
    /// `tp / (tp + fp + fn)`.
    pub iou: Option<f64>,
    /// `2 tp / (2 tp + fp + fn)`.
    pub dice: Option<f64>,
}

/// The scores of the ISBI 2012 challenge, after thinning of borders, at the best of eleven thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Membranes {
    /// Foreground-restricted Rand score; 1 is best.
    pub v_rand: Option<f64>,
    /// Its threshold.
    pub v_rand_threshold: Option<f64>,
    /// Foreground-restricted information score; 1 is best.
    pub v_info: Option<f64>,
    /// Its threshold.
    pub v_info_threshold: Option<f64>,
}

/// What is found of the objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectScores {
    /// Objects of the truth.
    pub truth: usize,
    /// Predicted objects.
    pub predicted: usize,
    /// Mean over frames of `tp / (tp + fp + fn)` at IoU 0.5.
    pub ap_50: Option<f64>,
    /// The mean of the same over IoU 0.5, 0.55, ..., 0.95.
    pub ap_50_95: Option<f64>,
    /// Aggregated Jaccard index.
    pub aji: Option<f64>,
}

/// The scores of one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameScores {
    /// Its name in the data set.
    pub id: String,
    /// Share of wrong pixels.
    pub error_rate: f64,
    /// Of the foreground.
    pub f1: Option<f64>,
    /// Of the foreground.
    pub iou: Option<f64>,
    /// Share of the foreground that was found; 1 without any, as in the StemNet thesis.
    pub white_pixel_accuracy: f64,
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: Option<f64>,
}
