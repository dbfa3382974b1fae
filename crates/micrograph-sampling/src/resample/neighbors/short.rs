//! Squared distances in whole numbers, compared with the limits where they stand in registers: one
//! instruction multiplies twice as many of 16 bits as of `f32`.
//!
//! Centered rows are multiplied by a unit and rounded to whole numbers. That moves a row of `d`
//! features by at most `sqrt(d) / 2`, so that two rows whose distance is `r` units have rounded ones
//! at most `r + sqrt(d)` apart; nothing else is rounded. Other machines than those with AVX2 begin
//! with `f32`.

#[cfg(target_arch = "x86_64")]
mod vector;

use super::block::{Block, Frame};
use super::meeting::{Meeting, Product, Ruler};

/// The length of the longest row in units: twice a value fits into 16 bits, and four times a square
/// of a length into 30.
const LONGEST: f64 = 16_000.0;

/// Above every squared distance in units.
const MOST: i32 = 1 << 30;

/// Features for which the lengths of rounded rows stay as long.
const MOST_FEATURES: usize = 10_000;

/// Squares of lengths of what fills up a block: far from all others.
const FAR: i32 = 1 << 29;

/// Rows of `a` and vectors of rows of `b` whose distances stay in registers.
const ROWS: usize = 6;
const VECTORS: usize = 2;

/// Whole numbers of 32 bits in a vector.
const LANES: usize = 8;

/// Rows of `b` that are read together.
const PANEL: usize = VECTORS * LANES;

/// That the machine has the instructions.
#[cfg(target_arch = "x86_64")]
type Token = pulp::x86::V3;
#[cfg(not(target_arch = "x86_64"))]
type Token = std::convert::Infallible;

/// How rows become whole numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    token: Token,
    /// What centered features are multiplied by.
    unit: f64,
}

impl Short {
    /// For rows of so many features up to a length, centered; `None` where the machine has other
    /// instructions, or the numbers are no ordinary ones.
    pub(super) fn new(longest: f64, features: usize) -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        let token = pulp::x86::V3::try_new()?;
        #[cfg(not(target_arch = "x86_64"))]
        let token: Token = None?;
        // Squares of smaller differences may vanish.
        let ordinary = (1e-100..1e150).contains(&longest) && features <= MOST_FEATURES;
        ordinary.then(|| Self { token, unit: LONGEST / longest })
    }
}

impl Product for i32 {
    const NONE: Self = -1;

    fn ruler(frame: &Frame<'_>, _: &Block<'_>, _: &Block<'_>) -> Ruler {
        let unit = frame.short.map_or(0.0, |short| short.unit);
        // A little more than the square root, for the rounding of the measured distance and of this.
        Ruler { unit, slack: (frame.features() as f64).sqrt() * 1.001 + 0.01 }
    }

    fn limit(bound: f64, ruler: Ruler) -> Self {
        let reach = bound.sqrt() * ruler.unit + ruler.slack;
        // Up, since `ceil` is a call where the machine need not have an instruction for it.
        (reach * reach).min(f64::from(MOST - 1)) as Self + 1
    }
}

/// The whole numbers of a block, two features in 32 bits, in the order in which they are read.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "nothing reads them there"))]
pub(super) struct Packed {
    /// `2a` of [`ROWS`] rows side by side.
    left: Vec<[i32; ROWS]>,
    /// `-|a|^2`.
    starts: Vec<i32>,
    /// `b` of a panel of rows side by side.
    right: Vec<[i32; PANEL]>,
    /// `|b|^2`.
    squares: Vec<i32>,
    /// Pairs of features.
    width: usize,
}

impl Packed {
    pub(super) fn new(frame: &Frame<'_>, short: Short, rows: &[usize]) -> Self {
        let width = frame.features().div_ceil(2);
        let (groups, panels) = (rows.len().div_ceil(ROWS), rows.len().div_ceil(PANEL));
        let mut packed = Self {
            left: vec![[0; ROWS]; groups * width],
            starts: vec![-FAR; groups * ROWS],
            right: vec![[0; PANEL]; panels * width],
            squares: vec![FAR; panels * PANEL],
            width,
        };
        let mut values = vec![0_i16; 2 * width];
        for (place, &row) in rows.iter().enumerate() {
            let units = frame.around_center(row).map(|value| (value * short.unit).round() as i16);
            values.iter_mut().zip(units).for_each(|(value, unit)| *value = unit);
            let square: i32 = values.iter().map(|&value| i32::from(value) * i32::from(value)).sum();
            (packed.starts[place], packed.squares[place]) = (-square, square);
            for (pair, &[first, second]) in values.as_chunks::<2>().0.iter().enumerate() {
                let left = &mut packed.left[place / ROWS * width + pair];
                left[place % ROWS] = together(2 * first, 2 * second);
                let right = &mut packed.right[place / PANEL * width + pair];
                right[place % PANEL] = together(first, second);
            }
        }
        packed
    }
}

fn together(first: i16, second: i16) -> i32 {
    let ([a, b], [c, d]) = (first.to_ne_bytes(), second.to_ne_bytes());
    i32::from_ne_bytes([a, b, c, d])
}

/// Gives back how many pairs were measured for nothing.
pub(super) fn screen(
    short: Short,
    left: &Packed,
    right: &Packed,
    mut meeting: Meeting<'_, '_, i32>,
) -> usize {
    meeting.limits_a.resize(left.starts.len(), i32::NONE);
    meeting.limits_b.resize(right.squares.len(), i32::NONE);
    #[cfg(target_arch = "x86_64")]
    short.token.vectorize(vector::Screen { simd: short.token, left, right, meeting: &mut meeting });
    #[cfg(not(target_arch = "x86_64"))]
    match short.token {}
    meeting.in_vain
}
