//! Two blocks meet: what their products do not rule out is measured.

use super::block::{Block, Frame};

/// What of two rows is compared with limits: their squared distance, in some precision.
pub(super) trait Product: Copy + PartialOrd {
    /// Below every product.
    const NONE: Self;

    /// What products of these rows are measured by.
    fn ruler(frame: &Frame<'_>, a: &Block<'_>, b: &Block<'_>) -> Ruler;

    /// The greatest product of rows whose squared distance is at most `bound`.
    fn limit(bound: f64, ruler: Ruler) -> Self;
}

/// What products are measured by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler {
    /// What features are multiplied by.
    pub(super) unit: f64,
    /// How far a product may lie off.
    pub(super) slack: f64,
}

impl Ruler {
    /// A sum of `d + 2` products in any order is within `(d + 2) unit` of the sum of magnitudes,
    /// which is at most `(|a| + |b|)^2`; centering, rounding, the squares and the measured distance
    /// add less than as much again. `rounding` is the greatest relative error of one operation, and
    /// `tiny` what is lost below the normal numbers.
    fn floating(frame: &Frame<'_>, a: &Block<'_>, b: &Block<'_>, rounding: f64, tiny: f64) -> Self {
        let terms = (2 * frame.width() + 32) as f64;
        let length = a.longest + b.longest;
        Self { unit: frame.scale, slack: terms * (rounding * length * length + tiny) }
    }

    fn limit(self, bound: f64) -> f64 {
        bound * self.unit * self.unit + self.slack
    }
}

impl Product for f32 {
    const NONE: Self = Self::NEG_INFINITY;

    fn ruler(frame: &Frame<'_>, a: &Block<'_>, b: &Block<'_>) -> Ruler {
        let rounding = f64::from(Self::EPSILON) / 2.0;
        Ruler::floating(frame, a, b, rounding, f64::from(Self::MIN_POSITIVE))
    }

    fn limit(bound: f64, ruler: Ruler) -> Self {
        ruler.limit(bound) as Self
    }
}

impl Product for f64 {
    const NONE: Self = Self::NEG_INFINITY;

    fn ruler(frame: &Frame<'_>, a: &Block<'_>, b: &Block<'_>) -> Ruler {
        Ruler::floating(frame, a, b, Self::EPSILON / 2.0, Self::MIN_POSITIVE)
    }

    fn limit(bound: f64, ruler: Ruler) -> Self {
        ruler.limit(bound)
    }
}

/// The rows of `a` and of `b`, and up to which product each is interested in a row of the other.
pub(super) struct Meeting<'m, 'r, T> {
    pub(super) frame: &'m Frame<'m>,
    pub(super) a: &'m mut Block<'r>,
    pub(super) b: &'m mut Block<'r>,
    pub(super) limits_a: Vec<T>,
    pub(super) limits_b: Vec<T>,
    ruler: Ruler,
    /// How many pairs were measured for nothing.
    pub(super) in_vain: usize,
}

impl<'m, 'r, T: Product> Meeting<'m, 'r, T> {
    pub(super) fn new(frame: &'m Frame<'m>, a: &'m mut Block<'r>, b: &'m mut Block<'r>) -> Self {
        let ruler = T::ruler(frame, a, b);
        let limits = |block: &Block<'r>| -> Vec<T> {
            let mut limits: Vec<T> =
                block.bounds.iter().map(|&bound| T::limit(bound, ruler)).collect();
            limits.resize(block.rows.len(), T::NONE);
            limits
        };
        let (limits_a, limits_b) = (limits(a), limits(b));
        Self { frame, a, b, limits_a, limits_b, ruler, in_vain: 0 }
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
        if for_a && let Some(bound) = self.a.meet(i, k, other, square) {
            self.limits_a[i] = T::limit(bound, self.ruler);
            useful = true;
        }
        if for_b && let Some(bound) = self.b.meet(j, k, row, square) {
            self.limits_b[j] = T::limit(bound, self.ruler);
            useful = true;
        }
        self.in_vain += usize::from(!useful);
    }
}
