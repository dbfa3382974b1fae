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
    let (source, reader) = Source::open(path, limits)?;
    match source.format {
        Format::Tiff => tiff::probe_pages(reader, &source),
        _ => Ok(vec![probe(path, limits)?]),
    }
}

/// As [`probe_pages`], but a TIFF may have any size, for [`ImageRegions`] reads its regions.
pub(crate) fn probe_regions(path: &Path, limits: &Limits) -> Result<Vec<Shape>> {
    let (source, reader) = Source::open(path, limits)?;
    match source.format {
        Format::Tiff => tiff::probe_pages(reader, &source.with_limits(&Limits::UNLIMITED)),
        _ => Ok(vec![probe(path, limits)?]),
    }
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
