//! From a run's results to the value that `micrograph-report` renders.

use micrograph_image::Dataset;
use micrograph_metrics::{BootstrapConfig, FoldMatrices, intervals, pr_curve, roc_curve};
use micrograph_model::{Classifier, Manifest};
use micrograph_report::{
    ClassBalance, EpochRecord, EvaluationSection, Fact, ObjectSize, RunReport, ScoreIntervals,
    SizeUnit, render,
};

use crate::{CrossValidation, Fitted, Predictions, Prepared, Result, TrainConfig, sheets};

/// The report of a training run.
pub(crate) fn of_training(
    prepared: &Prepared,
    config: &TrainConfig,
    fitted: &Fitted,
    validation: Option<&Predictions>,
) -> Result<RunReport> {
    let manifest = fitted.classifier.manifest();
    let mut facts = data_facts(prepared, config);
    facts.extend(model_facts(manifest, &fitted.classifier));
    facts.push(fact("Epochs", &epochs_text(fitted)));
    facts.push(fact("Time", &format!("{:.0} s", fitted.seconds)));
    facts.push(fact("Weights SHA-256", &manifest.weights_sha256));
    let mut sheets = vec![sheets::samples(prepared)?];
    sheets.extend(sheets::augmentation(prepared, config)?);
    let mut evaluations = Vec::new();
    if let Some(predictions) = validation {
        let name = "validation (it also picked the epoch)";
        evaluations.push(section(name, predictions, None, config.seed)?);
        let Prepared { dataset, preprocessing, .. } = prepared;
        sheets.extend(sheets::worst_errors(dataset, preprocessing, predictions)?);
    }
    Ok(RunReport {
        title: format!("{} on {}", config.model, name_of(&prepared.dataset)),
        subtitle: format!("Training run, seed {}", config.seed),
        facts,
        history: history(fitted),
        best_epoch: fitted.history.best_epoch(),
        class_balance: balance(prepared),
        sizes: sizes(prepared),
        size_unit: SizeUnit::Pixels,
        evaluations,
        sheets,
        tables: Vec::new(),
        notes: prepared.notices.clone(),
    })
}

/// The report of a cross-validation.
pub(crate) fn of_cross_validation(
    prepared: &Prepared,
    config: &TrainConfig,
    result: &CrossValidation,
) -> Result<RunReport> {
    let folds = result.folds.len();
    let mut facts = data_facts(prepared, config);
    facts.push(fact("Protocol", &format!("{folds} folds, {} epochs each", result.epochs)));
    facts.push(fact("Seconds per epoch", &format!("{:.1}", result.seconds_per_epoch)));
    let name = format!("{folds}-fold, out of fold");
    let matrices = Some(result.matrices.clone());
    let mut sheets = vec![sheets::samples(prepared)?];
    let Prepared { dataset, preprocessing, .. } = prepared;
    sheets.extend(sheets::worst_errors(dataset, preprocessing, &result.out_of_fold)?);
    Ok(RunReport {
        title: format!("{} on {}", config.model, name_of(dataset)),
        subtitle: format!("{folds}-fold cross-validation, seed {}", config.seed),
        facts,
        class_balance: balance(prepared),
        sizes: sizes(prepared),
        evaluations: vec![section(&name, &result.out_of_fold, matrices, config.seed)?],
        sheets,
        notes: result.notices.clone(),
        ..RunReport::default()
    })
}

/// The report of an evaluation, as HTML.
///
/// # Errors
/// When a sample for a contact sheet cannot be read.
pub fn evaluation_report(
    classifier: &Classifier,
    dataset: &Dataset,
    predictions: &Predictions,
) -> Result<String> {
    let manifest = classifier.manifest();
    let mut facts = vec![
        fact("Data", &dataset.root.display().to_string()),
        fact("Samples", &predictions.truth.len().to_string()),
    ];
    facts.extend(model_facts(manifest, classifier));
    let report = RunReport {
        title: format!("{} on {}", manifest.network.architecture, name_of(dataset)),
        subtitle: "Evaluation of a trained model".into(),
        facts,
        evaluations: vec![section("evaluation", predictions, None, manifest.training.seed)?],
        sheets: sheets::worst_errors(dataset, &manifest.preprocessing, predictions)?
            .into_iter()
            .collect(),
        ..RunReport::default()
    };
    Ok(render(&report)?)
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
        intervals: Some(score_intervals(predictions, seed)?),
        evaluation,
        roc,
        pr,
        fold_matrices,
    })
}

fn score_intervals(predictions: &Predictions, seed: u64) -> Result<ScoreIntervals> {
    let config = BootstrapConfig::new(seed);
    Ok(ScoreIntervals { scores: intervals(&predictions.scored(), config)?, config })
}

fn data_facts(prepared: &Prepared, config: &TrainConfig) -> Vec<Fact> {
    let Prepared { dataset, train, validation, .. } = prepared;
    let augment = if config.augment == micrograph_augment::Recipe::none() { "none" } else { "on" };
    vec![
        fact("Data", &dataset.root.display().to_string()),
        fact("Samples", &format!("{} training, {} validation", train.len(), validation.len())),
        fact("Balance", &format!("{:?}", config.balance).to_lowercase()),
        fact("Augmentation", augment),
        fact("Seed", &config.seed.to_string()),
        fact("Data fingerprint", &prepared.fingerprint),
    ]
}

fn model_facts(manifest: &Manifest, classifier: &Classifier) -> Vec<Fact> {
    let [height, width] = manifest.preprocessing.size;
    let network = &manifest.network;
    vec![
        fact(
            "Model",
            &format!("{}, {} parameters", network.architecture, classifier.n_parameters()),
        ),
        fact("Input", &format!("{} x {height} x {width}", network.in_channels)),
        fact("micrograph", &manifest.micrograph),
    ]
}

fn epochs_text(fitted: &Fitted) -> String {
    let done = fitted.history.epochs.len();
    match fitted.history.best_epoch() {
        Some(best) => format!("{done}, weights of epoch {best}"),
        None => done.to_string(),
    }
}

fn history(fitted: &Fitted) -> Vec<EpochRecord> {
    let convert = |record: &crate::EpochRecord| {
        let validation = record.validation.as_ref();
        EpochRecord {
            epoch: record.epoch,
            train_loss: record.train_loss,
            validation_loss: validation.map(|v| v.loss),
            train_accuracy: Some(record.train_accuracy),
            validation_accuracy: validation.map(|v| v.accuracy),
            validation_auroc: validation.and_then(|v| v.auroc),
            learning_rate: record.learning_rate,
            seconds: record.seconds,
        }
    };
    fitted.history.epochs.iter().map(convert).collect()
}

fn balance(prepared: &Prepared) -> Vec<ClassBalance> {
    let Prepared { dataset, train, validation, .. } = prepared;
    let parts = [("train", dataset.class_counts(train)), ("val", dataset.class_counts(validation))];
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

fn name_of(dataset: &Dataset) -> String {
    dataset.root.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.to_owned(), value: value.to_owned() }
}
