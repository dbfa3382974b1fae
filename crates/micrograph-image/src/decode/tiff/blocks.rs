//! Strips and tiles, or some rows of strips that are not compressed: decoded one by one, and put
//! together.
//!
//! Reading a page at once would take a second buffer of its size, and panics in `tiff` 0.11.3 where
//! the channels stand apart in tiles that reach beyond the lower border.

use std::io::{Read, Seek};

use ::tiff::TiffResult;
use ::tiff::decoder::{Decoder, DecodingResult, Limits};
use ndarray::{Array3, Axis};

use super::colors::resolve_colors;
use super::failure;
use super::page::{Page, Planes};
use super::rows::Rows;
use crate::decode::samples::{Sample, Stored, all_exact, check_finite};
use crate::decode::source::Source;
use crate::{Depth, Region, Result};

/// Pixels of a page or of a block.
#[derive(Debug)]
pub(super) struct Pixels {
    /// `(c, h, w)`.
    pub(super) values: Array3<f32>,
    pub(super) depth: Depth,
    /// Whether all integers among them are `f32` numbers.
    pub(super) exact: bool,
}

/// The strips, parts of strips, or tiles of a page, which together cover it once; one of each plane where channels stand
/// apart.
#[derive(Debug)]
pub(super) struct Blocks<R: Read + Seek> {
    decoder: Decoder<R>,
    page: Page,
    /// Where strips are read by rows.
    rows: Option<Rows>,
    /// Height and width of all but those at the last row and column.
    size: [usize; 2],
}

impl<R: Read + Seek> Blocks<R> {
    /// The blocks of the first page of a file, which has the tags `page`.
    pub(super) fn open(reader: R, page: Page, source: &Source<'_>) -> Result<Self> {
        let max_bytes = usize::try_from(source.max_bytes(8)).unwrap_or(usize::MAX);
        let mut limits = Limits::default();
        limits.decoding_buffer_size = max_bytes;
        limits.intermediate_buffer_size = max_bytes;
        let decoder = Decoder::new(reader).map_err(|error| failure(error, source))?;
        let mut decoder = decoder.with_limits(limits);
        let (width, height) = decoder.chunk_dimensions();
        let rows = Rows::find(&mut decoder, &page).map_err(|error| failure(error, source))?;
        let height = rows.as_ref().map_or(height as usize, Rows::per_block);
        // All rows in one strip may be said by any number.
        let size = [page.stored.height.min(height), width as usize];
        Ok(Self { decoder, page, rows, size })
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// Height and width of a block that does not reach beyond the image.
    pub(super) fn size(&self) -> [usize; 2] {
        self.size
    }

    /// How many blocks there are below and beside each other.
    pub(super) fn grid(&self) -> [usize; 2] {
        let Stored { height, width, .. } = self.page.stored;
        [height.div_ceil(self.size[0]), width.div_ceil(self.size[1])]
    }

    /// First row and column of a block, counted row by row.
    pub(super) fn corner(&self, nth: usize) -> [usize; 2] {
        let [_, across] = self.grid();
        [nth / across * self.size[0], nth % across * self.size[1]]
    }

    /// Decodes a block; what reaches beyond the image is cut off.
    pub(super) fn read(&mut self, nth: usize, source: &Source<'_>) -> Result<Pixels> {
        let mut pixels = self.numbers(nth).map_err(|error| failure(error, source))?;
        resolve_colors(&mut pixels, &self.page, source)?;
        Ok(pixels)
    }

    /// Decodes the page.
    pub(super) fn read_all(&mut self, source: &Source<'_>) -> Result<Pixels> {
        let Stored { height, width, .. } = self.page.stored;
        let values = Array3::zeros((self.page.channels(), height, width));
        let mut pixels = Pixels { values, depth: Depth::F32, exact: true };
        for nth in 0..self.grid().iter().product() {
            let block = self.read(nth, source)?;
            pixels.depth = block.depth;
            pixels.exact &= block.exact;
            paste(&block.values, self.corner(nth), 0, &mut pixels.values);
        }
        check_finite(&pixels.values, [0, 0], source)?;
        Ok(pixels)
    }

    /// The numbers of the kept channels of a block, whatever they stand for.
    fn numbers(&mut self, nth: usize) -> TiffResult<Pixels> {
        let stored = &self.page.stored;
        let bits = self.page.bits;
        if let Some(rows) = &self.rows {
            let from = (nth * self.size[0]).min(stored.height);
            let to = (from + self.size[0]).min(stored.height);
            let samples = rows.read(&mut self.decoder, from..to)?;
            return Ok(pixels(&samples, bits, &Stored { height: to - from, ..stored.clone() }));
        }
        if self.page.planes == Planes::Together {
            return numbers(&mut self.decoder, nth, bits, stored);
        }
        let alone = Stored { channels: 1, kept: vec![0], ..stored.clone() };
        let [down, across] = self.grid();
        let mut all: Option<Pixels> = None;
        for (channel, &plane) in stored.kept.iter().enumerate() {
            let block = numbers(&mut self.decoder, plane * down * across + nth, bits, &alone)?;
            let (_, height, width) = block.values.dim();
            let together = all.get_or_insert_with(|| {
                let values = Array3::zeros((stored.kept.len(), height, width));
                Pixels { values, depth: block.depth, exact: true }
            });
            together.exact &= block.exact;
            paste(&block.values, [0, 0], channel, &mut together.values);
        }
        let none = || Pixels { values: Array3::zeros((0, 0, 0)), depth: Depth::F32, exact: true };
        Ok(all.unwrap_or_else(none))
    }
}

/// Copies a block to its place, the first of its channels to `first`, but not what reaches beyond.
fn paste(block: &Array3<f32>, [y, x]: [usize; 2], first: usize, values: &mut Array3<f32>) {
    let (channels, height, width) = block.dim();
    let mut place = values.view_mut();
    place.slice_axis_inplace(Axis(0), (first..first + channels).into());
    let mut place = Region { y, x, height, width }.of_mut(place);
    let (_, height, width) = place.dim();
    place.assign(&Region { y: 0, x: 0, height, width }.of(block.view()));
}

/// The numbers of the block that is the one of this index in the file.
fn numbers<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    index: usize,
    bits: u64,
    stored: &Stored,
) -> TiffResult<Pixels> {
    let index = u32::try_from(index)?;
    let (width, height) = decoder.chunk_data_dimensions(index);
    let (height, width) = (height as usize, width as usize);
    let samples = decoder.read_chunk(index)?;
    Ok(pixels(&samples, bits, &Stored { height, width, ..stored.clone() }))
}

/// The samples of a block as numbers.
fn pixels(samples: &DecodingResult, bits: u64, stored: &Stored) -> Pixels {
    match samples {
        DecodingResult::U8(samples) if bits < 8 => {
            typed(&unpack(samples, bits, stored), stored, Depth::U8)
        }
        DecodingResult::U8(samples) => typed(samples, stored, Depth::U8),
        DecodingResult::U16(samples) => typed(samples, stored, Depth::U16),
        DecodingResult::U32(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::U64(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::I8(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::I16(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::I32(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::I64(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::F32(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::F64(samples) => typed(samples, stored, Depth::F32),
        DecodingResult::F16(samples) => {
            let values = stored.planes(samples, |sample| sample.to_f32());
            Pixels { values, depth: Depth::F32, exact: true }
        }
    }
}

fn typed<S: Sample>(samples: &[S], stored: &Stored, depth: Depth) -> Pixels {
    Pixels { values: stored.planes(samples, S::to_f32), depth, exact: all_exact(samples) }
}

/// Samples of 1, 2 or 4 bits, the first in the highest bits; each row begins with a new byte.
fn unpack(bytes: &[u8], bits: u64, stored: &Stored) -> Vec<u8> {
    let row_len = stored.width * stored.channels;
    let per_byte = (8 / bits) as usize;
    let mask = (1u8 << bits) - 1;
    let in_byte =
        |&byte: &u8| (1..=per_byte).map(move |nth| byte >> (8 - bits as usize * nth) & mask);
    let rows = bytes.chunks(row_len.div_ceil(per_byte));
    rows.flat_map(|row| row.iter().flat_map(in_byte).take(row_len)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_small_samples_are_padded() {
        let stored = Stored { height: 2, width: 3, channels: 1, kept: vec![0] };
        assert_eq!(unpack(&[0b1010_0000, 0b0100_0000], 1, &stored), [1, 0, 1, 0, 1, 0]);
        assert_eq!(unpack(&[0x12, 0x30, 0x45, 0x60], 4, &stored), [1, 2, 3, 4, 5, 6]);
        let colors = Stored { width: 1, channels: 3, ..stored };
        assert_eq!(unpack(&[0b0001_1000, 0b1101_1000], 2, &colors), [0, 1, 2, 3, 1, 2]);
    }
}
