//! All of a run's `config.toml`: where its data is, its settings, and whether it is of folds.

use std::path::{Path, PathBuf};

use micrograph_image::{Dataset, DatasetOptions, real_path};
use serde::{Deserialize, Serialize};

use crate::run_folder::io;
use crate::run_task::{check_name, read_as};
use crate::{
    ComparisonPlan, Error, FoldPlan, Readable, Result, RunFolder, RunTask, Surroundings,
    TrainConfig, Unreadable,
};

/// What `config.toml` holds.
///
/// ```
/// let text = "[data]\npath = 'images'\n[train]\nmodel = 'lipnet1'\n";
/// let config: micrograph_train::RunConfig = toml::from_str(text)?;
/// assert_eq!(config.train.batch_size, 32);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Where the data is.
    pub data: DataConfig,
    /// The settings.
    pub train: TrainConfig,
    /// Makes it a cross-validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossval: Option<FoldPlan>,
    /// Makes it a comparison of several models, whose common settings are `train`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<ComparisonPlan>,
}

/// Where the data is and how it is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// A folder, a table or an archive; absolute, so that a run can be resumed from any folder.
    pub path: PathBuf,
    /// Whether samples that cannot be read are left out.
    pub skip_unreadable: bool,
    /// How it is understood.
    pub options: DatasetOptions,
}

impl RunConfig {
    /// Reads the `config.toml` of the run in `folder`.
    ///
    /// # Errors
    /// When it cannot be read, does not parse, or is of another task.
    pub fn load(folder: &Path) -> Result<Self> {
        read_as(folder, RunTask::Classify)
    }

    /// Finds and decodes the data, but for a test part.
    ///
    /// # Errors
    /// As [`Dataset::open_for_training`] and [`Readable::open`].
    pub fn read(&self, around: &Surroundings<'_>) -> Result<Readable> {
        let dataset = Dataset::open_for_training(&self.data.path, &self.data.options)?;
        Readable::open(dataset, &self.train, self.data.unreadable(), around)
    }
}

impl DataConfig {
    /// Finds the samples.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub fn open(&self) -> Result<Dataset> {
        Ok(Dataset::open(&self.path, &self.options)?)
    }

    /// What `skip_unreadable` means.
    #[must_use]
    pub fn unreadable(&self) -> Unreadable {
        if self.skip_unreadable { Unreadable::Skip } else { Unreadable::Refuse }
    }

    /// Refuses data whose name `config.toml` cannot hold, a run folder inside the data, where it would
    /// become a class of the next run, and data among the files that a run replaces; symbolic links
    /// and `..` are followed.
    ///
    /// # Errors
    /// [`Error::Data`], naming both.
    pub fn check_out(&self, out: &Path) -> Result<()> {
        check_name(&self.path)?;
        let [data, run] = [&self.path, out].map(|path| real_path(path).map_err(|e| io(path, e)));
        let (data, run) = (data?, run?);
        let problem = if data.is_dir() && run.starts_with(&data) {
            format!("lies inside the data, {}; choose a folder beside it", data.display())
        } else if RunFolder::owns(&run, &data) {
            let data = data.display();
            format!("a new run would replace its data, {data}; choose another folder")
        } else {
            return Ok(());
        };
        Err(Error::Data { path: out.to_path_buf(), problem })
    }
}
