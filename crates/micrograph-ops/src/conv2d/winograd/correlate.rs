//! One block of outputs: the forward pass, and the gradient of the input.

use super::block::{Block, Planes, Region, SharedPlanes, gather, scatter};
use super::product::{Left, product};
use super::transform::{POINTS, input, outputs};
use crate::conv2d::vectors::{larger, load, rectified, store};
use pulp::{Simd, WithSimd};

/// A matrix `tiles x channels` for each pair of points, `stride` numbers from one to the next.
pub(super) struct Matrices<P> {
    pub(super) numbers: P,
    pub(super) stride: usize,
    pub(super) channels: usize,
}

/// Pairs of points.
pub(super) const PAIRS: usize = POINTS * POINTS;
/// Numbers between two matrices of a scratch buffer, beyond their size: rows at a distance of a
/// power of two would share their places in a cache.
pub(super) const SPACER: usize = 16;

/// `M x M` outputs a tile.
pub(super) struct Correlate<'a, const M: usize> {
    pub(super) xs: Planes<'a>,
    /// Zeros above and to the left.
    pub(super) before: [usize; 2],
    /// Transformed kernels: see [`super::filter::Transform`].
    pub(super) kernels: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    pub(super) relu: bool,
    /// Whether `ys` takes the maximum of each 2x2 window.
    pub(super) pooled: bool,
    pub(super) ys: SharedPlanes,
    pub(super) block: &'a Block,
    pub(super) scratch: &'a mut [f32],
}

/// Input and output channels, filled up to whole vectors.
pub(super) fn padded(channels: [usize; 2], lanes: usize) -> [usize; 2] {
    channels.map(|count| count.next_multiple_of(lanes))
}

/// The pixels under a block of tiles of `m x m` outputs, with the `6 - m` more that kernels reach.
pub(super) fn input_region(block: &Block, m: usize, before: [usize; 2]) -> Region {
    let region = output_region(block, m);
    Region {
        first: [0, 1].map(|axis| region.first[axis] - before[axis] as isize),
        size: region.size.map(|size| size + POINTS - m),
        ..region
    }
}

/// The pixels that a block of tiles makes.
pub(super) fn output_region(block: &Block, m: usize) -> Region {
    Region {
        samples: block.samples.clone(),
        first: [(block.rows.start * m) as isize, (block.columns.start * m) as isize],
        size: [block.rows.len() * m, block.columns.len() * m],
    }
}

/// Scratch that one block needs.
pub(super) fn scratch_len<const M: usize>(block: &Block, [inputs, outputs]: [usize; 2]) -> usize {
    let region = input_region(block, M, [0, 0]);
    let pixels = region.pixels() * inputs.max(outputs);
    pixels + PAIRS * (block.tiles() * (inputs + outputs) + 2 * SPACER)
}

impl<const M: usize> WithSimd for Correlate<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let scratch = std::mem::take(&mut self.scratch);
        let [inputs, columns] = padded([self.xs.channels, self.ys.channels], S::F32_LANES);
        let tiles = self.block.tiles();
        let region = input_region(self.block, M, self.before);
        let pixels = region.pixels() * inputs.max(columns);
        let (pixels, rest) = scratch.split_at_mut(pixels);
        let (points, products) = rest.split_at_mut(PAIRS * (tiles * inputs + SPACER));
        gather::<S>(&self.xs, &region, inputs, pixels);
        let stride = tiles * inputs + SPACER;
        let numbers = &mut *points;
        let at_points = Matrices { numbers, stride, channels: inputs };
        transform_inputs::<S, M>(simd, &region, pixels, at_points);
        let kernel = self.xs.channels * columns;
        assert!(self.kernels.len() == PAIRS * kernel);
        let out_stride = tiles * columns + SPACER;
        for pair in 0..PAIRS {
            let data = points[pair * stride..].as_ptr();
            let left = Left { data, row_stride: inputs, column_stride: 1 };
            let right = self.kernels[pair * kernel..].as_ptr();
            let dst = products[pair * out_stride..][..out_stride].as_mut_ptr();
            // SAFETY: the buffers have these sizes and are three.
            unsafe {
                let sizes = [tiles, self.xs.channels, columns];
                product::<S, false>(simd, sizes, left, right, dst);
            }
        }
        let region = output_region(self.block, if self.pooled { M / 2 } else { M });
        let products = Matrices { numbers: &*products, stride: out_stride, channels: columns };
        self.transform_products(simd, products, &region, pixels);
        // SAFETY: blocks do not overlap, and each is one task.
        unsafe { scatter::<S>(self.ys, &region, columns, pixels) };
    }
}

/// Each tile of `pixels` at the pairs of points.
#[inline(always)]
pub(super) fn transform_inputs<S: Simd, const M: usize>(
    simd: S,
    region: &Region,
    pixels: &[f32],
    points: Matrices<&mut [f32]>,
) {
    let Matrices { numbers: points, stride, channels } = points;
    let width = region.size[1];
    let places = region.tile_places(M, POINTS - M);
    let tiles = places.tiles(region);
    assert!(pixels.len() >= region.pixels() * channels);
    assert!(points.len() >= (PAIRS - 1) * stride + tiles * channels);
    let zero = simd.splat_f32s(0.0);
    for tile in 0..tiles {
        let first = places.first(tile) * channels;
        for channel in (0..channels).step_by(S::F32_LANES) {
            let mut half = [[zero; POINTS]; POINTS];
            for j in 0..POINTS {
                let mut column = [zero; POINTS];
                for i in 0..POINTS {
                    let from = first + (i * width + j) * channels + channel;
                    // SAFETY: inside of the region, whose length was checked.
                    column[i] = unsafe { load::<S>(pixels.as_ptr().add(from)) };
                }
                let column = input(simd, column);
                for i in 0..POINTS {
                    half[i][j] = column[i];
                }
            }
            for i in 0..POINTS {
                let row = input(simd, half[i]);
                for j in 0..POINTS {
                    let to = (i * POINTS + j) * stride + tile * channels + channel;
                    // SAFETY: inside of `points`, whose length was checked.
                    unsafe { store::<S>(points.as_mut_ptr().add(to), row[j]) };
                }
            }
        }
    }
}

impl<const M: usize> Correlate<'_, M> {
    /// Products back to pixels, with bias and ReLU.
    #[inline(always)]
    fn transform_products<S: Simd>(
        &self,
        simd: S,
        products: Matrices<&[f32]>,
        region: &Region,
        pixels: &mut [f32],
    ) {
        let Matrices { numbers: products, stride, channels } = products;
        let width = region.size[1];
        let side = if self.pooled { M / 2 } else { M };
        let places = region.tile_places(side, 0);
        let tiles = self.block.tiles();
        assert!(pixels.len() >= region.pixels() * channels);
        assert!(products.len() >= (PAIRS - 1) * stride + tiles * channels);
        let zero = simd.splat_f32s(0.0);
        for tile in 0..tiles {
            let first = places.first(tile) * channels;
            for channel in (0..channels).step_by(S::F32_LANES) {
                let bias = self.bias_of(simd, channel);
                let mut half = [[zero; POINTS]; M];
                for j in 0..POINTS {
                    let mut column = [zero; POINTS];
                    for i in 0..POINTS {
                        let from = (i * POINTS + j) * stride + tile * channels + channel;
                        // SAFETY: inside of `products`, whose length was checked.
                        column[i] = unsafe { load::<S>(products.as_ptr().add(from)) };
                    }
                    let column = outputs::<S, M>(simd, column);
                    for i in 0..M {
                        half[i][j] = column[i];
                    }
                }
                let mut ys = [[zero; M]; M];
                for i in 0..M {
                    let row = outputs::<S, M>(simd, half[i]);
                    for j in 0..M {
                        let y = simd.add_f32s(row[j], bias);
                        ys[i][j] = if self.relu { rectified(simd, y) } else { y };
                    }
                }
                if self.pooled {
                    ys = pooled(simd, ys);
                }
                for i in 0..side {
                    for j in 0..side {
                        let to = first + (i * width + j) * channels + channel;
                        // SAFETY: inside of the region, whose length was checked.
                        unsafe { store::<S>(pixels.as_mut_ptr().add(to), ys[i][j]) };
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn bias_of<S: Simd>(&self, simd: S, channel: usize) -> S::f32s {
        match self.bias {
            None => simd.splat_f32s(0.0),
            Some(bias) => simd.partial_load_f32s(&bias[channel.min(bias.len())..]),
        }
    }
}

/// The maxima of the 2x2 windows of a tile, in its first quarter.
#[inline(always)]
fn pooled<S: Simd, const M: usize>(simd: S, mut ys: [[S::f32s; M]; M]) -> [[S::f32s; M]; M] {
    for i in 0..M / 2 {
        for j in 0..M / 2 {
            let [upper, lower] = [ys[2 * i], ys[2 * i + 1]];
            let upper = larger(simd, upper[2 * j], upper[2 * j + 1]);
            let lower = larger(simd, lower[2 * j], lower[2 * j + 1]);
            ys[i][j] = larger(simd, upper, lower);
        }
    }
    ys
}
