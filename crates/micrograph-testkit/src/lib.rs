//! What the tests of micrograph share: goldens, tolerances, skips and data for development.
//!
//! A test that cannot run here says so through [`skip`]: one line, `skipped: TEST: REASON`, on
//! standard error and in the file that `MICROGRAPH_SKIPS` names, so that CI can count the lines.
#![forbid(unsafe_code)]

mod tiles;

use std::io::Write;
use std::path::{Path, PathBuf};

pub use crate::tiles::write_tiled_tiff;

/// Announces that `test` does not run here, and why.
///
/// Returns `()`, so that a test reads `return skip("name", "reason")`.
pub fn skip(test: &str, reason: &str) {
    let line = format!("skipped: {test}: {reason}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("MICROGRAPH_SKIPS") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        if let Ok(mut file) = file {
            // One write call a line: lines of parallel tests do not mix.
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// The path `relative` below the folder `MICROGRAPH_DATA`, or `None` when either is absent.
pub fn data(relative: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("MICROGRAPH_DATA")?).join(relative);
    path.exists().then_some(path)
}

/// Reads the JSON golden `name` from `tests/goldens/` of the crate whose manifest stands in
/// `manifest_dir` (`env!("CARGO_MANIFEST_DIR")`).
///
/// # Panics
/// When the file is absent or does not have the shape of `T`: a golden is part of the repository.
pub fn golden<T: serde::de::DeserializeOwned>(manifest_dir: &str, name: &str) -> T {
    let path = Path::new(manifest_dir).join("tests/goldens").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("golden {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("golden {}: {error}", path.display()))
}

/// Asserts `|got - expected| <= absolute + relative * |expected|` for each pair.
///
/// # Panics
/// At the first pair outside the tolerance, or when the lengths differ; NaN equals nothing.
#[track_caller]
pub fn assert_close(got: &[f64], expected: &[f64], absolute: f64, relative: f64) {
    assert_eq!(got.len(), expected.len(), "lengths differ");
    for (index, (&g, &e)) in got.iter().zip(expected).enumerate() {
        let bound = absolute + relative * e.abs();
        assert!((g - e).abs() <= bound, "at {index}: got {g}, expected {e}, tolerance {bound:e}");
    }
}

/// A fresh temporary folder, removed when the value is dropped.
///
/// # Panics
/// When the system gives no temporary folder.
pub fn temporary_folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
