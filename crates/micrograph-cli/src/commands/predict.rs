//! `micrograph predict`: class and probabilities of images.

use std::path::{Path, PathBuf};

use anyhow::Result;
use micrograph::image::{Dataset, DatasetOptions, Limits, write_atomically};
use micrograph::model::{Classifier, Prediction};
use micrograph::train::{Surroundings, probabilities_of, write_json};
use serde::Serialize;

use crate::arguments::PredictArguments;
use crate::data::readable_samples;
use crate::print::say;

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
    let classifier = Classifier::load(&arguments.run)?.with_test_time(arguments.test_time);
    let mut limits = Limits::default();
    limits.max_pixels = arguments.max_pixels.unwrap_or(limits.max_pixels);
    let is_archive = |path: &&PathBuf| {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
    };
    let (archives, images): (Vec<&PathBuf>, Vec<&PathBuf>) =
        arguments.inputs.iter().partition(is_archive);
    let mut rows = Vec::new();
    for path in archives {
        let dataset = Dataset::open(path, &DatasetOptions { limits, ..Default::default() })?;
        let prefix = format!("{}:", path.display());
        rows.extend(predict(&classifier, &dataset, &prefix, arguments, &around)?);
    }
    if !images.is_empty() {
        let images: Vec<PathBuf> = images.into_iter().cloned().collect();
        let dataset = Dataset::images(&images, limits)?;
        rows.extend(predict(&classifier, &dataset, "", arguments, &around)?);
    }
    write(&rows, classifier.classes(), arguments.out.as_deref())
}

fn predict(
    classifier: &Classifier,
    dataset: &Dataset,
    prefix: &str,
    arguments: &PredictArguments,
    around: &Surroundings<'_>,
) -> Result<Vec<Row>> {
    let mut samples = dataset.all();
    if arguments.skip_unreadable {
        samples = readable_samples(dataset, samples, around);
    }
    let probabilities = probabilities_of(classifier, dataset, &samples, around)?;
    let row = |(&sample, values): (&usize, ndarray::ArrayView1<'_, f64>)| {
        let path = format!("{prefix}{}", dataset.samples[sample].id);
        let Prediction { class, probability, probabilities, .. } =
            classifier.prediction(&values.to_vec());
        Row { path, class, probability, probabilities }
    };
    Ok(samples.iter().zip(probabilities.rows()).map(row).collect())
}

/// To standard output, or to the file that `out` names.
fn write(rows: &[Row], classes: &[String], out: Option<&Path>) -> Result<()> {
    let Some(out) = out else {
        return say(&String::from_utf8(csv(rows, classes)?)?);
    };
    let file = if out.is_dir() || out.extension().is_none() {
        std::fs::create_dir_all(out)
            .map_err(|error| anyhow::anyhow!("{}: {error}", out.display()))?;
        out.join("predictions.csv")
    } else {
        out.to_path_buf()
    };
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        let value = serde_json::json!({ "schema": 1, "classes": classes, "predictions": rows });
        return Ok(write_json(&file, &value)?);
    }
    let bytes = csv(rows, classes)?;
    Ok(write_atomically(&file, |file| file.write_all(&bytes))?)
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
