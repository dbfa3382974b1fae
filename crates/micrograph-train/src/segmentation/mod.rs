//! Segmentation: from frames with masks to a segmenter, its measures and a report.

mod config;
mod crops;
mod data;
mod evaluate;
mod finish;
mod fit;
mod frames;
mod history;
mod pictures;
mod predict;
mod report;
mod run_config;
mod scan;
mod split;
mod sums;
mod task;
mod write;

pub use config::{CropConfig, SegmentationConfig};
pub use data::SegmentationData;
pub use evaluate::{
    ClassPixels, FrameScores, Membranes, ObjectScores, SegmentationEvaluation, evaluate_segmenter,
};
pub use finish::{SegmentationSummary, finish_segmentation};
pub use fit::{FittedSegmenter, check_segmentation, fit_segmenter};
pub use history::{PixelMonitor, PixelRecord};
pub use predict::predict_frame;
pub use run_config::{SegmentationPlace, SegmentationRun};
pub use write::{ObjectRow, PredictionFolder};
