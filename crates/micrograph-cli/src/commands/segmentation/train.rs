//! `micrograph train --task segment`: a new run, or one that goes on.

use std::path::Path;

use anyhow::Result;
use micrograph::train::{
    Existing, RunFolder, SegmentationData, SegmentationRun, Start, Surroundings,
    check_segmentation, finish_segmentation, fit_segmenter,
};

use super::evaluate::measures;
use crate::arguments::TrainArguments;
use crate::commands::new_folder;
use crate::commands::train::tell_of_epochs;
use crate::print::say;
use crate::settings::segmentation::{resumed, run_config};

pub(crate) fn new_run(
    arguments: &TrainArguments,
    out: &Path,
    around: &Surroundings<'_>,
) -> Result<()> {
    let config =
        run_config((&arguments.place, &arguments.data), (&arguments.length, &arguments.settings))?;
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Keep };
    config.data.check_out(out)?;
    RunFolder::check(out, existing)?;
    // Whatever can be refused is refused before the folder is made or an older run is moved aside.
    let data = config.read(around)?;
    check_segmentation(&data, &config.segment, None, around)?;
    let folder = new_folder(out, existing, &config, around)?;
    go_on(&data, &config, (&folder, Start::New), around)
}

pub(crate) fn resume(
    arguments: &TrainArguments,
    path: &Path,
    around: &Surroundings<'_>,
) -> Result<()> {
    let folder = RunFolder::open(path)?;
    let old = SegmentationRun::load(path)?;
    let config = resumed(old.clone(), &arguments.place, &arguments.length)?;
    let data = config
        .read(around)
        .map_err(|error| error.stopped_in("reading the data", folder.path(), "train"))?;
    if config != old {
        check_segmentation(&data, &config.segment, Some(&folder), around)?;
        folder.write_config(&config)?;
    }
    go_on(&data, &config, (&folder, Start::Resume), around)
}

fn go_on(
    data: &SegmentationData,
    config: &SegmentationRun,
    (folder, start): (&RunFolder, Start),
    around: &Surroundings<'_>,
) -> Result<()> {
    let fitted = fit_segmenter(data, &config.segment, Some((folder, start)), around)?;
    let summary = finish_segmentation(data, &config.segment, &fitted, folder, around)
        .map_err(|error| error.stopped_in("the last measures", folder.path(), "train"))?;
    let epochs = (summary.epochs, summary.best_epoch);
    tell_of_epochs(fitted.ended, epochs, folder, around);
    match &summary.validation {
        Some(validation) => say(&measures("validation", validation)),
        None => Ok(()),
    }
}
