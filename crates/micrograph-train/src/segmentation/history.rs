//! What is measured of the pixels of the validation part after each epoch.

use micrograph_metrics::segmentation::{EmptyFrames, Frames, PixelScores};
use serde::{Deserialize, Serialize};

/// Measures on the whole frames of the validation part, all their pixels together.
///
/// The foreground, white, is every class but the first. What is 0/0 is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PixelRecord {
    /// Mean cross-entropy of a pixel, without weights.
    pub loss: f64,
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
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: f64,
    /// The share of the foreground that was found, the mean over frames; 1 in a frame without any:
    /// what the StemNet thesis calls white-pixel accuracy.
    pub white_pixel_accuracy_frame_mean: Option<f64>,
}

impl PixelRecord {
    /// From what was counted.
    pub(crate) fn new(frames: &Frames, error_rate: f64, loss: f64) -> Self {
        let PixelScores { precision, recall, f1, iou, false_white, .. } = frames.pooled();
        let thesis = frames.per_frame(EmptyFrames::Thesis);
        Self {
            loss,
            error_rate,
            precision,
            recall,
            f1,
            iou,
            false_white: false_white.unwrap_or(0.0),
            white_pixel_accuracy_frame_mean: thesis.white_pixel_accuracy,
        }
    }
}

/// Which measure picks the best epoch of a segmenter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PixelMonitor {
    /// The greatest F1 of the foreground.
    #[default]
    F1,
    /// The least share of wrong pixels.
    ErrorRate,
    /// The least cross-entropy.
    Loss,
}

impl std::str::FromStr for PixelMonitor {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "f1" => Ok(Self::F1),
            "error-rate" | "error_rate" => Ok(Self::ErrorRate),
            "loss" => Ok(Self::Loss),
            other => Err(format!("expected f1, error-rate or loss, got `{other}`")),
        }
    }
}

impl std::fmt::Display for PixelMonitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::F1 => "F1",
            Self::ErrorRate => "error rate",
            Self::Loss => "loss",
        })
    }
}

impl PixelMonitor {
    /// Whether `new` is better than `old`; equal measures are settled by the loss, and a tie in
    /// both keeps the older epoch.
    #[must_use]
    pub fn improves(self, new: &PixelRecord, old: &PixelRecord) -> bool {
        let score = |record: &PixelRecord| match self {
            Self::F1 => record.f1,
            Self::ErrorRate => Some(-record.error_rate),
            Self::Loss => None,
        };
        match (score(new), score(old)) {
            (Some(a), Some(b)) if a != b => a > b,
            _ => new.loss < old.loss,
        }
    }
}
