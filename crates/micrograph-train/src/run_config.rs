//! All of a run's `config.toml`: where its data is, its settings, and whether it is of folds.

use std::path::{Path, PathBuf};

use micrograph_image::{Dataset, DatasetOptions, real_path};
use serde::{Deserialize, Serialize};

use crate::run_folder::{CONFIG, io};
use crate::{
    ComparisonPlan, Error, FoldPlan, Readable, Result, RunFolder, Surroundings, TrainConfig,
    Unreadable,
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
    /// When it cannot be read or does not parse.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(CONFIG);
        let text = std::fs::read_to_string(&path).map_err(|source| io(&path, source))?;
        let in_file = |reason| Error::Parse { path: path.clone(), reason };
        let config: Self = toml::from_str(&text).map_err(|error| {
            in_file(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
        })?;
        if config.data.path.as_os_str().is_empty() {
            let reason = "`path` under [data] is missing: restore the file, or begin a new run";
            return Err(in_file(reason.to_owned()));
        }
        Ok(config)
    }

    /// The content of `config.toml`.
    pub(crate) fn to_toml(&self) -> Result<String> {
        self.data.check_name()?;
        let of_file = |error: toml::ser::Error| Error::Parse {
            path: CONFIG.into(),
            reason: format!("cannot hold these settings: {error}"),
        };
        toml::to_string(self).map_err(of_file)
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
        self.check_name()?;
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

    fn check_name(&self) -> Result<()> {
        if self.path.to_str().is_some() {
            return Ok(());
        }
        let problem = "its path is not UTF-8, which config.toml has to be; rename it".to_owned();
        Err(Error::Data { path: self.path.clone(), problem })
    }
}
