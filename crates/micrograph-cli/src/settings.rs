//! Settings of a run: the file of `--config` first, flags over it.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use micrograph::augment::Recipe;
use micrograph::classic::Tuning;
use micrograph::train::{Contender, DataConfig, HeadSettings, RunConfig, TrainConfig};

use crate::arguments::{DataArguments, DataPlace, LengthArguments, Remedy, SettingArguments};

mod foreign;
pub(crate) mod segmentation;

/// The settings of a new run.
pub(crate) fn run_config(
    places: (&DataPlace, &DataArguments),
    (length, flags): (&LengthArguments, &SettingArguments),
) -> Result<RunConfig> {
    let config = any_config(places, (length, flags))?;
    foreign::refuse(&config.train, length, flags)?;
    config.train.validate()?;
    Ok(config)
}

/// The settings common to the models of a new comparison.
pub(crate) fn comparison_config(
    places: (&DataPlace, &DataArguments),
    (length, flags): (&LengthArguments, &SettingArguments),
    models: &[Contender],
) -> Result<RunConfig> {
    if flags.model.is_some() {
        bail!("--model: a comparison is of several; name them with --models");
    }
    if flags.head.is_some() || flags.head_features.is_some() {
        bail!(
            "--head: a comparison names them with its models, such as --models \
             lipnet4,lipnet4+svm,lipnet4+logistic:lipnet"
        );
    }
    let config = any_config(places, (length, flags))?;
    foreign::refuse_for_all(&config.train, models, length, flags)?;
    for model in models {
        model.settings(&config.train).validate()?;
    }
    Ok(config)
}

fn any_config(
    (place, data): (&DataPlace, &DataArguments),
    (length, flags): (&LengthArguments, &SettingArguments),
) -> Result<RunConfig> {
    foreign::refuse_of_segmentation(flags)?;
    let mut config = match &flags.config {
        Some(path) => read_toml(path)?,
        None => RunConfig::default(),
    };
    config.data = data_config(config.data, place, data)?;
    apply(&mut config.train, length, flags)?;
    Ok(config)
}

/// The flags over what stands in `config`; the path is made absolute, so that a run can be resumed
/// from any folder.
pub(crate) fn data_config(
    mut config: DataConfig,
    place: &DataPlace,
    flags: &DataArguments,
) -> Result<DataConfig> {
    foreign::refuse_of_masks(flags)?;
    set(&mut config.path, place.data.as_ref());
    if config.path.as_os_str().is_empty() {
        bail!("--data is missing: give a folder of class folders, an .npz or a .csv");
    }
    config.path = std::path::absolute(&config.path)?;
    config.skip_unreadable |= flags.skip_unreadable;
    let options = &mut config.options;
    if let Some(layout) = &flags.layout {
        options.layout = Some(layout.parse().map_err(|error| anyhow!("--layout: {error}"))?);
    }
    set_option(&mut options.path_template, flags.path_template.as_ref());
    set_option(&mut options.mask_template, flags.mask_template.as_ref());
    set(&mut options.label_column, flags.label_column.as_ref());
    set(&mut options.path_column, flags.path_column.as_ref());
    set(&mut options.group_column, flags.group.as_ref());
    set(&mut options.split_column, flags.split_column.as_ref());
    set(&mut options.limits.max_pixels, flags.max_pixels.as_ref());
    Ok(config)
}

fn apply(
    train: &mut TrainConfig,
    length: &LengthArguments,
    flags: &SettingArguments,
) -> Result<()> {
    if let Some(name) = &flags.model {
        train.model = name.parse()?;
    }
    set(&mut train.classical.input, flags.classical_input.as_ref());
    set(&mut train.classical.features, flags.features.as_ref());
    if let Some(model) = flags.head {
        train.head = Some(HeadSettings::new(model, None));
    }
    match (&mut train.head, &flags.head_features) {
        (_, None) => {}
        (Some(head), Some(set)) => head.features = Some(set.clone()),
        (None, Some(_)) => bail!(
            "--head-features: there is no head that could take them; add one, such as --head \
             logistic"
        ),
    }
    if flags.tune && train.tuning.is_none() {
        train.tuning = Some(Tuning::default());
    }
    // A limit in minutes replaces the default number of epochs, not one that was asked for.
    if flags.config.is_none() && length.max_minutes.is_some() {
        train.epochs = None;
    }
    apply_length(train, length);
    if train.epochs.is_none() && train.max_minutes.is_none() && train.patience.is_none() {
        train.epochs = TrainConfig::default().epochs;
    }
    if let Some(monitor) = &flags.monitor {
        train.monitor = monitor.parse().map_err(|error| anyhow!("--monitor: {error}"))?;
    }
    set(&mut train.seed, flags.seed.as_ref());
    set(&mut train.batch_size, flags.batch_size.as_ref());
    set(&mut train.learning_rate, flags.learning_rate.as_ref());
    set(&mut train.precision, flags.precision.as_ref());
    set(&mut train.validation_fraction, flags.validation_fraction.as_ref());
    if let Some(Remedy { balance, resampler }) = &flags.balance {
        train.balance = *balance;
        set(&mut train.classical.resampler, resampler.as_ref());
    }
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

/// When the run ends.
fn apply_length(train: &mut TrainConfig, flags: &LengthArguments) {
    set_option(&mut train.epochs, flags.epochs.as_ref());
    set_option(&mut train.max_minutes, flags.max_minutes.as_ref());
    set_option(&mut train.patience, flags.patience.as_ref());
}

/// What may change when a run is resumed, over what its `config.toml` says.
pub(crate) fn resumed(
    mut config: RunConfig,
    place: &DataPlace,
    length: &LengthArguments,
) -> Result<RunConfig> {
    if let Some(path) = &place.data {
        config.data.path = std::path::absolute(path)?;
    }
    apply_length(&mut config.train, length);
    // What is common to the models of a comparison need not be right for the one it names.
    if config.compare.is_none() {
        config.train.validate()?;
    }
    let path = config.data.path.display();
    if !config.data.path.exists() {
        bail!("{path}: the data of the run is not there any more; say with --data where it is now");
    }
    Ok(config)
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
    toml::from_str(&text).map_err(|error| {
        anyhow::anyhow!("{}: {error}docs/settings.md shows every setting", path.display())
    })
}
