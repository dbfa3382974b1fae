//! The run that a new one replaces stands aside until the new one is finished.

use std::path::Path;

use crate::Result;
use crate::run_folder::{SUMMARY, io};

/// The folder, below the run's own, of the run that stood there before.
pub(crate) const REPLACED: &str = "replaced";

/// Moves what stands in `run` under `names` aside. What was never finished makes way for good, where
/// a finished run stands aside already.
pub(crate) fn set_aside<'a>(run: &Path, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let aside = run.join(REPLACED);
    let finished = run.join(SUMMARY).is_file();
    let keep = finished || !aside.exists();
    if finished {
        remove(&aside)?;
    }
    std::fs::create_dir_all(&aside).map_err(|source| io(&aside, source))?;
    for path in names.map(|name| run.join(name)).filter(|path| path.exists()) {
        match path.file_name().filter(|_| keep) {
            Some(name) => std::fs::rename(&path, aside.join(name)),
            None if path.is_dir() => std::fs::remove_dir_all(&path),
            None => std::fs::remove_file(&path),
        }
        .map_err(|source| io(&path, source))?;
    }
    Ok(())
}

/// Removes what stood aside: the new run is finished.
pub(crate) fn let_go(run: &Path) -> Result<()> {
    remove(&run.join(REPLACED))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|source| io(folder, source))?;
    }
    Ok(())
}
