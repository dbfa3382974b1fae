//! Flags that say nothing to the model at hand are refused, so that nobody thinks they did.

use anyhow::{Result, bail};
use micrograph::train::{ClassicalView, Contender, RunTask, TrainConfig};

use crate::arguments::{DataArguments, LengthArguments, SettingArguments};

/// Refuses what the first of `models` would, where all of them are of one kind and none takes every
/// flag. Where networks and classical models meet, each flag means something to one of them.
pub(super) fn refuse_for_all(
    common: &TrainConfig,
    models: &[Contender],
    length: &LengthArguments,
    flags: &SettingArguments,
) -> Result<()> {
    let classical = models.iter().filter(|model| model.model.is_classical()).count();
    if classical != 0 && classical != models.len() {
        return Ok(());
    }
    let each = models.iter().map(|model| refuse(&model.settings(common), length, flags));
    let results: Vec<Result<()>> = each.collect();
    if results.iter().any(Result::is_ok) {
        return Ok(());
    }
    results.into_iter().next().unwrap_or(Ok(()))
}

/// Refuses the first flag that was given and means nothing to the model of `train`.
pub(super) fn refuse(
    train: &TrainConfig,
    length: &LengthArguments,
    flags: &SettingArguments,
) -> Result<()> {
    let model = train.model;
    let of_classical = [
        ("--classical-input", flags.classical_input.is_some()),
        ("--features", flags.features.is_some()),
    ];
    let of_networks = [
        ("--epochs", length.epochs.is_some()),
        ("--max-minutes", length.max_minutes.is_some()),
        ("--patience", length.patience.is_some()),
        ("--monitor", flags.monitor.is_some()),
        ("--batch-size", flags.batch_size.is_some()),
        ("--learning-rate", flags.learning_rate.is_some()),
        ("--precision", flags.precision.is_some()),
        ("--augment", flags.augment.is_some()),
    ];
    let of_pixels = [
        ("--input-size", flags.input_size.is_some()),
        ("--input-mode", flags.input_mode.is_some()),
        ("--resize", flags.resize.is_some()),
    ];
    let given =
        |flags: &[(&'static str, bool)]| flags.iter().find(|flag| flag.1).map(|flag| flag.0);
    if !model.is_classical() {
        return match given(&of_classical) {
            None if flags.tune && train.head.is_none() => bail!(
                "--tune: {model} is a network; the search is for the settings of a classical model \
                 or of a --head"
            ),
            None => Ok(()),
            Some("--features") if train.head.is_some() => {
                bail!("--features: {model} is a network; its last layer takes --head-features")
            }
            Some(flag) => bail!("{flag}: {model} is a network, which sees pixels; leave it out"),
        };
    }
    if flags.head.is_some() {
        bail!(
            "--head: {model} is a classical model, which has no last layer; leave it out, or take a \
             network"
        );
    }
    if let Some(flag) = given(&of_networks) {
        bail!("{flag}: {model} is fitted in one go, without epochs and steps; leave it out");
    }
    if train.classical.input == ClassicalView::Pixels {
        return match flags.features.is_some() {
            false => Ok(()),
            true => {
                bail!("--features: {model} is to see pixels; leave it, or --classical-input, out")
            }
        };
    }
    match given(&of_pixels) {
        None => Ok(()),
        Some(flag) => bail!(
            "{flag}: features are measured on the original image inside the mask; leave it out, or \
             take --classical-input pixels"
        ),
    }
}

/// Refuses flags of segmentation where images are classified.
pub(super) fn refuse_of_segmentation(flags: &SettingArguments) -> Result<()> {
    if flags.task == Some(RunTask::Segment) {
        bail!("--task segment: folds and comparisons are of classifiers; use micrograph train");
    }
    let given = [("--crop-size", flags.crop_size.is_some()), ("--window", flags.window.is_some())];
    refuse_given(&given)
}

/// Refuses what is told of masks where images are classified.
pub(super) fn refuse_of_masks(flags: &DataArguments) -> Result<()> {
    let given = [
        ("--masks", flags.masks.is_some()),
        ("--classes", flags.classes.is_some()),
        ("--order", flags.order.is_some()),
    ];
    refuse_given(&given)
}

fn refuse_given(given: &[(&str, bool)]) -> Result<()> {
    match given.iter().find(|flag| flag.1) {
        Some((flag, _)) => {
            bail!("{flag}: is of segmentation, and the task is to classify; leave it out")
        }
        None => Ok(()),
    }
}
