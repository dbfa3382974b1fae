//! A classical model in the place of a network's last layer: its fit, and what it says.

use micrograph_classic::Tuned;
use micrograph_model::{HeadedConfig, Input, ModelConfig, Predictor, head_rows};
use micrograph_nn::ClassificationNetwork;
use ndarray::{Array2, Axis, concatenate};

use super::fit::fit_rows;
use crate::loader::{Source, for_each_batch};
use crate::plan::Appearance;
use crate::{Error, Event, Prepared, Result, Surroundings, TrainConfig};

/// Images per forward pass.
const BATCH: usize = 32;

/// The trained `network` with the head that the settings ask for, fitted to the training samples as
/// they are; without one the network alone.
///
/// One step, the same bits whenever it is taken.
pub(crate) fn fit_head(
    prepared: &Prepared,
    config: &TrainConfig,
    network: Box<dyn ClassificationNetwork>,
    around: &Surroundings<'_>,
) -> Result<(Predictor, Option<Tuned>)> {
    let ModelConfig::Headed(HeadedConfig { head, .. }) = &prepared.model else {
        return Ok((Predictor::Network(network), None));
    };
    let embed = |inputs: &[Input]| Ok(head_rows(network.as_ref(), inputs, &around.device)?);
    let x = of_each(prepared, &prepared.train, around, embed)?;
    let (head, tuned) = fit_rows(&head.pipeline, x, (prepared, config), around)?;
    Ok((Predictor::Headed { network, head: Box::new(head) }, tuned))
}

/// Class probabilities of samples, whose features may have been measured before.
pub(super) fn probabilities(
    prepared: &Prepared,
    predictor: &Predictor,
    samples: &[usize],
    around: &Surroundings<'_>,
) -> Result<Array2<f64>> {
    of_each(
        prepared,
        samples,
        around,
        |inputs| Ok(predictor.probabilities(inputs, &around.device)?),
    )
}

/// What `work` makes of samples, batch by batch, a sample a row.
fn of_each(
    prepared: &Prepared,
    samples: &[usize],
    around: &Surroundings<'_>,
    work: impl Fn(&[Input]) -> Result<Array2<f64>>,
) -> Result<Array2<f64>> {
    let features = prepared.rows(samples, around)?;
    let mut features = features.outer_iter();
    let Prepared { dataset, preprocessing, .. } = prepared;
    let source = Source { dataset, preprocessing, augment: None };
    let order: Vec<Appearance> =
        samples.iter().map(|&sample| Appearance { sample, copy: 0 }).collect();
    let mut parts = Vec::new();
    around.tell(Event::Began { task: "embedding", total: samples.len() });
    for_each_batch(source, &order, BATCH, around.threads, |batch| {
        if around.stopping() {
            return Err(Error::Interrupted);
        }
        let input = |pixels| match features.next() {
            Some(row) => Input::Fused { pixels, features: row.to_vec() },
            None => Input::Pixels(pixels),
        };
        let inputs: Vec<Input> = batch.inputs.into_iter().map(input).collect();
        parts.push(work(&inputs)?);
        inputs.iter().for_each(|_| around.tell(Event::Advanced));
        Ok(())
    })?;
    around.tell(Event::Ended);
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    // Batches give rows of one length.
    Ok(concatenate(Axis(0), &views).unwrap_or_default())
}
