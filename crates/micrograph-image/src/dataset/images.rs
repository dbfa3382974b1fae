//! Images without classes: what a trained model is asked about.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::class_folders::Scan;
use super::{Contents, Dataset, Layout, folder};
use crate::{Error, Limits, Result};

impl Dataset {
    /// The images at `inputs` (files, or folders with all folders below), without labels.
    ///
    /// `X_mask.png` beside an image `X` is its mask, as in class folders. Ids are paths, samples
    /// stand in their natural order, and the layout counts as [`Layout::Manifest`].
    ///
    /// # Errors
    /// When an input is not there, may not be read, is no UTF-8, or when there is no image at all.
    ///
    /// # Example
    /// ```
    /// use micrograph_image::{Dataset, Depth, Limits, write_png};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path();
    /// for name in ["10.png", "2.png", "2_mask.png"] {
    ///     write_png(&path.join(name), ndarray::Array3::ones((1, 4, 5)).view(), Depth::U8)?;
    /// }
    /// let images = Dataset::images(&[path.to_owned()], Limits::default())?;
    /// assert_eq!(images.samples.len(), 2);
    /// assert!(images.samples[0].id.ends_with("/2.png") && images.samples[0].mask.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn images(inputs: &[PathBuf], limits: Limits) -> Result<Self> {
        let mut scan = Scan::new(Path::new(""));
        for input in inputs {
            let metadata = fs::metadata(input).map_err(|error| folder::explain(input, error))?;
            let name = input.to_str().ok_or_else(|| Error::NonUtf8Name { path: input.clone() })?;
            if metadata.is_dir() {
                scan.images_below(name.trim_end_matches('/').to_owned(), &mut HashSet::new())?;
            } else {
                scan.file(name, input);
            }
        }
        let Contents { classes, mut samples, notices, .. } = scan.finish()?;
        // `folder/*.png` names masks too.
        let masks: HashSet<PathBuf> = samples.iter().filter_map(|s| s.mask.clone()).collect();
        samples.retain(|sample| !masks.contains(Path::new(&sample.id)));
        let layout = Layout::Manifest;
        if samples.is_empty() {
            let path = inputs.first().cloned().unwrap_or_default();
            return Err(Error::NoSamples { path, layout });
        }
        let root = PathBuf::new();
        Ok(Self { root, layout, classes, samples, notices, limits, archive: None })
    }
}
