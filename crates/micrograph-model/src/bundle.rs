//! The bundle on disk: `model.toml` beside `model.safetensors`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle::{Device, Tensor};
use micrograph_image::{hex, write_atomically};
use safetensors::SafeTensors;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checksum::{content, stated_and_actual, with_checksum};
use crate::manifest::{FORMAT, Manifest};
use crate::{Error, Predictor, Result, SeenSamples, SegmenterManifest};

const MANIFEST: &str = "model.toml";
const WEIGHTS: &str = "model.safetensors";

/// What a bundle holds.
pub struct Bundle {
    /// What the weights are.
    pub manifest: Manifest,
    /// The network with its weights, the fitted classical model, or both.
    pub predictor: Predictor,
    /// What the weights were trained on.
    pub seen: SeenSamples,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

/// SHA-256 of `bytes`, in hexadecimal.
///
/// `sha256_hex(b"abc")` begins with `ba7816bf`.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes the bundle into `folder` and returns the manifest with the digest of the weights.
///
/// The weights are written first: a manifest never describes weights that are not there.
///
/// # Errors
/// When a file cannot be written; older files then stay as they were.
pub fn save(
    folder: &Path,
    manifest: &Manifest,
    predictor: &Predictor,
    seen: &SeenSamples,
) -> Result<Manifest> {
    let bytes = predictor.to_bytes(seen)?;
    let manifest = Manifest { weights_sha256: sha256_hex(&bytes), ..manifest.clone() };
    write(folder, &bytes, &manifest)?;
    Ok(manifest)
}

/// Writes weights, then the manifest that describes them.
pub(crate) fn write(folder: &Path, weights: &[u8], manifest: &impl Serialize) -> Result<()> {
    let path = folder.join(MANIFEST);
    let text = toml::to_string(manifest)
        .map_err(|error| Error::Manifest { path: path.clone(), reason: one_line(&error) })?;
    write_atomically(&folder.join(WEIGHTS), |file| file.write_all(weights))?;
    Ok(write_atomically(&path, |file| file.write_all(with_checksum(&text).as_bytes()))?)
}

/// Reads manifest, model and seen samples from `path`: the folder, or either file of it.
///
/// # Errors
/// When a file is absent, damaged, of another format, or does not hold the model that the manifest
/// describes; the message names the file and what to do.
pub fn load(path: &Path, device: &Device) -> Result<Bundle> {
    let folder = folder_of(path)?;
    let manifest = load_manifest(&folder.join(MANIFEST))?;
    let (bytes, weights) = read_weights(&folder, &manifest.weights_sha256)?;
    let predictor = Predictor::from_bytes(&manifest, &bytes, (&weights, device))?;
    let unfit = |reason: &str| Error::Weights { path: weights.clone(), reason: reason.to_owned() };
    let seen = SeenSamples::of_file(&bytes).map_err(unfit)?;
    Ok(Bundle { manifest, predictor, seen })
}

/// The manifest of a segmenter, the bytes of its weights, and their file.
pub(crate) fn read_segmenter(path: &Path) -> Result<(SegmenterManifest, Vec<u8>, PathBuf)> {
    let folder = folder_of(path)?;
    let manifest = load_segmenter_manifest(&folder.join(MANIFEST))?;
    let (bytes, weights) = read_weights(&folder, &manifest.weights_sha256)?;
    Ok((manifest, bytes, weights))
}

fn read_weights(folder: &Path, expected: &str) -> Result<(Vec<u8>, PathBuf)> {
    let weights = folder.join(WEIGHTS);
    let bytes =
        std::fs::read(&weights).map_err(|source| Error::Read { path: weights.clone(), source })?;
    let found = sha256_hex(&bytes);
    if found != expected {
        let expected = expected.to_owned();
        return Err(Error::Damaged { path: weights, expected, found });
    }
    Ok((bytes, weights))
}

/// What the bundle at `path` predicts: classes of images, or of pixels.
///
/// # Errors
/// When there is no bundle, or its manifest cannot be read.
pub fn kind(path: &Path) -> Result<Kind> {
    Ok(content_of(&folder_of(path)?.join(MANIFEST))?.1)
}

/// Reads the manifest of a classifier alone.
///
/// # Errors
/// As [`load`].
pub fn load_manifest(path: &Path) -> Result<Manifest> {
    let manifest: Manifest = parse_as(path, Kind::Classifier)?;
    let no_manifest = |reason| Error::Manifest { path: path.into(), reason };
    check_classes(&manifest).map_err(no_manifest)?;
    Ok(manifest)
}

/// Reads the manifest of a segmenter alone.
///
/// # Errors
/// As [`load`]; [`Error::Kind`] for a classifier.
pub fn load_segmenter_manifest(path: &Path) -> Result<SegmenterManifest> {
    let manifest: SegmenterManifest = parse_as(path, Kind::Segmenter)?;
    let (names, outputs) = (manifest.classes.len(), manifest.network.n_classes);
    if names != outputs {
        let reason = format!("{names} class names for a network of {outputs} outputs");
        return Err(Error::Manifest { path: path.into(), reason });
    }
    if manifest.classes != manifest.table.names() {
        let (classes, table) = (manifest.classes.join(", "), &manifest.table);
        let reason = format!("the classes {classes} are not those of the table {table}");
        return Err(Error::Manifest { path: path.into(), reason });
    }
    Ok(manifest)
}

fn parse_as<T: DeserializeOwned>(path: &Path, expected: Kind) -> Result<T> {
    let (text, found) = content_of(path)?;
    if found != expected {
        return Err(Error::Kind { path: path.into(), found, expected });
    }
    // Not by way of a `toml::Table`, whose numbers have a bit less than a seed.
    toml::from_str(&text)
        .map_err(|error| Error::Manifest { path: path.into(), reason: one_line(&error) })
}

/// The lines of a manifest that is whole and of this format, and of what it is.
fn content_of(path: &Path) -> Result<(String, Kind)> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
    let no_manifest = |reason| Error::Manifest { path: path.into(), reason };
    let parsed = |error: toml::de::Error| no_manifest(one_line(&error));
    // The format is looked at first: another format need not have our fields.
    let Head { format, kind } = toml::from_str(&text).map_err(parsed)?;
    if let Some(found) = format.filter(|&found| found != i64::from(FORMAT)) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(Error::Format { path: path.into(), found, expected: FORMAT });
    }
    let Some((stated, actual)) = stated_and_actual(&text) else {
        return Err(no_manifest("its line `checksum = \"...\"` is missing".to_owned()));
    };
    if stated != actual {
        return Err(Error::Edited { path: path.into(), stated, actual });
    }
    Ok((content(&text), kind))
}

/// What manifests of all formats have.
#[derive(Deserialize)]
struct Head {
    format: Option<i64>,
    #[serde(default)]
    kind: Kind,
}

/// What a bundle predicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Classes of images.
    #[default]
    Classifier,
    /// Classes of pixels.
    #[serde(rename = "segmentation")]
    Segmenter,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Classifier => "classifier",
            Self::Segmenter => "segmenter",
        })
    }
}

/// What is wrong with the class names of a manifest.
fn check_classes(manifest: &Manifest) -> Result<(), String> {
    let names = &manifest.classes;
    if let Some(network) = manifest.model.network()
        && names.len() != network.n_classes
    {
        let outputs = network.n_classes;
        return Err(format!("{} class names for a network of {outputs} outputs", names.len()));
    }
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    if distinct.len() < names.len() {
        return Err(format!("a class stands twice in {}", names.join(", ")));
    }
    Ok(())
}

/// The tensors of a safetensors file by name.
///
/// # Errors
/// [`Error::Weights`] when the bytes are not safetensors.
pub fn tensors_from_bytes(
    bytes: &[u8],
    path: &Path,
    device: &Device,
) -> Result<HashMap<String, Tensor>> {
    let weights_error = |error: &dyn std::fmt::Display| Error::Weights {
        path: path.to_path_buf(),
        reason: format!("not a safetensors file: {}", one_line(error)),
    };
    let file = SafeTensors::deserialize(bytes).map_err(|error| weights_error(&error))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            use candle::safetensors::Load;
            Ok((name, view.load(device).map_err(|error| weights_error(&error))?))
        })
        .collect()
}

fn folder_of(path: &Path) -> Result<PathBuf> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    if folder.join(MANIFEST).is_file() && path.exists() {
        return Ok(folder.to_path_buf());
    }
    Err(Error::NotFound { path: path.to_path_buf() })
}

pub(crate) fn one_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
