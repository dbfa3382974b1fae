//! The loss that a run's data and settings ask for.

use micrograph_ops::CrossEntropyConfig;
use micrograph_sampling::class_weights;

use crate::{Balance, Prepared, Result, TrainConfig};

pub(crate) fn loss(prepared: &Prepared, config: &TrainConfig) -> Result<CrossEntropyConfig> {
    let class_weights = loss_weights(prepared, config)?;
    let smoothing = config.label_smoothing;
    Ok(CrossEntropyConfig { class_weights, smoothing, ..Default::default() })
}

/// What a sample of each class weighs in the loss, where not all weigh the same: the product of the
/// weights of [`Balance::Weights`] and of the costs.
pub(crate) fn loss_weights(prepared: &Prepared, config: &TrainConfig) -> Result<Option<Vec<f32>>> {
    let n_classes = prepared.dataset.classes.len();
    let balance = config.remedy();
    if balance != Balance::Weights && config.costs.is_none() {
        return Ok(None);
    }
    let mut weights = vec![1.0; n_classes];
    if balance == Balance::Weights {
        let labels: Vec<u32> = prepared.train.iter().map(|&i| prepared.labels[i]).collect();
        weights = class_weights(&labels, n_classes, config.class_weighting)?;
    }
    if let Some(costs) = &config.costs {
        for (weight, cost) in weights.iter_mut().zip(costs.class_weights()) {
            *weight *= cost;
        }
    }
    Ok(Some(weights.into_iter().map(|weight| weight as f32).collect()))
}
