//! k-fold cross-validation as in the LipNet thesis, sections 5.4 and 8.1.
//!
//! Early stopping on a held-out part picks the number of epochs; then each fold trains for that
//! number, its training part balanced, its test part left alone. A classical model has no epochs: its
//! folds are fitted at once, to rows that are measured once for all of them.
//! With a run folder each of these phases keeps its checkpoints and then its result there, so that
//! an interrupted cross-validation goes on where it was cut.

mod ledger;
mod split;

use std::collections::BTreeSet;
use std::time::Instant;

use micrograph_classic::Tuned;
use micrograph_metrics::{ConfusionMatrix, Evaluation, FoldMatrices, predicted};
use micrograph_sampling::Split;
use serde::{Deserialize, Serialize};

use self::ledger::{EpochsResult, FoldResult, Ledger};
use self::split::configured_epochs;
pub use self::split::{check_folds, hold_out};
use crate::observer::WithoutNotices;
use crate::peak_memory::PeakMemory;
use crate::{
    Error, Event, Fitted, History, Predictions, Quiet, Readable, Result, RunFolder, Start,
    Surroundings, TrainConfig, Unreadable, classical, fit, leaks, notices, predict_samples,
};

/// How folds are made and how long they train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FoldPlan {
    /// The number of folds, at least 2; 5 as in the thesis.
    pub folds: usize,
    /// How many epochs each fold trains.
    pub epochs: FoldEpochs,
}

impl Default for FoldPlan {
    fn default() -> Self {
        Self { folds: 5, epochs: FoldEpochs::default() }
    }
}

/// How many epochs each fold trains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoldEpochs {
    /// The best epoch of one run with a held-out validation part, of at most `config.epochs`.
    #[default]
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
    /// Epochs that each fold trained; 0 of a classical model.
    pub epochs: usize,
    /// Of the run that picked the number of epochs; where the settings gave it, of the first fold.
    pub history: History,
    /// Mean wall-clock seconds of an epoch; of a classical model, of a fold.
    pub seconds_per_epoch: f64,
    /// The searches of the folds for the settings of a classical model, where there were any.
    pub tuned: Vec<Tuned>,
    /// What it took.
    pub costs: FoldCosts,
    /// Warnings, such as classes with fewer samples than folds.
    pub notices: Vec<String>,
}

/// What all folds together took, over all processes of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FoldCosts {
    /// Wall-clock seconds of training, with the run that picks the number of epochs, and the
    /// measuring of features, each sample once.
    pub train_seconds: f64,
    /// Wall-clock seconds of predicting each sample once.
    pub predict_seconds: f64,
    /// The most memory that the process held during a fold, in bytes; `None` where the system does
    /// not tell (all but Linux). Memory that was freed before but not given back counts too.
    pub peak_bytes: Option<u64>,
}

impl FoldCosts {
    fn add(&mut self, fold: &FoldResult) {
        self.train_seconds += fold.seconds;
        self.predict_seconds += fold.predict_seconds;
        self.peak_bytes = self.peak_bytes.max(fold.peak_bytes);
    }
}

/// Cross-validates `config` on all readable samples; a test part is not among them.
///
/// With a folder, the run that looks for the number of epochs and each fold are a phase: its state
/// is saved as in [`fit`] and its result at the end, below `folds`. With [`Start::Resume`] finished
/// phases are not repeated, and the one that was cut goes on from its last checkpoint; the result is
/// the same to the bit, but for `seconds_per_epoch`.
///
/// # Errors
/// When there are fewer samples or groups than folds; [`Error::DataChanged`] and
/// [`Error::SettingsChanged`] when a resumed run finds other data or settings;
/// [`Error::StoppedInPhase`] after a stop from outside; and as [`fit`].
pub fn cross_validate(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<CrossValidation> {
    let (usable, folds) = check_folds(readable, config, plan, &around.device)?;
    let ledger = Ledger::open(folder, readable, config, (plan, &around.device))?;
    let pick = |positions: &[usize]| positions.iter().map(|&p| usable[p]).collect();
    let of_fold = |split: Split| Split { train: pick(&split.train), test: pick(&split.test) };
    let splits: Vec<Split> = folds.iter().map(of_fold).collect();
    let warnings = readable.describe(&folds.warnings);
    let mut notices = told(readable, config, &splits, warnings, around);
    let EpochsResult { epochs, seconds, mut history } =
        number_of_epochs(readable, config, plan, (&ledger, &mut notices), around)?;
    let fixed = match config.model.is_classical() {
        true => config.tested_elsewhere(),
        false => config.for_folds(epochs),
    };
    let measuring = measure_once(readable, &fixed, &usable, &ledger, around)?;
    let (mut predictions, mut tuned) = (Vec::new(), Vec::new());
    let mut costs = FoldCosts { train_seconds: seconds + measuring, ..FoldCosts::default() };
    let mut seconds = 0.0;
    for (number, split) in (1..).zip(splits) {
        let name = format!("fold {number} of {}", plan.folds);
        let test = split.test.clone();
        let result = ledger.phase(&format!("fold-{number}"), &name, around, |folder| {
            let peak = PeakMemory::begin();
            let (fitted, predicted, predict_seconds) =
                train_split(readable, split, &fixed, folder, around)?;
            let peak = peak.and_then(|peak| peak.bytes());
            Ok(FoldResult::new(fitted, (&predicted, predict_seconds), peak))
        })?;
        ledger.refuse_other_epochs(number, &result, epochs)?;
        seconds += result.seconds;
        costs.add(&result);
        if history.epochs.is_empty() {
            history.clone_from(&result.history);
        }
        tuned.extend(result.tuned.clone());
        predictions.push(result.predictions(readable, &test)?);
    }
    let seconds_per_epoch = seconds / (plan.folds * epochs.max(1)) as f64;
    let summary = summarize(predictions, epochs, notices)?;
    Ok(CrossValidation { seconds_per_epoch, costs, history, tuned, ..summary })
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
    let (fitted, predictions, _) = train_split(readable, split, config, None, around)?;
    Ok((fitted, predictions))
}

/// The fitted model, its predictions, and the seconds that these took.
fn train_split(
    readable: &Readable,
    split: Split,
    config: &TrainConfig,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<(Fitted, Predictions, f64)> {
    readable.refuse_unread(&split.test)?;
    let trained: BTreeSet<usize> = split.train.iter().copied().collect();
    if let Some(&both) = split.test.iter().find(|index| trained.contains(index)) {
        let sample = readable.dataset().samples[both].id.clone();
        return Err(Error::Overlap { sample });
    }
    let prepared = readable.prepare_with(split.train, Vec::new(), config)?;
    // Rows that an earlier process measured are not measured in the time of this fold.
    let all: Vec<usize> = trained.iter().chain(&split.test).copied().collect();
    prepared.rows(&all, around)?;
    let fitted = fit(&prepared, config, folder, around)?;
    let began = Instant::now();
    if config.model.is_classical() || config.head.is_some() {
        let predicted = classical::predict(&prepared, &fitted.classifier, &split.test, around)?;
        return Ok((fitted, predicted, began.elapsed().as_secs_f64()));
    }
    // All there is to say of these samples was said before the first fold.
    let around = &Surroundings { observer: &WithoutNotices(around.observer), ..around.clone() };
    let predicted = predict_samples(
        &fitted.classifier,
        &prepared.dataset,
        &split.test,
        Unreadable::Refuse,
        around,
    )?;
    Ok((fitted, predicted, began.elapsed().as_secs_f64()))
}

/// Tells what is new since the reading; all notices, in order.
fn told(
    readable: &Readable,
    config: &TrainConfig,
    splits: &[Split],
    mut warnings: Vec<String>,
    around: &Surroundings<'_>,
) -> Vec<String> {
    let dataset = readable.dataset();
    let digest = |index| readable.digest(index);
    warnings.extend(leaks::duplicates_across_folds(dataset, splits, digest));
    warnings.extend(notices::of_costs(dataset, config));
    for warning in &warnings {
        around.tell(Event::Notice(warning));
    }
    [readable.notices(), &warnings].concat()
}

fn number_of_epochs(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
    (ledger, notices): (&Ledger<'_>, &mut Vec<String>),
    around: &Surroundings<'_>,
) -> Result<EpochsResult> {
    if config.model.is_classical() {
        return Ok(EpochsResult { epochs: 0, seconds: 0.0, history: History::default() });
    }
    if let Some(epochs) = configured_epochs(config, plan)? {
        return Ok(EpochsResult { epochs, seconds: 0.0, history: History::default() });
    }
    let quiet = Surroundings { observer: &Quiet, ..around.clone() };
    // A head picks no epoch.
    let balance = config.remedy();
    let config = &TrainConfig { head: None, tuning: None, balance, ..config.clone() };
    let prepared = readable.prepare(config, &quiet)?;
    for notice in &prepared.notices {
        if !notices.contains(notice) {
            around.tell(Event::Notice(notice));
            notices.push(notice.clone());
        }
    }
    let name = "early stopping, which picks the number of epochs";
    ledger.phase("early-stopping", name, around, |folder| {
        let Fitted { history, seconds, .. } = fit(&prepared, config, folder, around)?;
        Ok(EpochsResult { epochs: history.best_epoch().unwrap_or(1), seconds, history })
    })
}

/// Measures the features of all samples for the folds to come; the seconds that it took, of the
/// process that did it first.
fn measure_once(
    readable: &Readable,
    config: &TrainConfig,
    usable: &[usize],
    ledger: &Ledger<'_>,
    around: &Surroundings<'_>,
) -> Result<f64> {
    if config.features().is_none() {
        return Ok(0.0);
    }
    ledger.phase("measuring", "measuring features", around, |_| {
        let began = Instant::now();
        let prepared = readable.prepare_with(usable.to_vec(), Vec::new(), config)?;
        prepared.rows(usable, around)?;
        Ok(began.elapsed().as_secs_f64())
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
        history: History::default(),
        seconds_per_epoch: 0.0,
        tuned: Vec::new(),
        costs: FoldCosts::default(),
        notices,
    })
}
