//! Classical classifiers over feature matrices: support vector machines as LIBSVM, random forests
//! as Breiman, scalers, and the floors of every table.
//!
//! Settings ([`SvmConfig`], [`NuSvmConfig`], [`ForestConfig`], [`TreeConfig`], [`Lda`],
//! [`Logistic`], [`NearestNeighbors`], [`NearestCentroid`], [`Wnd`], [`Dummy`]) are fitted through
//! [`Fit`] to [`Samples`], which are checked once; what comes out is a [`Classifier`] that predicts
//! classes and probabilities, and a value that serde saves, and checks when it is read.
//! [`Scaling`] brings features to one scale; machines need it, trees do not. [`Pca`] and
//! [`Selection`] make them fewer. A [`Pipeline`] is all three, by name; [`Pipeline::tuned`] finds
//! its best settings by cross-validation, and what that is worth by a nested one, a [`Search`] does
//! so among any pipelines; a [`Combination`] makes one of many.
//!
//! ```
//! use micrograph_classic::{Classifier, Fit, Samples, Scaling, SvmConfig};
//! use ndarray::array;
//!
//! // Width in nm and circularity of liposomes; the class is lamellarity.
//! let x = array![[80.0, 0.9], [95.0, 0.8], [90.0, 0.9], [160.0, 0.6], [180.0, 0.5], [170.0, 0.7]];
//! let scaler = Scaling::Standard.fit(x.view())?;
//! let scaled = scaler.transform(x.view())?;
//! let samples = Samples::new(scaled.view(), &[0, 0, 0, 1, 1, 1], 2)?;
//! let model = SvmConfig::default().fit(&samples, 0)?;
//!
//! let new = scaler.transform(array![[100.0, 0.8], [165.0, 0.6]].view())?;
//! assert_eq!(model.predict(new.view())?, [0, 1]);
//! # Ok::<(), micrograph_classic::Error>(())
//! ```
//!
//! # Decisions
//! - Predictions agree with scikit-learn's where it has the same classifier and nothing is drawn;
//!   the tests hold them to it.
//! - Everything drawn follows from a `u64` seed, and work is divided in the same way whatever the
//!   number of threads: the same bits come out.
//! - A class without samples stays a class: it has probability 0.
//! - NaN and infinite features are errors that name sample and feature.
//!
//! # Features
//! `linfa`: every classifier behind linfa's `Fit` and `Predict` (module `linfa`).
//!
//! # Limits
//! Dense matrices in memory; a label a sample; weights of classes, not of samples.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "array views are small and `Copy`; clippy does not see it through ndarray's types"
)]

mod candidates;
mod centroid;
mod classifier;
mod combine;
mod covariance;
mod default_grid;
mod dummy;
mod error;
mod fisher;
mod forest;
mod lda;
mod linear;
#[cfg(feature = "linfa")]
pub mod linfa;
mod logistic;
mod method;
mod minimize;
mod neighbors;
mod pca;
mod permutation;
mod pipeline;
mod random;
mod reduction;
mod samples;
mod saved;
mod scaler;
mod search;
mod selection;
mod svm;
mod symmetric;
mod tune;
mod wnd;

pub use candidates::{Range, Setting, grid, random_candidates};
pub use centroid::NearestCentroid;
pub use classifier::{Classifier, Fit};
pub use combine::Combination;
pub use dummy::{Dummy, DummyModel};
pub use error::{Error, Result};
pub use fisher::{fisher_scores, rank_by_fisher};
pub use forest::{ForestConfig, ForestModel, MaxFeatures, OutOfBag, TreeConfig, TreeModel};
pub use lda::Lda;
pub use linear::LinearModel;
pub use logistic::Logistic;
pub use method::{AnyModel, Method};
pub use neighbors::{NearestNeighbors, NearestNeighborsModel};
pub use pca::{Pca, PcaModel};
pub use permutation::{PermutationImportance, permutation_importances};
pub use pipeline::{Pipeline, PipelineModel};
pub use reduction::{Reduced, Reduction};
pub use samples::{ClassWeights, Samples};
pub use scaler::{Scaler, Scaling};
pub use search::{NestedFold, Score, Search, SearchResult};
pub use selection::{Selected, Selection};
pub use svm::{
    Gamma, Kernel, NuSvmConfig, OneClassConfig, OneClassModel, Probability, SigmoidWeights,
    SvmConfig, SvmModel,
};
pub use tune::{Candidates, Tried, Tuned, Tuning};
pub use wnd::{Wnd, WndModel};

/// Holds the README's example to be true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
