//! The readable half of a bundle: `model.toml`.

use std::collections::BTreeMap;

use micrograph_image::{Image, Preprocessing};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::{ModelConfig, PreparedInput, Result};

/// The bundle format that this version writes and reads.
pub const FORMAT: u32 = 4;

/// What a set of weights is: model, classes, preparation of the input, and where it comes from.
///
/// Written as TOML; every field that prediction needs is in it, so that weights and manifest
/// together are all that has to be copied. In the file a line with the checksum of the others
/// stands before it: a manifest that was damaged, or changed by hand, is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The bundle format, [`FORMAT`].
    pub format: u32,
    /// The version of micrograph that wrote it.
    pub micrograph: String,
    /// Class names; the position is the class index and the column of the model's output.
    pub classes: Vec<String>,
    /// SHA-256 of `model.safetensors`, in hexadecimal.
    pub weights_sha256: String,
    /// The network, the classical model and what it looks at, or a network that ends in one.
    pub model: ModelConfig,
    /// From an image as read to the pixels that the model sees; of a model over features, the
    /// channels in which they are measured, and how its images are shown.
    pub preprocessing: Preprocessing,
    /// Where the weights come from.
    pub training: Provenance,
    /// Measures on the validation part at the epoch of these weights.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
}

/// Where weights come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// The seed of the run.
    pub seed: u64,
    /// The number of epochs that these weights have seen; 0 of a classical model.
    pub epochs: usize,
    /// SHA-256 over the samples that the run used: names, labels, groups, contents.
    pub data_fingerprint: String,
    /// Training samples per class, in class order.
    pub training_samples: Vec<usize>,
    /// How many of them had a mask: a model that has seen cut-out objects wants masks again.
    pub masked_samples: usize,
}

impl Manifest {
    /// Makes a sample ready for the model; `mask` is true on the object.
    ///
    /// # Errors
    /// As [`ModelConfig::prepare`].
    pub fn prepare(
        &self,
        image: &Image,
        mask: Option<ArrayView2<'_, bool>>,
    ) -> Result<PreparedInput> {
        self.model.prepare(&self.preprocessing, image, mask)
    }

    /// Column of the model's output for each class of `data`, by name.
    ///
    /// Data with fewer classes than the model maps into it; a class that the model does not know
    /// is an error that lists both sides.
    ///
    /// # Errors
    /// [`Error::Classes`](crate::Error::Classes).
    pub fn map_classes(&self, data: &[String]) -> Result<Vec<u32>> {
        let position = |name: &String| self.classes.iter().position(|class| class == name);
        let unknown: Vec<String> =
            data.iter().filter(|name| position(name).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(crate::Error::Classes {
                unknown,
                data: data.to_vec(),
                model: self.classes.clone(),
            });
        }
        Ok(data.iter().filter_map(position).map(|index| index as u32).collect())
    }
}
