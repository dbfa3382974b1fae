//! Images of which parts are read, so that they may be larger than memory.

use std::path::{Path, PathBuf};

use ndarray::Array3;

use super::format::Format;
use super::source::Source;
use super::tiff::TiffRegions;
use super::{PageStart, read_counting};
use crate::{Depth, Error, Image, Limits, Region, Result, Shape};

/// An image of which any rectangle can be read.
///
/// Of a TIFF, strips or tiles are decoded where a region meets them, and those that cross its rows
/// are kept for the next one: whoever reads from left to right and then further down decodes each but
/// a few once, with a band of the image in memory. The image may then have any size, and
/// [`Limits`] hold for one strip or row of tiles; a strip of 8 or 16 bits that is not compressed is read by
/// rows. Other formats are decoded whole.
///
/// The values are those of [`read_page`](crate::read_page).
///
/// # Example
/// ```
/// use micrograph_image::{Depth, ImageRegions, Limits, Region, write_tiff};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cells.tif");
/// let pixels = ndarray::Array3::from_shape_fn((1, 4, 5), |(_, y, x)| (10 * y + x) as f32);
/// write_tiff(&path, &[pixels.view()], Depth::U16, None)?;
/// let mut image = ImageRegions::open(&path, 0, &Limits::default())?;
/// assert_eq!(image.depth(), Depth::U16);
/// let region = Region { y: 2, x: 3, height: 2, width: 2 };
/// assert_eq!(image.read(region)?, ndarray::array![[[23.0, 24.0], [33.0, 34.0]]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ImageRegions {
    path: PathBuf,
    limits: Limits,
    length: u64,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    Whole(Image),
    Blocks(Box<TiffRegions>),
}

impl ImageRegions {
    /// Opens a page of an image, counted from 0.
    ///
    /// # Errors
    /// Those of [`read_page`](crate::read_page); for a TIFF, [`Error::BandTooLarge`] in place of
    /// [`Error::TooLarge`].
    pub fn open(path: &Path, page: usize, limits: &Limits) -> Result<Self> {
        Self::open_at(path, (page, None), limits)
    }

    /// As [`open`](Self::open), but the chain of pages is not followed where it is known where the page
    /// begins.
    pub(crate) fn open_at(
        path: &Path,
        (page, start): (usize, Option<PageStart>),
        limits: &Limits,
    ) -> Result<Self> {
        let (source, reader) = Source::open(path, limits)?;
        let start = start.filter(|start| start.file_bytes == source.length);
        let place = (page, start.map(|start| start.offset));
        let parts = match source.format {
            Format::Tiff => Parts::Blocks(Box::new(TiffRegions::open(reader, place, &source)?)),
            _ => Parts::Whole(read_counting(path, page, limits)?.0),
        };
        Ok(Self { path: path.to_owned(), limits: *limits, length: source.length, parts })
    }

    /// The shape of the image.
    pub fn shape(&self) -> Shape {
        match &self.parts {
            Parts::Whole(image) => image.shape(),
            Parts::Blocks(blocks) => blocks.shape(),
        }
    }

    /// The type of the stored samples.
    pub fn depth(&self) -> Depth {
        match &self.parts {
            Parts::Whole(image) => image.depth,
            Parts::Blocks(blocks) => blocks.depth(),
        }
    }

    /// Regions of the image's width that cover it once from top to bottom, each of whole strips or rows
    /// of tiles and some hundred rows.
    pub fn bands(&self) -> impl Iterator<Item = Region> + use<> {
        const ROWS: usize = 256;
        let Shape { height, width, .. } = self.shape();
        let rows = match &self.parts {
            Parts::Whole(_) => ROWS,
            Parts::Blocks(blocks) => ROWS.next_multiple_of(blocks.block_height().max(1)),
        };
        let band = move |y| Region { y, x: 0, height: rows.min(height - y), width };
        (0..height).step_by(rows).map(band)
    }

    /// The pixels of a region, `(c, height, width)`.
    ///
    /// # Errors
    /// [`Error::NoSuchRegion`] for one that reaches beyond the image, [`Error::Damaged`] where the file
    /// breaks off, [`Error::NotFinite`].
    pub fn read(&mut self, region: Region) -> Result<Array3<f32>> {
        let Region { y, x, height, width } = region;
        let shape = self.shape();
        let ends = |from: usize, length: usize, all| {
            from.checked_add(length).is_some_and(|end| end <= all)
        };
        if !ends(y, height, shape.height) || !ends(x, width, shape.width) {
            return Err(Error::NoSuchRegion { path: self.path.clone(), region, shape });
        }
        match &mut self.parts {
            Parts::Whole(image) => Ok(region.of(image.pixels.view()).to_owned()),
            Parts::Blocks(blocks) => {
                let source = Source::of(&self.path, Format::Tiff, self.length, &self.limits);
                blocks.read(region, &source)
            }
        }
    }
}
