//! Strips and tiles: decompressed one by one, and put together.
//!
//! Reading a page at once would take a second buffer of its size, and panics in `tiff` 0.11.3 where
//! the channels stand apart in tiles that reach beyond the lower border.

use std::io::{Read, Seek};

use ::tiff::TiffResult;
use ::tiff::decoder::{Decoder, DecodingResult};
use ndarray::{Array3, Axis};

use super::page::{Page, Planes};
use crate::Depth;
use crate::decode::samples::{Sample, Stored, all_exact};

/// Numbers of a page, whatever they stand for.
#[derive(Debug)]
pub(super) struct Pixels {
    /// `(c, h, w)`.
    pub(super) values: Array3<f32>,
    pub(super) depth: Depth,
    /// Whether all integers among them are `f32` numbers.
    pub(super) exact: bool,
}

/// Reads the kept channels of the page at which the decoder stands.
pub(super) fn read<R: Read + Seek>(decoder: &mut Decoder<R>, page: &Page) -> TiffResult<Pixels> {
    let stored = &page.stored;
    let mut pixels = Pixels {
        values: Array3::zeros((stored.kept.len(), stored.height, stored.width)),
        depth: Depth::F32,
        exact: true,
    };
    match page.planes {
        Planes::Together => {
            let layer = Layer { index: 0, stored, first: 0 };
            layer.read(decoder, page.bits, &mut pixels)?;
        }
        Planes::Apart => {
            let alone = Stored { channels: 1, kept: vec![0], ..stored.clone() };
            for (first, &index) in stored.kept.iter().enumerate() {
                let layer = Layer { index, stored: &alone, first };
                layer.read(decoder, page.bits, &mut pixels)?;
            }
        }
    }
    Ok(pixels)
}

/// The blocks that together cover the image once.
struct Layer<'a> {
    /// How many layers come before it in the file.
    index: usize,
    /// What is stored in it.
    stored: &'a Stored,
    /// The first of the channels of the result that it has.
    first: usize,
}

impl Layer<'_> {
    fn read<R: Read + Seek>(
        &self,
        decoder: &mut Decoder<R>,
        bits: u64,
        pixels: &mut Pixels,
    ) -> TiffResult<()> {
        let (block_width, block_height) = decoder.chunk_dimensions();
        let (block_width, block_height) = (block_width as usize, block_height as usize);
        let across = self.stored.width.div_ceil(block_width);
        let down = self.stored.height.div_ceil(block_height);
        for nth in 0..across * down {
            let index = u32::try_from(self.index * across * down + nth)?;
            let (width, height) = decoder.chunk_data_dimensions(index);
            let (height, width) = (height as usize, width as usize);
            let samples = decoder.read_chunk(index)?;
            let block = numbers(&samples, bits, &Stored { height, width, ..self.stored.clone() });
            pixels.depth = block.depth;
            pixels.exact &= block.exact;
            let corner = [nth / across * block_height, nth % across * block_width];
            self.paste(&block.values, corner, &mut pixels.values);
        }
        Ok(())
    }

    /// Copies a block to its place, but not what reaches beyond the image.
    fn paste(&self, block: &Array3<f32>, [top, left]: [usize; 2], values: &mut Array3<f32>) {
        let (channels, height, width) = block.dim();
        let height = height.min(self.stored.height - top);
        let width = width.min(self.stored.width - left);
        let mut place = values.view_mut();
        place.slice_axis_inplace(Axis(0), (self.first..self.first + channels).into());
        place.slice_axis_inplace(Axis(1), (top..top + height).into());
        place.slice_axis_inplace(Axis(2), (left..left + width).into());
        let mut block = block.view();
        block.slice_axis_inplace(Axis(1), (0..height).into());
        block.slice_axis_inplace(Axis(2), (0..width).into());
        place.assign(&block);
    }
}

/// The samples of a block as numbers.
fn numbers(samples: &DecodingResult, bits: u64, stored: &Stored) -> Pixels {
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
