//! A folder of images for each class.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder::Listing;
use super::masks::{self, Beside};
use super::{Contents, DatasetNotice, Part, Sample, natural_order};
use crate::Result;
use crate::opening::{current_if_empty, explain};

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
    unpaired_masks: usize,
    beside: Beside,
    /// Folders already read, links resolved.
    seen: HashSet<PathBuf>,
    /// Links to folders, with class and part of what lies below them.
    links: Vec<(String, Owner)>,
}

/// The class, by the order in which they were met, and the part that a folder's images belong to.
#[derive(Debug, Clone, Copy, Default)]
struct Owner {
    label: Option<u32>,
    part: Option<Part>,
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
            unpaired_masks: 0,
            beside: Beside::default(),
            seen: HashSet::new(),
            links: Vec::new(),
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
        let path = self.root.join(parent);
        let listing = Listing::read(&path)?;
        self.seen.insert(resolved(&path)?);
        self.pass_over(&listing);
        self.loose_images += listing.images.len();
        for name in listing.folders {
            let label = Some(self.label(&name));
            self.walk(below(parent, &name), Owner { label, part })?;
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

    /// Gathers the images in `folder` and in the folders below it, without a class.
    pub(super) fn images_below(&mut self, folder: String) -> Result<()> {
        self.walk(folder, Owner::default())
    }

    /// Gathers the images in `folder` and in the folders below it; links to folders wait until all
    /// folders that lie in the tree itself have been read.
    fn walk(&mut self, folder: String, owner: Owner) -> Result<()> {
        if self.root.join(&folder).is_symlink() {
            self.links.push((folder, owner));
            return Ok(());
        }
        self.read_folder(folder, owner)
    }

    /// A folder is read once: a link that leads in a circle, or to a folder met before, ends the
    /// walk there. An image would else be of two classes.
    fn read_folder(&mut self, folder: String, owner: Owner) -> Result<()> {
        let path = self.root.join(&folder);
        if !self.seen.insert(resolved(&path)?) {
            self.note(DatasetNotice::FolderRepeated { folder });
            return Ok(());
        }
        let listing = Listing::read(&path)?;
        self.pass_over(&listing);
        let paired = masks::pair(&listing.images);
        self.unpaired_masks += paired.unpaired;
        self.samples.extend(paired.images.into_iter().map(|(image, mask)| Sample {
            mask: mask.map(|mask| path.join(mask)),
            label: owner.label,
            part: owner.part,
            ..Sample::file(below(&folder, image))
        }));
        for name in &listing.folders {
            self.walk(below(&folder, name), owner)?;
        }
        Ok(())
    }

    /// One image, with the mask beside it.
    pub(super) fn file(&mut self, name: &str, path: &Path) -> Result<()> {
        let mask = self.beside.of(path)?;
        self.samples.push(Sample { mask, ..Sample::file(name.to_owned()) });
        Ok(())
    }

    /// Puts classes in natural order and samples in the order part, class, path.
    pub(super) fn finish(mut self) -> Result<Contents> {
        // A link may lead to further links.
        while !self.links.is_empty() {
            for (folder, owner) in std::mem::take(&mut self.links) {
                self.read_folder(folder, owner)?;
            }
        }
        if self.hidden + self.not_images > 0 {
            let (hidden, other) = (self.hidden, self.not_images);
            self.note(DatasetNotice::FilesIgnored { hidden, other });
        }
        if self.loose_images > 0 {
            let count = self.loose_images;
            self.note(DatasetNotice::LooseImages { count });
        }
        if self.unpaired_masks > 0 {
            let count = self.unpaired_masks;
            self.note(DatasetNotice::UnpairedMasks { count });
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

/// The folder that a path leads to, links resolved.
fn resolved(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(current_if_empty(path)).map_err(|error| explain(path, error))
}
