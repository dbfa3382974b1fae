//! What stands where: a run folder for each line of a table, and images beside them.
//!
//! ```text
//! OUT/                    run folder of the last network's cross-validation, with the report
//! OUT/lines/NAME/         run folder of the cross-validation behind a line of a table
//! OUT-images/NAME/        artificial liposomes; the name says how they were drawn
//! ```
//! Run again with the same settings, what is finished is kept and the rest goes on where it was cut.
//! With `--overwrite`, whatever stood in OUT, lines and all, is kept in `OUT/replaced/1` and so on.

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

/// The folder of a cross-validation: of one that began with the same settings and data it is opened,
/// any other is replaced with `--overwrite` alone. Called when nothing else can be refused any more.
pub(crate) fn claim(
    path: &Path,
    overwrite: bool,
    config: &RunConfig,
    (readable, around): (&Readable, &Surroundings<'_>),
) -> Result<RunFolder> {
    let plan = config.crossval.unwrap_or_default();
    let begin = |folder| -> Result<RunFolder> {
        begin_folds(readable, (&config.train, plan), &folder, &around.device)?;
        Ok(folder)
    };
    if RunConfig::load(path).is_ok_and(|found| found == *config) {
        match begin(RunFolder::open(path)?) {
            Err(error) if !overwrite => return Err(error),
            Err(_) => {} // replaced, as was asked for
            Ok(folder) => return Ok(folder),
        }
    }
    let existing = if overwrite { Existing::Overwrite } else { Existing::Keep };
    let folder = RunFolder::create(path, existing, config).map_err(|error| match error {
        Error::RunExists { path } => anyhow!(
            "{}: holds a run of other settings; add --overwrite to replace it, or choose another \
             --out",
            path.display()
        ),
        _ => error.into(),
    })?;
    if let Some(older) = folder.replaced() {
        around.observer.event(Event::Notice(&format!("older results: {}", older.display())));
    }
    begin(folder)
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
