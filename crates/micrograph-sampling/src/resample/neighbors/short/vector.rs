//! The products, in the vector instructions of AVX2.

use pulp::bytemuck::{cast_ref, cast_slice};
use pulp::x86::V3;
use pulp::{NullaryFnOnce, cast, i16x16, i32x8};

use super::{LANES, PANEL, Packed, ROWS, VECTORS};
use crate::resample::neighbors::meeting::Meeting;

pub(super) struct Screen<'s, 'm, 'r> {
    pub(super) simd: V3,
    pub(super) left: &'s Packed,
    pub(super) right: &'s Packed,
    pub(super) meeting: &'s mut Meeting<'m, 'r, i32>,
}

type Tile = [[i32x8; VECTORS]; ROWS];

impl NullaryFnOnce for Screen<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, left, right, meeting } = self;
        let width = left.width;
        let panels = right.right.chunks_exact(width).zip(right.squares.as_chunks::<PANEL>().0);
        for (panel, (columns, squares)) in panels.enumerate() {
            let squares = cast::<[i32; PANEL], [i32x8; VECTORS]>(*squares);
            let rows = left.left.chunks_exact(width).zip(left.starts.as_chunks::<ROWS>().0);
            for (group, (rows, starts)) in rows.enumerate() {
                let (i, j) = (group * ROWS, panel * PANEL);
                let sums = sums(simd, rows, columns, *starts);
                let limits = Limits {
                    rows: &meeting.limits_a[i..i + ROWS],
                    columns: cast(*chunk(&meeting.limits_b, panel)),
                    squares,
                };
                if limits.any(simd, &sums) {
                    let near = limits.near(simd, &sums);
                    consider(&sums, near, right, (i, j), meeting);
                }
            }
        }
    }
}

fn chunk(limits: &[i32], panel: usize) -> &[i32; PANEL] {
    &limits.as_chunks().0[panel]
}

/// `2 a b - |a|^2`
#[inline(always)]
fn sums(simd: V3, rows: &[[i32; ROWS]], columns: &[[i32; PANEL]], starts: [i32; ROWS]) -> Tile {
    let mut sums = [[simd.splat_i32x8(0); VECTORS]; ROWS];
    for (sums, start) in sums.iter_mut().zip(starts) {
        *sums = [simd.splat_i32x8(start); VECTORS];
    }
    let columns = cast_slice::<[i32; PANEL], [i16x16; VECTORS]>(columns);
    for (rows, &[first, second]) in rows.iter().zip(columns) {
        for ([in_first, in_second], &row) in sums.iter_mut().zip(rows) {
            let row = cast(simd.splat_i32x8(row));
            let product = simd.multiply_wrapping_add_adjacent_i16x16(row, first);
            *in_first = simd.wrapping_add_i32x8(*in_first, product);
            let product = simd.multiply_wrapping_add_adjacent_i16x16(row, second);
            *in_second = simd.wrapping_add_i32x8(*in_second, product);
        }
    }
    sums
}

/// Up to which squared distances the rows and columns of a tile are interested.
struct Limits<'l> {
    rows: &'l [i32],
    columns: [i32x8; VECTORS],
    /// `|b|^2`
    squares: [i32x8; VECTORS],
}

impl Limits<'_> {
    /// How far squared distances lie below the limit of their row or column, whichever is
    /// higher; below 0 where above both.
    #[inline(always)]
    fn rooms(&self, simd: V3, sums: i32x8, row: i32x8, vector: usize) -> i32x8 {
        let limit = simd.max_i32x8(row, self.columns[vector]);
        simd.wrapping_add_i32x8(sums, simd.wrapping_sub_i32x8(limit, self.squares[vector]))
    }

    /// Whether any squared distance is within a limit.
    #[inline(always)]
    fn any(&self, simd: V3, sums: &Tile) -> bool {
        let mut all = simd.splat_i32x8(-1);
        for (&[first, second], &row) in sums.iter().zip(self.rows) {
            let row = simd.splat_i32x8(row);
            all = simd.and_i32x8(all, self.rooms(simd, first, row, 0));
            all = simd.and_i32x8(all, self.rooms(simd, second, row, 1));
        }
        negative(simd, all) != 0xff
    }

    /// A bit for each column within a limit, row by row.
    #[inline(always)]
    fn near(&self, simd: V3, sums: &Tile) -> [u32; ROWS] {
        let mut near = [0; ROWS];
        for ((near, &[first, second]), &row) in near.iter_mut().zip(sums).zip(self.rows) {
            let row = simd.splat_i32x8(row);
            let first = negative(simd, self.rooms(simd, first, row, 0));
            let second = negative(simd, self.rooms(simd, second, row, 1));
            *near = !(first | second << LANES) & 0xffff;
        }
        near
    }
}

/// A bit for each lane below 0.
#[inline(always)]
fn negative(simd: V3, lanes: i32x8) -> u32 {
    simd.avx._mm256_movemask_ps(cast(lanes)) as u32
}

fn consider(
    sums: &Tile,
    near: [u32; ROWS],
    right: &Packed,
    (i, j): (usize, usize),
    meeting: &mut Meeting<'_, '_, i32>,
) {
    for (row, (sums, mut near)) in sums.iter().zip(near).enumerate() {
        let sums: &[i32; PANEL] = cast_ref(sums);
        while near != 0 {
            let lane = near.trailing_zeros() as usize % PANEL;
            near &= near - 1;
            meeting.consider(i + row, j + lane, right.squares[j + lane] - sums[lane]);
        }
    }
}
