//! Settings of a run: the file of `--config` first, flags over it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use micrograph::augment::Recipe;
use micrograph::image::DatasetOptions;
use micrograph::train::{FoldPlan, TrainConfig};
use serde::{Deserialize, Serialize};

use crate::arguments::{DataArguments, SettingArguments};

/// All of a run's `config.toml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RunConfig {
    pub(crate) data: DataConfig,
    pub(crate) train: TrainConfig,
    /// Makes it a cross-validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crossval: Option<FoldPlan>,
}

/// Where the data is and how it is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DataConfig {
    pub(crate) path: PathBuf,
    pub(crate) skip_unreadable: bool,
    pub(crate) options: DatasetOptions,
}

impl RunConfig {
    pub(crate) fn from_arguments(data: &DataArguments, flags: &SettingArguments) -> Result<Self> {
        if flags.task != "classify" {
            bail!("--task {}: this version knows classify", flags.task);
        }
        let mut config = match &flags.config {
            Some(path) => read_toml(path)?,
            None => Self::default(),
        };
        config.data.apply(data)?;
        apply(&mut config.train, flags)?;
        config.train.validate()?;
        Ok(config)
    }
}

impl DataConfig {
    /// The flags over what stands here; the path is made absolute, so that a run can be resumed
    /// from any folder.
    pub(crate) fn apply(&mut self, flags: &DataArguments) -> Result<()> {
        if let Some(path) = &flags.data {
            self.path.clone_from(path);
        }
        if self.path.as_os_str().is_empty() {
            bail!("--data is missing: give a folder of class folders, an .npz or a .csv");
        }
        self.path = std::path::absolute(&self.path)?;
        self.skip_unreadable |= flags.skip_unreadable;
        let options = &mut self.options;
        set_option(&mut options.layout, flags.layout.as_ref());
        set_option(&mut options.path_template, flags.path_template.as_ref());
        set_option(&mut options.mask_template, flags.mask_template.as_ref());
        set(&mut options.label_column, flags.label_column.as_ref());
        set(&mut options.path_column, flags.path_column.as_ref());
        set(&mut options.group_column, flags.group.as_ref());
        set(&mut options.split_column, flags.split_column.as_ref());
        set(&mut options.limits.max_pixels, flags.max_pixels.as_ref());
        Ok(())
    }
}

fn apply(train: &mut TrainConfig, flags: &SettingArguments) -> Result<()> {
    if let Some(name) = &flags.model {
        train.model = name.parse()?;
    }
    set_option(&mut train.max_minutes, flags.max_minutes.as_ref());
    set_option(&mut train.patience, flags.patience.as_ref());
    // A limit in minutes replaces the default number of epochs, not one that was asked for.
    if flags.config.is_none() && train.max_minutes.is_some() {
        train.epochs = None;
    }
    set_option(&mut train.epochs, flags.epochs.as_ref());
    if train.epochs.is_none() && train.max_minutes.is_none() {
        train.epochs = TrainConfig::default().epochs;
    }
    set(&mut train.monitor, flags.monitor.as_ref());
    set(&mut train.seed, flags.seed.as_ref());
    set(&mut train.batch_size, flags.batch_size.as_ref());
    set(&mut train.learning_rate, flags.learning_rate.as_ref());
    set(&mut train.validation_fraction, flags.validation_fraction.as_ref());
    set(&mut train.balance, flags.balance.as_ref());
    set_option(&mut train.input.size, flags.input_size.as_ref());
    set(&mut train.input.mode, flags.input_mode.as_ref());
    set(&mut train.input.channels, flags.channels.as_ref());
    set(&mut train.input.resize, flags.resize.as_ref());
    if let Some(augment) = &flags.augment {
        let file = Path::new(augment);
        train.augment = if file.is_file() { read_toml(file)? } else { Recipe::preset(augment)? };
    }
    Ok(())
}

pub(crate) fn set<T: Clone>(setting: &mut T, flag: Option<&T>) {
    if let Some(value) = flag {
        setting.clone_from(value);
    }
}

fn set_option<T: Clone>(setting: &mut Option<T>, flag: Option<&T>) {
    if flag.is_some() {
        *setting = flag.cloned();
    }
}

fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("{}: cannot be read: {error}", path.display()))?;
    toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
        .context(path.display().to_string())
        .map_err(|error| anyhow::anyhow!("{:#}", error.root_cause()))
}
