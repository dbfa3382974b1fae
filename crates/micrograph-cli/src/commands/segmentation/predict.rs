//! `micrograph predict` of a segmenter: masks, probabilities and objects of images.

use std::path::PathBuf;

use anyhow::{Result, bail};
use micrograph::image::SegmentationDataset;
use micrograph::train::{
    Event, PredictionFolder, Surroundings, Unreadable, Written, whole_windows,
};

use super::evaluate::load;
use crate::arguments::PredictArguments;
use crate::outputs::Outputs;
use crate::print::say;
use crate::settings::segmentation::prediction_options;

pub(crate) fn run(arguments: &PredictArguments, around: &Surroundings<'_>) -> Result<()> {
    refuse_tables(arguments)?;
    let runs = arguments.models.runs();
    let segmenter = load(&runs, arguments.test_time, around)?;
    let dataset = SegmentationDataset::images(&arguments.inputs, &prediction_options(arguments))?;
    let out = folder(arguments)?;
    let outputs = Outputs { runs: &runs, overwrite: arguments.overwrite };
    let written = Written {
        probabilities: !arguments.no_probabilities,
        instances: !arguments.no_instances,
        ..Written::default()
    };
    let folder = PredictionFolder::new(&out, &segmenter, &dataset, written)?;
    let inputs: Vec<PathBuf> = dataset.files().collect();
    for file in folder.files() {
        outputs.check_place(&file, inputs.iter().cloned())?;
    }
    let whole = whole_windows(&segmenter, &dataset, &dataset.all(), around);
    if whole.is_empty() {
        bail!("{}: none of its frames has a whole window", dataset.source.display());
    }
    folder.create()?;
    let (mut predicted, mut objects) = (0, Vec::new());
    let size = |&index: &usize| {
        let shape = dataset.frames[index].shape;
        [shape.height, shape.width]
    };
    let total = whole.iter().map(size).map(|size| segmenter.n_tiles(size)).sum();
    around.observer.event(Event::Began { task: "predicting tiles", total });
    for index in whole {
        let mut advanced = || around.observer.event(Event::Advanced);
        match folder.predict(index, &segmenter, around, &mut advanced) {
            Err(error) if unreadable(arguments) == Unreadable::Skip && error.is_of_sample() => {
                around.observer.event(Event::Notice(&format!("left out: {error}")));
            }
            done => {
                objects.extend(done?);
                predicted += 1;
            }
        }
    }
    around.observer.event(Event::Ended);
    folder.write_table(&objects)?;
    let counted =
        if written.instances { format!(", {} objects", objects.len()) } else { String::new() };
    say(&format!(
        "{predicted} frames{}{counted}: {} in {}",
        match dataset.frames.len() - predicted {
            0 => String::new(),
            rest => format!(" ({rest} more were left out)"),
        },
        listed(written),
        out.display()
    ))
}

/// What was written, as `masks and probabilities are`.
fn listed(written: Written) -> &'static str {
    match (written.probabilities, written.instances) {
        (true, true) => "masks, probabilities, instances and objects.csv are",
        (true, false) => "masks and probabilities are",
        (false, true) => "masks, instances and objects.csv are",
        (false, false) => "masks are",
    }
}

fn unreadable(arguments: &PredictArguments) -> Unreadable {
    if arguments.skip_unreadable { Unreadable::Skip } else { Unreadable::Refuse }
}

fn folder(arguments: &PredictArguments) -> Result<PathBuf> {
    let Some(out) = &arguments.out else {
        bail!("--out is missing: give a folder for masks, probabilities and objects")
    };
    if out.exists() && !out.is_dir() {
        bail!("{}: is a file; a segmenter writes a folder", out.display());
    }
    Ok(out.clone())
}

/// Flags that say nothing to a segmenter are refused, so that nobody thinks they did.
fn refuse_tables(arguments: &PredictArguments) -> Result<()> {
    let given = [
        ("--mask-template", arguments.mask_template.is_some()),
        ("--path-template", arguments.path_template.is_some()),
        ("--path-column", arguments.path_column.is_some()),
    ];
    match given.iter().find(|flag| flag.1) {
        Some((flag, _)) => bail!("{flag}: the model segments images and stacks; leave it out"),
        None => Ok(()),
    }
}
