//! k-fold cross-validation as in the LipNet thesis, sections 5.4 and 8.1.
//!
//! Early stopping on a held-out part picks the number of epochs; then each fold trains for that
//! number, its training part balanced, its test part left alone.

use std::collections::BTreeSet;

use micrograph_metrics::{ConfusionMatrix, Evaluation, FoldMatrices, predicted};
use micrograph_sampling::{
    Folds, Split, stratified_group_hold_out, stratified_group_k_fold, stratified_hold_out,
    stratified_k_fold,
};

use crate::{
    Error, Event, Fitted, Predictions, Readable, Result, Surroundings, TrainConfig, fit,
    predict_samples,
};

/// How folds are made and how long they train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldPlan {
    /// The number of folds, at least 2; the thesis takes 5.
    pub folds: usize,
    /// How many epochs each fold trains.
    pub epochs: FoldEpochs,
}

/// How many epochs each fold trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldEpochs {
    /// The best epoch of one run with a held-out validation part, of at most `config.epochs`.
    EarlyStopping,
    /// As many as the settings say.
    AsConfigured,
}

/// What cross-validation gives.
#[derive(Debug, Clone)]
pub struct CrossValidation {
    /// Each sample once, predicted by the network that did not see it.
    pub out_of_fold: Predictions,
    /// Measures of these predictions.
    pub evaluation: Evaluation,
    /// Measures of each fold.
    pub folds: Vec<Evaluation>,
    /// Raw and row-normalized confusion matrices, averaged over folds (thesis, Tables 6-10).
    pub matrices: FoldMatrices,
    /// Epochs that each fold trained.
    pub epochs: usize,
    /// Mean wall-clock seconds of an epoch.
    pub seconds_per_epoch: f64,
    /// Warnings, such as classes with fewer samples than folds.
    pub notices: Vec<String>,
}

/// Cross-validates `config` on all readable samples; a test part is not among them.
///
/// # Errors
/// When there are fewer samples or groups than folds, and as [`fit`].
pub fn cross_validate(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
    around: &Surroundings<'_>,
) -> Result<CrossValidation> {
    let (usable, folds) = check_folds(readable, config, plan)?;
    let mut notices = readable.notices().to_vec();
    for warning in &folds.warnings {
        let text = readable.describe(warning);
        around.tell(Event::Notice(&text));
        notices.push(text);
    }
    let epochs = number_of_epochs(readable, config, plan.epochs, around)?;
    let fixed =
        TrainConfig { epochs: Some(epochs), patience: None, max_minutes: None, ..config.clone() };
    let mut predictions = Vec::new();
    let mut seconds = 0.0;
    for (number, split) in folds.iter().enumerate() {
        around.tell(Event::Notice(&format!("fold {} of {}", number + 1, plan.folds)));
        let pick = |positions: &[usize]| positions.iter().map(|&p| usable[p]).collect();
        let split = Split { train: pick(&split.train), test: pick(&split.test) };
        let (fitted, predicted) = train_and_test(readable, split, &fixed, around)?;
        seconds += fitted.seconds;
        predictions.push(predicted);
    }
    let seconds_per_epoch = seconds / (plan.folds * epochs) as f64;
    Ok(CrossValidation { seconds_per_epoch, ..summarize(predictions, epochs, notices)? })
}

/// Trains on one side of `split` (indices into the data set) for the epochs of the settings, without
/// looking at the other side, and predicts that.
///
/// # Errors
/// As [`fit`].
pub fn train_and_test(
    readable: &Readable,
    split: Split,
    config: &TrainConfig,
    around: &Surroundings<'_>,
) -> Result<(Fitted, Predictions)> {
    let trained: BTreeSet<usize> = split.train.iter().copied().collect();
    if let Some(&both) = split.test.iter().find(|index| trained.contains(index)) {
        let sample = readable.dataset().samples[both].id.clone();
        return Err(Error::Overlap { sample });
    }
    let prepared = readable.prepare_with(split.train, Vec::new(), config)?;
    let fitted = fit(&prepared, config, None, around)?;
    let predicted = predict_samples(&fitted.classifier, &prepared.dataset, &split.test, around)?;
    Ok((fitted, predicted))
}

/// One stratified hold-out (by group where groups are known) of all readable samples, as indices
/// into the data set.
///
/// # Errors
/// When `fraction` leaves a side empty.
pub fn hold_out(readable: &Readable, fraction: f64, seed: u64) -> Result<Split> {
    let usable = readable.usable();
    let labels = readable.labels_of(&usable);
    let held = match readable.groups_of(&usable) {
        Some(groups) => stratified_group_hold_out(&labels, &groups, fraction, seed)?,
        None => stratified_hold_out(&labels, fraction, seed)?,
    };
    let pick = |positions: &[usize]| positions.iter().map(|&p| usable[p]).collect();
    Ok(Split { train: pick(&held.split.train), test: pick(&held.split.test) })
}

fn number_of_epochs(
    readable: &Readable,
    config: &TrainConfig,
    epochs: FoldEpochs,
    around: &Surroundings<'_>,
) -> Result<usize> {
    match epochs {
        FoldEpochs::AsConfigured => config.epochs.ok_or(Error::Config {
            field: "epochs",
            value: "none".into(),
            expected: "a number, or early stopping",
        }),
        FoldEpochs::EarlyStopping => {
            around.tell(Event::Notice("early stopping picks the number of epochs"));
            let prepared = readable.prepare(config, around)?;
            Ok(fit(&prepared, config, None, around)?.history.best_epoch().unwrap_or(1))
        }
    }
}

/// The readable samples and their folds, each of which can be trained and tested; called before
/// work that takes time.
///
/// # Errors
/// When there are fewer samples or groups than folds, or a fold leaves nothing to train or test on.
pub fn check_folds(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
) -> Result<(Vec<usize>, Folds)> {
    let usable = readable.usable();
    let folds = make_folds(readable, &usable, plan.folds, config.seed)?;
    for (number, split) in folds.iter().enumerate() {
        let train: Vec<usize> = split.train.iter().map(|&position| usable[position]).collect();
        if split.test.is_empty() {
            let problem = format!(
                "fold {} of {} has nothing to test on, for want of groups; use fewer folds",
                number + 1,
                plan.folds
            );
            return Err(Error::Data { path: readable.dataset().root.clone(), problem });
        }
        readable.prepare_with(train, Vec::new(), config)?;
    }
    Ok((usable, folds))
}

fn make_folds(readable: &Readable, usable: &[usize], k: usize, seed: u64) -> Result<Folds> {
    let labels = readable.labels_of(usable);
    Ok(match readable.groups_of(usable) {
        Some(groups) => stratified_group_k_fold(&labels, &groups, k, seed)?,
        None => stratified_k_fold(&labels, k, seed)?,
    })
}

fn summarize(
    predictions: Vec<Predictions>,
    epochs: usize,
    notices: Vec<String>,
) -> Result<CrossValidation> {
    let matrices = predictions
        .iter()
        .map(|fold| {
            let predicted = predicted(fold.probabilities.view());
            let classes = fold.classes.clone();
            Ok(ConfusionMatrix::from_labels(classes, &fold.truth, &predicted, None)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let folds = predictions.iter().map(Predictions::evaluate).collect::<Result<Vec<_>>>()?;
    let out_of_fold = Predictions::pool(predictions).ok_or(Error::Interrupted)?;
    Ok(CrossValidation {
        evaluation: out_of_fold.evaluate()?,
        out_of_fold,
        folds,
        matrices: FoldMatrices::new(matrices)?,
        epochs,
        seconds_per_epoch: 0.0,
        notices,
    })
}
