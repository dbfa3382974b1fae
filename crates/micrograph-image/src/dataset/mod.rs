//! Data sets: which images there are, and which class, mask, group and part each belongs to.
//!
//! [`Dataset::open`] reads names and tables, not pixels; [`Dataset::read`] reads one sample.

mod class_folders;
mod fingerprint;
mod folder;
mod images;
mod layout;
mod manifest;
mod masks;
mod natural_order;
mod notice;
mod npz;
mod options;
mod reading;
mod sample;
mod segmentation;
mod split_folders;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::layout::Layout;
pub use self::manifest::{ManifestProblem, RowProblem, TemplateProblem};
pub use self::natural_order::natural_order;
pub use self::notice::DatasetNotice;
pub use self::npz::ArchiveProblem;
pub use self::options::DatasetOptions;
pub use self::sample::{Labelled, Part, Sample};
pub use self::segmentation::{
    ClassTable, Ends, Frame, FrameOrder, IGNORE, LabelMap, MaskKind, Neighbors, Page,
    SegmentationDataset, SegmentationLayout, SegmentationOptions, SegmentationProblem, Segmented,
    Sequence, TemporalWindow, TrackingTruth,
};
use crate::{Error, Limits, Result};

/// A set of images with their classes, ready to be read one at a time.
///
/// # Layouts
/// - **Class folders**: each folder is a class and its name the class's name; images lie in it or
///   in folders below it.
///   `X_mask.png` beside an image `X` is that image's mask; both may have any of the
///   [`EXTENSIONS`](crate::EXTENSIONS), and `_mask` any case. Without an image it is left out.
/// - **Split folders**: any of `train`, `val` (also `valid`, `validation`) and `test`, each above
///   class folders.
/// - **Archive**: an `.npz` with MedMNIST's keys, any of its parts: `train_images` as `(n, h, w)`
///   or `(n, h, w, c)` in uint8, uint16 or float32, `train_labels` as `(n)` or `(n, 1)` in any
///   integers; the classes are named `0`, `1` and so on.
///   It is held in memory in the type in which it is stored.
/// - **Manifest**: a table (comma, semicolon or tab, in UTF-8) with the columns `path` and `label`
///   and, where wanted, `mask`, `group` and `split`; paths are relative to the table.
///   [`DatasetOptions`] reads tables with other columns.
///
/// Classes stand in [`natural_order`], samples in the order part, class, natural order of paths;
/// those of a manifest or an archive as they stand there.
/// Files whose name begins with a dot and files with other endings than
/// [`EXTENSIONS`](crate::EXTENSIONS) are passed over and counted in [`notices`](Self::notices).
///
/// # Example
/// ```
/// use micrograph_image::{Dataset, DatasetOptions, Depth, Layout, write_png};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path();
/// // path/empty/1.png, path/full/1.png, path/full/2.png, path/full/10.png
/// for file in ["empty/1.png", "full/1.png", "full/2.png", "full/10.png"] {
///     # std::fs::create_dir_all(path.join(file).parent().unwrap())?;
///     write_png(&path.join(file), ndarray::Array3::ones((1, 4, 5)).view(), Depth::U8)?;
/// }
/// let data = Dataset::open(path, &DatasetOptions::default())?;
/// assert_eq!(data.layout, Layout::ClassFolders);
/// assert_eq!(data.classes, ["empty", "full"]);
/// assert_eq!(data.class_counts(&data.all()), [1, 3]);
/// assert_eq!(data.samples[3].id, "full/10.png");
/// assert_eq!(data.read(3)?.image.pixels.dim(), (1, 4, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The folder, table or archive that was read; of images, the first that was named.
    pub source: PathBuf,
    /// The folder that ids are relative to, or the archive.
    pub root: PathBuf,
    /// The layout that was understood.
    pub layout: Layout,
    /// The names of the classes; a label is an index into them.
    pub classes: Vec<String>,
    /// All samples.
    pub samples: Vec<Sample>,
    /// What was passed over, and which classes are empty.
    pub notices: Vec<DatasetNotice>,
    limits: Limits,
    archive: Option<Arc<npz::Archive>>,
}

/// Whether every sample must have a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Labels {
    Required,
    Optional,
}

/// What one of the layouts found.
#[derive(Debug)]
struct Contents {
    classes: Vec<String>,
    samples: Vec<Sample>,
    notices: Vec<DatasetNotice>,
    archive: Option<npz::Archive>,
}

impl Dataset {
    /// Finds the samples of the data set at `path`, a folder, a table or an archive.
    ///
    /// A folder that holds no folders and a single table or archive stands for that file.
    /// Images of a manifest are not looked for before they are read.
    ///
    /// # Errors
    /// When the path is not there or may not be read, when the layout is unclear, when there is
    /// no sample, or when a table, a template or an archive is not as described above.
    /// A name of a folder or image that is no UTF-8 is an error too: an id must be text.
    /// A data set with a single class is none.
    pub fn open(path: &Path, options: &DatasetOptions) -> Result<Self> {
        Self::open_with(path, options, Labels::Required, &Part::ALL)
    }

    /// As [`open`](Self::open), but of an archive's test part nothing is read, neither images nor
    /// labels: its samples are not there. Of folders and tables no pixel is read in any case.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_for_training(path: &Path, options: &DatasetOptions) -> Result<Self> {
        Self::open_with(path, options, Labels::Required, &[Part::Train, Part::Val])
    }

    /// As [`open`](Self::open), but classes may be missing: in a table the column or single values
    /// of it, in an archive the arrays of labels. An archive may also hold a single array of images
    /// under any name, or one named `images`; the ids of its samples are row numbers.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_unlabelled(path: &Path, options: &DatasetOptions) -> Result<Self> {
        Self::open_with(path, options, Labels::Optional, &Part::ALL)
    }

    fn open_with(
        path: &Path,
        options: &DatasetOptions,
        labels: Labels,
        parts_of_archive: &[Part],
    ) -> Result<Self> {
        let (layout, located) = layout::locate(path, options)?;
        let contents = match layout {
            Layout::ClassFolders => class_folders::open(&located),
            Layout::SplitFolders => split_folders::open(&located),
            Layout::Npz => npz::open(&located, &options.limits, labels, parts_of_archive),
            Layout::Manifest => manifest::open(&located, options, labels),
        }?;
        if contents.samples.is_empty() {
            return Err(Error::NoSamples { path: located, layout });
        }
        let root = match layout {
            Layout::Manifest => manifest::root(&located).to_owned(),
            _ => located.clone(),
        };
        let Contents { classes, mut samples, notices, archive } = contents;
        samples.shrink_to_fit();
        let (limits, archive) = (options.limits, archive.map(Arc::new));
        let source = located;
        let mut dataset = Self { source, root, layout, classes, samples, notices, limits, archive };
        dataset.note_empty_classes();
        Ok(dataset)
    }

    /// The parts that have samples, each with their number, in the order train, val, test, none.
    pub fn parts(&self) -> Vec<(Option<Part>, usize)> {
        let parts = Part::ALL.into_iter().map(Some).chain([None]);
        let counted =
            parts.map(|part| (part, self.samples.iter().filter(|s| s.part == part).count()));
        counted.filter(|&(_, count)| count > 0).collect()
    }

    /// The indices of the samples of a part, ascending; `None` gives those without a part.
    pub fn indices(&self, part: Option<Part>) -> Vec<usize> {
        (0..self.samples.len()).filter(|&index| self.samples[index].part == part).collect()
    }

    /// The indices of all samples, ascending.
    pub fn all(&self) -> Vec<usize> {
        (0..self.samples.len()).collect()
    }

    /// The files of which the data set consists: its table or archive, images and masks.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let in_files = if self.archive.is_none() { self.samples.as_slice() } else { &[] };
        let of_sample = |sample: &Sample| {
            [Some(self.root.join(&sample.id)), sample.mask.clone()].into_iter().flatten()
        };
        let source = self.source.is_file().then(|| self.source.clone());
        source.into_iter().chain(in_files.iter().flat_map(of_sample))
    }

    /// How many of the samples at `indices` have a mask.
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn masked(&self, indices: &[usize]) -> usize {
        indices.iter().filter(|&&index| self.samples[index].mask.is_some()).count()
    }

    /// How many of the samples at `indices` belong to each class; unlabelled ones count nowhere.
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn class_counts(&self, indices: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for &index in indices {
            if let Some(label) = self.samples[index].label {
                counts[label as usize] += 1;
            }
        }
        counts
    }

    /// The same data set with the samples at `indices` alone, in that order; classes and notices
    /// stay, and the arrays of an archive are shared.
    ///
    /// # Panics
    /// When an index is out of range.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            source: self.source.clone(),
            root: self.root.clone(),
            layout: self.layout,
            classes: self.classes.clone(),
            samples: indices.iter().map(|&index| self.samples[index].clone()).collect(),
            notices: self.notices.clone(),
            limits: self.limits,
            archive: self.archive.clone(),
        }
    }

    /// A class may lack samples everywhere or in a part; the former is noted once.
    fn note_empty_classes(&mut self) {
        let whole = self.class_counts(&self.all());
        let note = |label: usize, part| {
            let class = self.classes[label].clone();
            DatasetNotice::EmptyClass { class, part }
        };
        let mut notices: Vec<_> = zeros(&whole).map(|label| note(label, None)).collect();
        for (part, _) in self.parts().into_iter().filter(|(part, _)| part.is_some()) {
            let mut indices = self.indices(part);
            if part == Some(Part::Train) {
                // What has no part is trained on.
                indices.extend(self.indices(None));
            }
            let counts = self.class_counts(&indices);
            let lacking = zeros(&counts).filter(|&label| whole[label] > 0);
            notices.extend(lacking.map(|label| note(label, part)));
        }
        self.notices.extend(notices);
    }
}

/// The places of zeros.
fn zeros(counts: &[usize]) -> impl Iterator<Item = usize> {
    (0..counts.len()).filter(|&place| counts[place] == 0)
}
