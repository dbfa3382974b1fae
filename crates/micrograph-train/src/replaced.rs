//! Runs that were replaced: each stands whole in a folder of its own, `replaced/1` and so on, from
//! which any command takes it. Nothing here removes one.
//!
//! What is moved aside stands in `replaced/moving` until the settings of the new run are written; one
//! rename then ends the exchange. An exchange that was cut before is undone when the run is next
//! opened.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::run_folder::{CONTENT, has_settings, io};

/// The folder, below the run's own, of runs that stood there before.
pub(crate) const REPLACED: &str = "replaced";
const MOVING: &str = "moving";

/// An exchange that is under way.
#[derive(Debug)]
pub(crate) struct Exchange<'a>(&'a Path);

impl<'a> Exchange<'a> {
    /// Moves the run aside; what fails is undone.
    pub(crate) fn begin(run: &'a Path) -> Result<Self> {
        let moving = moving(run);
        let exchange = Self(run);
        let moved = std::fs::create_dir_all(&moving)
            .map_err(|source| io(&moving, source))
            .and_then(|()| transfer(run, &moving));
        if let Err(error) = moved {
            exchange.undo();
            return Err(error);
        }
        Ok(exchange)
    }

    /// Ends the exchange: the older run has a folder of its own, which is returned.
    pub(crate) fn end(self) -> Result<PathBuf> {
        let numbers = names(self.0).filter_map(|name| name.parse::<u64>().ok());
        let number = numbers.max().unwrap_or(0).saturating_add(1);
        let own = self.0.join(REPLACED).join(number.to_string());
        if let Err(source) = std::fs::rename(moving(self.0), &own) {
            self.undo();
            return Err(io(&own, source));
        }
        Ok(own)
    }

    /// Takes the older run back. What cannot be moved now is when the run is next opened.
    pub(crate) fn undo(self) {
        let _ = restore(self.0);
    }
}

/// Whether an exchange was cut.
pub(crate) fn is_cut(run: &Path) -> bool {
    moving(run).is_dir()
}

/// Undoes an exchange that was cut: the new run had at most its settings, which are written over.
pub(crate) fn restore(run: &Path) -> Result<()> {
    let moving = moving(run);
    if !moving.is_dir() {
        return Ok(());
    }
    transfer(&moving, run)?;
    // They stay where anything else is in them.
    let _ = std::fs::remove_dir(&moving);
    let _ = std::fs::remove_dir(run.join(REPLACED));
    Ok(())
}

/// The folders of the runs that stood in `run` before, oldest first.
pub(crate) fn older_runs(run: &Path) -> Vec<PathBuf> {
    let mut numbers: Vec<u64> = names(run).filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    let folder = |number: u64| run.join(REPLACED).join(number.to_string());
    numbers.into_iter().map(folder).filter(|folder| has_settings(folder)).collect()
}

fn moving(run: &Path) -> PathBuf {
    run.join(REPLACED).join(MOVING)
}

fn names(run: &Path) -> impl Iterator<Item = String> {
    let entries = run.join(REPLACED).read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
}

fn transfer(from: &Path, to: &Path) -> Result<()> {
    for name in CONTENT {
        let old = from.join(name);
        if old.symlink_metadata().is_ok() {
            std::fs::rename(&old, to.join(name)).map_err(|source| io(&old, source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_folder::CONFIG;
    use crate::{Existing, RunConfig, RunFolder};
    use std::collections::BTreeMap;

    fn content(folder: &Path) -> BTreeMap<String, String> {
        let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files.filter(|path| path.is_file() && !path.ends_with(".lock"));
        files.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
    }

    fn write_run(folder: &Path, text: &str) {
        std::fs::create_dir_all(folder.join("checkpoint")).unwrap();
        std::fs::create_dir_all(folder.join("lines/one")).unwrap();
        for name in ["model.toml", "predictions.csv", CONFIG] {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Five files and folders, and then the new settings: cut after each step, and the undoing too.
    #[test]
    fn an_exchange_that_was_cut_anywhere_is_undone() {
        for (steps, back) in (0..=6).flat_map(|steps| (0..=5).map(move |back| (steps, back))) {
            let folder = micrograph_testkit::temporary_folder();
            let run = folder.path();
            write_run(run, "old");
            std::fs::write(run.join("notes.txt"), "mine").unwrap();
            let before = content(run);
            let step = |from: &Path, to: &Path, steps: usize| {
                std::fs::create_dir_all(to).unwrap();
                let names = CONTENT.into_iter().filter(|name| from.join(name).exists());
                for name in names.take(steps).collect::<Vec<_>>() {
                    std::fs::rename(from.join(name), to.join(name)).unwrap();
                }
            };
            step(run, &moving(run), steps);
            if steps == 6 {
                std::fs::write(run.join(CONFIG), "new").unwrap();
            }
            std::fs::write(run.join(".new-1"), "half of the settings").unwrap();
            step(&moving(run), run, back);
            RunFolder::open(run).unwrap();
            assert_eq!(content(run), before, "cut after {steps} steps, {back} back");
            assert!(run.join("checkpoint").is_dir() && run.join("lines/one").is_dir());
            assert!(!run.join(REPLACED).exists());
        }
    }

    #[test]
    fn no_run_is_ever_removed() {
        let folder = micrograph_testkit::temporary_folder();
        let run = folder.path();
        for text in ["first", "second", "third"] {
            write_run(run, text);
            std::fs::write(run.join("notes.txt"), "mine").unwrap();
            let folder = RunFolder::create(run, Existing::Overwrite, &RunConfig::default());
            let older = folder.unwrap().replaced().expect("it stands aside").to_path_buf();
            assert!(content(&older).values().all(|content| content == text));
            assert!(older.join("checkpoint").is_dir() && older.join("lines/one").is_dir());
            assert_eq!(content(run).into_keys().collect::<Vec<_>>(), [CONFIG, "notes.txt"]);
        }
        let numbers = older_runs(run);
        assert_eq!(numbers, ["1", "2", "3"].map(|number| run.join(REPLACED).join(number)));
    }

    /// The last number is taken, so that all but the last step can be done.
    #[test]
    fn an_exchange_that_fails_is_undone_at_once() {
        let folder = micrograph_testkit::temporary_folder();
        let run = folder.path();
        write_run(run, "old");
        let before = content(run);
        let last = run.join(REPLACED).join(u64::MAX.to_string());
        std::fs::create_dir_all(last.join("mine")).unwrap();
        RunFolder::create(run, Existing::Overwrite, &RunConfig::default()).unwrap_err();
        assert_eq!(content(run), before);
        assert!(run.join("checkpoint").is_dir() && run.join("lines/one").is_dir());
        assert!(!is_cut(run));
    }
}
