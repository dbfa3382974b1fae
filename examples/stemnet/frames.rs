//! What stands where: a run folder for each network, and frames beside them.
//!
//! ```text
//! OUT/NETWORK/            run folder of a network, with its report
//! OUT/table3.txt          the table
//! OUT-frames/NAME/        an artificial time-lapse with masks; the name says how it was drawn
//! OUT-frames/NAME-still/  the same, or your data, less what does not move
//! ```
//! Run again with the same settings, what is finished is kept and the rest goes on where it was cut.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use micrograph::image::{
    Depth, SegmentationDataset, SegmentationOptions, write_mask_png, write_png,
};
use micrograph::sampling::synthetic::TimeLapse;
use micrograph::train::*;

use crate::console::say;
use crate::protocol::{Arguments, Preset};

/// Where the networks find frames and masks; draws frames where none are given.
pub(crate) fn data(
    arguments: &Arguments,
    preset: &Preset,
    around: &Surroundings<'_>,
) -> Result<PathBuf> {
    // Collected anew, because a slash at the end would make it a folder inside.
    let out: PathBuf = arguments.out.components().collect();
    let beside = std::path::absolute(format!("{}-frames", out.display()))?;
    let (recording, name) = match &arguments.data {
        Some(path) => (std::path::absolute(path)?, "data".to_owned()),
        None => {
            let name = format!("{}-seed-{}", preset.name, arguments.seed);
            let folder = beside.join(&name);
            draw(&folder, preset, arguments.seed)?;
            (folder, name)
        }
    };
    if arguments.keep_background {
        return Ok(recording);
    }
    let still = beside.join(format!("{name}-still"));
    subtract(&recording, &still, around)?;
    Ok(still)
}

/// Draws a time-lapse as 8-bit frames and masks.
fn draw(folder: &Path, preset: &Preset, seed: u64) -> Result<()> {
    let sequence = TimeLapse::new(&preset.sequence, seed)?;
    for kind in ["frames", "masks"] {
        make(&folder.join(kind))?;
    }
    for index in 0..sequence.n_frames() {
        let [image, mask] =
            ["frames", "masks"].map(|kind| folder.join(kind).join(format!("t{index:04}.png")));
        if image.is_file() && mask.is_file() {
            continue; // drawn before it was cut
        }
        let frame = sequence.frame(index);
        write_mask_png(&mask, frame.mask().view())?;
        write_png(&image, frame.pixels.view(), Depth::U8)?;
    }
    Ok(())
}

/// The thesis's preparation: each sequence less its temporal median, beside masks of 0 and 255.
fn subtract(recording: &Path, still: &Path, around: &Surroundings<'_>) -> Result<()> {
    let options = SegmentationOptions::default();
    let dataset = SegmentationDataset::open(recording, &options)?;
    let folder = BackgroundFolder::new(still, &dataset)?;
    refuse_others(&still.join("frames"), &folder)?;
    folder.write(around)?;
    for index in dataset.all() {
        let frame = folder.frame(index);
        let labels = dataset.read_labels(index)?.with_context(|| {
            format!("{}: has no mask; every frame needs one", dataset.frames[index].id)
        })?;
        let mut mask = still.join("masks").join(frame.strip_prefix(still.join("frames"))?);
        mask.set_extension("png");
        mask.parent().map_or(Ok(()), make)?;
        write_mask_png(&mask, labels.foreground().view())?;
    }
    Ok(())
}

/// Frames of other data must not stand between these.
fn refuse_others(frames: &Path, folder: &BackgroundFolder<'_>) -> Result<()> {
    let own: HashSet<PathBuf> = folder.files().collect();
    for entry in frames.read_dir().into_iter().flatten() {
        let path = entry?.path();
        if path.is_file() && !own.contains(&path) {
            bail!("{}: is of other data; choose another --out", path.display());
        }
    }
    Ok(())
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

/// The folder of a run: one that began with the same settings and data is opened, any other is
/// replaced with `--overwrite` alone.
pub(crate) fn claim(
    path: &Path,
    overwrite: bool,
    run: &SegmentationRun,
    (data, around): (&SegmentationData, &Surroundings<'_>),
) -> Result<RunFolder> {
    if SegmentationRun::load(path).is_ok_and(|found| found == *run) {
        let folder = RunFolder::open(path)?;
        match check_segmentation(data, &run.segment, Some(&folder), around) {
            Err(error) if !overwrite => return Err(error.into()),
            Err(_) => {} // replaced, as was asked for
            Ok(()) => return Ok(folder),
        }
    }
    let existing = if overwrite { Existing::Overwrite } else { Existing::Keep };
    let folder = RunFolder::create(path, existing, run).map_err(|error| match error {
        Error::RunExists { path } => anyhow!(
            "{}: holds a run of other settings; add --overwrite to replace it, or choose another \
             --out",
            path.display()
        ),
        _ => error.into(),
    })?;
    if let Some(older) = folder.replaced() {
        say(&format!("  older results: {}", older.display()));
    }
    Ok(folder)
}
