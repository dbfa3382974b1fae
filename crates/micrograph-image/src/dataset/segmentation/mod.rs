//! Data sets for segmentation: frames, their masks, and what follows what in time.

mod cell_tracking;
mod frames;
mod labels;
mod locate;
mod open;
mod options;
mod pair;
mod problem;
mod reading;
mod roles;
mod sequence;
mod settle;
mod table;
mod window;

use std::ops::Range;
use std::path::PathBuf;

use self::labels::MaskValue;
pub use self::labels::{IGNORE, LabelMap};
pub use self::options::{
    FrameOrder, MaskKind, SegmentationLayout, SegmentationOptions, TrackingTruth,
};
pub use self::problem::SegmentationProblem;
pub use self::table::ClassTable;
pub use self::window::{Ends, Neighbors, TemporalWindow};
use super::{DatasetNotice, Part};
use crate::decode::PageStart;
use crate::{Image, Limits, Shape};

/// More values than this are no classes, unless a table names them.
const MOST_CLASSES: usize = 32;

/// A set of images with their masks, ready to be read one at a time.
///
/// # Layouts
/// - **Folders of images and masks**: a folder `image*` or `frames` beside a folder `label*`, `masks`
///   or `instances`, with files of the same names but for endings and words such as `frame` and
///   `mask`; folders below them are paired by name, too.
/// - **Parts**: any of `train`, `val` and `test`, each above one of the other layouts.
/// - **Side by side**: images and masks in one folder, told apart by a word of their names
///   (`train-volume.tif` and `train-labels.tif`, `7.png` and `7_mask.png`), or such files in a folder
///   for each image (`set01/raw.tif`, `set01/instances.png`).
/// - **Cell Tracking Challenge**: `01/t000.tif` beside `01_GT/SEG/man_seg000.tif`; frames need no mask.
///
/// A TIFF of several pages is a sequence of frames, beside masks in as many pages.
/// Images of one folder that differ in the last number of their names alone are a sequence
/// ([`FrameOrder`]); its frames have one size, and no number is missing. An image that stands alone is
/// a sequence of one frame.
///
/// # Masks
/// 0 and 255, 0 and 1, class indices from 0 without a gap, whatever a [`ClassTable`] names, or
/// instances: the numbers of objects ([`MaskKind`]). Alpha does not count; colors of equal parts are
/// gray.
///
/// # Example
/// ```
/// use micrograph_image::{Depth, SegmentationDataset, SegmentationOptions, TemporalWindow, write_png};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path();
/// for number in 1..=3 {
///     for (kind, gray) in [("image", 100.0 + number as f32), ("label", 255.0)] {
///         # std::fs::create_dir_all(path.join(kind))?;
///         let mut pixels = ndarray::Array3::zeros((1, 4, 5));
///         pixels[[0, 0, 0]] = gray;
///         write_png(&path.join(format!("{kind}/{number}.png")), pixels.view(), Depth::U8)?;
///     }
/// }
/// let data = SegmentationDataset::open(path, &SegmentationOptions::default())?;
/// assert_eq!((data.frames.len(), data.sequences.len()), (3, 1));
/// assert_eq!(data.table.names(), ["background", "foreground"]);
/// let labels = data.read_labels(1)?.unwrap();
/// assert_eq!(labels.class_counts(2), [19, 1]);
/// let window = data.read_window(0, &TemporalWindow { width: 3, ..TemporalWindow::default() })?;
/// let grays: Vec<f32> = window.pixels.outer_iter().map(|frame| frame[[0, 0]]).collect();
/// assert_eq!(grays, [102.0, 101.0, 102.0]); // reflected at the end
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SegmentationDataset {
    /// The folder that was read; of images, the first that was named.
    pub source: PathBuf,
    /// The folder that ids are relative to.
    pub root: PathBuf,
    /// The layout that was understood.
    pub layout: SegmentationLayout,
    /// What the values of masks stand for: classes or instances.
    pub masks: MaskKind,
    /// Which value is which class; of instances `background` and `object`.
    pub table: ClassTable,
    /// All sequences, in the order train, val, test and natural order of names.
    pub sequences: Vec<Sequence>,
    /// All frames, sequence by sequence and in the order of each.
    pub frames: Vec<Frame>,
    /// What was passed over.
    pub notices: Vec<DatasetNotice>,
    limits: Limits,
}

/// Frames that follow each other in time or depth; or a single image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The paths of its frames with `*` for their number, or the path of the stack or image.
    pub name: String,
    /// Its frames in [`SegmentationDataset::frames`].
    pub frames: Range<usize>,
    /// The part to which the data set itself assigns it.
    pub part: Option<Part>,
}

/// What is known of a frame before its pixels are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The path relative to the root, with `/` between folders on every system; of a page, the
    /// stack's path and its number from 0: `volume.tif:7`. Unique in its data set.
    pub id: String,
    /// Where the image is.
    pub image: Page,
    /// Where the mask is.
    pub mask: Option<Page>,
    /// The index of its sequence in [`SegmentationDataset::sequences`].
    pub sequence: usize,
    /// The part to which the data set itself assigns it.
    pub part: Option<Part>,
    /// The shape of the image, from its header.
    pub shape: Shape,
    in_stack: bool,
}

impl Frame {
    /// The number that names this frame's random stream, as [`Sample::key`](crate::Sample::key) does.
    pub fn key(&self) -> u64 {
        super::sample::key_of(&self.id)
    }
}

/// An image in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Page {
    /// The file, ready to be opened.
    pub path: PathBuf,
    /// The page, from 0.
    pub page: usize,
    /// Where it begins, as far as that was found.
    start: Option<PageStart>,
}

/// A frame that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmented {
    /// The pixels as stored, `(c, h, w)`.
    pub image: Image,
    /// What is where, `(h, w)` as the image, where the frame has a mask.
    pub labels: Option<LabelMap>,
}

impl SegmentationDataset {
    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.table.n_classes()
    }

    /// The parts that have frames, each with their number, in the order train, val, test, none.
    pub fn parts(&self) -> Vec<(Option<Part>, usize)> {
        let parts = Part::ALL.into_iter().map(Some).chain([None]);
        let counted = parts.map(|part| (part, self.indices(part).len()));
        counted.filter(|&(_, count)| count > 0).collect()
    }

    /// The indices of the frames of a part, ascending; `None` gives those without a part.
    pub fn indices(&self, part: Option<Part>) -> Vec<usize> {
        (0..self.frames.len()).filter(|&index| self.frames[index].part == part).collect()
    }

    /// The indices of all frames, ascending.
    pub fn all(&self) -> Vec<usize> {
        (0..self.frames.len()).collect()
    }

    /// Those of `indices` whose frames have masks.
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn labelled(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().copied().filter(|&index| self.frames[index].mask.is_some()).collect()
    }

    /// The sequence of each frame, which is what a split must not tear apart, or only in blocks.
    pub fn sequence_of_frames(&self) -> Vec<usize> {
        self.frames.iter().map(|frame| frame.sequence).collect()
    }

    /// The files of which the data set consists.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let of_frame = |frame: &Frame| {
            [Some(&frame.image), frame.mask.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
        };
        let mut files: Vec<PathBuf> =
            self.frames.iter().flat_map(of_frame).map(|page| page.path).collect();
        files.dedup();
        files.into_iter()
    }
}
