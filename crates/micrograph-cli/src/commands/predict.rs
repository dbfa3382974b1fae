//! `micrograph predict`: class and probabilities of images.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use micrograph::image::{Dataset, DatasetOptions, write_atomically};
use micrograph::model::{Classifier, Prediction};
use micrograph::train::{Unreadable, mean_answers, probabilities_of, write_json};
use serde::Serialize;

use super::evaluate::{is_segmenter, load};
use super::segmentation;
use crate::arguments::PredictArguments;
use crate::outputs::Outputs;
use crate::print::say;
use crate::settings::set;

/// One line of the result.
#[derive(Debug, Serialize)]
struct Row {
    path: String,
    class: String,
    probability: f64,
    probabilities: Vec<f64>,
}

pub(crate) fn run(arguments: &PredictArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    if is_segmenter(&arguments.models) {
        return segmentation::predict::run(arguments, &around);
    }
    if arguments.order.is_some() {
        bail!("--order: is of segmentation, and the model classifies images; leave it out");
    }
    refuse_maps(arguments)?;
    let classifiers = load(&arguments.models, arguments.test_time, &around)?;
    let Some(first) = classifiers.first() else { bail!("--run is missing: give a finished run") };
    let unreadable = if arguments.skip_unreadable { Unreadable::Skip } else { Unreadable::Refuse };
    let datasets = datasets(arguments)?;
    let out = arguments.out.as_deref().map(table_in).transpose()?;
    if let Some(out) = &out {
        let outputs = Outputs { runs: &arguments.models.runs(), overwrite: arguments.overwrite };
        outputs.check(out, datasets.iter().flat_map(|(_, dataset)| dataset.files()))?;
    }
    let mut rows = Vec::new();
    for (prefix, dataset) in datasets {
        let of_model = |classifier: &Classifier| {
            let answers =
                probabilities_of(classifier, &dataset, &dataset.all(), unreadable, &around)?;
            anyhow::Ok((classifier.classes().to_vec(), answers))
        };
        let answers = mean_answers(classifiers.iter().map(of_model).collect::<Result<_>>()?)?;
        rows.extend(answers.rows().map(|(sample, values)| {
            let id = &dataset.samples[sample].id;
            let prefix = if Path::new(id).is_absolute() { "" } else { prefix.as_str() };
            let path = format!("{prefix}{id}");
            let Prediction { class, probability, probabilities, .. } =
                first.prediction(&values.to_vec());
            Row { path, class, probability, probabilities }
        }));
    }
    write(&rows, first.classes(), out.as_deref())
}

/// Flags that say nothing to a classifier are refused, so that nobody thinks they did.
fn refuse_maps(arguments: &PredictArguments) -> Result<()> {
    let given = [
        ("--no-probabilities", arguments.no_probabilities),
        ("--no-instances", arguments.no_instances),
    ];
    match given.iter().find(|flag| flag.1) {
        Some((flag, _)) => bail!("{flag}: the model classifies images; leave it out"),
        None => Ok(()),
    }
}

/// Archives and tables, each a data set of its own whose rows are named `FILE:ROW` and by their
/// path, then all images together.
fn datasets(arguments: &PredictArguments) -> Result<Vec<(String, Dataset)>> {
    let options = options(arguments);
    let has_ending = |path: &Path, endings: &[&str]| {
        let ending = path.extension().unwrap_or_default();
        endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    let (mut datasets, mut images) = (Vec::new(), Vec::new());
    for path in &arguments.inputs {
        if has_ending(path, &["npz"]) {
            let dataset = Dataset::open_unlabelled(path, &options)?;
            datasets.push((format!("{}:", path.display()), dataset));
        } else if has_ending(path, &["csv", "tsv"]) {
            let dataset = Dataset::open_unlabelled(path, &options)?;
            let prefix = dataset.root.join("").display().to_string();
            datasets.push((prefix.trim_start_matches("./").to_owned(), dataset));
        } else {
            images.push(path.clone());
        }
    }
    if !images.is_empty() {
        datasets.push((String::new(), Dataset::images(&images, &options)?));
    }
    Ok(datasets)
}

fn options(arguments: &PredictArguments) -> DatasetOptions {
    let mut options = DatasetOptions {
        path_template: arguments.path_template.clone(),
        mask_template: arguments.mask_template.clone(),
        ..DatasetOptions::default()
    };
    set(&mut options.path_column, arguments.path_column.as_ref());
    set(&mut options.limits.max_pixels, arguments.max_pixels.as_ref());
    options
}

/// The file that `--out` means: a folder, or what has no ending, gets a table.
fn table_in(out: &Path) -> Result<PathBuf> {
    if !out.is_dir() && out.extension().is_some() {
        return Ok(out.to_path_buf());
    }
    std::fs::create_dir_all(out).map_err(|error| anyhow!("{}: {error}", out.display()))?;
    Ok(out.join("predictions.csv"))
}

/// To standard output, or to `file`.
fn write(rows: &[Row], classes: &[String], file: Option<&Path>) -> Result<()> {
    let Some(file) = file else {
        return say(&String::from_utf8(csv(rows, classes)?)?);
    };
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        let value = serde_json::json!({ "schema": 1, "classes": classes, "predictions": rows });
        return Ok(write_json(file, &value)?);
    }
    let bytes = csv(rows, classes)?;
    Ok(write_atomically(file, |file| file.write_all(&bytes))?)
}

fn csv(rows: &[Row], classes: &[String]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["path".to_owned(), "class".to_owned(), "probability".to_owned()];
    header.extend(classes.iter().map(|class| format!("p:{class}")));
    table.write_record(&header)?;
    for row in rows {
        let mut record = vec![row.path.clone(), row.class.clone()];
        record.push(format!("{:.6}", row.probability));
        record.extend(row.probabilities.iter().map(|p| format!("{p:.6}")));
        table.write_record(&record)?;
    }
    Ok(table.into_inner()?)
}
