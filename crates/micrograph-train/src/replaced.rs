//! The run that a new one replaces stands aside until the new one is finished.
//!
//! Settings move last and go last, so that what was cut can be told from what stands: while both
//! folders have settings, each is a run; where one of them has none, the exchange was cut, and is
//! undone when the folder is next opened.

use std::path::Path;

use crate::Result;
use crate::run_folder::{CONFIG, CONTENT, SUMMARY, io};

/// The folder, below the run's own, of the run that stood there before.
pub(crate) const REPLACED: &str = "replaced";

pub(crate) fn has_settings(folder: &Path) -> bool {
    folder.join(CONFIG).is_file()
}

/// Moves the run aside, in place of one that stands aside already; what was never finished makes
/// way for good where there is one.
pub(crate) fn set_aside(run: &Path) -> Result<()> {
    let aside = run.join(REPLACED);
    if has_settings(&aside) && !run.join(SUMMARY).is_file() {
        return remove(run);
    }
    remove(&aside)?;
    std::fs::create_dir_all(&aside).map_err(|source| io(&aside, source))?;
    transfer(run, &aside)
}

/// Undoes an exchange that was cut.
pub(crate) fn restore(run: &Path) -> Result<()> {
    let aside = run.join(REPLACED);
    if aside.is_dir() && has_settings(run) != has_settings(&aside) {
        transfer(&aside, run)?;
        remove(&aside)?;
    }
    Ok(())
}

/// Removes what stood aside: the new run is finished.
pub(crate) fn let_go(run: &Path) -> Result<()> {
    let aside = run.join(REPLACED);
    if has_settings(&aside) { remove(&aside) } else { Ok(()) }
}

fn transfer(from: &Path, to: &Path) -> Result<()> {
    for name in CONTENT {
        let (old, new) = (from.join(name), to.join(name));
        if old.exists() && !new.exists() {
            std::fs::rename(&old, new).map_err(|source| io(&old, source))?;
        }
    }
    Ok(())
}

/// Removes what a run writes, and the folder if nothing else is in it.
fn remove(folder: &Path) -> Result<()> {
    for path in CONTENT.map(|name| folder.join(name)) {
        match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false if path.exists() => std::fs::remove_file(&path),
            false => Ok(()),
        }
        .map_err(|source| io(&path, source))?;
    }
    // Whatever somebody else put there stays, and the run's own folder has its lock.
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn content(folder: &Path) -> BTreeMap<String, String> {
        let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files.filter(|path| path.is_file());
        files.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
    }

    fn write_run(folder: &Path, text: &str, finished: bool) {
        std::fs::create_dir_all(folder.join("checkpoint")).unwrap();
        for name in ["model.toml", "predictions.csv", CONFIG] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        if finished {
            std::fs::write(folder.join(SUMMARY), text).unwrap();
        }
    }

    /// Moves the first `steps` of what stands in a run, as an exchange that is cut then.
    fn cut(from: &Path, to: &Path, steps: usize) {
        std::fs::create_dir_all(to).unwrap();
        let names = CONTENT.into_iter().filter(|name| from.join(name).exists());
        for name in names.take(steps).collect::<Vec<_>>() {
            std::fs::rename(from.join(name), to.join(name)).unwrap();
        }
    }

    #[test]
    fn an_exchange_that_was_cut_anywhere_is_undone() {
        for steps in 0..=5 {
            let folder = micrograph_testkit::temporary_folder();
            let run = folder.path();
            write_run(run, "old", true);
            std::fs::write(run.join("notes.txt"), "mine").unwrap();
            let before = content(run);
            cut(run, &run.join(REPLACED), steps);
            restore(run).unwrap();
            assert_eq!(content(run), before, "after {steps} steps");
            assert!(run.join("checkpoint").is_dir());
        }
    }

    #[test]
    fn the_finished_run_stays_aside_whatever_becomes_of_later_ones() {
        let folder = micrograph_testkit::temporary_folder();
        let run = folder.path();
        write_run(run, "old", true);
        let before = content(run);
        for _ in 0..2 {
            set_aside(run).unwrap();
            assert_eq!(content(&run.join(REPLACED)), before);
            assert!(content(run).is_empty(), "room for the new one");
            write_run(run, "new", false);
            restore(run).unwrap();
            assert_eq!(content(run).len(), 3, "nothing to undo");
        }
        std::fs::write(run.join(SUMMARY), "new").unwrap();
        set_aside(run).unwrap();
        assert!(content(&run.join(REPLACED)).values().all(|text| text == "new"));
        write_run(run, "newest", true);
        std::fs::write(run.join(REPLACED).join("notes.txt"), "mine").unwrap();
        let_go(run).unwrap();
        assert_eq!(content(&run.join(REPLACED)).into_keys().collect::<Vec<_>>(), ["notes.txt"]);
    }
}
