//! `micrograph background`: sequences without what does not move.

use std::path::PathBuf;

use anyhow::{Result, bail};
use micrograph::image::{FrameOrder, SegmentationDataset, SegmentationOptions};
use micrograph::train::{BackgroundFolder, SegmentationPlace};

use crate::arguments::BackgroundArguments;
use crate::outputs::Outputs;
use crate::print::say;

pub(crate) fn run(arguments: &BackgroundArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    let mut options =
        SegmentationOptions { order: FrameOrder::Sequence, ..SegmentationOptions::default() };
    if let Some(most) = arguments.max_pixels {
        options.limits.max_pixels = most;
    }
    let out = &arguments.out;
    if out.exists() && !out.is_dir() {
        bail!("{}: is a file; expected a folder for backgrounds and frames", out.display());
    }
    let path = arguments.data.clone();
    SegmentationPlace { path, ..SegmentationPlace::default() }.check_out(out)?;
    let dataset = SegmentationDataset::sequences_at(&arguments.data, &options)?;
    let folder = BackgroundFolder::new(out, &dataset)?;
    let outputs = Outputs { runs: &[], overwrite: arguments.overwrite };
    let inputs: Vec<PathBuf> = dataset.files().collect();
    for file in folder.files() {
        outputs.check_place(&file, inputs.iter().cloned())?;
    }
    folder.write(&around)?;
    let (frames, sequences) = (dataset.frames.len(), dataset.sequences.len());
    let s = if sequences == 1 { "" } else { "s" };
    say(&format!(
        "{frames} frames of {sequences} sequence{s}: background and frames are in {}",
        out.display()
    ))
}
