//! What is wrong with an archive.

use thiserror::Error;

use crate::BoxedError;
use crate::dataset::Part;

/// What is wrong with an archive that should have MedMNIST's arrays.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveProblem {
    /// It is no archive of arrays, or it is cut short.
    #[error("expected a whole .npz archive, but {0}; copy or save it again")]
    Damaged(BoxedError),
    /// Not a single array of images.
    #[error("expected train_images, val_images or test_images, but found {}; rename the arrays", found.join(", "))]
    NoImages {
        /// The names of the arrays that are there.
        found: Vec<String>,
    },
    /// Images without labels.
    #[error("expected an array {key} beside the images, but found {}; add it", found.join(", "))]
    NoLabels {
        /// The name of the array that is not there.
        key: String,
        /// The names of the arrays that are there.
        found: Vec<String>,
    },
    /// Elements of a type that is not read here.
    #[error(
        "expected {key} to hold {expected}, but it holds {found}; convert it with numpy's astype"
    )]
    ElementType {
        /// The name of the array.
        key: String,
        /// What it should hold.
        expected: &'static str,
        /// What it holds, in numpy's notation: `'<f8'`.
        found: String,
    },
    /// An array with other axes.
    #[error("expected {key} to have the shape {expected}, but it has {found:?}; reshape it")]
    Shape {
        /// The name of the array.
        key: String,
        /// What its shape should be.
        expected: &'static str,
        /// What its shape is.
        found: Vec<usize>,
    },
    /// More or fewer labels than images.
    #[error(
        "expected one label for each image, but {part} has {images} images and {labels} labels; save it again"
    )]
    LabelCount {
        /// The part.
        part: Part,
        /// How many images it has.
        images: usize,
        /// How many labels it has.
        labels: usize,
    },
    /// A label that is no index of a class.
    #[error(
        "expected labels from 0 to 65535, but {key} holds {value} in row {row}; number the classes from 0"
    )]
    LabelRange {
        /// The name of the array.
        key: String,
        /// The row, counted from 0.
        row: usize,
        /// The label.
        value: i64,
    },
    /// A sample that was taken from another data set.
    #[error(
        "expected a sample of this archive, but it has no `{sample}`; take samples from the data set itself"
    )]
    NoSuchRow {
        /// The id of the sample.
        sample: String,
    },
}
