//! What can be wrong with a segmentation data set.

use std::path::PathBuf;

use super::labels::{BadMask, MaskValue};
use crate::Shape;

/// What is wrong with a segmentation data set; the error names its folder or file before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentationProblem {
    /// Nothing looks like images with masks.
    #[error(
        "expected images with masks, but found {found}; put images into a folder `image` (or `frames`) and masks of the same names into `label` (`masks`, `instances`) beside it, name pairs `7.png` and `7_mask.png`, or use the Cell Tracking Challenge's folders"
    )]
    Unclear {
        /// What lies there.
        found: String,
    },
    /// Two folders could hold the masks, or the images.
    #[error("expected one folder of {role}, but found {}; name the kind of masks (`masks`), or rename one of them", names.join(", "))]
    TwoFolders {
        /// `images` or `masks`.
        role: &'static str,
        /// The folders.
        names: Vec<String>,
    },
    /// Images without a mask.
    #[error("expected a mask of the same name for each image, but {count} {} none in {}: {names}; add the masks, or remove the images", have(*count), masks.display())]
    WithoutMask {
        /// Where masks were looked for.
        masks: PathBuf,
        /// How many images have none.
        count: usize,
        /// The first of them.
        names: String,
    },
    /// Masks without an image.
    #[error("expected an image of the same name for each mask, but {count} {} none in {}: {names}; add the images, or remove the masks", have(*count), images.display())]
    WithoutImage {
        /// Where images were looked for.
        images: PathBuf,
        /// How many masks have none.
        count: usize,
        /// The first of them.
        names: String,
    },
    /// Two files that would be the same frame.
    #[error(
        "expected one file for each frame, but `{first}` and `{second}` have the same name but for ending or role; rename or remove one"
    )]
    Twice {
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// Numbers that a sequence lacks.
    #[error(
        "expected all frames from {first} to {last}, but {count} {} missing: {names}; restore them, or say that the images do not follow each other (`order = \"independent\"`)", if *count == 1 { "is" } else { "are" }
    )]
    MissingFrames {
        /// The first frame that is there.
        first: String,
        /// The last frame that is there.
        last: String,
        /// How many are missing.
        count: usize,
        /// The first of those.
        names: String,
    },
    /// Frames of a sequence that differ in size or channels.
    #[error(
        "expected {expected} (channels x height x width) as in {first}, the first frame of the sequence, but got {got}; crop or pad the frames to one size, or say that the images do not follow each other (`order = \"independent\"`)"
    )]
    SizeChange {
        /// The first frame.
        first: String,
        /// Its shape.
        expected: Shape,
        /// The shape of this one.
        got: Shape,
    },
    /// A sequence of the Cell Tracking Challenge without the annotation that is to be read.
    #[error(
        "expected the annotation {expected}, but there is {found} alone; choose it (`truth = \"{truth}\"`), or add {expected}"
    )]
    OtherTruth {
        /// The folder of the annotation.
        expected: String,
        /// The folder that is there.
        found: String,
        /// The name of what is in it.
        truth: &'static str,
    },
    /// A stack of masks with other pages than the images.
    #[error("expected {expected} pages as in {}, but got {got}; export both stacks again with a mask for each image", images.display())]
    Pages {
        /// The stack of images.
        images: PathBuf,
        /// Its pages.
        expected: usize,
        /// The pages of the masks.
        got: usize,
    },
    /// Masks of a folder that hold values of no clear meaning.
    #[error(
        "expected masks of 0 and 255, of 0 and 1, or of class indices from 0 without a gap, but found the values {values}; name the classes (`table`, as in 0=background,128=cytoplasm,255=nucleus), or say that each value is an object (`masks = \"instances\"`)"
    )]
    UnclearValues {
        /// The first values.
        values: String,
    },
    /// A mask with a value that the table of classes does not have.
    #[error(
        "expected the mask values {expected}, but row {row}, column {column} (counted from 0) holds {value}; correct the mask (JPEG changes values), or name all classes (`table`)"
    )]
    UnknownValue {
        /// The values of the table.
        expected: String,
        /// The value.
        value: String,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// A mask of other channels than gray or RGB.
    #[error("expected a mask of 1 or 3 channels, but got {got}; save it as gray PNG or TIFF")]
    MaskChannels {
        /// The channels.
        got: usize,
    },
    /// A mask with integers beyond `2^24`.
    #[error("expected object numbers up to 16777216, but some are greater; number objects from 1")]
    GreatNumbers,
    /// A stack that is to hold a volume for each frame.
    #[error(
        "expected a single page, but got {pages}: sequences of volumes are not read; save each plane as a frame"
    )]
    Volume {
        /// The pages.
        pages: usize,
    },
    /// A window that is dropped at an end was asked for.
    #[error(
        "expected a frame with {half} frames of its sequence on both sides; choose `ends = \"reflect\"`, or leave the frame out"
    )]
    NoWindow {
        /// Half the width of the window.
        half: usize,
    },
}

impl SegmentationProblem {
    pub(super) fn unclear_values(values: &[MaskValue]) -> Self {
        let names: Vec<String> = values.iter().map(ToString::to_string).collect();
        Self::UnclearValues { values: first_of(&names) }
    }

    pub(super) fn of_mask(problem: BadMask, expected: String) -> Self {
        match problem {
            BadMask::Value { value, row, column } => {
                Self::UnknownValue { expected, value, row, column }
            }
            BadMask::Channels(got) => Self::MaskChannels { got },
            BadMask::Rounded => Self::GreatNumbers,
        }
    }
}

/// The first names of a list, for a message of one line.
pub(super) fn first_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

fn have(count: usize) -> &'static str {
    if count == 1 { "has" } else { "have" }
}
