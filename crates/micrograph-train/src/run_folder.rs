//! The folder of a run: who may write it, and what stands where.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::origin::ORIGIN;
use crate::replaced::{REPLACED, has_settings, let_go, restore, set_aside};
use crate::{Error, Result, Start};

pub(crate) const CONFIG: &str = "config.toml";
pub(crate) const SUMMARY: &str = "summary.json";
const LOCK: &str = ".lock";
const CHECKPOINT: &str = "checkpoint";
const FOLDS: &str = "folds";
/// All that a run writes but its lock; the settings last, because what has them is a run.
pub(crate) const CONTENT: [&str; 10] = [
    CHECKPOINT,
    FOLDS,
    ORIGIN,
    "model.safetensors",
    "model.toml",
    "metrics.jsonl",
    SUMMARY,
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
    /// Replace what a run writes; anything else in the folder stays. The older run stands below the
    /// folder, in `replaced`, until the new one is finished.
    Overwrite,
}

/// A run folder that this process alone may write.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Held as long as the value lives; the system frees it when the process dies.
    _lock: Arc<File>,
}

impl RunFolder {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// [`Error::RunExists`] for a folder that is not empty, unless it is a run to overwrite;
    /// [`Error::Locked`] when another process has it.
    pub fn create(path: &Path, existing: Existing) -> Result<Self> {
        let occupied = Self::check(path, existing)?;
        std::fs::create_dir_all(path).map_err(|source| io(path, source))?;
        let folder = Self::lock(path)?;
        if occupied {
            set_aside(path)?;
        }
        Ok(folder)
    }

    /// Whether something stands at `path` already that a new run would replace; called before work
    /// that takes time.
    ///
    /// # Errors
    /// [`Error::RunExists`] and [`Error::NotARun`] as [`RunFolder::create`]; a file on the way.
    pub fn check(path: &Path, existing: Existing) -> Result<bool> {
        let exists = path.ancestors().skip(1).find(|above| above.exists());
        if let Some(file) = exists.filter(|above| !above.is_dir()) {
            let problem =
                format!("{} on the way to it is a file; choose another folder", file.display());
            return Err(Error::Data { path: path.to_path_buf(), problem });
        }
        let is_content = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.is_ok_and(|entry| entry.file_name() != LOCK)
        };
        let occupied = path.is_file() || path.read_dir().is_ok_and(|mut it| it.any(is_content));
        if occupied && existing == Existing::Keep {
            return Err(Error::RunExists { path: path.to_path_buf() });
        }
        if occupied {
            Self::check_run(path)?;
        }
        Ok(occupied)
    }

    /// Refuses what is no run, and has none that stands aside.
    fn check_run(path: &Path) -> Result<()> {
        if has_settings(path) || has_settings(&path.join(REPLACED)) {
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
                Ok(Self { path: path.to_path_buf(), _lock: Arc::new(file) })
            }
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_path_buf() }),
            Err(TryLockError::Error(source)) => Err(io(&name, source)),
        }
    }

    /// The older run that a new one is about to replace, where there is one.
    #[must_use]
    pub fn replaced(&self) -> Option<PathBuf> {
        Some(self.path.join(REPLACED)).filter(|path| path.is_dir())
    }

    /// Writes `summary.json`, with which a run is finished: the one that it replaces goes.
    pub(crate) fn finish(&self, summary: &impl Serialize) -> Result<()> {
        self.write_json(SUMMARY, summary)?;
        let_go(&self.path)
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
        Ok(Self { path, _lock: Arc::clone(&self._lock) })
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

/// Removes unfinished files of a process that was killed while it wrote; called under the lock.
fn remove_leftovers(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".new-") {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

pub(crate) fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: path.to_path_buf(), source }
}
