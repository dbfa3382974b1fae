//! Networks whose last layer is a classical model: what that takes.

use candle::Device;
use micrograph_nn::ClassificationNetwork;
use ndarray::Array2;

use crate::predictor::{matrix, pixels};
use crate::sizes::rows;
use crate::{Error, Input, Result};

/// What a classical model takes in the place of the last layer of `network`, `(n, length)`, a sample
/// a row: its embedding ([`ClassificationNetwork::embedding`]), then its features where it has any.
///
/// # Errors
/// When an input has no pixels, or others than the network takes, when samples have different
/// numbers of features, or an embedding is not finite.
pub fn head_rows(
    network: &dyn ClassificationNetwork,
    inputs: &[Input],
    device: &Device,
) -> Result<Array2<f64>> {
    if inputs.is_empty() {
        return Ok(Array2::zeros((0, network.embedding_length())));
    }
    let embeddings = rows(network, &pixels(inputs)?, device, |xs| network.embedding(xs))?;
    if embeddings.iter().flatten().any(|value| !value.is_finite()) {
        return Err(Error::NotFinite);
    }
    let row = |(embedding, input): (&Vec<f32>, &Input)| {
        let embedding = embedding.iter().map(|&value| f64::from(value));
        embedding.chain(input.features().iter().copied()).collect()
    };
    matrix(embeddings.iter().zip(inputs).map(row).collect())
}
