//! How to open a segmentation data set.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ClassTable;
use crate::{Error, Limits, Result};

/// How to open a [`SegmentationDataset`](super::SegmentationDataset); the default finds everything out.
///
/// ```
/// use micrograph_image::{ClassTable, SegmentationOptions};
/// let table = "0=background, 128=cytoplasm, 255=nucleus".parse::<ClassTable>()?;
/// let options = SegmentationOptions { table: Some(table), ..SegmentationOptions::default() };
/// assert_eq!(options.table.unwrap().names(), ["background", "cytoplasm", "nucleus"]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentationOptions {
    /// The layout; found out from names when `None`.
    pub layout: Option<SegmentationLayout>,
    /// What the values of masks stand for.
    pub masks: MaskKind,
    /// Which value or color of a mask is which class; found out from the masks when `None`.
    pub table: Option<ClassTable>,
    /// Taken before a table is found out, where it has all values of the masks: that with which a
    /// model was trained. It belongs to no run, and is not written.
    #[serde(skip)]
    pub preferred: Option<ClassTable>,
    /// Whether images follow each other.
    pub order: FrameOrder,
    /// Which annotation of the Cell Tracking Challenge is read.
    pub truth: TrackingTruth,
    /// What an image may hold at most.
    pub limits: Limits,
}

/// How files say which mask belongs to which image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SegmentationLayout {
    /// A folder `image*` or `frames` beside a folder `label*`, `masks` or `instances`.
    ImageMaskFolders,
    /// Any of `train`, `val` (`valid`, `validation`) and `test`, each above one of the others.
    PartFolders,
    /// Images and masks in one folder, told apart by a word in their names: `train-volume.tif` and
    /// `train-labels.tif`, `7.png` and `7_mask.png`; or such files in a folder for each image.
    SideBySide,
    /// That of the Cell Tracking Challenge: `01/t000.tif`, `01_GT/SEG/man_seg000.tif`.
    CellTracking,
}

impl SegmentationLayout {
    /// All layouts in the order of the documentation.
    pub const ALL: [Self; 4] =
        [Self::ImageMaskFolders, Self::PartFolders, Self::SideBySide, Self::CellTracking];

    /// The name on a command line and in a configuration: `image-mask-folders` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageMaskFolders => "image-mask-folders",
            Self::PartFolders => "part-folders",
            Self::SideBySide => "side-by-side",
            Self::CellTracking => "cell-tracking",
        }
    }
}

impl fmt::Display for SegmentationLayout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for SegmentationLayout {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|layout| layout.name() == name);
        found.ok_or_else(|| Error::UnknownSegmentationLayout { name: name.to_owned() })
    }
}

/// What the values of masks stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// Found out: instances where a folder or file is named so, where masks have 16 bits and more
    /// than two values, or more than 32 values, unless most of their foreground is white; else
    /// classes.
    #[default]
    Auto,
    /// Each value or color is a class.
    Classes,
    /// Each value but 0 is an object; the classes are `background` and `object`.
    Instances,
}

/// Whether images follow each other in time or depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameOrder {
    /// Images of one folder that differ in the last number of their names alone are a sequence where
    /// they have at least half of the numbers from the first to the last; others stand alone.
    #[default]
    Auto,
    /// As `Auto`, but images that differ in one number alone are a sequence in any case.
    Sequence,
    /// Every image stands alone; pages of a stack follow each other nevertheless.
    Independent,
}

/// Which annotation of the Cell Tracking Challenge is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingTruth {
    /// `01_GT/SEG`: made by people, often of some frames only, and in them of some cells only.
    #[default]
    Gold,
    /// `01_ST/SEG`: made by the best programs together, of all frames.
    Silver,
    /// `01_GT/TRA`: a marker for each cell, of all frames; often smaller than the cell.
    Markers,
}
