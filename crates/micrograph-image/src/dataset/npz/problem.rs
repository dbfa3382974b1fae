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
    /// One of its arrays cannot be unpacked, or has no header of a plain array.
    #[error("expected {key} to be a whole array, but {source}; copy or save the archive again")]
    DamagedArray {
        /// The name of the array.
        key: String,
        /// What the decoder said.
        source: BoxedError,
    },
    /// An array of another size than its header says; nothing was allocated.
    #[error(
        "expected {key} to hold what its header says, {header}, but the archive gives it {held} bytes; save it again"
    )]
    HeaderMismatch {
        /// The name of the array.
        key: String,
        /// Type and shape from its header, in numpy's notation: `'<u2' of [9, 28, 28]`.
        header: String,
        /// How many bytes follow the header.
        held: u64,
    },
    /// A small file that unpacks to much; nothing was allocated for the array.
    ///
    /// The arrays may take 100 times the bytes of the file together, or as many bytes as
    /// [`Limits::max_samples`](crate::Limits::max_samples) says (1 GiB by default), whichever is
    /// more. A sample's record counts as 256 bytes beside its pixels.
    #[error(
        "expected an archive of {file} bytes to unpack to at most {allowed}, but with {key} (its header says {header}) it takes {total}; save it with numpy.savez, which does not compress, or raise the limit (--max-pixels, `max_pixels`)"
    )]
    Inflates {
        /// The name of the array.
        key: String,
        /// Type and shape from its header.
        header: String,
        /// The length of the archive in bytes.
        file: u64,
        /// How many bytes its arrays may take.
        allowed: u64,
        /// How many they take up to this one.
        total: u64,
    },
    /// More than 64 GiB in all; nothing was allocated for the array.
    #[error(
        "expected at most {allowed} bytes of arrays, as they are held in memory, but with {key} (its header says {header}) they take {total}; save the images as files in a folder for each class"
    )]
    TooLarge {
        /// The name of the array.
        key: String,
        /// Type and shape from its header.
        header: String,
        /// How many bytes arrays may take.
        allowed: u64,
        /// How many they take up to this one.
        total: u64,
    },
    /// The system has no memory left for an array.
    #[error(
        "expected {bytes} bytes of free memory for {key}, but the system refused; close other programs, or save the images as files in a folder for each class"
    )]
    NoMemory {
        /// The name of the array.
        key: String,
        /// How many bytes it takes.
        bytes: u64,
    },
    /// Not a single array of images.
    #[error("expected {}, but found {}; rename the arrays", expected.join(" or "), found.join(", "))]
    NoImages {
        /// The names that were looked for: those of the parts that are read.
        expected: Vec<String>,
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
