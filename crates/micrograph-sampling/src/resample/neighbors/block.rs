//! Blocks of rows with the nearest ones that they have met.

use std::sync::{Arc, OnceLock};

use super::Rows;
use super::meeting::Meeting;
use super::short::Short;
use super::{double, short, single};

/// What all blocks have in common: the rows, and how they are brought near zero for products.
pub(super) struct Frame<'a> {
    pub(super) x: Rows<'a>,
    center: Vec<f64>,
    /// A power of two by which no centered value exceeds 1.
    pub(super) scale: f64,
    /// How rows become whole numbers, where they can.
    pub(super) short: Option<Short>,
    pub(super) k: usize,
}

/// In which numbers rows are compared; a block goes on to the next where one tells too few pairs
/// apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Short,
    Single,
    Double,
}

/// The factors of a block in those numbers; of `f32` when they are needed.
struct Packed {
    short: Option<short::Packed>,
    single: OnceLock<single::Packed>,
}

/// Rows with the nearest ones that they have met.
pub(super) struct Block<'a> {
    pub(super) rows: &'a [usize],
    nearest: Vec<Nearest>,
    /// The squared distances that further ones must not exceed.
    pub(super) bounds: Vec<f64>,
    /// The length of the longest row, centered and scaled.
    pub(super) longest: f64,
    packed: Arc<Packed>,
    level: Level,
}

impl Block<'_> {
    /// Squared distances and rows of the neighbors, row by row.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (f64, usize)> {
        self.nearest.iter().flat_map(|nearest| nearest.0.iter().copied())
    }

    /// The same rows, which take no note of what they meet.
    fn as_points(&self) -> Self {
        let packed = Arc::clone(&self.packed);
        Block { packed, nearest: Vec::new(), bounds: Vec::new(), ..*self }
    }

    /// The new bound of the row at `place` where `row` is among its `k` nearest, and now noted.
    pub(super) fn meet(
        &mut self,
        place: usize,
        k: usize,
        row: usize,
        square: impl FnOnce() -> f64,
    ) -> Option<f64> {
        let nearest = &mut self.nearest[place];
        if !nearest.meet(k, row, square) {
            return None;
        }
        self.bounds[place] = nearest.bound(k);
        Some(self.bounds[place])
    }
}

/// Up to `k` neighbors of a row by squared distance and row, ascending.
#[derive(Clone)]
struct Nearest(Vec<(f64, usize)>);

impl Nearest {
    /// The squared distance that a further one must not exceed.
    fn bound(&self, k: usize) -> f64 {
        if self.0.len() < k { f64::INFINITY } else { self.0[k - 1].0 }
    }

    /// Whether `row` is among the nearest, and now noted.
    fn meet(&mut self, k: usize, row: usize, square: impl FnOnce() -> f64) -> bool {
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
        let (mut farthest, mut longest) = (0.0_f64, 0.0_f64);
        for &row in points.iter().chain(queries) {
            let mut square = 0.0;
            for (value, mean) in x.row(row).iter().zip(&center) {
                let off = value - mean;
                farthest = farthest.max(off.abs());
                square += off * off;
            }
            longest = longest.max(square);
        }
        // All equal, or so near that no square is left: nothing is ruled out.
        let exponent = farthest.log2().ceil();
        let scale = if exponent.abs() < 600.0 { (-exponent).exp2() } else { 1.0 };
        let short = Short::new(longest.sqrt(), x.width);
        Self { x, center, scale, short, k }
    }

    pub(super) fn block<'r>(&self, rows: &'r [usize]) -> Block<'r> {
        let length = |row: &usize| self.centered(*row).map(|value| value * value).sum::<f64>();
        Block {
            rows,
            nearest: vec![Nearest(Vec::with_capacity(self.k)); rows.len()],
            bounds: vec![f64::INFINITY; rows.len()],
            longest: rows.iter().map(length).fold(0.0, f64::max).sqrt(),
            packed: Arc::new(Packed {
                short: self.short.map(|short| short::Packed::new(self, short, rows)),
                single: OnceLock::new(),
            }),
            level: if self.short.is_some() { Level::Short } else { Level::Single },
        }
    }

    /// How many numbers a row is multiplied by: its features, its square, and 1.
    pub(super) fn width(&self) -> usize {
        self.center.len() + 2
    }

    pub(super) fn features(&self) -> usize {
        self.center.len()
    }

    /// A row around the center.
    pub(super) fn around_center(&self, row: usize) -> impl Iterator<Item = f64> {
        self.x.row(row).iter().zip(&self.center).map(|(value, mean)| value - mean)
    }

    fn centered(&self, row: usize) -> impl Iterator<Item = f64> {
        self.around_center(row).map(|value| value * self.scale)
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
        let level = a.level.max(b.level);
        let (left, right) = (Arc::clone(&a.packed), Arc::clone(&b.packed));
        let in_vain = match (level, self.short, &left.short, &right.short) {
            (Level::Short, Some(short), Some(left), Some(right)) => {
                short::screen(short, left, right, Meeting::new(self, a, b))
            }
            (Level::Double, ..) => double::screen(Meeting::new(self, a, b)),
            _ => {
                let left = left.single.get_or_init(|| single::Packed::new(self, a.rows));
                let right = right.single.get_or_init(|| single::Packed::new(self, b.rows));
                single::screen(left, right, Meeting::new(self, a, b))
            }
        };
        if in_vain > pairs / 16 {
            let next = if level == Level::Short { Level::Single } else { Level::Double };
            a.level = a.level.max(next);
            b.level = b.level.max(next);
        }
    }
}
