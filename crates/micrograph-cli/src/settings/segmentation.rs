//! Settings of a run that segments: the file of `--config` first, flags over it.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use micrograph::augment::Recipe;
use micrograph::image::{Dataset, DatasetOptions, SegmentationDataset, SegmentationOptions};
use micrograph::train::{RunTask, SegmentationConfig, SegmentationPlace, SegmentationRun};

use super::{read_toml, set, set_option};
use crate::arguments::{
    DataArguments, DataPlace, LengthArguments, PredictArguments, SettingArguments,
};

/// What is to be trained: as `--task` says; else as the model is, the file of settings, or the data.
pub(crate) fn task(place: &DataPlace, flags: &SettingArguments) -> Result<RunTask> {
    let own = flags.model.as_deref().and_then(task_of_model);
    match (flags.task, own) {
        (Some(task), None) => return Ok(task),
        (Some(task), Some(own)) if task == own => return Ok(task),
        (Some(task), Some(own)) => {
            let model = flags.model.as_deref().unwrap_or_default();
            bail!("--task {task}: {model} is a model that is to {own}; choose another --model")
        }
        (None, Some(own)) => return Ok(own),
        (None, None) => {}
    }
    if let Some(path) = &flags.config {
        #[derive(serde::Deserialize)]
        struct Head {
            #[serde(default)]
            task: RunTask,
        }
        return Ok(read_toml::<Head>(path)?.task);
    }
    let looks = place.data.as_deref().is_some_and(looks_like_frames);
    Ok(if looks { RunTask::Segment } else { RunTask::Classify })
}

/// Whether the names at `path` are those of frames with masks, and not of class folders in which
/// objects have masks.
pub(crate) fn looks_like_frames(path: &Path) -> bool {
    let of_objects = || {
        let classes = Dataset::open(path, &DatasetOptions::default());
        classes.is_ok_and(|dataset| dataset.masked(&dataset.all()) > 0)
    };
    SegmentationDataset::looks_like(path).unwrap_or_default() && !of_objects()
}

fn task_of_model(name: &str) -> Option<RunTask> {
    if name.parse::<micrograph::nn::SegmentationArchitecture>().is_ok() {
        return Some(RunTask::Segment);
    }
    name.parse::<micrograph::train::ModelName>().is_ok().then_some(RunTask::Classify)
}

/// The settings of a new run.
pub(crate) fn run_config(
    (place, data): (&DataPlace, &DataArguments),
    (length, flags): (&LengthArguments, &SettingArguments),
) -> Result<SegmentationRun> {
    refuse_foreign(data, flags)?;
    let mut config = match &flags.config {
        Some(path) => read_toml(path)?,
        None => SegmentationRun::default(),
    };
    if let Some(path) = &place.data {
        config.data.path.clone_from(path);
    }
    if config.data.path.as_os_str().is_empty() {
        bail!("--data is missing: give a folder of images and masks");
    }
    apply_data(&mut config.data, data)?;
    apply(&mut config.segment, length, flags)?;
    config.segment.validate()?;
    Ok(config)
}

/// Where frames with masks are, to measure a segmenter on them.
pub(crate) fn data_place(place: &DataPlace, flags: &DataArguments) -> Result<SegmentationPlace> {
    let Some(path) = &place.data else {
        bail!("--data is missing: give a folder of images and masks")
    };
    let mut config = SegmentationPlace { path: path.clone(), ..SegmentationPlace::default() };
    refuse_tables(flags)?;
    apply_data(&mut config, flags)?;
    Ok(config)
}

/// How images to predict are read.
pub(crate) fn prediction_options(arguments: &PredictArguments) -> SegmentationOptions {
    let mut options = SegmentationOptions::default();
    set(&mut options.order, arguments.order.as_ref());
    set(&mut options.limits.max_pixels, arguments.max_pixels.as_ref());
    options
}

/// The path is made absolute, so that a run can be resumed from any folder.
fn apply_data(place: &mut SegmentationPlace, flags: &DataArguments) -> Result<()> {
    place.path = std::path::absolute(&place.path)?;
    place.skip_unreadable |= flags.skip_unreadable;
    let options = &mut place.options;
    if let Some(layout) = &flags.layout {
        options.layout = Some(layout.parse().map_err(|error| anyhow!("--layout: {error}"))?);
    }
    set(&mut options.masks, flags.masks.as_ref());
    set(&mut options.order, flags.order.as_ref());
    set_option(&mut options.table, flags.classes.as_ref());
    set(&mut options.limits.max_pixels, flags.max_pixels.as_ref());
    Ok(())
}

fn apply(
    segment: &mut SegmentationConfig,
    length: &LengthArguments,
    flags: &SettingArguments,
) -> Result<()> {
    if let Some(name) = &flags.model {
        segment.model = name.parse()?;
    }
    // A limit in minutes replaces the default number of epochs, not one that was asked for.
    if flags.config.is_none() && length.max_minutes.is_some() {
        segment.epochs = None;
    }
    apply_length(segment, length);
    if segment.epochs.is_none() && segment.max_minutes.is_none() && segment.patience.is_none() {
        segment.epochs = SegmentationConfig::default().epochs;
    }
    if let Some(monitor) = &flags.monitor {
        segment.monitor = monitor.parse().map_err(|error| anyhow!("--monitor: {error}"))?;
    }
    set(&mut segment.seed, flags.seed.as_ref());
    set(&mut segment.batch_size, flags.batch_size.as_ref());
    set(&mut segment.learning_rate, flags.learning_rate.as_ref());
    set(&mut segment.precision, flags.precision.as_ref());
    set(&mut segment.validation_fraction, flags.validation_fraction.as_ref());
    set(&mut segment.channels, flags.channels.as_ref());
    set(&mut segment.crop.size, flags.crop_size.as_ref());
    set(&mut segment.window.width, flags.window.as_ref());
    if let Some(augment) = &flags.augment {
        let file = Path::new(augment);
        segment.augment = if file.is_file() { read_toml(file)? } else { Recipe::preset(augment)? };
    }
    Ok(())
}

fn apply_length(segment: &mut SegmentationConfig, flags: &LengthArguments) {
    set_option(&mut segment.epochs, flags.epochs.as_ref());
    set_option(&mut segment.max_minutes, flags.max_minutes.as_ref());
    set_option(&mut segment.patience, flags.patience.as_ref());
}

/// What may change when a run is resumed, over what its `config.toml` says.
pub(crate) fn resumed(
    mut config: SegmentationRun,
    place: &DataPlace,
    length: &LengthArguments,
) -> Result<SegmentationRun> {
    if let Some(path) = &place.data {
        config.data.path = std::path::absolute(path)?;
    }
    apply_length(&mut config.segment, length);
    config.segment.validate()?;
    let path = config.data.path.display();
    if !config.data.path.exists() {
        bail!("{path}: the data of the run is not there any more; say with --data where it is now");
    }
    Ok(config)
}

/// Flags that say nothing where pixels are classified are refused, so that nobody thinks they did.
fn refuse_foreign(data: &DataArguments, flags: &SettingArguments) -> Result<()> {
    refuse_tables(data)?;
    let given = [
        ("--classical-input", flags.classical_input.is_some()),
        ("--features", flags.features.is_some()),
        ("--head", flags.head.is_some()),
        ("--head-features", flags.head_features.is_some()),
        ("--tune", flags.tune),
        ("--balance", flags.balance.is_some()),
        ("--input-size", flags.input_size.is_some()),
        ("--input-mode", flags.input_mode.is_some()),
        ("--resize", flags.resize.is_some()),
    ];
    match given.iter().find(|flag| flag.1) {
        Some(("--input-size", _)) => {
            bail!(
                "--input-size: frames keep their size in segmentation; --crop-size is what a step sees"
            )
        }
        Some((flag, _)) => {
            bail!("{flag}: is of classification, and the task is to segment; leave it out")
        }
        None => Ok(()),
    }
}

fn refuse_tables(data: &DataArguments) -> Result<()> {
    let given = [
        ("--path-template", data.path_template.is_some()),
        ("--mask-template", data.mask_template.is_some()),
        ("--label-column", data.label_column.is_some()),
        ("--path-column", data.path_column.is_some()),
        ("--group", data.group.is_some()),
        ("--split-column", data.split_column.is_some()),
    ];
    match given.iter().find(|flag| flag.1) {
        Some((flag, _)) => bail!(
            "{flag}: is of tables, and frames with masks lie in folders and stacks; leave it out"
        ),
        None => Ok(()),
    }
}
