//! What stands where: a run folder for each line of a table, and images beside them.
//!
//! ```text
//! OUT/                    run folder of the last network's cross-validation, with the report
//! OUT/lines/NAME/         run folder of the cross-validation behind a line of a table
//! OUT-images/NAME/        artificial liposomes; the name says how they were drawn
//! ```
//! Run again with the same settings, what is finished is kept and the rest goes on where it was cut.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use micrograph::image::real_path;
use micrograph::sampling::synthetic::LiposomeConfig;
use micrograph::train::*;

use crate::protocol::{Arguments, Preset};

/// Where the data is; draws it when there is none.
pub(crate) fn data(
    arguments: &Arguments,
    preset: &Preset,
    around: &Surroundings<'_>,
) -> Result<DataConfig> {
    let out = &arguments.out;
    let path = match &arguments.data {
        Some(path) if real_path(path)?.starts_with(real_path(out)?) => {
            bail!("{}: lies in {}; choose another --out", path.display(), out.display())
        }
        Some(path) => path.clone(),
        None => drawn(arguments, preset, around)?,
    };
    let data = DataConfig { path: std::path::absolute(path)?, ..DataConfig::default() };
    data.check_out(out)?;
    Ok(data)
}

/// The folder of the whole; an older run of other settings is replaced only with `--overwrite`.
/// Called when nothing else can be refused any more.
pub(crate) fn claim(arguments: &Arguments, config: &RunConfig) -> Result<RunFolder> {
    let out = &arguments.out;
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Keep };
    open_or_replace(out, existing, config).map_err(|error| match error.downcast_ref() {
        Some(Error::RunExists { path }) => anyhow!(
            "{}: holds something else; add --overwrite to replace a run, or choose another --out",
            path.display()
        ),
        _ => error,
    })
}

/// The folder of a line; one of other settings is replaced, as its table is.
pub(crate) fn line(out: &RunFolder, name: &str, config: &RunConfig) -> Result<RunFolder> {
    let path = out.path().join("lines").join(name);
    open_or_replace(&path, Existing::Overwrite, config)
}

fn open_or_replace(path: &Path, existing: Existing, config: &RunConfig) -> Result<RunFolder> {
    if RunConfig::load(path).is_ok_and(|found| found == *config) {
        return Ok(RunFolder::open(path)?);
    }
    let folder = RunFolder::create(path, existing)?;
    folder.write_config(config)?;
    Ok(folder)
}

/// The folder of artificial images, drawn when it is not there yet.
fn drawn(arguments: &Arguments, preset: &Preset, around: &Surroundings<'_>) -> Result<PathBuf> {
    let Arguments { out, problem, seed, .. } = arguments;
    // Collected anew, because a slash at the end would make it a folder inside.
    let out: PathBuf = out.components().collect();
    let beside = PathBuf::from(format!("{}-images", out.display()));
    let name = format!("{problem}-{}-{}-seed-{seed}", preset.name, preset.images);
    let images = beside.join(name);
    if images.exists() {
        return Ok(images);
    }
    let ratio = preset.ratio.clone();
    let config = LiposomeConfig { ratio, ..LiposomeConfig::new(*problem) };
    write_liposomes(&images, &config, preset.images, *seed, around)?;
    Ok(images)
}
