//! The folder of a run: who may write it, and what stands where.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use micrograph_image::real_path;

use crate::origin::ORIGIN;
use crate::replaced::{Exchange, REPLACED, is_cut, older_runs, restore};
use crate::{Error, Result, RunSettings, Start};

pub(crate) const CONFIG: &str = "config.toml";
const LOCK: &str = ".lock";
const CHECKPOINT: &str = "checkpoint";
const FOLDS: &str = "folds";
pub(crate) const MODELS: &str = "models";
/// All that a run writes but its lock.
pub(crate) const CONTENT: [&str; 12] = [
    CHECKPOINT,
    FOLDS,
    // The models of a comparison.
    MODELS,
    // Runs of which its report tells, such as those behind the lines of a table.
    "lines",
    ORIGIN,
    "model.safetensors",
    "model.toml",
    "metrics.jsonl",
    "summary.json",
    "report.html",
    "predictions.csv",
    CONFIG,
];

/// What to do when the folder of a new run is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Refuse.
    #[default]
    Keep,
    /// Replace the run; anything else in the folder stays. The older run is kept, below the folder
    /// in `replaced/1` and so on.
    Overwrite,
}

/// A run folder that this process alone may write.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// The run that this one replaced.
    replaced: Option<PathBuf>,
    /// Held as long as the value lives; the system frees it when the process dies.
    _lock: Arc<File>,
}

impl RunFolder {
    /// Makes the folder of a new run, with its settings.
    ///
    /// # Errors
    /// As [`RunFolder::check`]; [`Error::Locked`] when another process has the folder; when the
    /// settings cannot be written. An older run is then as it was.
    pub fn create(path: &Path, existing: Existing, config: &impl RunSettings) -> Result<Self> {
        let text = config.to_toml()?;
        Self::check(path, existing)?;
        std::fs::create_dir_all(path).map_err(|source| io(path, source))?;
        let mut folder = Self::lock(path)?;
        // Once more: only now is nobody else at work on it.
        let exchange =
            if Self::check(path, existing)? { Some(Exchange::begin(path)?) } else { None };
        match (folder.write_settings(&text), exchange) {
            (Ok(()), Some(exchange)) => folder.replaced = Some(exchange.end()?),
            (Ok(()), None) => {}
            (Err(error), exchange) => {
                exchange.into_iter().for_each(Exchange::undo);
                return Err(error);
            }
        }
        Ok(folder)
    }

    /// Whether a run stands at `path` already that a new one would replace; called before work that
    /// takes time.
    ///
    /// # Errors
    /// [`Error::RunExists`] for a run that is not to be overwritten; [`Error::NotARun`] for a folder
    /// with anything else in it; a file on the way; a place among the files of another run.
    pub fn check(path: &Path, existing: Existing) -> Result<bool> {
        let exists = path.ancestors().skip(1).find(|above| above.exists());
        if let Some(file) = exists.filter(|above| !above.is_dir()) {
            let problem =
                format!("{} on the way to it is a file; choose another folder", file.display());
            return Err(Error::Data { path: path.to_path_buf(), problem });
        }
        refuse_inside_a_run(path)?;
        if !occupied(path)? {
            return Ok(false);
        }
        Self::check_run(path)?;
        match existing {
            Existing::Keep => Err(Error::RunExists { path: path.to_path_buf() }),
            Existing::Overwrite => Ok(true),
        }
    }

    /// Refuses what is no run, and none that an exchange left in two.
    fn check_run(path: &Path) -> Result<()> {
        if has_settings(path) || is_cut(path) {
            return Ok(());
        }
        Err(Error::NotARun { path: path.to_path_buf(), missing: CONFIG })
    }

    /// Opens the folder of a run that exists.
    ///
    /// # Errors
    /// [`Error::NotARun`], or [`Error::Locked`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::check_run(path)?;
        Self::lock(path)
    }

    /// Whether `file` is, or would be, one of those that a run in the folder `run` writes and
    /// replaces, when that is a run; both as [`real_path`](micrograph_image::real_path) gives them.
    #[must_use]
    pub fn owns(run: &Path, file: &Path) -> bool {
        let Ok(Some(name)) = file.strip_prefix(run).map(|below| below.iter().next()) else {
            return false;
        };
        CONTENT.into_iter().chain([LOCK, REPLACED]).any(|own| name == own)
    }

    fn lock(path: &Path) -> Result<Self> {
        let name = path.join(LOCK);
        let file = File::create(&name).map_err(|source| io(&name, source))?;
        match file.try_lock() {
            Ok(()) => {
                restore(path)?;
                remove_leftovers(path);
                remove_leftovers(&path.join(CHECKPOINT));
                Ok(Self { path: path.to_path_buf(), replaced: None, _lock: Arc::new(file) })
            }
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_path_buf() }),
            Err(TryLockError::Error(source)) => Err(io(&name, source)),
        }
    }

    /// Where the run stands that this one replaced, of one that was just created.
    #[must_use]
    pub fn replaced(&self) -> Option<&Path> {
        self.replaced.as_deref()
    }

    /// The runs that stood in the folder `run` before the one of now, oldest first.
    #[must_use]
    pub fn older(run: &Path) -> Vec<PathBuf> {
        older_runs(run)
    }

    /// Where the run stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the phases of a cross-validation stand; as it is, or empty.
    pub(crate) fn folds(&self, start: Start) -> Result<Self> {
        if start == Start::New {
            self.remove(FOLDS)?;
        }
        self.part(FOLDS)
    }

    /// A folder below this one, made when absent, under the same lock.
    pub(crate) fn part(&self, name: &str) -> Result<Self> {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).map_err(|source| io(&path, source))?;
        remove_leftovers(&path);
        remove_leftovers(&path.join(CHECKPOINT));
        Ok(Self { path, replaced: None, _lock: Arc::clone(&self._lock) })
    }

    /// Removes checkpoints that nobody needs any more.
    pub(crate) fn remove_checkpoints(&self) -> Result<()> {
        self.remove(CHECKPOINT)
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }

    /// The folder of the checkpoints, made when absent.
    pub(crate) fn checkpoints(&self) -> Result<PathBuf> {
        let path = self.path.join(CHECKPOINT);
        std::fs::create_dir_all(&path).map_err(|source| io(&path, source))?;
        Ok(path)
    }
}

pub(crate) fn has_settings(folder: &Path) -> bool {
    folder.join(CONFIG).is_file()
}

/// Whether anything stands in a folder that a new run could be in the way of.
fn occupied(path: &Path) -> Result<bool> {
    let entries = match path.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(|source| io(path, source))?,
    };
    for entry in entries {
        let name = entry.map_err(|source| io(path, source))?.file_name();
        if name != LOCK && name != REPLACED && !is_leftover(&name) {
            return Ok(true);
        }
    }
    Ok(is_cut(path))
}

/// Refuses a folder that would be moved, or removed, together with the run in which it lies.
fn refuse_inside_a_run(path: &Path) -> Result<()> {
    let place = real_path(path).map_err(|source| io(path, source))?;
    for run in place.ancestors().skip(1).filter(|above| has_settings(above)) {
        let below = place.strip_prefix(run).ok().and_then(|below| below.iter().next());
        if [CHECKPOINT, FOLDS, MODELS, REPLACED].iter().any(|own| below == Some(own.as_ref())) {
            let problem =
                format!("lies among the files of the run {}; choose another folder", run.display());
            return Err(Error::Data { path: path.to_path_buf(), problem });
        }
    }
    Ok(())
}

/// An unfinished file of [`write_atomically`](micrograph_image::write_atomically).
fn is_leftover(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(".new-")
}

/// Removes unfinished files of a process that was killed while it wrote; called under the lock.
fn remove_leftovers(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        if is_leftover(&entry.file_name()) {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

pub(crate) fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: path.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;

    fn create(path: &Path, existing: Existing) -> Result<RunFolder> {
        RunFolder::create(path, existing, &RunConfig::default())
    }

    #[test]
    fn what_a_kill_leaves_before_the_settings_is_no_obstacle() {
        let folder = micrograph_testkit::temporary_folder();
        let path = folder.path();
        std::fs::write(path.join(".new-Ab1"), "half of the settings").unwrap();
        std::fs::write(path.join(LOCK), "").unwrap();
        drop(create(path, Existing::Keep).unwrap());
        assert!(!path.join(".new-Ab1").exists());
        assert!(matches!(create(path, Existing::Keep), Err(Error::RunExists { .. })));
        assert!(RunFolder::open(path).unwrap().replaced().is_none());
    }

    #[test]
    fn a_folder_that_is_no_run_is_not_offered_to_be_replaced() {
        let folder = micrograph_testkit::temporary_folder();
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        for existing in [Existing::Keep, Existing::Overwrite] {
            assert!(matches!(create(folder.path(), existing), Err(Error::NotARun { .. })));
        }
    }

    /// A link to itself cannot be listed, whoever asks.
    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_listed_is_not_taken_for_empty() {
        let folder = micrograph_testkit::temporary_folder();
        let path = folder.path().join("loop");
        std::os::unix::fs::symlink(&path, &path).unwrap();
        assert!(matches!(RunFolder::check(&path, Existing::Keep), Err(Error::Io { .. })));
    }

    #[test]
    fn no_run_lies_among_the_files_of_another() {
        let folder = micrograph_testkit::temporary_folder();
        drop(create(folder.path(), Existing::Keep).unwrap());
        for name in ["replaced", "replaced/7", "folds/x", "checkpoint/x/y"] {
            let message =
                create(&folder.path().join(name), Existing::Keep).unwrap_err().to_string();
            assert!(message.contains("lies among the files of the run"), "{name}: {message}");
        }
        create(&folder.path().join("lines/one"), Existing::Keep).unwrap();
    }
}
