//! Metrics of classification and segmentation: counts first, scores second; curves, bootstrap
//! intervals, comparisons.
//!
//! [`evaluate`] turns true labels and class probabilities ([`Scored`]) into one serializable
//! [`Evaluation`]; [`intervals`] says how far its scores may be trusted. Beneath them stand the
//! [`ConfusionMatrix`], whose rows are the truth, and the four [`Counts`] of each class, from
//! which every score of a decision is computed. Scores of a ranking come from [`roc_curve`],
//! [`pr_curve`], [`auroc`] and [`average_precision`], scores of probabilities from [`log_loss`]
//! and [`brier`]. [`compare`] asks whether several classifiers differ on the same samples by more
//! than chance. [`segmentation`] measures masks, outlines and objects.
//!
//! ```
//! use micrograph_metrics::{Scored, evaluate};
//! use ndarray::array;
//!
//! let classes = ["empty", "full"].map(String::from);
//! let probabilities = array![[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]];
//! let truth = [0, 0, 1, 1];
//! let evaluation = evaluate(&Scored::new(&classes, &truth, probabilities.view()))?;
//!
//! assert_eq!(evaluation.confusion.get_named("empty", "full"), Some(1.0));
//! assert_eq!(evaluation.accuracy, 0.75);
//! assert_eq!(evaluation.auroc, Some(1.0));
//! assert_eq!(evaluation.per_class[0].tpr, Some(0.5));
//! # Ok::<(), micrograph_metrics::Error>(())
//! ```
//!
//! # Decisions
//! - A score that is 0/0 is undefined: `None` here, `null` in JSON, never a silent 0, 1 or NaN.
//!   Broken input (a NaN, a label without a class, lengths that differ) is an [`Error`].
//! - Sample weights are taken everywhere; a sample of weight 0 is as good as absent. Counts are
//!   therefore `f64`: exact for whole numbers up to 2^53.
//! - How a mean over classes treats the undefined is the caller's choice, [`EmptyClass`], and the
//!   number of undefined classes is returned with it.
//! - Two measures are called F1 in the literature that this house reimplements. [`Counts::f1`] is
//!   the harmonic mean of PPV and TPR; [`Counts::f1_tpr_tnr`] that of TPR and TNR.
//! - Random numbers come from a seed alone, and the same seed gives the same intervals.
//!
//! # Limits
//! One label a sample; everything is in memory; predictions are the most probable class.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "array views are small and `Copy`; clippy does not see it through ndarray's types"
)]

mod average;
mod bootstrap;
mod check;
mod comparison;
mod confusion;
mod count;
mod counts;
mod curves;
mod distributions;
mod error;
mod evaluation;
mod folds;
mod holm;
mod intervals;
mod mcnemar;
mod paired;
mod probability;
mod ranking;
mod resampled_t;
mod scored;
mod scores;
pub mod segmentation;
mod summaries;

pub use average::{Average, EmptyClass, macro_average};
pub use bootstrap::{BootstrapConfig, Interval, bootstrap};
pub use comparison::{Comparison, Contest, ModelScores, PairScores, compare};
pub use confusion::ConfusionMatrix;
pub use counts::Counts;
pub use curves::{
    PrCurve, PrPoint, RocCurve, RocPoint, auroc, average_precision, pr_curve, roc_curve,
};
pub use error::{Error, Result};
pub use evaluation::{ClassEvaluation, Evaluation, SCHEMA, evaluate};
pub use folds::{FoldMatrices, MeanRow};
pub use holm::holm;
pub use intervals::{ClassIntervals, Intervals, intervals};
pub use mcnemar::{McNemar, McNemarMethod, mcnemar};
pub use paired::{PairedDifference, PairedIntervals, paired_intervals};
pub use probability::{brier, log_loss, predicted};
pub use resampled_t::{ResampledT, corrected_resampled_t};
pub use scored::{ROW_SUM_TOLERANCE, Scored};
pub use scores::KappaWeights;

/// Holds the README's example to be true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
