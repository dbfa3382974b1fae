//! Files to images: the format is found by content, the header is checked before any allocation.

mod format;
mod jpeg;
mod npy;
mod raster;
mod regions;
mod samples;
mod source;
mod tiff;

use std::path::Path;

use ndarray::{Array2, Zip};

pub use self::format::{EXTENSIONS, Format};
pub use self::regions::ImageRegions;
use self::source::Source;
use crate::{Error, Image, Limits, Notice, Result, Shape};

/// Reads an image; of a file with several pages, the first.
///
/// The format is found by content, not by name. The header's sizes are checked against `limits`
/// before anything is allocated. What is done to each format stands in the crate's documentation.
///
/// # Errors
/// - [`Error::NoSuchPath`], [`Error::PathThroughFile`], [`Error::Read`], [`Error::IsFolder`],
///   [`Error::NotAFile`], [`Error::EmptyFile`], [`Error::UnknownFormat`];
/// - [`Error::ZeroSize`], [`Error::TooLarge`], [`Error::TooManySamples`] for the header's sizes;
/// - [`Error::Damaged`] for a file that is cut short, [`Error::Unsupported`] for a variant that is
///   not read, [`Error::ArrayShape`] for an array that is no image;
/// - [`Error::NotFinite`] for a pixel that is NaN or infinite.
///
/// # Example
/// ```
/// use micrograph_image::{Depth, Limits, read, write_png};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("gray.png");
/// let pixels = ndarray::array![[[0.0, 127.4, 300.0]]]; // (c, h, w)
/// write_png(&path, pixels.view(), Depth::U8)?;
/// let image = read(&path, &Limits::default())?;
/// assert_eq!(image.pixels, ndarray::array![[[0.0, 127.0, 255.0]]]);
/// assert_eq!(image.depth, Depth::U8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: &Path, limits: &Limits) -> Result<Image> {
    let (mut image, pages) = read_counting(path, 0, limits)?;
    if pages > 1 {
        image.notices.push(Notice::ExtraPagesIgnored { pages: pages - 1 });
    }
    Ok(image)
}

/// Reads one page of an image, counted from 0; formats other than TIFF have one page.
///
/// Every directory of a TIFF's main chain is a page, thumbnails and reduced copies among them.
///
/// # Errors
/// Those of [`read()`], and [`Error::NoSuchPage`].
pub fn read_page(path: &Path, page: usize, limits: &Limits) -> Result<Image> {
    read_counting(path, page, limits).map(|(image, _)| image)
}

/// Where a page begins in a file of so many bytes, for [`read_page_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PageStart {
    file_bytes: u64,
    offset: u64,
}

/// As [`read_page`], but a page of which it is known where it begins is read at once: the chain of
/// the pages before it is not followed again.
pub(crate) fn read_page_at(
    path: &Path,
    (page, start): (usize, Option<PageStart>),
    limits: &Limits,
) -> Result<Image> {
    let Some(PageStart { file_bytes, offset }) = start else {
        return read_page(path, page, limits);
    };
    let (source, reader) = Source::open(path, limits)?;
    if source.format != Format::Tiff || source.length != file_bytes {
        return read_page(path, page, limits);
    }
    tiff::read_at(reader, offset, &source)
}

/// Counts the pages of an image; formats other than TIFF have one.
///
/// # Errors
/// Those of opening a file in [`read()`], and [`Error::Damaged`] when the chain of pages is broken.
pub fn page_count(path: &Path) -> Result<usize> {
    let limits = Limits::default();
    let (source, reader) = Source::open(path, &limits)?;
    match source.format {
        Format::Tiff => tiff::page_count(reader, &source),
        _ => Ok(1),
    }
}

/// Reads the shape from the header of the first page; no pixel is decoded.
///
/// # Errors
/// Those of [`read()`] that the header alone brings about.
pub fn probe(path: &Path, limits: &Limits) -> Result<Shape> {
    let (source, reader) = Source::open(path, limits)?;
    match source.format {
        Format::Png | Format::Bmp => raster::probe(reader, &source),
        Format::Jpeg => jpeg::probe(reader, &source),
        Format::Tiff => tiff::probe(reader, &source),
        Format::Npy => npy::probe(reader, &source),
    }
}

/// Reads the shape of every page from their headers; formats other than TIFF have one page.
///
/// # Errors
/// Those of [`read()`] that the headers alone bring about.
pub fn probe_pages(path: &Path, limits: &Limits) -> Result<Vec<Shape>> {
    Ok(locate_pages(path, limits)?.into_iter().map(|(shape, _)| shape).collect())
}

/// As [`probe_pages`], with the place of each page in the file where there can be several.
pub(crate) fn locate_pages(path: &Path, limits: &Limits) -> Result<Vec<Located>> {
    locate(path, limits, limits)
}

/// As [`locate_pages`], but a TIFF may have any size, for [`ImageRegions`] reads its regions.
pub(crate) fn locate_regions(path: &Path, limits: &Limits) -> Result<Vec<Located>> {
    locate(path, limits, &Limits::UNLIMITED)
}

/// The shape of a page, and where it begins.
type Located = (Shape, Option<PageStart>);

fn locate(path: &Path, limits: &Limits, of_tiff: &Limits) -> Result<Vec<Located>> {
    let (source, reader) = Source::open(path, limits)?;
    if source.format != Format::Tiff {
        return Ok(vec![(probe(path, limits)?, None)]);
    }
    let file_bytes = source.length;
    let page = |(shape, offset)| (shape, Some(PageStart { file_bytes, offset }));
    Ok(tiff::probe_pages(reader, &source.with_limits(of_tiff))?.into_iter().map(page).collect())
}

/// Reads an object mask: a pixel belongs to the object where any channel is not zero.
///
/// Alpha does not count. A palette image counts by its colors, not by its indices.
///
/// # Errors
/// Those of [`read()`].
pub fn read_mask(path: &Path, limits: &Limits) -> Result<Array2<bool>> {
    let image = read(path, limits)?;
    let (_, height, width) = image.pixels.dim();
    let mut mask = Array2::from_elem((height, width), false);
    for plane in image.pixels.outer_iter() {
        Zip::from(&mut mask).and(plane).for_each(|object, &value| *object |= value != 0.0);
    }
    Ok(mask)
}

/// Reads one page, and tells how many there are.
fn read_counting(path: &Path, page: usize, limits: &Limits) -> Result<(Image, usize)> {
    let (source, reader) = Source::open(path, limits)?;
    if source.format == Format::Tiff {
        return tiff::read(reader, page, &source);
    }
    if page > 0 {
        return Err(Error::NoSuchPage { path: path.into(), page, pages: 1 });
    }
    let image = match source.format {
        Format::Jpeg => jpeg::read(reader, &source)?,
        Format::Npy => npy::read(reader, &source)?,
        _ => raster::read(reader, &source)?,
    };
    Ok((image, 1))
}
