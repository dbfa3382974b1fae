//! One file a command.

pub(crate) mod background;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod crossval;
pub(crate) mod evaluate;
pub(crate) mod features;
pub(crate) mod info;
mod info_run;
pub(crate) mod predict;
pub(crate) mod segmentation;
pub(crate) mod synth;
pub(crate) mod train;

use std::path::Path;

use anyhow::{Result, anyhow};
use micrograph::model::{Classifier, Error};
use micrograph::train::{Event, Existing, RunConfig, RunFolder, RunSettings, Surroundings};

/// A comparison goes on as a whole.
fn refuse_comparison(config: &RunConfig, path: &Path) -> Result<()> {
    if config.compare.is_some() {
        let path = path.display();
        anyhow::bail!(
            "{path}: is a comparison; continue it with `micrograph compare --resume {path}`"
        );
    }
    Ok(())
}

/// The folder of a new run; says where the one stands that it replaces.
fn new_folder(
    out: &Path,
    existing: Existing,
    config: &impl RunSettings,
    around: &Surroundings<'_>,
) -> Result<RunFolder> {
    let folder = RunFolder::create(out, existing, config)?;
    if let Some(older) = folder.replaced() {
        let notice = format!("the run that was there is kept in {}", older.display());
        around.observer.event(Event::Notice(&notice));
    }
    Ok(folder)
}

/// The classifier of a run; where there is none yet, says where that of an older run stands.
fn classifier(run: &Path, around: &Surroundings<'_>) -> Result<Classifier> {
    Classifier::load_on(run, &around.device).map_err(|error| {
        let mut older = RunFolder::older(run).into_iter().rev();
        match older.find(|older| older.join("model.toml").is_file()) {
            Some(older) if matches!(error, Error::NotFound { .. }) => {
                anyhow!("{error}; that of the run that was there before is in {}", older.display())
            }
            _ => error.into(),
        }
    })
}
