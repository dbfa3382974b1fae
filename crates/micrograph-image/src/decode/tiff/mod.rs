//! TIFF, classic and big.
//!
//! The tags are read here; the crate `tiff` decompresses the samples. That crate has opinions on
//! colors which do not fit microscopy: it knows no palettes, drops channels of unspecified meaning,
//! and inverts some images where zero is white. It is therefore shown every page as plain channels
//! (see [`Patched`]), and what the numbers mean is settled here.

mod blocks;
mod colors;
mod directory;
mod numbers;
mod page;
mod patched;
mod regions;
mod rows;

use std::io::{self, Read, Seek};

use ::tiff::TiffError;

use self::blocks::{Blocks, Pixels};
use self::directory::{Directory, TiffFile, invalid};
use self::page::{Page, tag};
use self::patched::Patched;
pub(super) use self::regions::TiffRegions;
use super::source::Source;
use crate::{Error, Image, Notice, Result, Shape};

/// Counts the pages.
pub(super) fn page_count(reader: impl Read + Seek, source: &Source<'_>) -> Result<usize> {
    let (_, pages) = open(reader, source)?;
    Ok(pages.len())
}

/// Reads the shape of the first page.
pub(super) fn probe(reader: impl Read + Seek, source: &Source<'_>) -> Result<Shape> {
    let (mut file, pages) = open(reader, source)?;
    probe_page(&mut file, offset_of(&pages, 0, source)?, source)
}

/// Reads the shapes of all pages, each with the offset of its directory.
pub(super) fn probe_pages(
    reader: impl Read + Seek,
    source: &Source<'_>,
) -> Result<Vec<(Shape, u64)>> {
    let (mut file, pages) = open(reader, source)?;
    pages.into_iter().map(|offset| Ok((probe_page(&mut file, offset, source)?, offset))).collect()
}

fn probe_page<R: Read + Seek>(
    file: &mut TiffFile<R>,
    offset: u64,
    source: &Source<'_>,
) -> Result<Shape> {
    let (_, page) = read_tags(file, offset, source)?;
    Ok(Shape { channels: page.channels(), ..page.stored.shape() })
}

/// Decodes a page, and tells how many there are.
pub(super) fn read(
    reader: impl Read + Seek,
    page_index: usize,
    source: &Source<'_>,
) -> Result<(Image, usize)> {
    let (file, pages) = open(reader, source)?;
    Ok((decode_page(file, offset_of(&pages, page_index, source)?, source)?, pages.len()))
}

/// Decodes the page whose directory stands at `offset`; no other is looked at.
pub(super) fn read_at(reader: impl Read + Seek, offset: u64, source: &Source<'_>) -> Result<Image> {
    let file = TiffFile::open(reader, source.length).map_err(|error| source.damaged(error))?;
    decode_page(file, offset, source)
}

fn decode_page<R: Read + Seek>(
    mut file: TiffFile<R>,
    offset: u64,
    source: &Source<'_>,
) -> Result<Image> {
    let (directory, page) = read_tags(&mut file, offset, source)?;
    let pixel_size_nm = page::pixel_size_nm(&mut file, &directory);
    let reader = patched(file, &directory, offset);
    let reader = reader.map_err(|error| source.damaged(error))?;
    let mut blocks = Blocks::open(reader, page, source)?;
    let pixels = blocks.read_all(source)?;
    let mut notices = Vec::new();
    if blocks.page().drops_alpha() {
        notices.push(Notice::AlphaDropped);
    }
    if !pixels.exact {
        notices.push(Notice::IntegersRounded);
    }
    let Pixels { values: pixels, depth, .. } = pixels;
    Ok(Image { pixels, depth, pixel_size_nm, notices })
}

/// Reads the header and finds the pages, of which there is at least one.
fn open<R: Read + Seek>(reader: R, source: &Source<'_>) -> Result<(TiffFile<R>, Vec<u64>)> {
    let structure = |mut file: TiffFile<R>| file.pages().map(|pages| (file, pages));
    let opened = TiffFile::open(reader, source.length).and_then(structure);
    match opened {
        Ok((_, pages)) if pages.is_empty() => Err(source.damaged(invalid("it has no page"))),
        Ok(opened) => Ok(opened),
        Err(error) => Err(source.damaged(error)),
    }
}

fn offset_of(pages: &[u64], index: usize, source: &Source<'_>) -> Result<u64> {
    pages.get(index).copied().ok_or_else(|| Error::NoSuchPage {
        path: source.path.into(),
        page: index,
        pages: pages.len(),
    })
}

fn read_tags<R: Read + Seek>(
    file: &mut TiffFile<R>,
    offset: u64,
    source: &Source<'_>,
) -> Result<(Directory, Page)> {
    let directory = file.directory(offset).map_err(|error| source.damaged(error))?;
    let page = Page::read(file, &directory, source)?;
    Ok((directory, page))
}

/// The file as one that begins with the page at `offset` and has plain channels there.
fn patched<R: Read + Seek>(
    file: TiffFile<R>,
    directory: &Directory,
    offset: u64,
) -> io::Result<Patched<R>> {
    /// Zero is black, and there may be any number of channels.
    const PLAIN: u16 = 1;

    let first = file.rewritten_first(offset);
    let color = file.rewritten(directory, tag::PHOTOMETRIC_INTERPRETATION, PLAIN);
    let mut reader = Patched::new(file.reader)?;
    for (at, bytes) in [first].into_iter().chain(color) {
        reader.patch(at, &bytes);
    }
    Ok(reader)
}

fn failure(error: TiffError, source: &Source<'_>) -> Error {
    match error {
        TiffError::UnsupportedError(error) => {
            source.unsupported(format!("an unusual variant ({error})"), "an uncompressed TIFF")
        }
        error => source.damaged(error),
    }
}
