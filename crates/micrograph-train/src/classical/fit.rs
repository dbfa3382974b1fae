//! The fit of a classical model: one step, the same bits whenever it is taken.

use std::collections::BTreeMap;
use std::time::Instant;

use candle::Device;
use micrograph_classic::{Fit as _, Pipeline, PipelineModel, Samples, Tuned};
use micrograph_metrics::{Scored, evaluate};
use micrograph_model::bundle::{self, sha256_hex};
use micrograph_model::{Classifier, Input, ModelConfig, Predictor};
use ndarray::Array2;

use super::balance::{Rows, balanced};
use super::head;
use super::tuning::tuned;
use crate::evaluate::group_numbers;
use crate::manifest::manifest_with;
use crate::origin::OfRun;
use crate::{
    Ended, Error, Event, Fitted, History, Predictions, Prepared, Result, RunFolder, Start,
    Surroundings, TrainConfig,
};

/// Fits to the training samples of `prepared`; a run that was cut begins again.
pub(crate) fn fit(
    prepared: &Prepared,
    config: &TrainConfig,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<Fitted> {
    let began = Instant::now();
    config.validate()?;
    if let Some((folder, start)) = folder {
        let origin = OfRun::new(prepared, config, &Device::Cpu);
        if start == Start::New || !origin.check(folder, &prepared.dataset.source)? {
            origin.write(folder)?;
        }
    }
    let (predictor, tuned) = fitted(prepared, config, around)?;
    let metrics = validated(prepared, &predictor, around)?;
    let mut manifest = manifest_with(prepared, config, 0, metrics);
    manifest.model.set_tuned(tuned.as_ref());
    match folder {
        Some((folder, _)) => {
            manifest = bundle::save(folder.path(), &manifest, &predictor, &prepared.seen)?;
        }
        None => manifest.weights_sha256 = sha256_hex(&predictor.to_bytes(&prepared.seen)?),
    }
    Ok(Fitted {
        classifier: Classifier::new(manifest, predictor, Device::Cpu),
        history: History::default(),
        ended: Ended::Fitted,
        tuned,
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn fitted(
    prepared: &Prepared,
    config: &TrainConfig,
    around: &Surroundings<'_>,
) -> Result<(Predictor, Option<Tuned>)> {
    let ModelConfig::Classical(classical) = &prepared.model else {
        let (field, value) = ("model", config.model.to_string());
        return Err(Error::Config { field, value, expected: "a classical model" });
    };
    let x = prepared.rows(&prepared.train, around)?;
    let (model, tuned) = fit_rows(&classical.pipeline, x, (prepared, config), around)?;
    Ok((Predictor::Classical(Box::new(model)), tuned))
}

/// Fits to rows of the training samples, rare classes treated as the settings say, with the settings
/// that suit the rows best where a search is asked for.
pub(super) fn fit_rows(
    pipeline: &Pipeline,
    x: Array2<f64>,
    (prepared, config): (&Prepared, &TrainConfig),
    around: &Surroundings<'_>,
) -> Result<(PipelineModel, Option<Tuned>)> {
    let labels = prepared.training_labels();
    let n_classes = prepared.dataset.classes.len();
    let rows = Rows { x, labels, groups: prepared.training_groups() };
    let tuned = tuned(pipeline, &rows, (prepared, config), around)?;
    let Rows { x, labels, groups } = balanced(rows, &prepared.dataset.classes, config, around)?;
    if around.stopping() {
        return Err(Error::Interrupted);
    }
    let samples = Samples::new(x.view(), &labels, n_classes)?;
    let samples = match &groups {
        Some(groups) => samples.with_groups(groups)?,
        None => samples,
    };
    around.tell(Event::Began { task: "fitting", total: 1 });
    let pipeline = tuned.as_ref().map_or(pipeline, |tuned| &tuned.pipeline);
    let model = pipeline.fit(&samples, config.seed)?;
    around.tell(Event::Advanced);
    around.tell(Event::Ended);
    Ok((model, tuned))
}

/// Measures on the validation part, for the manifest.
pub(crate) fn validated(
    prepared: &Prepared,
    predictor: &Predictor,
    around: &Surroundings<'_>,
) -> Result<BTreeMap<String, f64>> {
    let mut metrics = BTreeMap::new();
    if prepared.validation.is_empty() {
        return Ok(metrics);
    }
    let probabilities = probabilities(prepared, predictor, &prepared.validation, around)?;
    let truth: Vec<u32> = prepared.validation.iter().map(|&index| prepared.labels[index]).collect();
    let classes = &prepared.dataset.classes;
    let measured = evaluate(&Scored::new(classes, &truth, probabilities.view()))?;
    metrics.insert("validation_loss".to_owned(), measured.log_loss);
    metrics.insert("validation_accuracy".to_owned(), measured.accuracy);
    metrics.insert("validation_balanced_accuracy".to_owned(), measured.balanced_accuracy);
    metrics.extend(measured.auroc.map(|value| ("validation_auroc".to_owned(), value)));
    Ok(metrics)
}

fn probabilities(
    prepared: &Prepared,
    predictor: &Predictor,
    samples: &[usize],
    around: &Surroundings<'_>,
) -> Result<Array2<f64>> {
    if let Predictor::Headed { .. } = predictor {
        return head::probabilities(prepared, predictor, samples, around);
    }
    let rows = prepared.rows(samples, around)?;
    let inputs: Vec<Input> = rows.outer_iter().map(|row| Input::Features(row.to_vec())).collect();
    Ok(predictor.probabilities(&inputs, &Device::Cpu)?)
}

/// Predicts samples of the same data set, whose rows or features may have been measured before.
pub(crate) fn predict(
    prepared: &Prepared,
    classifier: &Classifier,
    samples: &[usize],
    around: &Surroundings<'_>,
) -> Result<Predictions> {
    let dataset = &prepared.dataset;
    Ok(Predictions {
        classes: dataset.classes.clone(),
        ids: samples.iter().map(|&index| dataset.samples[index].id.clone()).collect(),
        truth: samples.iter().map(|&index| prepared.labels[index]).collect(),
        probabilities: probabilities(prepared, classifier.predictor(), samples, around)?,
        groups: group_numbers(dataset, samples),
        objects: Vec::new(),
        notices: Vec::new(),
        samples: samples.to_vec(),
    })
}
