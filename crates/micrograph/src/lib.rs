//! Classification and segmentation of biomedical images: the libraries of micrograph under one name.
//!
//! Each module is a crate of its own, which can also be used alone; each stands behind a feature of
//! the same name, and the default is everything on a CPU.
//!
//! ```no_run
//! use micrograph::image::Limits;
//! use micrograph::model::Classifier;
//!
//! let classifier = Classifier::load("runs/liposomes".as_ref())?;
//! let prediction = classifier.predict_file("liposome.tif".as_ref(), &Limits::default())?;
//! println!("{} {:.3}", prediction.class, prediction.probability);
//! # Ok::<(), micrograph::model::Error>(())
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "augment")]
pub use micrograph_augment as augment;
#[cfg(feature = "classic")]
pub use micrograph_classic as classic;
#[cfg(feature = "features")]
pub use micrograph_features as features;
#[cfg(feature = "image")]
pub use micrograph_image as image;
#[cfg(feature = "metrics")]
pub use micrograph_metrics as metrics;
#[cfg(feature = "model")]
pub use micrograph_model as model;
#[cfg(feature = "nn")]
pub use micrograph_nn as nn;
#[cfg(feature = "nn")]
pub use micrograph_ops as ops;
#[cfg(feature = "report")]
pub use micrograph_report as report;
#[cfg(feature = "sampling")]
pub use micrograph_sampling as sampling;
#[cfg(feature = "segment")]
pub use micrograph_segment as segment;
#[cfg(feature = "train")]
pub use micrograph_train as train;
