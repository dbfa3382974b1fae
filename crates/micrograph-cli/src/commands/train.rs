//! `micrograph train`: a new run, or one that goes on.

use std::path::Path;

use anyhow::Result;
use micrograph::train::{
    Ended, Event, Existing, Prepared, Readable, RunConfig, RunFolder, RunTask, Start, Surroundings,
    check, check_resume, finish_run, fit,
};

use super::{new_folder, segmentation};
use crate::arguments::TrainArguments;
use crate::print::say;
use crate::settings::segmentation::task;
use crate::settings::{resumed, run_config};

pub(crate) fn run(arguments: &TrainArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let mut around = arguments.work.surroundings(&progress)?;
    arguments.checkpoints.apply(&mut around)?;
    match (&arguments.resume, &arguments.out) {
        (Some(path), _) => match RunTask::of(path) {
            Ok(RunTask::Segment) => segmentation::train::resume(arguments, path, &around),
            _ => resume(arguments, path, &around),
        },
        (None, Some(out)) => match task(&arguments.place, &arguments.settings)? {
            RunTask::Segment => segmentation::train::new_run(arguments, out, &around),
            RunTask::Classify => new_run(arguments, out, &around),
        },
        (None, None) => anyhow::bail!("--out is missing: give the folder of the new run"),
    }
}

fn new_run(arguments: &TrainArguments, out: &Path, around: &Surroundings<'_>) -> Result<()> {
    let config = RunConfig {
        crossval: None,
        ..run_config((&arguments.place, &arguments.data), (&arguments.length, &arguments.settings))?
    };
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Keep };
    config.data.check_out(out)?;
    RunFolder::check(out, existing)?;
    // Whatever can be refused is refused before the folder is made or an older run is moved aside.
    let prepared = config.read(around)?.prepare(&config.train, around)?;
    check(&prepared, &config.train, &around.device)?;
    let folder = new_folder(out, existing, &config, around)?;
    go_on(&prepared, &config, &folder, Start::New, around)
}

fn resume(arguments: &TrainArguments, path: &Path, around: &Surroundings<'_>) -> Result<()> {
    let folder = RunFolder::open(path)?;
    let old = folder.read_config()?;
    super::refuse_comparison(&old, path)?;
    if old.crossval.is_some() {
        let path = path.display();
        anyhow::bail!(
            "{path}: is a cross-validation; continue it with `micrograph crossval --resume {path}`"
        );
    }
    let config = resumed(old.clone(), &arguments.place, &arguments.length)?;
    let prepared = read_again(&config, &folder, "train", around)?.prepare(&config.train, around)?;
    if config != old {
        check(&prepared, &config.train, &around.device)?;
        check_resume(&prepared, &config.train, &folder, &around.device)?;
        folder.write_config(&config)?;
    }
    go_on(&prepared, &config, &folder, Start::Resume, around)
}

/// The data of a run that `command` goes on with.
pub(crate) fn read_again(
    config: &RunConfig,
    folder: &RunFolder,
    command: &'static str,
    around: &Surroundings<'_>,
) -> Result<Readable> {
    let readable = config.read(around);
    Ok(readable.map_err(|error| error.stopped_in("reading the data", folder.path(), command))?)
}

fn go_on(
    prepared: &Prepared,
    config: &RunConfig,
    folder: &RunFolder,
    start: Start,
    around: &Surroundings<'_>,
) -> Result<()> {
    let fitted = fit(prepared, &config.train, Some((folder, start)), around)?;
    let summary = finish_run(prepared, &config.train, &fitted, folder, around)
        .map_err(|error| error.stopped_in("the last measures", folder.path(), "train"))?;
    if fitted.ended == Ended::Fitted {
        // A classical model has no state between: whatever was there is made again, bit by bit.
        let again = if start == Start::Resume { " again from the start, in one go" } else { "" };
        around.observer.event(Event::Notice(&format!(
            "fitted{again}; model, measures and report are in {}",
            folder.path().display()
        )));
    } else {
        tell_of_epochs(fitted.ended, (summary.epochs, summary.best_epoch), folder, around);
    }
    if let Some(validation) = &summary.validation {
        say(&super::evaluate::measures("validation", validation))?;
    }
    Ok(())
}

/// Why the epochs are over, how many there were, which was best, and where everything is.
pub(super) fn tell_of_epochs(
    ended: Ended,
    (epochs, best): (usize, usize),
    folder: &RunFolder,
    around: &Surroundings<'_>,
) {
    let why = match ended {
        Ended::Epochs => "all epochs done",
        Ended::Patience => "no better epoch for --patience epochs",
        Ended::MaxMinutes => "--max-minutes reached",
        _ => "done",
    };
    around.observer.event(Event::Notice(&format!(
        "{why}: {epochs} {}, best {best}; model, measures and report are in {}",
        if epochs == 1 { "epoch" } else { "epochs" },
        folder.path().display()
    )));
}
