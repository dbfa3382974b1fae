//! Reruns the experiments of S. Gryshkevych, "Convolutional neural networks for classification of
//! transmission electron microscopy imagery" (Uppsala), sections 8.2, 8.3 and 8.5.
//!
//! `cargo run --release --example lipnet` draws artificial liposomes, since the thesis's images are
//! private, and takes minutes; `-- --full` takes days, can be stopped with Ctrl-C or a kill, and goes
//! on with the same command; `-- --data DIR` uses your images.

#[path = "shared/console.rs"]
mod console;
#[path = "lipnet/folder.rs"]
mod folder;
#[path = "lipnet/protocol.rs"]
mod protocol;
#[path = "lipnet/thesis.rs"]
mod thesis;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use micrograph::augment::Recipe;
use micrograph::image::InputMode;
use micrograph::metrics::Counts;
use micrograph::nn::Architecture::LipNet4;
use micrograph::report::{RunReport, Table};
use micrograph::train::{Error, *};

use console::say;
use protocol::{Arguments, Lab, Preset};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    micrograph::ops::keep_freed_memory();
    let around = Surroundings { observer: &protocol::Lines, ..Surroundings::default() };
    console::stop_on_ctrl_c(&around.stop);
    let Err(error) = run(&Arguments::parse(), around) else { return ExitCode::SUCCESS };
    if error.downcast_ref::<Error>().is_some_and(Error::is_stop) {
        eprintln!("stopped: run the same command again to go on");
        return ExitCode::from(130);
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn run(arguments: &Arguments, around: Surroundings<'_>) -> Result<()> {
    let preset = Preset::of(arguments);
    let config = RunConfig {
        data: folder::data(arguments, &preset, &around)?,
        train: TrainConfig {
            model: preset.last_network()?.into(),
            seed: arguments.seed,
            epochs: Some(preset.epochs),
            patience: preset.patience,
            augment: Recipe::thesis(),
            ..TrainConfig::default()
        },
        crossval: Some(preset.folds),
        compare: None,
    };
    let (name, data) = (preset.name, config.data.path.display());
    say(&format!("Preset {name}: {data}, {}", preset.protocol()));
    let readable = config.read(&around)?;
    check_folds(&readable, &config.train, preset.folds, &around.device)?;
    let lab = Lab {
        split: hold_out(&readable, 0.25, arguments.seed)?,
        folder: folder::claim(&arguments.out, arguments.overwrite, &config, (&readable, &around))?,
        overwrite: arguments.overwrite,
        readable,
        config,
        preset,
        around,
        thesis: arguments.data.is_none().then(|| thesis::of(arguments.problem)),
    };

    let (mut tables, result) = networks(&lab)?;
    tables.push(input_modes(&lab)?);
    tables.extend(augmentation(&lab)?);
    tables.iter().for_each(|table| say(&format!("\n{}", table.to_string().trim_end())));
    let Lab { readable, config, folder, around, .. } = &lab;
    let report = cross_validation_report(readable, &config.train, &result, around)?;
    finish_cross_validation(&config.train, &result, &RunReport { tables, ..report }, folder)?;
    let report = folder.path().join("report.html");
    say(&format!("Preset {}; report: {}", lab.preset.name, report.display()));
    Ok(())
}

/// Section 8.3: the networks by cross-validation, on cropped and masked images. The last, LipNet-4,
/// gives Tables 9 and 10, and goes into the report.
fn networks(lab: &Lab<'_>) -> Result<(Vec<Table>, CrossValidation)> {
    let mut by_network = lab.table("Networks (8.3)", "F1 of TPR and TNR", "s/epoch");
    let mut last = None;
    for &model in lab.preset.networks {
        say(&model.to_string());
        let train = TrainConfig { model: model.into(), ..lab.config.train.clone() };
        let result = lab.cross_validate(&format!("network-{model}"), &train)?;
        let seconds = format!("{:.2}", result.seconds_per_epoch);
        by_network.push_scores(
            model.title(),
            result.matrices.mean_score(Counts::f1_tpr_tnr),
            &seconds,
        );
        last = Some(result);
    }
    let (model, result) = (lab.preset.last_network()?, last.context("the preset has no network")?);
    let mut tables = vec![by_network];
    if let Some(thesis) = &lab.thesis {
        let theirs = protocol::matrix(lab.classes(), &thesis.counts.1)?;
        let title = format!("{} in the thesis", LipNet4.title());
        tables[0].push_scores(title, theirs.mean_score(Counts::f1_tpr_tnr), "60-130, GeForce 940M");
        let title = format!("{}, {} beside it", model.title(), thesis.counts.0);
        tables.push(lab.beside(&title, &result.matrices, &theirs));
    }
    Ok((tables, result))
}

/// Section 8.5: with surroundings, cropped, cropped and masked; LipNet-4.
fn input_modes(lab: &Lab<'_>) -> Result<Table> {
    let heading = lab.thesis.as_ref().map_or("", |_| "in the thesis");
    let mut by_mode = lab.table("Input modes (8.5)", "F1 of TPR and TNR", heading);
    for (position, &mode) in InputMode::ALL[..3].iter().enumerate() {
        let mut train = TrainConfig { model: LipNet4.into(), ..lab.config.train.clone() };
        train.input.mode = mode;
        let remark = lab.thesis.as_ref().map_or("", |thesis| thesis.modes[position]);
        let ours = lab.measure(&format!("mode-{mode}"), &train)?;
        by_mode.push_scores(mode, ours.mean_score(Counts::f1_tpr_tnr), remark);
    }
    Ok(by_mode)
}

/// Section 8.2: augmentation, one transform more each time, on cropped unmasked images; LipNet-4.
fn augmentation(lab: &Lab<'_>) -> Result<Vec<Table>> {
    let heading = lab.thesis.as_ref().map_or("", |thesis| thesis.of_recipes);
    let mut tables = vec![lab.table("Augmentation (8.2)", "true positive rate", heading)];
    for (position, (name, augment)) in Recipe::thesis_ablation().into_iter().enumerate() {
        let mut train = TrainConfig { model: LipNet4.into(), augment, ..lab.config.train.clone() };
        train.input.mode = InputMode::Crop;
        let ours = lab.measure(&format!("augmentation-{}", position + 1), &train)?;
        let remark = lab.thesis.as_ref().map_or("", |thesis| thesis.recipes[position]);
        tables[0].push_scores(name, ours.mean_score(Counts::tpr), remark);
        if let (6, Some(zoom)) = (position, lab.thesis.as_ref().and_then(|t| t.zoom_alone)) {
            let theirs = protocol::matrix(lab.classes(), &zoom)?;
            tables.push(lab.beside("Zoom alone, Table 6 beside it", &ours, &theirs));
        }
    }
    Ok(tables)
}
