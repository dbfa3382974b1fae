//! All that can be refused before the first step, in one place: what is checked before an older run
//! is removed is what the training itself begins with.

use candle::{DType, Device};
use micrograph_nn::{ClassificationNetwork, Optimizer, build};
use micrograph_ops::CrossEntropyConfig;

use crate::loss::loss;
use crate::plan::epoch_batches;
use crate::{Balance, Error, Prepared, Result, TrainConfig, classical};

/// What a run needs besides its data.
pub(crate) struct Ready {
    pub(crate) network: Box<dyn ClassificationNetwork>,
    pub(crate) optimizer: Optimizer,
    pub(crate) loss: CrossEntropyConfig,
}

impl Ready {
    pub(crate) fn new(prepared: &Prepared, config: &TrainConfig, device: &Device) -> Result<Self> {
        config.validate()?;
        config.precision.check(device)?;
        if config.patience.is_some() && prepared.validation.is_empty() {
            return Err(Error::Config {
                field: "patience",
                value: "set".into(),
                expected: "nothing without a validation part: no epoch can be told to be better",
            });
        }
        let Some(network) = prepared.model.network() else {
            let (field, value) = ("model", config.model.to_string());
            return Err(Error::Config { field, value, expected: "a network" });
        };
        let network = build(network, config.seed, DType::F32, device)?;
        let optimizer = Optimizer::new(config.optimizer.clone(), network.parameters())?;
        let loss = loss(prepared, config)?;
        epoch_batches(prepared, config, 0)?;
        Ok(Self { network, optimizer, loss })
    }
}

/// Refuses what [`fit`](crate::fit) would refuse before its first step; called before work that
/// takes time, and before an older run is removed.
///
/// # Errors
/// When a setting is out of range for these data: patience without a validation part, weight decay
/// for parameters that do not exist, weights of classes without samples, a precision that `device`
/// has not.
pub fn check(prepared: &Prepared, config: &TrainConfig, device: &Device) -> Result<()> {
    let rows_are_resampled = config.balance == Balance::Resample;
    if rows_are_resampled {
        let n_classes = prepared.dataset.classes.len();
        config.classical.resampler.check(&prepared.training_labels(), n_classes)?;
    }
    classical::check_tuning(prepared, config)?;
    if config.model.is_classical() {
        return config.validate();
    }
    Ready::new(prepared, config, device).map(drop)
}
