//! The model bundle, the classifier and the segmenter: everything that prediction needs, and nothing more.
//!
//! A bundle is a folder with two files.
//! `model.safetensors` holds the weights of a network, a fitted classical model, or both where the
//! one stands in the place of the other's last layer; `model.toml` says what they are: the network,
//! the classifier and its features; the class names, how an image becomes an input, the seed and a
//! fingerprint of the data.
//! The weights carry short digests of the samples that they have seen ([`SeenSamples`]).
//! [`Classifier::load`] refuses a damaged or foreign bundle with a message that names the file.
//!
//! ```no_run
//! use micrograph_image::Limits;
//! use micrograph_model::Classifier;
//!
//! let classifier = Classifier::load("runs/pneumonia".as_ref())?;
//! let prediction = classifier.predict_file("patient-7.jpeg".as_ref(), &Limits::default())?;
//! assert!((prediction.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
//! # Ok::<(), micrograph_model::Error>(())
//! ```
#![forbid(unsafe_code)]

pub mod bundle;
mod checksum;
mod classifier;
mod device;
mod error;
mod headed;
mod input;
mod kind;
mod manifest;
mod predictor;
mod seen;
mod segmentation;
mod sizes;
mod test_time;

pub use classifier::{Classifier, Prediction};
pub use device::DeviceName;
pub use error::{Error, Result};
pub use headed::head_rows;
pub use input::{ClassicalInput, FeatureInput, Input, Lengths, PreparedInput};
pub use kind::{ClassicalConfig, HeadConfig, HeadedConfig, ModelConfig};
pub use manifest::{FORMAT, Manifest, Provenance};
pub use predictor::{Predictor, probabilities};
pub use seen::{SeenIn, SeenSamples};
pub use segmentation::{
    FrameStatistics, PixelSource, Pixels, Segmenter, SegmenterInput, SegmenterManifest, Tiles,
    Tiling, most_probable, pixel_probabilities,
};
pub use sizes::batch;
pub use test_time::TestTime;
