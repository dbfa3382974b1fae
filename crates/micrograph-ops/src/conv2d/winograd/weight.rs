//! The gradient of the kernels: sums over tiles, in the transformed domain.

use super::block::{Block, Planes, Region, gather};
use super::correlate::{
    Matrices, PAIRS, SPACER, input_region, output_region, padded, transform_inputs,
};
use super::product::{Left, in_panels, product};
use super::transform::{POINTS, gradients};
use crate::conv2d::vectors::{load, store};
use pulp::{Simd, WithSimd};

/// Adds what some blocks contribute to the sums of one part.
pub(super) struct Accumulate<'a, const M: usize> {
    pub(super) xs: Planes<'a>,
    pub(super) before: [usize; 2],
    pub(super) grad: Planes<'a>,
    pub(super) blocks: &'a [Block],
    pub(super) scratch: &'a mut [f32],
    /// For each pair of points `inputs x columns`, then the sums of each gradient's plane.
    pub(super) sums: &'a mut [f32],
}

/// Numbers in the sums of one part.
pub(super) fn part_len(inputs: usize, columns: usize) -> usize {
    PAIRS * inputs * columns + columns
}

/// Scratch that one block needs.
pub(super) fn scratch_len<const M: usize>(block: &Block, [inputs, columns]: [usize; 2]) -> usize {
    super::correlate::scratch_len::<M>(block, [inputs, columns])
}

impl<const M: usize> WithSimd for Accumulate<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = [self.xs.channels, self.grad.channels];
        let [inputs, columns] = padded(channels, S::F32_LANES);
        let (sums, plane_sums) = self.sums.split_at_mut(PAIRS * channels[0] * columns);
        for block in self.blocks {
            let tiles = block.tiles();
            let region = input_region(block, M, self.before);
            let pixels = region.pixels() * inputs.max(columns);
            let (pixels, rest) = self.scratch.split_at_mut(pixels);
            let stride = tiles * inputs + SPACER;
            let (points, rest) = rest.split_at_mut(PAIRS * stride);
            gather::<S>(&self.xs, &region, inputs, pixels);
            let at_points = Matrices { numbers: &mut *points, stride, channels: inputs };
            transform_inputs::<S, M>(simd, &region, pixels, at_points);
            let region = output_region(block, M);
            gather::<S>(&self.grad, &region, columns, pixels);
            add_pixels(simd, &pixels[..region.pixels() * columns], plane_sums);
            let grad_stride = tiles * columns + SPACER;
            let at_points =
                Matrices { numbers: &mut *rest, stride: grad_stride, channels: columns };
            transform_gradients::<S, M>(simd, &region, pixels, at_points);
            for pair in 0..PAIRS {
                let data = points[pair * stride..].as_ptr();
                let left = Left { data, row_stride: 1, column_stride: inputs };
                let right = rest[pair * grad_stride..][..grad_stride].as_ptr();
                let size = channels[0] * columns;
                let dst = sums[pair * size..][..size].as_mut_ptr();
                // SAFETY: the buffers have these sizes and are three.
                unsafe {
                    product::<S, true>(simd, [channels[0], tiles, columns], left, right, dst);
                }
            }
        }
    }
}

/// Adds each pixel of `(pixels, channels)` to the sum of its channel.
#[inline(always)]
fn add_pixels<S: Simd>(simd: S, pixels: &[f32], sums: &mut [f32]) {
    let stride = sums.len();
    for channel in (0..stride).step_by(S::F32_LANES) {
        let mut sum = simd.splat_f32s(0.0);
        for pixel in pixels.chunks_exact(stride) {
            // SAFETY: `stride` is a multiple of the vector's length.
            sum = simd.add_f32s(sum, unsafe { load::<S>(pixel[channel..].as_ptr()) });
        }
        let total = sums[channel..].as_mut_ptr();
        // SAFETY: as above.
        unsafe { store::<S>(total, simd.add_f32s(load::<S>(total), sum)) };
    }
}

/// Each tile of `M x M` gradients at the pairs of points; the matrices are in panels.
#[inline(always)]
fn transform_gradients<S: Simd, const M: usize>(
    simd: S,
    region: &Region,
    pixels: &[f32],
    points: Matrices<&mut [f32]>,
) {
    let Matrices { numbers: points, stride, channels } = points;
    let width = region.size[1];
    let places = region.tile_places(M, 0);
    let tiles = places.tiles(region);
    assert!(pixels.len() >= region.pixels() * channels);
    assert!(points.len() >= (PAIRS - 1) * stride + tiles * channels);
    let zero = simd.splat_f32s(0.0);
    for tile in 0..tiles {
        let first = places.first(tile) * channels;
        for channel in (0..channels).step_by(S::F32_LANES) {
            let (panel, panel_width) = in_panels::<S>(channel, tiles, channels);
            let mut half = [[zero; M]; POINTS];
            for j in 0..M {
                let mut column = [zero; M];
                for i in 0..M {
                    let from = first + (i * width + j) * channels + channel;
                    // SAFETY: inside of the region, whose length was checked.
                    column[i] = unsafe { load::<S>(pixels.as_ptr().add(from)) };
                }
                let column = gradients::<S, M>(simd, column);
                for i in 0..POINTS {
                    half[i][j] = column[i];
                }
            }
            for i in 0..POINTS {
                let row = gradients::<S, M>(simd, half[i]);
                for j in 0..POINTS {
                    let to = (i * POINTS + j) * stride + panel + tile * panel_width;
                    // SAFETY: inside of `points`, whose length was checked.
                    unsafe { store::<S>(points.as_mut_ptr().add(to), row[j]) };
                }
            }
        }
    }
}
