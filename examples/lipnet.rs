//! Reruns the experiments of S. Gryshkevych, "Convolutional neural networks for classification of
//! transmission electron microscopy imagery" (Uppsala), sections 8.2, 8.3 and 8.5.
//!
//! `cargo run --release --example lipnet` draws artificial liposomes, since the thesis's images are
//! private, and takes minutes; `-- --full` takes days; `-- --data DIR` uses your images.

#[path = "lipnet/protocol.rs"]
mod protocol;
#[path = "lipnet/thesis.rs"]
mod thesis;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use micrograph::augment::Recipe;
use micrograph::image::{Dataset, DatasetOptions, InputMode};
use micrograph::metrics::Counts;
use micrograph::nn::Architecture::LipNet4;
use micrograph::report::{RunReport, Table};
use micrograph::sampling::synthetic::LiposomeConfig;
use micrograph::train::*;

use protocol::{Arguments, Lab, Preset};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let preset = Preset::of(&arguments);
    let around = Surroundings { observer: &protocol::Lines, ..Surroundings::default() };
    // An older run is replaced only where the folder is one.
    let folder = RunFolder::create(&arguments.out, Existing::Overwrite)?;
    let data = images(&arguments, &preset, folder.path(), &around)?;
    println!("Preset {}: {}, {}", preset.name, data.display(), preset.protocol());
    let base = TrainConfig {
        seed: arguments.seed,
        epochs: Some(preset.epochs),
        patience: preset.patience,
        augment: Recipe::thesis(),
        ..TrainConfig::default()
    };
    folder.write_config(&base)?;
    let dataset = Dataset::open(&data, &DatasetOptions::default())?;
    let readable = Readable::open(dataset, &base, Unreadable::Refuse, &around)?;
    let thesis = arguments.data.is_none().then(|| thesis::of(arguments.problem));
    let lab = Lab {
        split: hold_out(&readable, 0.25, base.seed)?,
        readable,
        base,
        preset,
        around,
        thesis,
    };

    let (mut tables, config, result) = networks(&lab)?;
    tables.push(input_modes(&lab)?);
    tables.extend(augmentation(&lab)?);
    tables.iter().for_each(|table| print!("\n{table}"));
    let report = cross_validation_report(&lab.readable, &config, &result, &lab.around)?;
    finish_cross_validation(&config, &result, &RunReport { tables, ..report }, &folder)?;
    println!("Preset {}; report: {}", lab.preset.name, folder.path().join("report.html").display());
    Ok(())
}

/// The folder of your images, or of freshly drawn ones.
fn images(
    arguments: &Arguments,
    preset: &Preset,
    out: &Path,
    around: &Surroundings<'_>,
) -> Result<PathBuf> {
    let drawn = out.join("images");
    if drawn.exists() {
        std::fs::remove_dir_all(&drawn)?;
    }
    if let Some(data) = &arguments.data {
        return Ok(data.clone());
    }
    let ratio = preset.ratio.clone();
    let config = LiposomeConfig { ratio, ..LiposomeConfig::new(arguments.problem) };
    write_liposomes(&drawn, &config, preset.images, arguments.seed, around)?;
    Ok(drawn)
}

/// Section 8.3: the networks by cross-validation, on cropped and masked images. The last, LipNet-4,
/// gives Tables 9 and 10, and goes into the report.
fn networks(lab: &Lab<'_>) -> Result<(Vec<Table>, TrainConfig, CrossValidation)> {
    let mut by_network = lab.table("Networks (8.3)", "F1 of TPR and TNR", "s/epoch");
    let mut last = None;
    for &model in lab.preset.networks {
        println!("{model}");
        let config = TrainConfig { model, ..lab.base.clone() };
        let result = cross_validate(&lab.readable, &config, lab.preset.folds, None, &lab.around)?;
        let seconds = format!("{:.2}", result.seconds_per_epoch);
        by_network.push_scores(
            model.title(),
            result.matrices.mean_score(Counts::f1_tpr_tnr),
            &seconds,
        );
        last = Some((config, result));
    }
    let (config, result) = last.ok_or_else(|| anyhow::anyhow!("the preset has no network"))?;
    let mut tables = vec![by_network];
    if let Some(thesis) = &lab.thesis {
        let theirs = protocol::matrix(lab.classes(), &thesis.counts.1)?;
        let title = format!("{} in the thesis", LipNet4.title());
        tables[0].push_scores(title, theirs.mean_score(Counts::f1_tpr_tnr), "60-130, GeForce 940M");
        let title = format!("{}, {} beside it", config.model.title(), thesis.counts.0);
        tables.push(lab.beside(&title, &result.matrices, &theirs));
    }
    Ok((tables, config, result))
}

/// Section 8.5: with surroundings, cropped, cropped and masked; LipNet-4.
fn input_modes(lab: &Lab<'_>) -> Result<Table> {
    let heading = lab.thesis.as_ref().map_or("", |_| "in the thesis");
    let mut by_mode = lab.table("Input modes (8.5)", "F1 of TPR and TNR", heading);
    for (position, &mode) in InputMode::ALL[..3].iter().enumerate() {
        let mut config = lab.base.clone();
        config.input.mode = mode;
        let remark = lab.thesis.as_ref().map_or("", |thesis| thesis.modes[position]);
        by_mode.push_scores(mode, lab.measure(&config)?.mean_score(Counts::f1_tpr_tnr), remark);
    }
    Ok(by_mode)
}

/// Section 8.2: augmentation, one transform more each time, on cropped unmasked images; LipNet-4.
fn augmentation(lab: &Lab<'_>) -> Result<Vec<Table>> {
    let heading = lab.thesis.as_ref().map_or("", |thesis| thesis.of_recipes);
    let mut tables = vec![lab.table("Augmentation (8.2)", "true positive rate", heading)];
    for (position, (name, augment)) in Recipe::thesis_ablation().into_iter().enumerate() {
        let mut config = TrainConfig { augment, ..lab.base.clone() };
        config.input.mode = InputMode::Crop;
        let ours = lab.measure(&config)?;
        let remark = lab.thesis.as_ref().map_or("", |thesis| thesis.recipes[position]);
        tables[0].push_scores(name, ours.mean_score(Counts::tpr), remark);
        if let (6, Some(zoom)) = (position, lab.thesis.as_ref().and_then(|t| t.zoom_alone)) {
            let theirs = protocol::matrix(lab.classes(), &zoom)?;
            tables.push(lab.beside("Zoom alone, Table 6 beside it", &ours, &theirs));
        }
    }
    Ok(tables)
}
