//! `micrograph evaluate`: what a classifier is worth on labeled data.

use std::path::Path;

use anyhow::{Result, bail};
use micrograph::image::{Dataset, real_path, write_atomically};
use micrograph::metrics::Evaluation;
use micrograph::model::bundle::{Kind, kind};
use micrograph::model::{Classifier, TestTime};
use micrograph::train::{
    DataConfig, Surroundings, evaluation_report, mean_predictions, predict_samples, write_json,
};
use serde::Serialize;

use super::{classifier, segmentation};
use crate::arguments::{EvaluateArguments, ModelArguments};
use crate::data::part_to_measure;
use crate::outputs::Outputs;
use crate::print::say;
use crate::settings::data_config;

/// The content of `--json`.
#[derive(Debug, Serialize)]
struct Measured<'a> {
    part: &'a str,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

pub(crate) fn run(arguments: &EvaluateArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    if is_segmenter(&arguments.models) {
        return segmentation::evaluate::run(arguments, &around);
    }
    let classifiers = load(&arguments.models, arguments.test_time, &around)?;
    let config = data_config(DataConfig::default(), &arguments.place, &arguments.data)?;
    let dataset = config.open()?;
    check_outputs(arguments, &dataset)?;
    let (part, indices) = part_to_measure(&dataset, arguments.split.as_deref())?;
    let unreadable = config.unreadable();
    let mut each = Vec::with_capacity(classifiers.len());
    for classifier in &classifiers {
        each.push(predict_samples(classifier, &dataset, &indices, unreadable, &around)?);
    }
    let predictions = mean_predictions(each)?;
    let evaluation = predictions.evaluate()?;
    // On the screen first: what cannot be written is not lost.
    say(&measures(part, &evaluation))?;
    if let Some(path) = &arguments.json {
        write_json(path, &Measured { part, evaluation: &evaluation })?;
    }
    if let Some(path) = &arguments.report {
        let html = evaluation_report(&classifiers, &dataset, (part, &predictions))?;
        write_atomically(path, |file| file.write_all(html.as_bytes()))?;
    }
    Ok(())
}

/// Whether the first model tells classes of pixels.
pub(crate) fn is_segmenter(models: &ModelArguments) -> bool {
    let first = models.runs().into_iter().next();
    first.is_some_and(|run| kind(run).is_ok_and(|kind| kind == Kind::Segmenter))
}

/// The models, each on the device of `around`.
pub(crate) fn load(
    models: &ModelArguments,
    test_time: Option<TestTime>,
    around: &Surroundings<'_>,
) -> Result<Vec<Classifier>> {
    let test_time = test_time.unwrap_or_default();
    let load = |path: &Path| Ok(classifier(path, around)?.with_test_time(test_time)?);
    let runs = models.runs();
    let loaded = runs.iter().copied().map(load).collect::<Result<Vec<_>>>()?;
    let of = |place: usize| &loaded[place].manifest().weights_sha256;
    for place in 1..loaded.len() {
        if let Some(same) = (0..place).find(|&before| of(before) == of(place)) {
            let (one, other) = (runs[same].display(), runs[place].display());
            bail!("--ensemble: {one} and {other} hold the same model, which would count twice");
        }
    }
    Ok(loaded)
}

fn check_outputs(arguments: &EvaluateArguments, dataset: &Dataset) -> Result<()> {
    let outputs = Outputs { runs: &arguments.models.runs(), overwrite: arguments.overwrite };
    for path in [&arguments.json, &arguments.report].into_iter().flatten() {
        outputs.check(path, dataset.files())?;
    }
    let (Some(json), Some(report)) = (&arguments.json, &arguments.report) else { return Ok(()) };
    // Some systems tell names apart that differ in case alone, others do not.
    let name = |path| Ok::<_, std::io::Error>(real_path(path)?.to_string_lossy().to_lowercase());
    if name(json)? == name(report)? {
        bail!("{}: --json and --report name the same file", json.display());
    }
    Ok(())
}

/// The measures as a table.
pub(crate) fn measures(name: &str, evaluation: &Evaluation) -> String {
    let show = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
    let mut text = format!(
        "{name}: accuracy {:.4}  balanced {:.4}  AUROC {}  AUPRC {}  log loss {:.4}\n",
        evaluation.accuracy,
        evaluation.balanced_accuracy,
        show(evaluation.auroc),
        show(evaluation.auprc),
        evaluation.log_loss
    );
    let width = evaluation.per_class.iter().map(|class| class.name.chars().count()).max();
    let width = width.unwrap_or(0).max(5);
    text +=
        &format!("{:width$}  support     TPR     TNR     PPV     NPV      F1   AUROC\n", "class");
    for class in &evaluation.per_class {
        let values = [class.tpr, class.tnr, class.ppv, class.npv, class.f1, class.auroc];
        let columns: Vec<String> = values.iter().map(|&v| format!("{:>6}", show(v))).collect();
        text += &format!("{:width$}  {:>7}  {}\n", class.name, class.support, columns.join("  "));
    }
    text
}
