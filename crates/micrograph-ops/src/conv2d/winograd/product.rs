//! The matrix product of the transformed domain, small enough for a cache: rows in blocks of six,
//! columns in panels of two vectors, no packing.

use crate::conv2d::vectors::{load, store};
use pulp::{Simd, WithSimd};

/// Rows that one register tile has.
const ROWS: usize = 6;

/// A matrix whose element `(row, column)` stands at `row * row_stride + column * column_stride`.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) data: *const f32,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

/// Where a vector that begins at `column` stands in a matrix of `depth` rows, cut into panels of two
/// vectors (the last may have one) that are each stored row by row: the place in row 0 and the
/// distance between rows.
#[inline(always)]
pub(super) fn in_panels<S: Simd>(column: usize, depth: usize, columns: usize) -> (usize, usize) {
    let first = column - column % (2 * S::F32_LANES);
    let width = (2 * S::F32_LANES).min(columns - first);
    (first * depth + column - first, width)
}

/// `dst = left * right` or `dst += left * right`; `dst` is `rows x columns`, row by row, and
/// `right` is `depth x columns` in panels.
///
/// # Safety
/// The matrices reach as far as the sizes say, `dst` overlaps none of them, and `columns` is a
/// multiple of the vector's length.
#[inline(always)]
pub(super) unsafe fn product<S: Simd, const ADD: bool>(
    simd: S,
    sizes: [usize; 3],
    left: Left,
    right: *const f32,
    dst: *mut f32,
) {
    // A call: inlined wherever it is used, the register tiles would take minutes to compile.
    simd.vectorize(Product::<ADD> { sizes, left, right, dst });
}

struct Product<const ADD: bool> {
    sizes: [usize; 3],
    left: Left,
    right: *const f32,
    dst: *mut f32,
}

impl<const ADD: bool> WithSimd for Product<ADD> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sizes: [rows, depth, columns], left, right, dst } = self;
        let mut column = 0;
        while column < columns {
            let whole = columns - column >= 2 * S::F32_LANES;
            // SAFETY: the panel begins inside of `right`, the tile inside of `dst`; the rest is the
            // promise to `product`, which alone makes this.
            unsafe {
                let (panel, dst) = (right.add(column * depth), dst.add(column));
                if whole {
                    panel_product::<S, 2, ADD>(simd, [rows, depth, columns], left, panel, dst);
                } else {
                    panel_product::<S, 1, ADD>(simd, [rows, depth, columns], left, panel, dst);
                }
            }
            column += if whole { 2 * S::F32_LANES } else { S::F32_LANES };
        }
    }
}

#[inline(always)]
unsafe fn panel_product<S: Simd, const VECTORS: usize, const ADD: bool>(
    simd: S,
    [rows, depth, columns]: [usize; 3],
    left: Left,
    panel: *const f32,
    dst: *mut f32,
) {
    let mut row = 0;
    while row < rows {
        // SAFETY: `row` is inside of both matrices.
        let (left, dst) = unsafe {
            let data = left.data.add(row * left.row_stride);
            (Left { data, ..left }, dst.add(row * columns))
        };
        // SAFETY: as many rows as stated are left.
        unsafe {
            match rows - row {
                1 => tile::<S, 1, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
                2 => tile::<S, 2, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
                3 => tile::<S, 3, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
                4 => tile::<S, 4, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
                5 => tile::<S, 5, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
                _ => tile::<S, ROWS, VECTORS, ADD>(simd, [depth, columns], left, panel, dst),
            }
        }
        row += ROWS;
    }
}

/// `N x VECTORS` vectors of the product, summed in registers. The total that a product is added to
/// comes in last: sums of sums have smaller rounding errors than one long sum.
#[inline(always)]
unsafe fn tile<S: Simd, const N: usize, const VECTORS: usize, const ADD: bool>(
    simd: S,
    [depth, columns]: [usize; 2],
    left: Left,
    panel: *const f32,
    dst: *mut f32,
) {
    let lanes = S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; N];
    // SAFETY: all indices are below the sizes that the caller vouches for.
    unsafe {
        for k in 0..depth {
            let mut right = [simd.splat_f32s(0.0); VECTORS];
            for vector in 0..VECTORS {
                right[vector] = load::<S>(panel.add((k * VECTORS + vector) * lanes));
            }
            for row in 0..N {
                let factor = *left.data.add(row * left.row_stride + k * left.column_stride);
                let factor = simd.splat_f32s(factor);
                for vector in 0..VECTORS {
                    sums[row][vector] = simd.mul_add_f32s(factor, right[vector], sums[row][vector]);
                }
            }
        }
        for row in 0..N {
            for vector in 0..VECTORS {
                let to = dst.add(row * columns + vector * lanes);
                let mut sum = sums[row][vector];
                if ADD {
                    sum = simd.add_f32s(load::<S>(to), sum);
                }
                store::<S>(to, sum);
            }
        }
    }
}
