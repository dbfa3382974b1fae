//! What stands in the folder of a comparison when the work is done.

use micrograph_image::write_atomically;
use micrograph_metrics::{Comparison, predicted};
use micrograph_report::{ComparisonReport, conclusion, render_comparison};
use serde::Serialize;

use super::ComparisonResult;
use crate::{
    CrossValidation, Readable, Result, RunFolder, Surroundings, TrainConfig,
    cross_validation_report, finish_cross_validation,
};

/// What is there when a model, and when all of them, are done.
const SUMMARY: &str = "summary.json";

/// [`SUMMARY`].
#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    /// Who is best, by how much, and whether that is more than chance.
    conclusion: Vec<String>,
    costs: Vec<Costs<'a>>,
    #[serde(flatten)]
    comparison: &'a Comparison,
    notices: &'a [String],
}

/// Time and memory of a model.
#[derive(Serialize)]
struct Costs<'a> {
    name: &'a str,
    folder: String,
    epochs: usize,
    train_seconds: f64,
    predict_seconds: f64,
    peak_bytes: Option<u64>,
}

/// Writes `summary.json`, `predictions.csv` and `report.html` of a comparison; the report is that
/// of [`comparison_report`](crate::comparison_report), or one with more in it.
///
/// # Errors
/// When a file cannot be written.
pub fn finish_comparison(
    result: &ComparisonResult,
    report: &ComparisonReport,
    folder: &RunFolder,
) -> Result<()> {
    write_predictions(result, folder)?;
    folder.write_report(&render_comparison(report)?)?;
    let costs = result.models.iter().zip(&result.comparison.models).map(|(model, scores)| Costs {
        name: &scores.name,
        folder: format!("models/{}", model.contender.folder()),
        epochs: model.result.epochs,
        train_seconds: model.result.costs.train_seconds,
        predict_seconds: model.result.costs.predict_seconds,
        peak_bytes: model.result.costs.peak_bytes,
    });
    let summary = Summary {
        schema: 1,
        conclusion: conclusion(report),
        costs: costs.collect(),
        comparison: &result.comparison,
        notices: &report.notes,
    };
    folder.write_json(SUMMARY, &summary)
}

/// Writes what a cross-validation of its own would have; it stays where it stands already.
pub(super) fn finish_model(
    readable: &Readable,
    config: &TrainConfig,
    result: &CrossValidation,
    part: &RunFolder,
    around: &Surroundings<'_>,
) -> Result<()> {
    if part.path().join(SUMMARY).is_file() {
        return Ok(());
    }
    let report = cross_validation_report(readable, config, result, around)?;
    finish_cross_validation(config, result, &report, part)
}

/// One line a sample: name, fold, truth, and the class that each model says; probabilities stand in
/// the models' own tables.
fn write_predictions(result: &ComparisonResult, folder: &RunFolder) -> Result<()> {
    let Some(first) = result.models.first() else { return Ok(()) };
    let reference = &first.result.out_of_fold;
    let said: Vec<Vec<u32>> = (result.models.iter())
        .map(|model| predicted(model.result.out_of_fold.probabilities.view()))
        .collect();
    Ok(write_atomically(&folder.path().join("predictions.csv"), |file| {
        let mut table = csv::Writer::from_writer(file);
        let names = result.models.iter().map(|model| model.contender.to_string());
        table.write_record(["id", "fold", "truth"].map(str::to_owned).into_iter().chain(names))?;
        for (i, id) in reference.ids.iter().enumerate() {
            let name = |class: u32| reference.classes[class as usize].clone();
            let front = [id.clone(), result.fold_of[i].to_string(), name(reference.truth[i])];
            table.write_record(front.into_iter().chain(said.iter().map(|said| name(said[i]))))?;
        }
        table.flush()
    })?)
}
