//! One file a command.

pub(crate) mod completions;
pub(crate) mod crossval;
pub(crate) mod evaluate;
pub(crate) mod info;
mod info_run;
pub(crate) mod predict;
pub(crate) mod synth;
pub(crate) mod train;

use std::path::Path;

use anyhow::Result;
use micrograph::train::{Event, Existing, RunFolder, Surroundings};

/// The folder of a new run; says where the one stands that it replaces.
fn new_folder(out: &Path, existing: Existing, around: &Surroundings<'_>) -> Result<RunFolder> {
    let folder = RunFolder::create(out, existing)?;
    if let Some(old) = folder.replaced() {
        let old = old.display();
        let notice =
            format!("the run that was there stands in {old} until the new one is finished");
        around.observer.event(Event::Notice(&notice));
    }
    Ok(folder)
}
