//! What the models of a run are for, and the file of its settings.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::run_folder::{CONFIG, io};
use crate::{Error, Result, RunConfig};

/// What the models of a run tell classes of: images, or pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunTask {
    /// Images.
    #[default]
    Classify,
    /// Pixels.
    Segment,
}

impl RunTask {
    /// Of the run in `folder`, as its `config.toml` says.
    ///
    /// # Errors
    /// When that cannot be read or does not parse.
    pub fn of(folder: &Path) -> Result<Self> {
        let (path, text) = read_text(folder)?;
        task_of(&path, &text)
    }
}

impl std::fmt::Display for RunTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Classify => "classify",
            Self::Segment => "segment",
        })
    }
}

impl std::str::FromStr for RunTask {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "classify" => Ok(Self::Classify),
            "segment" => Ok(Self::Segment),
            other => Err(format!("expected classify or segment, got `{other}`")),
        }
    }
}

/// What can stand in a `config.toml`.
pub trait RunSettings: Serialize {
    /// Where the data is.
    fn data_path(&self) -> &Path;

    /// The content of `config.toml`.
    ///
    /// # Errors
    /// When the path of the data, or a setting, is nothing that TOML can hold.
    fn to_toml(&self) -> Result<String> {
        check_name(self.data_path())?;
        let of_file = |error: toml::ser::Error| Error::Parse {
            path: CONFIG.into(),
            reason: format!("cannot hold these settings: {error}"),
        };
        toml::to_string(self).map_err(of_file)
    }
}

impl RunSettings for RunConfig {
    fn data_path(&self) -> &Path {
        &self.data.path
    }
}

/// The settings of the run in `folder`, which has to be of `task`.
pub(crate) fn read_as<T: RunSettings + DeserializeOwned>(
    folder: &Path,
    expected: RunTask,
) -> Result<T> {
    let (path, text) = read_text(folder)?;
    let found = task_of(&path, &text)?;
    if found != expected {
        return Err(Error::Task { path: folder.to_path_buf(), found, expected });
    }
    let config: T = toml::from_str(&text).map_err(|error| in_file(&path, &error))?;
    if config.data_path().as_os_str().is_empty() {
        let reason = "`path` under [data] is missing: restore the file, or begin a new run";
        return Err(Error::Parse { path, reason: reason.to_owned() });
    }
    Ok(config)
}

/// What the settings of all tasks have.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    task: RunTask,
}

fn task_of(path: &Path, text: &str) -> Result<RunTask> {
    let head: Head = toml::from_str(text).map_err(|error| in_file(path, &error))?;
    Ok(head.task)
}

fn read_text(folder: &Path) -> Result<(PathBuf, String)> {
    let path = folder.join(CONFIG);
    let text = std::fs::read_to_string(&path).map_err(|source| io(&path, source))?;
    Ok((path, text))
}

fn in_file(path: &Path, error: &toml::de::Error) -> Error {
    let reason = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Error::Parse { path: path.to_path_buf(), reason }
}

/// Refuses data whose name `config.toml` cannot hold.
pub(crate) fn check_name(path: &Path) -> Result<()> {
    if path.to_str().is_some() {
        return Ok(());
    }
    let problem = "its path is not UTF-8, which config.toml has to be; rename it".to_owned();
    Err(Error::Data { path: path.to_path_buf(), problem })
}
