//! TIFF row by row, so that an image need not lie in memory.

use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ::tiff::tags::{
    CompressionMethod, PhotometricInterpretation, PlanarConfiguration, ResolutionUnit,
    SampleFormat, Tag,
};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use ndarray::ArrayView3;

use super::samples;
use super::tiff::Calibration;
use super::tiff_directory::{Value, Variant};
use crate::atomic::Replacement;
use crate::{Depth, Error, Format, Result};

/// Shape and samples of a page that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TiffPage {
    /// Three are RGB, any other number are gray and further channels of unspecified meaning.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Integers are rounded to the nearest, halves away from zero, and clamped.
    pub depth: Depth,
}

/// Writes a TIFF from top to bottom, with no more than a strip of each page in memory.
///
/// Strips have about a million bytes; integers are compressed (Deflate), floats are not. What may
/// grow beyond 4 GB is a BigTIFF, which ImageJ opens with Bio-Formats alone. As with
/// [`write_atomically`](crate::write_atomically), the file has its name when it is complete: dropped
/// before [`finish`](Self::finish), the writer leaves nothing.
///
/// # Example
/// ```
/// use micrograph_image::{Depth, Limits, TiffPage, TiffWriter, read};
/// use ndarray::array;
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("rows.tif");
/// let page = TiffPage { channels: 1, height: 3, width: 2, depth: Depth::U8 };
/// let mut tiff = TiffWriter::create(&path, vec![page])?;
/// tiff.push(0, array![[[1.0, 2.0]]].view())?;
/// tiff.push(0, array![[[3.0, 4.0], [5.0, 6.0]]].view())?;
/// tiff.finish()?;
/// let expected = array![[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]];
/// assert_eq!(read(&path, &Limits::default())?.pixels, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TiffWriter {
    path: PathBuf,
    file: Replacement,
    variant: Variant,
    /// Bytes written so far.
    position: u64,
    pages: Vec<Strips>,
    calibration: Option<Calibration>,
}

/// A page while it is written.
#[derive(Debug)]
struct Strips {
    page: TiffPage,
    rows_per_strip: usize,
    /// Rows that were pushed.
    rows: usize,
    /// Bytes that do not fill a strip yet.
    pending: Vec<u8>,
    offsets: Vec<u64>,
    lengths: Vec<u64>,
}

impl TiffWriter {
    /// A file of these pages, which are then pushed.
    ///
    /// # Errors
    /// [`Error::Encode`] for no page, no pixels or more than 65535 channels; [`Error::Write`] where the
    /// folder cannot be written to.
    pub fn create(path: &Path, pages: Vec<TiffPage>) -> Result<Self> {
        Self::with_calibration(path, pages, None)
    }

    pub(super) fn with_calibration(
        path: &Path,
        pages: Vec<TiffPage>,
        calibration: Option<Calibration>,
    ) -> Result<Self> {
        if pages.is_empty() {
            return Err(refused("at least one page", "none".to_owned()));
        }
        for page in &pages {
            samples::check_sizes((page.channels, page.height, page.width), Format::Tiff)?;
            if u16::try_from(page.channels).is_err() {
                return Err(refused("at most 65535 channels", page.channels.to_string()));
            }
        }
        /// What offsets of 4 bytes can address, less what is not pixels.
        const CLASSIC: usize = 4_000_000_000;
        let n_bytes = pages.iter().map(|page| page.row_bytes().saturating_mul(page.height));
        let is_classic = n_bytes.fold(0, usize::saturating_add) < CLASSIC;
        let variant = if is_classic { Variant::Classic } else { Variant::Big };
        Self::begin(path, pages, calibration, variant)
    }

    fn begin(
        path: &Path,
        pages: Vec<TiffPage>,
        calibration: Option<Calibration>,
        variant: Variant,
    ) -> Result<Self> {
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let mut file = Replacement::create(path).map_err(failed)?;
        let header = variant.header();
        file.writer.write_all(&header).map_err(failed)?;
        let pages = pages.into_iter().map(Strips::new).collect();
        let (path, position) = (path.to_owned(), header.len() as u64);
        Ok(Self { path, file, variant, position, pages, calibration })
    }

    /// Adds rows `(channels, rows, width)` below those that a page has.
    ///
    /// # Errors
    /// [`Error::Encode`] for another page, number of channels or width than was said, more rows than
    /// the page has, or a pixel that is NaN or infinite; [`Error::Write`] where the system refuses.
    pub fn push(&mut self, page: usize, rows: ArrayView3<'_, f32>) -> Result<()> {
        let count = self.pages.len();
        let Some(strips) = self.pages.get_mut(page) else {
            return Err(refused("a page that was said", format!("page {page} of {count}")));
        };
        let (channels, height, width) = rows.dim();
        let said = strips.page;
        if (channels, width) != (said.channels, said.width) || height > said.height - strips.rows {
            let got = format!(
                "{channels} x {height} x {width} after {} rows of {} x {} x {}",
                strips.rows, said.channels, said.height, said.width
            );
            return Err(refused("rows of the page that was said", got));
        }
        if height == 0 {
            return Ok(());
        }
        samples::check(rows.view(), Format::Tiff)?;
        strips.pending.extend(samples::little_endian(rows, said.depth));
        strips.rows += height;
        let failed = |source| Error::Write { path: self.path.clone(), source };
        strips.write(&mut self.file.writer, &mut self.position).map_err(failed)
    }

    /// Writes the directories, syncs the file and gives it its name.
    ///
    /// # Errors
    /// [`Error::Encode`] where rows are missing, [`Error::Write`] where the system refuses.
    pub fn finish(mut self) -> Result<()> {
        if let Some(strips) = self.pages.iter().find(|strips| strips.rows < strips.page.height) {
            let got = format!("{} of {}", strips.rows, strips.page.height);
            return Err(refused("all rows of a page", got));
        }
        let path = self.path.clone();
        let failed = |source| Error::Write { path, source };
        self.write_directories().and_then(|()| self.file.finish()).map_err(failed)
    }

    fn write_directories(&mut self) -> io::Result<()> {
        let writer = &mut self.file.writer;
        let first = self.position.next_multiple_of(8);
        writer.write_all(&vec![0; (first - self.position) as usize])?;
        let mut at = first;
        let last = self.pages.len().saturating_sub(1);
        for (index, strips) in self.pages.iter().enumerate() {
            let tags = strips.tags(self.calibration.as_ref());
            let directory = self.variant.directory(at, &tags, index == last);
            writer.write_all(&directory)?;
            at += directory.len() as u64;
        }
        writer.seek(SeekFrom::Start(self.variant.first_offset_at()))?;
        writer.write_all(&self.variant.offset(first))
    }
}

fn refused(expected: &'static str, got: String) -> Error {
    Error::Encode { format: Format::Tiff, expected, got }
}

impl TiffPage {
    fn row_bytes(&self) -> usize {
        let bytes = match self.depth {
            Depth::U8 => 1,
            Depth::U16 => 2,
            Depth::F32 => 4,
        };
        self.width.saturating_mul(self.channels).saturating_mul(bytes)
    }

    fn is_compressed(&self) -> bool {
        self.depth != Depth::F32
    }
}

impl Strips {
    fn new(page: TiffPage) -> Self {
        const STRIP: usize = 1 << 20;
        let rows_per_strip = (STRIP / page.row_bytes().max(1)).clamp(1, page.height.max(1));
        let (offsets, lengths) = (Vec::new(), Vec::new());
        Self { page, rows_per_strip, rows: 0, pending: Vec::new(), offsets, lengths }
    }

    /// Writes the strips that are complete.
    fn write(&mut self, writer: &mut impl Write, position: &mut u64) -> io::Result<()> {
        let strip = self.page.row_bytes() * self.rows_per_strip;
        let complete = self.rows == self.page.height;
        let whole = self.pending.len() / strip * strip;
        let end = if complete { self.pending.len() } else { whole };
        for strip in self.pending[..end].chunks(strip) {
            let deflated = if self.page.is_compressed() {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(strip)?;
                Some(encoder.finish()?)
            } else {
                None
            };
            let bytes = deflated.as_deref().unwrap_or(strip);
            writer.write_all(bytes)?;
            self.offsets.push(*position);
            self.lengths.push(bytes.len() as u64);
            *position += bytes.len() as u64;
        }
        self.pending.drain(..end);
        Ok(())
    }

    /// The tags of the page, ascending.
    fn tags(&self, calibration: Option<&Calibration>) -> Vec<(u16, Value)> {
        let TiffPage { channels, height, width, depth } = self.page;
        let short = |number: u16| Value::Shorts(vec![number]);
        let long = |number: usize| Value::Longs(vec![number as u32]);
        let each = |number: u16| Value::Shorts(vec![number; channels]);
        let (bits, format) = match depth {
            Depth::U8 => (8, SampleFormat::Uint),
            Depth::U16 => (16, SampleFormat::Uint),
            Depth::F32 => (32, SampleFormat::IEEEFP),
        };
        let color = match channels {
            3 => PhotometricInterpretation::RGB,
            _ => PhotometricInterpretation::BlackIsZero,
        };
        let compression = match self.page.is_compressed() {
            true => CompressionMethod::Deflate,
            false => CompressionMethod::None,
        };
        let mut tags = vec![
            (Tag::ImageWidth, long(width)),
            (Tag::ImageLength, long(height)),
            (Tag::BitsPerSample, each(bits)),
            (Tag::Compression, short(compression.to_u16())),
            (Tag::PhotometricInterpretation, short(color.to_u16())),
            (Tag::StripOffsets, Value::Offsets(self.offsets.clone())),
            (Tag::SamplesPerPixel, short(channels as u16)),
            (Tag::RowsPerStrip, long(self.rows_per_strip)),
            (Tag::StripByteCounts, Value::Offsets(self.lengths.clone())),
            (Tag::PlanarConfiguration, short(PlanarConfiguration::Chunky.to_u16())),
            (Tag::SampleFormat, each(format.to_u16())),
        ];
        if !matches!(channels, 1 | 3) {
            const UNSPECIFIED: u16 = 0;
            tags.push((Tag::ExtraSamples, Value::Shorts(vec![UNSPECIFIED; channels - 1])));
        }
        if let Some(Calibration { description, x, y }) = calibration {
            tags.push((Tag::ImageDescription, Value::Text(description.clone())));
            tags.push((Tag::XResolution, Value::Rational(*x)));
            tags.push((Tag::YResolution, Value::Rational(*y)));
            tags.push((Tag::ResolutionUnit, short(ResolutionUnit::None.to_u16())));
        }
        let mut tags: Vec<_> = tags.into_iter().map(|(tag, value)| (tag.to_u16(), value)).collect();
        tags.sort_by_key(|(tag, _)| *tag);
        tags
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;
    use crate::{Limits, Region, read_page};

    /// Two pages whose rows come by turns and in pieces, in files of either kind.
    #[test]
    fn pieces_of_pages_come_back_as_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tif");
        let pages = [
            TiffPage { channels: 1, height: 9, width: 300_000, depth: Depth::U16 },
            TiffPage { channels: 2, height: 7, width: 5, depth: Depth::F32 },
        ];
        let pixels = pages.map(|TiffPage { channels, height, width, .. }| {
            let value = |(c, y, x)| ((c * 31 + y * 7919 + x) % 60_000) as f32;
            Array3::from_shape_fn((channels, height, width), value)
        });
        for variant in [Variant::Classic, Variant::Big] {
            let mut tiff = TiffWriter::begin(&path, pages.to_vec(), None, variant).unwrap();
            for y in 0..9 {
                for (index, (page, pixels)) in pages.iter().zip(&pixels).enumerate() {
                    // One row, then two, then none.
                    let [from, to] =
                        [y, y + 1].map(|y| ([0, 1, 3][y % 3] + y / 3 * 3).min(page.height));
                    let height = to - from;
                    let rows = Region { y: from, x: 0, height, width: page.width };
                    tiff.push(index, rows.of(pixels.view())).unwrap();
                }
            }
            tiff.finish().unwrap();
            for (index, pixels) in pixels.iter().enumerate() {
                let image = read_page(&path, index, &Limits::default()).unwrap();
                assert_eq!((&image.pixels, image.depth), (pixels, pages[index].depth));
            }
        }
    }

    #[test]
    fn rows_that_were_not_said_are_refused_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tif");
        let page = TiffPage { channels: 1, height: 2, width: 3, depth: Depth::U8 };
        let mut tiff = TiffWriter::create(&path, vec![page]).unwrap();
        for (index, shape) in [(1, (1, 1, 3)), (0, (1, 3, 3)), (0, (2, 1, 3)), (0, (1, 1, 2))] {
            let result = tiff.push(index, Array3::zeros(shape).view());
            assert!(matches!(result, Err(Error::Encode { .. })), "{shape:?}");
        }
        tiff.push(0, Array3::zeros((1, 1, 3)).view()).unwrap();
        let message = tiff.finish().unwrap_err().to_string();
        assert_eq!(message, "expected all rows of a page to encode TIFF, but got 1 of 2");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(matches!(TiffWriter::create(&path, Vec::new()), Err(Error::Encode { .. })));
    }
}
