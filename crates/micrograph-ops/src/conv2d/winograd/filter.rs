//! Kernels to the transformed domain, and their gradients back.

use super::product::in_panels;
use super::transform::{POINTS, taps};
use crate::conv2d::vectors::{load, store};
use pulp::{Simd, WithSimd};

/// How a kernel of the forward pass, `(o, c, r, r)`, is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it stands: from `c` to `o` channels.
    Forward,
    /// Turned by half a circle, from `o` to `c` channels: the gradient of the input.
    Backward,
}

/// The kernels that one input channel meets, transformed.
pub(super) struct Transform<'a, const R: usize> {
    pub(super) weight: &'a [f32],
    /// Input and output channels of the product.
    pub(super) channels: [usize; 2],
    pub(super) reading: Reading,
    pub(super) input: usize,
    /// Columns of the product: the outputs, filled up to whole vectors.
    pub(super) columns: usize,
    /// `R * R * columns` numbers.
    pub(super) scratch: &'a mut [f32],
    /// For each pair of points the matrix `inputs x columns` in panels.
    pub(super) out: SharedMatrices,
}

/// Matrices of one size, of which each task fills its own row.
#[derive(Clone, Copy)]
pub(super) struct SharedMatrices(pub(super) *mut f32);

// SAFETY: each task writes the row of its own input channel.
unsafe impl Send for SharedMatrices {}
// SAFETY: as above.
unsafe impl Sync for SharedMatrices {}

impl<const R: usize> WithSimd for Transform<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let [inputs, outputs] = self.channels;
        let taps_of = |output: usize| match self.reading {
            Reading::Forward => (output * inputs + self.input) * R * R,
            Reading::Backward => (self.input * outputs + output) * R * R,
        };
        self.scratch.fill(0.0);
        for output in 0..outputs {
            let kernel = &self.weight[taps_of(output)..][..R * R];
            for tap in 0..R * R {
                let from = if self.reading == Reading::Forward { tap } else { R * R - 1 - tap };
                self.scratch[tap * self.columns + output] = kernel[from];
            }
        }
        for column in (0..self.columns).step_by(S::F32_LANES) {
            // SAFETY: the vectors of one column lie inside of both buffers.
            unsafe { self.column(simd, column) };
        }
    }
}

impl<const R: usize> Transform<'_, R> {
    #[inline(always)]
    unsafe fn column<S: Simd>(&self, simd: S, column: usize) {
        let matrix = const { taps::<R>() };
        let zero = simd.splat_f32s(0.0);
        let mut half = [[zero; R]; POINTS];
        for x in 0..R {
            for point in 0..POINTS {
                for y in 0..R {
                    // SAFETY: `scratch` has `R * R` rows of `columns` numbers.
                    let tap = unsafe {
                        load::<S>(self.scratch.as_ptr().add((y * R + x) * self.columns + column))
                    };
                    let factor = simd.splat_f32s(matrix[point][y]);
                    half[point][x] = simd.mul_add_f32s(factor, tap, half[point][x]);
                }
            }
        }
        let inputs = self.channels[0];
        let (first, width) = in_panels::<S>(column, inputs, self.columns);
        for i in 0..POINTS {
            for j in 0..POINTS {
                let mut sum = zero;
                for x in 0..R {
                    sum = simd.mul_add_f32s(simd.splat_f32s(matrix[j][x]), half[i][x], sum);
                }
                let place = (i * POINTS + j) * inputs * self.columns + first + self.input * width;
                // SAFETY: the row of this input in the matrix of this pair of points.
                unsafe { store::<S>(self.out.0.add(place), sum) };
            }
        }
    }
}

/// The gradients of all kernels of one input channel, from the transformed domain.
pub(super) struct Collect<'a, const R: usize> {
    /// Sums of parts, to be added up in their order: each has for each pair of points `inputs x
    /// columns` numbers, then others, in all `part_len`.
    pub(super) parts: &'a [f32],
    pub(super) part_len: usize,
    pub(super) inputs: usize,
    pub(super) input: usize,
    pub(super) columns: usize,
    /// `R * R x columns`.
    pub(super) out: &'a mut [f32],
}

impl<const R: usize> WithSimd for Collect<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let matrix = const { taps::<R>() };
        let zero = simd.splat_f32s(0.0);
        for column in (0..self.columns).step_by(S::F32_LANES) {
            let mut half = [[zero; R]; POINTS];
            for i in 0..POINTS {
                for j in 0..POINTS {
                    let row = (i * POINTS + j) * self.inputs + self.input;
                    let mut sum = zero;
                    for part in self.parts.chunks_exact(self.part_len) {
                        let vector = &part[row * self.columns + column..][..S::F32_LANES];
                        // SAFETY: the slice is one vector long.
                        sum = simd.add_f32s(sum, unsafe { load::<S>(vector.as_ptr()) });
                    }
                    for x in 0..R {
                        let factor = simd.splat_f32s(matrix[j][x]);
                        half[i][x] = simd.mul_add_f32s(factor, sum, half[i][x]);
                    }
                }
            }
            for y in 0..R {
                for x in 0..R {
                    let mut sum = zero;
                    for i in 0..POINTS {
                        let factor = simd.splat_f32s(matrix[i][y]);
                        sum = simd.mul_add_f32s(factor, half[i][x], sum);
                    }
                    let out = &mut self.out[(y * R + x) * self.columns + column..];
                    // SAFETY: the slice is one vector long.
                    unsafe { store::<S>(out[..S::F32_LANES].as_mut_ptr(), sum) };
                }
            }
        }
    }
}
