//! `micrograph predict` of a segmenter: masks, probabilities and objects of images.

use std::path::PathBuf;

use anyhow::{Result, bail};
use micrograph::image::SegmentationDataset;
use micrograph::train::{
    Event, PredictionFolder, Surroundings, Unreadable, predict_frame, whole_windows,
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
    let folder = PredictionFolder::new(&out, &segmenter, &dataset)?;
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
    around.observer.event(Event::Began { task: "predicting", total: whole.len() });
    for index in whole {
        if around.stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(micrograph::train::Error::Interrupted.into());
        }
        around.observer.event(Event::Advanced);
        let probabilities = match predict_frame(&segmenter, &dataset, index) {
            Err(error) if unreadable(arguments) == Unreadable::Skip => {
                around.observer.event(Event::Notice(&format!("left out: {error}")));
                continue;
            }
            probabilities => probabilities?,
        };
        objects.extend(folder.write(index, probabilities.view())?);
        predicted += 1;
    }
    around.observer.event(Event::Ended);
    folder.write_table(&objects)?;
    say(&format!(
        "{predicted} frames{}, {} objects: masks, probabilities, instances and objects.csv are in {}",
        match dataset.frames.len() - predicted {
            0 => String::new(),
            rest => format!(" ({rest} more were left out)"),
        },
        objects.len(),
        out.display()
    ))
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
