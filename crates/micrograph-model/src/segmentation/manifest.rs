//! The readable half of a segmenter's bundle: `model.toml`.

use std::collections::BTreeMap;

use micrograph_image::{ClassTable, MaskKind};
use micrograph_nn::SegmenterConfig;
use serde::{Deserialize, Serialize};

use super::SegmenterInput;
use crate::bundle::Kind;
use crate::{Provenance, TestTime};

/// What a segmenter is: network, classes, preparation of frames, and where it comes from.
///
/// As the [`Manifest`](crate::Manifest) of a classifier, but for `kind`, by which the two are told
/// apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmenterManifest {
    /// Always [`Kind::Segmenter`], `segmentation` in the file.
    pub kind: Kind,
    /// The bundle format, [`FORMAT`](crate::FORMAT).
    pub format: u32,
    /// The version of micrograph that wrote it.
    pub micrograph: String,
    /// Class names; the first is the background. The position is the class index.
    pub classes: Vec<String>,
    /// What the masks of the training data stood for.
    pub masks: MaskKind,
    /// Which value of these masks was which class, so that masks of other data are read alike.
    pub table: ClassTable,
    /// SHA-256 of `model.safetensors`, in hexadecimal.
    pub weights_sha256: String,
    /// Over which copies of an image predictions are averaged unless others are asked for: those
    /// that training has seen.
    pub test_time: TestTime,
    /// The network.
    pub network: SegmenterConfig,
    /// From frames as read to what the network sees.
    pub input: SegmenterInput,
    /// Where the weights come from.
    pub training: Provenance,
    /// Measures on the validation part at the epoch of these weights.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
}
