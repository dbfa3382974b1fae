//! Which samples train and which test: folds, and one hold-out.

use candle::Device;
use micrograph_sampling::{Folds, Split};

use super::{FoldEpochs, FoldPlan};
use crate::{Error, Readable, Result, Surroundings, TrainConfig, check};

/// One stratified hold-out (by group where groups are known) of all readable samples, as indices
/// into the data set.
///
/// # Errors
/// When `fraction` leaves a side empty.
pub fn hold_out(readable: &Readable, fraction: f64, seed: u64) -> Result<Split> {
    let usable = readable.usable();
    let held = readable.held_out(&usable, fraction, seed)?;
    let pick = |positions: &[usize]| positions.iter().map(|&p| usable[p]).collect();
    Ok(Split { train: pick(&held.split.train), test: pick(&held.split.test) })
}

/// The readable samples and their folds, each of which can be trained and tested; called before
/// work that takes time.
///
/// # Errors
/// When there are fewer samples or groups than folds, a fold leaves nothing to train or test on, the
/// number of epochs is open, and whatever [`check`] refuses, of each fold and of the run that picks
/// the number of epochs.
pub fn check_folds(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
    device: &Device,
) -> Result<(Vec<usize>, Folds)> {
    if plan.folds < 2 {
        let (field, value) = ("folds", plan.folds.to_string());
        return Err(Error::Config { field, value, expected: "at least 2 (--folds)" });
    }
    let fixed = fold_settings(readable, config, plan, device)?;
    let usable = readable.usable();
    let folds = readable.folds_of(&usable, plan.folds, config.seed)?;
    for (number, split) in folds.iter().enumerate() {
        let train: Vec<usize> = split.train.iter().map(|&position| usable[position]).collect();
        if split.test.is_empty() {
            let problem = format!(
                "fold {} of {} has nothing to test on, for want of groups; use fewer folds",
                number + 1,
                plan.folds
            );
            return Err(Error::Data { path: readable.dataset().source.clone(), problem });
        }
        check(&readable.prepare_with(train, Vec::new(), &fixed)?, &fixed, device)?;
    }
    Ok((usable, folds))
}

/// The settings of each fold, with some number of epochs where early stopping picks it.
fn fold_settings(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
    device: &Device,
) -> Result<TrainConfig> {
    if config.model.is_classical() {
        return Ok(config.clone());
    }
    let epochs = configured_epochs(config, plan)?;
    if epochs.is_none() {
        let prepared = readable.prepare(config, &Surroundings::default())?;
        check(&prepared, config, device)?;
        if prepared.validation.is_empty() {
            return Err(Error::Config {
                field: "validation_fraction",
                value: config.validation_fraction.to_string(),
                expected: "above 0, or data with a validation part, on which early stopping picks \
                           the number of epochs; or a number that is fixed (--fixed-epochs)",
            });
        }
    }
    Ok(config.for_folds(epochs.unwrap_or(1)))
}

/// The epochs of each fold where the settings say them; `None` where early stopping picks them.
pub(super) fn configured_epochs(config: &TrainConfig, plan: FoldPlan) -> Result<Option<usize>> {
    match (plan.epochs, config.epochs) {
        (FoldEpochs::EarlyStopping, _) => Ok(None),
        (FoldEpochs::AsConfigured, Some(epochs)) => Ok(Some(epochs)),
        (FoldEpochs::AsConfigured, None) => Err(Error::Config {
            field: "epochs",
            value: "none".into(),
            expected: "a number, or early stopping",
        }),
    }
}
