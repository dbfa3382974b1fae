//! Products in `f32`, compared with the limits where they stand in registers.
//!
//! A product of matrices would write all products to memory, of which hardly one is of interest.
//! The vector instructions are those of the machine, but the neighbors do not depend on them.

use pulp::{Arch, Simd, WithSimd};

use super::block::Frame;
use super::meeting::{Meeting, Product as _};

/// Rows of `a` and vectors of rows of `b` whose products stay in registers.
const ROWS: usize = 6;
const VECTORS: usize = 2;

/// Elements of the longest vector of any machine.
const MOST_LANES: usize = 16;

/// The factors of a block, in the order in which they are read.
pub(super) struct Packed {
    /// `(-2a, 1, |a|^2)` of [`ROWS`] rows side by side, factor by factor; zeros fill up.
    left: Vec<[f32; ROWS]>,
    /// `(b, |b|^2, 1)` of a panel of rows side by side; what fills up is far from all.
    right: Vec<f32>,
    width: usize,
}

/// How many rows stand side by side in a panel.
struct Panel;

impl WithSimd for Panel {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        VECTORS * S::F32_LANES
    }
}

impl Packed {
    pub(super) fn new(frame: &Frame<'_>, rows: &[usize]) -> Self {
        let (width, panel) = (frame.width(), Arch::new().dispatch(Panel));
        let mut left = vec![[0.0; ROWS]; rows.len().div_ceil(ROWS) * width];
        let mut right = vec![0.0; rows.len().div_ceil(panel) * panel * width];
        for place in 0..rows.len().div_ceil(panel) * panel {
            let column = &mut right[place / panel * panel * width..][place % panel..];
            let Some(&row) = rows.get(place) else {
                column[(width - 2) * panel] = f32::MAX;
                continue;
            };
            for (factor, (a, b)) in frame.factors(row).enumerate() {
                left[place / ROWS * width + factor][place % ROWS] = a as f32;
                column[factor * panel] = b as f32;
            }
        }
        Self { left, right, width }
    }
}

/// Gives back how many pairs were measured for nothing.
pub(super) fn screen(left: &Packed, right: &Packed, mut meeting: Meeting<'_, '_, f32>) -> usize {
    meeting.limits_a.resize(left.left.len() / left.width * ROWS, f32::NONE);
    meeting.limits_b.resize(right.right.len() / right.width, f32::NONE);
    let width = left.width;
    Arch::new().dispatch(Screen { left, right, width, meeting: &mut meeting });
    meeting.in_vain
}

struct Screen<'s, 'm, 'r> {
    left: &'s Packed,
    right: &'s Packed,
    width: usize,
    meeting: &'s mut Meeting<'m, 'r, f32>,
}

impl WithSimd for Screen<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { left, right, width, meeting } = self;
        let panel = VECTORS * S::F32_LANES;
        for (panel_place, right) in right.right.chunks_exact(width * panel).enumerate() {
            let right = S::as_simd_f32s(right).0;
            for (group, left) in left.left.chunks_exact(width).enumerate() {
                let (i, j) = (group * ROWS, panel_place * panel);
                let products = products(simd, left, right);
                let limits_b = S::as_simd_f32s(&meeting.limits_b[j..j + panel]).0;
                let limits_a = &meeting.limits_a[i..i + ROWS];
                let rooms = rooms(simd, &products, limits_a, limits_b);
                let most = rooms.iter().fold(rooms[0], |most, &room| simd.max_f32s(most, room));
                if simd.reduce_max_f32s(most) < 0.0 {
                    continue;
                }
                for (row, (products, room)) in products.iter().zip(rooms).enumerate() {
                    if simd.reduce_max_f32s(room) < 0.0 {
                        continue;
                    }
                    let mut values = [0.0; VECTORS * MOST_LANES];
                    let vectors = S::as_mut_simd_f32s(&mut values).0;
                    vectors.iter_mut().zip(products).for_each(|(to, &from)| *to = from);
                    for (place, &value) in values[..panel].iter().enumerate() {
                        meeting.consider(i + row, j + place, value);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn products<S: Simd>(
    simd: S,
    left: &[[f32; ROWS]],
    right: &[S::f32s],
) -> [[S::f32s; VECTORS]; ROWS] {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (left, right) in left.iter().zip(right.as_chunks::<VECTORS>().0) {
        for (sums, &left) in sums.iter_mut().zip(left) {
            let left = simd.splat_f32s(left);
            for (sum, &right) in sums.iter_mut().zip(right) {
                *sum = simd.mul_add_e_f32s(left, right, *sum);
            }
        }
    }
    sums
}

/// For each row how far a product lies below its own limit or that of its column; below 0 where
/// none does.
#[inline(always)]
fn rooms<S: Simd>(
    simd: S,
    products: &[[S::f32s; VECTORS]; ROWS],
    limits_a: &[f32],
    limits_b: &[S::f32s],
) -> [S::f32s; ROWS] {
    let mut rooms = [simd.splat_f32s(f32::NEG_INFINITY); ROWS];
    for ((room, products), &limit) in rooms.iter_mut().zip(products).zip(limits_a) {
        let limit = simd.splat_f32s(limit);
        for (&product, &limit_b) in products.iter().zip(limits_b) {
            let below = simd.sub_f32s(simd.max_f32s(limit, limit_b), product);
            *room = simd.max_f32s(*room, below);
        }
    }
    rooms
}
