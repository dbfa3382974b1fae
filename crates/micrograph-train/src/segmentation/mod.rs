//! Segmentation: from frames with masks to a segmenter, its measures and a report.

mod background;
mod config;
mod crops;
mod data;
mod evaluate;
mod evaluation;
mod finish;
mod fit;
mod frame_files;
mod frames;
mod history;
mod objects;
mod pictures;
mod predict;
mod regions;
mod report;
mod run_config;
mod scan;
mod split;
mod sums;
mod task;
mod windows;
mod write;

pub use background::BackgroundFolder;
pub use config::{CropConfig, SegmentationConfig};
pub use data::SegmentationData;
pub use evaluate::evaluate_segmenter;
pub use evaluation::{ClassPixels, FrameScores, Membranes, ObjectScores, SegmentationEvaluation};
pub use finish::{SegmentationSummary, finish_segmentation};
pub use fit::{FittedSegmenter, check_segmentation, fit_segmenter};
pub use history::{PixelMonitor, PixelRecord};
pub use objects::ObjectRow;
pub use predict::{predict_frame, predict_tiles};
pub use run_config::{SegmentationPlace, SegmentationRun};
pub use windows::whole_windows;
pub use write::{PredictionFolder, Written};
