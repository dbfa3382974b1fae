//! Blocks of tiles, and the way of their pixels from planes to channels side by side and back.

use super::transpose::{Rows, SIDE, transpose};
use pulp::Simd;
use std::ops::Range;

/// Images as a stack of planes, `(n, c, h, w)`.
#[derive(Clone, Copy)]
pub(super) struct Planes<'a> {
    pub(super) data: &'a [f32],
    pub(super) channels: usize,
    pub(super) size: [usize; 2],
    /// Numbers of the same shape; where one of them is not above zero, the pixel counts as zero.
    pub(super) gate: Option<&'a [f32]>,
}

/// A rectangle of tiles in some samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) samples: Range<usize>,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

impl Block {
    pub(super) fn tiles(&self) -> usize {
        self.samples.len() * self.rows.len() * self.columns.len()
    }

    /// The blocks of a batch, of at most about `most` tiles, by sizes alone.
    pub(super) fn all(batch: usize, grid: [usize; 2], most: usize) -> Vec<Self> {
        let per_sample = grid[0] * grid[1];
        if per_sample <= most {
            let step = (most / per_sample).min(batch);
            let step = batch.div_ceil(batch.div_ceil(step));
            return ranges(batch, step)
                .map(|samples| Self { samples, rows: 0..grid[0], columns: 0..grid[1] })
                .collect();
        }
        let width = grid[1].div_ceil(grid[1].div_ceil(most));
        let height = (most / width).max(1);
        let height = grid[0].div_ceil(grid[0].div_ceil(height));
        let blocks = (0..batch).flat_map(|n| ranges(grid[0], height).map(move |rows| (n, rows)));
        blocks
            .flat_map(|(n, rows)| {
                ranges(grid[1], width).map(move |columns| Self {
                    samples: n..n + 1,
                    rows: rows.clone(),
                    columns,
                })
            })
            .collect()
    }
}

fn ranges(len: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(step).map(move |first| first..(first + step).min(len))
}

/// A rectangle of pixels in some samples; it may reach over the border.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) samples: Range<usize>,
    pub(super) first: [isize; 2],
    pub(super) size: [usize; 2],
}

impl Region {
    pub(super) fn pixels(&self) -> usize {
        self.samples.len() * self.size[0] * self.size[1]
    }

    /// The first pixel of each tile, `step` pixels from the last, whose tiles reach `over` pixels
    /// into the next ones.
    #[inline(always)]
    pub(super) fn tile_places(&self, step: usize, over: usize) -> TilePlaces {
        let grid = self.size.map(|size| (size - over) / step);
        TilePlaces { size: self.size, grid, step }
    }

    /// The pixels of a row or column of the region that lie inside of an axis of `len` pixels, as
    /// places in the region.
    fn inside(&self, axis: usize, len: usize) -> Range<usize> {
        let first = (-self.first[axis]).clamp(0, self.size[axis] as isize) as usize;
        let last =
            (len as isize - self.first[axis]).clamp(first as isize, self.size[axis] as isize);
        first..last as usize
    }
}

/// Where the tiles of a region begin.
#[derive(Clone, Copy)]
pub(super) struct TilePlaces {
    size: [usize; 2],
    grid: [usize; 2],
    step: usize,
}

impl TilePlaces {
    /// Tiles in all samples of the region.
    #[inline(always)]
    pub(super) fn tiles(&self, region: &Region) -> usize {
        region.samples.len() * self.grid[0] * self.grid[1]
    }

    /// The pixel of the region with which a tile begins; tiles are counted sample by sample.
    #[inline(always)]
    pub(super) fn first(&self, tile: usize) -> usize {
        let per_sample = self.grid[0] * self.grid[1];
        let (sample, place) = (tile / per_sample, tile % per_sample);
        let (y, x) = (place / self.grid[1] * self.step, place % self.grid[1] * self.step);
        (sample * self.size[0] + y) * self.size[1] + x
    }
}

/// Copies a region into `dst`, `(sample, y, x, channel)` with `stride` channels, zeros where there is
/// no pixel or channel.
#[inline(always)]
pub(super) fn gather<S: Simd>(
    planes: &Planes<'_>,
    region: &Region,
    stride: usize,
    dst: &mut [f32],
) {
    let [height, width] = planes.size;
    let (rows, columns) = (region.inside(0, height), region.inside(1, width));
    let line = region.size[1] * stride;
    let whole = columns.len() == region.size[1] && planes.channels == stride;
    for (index, line) in dst[..region.pixels() * stride].chunks_exact_mut(line).enumerate() {
        let (sample, y) = (index / region.size[0], index % region.size[0]);
        if !(whole && rows.contains(&y)) {
            line.fill(0.0);
        }
        if !rows.contains(&y) || columns.is_empty() {
            continue;
        }
        let y = (region.first[0] + y as isize) as usize;
        let x = (region.first[1] + columns.start as isize) as usize;
        let first = (region.samples.start + sample) * planes.channels * height + y;
        let line = &mut line[columns.start * stride..columns.end * stride];
        gather_line::<S>(planes, first * width + x, line, stride);
    }
}

/// Copies the pixels of all channels from `first` on in the plane of channel 0.
#[inline(always)]
fn gather_line<S: Simd>(planes: &Planes<'_>, first: usize, line: &mut [f32], stride: usize) {
    let plane = planes.size[0] * planes.size[1];
    let pixels = line.len() / stride;
    assert!(planes.data.len() >= first + (planes.channels - 1) * plane + pixels);
    assert!(planes.gate.is_none_or(|gate| gate.len() == planes.data.len()));
    let [tiled_channels, tiled_pixels] = tiled(planes.channels, pixels);
    for channel in (0..tiled_channels).step_by(SIDE) {
        for pixel in tiles(tiled_pixels, pixels) {
            let place = first + channel * plane + pixel;
            // SAFETY: eight pixels of eight channels lie inside of `data` and of `line`.
            unsafe {
                let from = Rows { first: planes.data.as_ptr().add(place), stride: plane };
                let gate = planes.gate.map(|gate| gate.as_ptr().add(place));
                let gate = gate.map(|first| Rows { first, stride: plane });
                let to = line.as_mut_ptr().add(pixel * stride + channel);
                transpose::<S>(from, gate, Rows { first: to, stride });
            }
        }
    }
    for channel in tiled_channels..planes.channels {
        let from = first + channel * plane..first + channel * plane + pixels;
        for (pixel, place) in line.chunks_exact_mut(stride).zip(from) {
            let closed = planes.gate.is_some_and(|gate| gate[place] <= 0.0);
            pixel[channel] = if closed { 0.0 } else { planes.data[place] };
        }
    }
}

/// Channels and pixels that squares cover: all pixels where there are enough for one, else none.
#[inline(always)]
fn tiled(channels: usize, pixels: usize) -> [usize; 2] {
    if pixels < SIDE { [0, 0] } else { [channels - channels % SIDE, pixels] }
}

/// First pixels of the squares of a line; the last may overlap its neighbor.
#[inline(always)]
fn tiles(tiled: usize, pixels: usize) -> impl Iterator<Item = usize> {
    (0..tiled).step_by(SIDE).map(move |first| first.min(pixels - SIDE))
}

/// Planes that several tasks fill, each its own regions.
#[derive(Clone, Copy)]
pub(super) struct SharedPlanes {
    pub(super) data: *mut f32,
    pub(super) channels: usize,
    pub(super) size: [usize; 2],
}

// SAFETY: whoever writes promises in `scatter` that no other thread touches the region.
unsafe impl Send for SharedPlanes {}
// SAFETY: as above.
unsafe impl Sync for SharedPlanes {}

/// The reverse of [`gather`]; what lies over the border is dropped.
///
/// # Safety
/// `planes.data` is valid for all samples of the region and no other thread touches the region.
#[inline(always)]
pub(super) unsafe fn scatter<S: Simd>(
    planes: SharedPlanes,
    region: &Region,
    stride: usize,
    src: &[f32],
) {
    let [height, width] = planes.size;
    let (rows, columns) = (region.inside(0, height), region.inside(1, width));
    let line = region.size[1] * stride;
    for (index, line) in src[..region.pixels() * stride].chunks_exact(line).enumerate() {
        let (sample, y) = (index / region.size[0], index % region.size[0]);
        if !rows.contains(&y) || columns.is_empty() {
            continue;
        }
        let y = (region.first[0] + y as isize) as usize;
        let x = (region.first[1] + columns.start as isize) as usize;
        let first = (region.samples.start + sample) * planes.channels * height + y;
        let line = &line[columns.start * stride..columns.end * stride];
        // SAFETY: the pixels are inside of their plane, and by the caller's promise ours alone.
        unsafe { scatter_line::<S>(planes, first * width + x, line, stride) };
    }
}

/// The reverse of [`gather_line`].
#[inline(always)]
unsafe fn scatter_line<S: Simd>(planes: SharedPlanes, first: usize, line: &[f32], stride: usize) {
    let plane = planes.size[0] * planes.size[1];
    let pixels = line.len() / stride;
    let [tiled_channels, tiled_pixels] = tiled(planes.channels, pixels);
    for channel in (0..tiled_channels).step_by(SIDE) {
        for pixel in tiles(tiled_pixels, pixels) {
            // SAFETY: eight pixels of eight channels lie inside of `line` and of the planes.
            unsafe {
                let from = line.as_ptr().add(pixel * stride + channel);
                let to = planes.data.add(first + channel * plane + pixel);
                let from = Rows { first: from, stride };
                transpose::<S>(from, None, Rows { first: to, stride: plane });
            }
        }
    }
    for channel in tiled_channels..planes.channels {
        for (place, pixel) in line.chunks_exact(stride).enumerate() {
            // SAFETY: as above, one pixel.
            unsafe { *planes.data.add(first + channel * plane + place) = pixel[channel] };
        }
    }
}
