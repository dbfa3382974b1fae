//! Rows of strips that are not compressed, so that a strip of a whole image need not lie in memory.

use std::io::{Read, Seek, SeekFrom};

use ::tiff::TiffResult;
use ::tiff::decoder::{ChunkType, Decoder, DecodingResult};
use ::tiff::tags::{ByteOrder, Tag};

use super::page::{Page, Planes};

/// Where the rows of a page stand whose samples have 8 or 16 bits.
#[derive(Debug)]
pub(super) struct Rows {
    /// Of each strip.
    offsets: Vec<u64>,
    per_strip: usize,
    row_bytes: usize,
    is_wide: bool,
}

/// Strips of fewer bytes are decoded as they are.
const LARGE: usize = 1 << 20;

impl Rows {
    /// The rows of the page at which the decoder stands; none where they cannot be read one by one, or
    /// need not be.
    pub(super) fn find<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        page: &Page,
    ) -> TiffResult<Option<Self>> {
        let is_strip = decoder.get_chunk_type() == ChunkType::Strip;
        if !is_strip || page.planes != Planes::Together || !matches!(page.bits, 8 | 16) {
            return Ok(None);
        }
        for tag in [Tag::Compression, Tag::Predictor] {
            if decoder.find_tag_unsigned::<u16>(tag)?.is_some_and(|number| number != 1) {
                return Ok(None);
            }
        }
        let formats = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat)?;
        if formats.is_some_and(|formats| formats.iter().any(|&format| format != 1)) {
            return Ok(None);
        }
        let samples = page.stored.width.checked_mul(page.stored.channels);
        let row_bytes = samples.and_then(|n| n.checked_mul(page.bits as usize / 8));
        let per_strip = decoder.chunk_dimensions().1 as usize;
        let rows = per_strip.min(page.stored.height);
        let Some(row_bytes) = row_bytes.filter(|&n| n.saturating_mul(rows) > LARGE) else {
            return Ok(None);
        };
        let offsets = decoder.find_tag_unsigned_vec::<u64>(Tag::StripOffsets)?.unwrap_or_default();
        Ok(Some(Self { offsets, per_strip, row_bytes, is_wide: page.bits == 16 }))
    }

    /// How many rows make a block.
    pub(super) fn per_block(&self) -> usize {
        (LARGE / self.row_bytes.max(1)).max(1)
    }

    /// The samples of rows that follow each other.
    pub(super) fn read<R: Read + Seek>(
        &self,
        decoder: &mut Decoder<R>,
        rows: std::ops::Range<usize>,
    ) -> TiffResult<DecodingResult> {
        let order = decoder.byte_order();
        let mut bytes = vec![0; rows.len() * self.row_bytes];
        for (y, row) in rows.zip(bytes.chunks_exact_mut(self.row_bytes)) {
            let strip = self.offsets.get(y / self.per_strip).copied();
            let within = (y % self.per_strip * self.row_bytes) as u64;
            let offset = strip.and_then(|strip| strip.checked_add(within));
            let offset =
                offset.ok_or(std::io::ErrorKind::UnexpectedEof).map_err(std::io::Error::from)?;
            decoder.inner().seek(SeekFrom::Start(offset))?;
            decoder.inner().read_exact(row)?;
        }
        if !self.is_wide {
            return Ok(DecodingResult::U8(bytes));
        }
        let (words, _) = bytes.as_chunks::<2>();
        let word = |&word: &[u8; 2]| match order {
            ByteOrder::LittleEndian => u16::from_le_bytes(word),
            ByteOrder::BigEndian => u16::from_be_bytes(word),
        };
        Ok(DecodingResult::U16(words.iter().map(word).collect()))
    }
}

#[cfg(test)]
mod tests {
    use ::tiff::encoder::{TiffEncoder, colortype};

    use crate::{Error, ImageRegions, Limits, Region, read};

    /// Two strips of 1.2 and 0.6 million bytes: limits that hold for a strip would refuse the first.
    #[test]
    fn a_strip_is_read_by_rows() {
        let (height, width) = (900_usize, 1000_usize);
        let value = |y: usize, x: usize| (y * 71 + x * 3) as u16;
        let words: Vec<u16> = (0..height * width).map(|at| value(at / width, at % width)).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("strips.tif");
        let mut encoder = TiffEncoder::new(std::fs::File::create(&path).unwrap()).unwrap();
        let mut page = encoder.new_image::<colortype::Gray16>(width as u32, height as u32).unwrap();
        page.rows_per_strip(600).unwrap();
        page.write_data(&words).unwrap();

        let limits = Limits { max_pixels: 599 * 1000 };
        let mut image = ImageRegions::open(&path, 0, &limits).unwrap();
        for y in [0, 590, 896] {
            let region = Region { y, x: 7, height: 4, width: 900 };
            for ((_, row, column), &pixel) in image.read(region).unwrap().indexed_iter() {
                assert_eq!(pixel, f32::from(value(y + row, 7 + column)));
            }
        }
        let whole = read(&path, &Limits::default()).unwrap().pixels;
        assert!(whole.iter().zip(&words).all(|(&pixel, &word)| pixel == f32::from(word)));
        assert!(matches!(read(&path, &limits), Err(Error::TooLarge { .. })));
    }
}
