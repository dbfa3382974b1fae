//! Blocks of rows, and which pairs of two blocks are worth a measurement.

use std::sync::Arc;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayViewMut2, LinalgScalar};

use super::Rows;

/// Pairs that are compared at a time, with the limits as they are then; a multiple of 8.
const STRETCH: usize = 64;

/// The precision of products.
trait Precision: LinalgScalar + PartialOrd {
    /// The greatest relative error of one operation.
    const UNIT: f64;
    /// What is lost below the normal numbers.
    const TINY: f64;
    const MINUS_INFINITY: Self;
    fn of(value: f64) -> Self;
    /// Hands over a place for `length` numbers, which is kept for the next call on this thread.
    fn with_place<R>(length: usize, work: impl FnOnce(&mut [Self]) -> R) -> R;
}

macro_rules! precision {
    ($float:ty) => {
        impl Precision for $float {
            const UNIT: f64 = <$float>::EPSILON as f64 / 2.0;
            const TINY: f64 = <$float>::MIN_POSITIVE as f64;
            const MINUS_INFINITY: Self = <$float>::NEG_INFINITY;
            fn of(value: f64) -> Self {
                value as $float
            }
            fn with_place<R>(length: usize, work: impl FnOnce(&mut [Self]) -> R) -> R {
                thread_local! {
                    static PLACE: std::cell::Cell<Vec<$float>> = const { std::cell::Cell::new(Vec::new()) };
                }
                let mut place = PLACE.take();
                place.resize(place.len().max(length), 0.0);
                let result = work(&mut place[..length]);
                PLACE.set(place);
                result
            }
        }
    };
}
precision!(f32);
precision!(f64);

/// What all blocks have in common: the rows, and how they are brought near zero for products.
pub(super) struct Frame<'a> {
    x: Rows<'a>,
    center: Vec<f64>,
    /// A power of two by which no centered value exceeds 1.
    scale: f64,
    k: usize,
}

/// Rows with the nearest ones that they have met.
pub(super) struct Block<'a> {
    rows: &'a [usize],
    single: Arc<Factors<f32>>,
    nearest: Vec<Nearest>,
    /// The length of the longest row, centered and scaled.
    longest: f64,
    /// Whether `f32` tells too few pairs apart.
    needs_double: bool,
}

/// What rows are multiplied by, a column a row: packing them for the product then copies.
struct Factors<T> {
    /// `(-2a, 1, |a|^2)`, whose product with `right` is the squared distance.
    left: Array2<T>,
    /// `(b, |b|^2, 1)`.
    right: Array2<T>,
}

impl<'a> Block<'a> {
    /// The same rows, which take no note of what they meet.
    fn as_points(&self) -> Self {
        Block { single: Arc::clone(&self.single), nearest: Vec::new(), ..*self }
    }

    /// Squared distances and rows of the neighbors, row by row.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (f64, usize)> {
        self.nearest.iter().flat_map(|nearest| nearest.0.iter().copied())
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
        let place = self.0.partition_point(|other| (other.0, other.1) < found);
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
        let longest = rows.iter().map(length).fold(0.0, f64::max).sqrt();
        let nearest = vec![Nearest(Vec::with_capacity(self.k)); rows.len()];
        let single = Arc::new(self.factors(rows));
        Block { rows, single, nearest, longest, needs_double: false }
    }

    fn centered(&self, row: usize) -> impl Iterator<Item = f64> {
        let values = self.x.row(row).iter().zip(&self.center);
        values.map(|(value, mean)| (value - mean) * self.scale)
    }

    fn factors<T: Precision>(&self, rows: &[usize]) -> Factors<T> {
        let width = self.center.len();
        let mut left = Array2::zeros((width + 2, rows.len()));
        let mut right = Array2::zeros((width + 2, rows.len()));
        for (column, &row) in rows.iter().enumerate() {
            let mut square = 0.0;
            for (feature, centered) in self.centered(row).enumerate() {
                square += centered * centered;
                left[[feature, column]] = T::of(-2.0 * centered);
                right[[feature, column]] = T::of(centered);
            }
            left[[width, column]] = T::one();
            right[[width, column]] = T::of(square);
            left[[width + 1, column]] = T::of(square);
            right[[width + 1, column]] = T::one();
        }
        Factors { left, right }
    }

    /// The rows of a block meet each other.
    pub(super) fn own(&self, block: &mut Block<'_>) {
        let other = block.as_points();
        self.one_way(block, &other);
    }

    /// The rows of `a` meet those of `b`, which learn nothing.
    pub(super) fn one_way(&self, a: &mut Block<'_>, b: &Block<'_>) {
        self.both_ways(a, &mut b.as_points());
    }

    /// The rows of `a` meet those of `b`, and the other way round where `b` takes note.
    pub(super) fn both_ways(&self, a: &mut Block<'_>, b: &mut Block<'_>) {
        let in_vain = if a.needs_double || b.needs_double {
            let (left, right) = (self.factors::<f64>(a.rows).left, self.factors(b.rows).right);
            self.meet(&left, &right, a, b)
        } else {
            let (left, right) = (Arc::clone(&a.single), Arc::clone(&b.single));
            self.meet(&left.left, &right.right, a, b)
        };
        let many = in_vain > a.rows.len() * b.rows.len() / 16;
        a.needs_double |= many;
        b.needs_double |= many;
    }

    /// Gives back how many pairs were measured for nothing.
    fn meet<T: Precision>(
        &self,
        left: &Array2<T>,
        right: &Array2<T>,
        a: &mut Block<'_>,
        b: &mut Block<'_>,
    ) -> usize {
        let shape = (a.rows.len(), b.rows.len());
        T::with_place(shape.0 * shape.1, |place| {
            if let Ok(mut products) = ArrayViewMut2::from_shape(shape, place) {
                general_mat_mul(T::one(), &left.t(), right, T::zero(), &mut products);
            }
            self.measure(place, a, b)
        })
    }

    /// How far a product may lie from the measured squared distance, both scaled.
    ///
    /// A sum of `d + 2` products in any order is within `(d + 2) unit` of the sum of magnitudes,
    /// which is at most `(|a| + |b|)^2`; centering, rounding to `T`, the squares and the measured
    /// distance add less than as much again.
    fn slack<T: Precision>(&self, a: &Block<'_>, b: &Block<'_>) -> f64 {
        let terms = (2 * self.center.len() + 32) as f64;
        let length = a.longest + b.longest;
        terms * (T::UNIT * length * length + T::TINY)
    }

    /// Measures the pairs that `products`, `(a, b)`, do not rule out.
    fn measure<T: Precision>(&self, products: &[T], a: &mut Block<'_>, b: &mut Block<'_>) -> usize {
        let (k, slack) = (self.k, self.slack::<T>(a, b));
        let limit = |nearest: &Nearest| T::of(nearest.bound(k) * self.scale * self.scale + slack);
        let mut limits: Vec<T> = b.nearest.iter().map(limit).collect();
        limits.resize(b.rows.len(), T::MINUS_INFINITY);
        let mut flags = [0; STRETCH];
        let mut in_vain = 0;
        let lines = products.chunks(b.rows.len().max(1));
        for ((line, &row), nearest) in lines.zip(a.rows).zip(&mut a.nearest) {
            let mut own = limit(nearest);
            for start in (0..line.len()).step_by(STRETCH) {
                let end = line.len().min(start + STRETCH);
                flag_near(&line[start..end], &limits[start..end], own, &mut flags);
                for place in flagged(&flags[..end - start]).map(|place| start + place) {
                    let (value, other) = (line[place], b.rows[place]);
                    // The limits may have fallen since.
                    let (is_near, is_near_other) = (value <= own, value <= limits[place]);
                    if !(is_near || is_near_other) || other == row {
                        continue;
                    }
                    let mut useful = false;
                    if is_near && nearest.meet(k, other, || self.x.square(row, other)) {
                        own = limit(nearest);
                        useful = true;
                    }
                    if is_near_other && b.nearest[place].meet(k, row, || self.x.square(row, other))
                    {
                        limits[place] = limit(&b.nearest[place]);
                        useful = true;
                    }
                    in_vain += usize::from(!useful);
                }
            }
        }
        in_vain
    }
}

/// Sets to 1 the flag of each value that does not exceed `own` or its limit, and the others to 0.
fn flag_near<T: Precision>(values: &[T], limits: &[T], own: T, flags: &mut [u8]) {
    // Without a branch, so that it becomes vector instructions.
    for ((flag, &value), &limit) in flags.iter_mut().zip(values).zip(limits) {
        *flag = u8::from(value <= own) | u8::from(value <= limit);
    }
}

/// The places whose flag is set.
fn flagged(flags: &[u8]) -> impl Iterator<Item = usize> {
    flags.chunks(8).enumerate().flat_map(|(chunk, part)| {
        let mut bytes = [0; 8];
        bytes[..part.len()].copy_from_slice(part);
        let mut bits = u64::from_le_bytes(bytes);
        std::iter::from_fn(move || {
            let lane = bits.trailing_zeros() as usize / 8;
            bits &= bits.wrapping_sub(1);
            (lane < 8).then_some(chunk * 8 + lane)
        })
    })
}
