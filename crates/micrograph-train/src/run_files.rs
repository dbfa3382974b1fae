//! The files of a run, each written as a whole or not at all.

use std::path::Path;

use micrograph_image::write_atomically;
use serde::Serialize;

use crate::run_folder::CONFIG;
use crate::{EpochRecord, Result, RunConfig, RunFolder, RunSettings};

impl RunFolder {
    /// Writes `config.toml`.
    ///
    /// # Errors
    /// When the file cannot be written; an older one then stays.
    pub fn write_config(&self, config: &impl RunSettings) -> Result<()> {
        self.write_settings(&config.to_toml()?)
    }

    pub(crate) fn write_settings(&self, text: &str) -> Result<()> {
        Ok(write_atomically(&self.path().join(CONFIG), |file| file.write_all(text.as_bytes()))?)
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn read_config(&self) -> Result<RunConfig> {
        RunConfig::load(self.path())
    }

    /// Writes `metrics.jsonl`, one line an epoch.
    ///
    /// # Errors
    /// When the file cannot be written; the older one then stays.
    pub fn write_metrics<V: Serialize>(&self, epochs: &[EpochRecord<V>]) -> Result<()> {
        let path = self.path().join("metrics.jsonl");
        Ok(write_atomically(&path, |file| {
            for record in epochs {
                serde_json::to_writer(&mut *file, record)?;
                file.write_all(b"\n")?;
            }
            Ok(())
        })?)
    }

    /// Writes `name` as readable JSON.
    ///
    /// # Errors
    /// When the file cannot be written; the older one then stays.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        write_json(&self.path().join(name), value)
    }

    /// Writes `report.html`.
    ///
    /// # Errors
    /// When the file cannot be written; the older one then stays.
    pub fn write_report(&self, html: &str) -> Result<()> {
        let path = self.path().join("report.html");
        Ok(write_atomically(&path, |file| file.write_all(html.as_bytes()))?)
    }
}

/// Writes `value` as readable JSON with a last newline, atomically.
///
/// # Errors
/// When the file cannot be written; an older one then stays.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    Ok(write_atomically(path, |file| {
        serde_json::to_writer_pretty(&mut *file, value)?;
        file.write_all(b"\n")
    })?)
}
