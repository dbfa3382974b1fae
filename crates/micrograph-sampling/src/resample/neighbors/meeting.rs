//! Two blocks meet: what their products do not rule out is measured.

use super::block::{Block, Frame, Nearest};

/// The precision of products.
pub(super) trait Precision: Copy + PartialOrd {
    /// The greatest relative error of one operation.
    const UNIT: f64;
    /// What is lost below the normal numbers.
    const TINY: f64;
    const MINUS_INFINITY: Self;
    fn of(value: f64) -> Self;
}

impl Precision for f32 {
    const UNIT: f64 = f32::EPSILON as f64 / 2.0;
    const TINY: f64 = f32::MIN_POSITIVE as f64;
    const MINUS_INFINITY: Self = f32::NEG_INFINITY;
    fn of(value: f64) -> Self {
        value as f32
    }
}

impl Precision for f64 {
    const UNIT: f64 = f64::EPSILON / 2.0;
    const TINY: f64 = f64::MIN_POSITIVE;
    const MINUS_INFINITY: Self = f64::NEG_INFINITY;
    fn of(value: f64) -> Self {
        value
    }
}

/// The rows of `a` and of `b`, and up to which product each is interested in a row of the other.
pub(super) struct Meeting<'m, 'r, T> {
    pub(super) frame: &'m Frame<'m>,
    pub(super) a: &'m mut Block<'r>,
    pub(super) b: &'m mut Block<'r>,
    pub(super) limits_a: Vec<T>,
    pub(super) limits_b: Vec<T>,
    slack: f64,
    /// How many pairs were measured for nothing.
    pub(super) in_vain: usize,
}

impl<'m, 'r, T: Precision> Meeting<'m, 'r, T> {
    pub(super) fn new(frame: &'m Frame<'m>, a: &'m mut Block<'r>, b: &'m mut Block<'r>) -> Self {
        let slack = slack::<T>(frame, a, b);
        let limits = |block: &Block<'r>| -> Vec<T> {
            let limits = block.nearest.iter().map(|nearest| limit(frame, slack, nearest));
            let mut limits: Vec<T> = limits.collect();
            limits.resize(block.rows.len(), T::MINUS_INFINITY);
            limits
        };
        let (limits_a, limits_b) = (limits(a), limits(b));
        Self { frame, a, b, limits_a, limits_b, slack, in_vain: 0 }
    }

    /// Row `i` of `a` and row `j` of `b` have the product `value`.
    #[inline]
    pub(super) fn consider(&mut self, i: usize, j: usize, value: T) {
        let (for_a, for_b) = (value <= self.limits_a[i], value <= self.limits_b[j]);
        if for_a || for_b {
            self.measure(i, j, [for_a, for_b]);
        }
    }

    #[inline(never)]
    fn measure(&mut self, i: usize, j: usize, [for_a, for_b]: [bool; 2]) {
        // What fills up a block is no row.
        let (Some(&row), Some(&other)) = (self.a.rows.get(i), self.b.rows.get(j)) else { return };
        if row == other {
            return;
        }
        let (frame, k) = (self.frame, self.frame.k);
        let square = || frame.x.square(row, other);
        let mut useful = false;
        if for_a && self.a.nearest[i].meet(k, other, square) {
            self.limits_a[i] = limit(frame, self.slack, &self.a.nearest[i]);
            useful = true;
        }
        if for_b && self.b.nearest[j].meet(k, row, square) {
            self.limits_b[j] = limit(frame, self.slack, &self.b.nearest[j]);
            useful = true;
        }
        self.in_vain += usize::from(!useful);
    }
}

/// The greatest product of a row that may be among the nearest.
fn limit<T: Precision>(frame: &Frame<'_>, slack: f64, nearest: &Nearest) -> T {
    T::of(nearest.bound(frame.k) * frame.scale * frame.scale + slack)
}

/// How far a product may lie from the measured squared distance, both scaled.
///
/// A sum of `d + 2` products in any order is within `(d + 2) unit` of the sum of magnitudes, which
/// is at most `(|a| + |b|)^2`; centering, rounding to `T`, the squares and the measured distance add
/// less than as much again.
fn slack<T: Precision>(frame: &Frame<'_>, a: &Block<'_>, b: &Block<'_>) -> f64 {
    let terms = (2 * frame.width() + 32) as f64;
    let length = a.longest + b.longest;
    terms * (T::UNIT * length * length + T::TINY)
}
