//! Parts of a page, with no more of it in memory than a band.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use ndarray::Array3;

use super::blocks::Blocks;
use super::directory::TiffFile;
use super::patched::Patched;
use super::{offset_of, open, patched, read_tags};
use crate::decode::samples::check_finite;
use crate::decode::source::Source;
use crate::{Depth, Error, Limits, Region, Result, Shape};

/// A page of which the blocks below a region are kept, for the next region beside it.
#[derive(Debug)]
pub(in crate::decode) struct TiffRegions {
    blocks: Blocks<Patched<BufReader<File>>>,
    shape: Shape,
    depth: Depth,
    /// Decoded blocks by their number.
    kept: BTreeMap<usize, Array3<f32>>,
}

impl TiffRegions {
    /// Reads the tags of a page of any size, whose directory stands at `offset` where that is known, and
    /// its first block. The limits of `source` hold for a row of blocks.
    pub(in crate::decode) fn open(
        reader: BufReader<File>,
        (page_index, offset): (usize, Option<u64>),
        source: &Source<'_>,
    ) -> Result<Self> {
        let unlimited = source.with_limits(&Limits::UNLIMITED);
        let (mut file, offset) = match offset {
            Some(offset) => {
                let file = TiffFile::open(reader, source.length);
                (file.map_err(|error| source.damaged(error))?, offset)
            }
            None => {
                let (file, pages) = open(reader, source)?;
                (file, offset_of(&pages, page_index, source)?)
            }
        };
        let (directory, page) = read_tags(&mut file, offset, &unlimited)?;
        let shape = Shape { channels: page.channels(), ..page.stored.shape() };
        let reader = patched(file, &directory, offset);
        let reader = reader.map_err(|error| source.damaged(error))?;
        let mut blocks = Blocks::open(reader, page, source)?;
        source.check_band(shape.channels, [blocks.size()[0], shape.width])?;
        let first = blocks.read(0, source)?;
        check_finite(&first.values, [0, 0], source)?;
        let (depth, kept) = (first.depth, BTreeMap::from([(0, first.values)]));
        Ok(Self { blocks, shape, depth, kept })
    }

    pub(in crate::decode) fn shape(&self) -> Shape {
        self.shape
    }

    pub(in crate::decode) fn depth(&self) -> Depth {
        self.depth
    }

    /// The height of a row of blocks.
    pub(in crate::decode) fn block_height(&self) -> usize {
        self.blocks.size()[0]
    }

    /// Decodes what of a region within the image is not kept, and forgets what lies above or below.
    pub(in crate::decode) fn read(
        &mut self,
        region: Region,
        source: &Source<'_>,
    ) -> Result<Array3<f32>> {
        let Region { y, x, height, width } = region;
        let mut pixels = Array3::zeros((self.shape.channels, height, width));
        if height == 0 || width == 0 {
            return Ok(pixels);
        }
        let ([block_height, block_width], [_, across]) = (self.blocks.size(), self.blocks.grid());
        let rows = y / block_height..=(y + height - 1) / block_height;
        let columns = x / block_width..=(x + width - 1) / block_width;
        self.kept.retain(|nth, _| rows.contains(&(nth / across)));
        for row in rows {
            for column in columns.clone() {
                let nth = row * across + column;
                let [top, left] = self.blocks.corner(nth);
                let block = self.block(nth, source)?;
                let (_, rows, columns) = block.dim();
                let (from_y, to_y) = (y.max(top), (y + height).min(top + rows));
                let (from_x, to_x) = (x.max(left), (x + width).min(left + columns));
                let common = |y, x| {
                    let (y, x) = (from_y - y, from_x - x);
                    Region { y, x, height: to_y - from_y, width: to_x - from_x }
                };
                let seen = common(top, left).of(block.view());
                common(y, x).of_mut(pixels.view_mut()).assign(&seen);
            }
        }
        Ok(pixels)
    }

    fn block(&mut self, nth: usize, source: &Source<'_>) -> Result<&Array3<f32>> {
        if !self.kept.contains_key(&nth) {
            let block = self.blocks.read(nth, source)?;
            if block.depth != self.depth {
                return Err(source.damaged("its blocks have different types of samples"));
            }
            check_finite(&block.values, self.blocks.corner(nth), source)?;
            self.kept.insert(nth, block.values);
        }
        let gone = || Error::Damaged {
            path: source.path.into(),
            format: source.format,
            source: "a block is missing".into(),
        };
        self.kept.get(&nth).ok_or_else(gone)
    }
}
