//! `micrograph info --run`: what a run holds, and how far it is.

use std::path::Path;

use anyhow::Result;
use micrograph::image::{Preprocessing, ResizeMode};
use micrograph::model::bundle::{Kind, kind, load_manifest};
use micrograph::model::{Lengths, Manifest};
use micrograph::train::{
    ComparisonPlan, Error, FoldPlan, RunConfig, RunFolder, RunTask, SegmentationRun,
};

/// A bundle, or the folder of a run, finished or not.
pub(super) fn describe(path: &Path) -> Result<String> {
    let mut text = run(path)?;
    for older in RunFolder::older(path) {
        text += &format!("replaced: {}\n", older.display());
    }
    Ok(text)
}

fn run(path: &Path) -> Result<String> {
    if !path.is_dir() {
        return bundle(path, path);
    }
    let model = path.join("model.toml");
    if model.is_file() {
        return bundle(path, &model);
    }
    if !path.join("config.toml").is_file() {
        let (path, missing) = (path.to_path_buf(), "model.toml or config.toml");
        return Err(Error::NotARun { path, missing }.into());
    }
    if RunTask::of(path)? == RunTask::Segment {
        return Ok(unfinished_segmentation(path, &SegmentationRun::load(path)?));
    }
    let config = RunConfig::load(path)?;
    if let Some(plan) = &config.compare {
        let data = config.data.path.display();
        let head = format!("{}: comparison\ndata: {data}\n", path.display());
        return Ok(format!("{head}seed {}\n{}", config.train.seed, of_models(path, plan)));
    }
    let (kind, state) = match config.crossval {
        Some(plan) => ("cross-validation", of_folds(path, plan)),
        None => ("training", of_training(path, config.train.model.is_classical())),
    };
    Ok(format!(
        "{}: {kind} of {}\ndata: {}\nseed {}\n{state}",
        path.display(),
        config.train.model_name(),
        config.data.path.display(),
        config.train.seed
    ))
}

fn unfinished_segmentation(path: &Path, run: &SegmentationRun) -> String {
    format!(
        "{}: training of {}, to segment\ndata: {}\nseed {}\n{}",
        path.display(),
        run.segment.model,
        run.data.path.display(),
        run.segment.seed,
        of_training(path, false)
    )
}

fn bundle(path: &Path, model: &Path) -> Result<String> {
    if kind(model).is_ok_and(|kind| kind == Kind::Segmenter) {
        return super::segmentation::info::bundle(path, model);
    }
    let manifest = load_manifest(model)?;
    let training = &manifest.training;
    let epochs = match training.epochs {
        0 => String::new(),
        epochs => format!(", epochs {epochs}"),
    };
    let mut text = format!(
        "{}: {}\nclasses: {}\ninput: {}\nseed {}{epochs}\n\
         training samples: {:?}, with masks {}\nweights SHA-256: {}\ndata fingerprint: {}\n",
        path.display(),
        manifest.model.name(),
        manifest.classes.join(", "),
        input(&manifest),
        training.seed,
        training.training_samples,
        training.masked_samples,
        manifest.weights_sha256,
        training.data_fingerprint
    );
    for (name, value) in &manifest.metrics {
        text += &format!("{name}: {value:.4}\n");
    }
    Ok(text)
}

fn input(manifest: &Manifest) -> String {
    let Preprocessing { n_channels, size: [height, width], resize, .. } = manifest.preprocessing;
    let own = if resize == ResizeMode::Native { "own size to " } else { "" };
    let pixels = format!("{n_channels} x {own}{height} x {width}");
    match manifest.model.features() {
        None => pixels,
        Some(features) => {
            let unit = match features.lengths {
                Lengths::Pixels => "pixels",
                Lengths::Nanometers => "nanometers",
            };
            let count = features.columns.len();
            let beside = if manifest.model.takes_pixels() { pixels + ", " } else { String::new() };
            format!(
                "{beside}{count} features ({}) of {n_channels} channels, lengths in {unit}",
                features.name
            )
        }
    }
}

/// A run without a model is not done.
fn of_training(path: &Path, classical: bool) -> String {
    let metrics = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap_or_default();
    let (done, path) = (metrics.lines().count(), path.display());
    if classical {
        return format!("not finished: go on with `micrograph train --resume {path}`\n");
    }
    format!("not finished, epochs done {done}: go on with `micrograph train --resume {path}`\n")
}

/// How far each model is, then who is best.
fn of_models(path: &Path, plan: &ComparisonPlan) -> String {
    let folds = plan.folds.folds;
    let mut text = String::new();
    for model in &plan.models {
        let own = path.join("models").join(model.folder()).join("folds");
        let result = |fold: &usize| own.join(format!("fold-{fold}/result.json")).is_file();
        let done = (1..=folds).filter(result).count();
        text += &format!("{model}: folds done {done} of {folds}\n");
    }
    let summary = std::fs::read(path.join("summary.json")).ok();
    let summary = summary.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    let Some(summary) = summary else {
        let path = path.display();
        return format!("{text}not finished: go on with `micrograph compare --resume {path}`\n");
    };
    for sentence in summary["conclusion"].as_array().into_iter().flatten() {
        text += sentence.as_str().unwrap_or_default();
        text += "\n";
    }
    text
}

fn of_folds(path: &Path, plan: FoldPlan) -> String {
    let folds = plan.folds;
    let result = |fold| path.join(format!("folds/fold-{fold}/result.json"));
    let done = (1..=folds).filter(|&fold| result(fold).is_file()).count();
    let summary = std::fs::read(path.join("summary.json")).ok();
    let summary = summary.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    let Some(summary) = summary else {
        let path = path.display();
        return format!(
            "not finished, folds done {done} of {folds}: go on with `micrograph crossval --resume {path}`\n"
        );
    };
    let mut text = match summary["epochs"].as_u64() {
        Some(0) => format!("folds {folds}\n"),
        _ => format!("folds {folds}, of {} epochs\n", summary["epochs"]),
    };
    for name in ["accuracy", "balanced_accuracy", "auroc", "auprc", "log_loss", "macro_f1"] {
        if let Some(value) = summary["out_of_fold"][name].as_f64() {
            text += &format!("out_of_fold_{name}: {value:.4}\n");
        }
    }
    text
}
