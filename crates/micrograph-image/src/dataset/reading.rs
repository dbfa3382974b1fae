//! Reading one sample.

use std::io::Read;
use std::path::Path;

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::{Dataset, Labelled, Sample};
use crate::opening::{explain, open_file};
use crate::{Error, Result, Shape};

impl Dataset {
    /// Reads the pixels of a sample, and its mask if it has one.
    ///
    /// # Errors
    /// When there is no such sample, a file cannot be read, or the mask's size is not the image's.
    pub fn read(&self, index: usize) -> Result<Labelled> {
        let sample = self.sample(index)?;
        if let Some(archive) = &self.archive {
            return Ok(Labelled { image: archive.image(sample)?, mask: None });
        }
        let path = self.root.join(&sample.id);
        let image = crate::read(&path, &self.limits)?;
        let (_, height, width) = image.pixels.dim();
        let read_mask = |mask| self.read_mask(mask, &path, [height, width]);
        let mask = sample.mask.as_deref().map(read_mask).transpose()?;
        Ok(Labelled { image, mask })
    }

    fn read_mask(&self, path: &Path, image: &Path, size: [usize; 2]) -> Result<Array2<bool>> {
        let mask = crate::read_mask(path, &self.limits)?;
        let mask_size = [mask.nrows(), mask.ncols()];
        if mask_size == size {
            return Ok(mask);
        }
        let (image, path) = (image.to_owned(), path.to_owned());
        Err(Error::MaskSize { image, image_size: size, mask: path, mask_size })
    }

    /// The shape of a sample's image, from its header alone.
    ///
    /// # Errors
    /// When there is no such sample or its header cannot be read.
    pub fn shape(&self, index: usize) -> Result<Shape> {
        let sample = self.sample(index)?;
        match &self.archive {
            Some(archive) => archive.shape(sample),
            None => crate::probe(&self.root.join(&sample.id), &self.limits),
        }
    }

    /// The SHA-256 of a sample's content: of the file, of the file's and the mask's digests one
    /// after the other, or of the numbers in an archive.
    ///
    /// # Errors
    /// When there is no such sample or a file cannot be read.
    pub fn digest(&self, index: usize) -> Result<[u8; 32]> {
        let sample = self.sample(index)?;
        if let Some(archive) = &self.archive {
            return Ok(Sha256::digest(archive.bytes(sample)?).into());
        }
        let image = file_digest(&self.root.join(&sample.id))?;
        match &sample.mask {
            None => Ok(image),
            Some(mask) => Ok(Sha256::digest([image, file_digest(mask)?].concat()).into()),
        }
    }

    fn sample(&self, index: usize) -> Result<&Sample> {
        let count = self.samples.len();
        self.samples.get(index).ok_or(Error::NoSuchSample { index, count })
    }
}

/// The SHA-256 of a file's content, which is never held whole.
pub(super) fn file_digest(path: &Path) -> Result<[u8; 32]> {
    let failed = |error| explain(path, error);
    let (mut file, _) = open_file(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
