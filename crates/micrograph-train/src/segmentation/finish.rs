//! What stands in a run folder when the work is done: summary and report.

use micrograph_model::Pixels;
use micrograph_report::render;
use ndarray::ArrayView3;
use serde::{Deserialize, Serialize};

use super::pictures::{Picture, SHOWN};
use super::report;
use super::{
    FittedSegmenter, SegmentationConfig, SegmentationData, SegmentationEvaluation,
    evaluate_segmenter,
};
use crate::observer::WithoutNotices;
use crate::{Ended, Result, RunFolder, Surroundings, Unreadable};

/// `summary.json` of a segmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentationSummary {
    /// The version of this format.
    pub schema: u32,
    /// Epochs trained; with this number as `--epochs` the run repeats itself bit for bit.
    pub epochs: usize,
    /// The epoch of the kept weights, counted from 1.
    pub best_epoch: usize,
    /// Why the run ended.
    pub ended: Ended,
    /// Wall-clock seconds, over all processes of the run.
    pub seconds: f64,
    /// SHA-256 of `model.safetensors`.
    pub weights_sha256: String,
    /// SHA-256 over the frames of training and validation.
    pub data_fingerprint: String,
    /// Frames to train on.
    pub training_frames: usize,
    /// Measures of the kept weights on the validation part, when there is one.
    pub validation: Option<SegmentationEvaluation>,
}

/// Measures the validation part and writes `summary.json` and `report.html`.
///
/// # Errors
/// When a frame cannot be read again or a file cannot be written.
pub fn finish_segmentation(
    data: &SegmentationData,
    config: &SegmentationConfig,
    fitted: &FittedSegmenter,
    folder: &RunFolder,
    around: &Surroundings<'_>,
) -> Result<SegmentationSummary> {
    // All there is to say of these frames was said before the first epoch.
    let observer = &WithoutNotices(around.observer);
    let quiet = &Surroundings { observer, ..around.clone() };
    let mut pictures = Vec::new();
    let validation = if data.validation.is_empty() {
        None
    } else {
        let frames = (data.dataset.as_ref(), data.validation.as_slice());
        let see = &mut |index: usize, probabilities: ArrayView3<'_, f32>| {
            if pictures.len() < SHOWN {
                let pixels = Pixels { probabilities: probabilities.to_owned() };
                let (predicted, foreground) = (pixels.classes(), pixels.foreground());
                pictures.push(Picture { index, predicted, foreground });
            }
            Ok(())
        };
        Some(evaluate_segmenter(&fitted.segmenter, frames, Unreadable::Refuse, quiet, see)?)
    };
    let report =
        report::of_training(data, config, fitted, (validation.as_ref(), &pictures), around)?;
    folder.write_report(&render(&report)?)?;
    let summary = SegmentationSummary {
        schema: 1,
        epochs: fitted.history.epochs.len(),
        best_epoch: fitted.history.best_epoch().unwrap_or(0),
        ended: fitted.ended,
        seconds: fitted.seconds,
        weights_sha256: fitted.segmenter.manifest().weights_sha256.clone(),
        data_fingerprint: data.fingerprint.clone(),
        training_frames: data.train.len(),
        validation,
    };
    folder.write_json("summary.json", &summary)?;
    Ok(summary)
}
