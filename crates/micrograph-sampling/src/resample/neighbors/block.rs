//! Blocks of rows with the nearest ones that they have met.

use std::sync::Arc;

use super::Rows;
use super::meeting::Meeting;
use super::{double, single};

/// What all blocks have in common: the rows, and how they are brought near zero for products.
pub(super) struct Frame<'a> {
    pub(super) x: Rows<'a>,
    center: Vec<f64>,
    /// A power of two by which no centered value exceeds 1.
    pub(super) scale: f64,
    pub(super) k: usize,
}

/// Rows with the nearest ones that they have met.
pub(super) struct Block<'a> {
    pub(super) rows: &'a [usize],
    pub(super) nearest: Vec<Nearest>,
    /// The length of the longest row, centered and scaled.
    pub(super) longest: f64,
    packed: Arc<single::Packed>,
    /// Whether `f32` tells too few pairs apart.
    needs_double: bool,
}

impl Block<'_> {
    /// Squared distances and rows of the neighbors, row by row.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (f64, usize)> {
        self.nearest.iter().flat_map(|nearest| nearest.0.iter().copied())
    }

    /// The same rows, which take no note of what they meet.
    fn as_points(&self) -> Self {
        Block { packed: Arc::clone(&self.packed), nearest: Vec::new(), ..*self }
    }
}

/// Up to `k` neighbors of a row by squared distance and row, ascending.
#[derive(Clone)]
pub(super) struct Nearest(Vec<(f64, usize)>);

impl Nearest {
    /// The squared distance that a further one must not exceed.
    pub(super) fn bound(&self, k: usize) -> f64 {
        if self.0.len() < k { f64::INFINITY } else { self.0[k - 1].0 }
    }

    /// Whether `row` is among the nearest, and now noted.
    pub(super) fn meet(&mut self, k: usize, row: usize, square: impl FnOnce() -> f64) -> bool {
        let full = self.0.len() == k;
        let last = if full { self.0[k - 1] } else { (f64::INFINITY, usize::MAX) };
        // Nothing is nearer than a copy: without this, copies would all be measured.
        if last.0 == 0.0 && row > last.1 {
            return false;
        }
        let found = (square(), row);
        if found.0 > last.0 || (found.0 == last.0 && row > last.1) {
            return false;
        }
        if full {
            self.0.pop();
        }
        let place = self.0.iter().rposition(|other| *other < found).map_or(0, |last| last + 1);
        self.0.insert(place, found);
        true
    }
}

impl<'a> Frame<'a> {
    /// For the `k` nearest of `points` to `queries`.
    pub(super) fn new(x: Rows<'a>, queries: &[usize], points: &[usize], k: usize) -> Self {
        let mut center = vec![0.0; x.width];
        for &row in points {
            let n = points.len() as f64;
            center.iter_mut().zip(x.row(row)).for_each(|(sum, value)| *sum += value / n);
        }
        let far = |row: &usize| {
            let off = x.row(*row).iter().zip(&center).map(|(value, mean)| (value - mean).abs());
            off.fold(0.0, f64::max)
        };
        let farthest = points.iter().chain(queries).map(far).fold(0.0, f64::max);
        // All equal, or so near that no square is left: nothing is ruled out.
        let exponent = farthest.log2().ceil();
        let scale = if exponent.abs() < 600.0 { (-exponent).exp2() } else { 1.0 };
        Self { x, center, scale, k }
    }

    pub(super) fn block<'r>(&self, rows: &'r [usize]) -> Block<'r> {
        let length = |row: &usize| self.centered(*row).map(|value| value * value).sum::<f64>();
        Block {
            rows,
            nearest: vec![Nearest(Vec::with_capacity(self.k)); rows.len()],
            longest: rows.iter().map(length).fold(0.0, f64::max).sqrt(),
            packed: Arc::new(single::Packed::new(self, rows)),
            needs_double: false,
        }
    }

    /// How many numbers a row is multiplied by: its features, its square, and 1.
    pub(super) fn width(&self) -> usize {
        self.center.len() + 2
    }

    fn centered(&self, row: usize) -> impl Iterator<Item = f64> {
        let values = self.x.row(row).iter().zip(&self.center);
        values.map(|(value, mean)| (value - mean) * self.scale)
    }

    /// `(-2a, 1, |a|^2)` and `(a, |a|^2, 1)` of a row: the first of one row by the second of another
    /// is their squared distance.
    pub(super) fn factors(&self, row: usize) -> impl Iterator<Item = (f64, f64)> {
        let square: f64 = self.centered(row).map(|value| value * value).sum();
        let features = self.centered(row).map(|value| (-2.0 * value, value));
        features.chain([(1.0, square), (square, 1.0)])
    }

    /// The rows of a block meet each other.
    pub(super) fn own(&self, block: &mut Block<'_>) {
        let other = block.as_points();
        self.one_way(block, &other);
    }

    /// The rows of `a` meet those of `b`, which learn nothing.
    pub(super) fn one_way<'r>(&self, a: &mut Block<'r>, b: &Block<'r>) {
        self.both_ways(a, &mut b.as_points());
    }

    /// The rows of `a` meet those of `b`, and the other way round where `b` takes note.
    pub(super) fn both_ways<'r>(&self, a: &mut Block<'r>, b: &mut Block<'r>) {
        let pairs = a.rows.len() * b.rows.len();
        let in_vain = if a.needs_double || b.needs_double {
            double::screen(Meeting::new(self, a, b))
        } else {
            let (left, right) = (Arc::clone(&a.packed), Arc::clone(&b.packed));
            single::screen(&left, &right, Meeting::new(self, a, b))
        };
        let many = in_vain > pairs / 16;
        a.needs_double |= many;
        b.needs_double |= many;
    }
}
