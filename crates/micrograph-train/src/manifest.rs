//! What a bundle says of the run that made it.

use std::collections::BTreeMap;

use micrograph_model::{FORMAT, Manifest, Provenance};

use crate::{History, Prepared, TrainConfig};

/// The manifest of the best epoch's weights, without their digest.
pub(crate) fn manifest(prepared: &Prepared, config: &TrainConfig, history: &History) -> Manifest {
    let best = history.best.and_then(|index| history.epochs.get(index));
    let mut metrics = BTreeMap::new();
    if let Some(validation) = best.and_then(|record| record.validation.as_ref()) {
        metrics.insert("validation_loss".to_owned(), validation.loss);
        metrics.insert("validation_accuracy".to_owned(), validation.accuracy);
        metrics.insert("validation_balanced_accuracy".to_owned(), validation.balanced_accuracy);
        metrics.extend(validation.auroc.map(|value| ("validation_auroc".to_owned(), value)));
    }
    manifest_with(prepared, config, best.map_or(0, |record| record.epoch), metrics)
}

/// The manifest of weights that have seen so many epochs, without their digest.
pub(crate) fn manifest_with(
    prepared: &Prepared,
    config: &TrainConfig,
    epochs: usize,
    metrics: BTreeMap<String, f64>,
) -> Manifest {
    Manifest {
        format: FORMAT,
        micrograph: env!("CARGO_PKG_VERSION").to_owned(),
        classes: prepared.dataset.classes.clone(),
        weights_sha256: String::new(),
        model: prepared.model.clone(),
        preprocessing: prepared.preprocessing.clone(),
        training: Provenance {
            seed: config.seed,
            epochs,
            data_fingerprint: prepared.fingerprint.clone(),
            training_samples: prepared.dataset.class_counts(&prepared.train),
            masked_samples: prepared.dataset.masked(&prepared.train),
        },
        metrics,
    }
}
