//! Training: from a data set and settings to a bundle, an evaluation and a report.
//!
//! [`Readable::open`] decodes every training sample once, [`Readable::prepare`] splits and fits the
//! preprocessing, [`fit`] trains, [`cross_validate`] does so k times, [`Comparing`] for several models on the same folds, [`predict_samples`] measures.
//! Everything random is a function of (seed, epoch, step, sample): the same settings and data give
//! the same bits for any number of threads, and through a kill and a resume.
//!
//! ```no_run
//! use micrograph_image::{Dataset, DatasetOptions};
//! use micrograph_train::{Readable, Surroundings, TrainConfig, Unreadable, fit};
//!
//! let dataset = Dataset::open("images".as_ref(), &DatasetOptions::default())?;
//! let config = TrainConfig { epochs: Some(12), seed: 1, ..Default::default() };
//! let around = Surroundings::default();
//! let data = Readable::open(dataset, &config, Unreadable::Refuse, &around)?;
//! let fitted = fit(&data.prepare(&config, &around)?, &config, None, &around)?;
//! println!("best epoch: {:?}", fitted.history.best_epoch());
//! # Ok::<(), micrograph_train::Error>(())
//! ```
#![forbid(unsafe_code)]

mod answers;
mod average;
mod checkpoint;
mod classical;
mod classification;
mod comparison;
mod config;
mod cross_validation;
mod ensemble;
mod error;
mod evaluate;
mod facts;
mod finish;
mod fit;
mod history;
mod keep;
mod leaks;
mod liposomes;
mod loader;
mod loss;
mod manifest;
mod measure;
mod notices;
mod observer;
mod origin;
mod peak_memory;
mod plan;
mod prepare;
mod readable;
mod ready;
mod replaced;
mod report;
mod run_config;
mod run_files;
mod run_folder;
mod run_task;
mod scan;
mod segmentation;
mod sheets;
mod splitting;
mod stepper;
mod task;
mod trainer;

pub use answers::{Answers, SeenCounts, probabilities_of};
pub use comparison::{
    Compared, Comparing, ComparisonPlan, ComparisonResult, Contender, comparison_report,
    finish_comparison,
};
pub use config::{
    Balance, ClassicalName, ClassicalSettings, ClassicalView, HeadSettings, InputConfig, ModelName,
    NetworkConfig, Precision, TrainConfig,
};
pub use cross_validation::{
    CrossValidation, FoldCosts, FoldEpochs, FoldPlan, check_folds, cross_validate, hold_out,
    train_and_test,
};
pub use ensemble::{mean_answers, mean_predictions};
pub use error::{Error, Result};
pub use evaluate::{Predictions, predict_samples};
pub use finish::{Summary, finish_cross_validation, finish_run};
pub use fit::{Fitted, fit};
pub use history::{EpochRecord, History, Monitor, ValidationRecord};
pub use liposomes::write_liposomes;
pub use measure::{SampleFeatures, measure_features};
pub use observer::{Event, Observer, Quiet, Surroundings};
pub use origin::{begin_folds, check_resume};
pub use prepare::Prepared;
pub use readable::{Readable, Unreadable};
pub use ready::check;
pub use report::{cross_validation_report, evaluation_report};
pub use run_config::{DataConfig, RunConfig};
pub use run_files::write_json;
pub use run_folder::{Existing, RunFolder};
pub use run_task::{RunSettings, RunTask};
pub use segmentation::{
    BackgroundFolder, ClassPixels, CropConfig, FittedSegmenter, FrameScores, Membranes, ObjectRow,
    ObjectScores, PixelMonitor, PixelRecord, PredictionFolder, SegmentationConfig,
    SegmentationData, SegmentationEvaluation, SegmentationPlace, SegmentationRun,
    SegmentationSummary, Written, check_segmentation, evaluate_segmenter, finish_segmentation,
    fit_segmenter, predict_frame, predict_tiles, whole_windows,
};
pub use trainer::{Ended, Start};
