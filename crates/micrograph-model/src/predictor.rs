//! The numbers of a model, of whatever kind: as bytes, and at work.

use std::collections::HashMap;
use std::path::Path;

use candle::{DType, Device, Tensor};
use micrograph_classic::{Classifier as _, PipelineModel};
use micrograph_nn::{ClassificationNetwork, LipNetConfig, Mode, Network, build};
use ndarray::{Array2, Array3};
use safetensors::SafeTensors;

use crate::bundle::{one_line, tensors_from_bytes};
use crate::headed::head_rows;
use crate::sizes::rows;
use crate::{Error, HeadedConfig, Input, Manifest, ModelConfig, Result, SeenSamples};

/// The tensor in which a classical model stands.
const PIPELINE: &str = "pipeline";

/// What predicts: a network with its weights, a fitted classical model, or both.
pub enum Predictor {
    /// Logits from pixels.
    Network(Box<dyn ClassificationNetwork>),
    /// Probabilities from pixels or features.
    Classical(Box<PipelineModel>),
    /// Probabilities from pixels, or pixels and features.
    Headed {
        /// What makes an embedding of pixels.
        network: Box<dyn ClassificationNetwork>,
        /// What classifies it, with the features behind it.
        head: Box<PipelineModel>,
    },
}

impl std::fmt::Debug for Predictor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Network(_) => "Network",
            Self::Classical(_) => "Classical",
            Self::Headed { .. } => "Headed",
        })
    }
}

impl Predictor {
    /// The numbers as the bytes of a safetensors file, with the samples that they have seen as its
    /// metadata; equal numbers and samples give equal bytes.
    ///
    /// A classical model is one tensor of bytes, `pipeline`, which hold it as CBOR (RFC 8949); that
    /// of a network's last layer stands beside the network's tensors.
    ///
    /// # Errors
    /// When a tensor cannot be serialized.
    pub fn to_bytes(&self, seen: &SeenSamples) -> Result<Vec<u8>> {
        let tensors = match self {
            Self::Network(network) => network.parameters().to_tensors(),
            Self::Classical(model) => vec![to_tensor(model)?],
            Self::Headed { network, head } => {
                let mut tensors = network.parameters().to_tensors();
                tensors.push(to_tensor(head)?);
                tensors
            }
        };
        let bytes = safetensors::serialize(tensors, seen.to_metadata());
        Ok(bytes.map_err(candle::Error::from)?)
    }

    /// The model that `manifest` describes, from the bytes of the file at `path`.
    pub(crate) fn from_bytes(
        manifest: &Manifest,
        bytes: &[u8],
        (path, device): (&Path, &Device),
    ) -> Result<Self> {
        let unfit = |reason| Error::Weights { path: path.to_path_buf(), reason };
        let network = |config: &LipNetConfig| {
            let network = build(config, 0, DType::F32, device)?;
            let mut tensors: HashMap<String, Tensor> = tensors_from_bytes(bytes, path, device)?;
            if matches!(manifest.model, ModelConfig::Headed(_)) {
                tensors.remove(PIPELINE);
            }
            network.parameters().load(&tensors).map_err(|error| unfit(one_line(&error)))?;
            Ok::<_, Error>(network)
        };
        let classical = || {
            let model = classical_from_bytes(bytes).map_err(unfit)?;
            check_shape(manifest, &model, unfit)?;
            Ok::<_, Error>(Box::new(model))
        };
        Ok(match &manifest.model {
            ModelConfig::Network(config) => Self::Network(network(config)?),
            ModelConfig::Classical(_) => Self::Classical(classical()?),
            ModelConfig::Headed(HeadedConfig { network: config, .. }) => {
                Self::Headed { network: network(config)?, head: classical()? }
            }
        })
    }

    /// How many classes it tells apart.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        match self {
            Self::Network(network) => network.n_classes(),
            Self::Classical(model) => model.n_classes(),
            Self::Headed { head, .. } => head.n_classes(),
        }
    }

    /// Class probabilities `(n, classes)`; a classical model takes pixels as rows, too.
    ///
    /// # Errors
    /// When an input has another shape than the model takes, or the output is not finite.
    pub fn probabilities(&self, inputs: &[Input], device: &Device) -> Result<Array2<f64>> {
        if inputs.is_empty() {
            return Ok(Array2::zeros((0, self.n_classes())));
        }
        match self {
            Self::Network(network) => of_network(network.as_ref(), &pixels(inputs)?, device),
            Self::Classical(model) => {
                let rows = inputs.iter().map(|input| input.clone().into_row()).collect();
                Ok(model.probabilities(matrix(rows)?.view())?)
            }
            Self::Headed { network, head } => {
                let rows = head_rows(network.as_ref(), inputs, device)?;
                Ok(head.probabilities(rows.view())?)
            }
        }
    }
}

fn to_tensor(model: &PipelineModel) -> Result<(String, Tensor)> {
    let mut cbor = Vec::new();
    ciborium::into_writer(model, &mut cbor)
        .map_err(|error| Error::Encode { reason: one_line(&error) })?;
    let length = cbor.len();
    Ok((PIPELINE.to_owned(), Tensor::from_vec(cbor, length, &Device::Cpu)?))
}

/// The image of each input.
pub(crate) fn pixels(inputs: &[Input]) -> Result<Vec<&Array3<f32>>> {
    let absent = |input: &Input| Error::NoPixels { features: input.features().len() };
    inputs.iter().map(|input| input.pixels().ok_or_else(|| absent(input))).collect()
}

/// A sample a row.
pub(crate) fn matrix(rows: Vec<Vec<f64>>) -> Result<Array2<f64>> {
    let (n, expected) = (rows.len(), rows.first().map_or(0, Vec::len));
    if let Some(row) = rows.iter().find(|row| row.len() != expected) {
        let got = row.len();
        return Err(micrograph_classic::Error::Features { expected, got }.into());
    }
    // All rows have one length, so the shape fits.
    Ok(Array2::from_shape_vec((n, expected), rows.concat()).unwrap_or_default())
}

fn classical_from_bytes(bytes: &[u8]) -> Result<PipelineModel, String> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| format!("not a safetensors file: {}", one_line(&error)))?;
    let tensor = file.tensor(PIPELINE).map_err(|_| {
        format!("expected a classical model in the tensor `{PIPELINE}`; train again")
    })?;
    ciborium::from_reader(tensor.data()).map_err(|error| {
        let error = one_line(&error);
        format!("not a classical model of this version of micrograph ({error}); train again")
    })
}

/// Refuses a model that takes other inputs, or tells other classes apart, than the manifest says.
fn check_shape(
    manifest: &Manifest,
    model: &PipelineModel,
    unfit: impl Fn(String) -> Error,
) -> Result<()> {
    let expected = manifest.model.check_columns(&manifest.preprocessing)?;
    if model.n_features() != expected {
        let found = model.n_features();
        return Err(unfit(format!("a model of {found} features, the manifest has {expected}")));
    }
    let (found, expected) = (model.n_classes(), manifest.classes.len());
    if found != expected {
        return Err(unfit(format!("a model of {found} classes, the manifest has {expected}")));
    }
    Ok(())
}

/// Class probabilities `(n, classes)` of prepared inputs `(c, h, w)`, the network in evaluation
/// mode; the inputs may have different sizes where the network takes them, and what is said of one
/// does not depend on the others, but for the last bit.
///
/// # Errors
/// [`Error::Input`] when an input has a shape that the network does not take,
/// [`Error::NotFinite`] when the output is not a number.
pub fn probabilities(
    network: &dyn Network,
    inputs: &[Array3<f32>],
    device: &Device,
) -> Result<Array2<f64>> {
    of_network(network, &inputs.iter().collect::<Vec<_>>(), device)
}

fn of_network(
    network: &dyn Network,
    inputs: &[&Array3<f32>],
    device: &Device,
) -> Result<Array2<f64>> {
    let k = network.n_classes();
    if inputs.is_empty() {
        return Ok(Array2::zeros((0, k)));
    }
    let logits = rows(network, inputs, device, |xs| network.forward(xs, Mode::Evaluate))?;
    let logits = Array2::from_shape_fn((inputs.len(), k), |(i, j)| f64::from(logits[i][j]));
    if logits.iter().all(|z| z.is_finite()) {
        Ok(softmax_rows(logits))
    } else {
        Err(Error::NotFinite)
    }
}

/// Softmax of each row in f64, the largest logit subtracted first.
fn softmax_rows(mut logits: Array2<f64>) -> Array2<f64> {
    for mut row in logits.rows_mut() {
        let largest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        row.mapv_inplace(|z| (z - largest).exp());
        let sum = row.sum();
        row /= sum;
    }
    logits
}
