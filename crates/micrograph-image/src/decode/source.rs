//! The file that is being decoded, for checks and messages.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::format::{Format, describe_beginning};
use crate::error::BoxedError;
use crate::opening::open_file;
use crate::{Error, Limits, Result, Shape};

/// An opened file whose format is known.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) format: Format,
    /// Its length in bytes.
    pub(super) length: u64,
    limits: &'a Limits,
}

impl<'a> Source<'a> {
    /// Opens a file, finds its format, and leaves the reader at its first byte.
    pub(super) fn open(path: &'a Path, limits: &'a Limits) -> Result<(Self, BufReader<File>)> {
        let refused = |source| Error::Read { path: path.into(), source };
        let (file, length) = open_file(path)?;
        let mut reader = BufReader::new(file);
        let mut start = Vec::with_capacity(Format::SNIFFED);
        let sniffed = Format::SNIFFED as u64;
        reader.by_ref().take(sniffed).read_to_end(&mut start).map_err(refused)?;
        reader.rewind().map_err(refused)?;
        if start.is_empty() {
            return Err(Error::EmptyFile { path: path.into() });
        }
        let format = Format::sniff(&start).ok_or_else(|| Error::UnknownFormat {
            path: path.into(),
            beginning: describe_beginning(&start),
        })?;
        Ok((Self { path, format, length, limits }, reader))
    }

    /// A file that was opened before.
    pub(super) fn of(path: &'a Path, format: Format, length: u64, limits: &'a Limits) -> Self {
        Self { path, format, length, limits }
    }

    /// The same file under other limits.
    pub(super) fn with_limits<'b>(&'b self, limits: &'b Limits) -> Source<'b> {
        Source { path: self.path, format: self.format, length: self.length, limits }
    }

    /// Checks the size of a strip or a row of tiles against the limits.
    pub(super) fn check_band(&self, channels: usize, [height, width]: [usize; 2]) -> Result<()> {
        let [channels, height, width] = [channels as u64, height as u64, width as u64];
        self.limits.check(self.path, [channels, height, width]).map(drop).map_err(|_| {
            let (path, max_pixels) = (self.path.into(), self.limits.max_pixels);
            Error::BandTooLarge { path, height, width, max_pixels }
        })
    }

    /// Checks the sizes that a header states against zero and the limits.
    pub(super) fn check(&self, channels: u64, height: u64, width: u64) -> Result<Shape> {
        self.limits.check(self.path, [channels, height, width])
    }

    /// The most bytes a decoder may have at once for an image of `bytes_per_sample`.
    pub(super) fn max_bytes(&self, bytes_per_sample: u64) -> u64 {
        /// What a decoder needs beside the pixels: metadata, a row or two, tables.
        const MARGIN: u64 = 64 << 20;
        self.limits.max_samples().saturating_mul(bytes_per_sample).saturating_add(MARGIN)
    }

    /// The error of a file that breaks off or contradicts itself.
    pub(super) fn damaged(&self, source: impl Into<BoxedError>) -> Error {
        Error::Damaged { path: self.path.into(), format: self.format, source: source.into() }
    }

    /// The error of a valid file that is not read here.
    pub(super) fn unsupported(&self, feature: impl Into<String>, repair: &'static str) -> Error {
        let feature = feature.into();
        Error::Unsupported { path: self.path.into(), format: self.format, feature, repair }
    }
}
