//! `micrograph crossval`: k folds, every sample predicted once by a network that did not see it.

use std::path::Path;

use anyhow::{Result, bail};
use micrograph::train::{
    FoldPlan, Readable, RunConfig, RunFolder, Start, Surroundings, begin_folds, check_folds,
    cross_validate, cross_validation_report, finish_cross_validation,
};

use super::new_folder;
use super::train::read_again;
use crate::arguments::FoldArguments;
use crate::commands::evaluate::measures;
use crate::print::say;
use crate::settings::{resumed, run_config};

pub(crate) fn run(arguments: &FoldArguments) -> Result<()> {
    arguments.begin(
        |out, around| new_run(arguments, out, around),
        |path, around| resume(arguments, path, around),
    )
}

fn new_run(arguments: &FoldArguments, out: &Path, around: &Surroundings<'_>) -> Result<()> {
    let config =
        run_config((&arguments.place, &arguments.data), (&arguments.length, &arguments.settings))?;
    if arguments.fixed_epochs && config.train.model.is_classical() {
        bail!("--fixed-epochs: {} knows no epochs; leave it out", config.train.model);
    }
    let plan = arguments.plan(config.crossval);
    let existing = arguments.existing();
    config.data.check_out(out)?;
    RunFolder::check(out, existing)?;
    let readable = config.read(around)?;
    check_folds(&readable, &config.train, plan, &around.device)?;
    let config = RunConfig { crossval: Some(plan), ..config };
    let folder = new_folder(out, existing, &config, around)?;
    go_on(&readable, &config, plan, (&folder, Start::New), around)
}

fn resume(arguments: &FoldArguments, path: &Path, around: &Surroundings<'_>) -> Result<()> {
    let folder = RunFolder::open(path)?;
    let old = folder.read_config()?;
    super::refuse_comparison(&old, path)?;
    let Some(plan) = old.crossval else {
        let path = path.display();
        bail!("{path}: is a training run; continue it with `micrograph train --resume {path}`");
    };
    let config = resumed(old.clone(), &arguments.place, &arguments.length)?;
    let readable = read_again(&config, &folder, "crossval", around)?;
    if config != old {
        begin_folds(&readable, (&config.train, plan), &folder, &around.device)?;
        folder.write_config(&config)?;
    }
    go_on(&readable, &config, plan, (&folder, Start::Resume), around)
}

fn go_on(
    readable: &Readable,
    config: &RunConfig,
    plan: FoldPlan,
    (folder, start): (&RunFolder, Start),
    around: &Surroundings<'_>,
) -> Result<()> {
    let result = cross_validate(readable, &config.train, plan, Some((folder, start)), around)?;
    let report = cross_validation_report(readable, &config.train, &result, around)?;
    finish_cross_validation(&config.train, &result, &report, folder)?;
    let name = match result.epochs {
        0 => format!("{} folds, out of fold", plan.folds),
        epochs => format!("{} folds of {epochs} epochs, out of fold", plan.folds),
    };
    let macro_f1 = result.evaluation.macro_f1;
    say(&format!(
        "{}macro F1 {macro_f1:.4} (a class that is never predicted counts 0)",
        measures(&name, &result.evaluation)
    ))
}
