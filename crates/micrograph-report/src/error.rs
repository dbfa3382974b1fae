//! What can be wrong with a report.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tile of a contact sheet is neither gray nor RGB, or has no pixels.
    #[error(
        "sheet '{sheet}', tile {tile}: expected pixels of shape (1 or 3, height > 0, width > 0), \
         got ({channels}, {height}, {width}); convert the picture to gray or RGB first"
    )]
    TileShape {
        /// The title of the sheet.
        sheet: String,
        /// The position of the tile in its sheet, from 0.
        tile: usize,
        /// The channels that came.
        channels: usize,
        /// The height that came.
        height: usize,
        /// The width that came.
        width: usize,
    },
    /// A tile could not be written as PNG.
    #[error("sheet '{sheet}', tile {tile}: cannot be encoded as PNG")]
    Encode {
        /// The title of the sheet.
        sheet: String,
        /// The position of the tile in its sheet, from 0.
        tile: usize,
        /// What the encoder said.
        source: image::ImageError,
    },
    /// The page template could not be filled in.
    #[error("the page template cannot be filled in")]
    Template(#[from] askama::Error),
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
