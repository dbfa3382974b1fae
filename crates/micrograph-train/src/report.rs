//! From a run's results to the value that `micrograph-report` renders.

use std::collections::BTreeSet;

use micrograph_image::Dataset;
use micrograph_metrics::{BootstrapConfig, FoldMatrices, intervals, pr_curve, roc_curve};
use micrograph_model::{Classifier, ModelConfig};
use micrograph_report::{
    ClassBalance, ContactSheet, EpochRecord, EvaluationSection, Fact, ObjectSize, RunReport,
    ScoreIntervals, SizeUnit, render,
};

use crate::evaluate::refuse_foreign;
use crate::{
    CrossValidation, Error, Fitted, History, Predictions, Prepared, Readable, Result, Surroundings,
    TrainConfig, classical, facts, sheets,
};

/// The report of a training run.
pub(crate) fn of_training(
    prepared: &Prepared,
    config: &TrainConfig,
    fitted: &Fitted,
    validation: Option<&Predictions>,
    around: &Surroundings<'_>,
) -> Result<RunReport> {
    let model = &fitted.classifier.manifest().model;
    let mut tables = Vec::from_iter(fitted.tuned.as_ref().map(classical::table_of_tried));
    tables.extend(classical::importances(prepared, config, fitted, around)?);
    let mut sheets = training_sheets(prepared, config)?;
    let mut evaluations = Vec::new();
    if let Some(predictions) = validation {
        let remark = if config.model.is_classical() {
            "No decision of this run has seen these samples; whoever chooses between models by them \
             needs others to measure the chosen one."
        } else {
            "These samples also picked the epoch, so that their scores are a little too good; a test \
             part that no decision has seen tells more."
        };
        let section = section("validation", predictions, None, config.seed)?;
        evaluations.push(EvaluationSection { remark: remark.into(), ..section });
        let Prepared { dataset, preprocessing, .. } = prepared;
        sheets.extend(sheets::worst_errors(dataset, preprocessing, predictions)?);
    }
    Ok(RunReport {
        title: title(&prepared.model, &prepared.dataset),
        subtitle: format!("Training run, seed {}", config.seed),
        facts: vec![
            facts::data(prepared),
            facts::model(model, &prepared.preprocessing, facts::masked(prepared) > 0),
            facts::training(config),
            facts::run(config, fitted, around),
        ],
        history: history(&fitted.history),
        best_epoch: fitted.history.best_epoch(),
        class_balance: balance(prepared),
        sizes: sizes(prepared),
        size_unit: SizeUnit::Pixels,
        evaluations,
        sheets,
        tables,
        notes: prepared.notices.clone(),
    })
}

/// The report of a cross-validation, to which a program may add tables of its own before
/// [`finish_cross_validation`](crate::finish_cross_validation) writes it.
///
/// # Errors
/// When a sample for a contact sheet cannot be read, or the predictions are not of these samples.
pub fn cross_validation_report(
    readable: &Readable,
    config: &TrainConfig,
    result: &CrossValidation,
    around: &Surroundings<'_>,
) -> Result<RunReport> {
    result.out_of_fold.check()?;
    refuse_foreign(readable.dataset(), &result.out_of_fold.samples)?;
    let prepared = &readable.prepare_with(readable.usable(), Vec::new(), config)?;
    let folds = result.folds.len();
    let protocol = match result.epochs {
        0 => format!("{folds} folds"),
        epochs => format!("{folds} folds, {epochs} epochs each"),
    };
    let validated = result.history.epochs.iter().any(|epoch| epoch.validation.is_some());
    let curves =
        if validated { "early stopping, which picked the epochs" } else { "the first fold" };
    let mut run = vec![Fact::new("Protocol", protocol)];
    if result.epochs == 0 {
        run.push(Fact::duration("Time of a fold", result.seconds_per_epoch));
    } else {
        run.push(Fact::new("Curves of training", curves));
        run.push(Fact::duration("Time of an epoch", result.seconds_per_epoch));
    }
    run.extend(facts::seed_and_machine(config, around));
    let name = format!("{folds}-fold, out of fold");
    let matrices = Some(result.matrices.clone());
    let chosen = classical::table_of_folds(&result.tuned);
    if chosen.is_some() {
        run.push(Fact::new(
            "Settings",
            "each fold chose its own; the model's stand where none did",
        ));
    }
    let mut sheets = training_sheets(prepared, config)?;
    let Prepared { dataset, preprocessing, .. } = prepared;
    sheets.extend(sheets::worst_errors(dataset, preprocessing, &result.out_of_fold)?);
    Ok(RunReport {
        title: title(&prepared.model, dataset),
        subtitle: format!("{folds}-fold cross-validation, seed {}", config.seed),
        facts: vec![
            facts::data(prepared),
            facts::model(&prepared.model, preprocessing, facts::masked(prepared) > 0),
            facts::training(config),
            facts::group("Run", run),
        ],
        history: history(&result.history),
        best_epoch: result.history.best_epoch().filter(|_| validated),
        class_balance: balance(prepared),
        sizes: sizes(prepared),
        evaluations: vec![section(&name, &result.out_of_fold, matrices, config.seed)?],
        sheets,
        tables: chosen.into_iter().collect(),
        notes: result.notices.clone(),
        ..RunReport::default()
    })
}

/// The report of an evaluation, as HTML; of the named part of the data. Of an ensemble, all models;
/// pictures are shown as the first sees them.
///
/// # Errors
/// When a sample for a contact sheet cannot be read, or the predictions are not of these samples.
pub fn evaluation_report(
    classifiers: &[Classifier],
    dataset: &Dataset,
    (part, predictions): (&str, &Predictions),
) -> Result<String> {
    predictions.check()?;
    refuse_foreign(dataset, &predictions.samples)?;
    let Some(first) = classifiers.first() else {
        let (field, value) = ("ensemble", "no model".to_owned());
        return Err(Error::Config { field, value, expected: "at least one run" });
    };
    let manifest = first.manifest();
    let masked = dataset.masked(&predictions.samples);
    let data = vec![
        Fact::new("Data", dataset.source.display()),
        Fact::new("Part", part),
        Fact::count("Samples", predictions.truth.len()),
        Fact::count("With a mask", masked),
    ];
    let preprocessing = &manifest.preprocessing;
    let mut sheets = vec![sheets::samples(
        dataset,
        &predictions.samples,
        (&manifest.model, preprocessing),
        "Measured images",
    )?];
    sheets.extend(sheets::worst_errors(dataset, preprocessing, predictions)?);
    let models = classifiers.iter().map(Classifier::manifest).flat_map(|manifest| {
        let model = facts::model(&manifest.model, &manifest.preprocessing, masked > 0);
        [model, facts::origin(manifest)]
    });
    let report = RunReport {
        title: match classifiers.len() {
            1 => title(&manifest.model, dataset),
            models => on(&format!("Ensemble of {models} models"), dataset),
        },
        subtitle: "Evaluation of a trained model".into(),
        facts: std::iter::once(facts::group("Data", data)).chain(models).collect(),
        evaluations: vec![section(part, predictions, None, manifest.training.seed)?],
        class_balance: measured_balance(predictions),
        sizes: measured_sizes(predictions),
        sheets,
        notes: predictions.notices.clone(),
        ..RunReport::default()
    };
    Ok(render(&report)?)
}

/// Training samples and augmented copies of one.
fn training_sheets(prepared: &Prepared, config: &TrainConfig) -> Result<Vec<ContactSheet>> {
    let Prepared { dataset, train, model, preprocessing, .. } = prepared;
    let mut sheets =
        vec![sheets::samples(dataset, train, (model, preprocessing), "Training images")?];
    if !config.model.is_classical() {
        sheets.extend(sheets::augmentation(prepared, config)?);
    }
    Ok(sheets)
}

fn section(
    name: &str,
    predictions: &Predictions,
    fold_matrices: Option<FoldMatrices>,
    seed: u64,
) -> Result<EvaluationSection> {
    let evaluation = predictions.evaluate()?;
    let (mut roc, mut pr) = (Vec::new(), Vec::new());
    // Two classes share one curve: that of class 1.
    let first = usize::from(predictions.classes.len() == 2);
    for (class, class_name) in predictions.classes.iter().enumerate().skip(first) {
        let positive: Vec<bool> = predictions.truth.iter().map(|&t| t as usize == class).collect();
        if positive.iter().all(|&p| p) || !positive.iter().any(|&p| p) {
            continue;
        }
        let score = predictions.probabilities.column(class).to_vec();
        roc.push((class_name.clone(), roc_curve(&positive, &score, None)?));
        pr.push((class_name.clone(), pr_curve(&positive, &score, None)?));
    }
    Ok(EvaluationSection {
        name: name.to_owned(),
        remark: String::new(),
        intervals: Some(score_intervals(predictions, seed)?),
        evaluation,
        roc,
        pr,
        fold_matrices,
    })
}

fn score_intervals(predictions: &Predictions, seed: u64) -> Result<ScoreIntervals> {
    let config = BootstrapConfig::new(seed);
    let groups = predictions.groups.as_ref();
    let groups = groups.map(|groups| groups.iter().collect::<BTreeSet<_>>().len());
    Ok(ScoreIntervals { scores: intervals(&predictions.scored(), config)?, config, groups })
}

fn history(history: &History) -> Vec<EpochRecord> {
    let convert = |record: &crate::EpochRecord| {
        let validation = record.validation.as_ref();
        EpochRecord {
            epoch: record.epoch,
            train_loss: record.train_loss,
            validation_loss: validation.map(|v| v.loss),
            train_accuracy: Some(record.train_accuracy),
            validation_accuracy: validation.map(|v| v.accuracy),
            validation_auroc: validation.and_then(|v| v.auroc),
            pixels: None,
            learning_rate: record.learning_rate,
            seconds: record.seconds,
        }
    };
    history.epochs.iter().map(convert).collect()
}

fn balance(prepared: &Prepared) -> Vec<ClassBalance> {
    let Prepared { dataset, train, validation, .. } = prepared;
    let parts = [
        ("training", dataset.class_counts(train)),
        ("validation", dataset.class_counts(validation)),
    ];
    let of_class = |(class, name): (usize, &String)| ClassBalance {
        name: name.clone(),
        counts: parts.iter().map(|(part, counts)| ((*part).to_owned(), counts[class])).collect(),
    };
    dataset.classes.iter().enumerate().map(of_class).collect()
}

fn sizes(prepared: &Prepared) -> Vec<ObjectSize> {
    let of_sample = |&(index, height, width): &(usize, usize, usize)| ObjectSize {
        class: prepared.labels[index],
        height: height as f64,
        width: width as f64,
    };
    prepared.sizes.iter().map(of_sample).collect()
}

/// How many of the measured samples are of which class.
fn measured_balance(predictions: &Predictions) -> Vec<ClassBalance> {
    let count = |class| predictions.truth.iter().filter(|&&truth| truth == class).count();
    let of_class = |(class, name): (u32, &String)| ClassBalance {
        name: name.clone(),
        counts: vec![("measured".to_owned(), count(class))],
    };
    (0..).zip(&predictions.classes).map(of_class).collect()
}

fn measured_sizes(predictions: &Predictions) -> Vec<ObjectSize> {
    let of_sample = |(&class, &[height, width]): (&u32, &[usize; 2])| ObjectSize {
        class,
        height: height as f64,
        width: width as f64,
    };
    predictions.truth.iter().zip(&predictions.objects).map(of_sample).collect()
}

/// Such as `LipNet-4 on lamellarity`.
fn title(model: &ModelConfig, dataset: &Dataset) -> String {
    on(&model.title(), dataset)
}

fn on(what: &str, dataset: &Dataset) -> String {
    let name = dataset.root.file_name().map(|name| name.to_string_lossy());
    format!("{what} on {}", name.unwrap_or_default())
}
