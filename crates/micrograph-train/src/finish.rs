//! What stands in a run folder when the work is done: summary, predictions, report.

use micrograph_classic::Tuned;
use micrograph_image::write_atomically;
use micrograph_metrics::{Evaluation, predicted};
use micrograph_report::{RunReport, render};
use micrograph_sampling::CostMatrix;
use serde::{Deserialize, Serialize};

use crate::classical::weights_in_fitting;
use crate::loss::loss_weights;
use crate::observer::WithoutNotices;
use crate::{
    CrossValidation, Ended, Fitted, Predictions, Prepared, Result, RunFolder, Surroundings,
    TrainConfig, Unreadable, predict_samples, report,
};

/// `summary.json` of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The version of this format.
    pub schema: u32,
    /// Epochs trained; with this number as `--epochs` the run repeats itself bit for bit. A classical
    /// model has none.
    pub epochs: usize,
    /// The epoch of the kept weights, counted from 1.
    pub best_epoch: usize,
    /// Why the run ended.
    pub ended: Ended,
    /// Wall-clock seconds, over all processes of the run.
    pub seconds: f64,
    /// SHA-256 of `model.safetensors`.
    pub weights_sha256: String,
    /// SHA-256 over the samples of training and validation.
    pub data_fingerprint: String,
    /// Measures of the kept weights on the validation part, when there is one.
    pub validation: Option<Evaluation>,
    /// What errors cost by the settings, truth by prediction in the order of classes.
    pub costs: Option<CostMatrix>,
    /// What a sample of each class weighed in the loss, or in the fit of a classical model, where not
    /// all weighed the same.
    pub class_weights: Option<Vec<f32>>,
    /// The same in the fit of a head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_class_weights: Option<Vec<f32>>,
    /// Mean cost of a validation sample, where costs and validation are given.
    pub mean_cost: Option<f64>,
    /// The search for the settings of the classical model, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Tuned>,
}

/// Measures the validation part and writes `summary.json`, `predictions.csv` and `report.html`.
///
/// # Errors
/// When a sample cannot be read again or a file cannot be written.
pub fn finish_run(
    prepared: &Prepared,
    config: &TrainConfig,
    fitted: &Fitted,
    folder: &RunFolder,
    around: &Surroundings<'_>,
) -> Result<Summary> {
    let Prepared { dataset, validation, .. } = prepared;
    let predictions = if validation.is_empty() {
        None
    } else {
        // All there is to say of these samples was said before the first epoch.
        let observer = &WithoutNotices(around.observer);
        let around = &Surroundings { observer, ..around.clone() };
        Some(predict_samples(&fitted.classifier, dataset, validation, Unreadable::Refuse, around)?)
    };
    let manifest = fitted.classifier.manifest();
    let summary = Summary {
        schema: 1,
        epochs: fitted.history.epochs.len(),
        best_epoch: fitted.history.best_epoch().unwrap_or(0),
        ended: fitted.ended,
        seconds: fitted.seconds,
        weights_sha256: manifest.weights_sha256.clone(),
        data_fingerprint: prepared.fingerprint.clone(),
        validation: predictions.as_ref().map(Predictions::evaluate).transpose()?,
        costs: config.costs.clone(),
        class_weights: if config.model.is_classical() {
            weights_in_fitting(prepared)?
        } else {
            loss_weights(prepared, config)?
        },
        head_class_weights: match &config.head {
            Some(_) => weights_in_fitting(prepared)?,
            None => None,
        },
        mean_cost: predictions.as_ref().and_then(|p| p.mean_cost(config.costs.as_ref()?)),
        tuned: fitted.tuned.clone(),
    };
    if let Some(predictions) = &predictions {
        write_predictions(predictions, folder)?;
    }
    let report = report::of_training(prepared, config, fitted, predictions.as_ref(), around)?;
    folder.write_report(&render(&report)?)?;
    folder.write_json("summary.json", &summary)?;
    Ok(summary)
}

#[derive(Serialize)]
struct CrossValidationSummary<'a> {
    schema: u32,
    epochs: usize,
    seconds_per_epoch: f64,
    out_of_fold: &'a Evaluation,
    costs: Option<&'a CostMatrix>,
    mean_cost: Option<f64>,
    folds: &'a [Evaluation],
    #[serde(skip_serializing_if = "<[Tuned]>::is_empty")]
    tuned: &'a [Tuned],
    mean_counts: Vec<Vec<f64>>,
    mean_normalized: Vec<Option<Vec<f64>>>,
    notices: &'a [String],
}

/// Writes `summary.json`, `predictions.csv` and `report.html` of a cross-validation; the report is
/// that of [`cross_validation_report`](crate::cross_validation_report), or one with more in it.
///
/// # Errors
/// When a file cannot be written.
pub fn finish_cross_validation(
    config: &TrainConfig,
    result: &CrossValidation,
    report: &RunReport,
    folder: &RunFolder,
) -> Result<()> {
    write_predictions(&result.out_of_fold, folder)?;
    folder.write_report(&render(report)?)?;
    let rows = result.matrices.mean_normalized();
    let summary = CrossValidationSummary {
        schema: 1,
        epochs: result.epochs,
        seconds_per_epoch: result.seconds_per_epoch,
        out_of_fold: &result.evaluation,
        costs: config.costs.as_ref(),
        mean_cost: config.costs.as_ref().and_then(|costs| result.out_of_fold.mean_cost(costs)),
        folds: &result.folds,
        tuned: &result.tuned,
        mean_counts: result.matrices.mean_counts(),
        mean_normalized: rows.into_iter().map(|row| row.shares).collect(),
        notices: &result.notices,
    };
    folder.write_json("summary.json", &summary)
}

/// One line a sample: name, truth, prediction, probabilities.
fn write_predictions(predictions: &Predictions, folder: &RunFolder) -> Result<()> {
    predictions.check()?;
    let path = folder.path().join("predictions.csv");
    let predicted = predicted(predictions.probabilities.view());
    Ok(write_atomically(&path, |file| {
        let mut table = csv::Writer::from_writer(file);
        let columns = predictions.classes.iter().map(|class| format!("p:{class}"));
        let header = ["id", "truth", "predicted"].into_iter().map(str::to_owned).chain(columns);
        table.write_record(header)?;
        for (i, id) in predictions.ids.iter().enumerate() {
            let name = |class: u32| predictions.classes[class as usize].clone();
            let row = predictions.probabilities.row(i);
            let cells = row.iter().map(|p| format!("{p:.6}"));
            let front = [id.clone(), name(predictions.truth[i]), name(predicted[i])];
            table.write_record(front.into_iter().chain(cells))?;
        }
        table.flush()
    })?)
}
