//! Everything that can be wrong with the input.

use micrograph_image::{PixelSize, Shape};

/// What descriptors cannot be computed from.
///
/// An object without pixels, of one pixel, or of one intensity is no error: it has values by rules
/// that each descriptor states.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The mask does not lie on the image.
    #[error(
        "expected a mask of {} x {} pixels, as the image has, got {} x {}; crop or resize both together",
        image.height, image.width, mask[0], mask[1]
    )]
    MaskShape {
        /// The shape of the image.
        image: Shape,
        /// Height and width of the mask.
        mask: [usize; 2],
    },
    /// A pixel of the object or near it is NaN or infinite.
    #[error("expected finite pixels, got {value} in channel {channel}, row {row}, column {column}")]
    Pixel {
        /// The channel.
        channel: usize,
        /// The row in the image.
        row: usize,
        /// The column in the image.
        column: usize,
        /// The value found there.
        value: f32,
    },
    /// The size of a pixel is not a positive number, or is beyond what can be squared.
    #[error("expected a pixel size from 1e-30 to 1e30 nm, got {} x {} nm", size.y_nm, size.x_nm)]
    PixelSize {
        /// The size given.
        size: PixelSize,
    },
    /// Pixels are not square.
    #[error(
        "expected square pixels, got {} nm from row to row and {} nm from column to column; resample the image first, or leave the pixel size out to measure in pixels",
        size.y_nm, size.x_nm
    )]
    PixelsNotSquare {
        /// The size given.
        size: PixelSize,
    },
    /// A distance is given in nanometers, and the size of a pixel is not known.
    #[error(
        "expected a pixel size, because {what} is {nanometers} nm; give the pixel size, or the distance in pixels"
    )]
    PixelSizeUnknown {
        /// The setting.
        what: &'static str,
        /// Its value.
        nanometers: f64,
    },
    /// A setting is outside its range.
    #[error("expected {what} {expected}, got {got}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        got: f64,
    },
    /// The range of intensities is empty or not finite.
    #[error("expected a range of intensities with low < high, got {low} to {high}")]
    Range {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// A set names one descriptor twice.
    #[error("expected distinct descriptors, got {name:?} more than once; remove one of them")]
    Duplicate {
        /// The name that occurs again.
        name: String,
    },
    /// A family cannot be taken of a transformed image.
    #[error(
        "expected a family that reads pixels, and no transforms in it, after transforms, got {family}; take it of the image itself"
    )]
    Transformed {
        /// The family.
        family: String,
    },
    /// There is no set of that name.
    #[error("expected one of the sets {}, got {name:?}", crate::FeatureSet::PRESETS.join(", "))]
    Preset {
        /// The name.
        name: String,
    },
    /// There is nothing to measure.
    #[error("expected at least one object, got none")]
    NoObjects,
    /// An object of a table differs from the first in what can be measured.
    #[error(
        "expected {expected} in object {index}, as in the first, got {got}; extract them into separate tables"
    )]
    Mixed {
        /// The place of the object in the table.
        index: usize,
        /// What the first object has.
        expected: String,
        /// What this one has.
        got: String,
    },
    /// Something is wrong with what distances, outlines or morphology are computed from.
    #[error(transparent)]
    Segment(#[from] micrograph_segment::Error),
    /// Something is wrong with one object of a table.
    #[error("object {index}: {source}")]
    Object {
        /// The place of the object in the table.
        index: usize,
        /// What is wrong with it.
        source: Box<Error>,
    },
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
