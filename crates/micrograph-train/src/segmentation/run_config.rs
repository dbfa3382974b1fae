//! All of the `config.toml` of a segmentation.

use std::path::{Path, PathBuf};

use micrograph_image::{SegmentationDataset, SegmentationOptions};
use serde::{Deserialize, Serialize};

use super::{SegmentationConfig, SegmentationData};
use crate::run_task::read_as;
use crate::{DataConfig, Result, RunSettings, RunTask, Surroundings, Unreadable};

/// What `config.toml` holds.
///
/// ```
/// let text = "task = 'segment'\n[data]\npath = 'stack'\n[segment]\nmodel = 'stemnet'\n";
/// let run: micrograph_train::SegmentationRun = toml::from_str(text)?;
/// assert_eq!((run.segment.model.name(), run.segment.batch_size), ("stemnet", 4));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentationRun {
    /// Always [`RunTask::Segment`].
    pub task: RunTask,
    /// Where the data is.
    #[serde(default)]
    pub data: SegmentationPlace,
    /// The settings.
    #[serde(default)]
    pub segment: SegmentationConfig,
}

/// Where frames and masks are and how they are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentationPlace {
    /// A folder; absolute, so that a run can be resumed from any folder.
    pub path: PathBuf,
    /// Whether frames that cannot be read are left out.
    pub skip_unreadable: bool,
    /// How it is understood.
    pub options: SegmentationOptions,
}

impl Default for SegmentationRun {
    fn default() -> Self {
        Self {
            task: RunTask::Segment,
            data: SegmentationPlace::default(),
            segment: SegmentationConfig::default(),
        }
    }
}

impl SegmentationRun {
    /// Reads the `config.toml` of the run in `folder`.
    ///
    /// # Errors
    /// When it cannot be read, does not parse, or is of another task.
    pub fn load(folder: &Path) -> Result<Self> {
        read_as(folder, RunTask::Segment)
    }

    /// Finds and decodes the data, but for a test part.
    ///
    /// # Errors
    /// As [`SegmentationDataset::open_for_training`] and [`SegmentationData::open`].
    pub fn read(&self, around: &Surroundings<'_>) -> Result<SegmentationData> {
        let dataset = SegmentationDataset::open_for_training(&self.data.path, &self.data.options)?;
        SegmentationData::open(dataset, &self.segment, self.data.unreadable(), around)
    }
}

impl SegmentationPlace {
    /// What `skip_unreadable` means.
    #[must_use]
    pub fn unreadable(&self) -> Unreadable {
        if self.skip_unreadable { Unreadable::Skip } else { Unreadable::Refuse }
    }

    /// Refuses a folder for a run, as [`DataConfig::check_out`].
    ///
    /// # Errors
    /// As [`DataConfig::check_out`].
    pub fn check_out(&self, out: &Path) -> Result<()> {
        DataConfig { path: self.path.clone(), ..DataConfig::default() }.check_out(out)
    }
}

impl RunSettings for SegmentationRun {
    fn data_path(&self) -> &Path {
        &self.data.path
    }
}
