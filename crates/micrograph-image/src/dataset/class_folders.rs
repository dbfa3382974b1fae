//! A folder of images for each class.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::folder::{self, Listing};
use super::{Contents, DatasetNotice, Part, Sample, natural_order};
use crate::Result;

/// Reads the class folders directly below `root`.
pub(super) fn open(root: &Path) -> Result<Contents> {
    let mut scan = Scan::new(root);
    scan.class_folders("", None)?;
    scan.finish()
}

/// A walk through folders that gathers samples by class.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    root: &'a Path,
    /// In the order in which they are met; `finish` sorts them.
    classes: Vec<String>,
    samples: Vec<Sample>,
    notices: Vec<DatasetNotice>,
    hidden: usize,
    not_images: usize,
    loose_images: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self {
            root,
            classes: Vec::new(),
            samples: Vec::new(),
            notices: Vec::new(),
            hidden: 0,
            not_images: 0,
            loose_images: 0,
        }
    }

    pub(super) fn note(&mut self, notice: DatasetNotice) {
        self.notices.push(notice);
    }

    /// Counts what is passed over in `listing`.
    pub(super) fn pass_over(&mut self, listing: &Listing) {
        self.hidden += listing.hidden;
        self.not_images += listing.n_not_images();
    }

    /// Reads the class folders in `parent`, which is relative to the root and empty for it.
    pub(super) fn class_folders(&mut self, parent: &str, part: Option<Part>) -> Result<()> {
        let listing = Listing::read(&self.root.join(parent))?;
        self.pass_over(&listing);
        self.loose_images += listing.images.len();
        for name in listing.folders {
            let label = self.label(&name);
            let first = self.samples.len();
            self.images_below(below(parent, &name), &mut HashSet::new())?;
            for sample in &mut self.samples[first..] {
                sample.label = Some(label);
                sample.part = part;
            }
        }
        Ok(())
    }

    /// The index of a class by the order in which they were met.
    fn label(&mut self, class: &str) -> u32 {
        let known = self.classes.iter().position(|known| known == class);
        let index = known.unwrap_or_else(|| {
            self.classes.push(class.to_owned());
            self.classes.len() - 1
        });
        // More than 2^32 folders do not fit in memory.
        index as u32
    }

    /// Gathers the images in `folder` and in the folders below it.
    ///
    /// `seen` holds the folders of this class already read, links resolved: a link that leads in
    /// a circle, or to a folder met before, ends the walk there.
    pub(super) fn images_below(
        &mut self,
        folder: String,
        seen: &mut HashSet<PathBuf>,
    ) -> Result<()> {
        let path = self.root.join(&folder);
        let resolved = fs::canonicalize(&path).map_err(|error| folder::explain(&path, error))?;
        if !seen.insert(resolved) {
            self.note(DatasetNotice::FolderRepeated { folder });
            return Ok(());
        }
        let listing = Listing::read(&path)?;
        self.pass_over(&listing);
        self.samples.extend(pair_with_masks(&listing.images).map(|(image, mask)| Sample {
            mask: mask.map(|mask| path.join(mask)),
            ..Sample::file(below(&folder, image))
        }));
        for name in &listing.folders {
            self.images_below(below(&folder, name), seen)?;
        }
        Ok(())
    }

    /// One image, with the mask beside it.
    pub(super) fn file(&mut self, name: &str, path: &Path) {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!("{}_mask.png", stem(&own)));
        let mask = Some(beside).filter(|mask| mask.is_file());
        self.samples.push(Sample { mask, ..Sample::file(name.to_owned()) });
    }

    /// Puts classes in natural order and samples in the order part, class, path.
    pub(super) fn finish(mut self) -> Result<Contents> {
        if self.hidden + self.not_images > 0 {
            let (hidden, other) = (self.hidden, self.not_images);
            self.note(DatasetNotice::FilesIgnored { hidden, other });
        }
        if self.loose_images > 0 {
            let count = self.loose_images;
            self.note(DatasetNotice::LooseImages { count });
        }
        let (classes, labels) = sort_classes(&self.classes);
        for sample in &mut self.samples {
            sample.label = sample.label.map(|met| labels[met as usize]);
        }
        self.samples.sort_by(|a, b| {
            let folders = (a.part, a.label).cmp(&(b.part, b.label));
            folders.then_with(|| natural_order(&a.id, &b.id))
        });
        Ok(Contents { classes, samples: self.samples, notices: self.notices, archive: None })
    }
}

/// The names in natural order, and for each name as given its place in that order.
pub(super) fn sort_classes(met: &[String]) -> (Vec<String>, Vec<u32>) {
    let mut order: Vec<usize> = (0..met.len()).collect();
    order.sort_by(|&left, &right| natural_order(&met[left], &met[right]));
    let mut labels = vec![0; met.len()];
    for (label, &place) in (0..).zip(&order) {
        labels[place] = label;
    }
    (order.into_iter().map(|place| met[place].clone()).collect(), labels)
}

/// The relative path of `name` in `parent`, with a slash on every system.
fn below(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

/// The images of one folder, each with its mask: `X_mask.png` is the mask of `X` with any ending.
/// Without such an `X` it is an image like others.
fn pair_with_masks(names: &[String]) -> impl Iterator<Item = (&str, Option<&str>)> {
    let stems: HashSet<&str> = names.iter().map(|name| stem(name)).collect();
    let mask_of: HashMap<&str, &str> = names
        .iter()
        .filter(|name| folder::has_ending(name, &["png"]))
        .filter_map(|name| Some((stem(name).strip_suffix("_mask")?, name.as_str())))
        .filter(|(image, _)| stems.contains(image))
        .collect();
    let masks: HashSet<&str> = mask_of.values().copied().collect();
    let images = names.iter().map(String::as_str).filter(move |name| !masks.contains(name));
    images.map(move |name| (name, mask_of.get(stem(name)).copied()))
}

/// The name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
