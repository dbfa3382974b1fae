//! Images without classes: what a trained model is asked about.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::class_folders::Scan;
use super::manifest::template::Template;
use super::{
    Contents, Dataset, DatasetNotice, DatasetOptions, Layout, ManifestProblem, Sample,
    TemplateProblem,
};
use crate::opening::explain;
use crate::{Error, Result, plain_path};

impl Dataset {
    /// The images at `inputs` (files, or folders with all folders below), without labels.
    ///
    /// `X_mask.png` (or another ending) beside an image `X` is its mask, as in class folders, or the file that
    /// [`DatasetOptions::mask_template`] names for every image, from the image's folder: `{stem}`
    /// stands for the image's name without its ending, `{name}` for all of it, so that
    /// `../masks/{stem}.png` is `masks/7.png` for `images/7.tif`. A mask is no image.
    ///
    /// Ids are paths, samples stand in their natural order, each image once, and the layout counts as
    /// [`Layout::Manifest`].
    ///
    /// # Errors
    /// When an input is not there, may not be read, is no UTF-8, or when there is no image at all;
    /// for a template of other names, and for options that only a table can answer.
    ///
    /// # Example
    /// ```
    /// use micrograph_image::{Dataset, DatasetOptions, Depth, write_png};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path();
    /// for name in ["10.png", "2.png", "2_mask.png"] {
    ///     write_png(&path.join(name), ndarray::Array3::ones((1, 4, 5)).view(), Depth::U8)?;
    /// }
    /// let images = Dataset::images(&[path.to_owned()], &DatasetOptions::default())?;
    /// assert_eq!(images.samples.len(), 2);
    /// assert!(images.samples[0].id.ends_with("/2.png") && images.samples[0].mask.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn images(inputs: &[PathBuf], options: &DatasetOptions) -> Result<Self> {
        let first = inputs.first().cloned().unwrap_or_default();
        let layout = Layout::Manifest;
        let for_files = DatasetOptions { mask_template: None, ..options.clone() };
        if for_files.names_columns() {
            return Err(Error::ColumnsWithoutTable { path: first, layout: Layout::ClassFolders });
        }
        let mut scan = Scan::new(Path::new(""));
        for input in inputs {
            let metadata = fs::metadata(input).map_err(|error| explain(input, error))?;
            let name = input.to_str().ok_or_else(|| Error::NonUtf8Name { path: input.clone() })?;
            if metadata.is_dir() {
                scan.images_below(without_separator(name).to_owned())?;
            } else {
                scan.file(name, input)?;
            }
        }
        let Contents { classes, mut samples, mut notices, .. } = scan.finish()?;
        // A folder beside one of its images names that image twice.
        let mut met = HashSet::new();
        samples.retain(|sample| met.insert(place(&sample.id)));
        if let Some(template) = &options.mask_template {
            let named = name_masks(&mut samples, template);
            named.map_err(|problem| Error::Manifest { path: first.clone(), problem })?;
            // It is the template that pairs.
            notices.retain(|notice| !matches!(notice, DatasetNotice::UnpairedMasks { .. }));
        }
        // `folder/*.png` names masks too.
        let masks: HashSet<PathBuf> =
            samples.iter().filter_map(|sample| Some(plain_path(sample.mask.as_deref()?))).collect();
        samples.retain(|sample| !masks.contains(&plain_path(Path::new(&sample.id))));
        if samples.is_empty() {
            return Err(Error::NoImages { path: first });
        }
        let (root, limits) = (PathBuf::new(), options.limits);
        let archive = None;
        Ok(Self { source: first, root, layout, classes, samples, notices, limits, archive })
    }
}

/// One path for all spellings of it.
fn place(id: &str) -> PathBuf {
    let whole = std::path::absolute(id).unwrap_or_else(|_| PathBuf::from(id));
    plain_path(&whole)
}

/// Gives each sample the mask that the template names; a file that would be its own has none.
fn name_masks(samples: &mut [Sample], template: &str) -> Result<(), ManifestProblem> {
    let column = |name: &str| match name {
        "stem" => Ok(0),
        "name" => Ok(1),
        other => Err(ManifestProblem::Template {
            template: template.to_owned(),
            problem: TemplateProblem::NotOfFile(other.to_owned()),
        }),
    };
    let parsed = Template::parse(template, column)?;
    for sample in samples {
        let path = Path::new(&sample.id);
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let values = StringRecord::from(vec![text(path.file_stem()), text(path.file_name())]);
        let mask = parsed.render(&values).ok().map(|mask| path.with_file_name(mask));
        sample.mask = mask.filter(|mask| plain_path(mask) != plain_path(path));
    }
    Ok(())
}

/// A folder's name without the separators at its end, `\` too on Windows; a root stays as it is.
fn without_separator(name: &str) -> &str {
    let trimmed = name.trim_end_matches(std::path::is_separator);
    if trimmed.is_empty() || trimmed.ends_with(':') { name } else { trimmed }
}
