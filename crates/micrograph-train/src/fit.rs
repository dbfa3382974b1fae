//! The training of a classifier: from prepared data to the model with the best weights.

use micrograph_classic::Tuned;
use micrograph_model::bundle::sha256_hex;
use micrograph_model::{Classifier, bundle};

use crate::classification::Classification;
use crate::manifest::manifest;
use crate::origin::OfRun;
use crate::ready::Ready;
use crate::trainer::{Trained, train};
use crate::{
    Ended, Error, History, Prepared, Result, RunFolder, Start, Surroundings, TrainConfig, classical,
};

/// A finished run.
#[derive(Debug)]
pub struct Fitted {
    /// The classifier with the weights of the best epoch.
    pub classifier: Classifier,
    /// Epoch by epoch.
    pub history: History,
    /// Why it ended.
    pub ended: Ended,
    /// The search for the settings of the classical model, where there was one.
    pub tuned: Option<Tuned>,
    /// Wall-clock seconds, over all processes of the run.
    pub seconds: f64,
}

/// Trains the network, or fits the classical model, of `prepared`; of a network with a head, first the
/// one, then the other.
///
/// With a folder, the bundle stands there at the end. Of a network the state is saved after each epoch
/// and every so often within; the fit of a classical model is one step, which begins again.
///
/// # Errors
/// [`Error::Stopped`] after a stop from outside, with the state saved; [`Error::Diverged`];
/// [`Error::DataChanged`] when a resumed run finds other data; errors of reading and writing.
pub fn fit(
    prepared: &Prepared,
    config: &TrainConfig,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<Fitted> {
    if config.model.is_classical() {
        return classical::fit(prepared, config, folder, around);
    }
    let Ready { network, optimizer, loss } = Ready::new(prepared, config, &around.device)?;
    let task = Classification { prepared, config, network, loss, around };
    let origin = OfRun::new(prepared, config, &around.device);
    let source = &prepared.dataset.source;
    let trained = train(task, (optimizer, origin), (source, folder), around)?;
    finish(trained, folder.map(|(folder, _)| folder))
}

/// Fits a head where there is one, and writes the bundle.
fn finish(trained: Trained<Classification<'_>>, folder: Option<&RunFolder>) -> Result<Fitted> {
    let Trained { task, history, ended, seconds, finishing } = trained;
    let Classification { prepared, config, network, around, .. } = task;
    let stopped = |error: Error| match folder {
        Some(folder) => error.stopped_in("the fit of the last layer", folder.path(), "train"),
        None => error,
    };
    let mut manifest = manifest(prepared, config, &history);
    let (predictor, tuned) =
        classical::fit_head(prepared, config, network, around).map_err(stopped)?;
    manifest.model.set_tuned(tuned.as_ref());
    if config.head.is_some() {
        let measured = classical::validated(prepared, &predictor, around);
        manifest.metrics = measured.map_err(stopped)?;
    }
    match folder {
        Some(folder) => {
            folder.write_metrics(&history.epochs)?;
            manifest = bundle::save(folder.path(), &manifest, &predictor, &prepared.seen)?;
        }
        None => {
            manifest.weights_sha256 = sha256_hex(&predictor.to_bytes(&prepared.seen)?);
        }
    }
    let classifier = Classifier::new(manifest, predictor, around.device.clone());
    let seconds = seconds + finishing.elapsed().as_secs_f64();
    Ok(Fitted { classifier, history, ended, tuned, seconds })
}
