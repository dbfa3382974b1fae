//! Eigenvalues and eigenvectors of symmetric matrices.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Columns that pass through the rotations together, as one vector instruction.
const LANES: usize = 8;

/// Rows that a thread takes at a time.
const ROWS: usize = 64;

/// A turn of the entries `place` and `place + 1` of a vector.
#[derive(Debug, Clone, Copy)]
struct Turn {
    place: u32,
    cosine: f64,
    sine: f64,
}

/// A symmetric matrix as `V diag(values) V'`, with `V` kept as the steps that made it: vectors are
/// brought into its basis and back in `O(n^2)` each, and `V` itself is never formed.
///
/// Reflections make the matrix tridiagonal (Householder), and rotations the rest (the implicit QL
/// algorithm; Golub and Van Loan, "Matrix computations", section 8.3). Eigenvalues are right to
/// rounding of the greatest. The bits do not depend on the number of threads.
#[derive(Debug)]
pub(crate) struct Spectrum {
    /// The vectors of the reflections, a row each, with zeros up to the diagonal.
    reflections: Array2<f64>,
    /// `2 / |vector|^2` of each; 0 for none.
    factors: Vec<f64>,
    turns: Vec<Turn>,
    /// Where the eigenvalues stand that are sorted in `values`.
    order: Vec<usize>,
    values: Vec<f64>,
}

impl Spectrum {
    /// That of `a`, which must be symmetric and finite.
    pub(crate) fn new(mut a: Array2<f64>) -> Self {
        let greatest = a.iter().fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
        let unit = if greatest > 0.0 { greatest } else { 1.0 };
        a /= unit;
        let (mut diagonal, mut beside, factors) = reflect(&mut a);
        let turns = turn(&mut diagonal, &mut beside);
        let mut order: Vec<usize> = (0..diagonal.len()).collect();
        order.sort_by(|&i, &j| diagonal[j].total_cmp(&diagonal[i]));
        let values = order.iter().map(|&i| diagonal[i] * unit).collect();
        Self { reflections: a, factors, turns, order, values }
    }

    /// The eigenvalues, falling.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// `V' b`: the columns of `b` in the basis of eigenvectors, in the order of their values.
    pub(crate) fn in_basis(&self, b: &Array2<f64>) -> Array2<f64> {
        let turned = self.each(b, |lanes| {
            (0..self.factors.len()).for_each(|step| self.reflect(step, lanes));
            for &Turn { place, cosine, sine } in &self.turns {
                let (low, high) = pair(lanes, place as usize);
                for (low, high) in low.iter_mut().zip(high) {
                    (*low, *high) = (cosine * *low - sine * *high, sine * *low + cosine * *high);
                }
            }
        });
        turned.select(Axis(0), &self.order)
    }

    /// `V c`: what has the columns of `c` in the basis of eigenvectors.
    pub(crate) fn out_of_basis(&self, c: &Array2<f64>) -> Array2<f64> {
        let mut placed = Array2::zeros(c.dim());
        for (row, &place) in c.outer_iter().zip(&self.order) {
            placed.row_mut(place).assign(&row);
        }
        self.each(&placed, |lanes| {
            for &Turn { place, cosine, sine } in self.turns.iter().rev() {
                let (low, high) = pair(lanes, place as usize);
                for (low, high) in low.iter_mut().zip(high) {
                    (*low, *high) = (cosine * *low + sine * *high, cosine * *high - sine * *low);
                }
            }
            (0..self.factors.len()).rev().for_each(|step| self.reflect(step, lanes));
        })
    }

    /// The first `count` eigenvectors as columns.
    pub(crate) fn vectors(&self, count: usize) -> Array2<f64> {
        let unit = |(row, column)| f64::from(u8::from(row == column));
        self.out_of_basis(&Array2::from_shape_fn((self.values.len(), count), unit))
    }

    /// Changes the columns of `b`, a few at a time.
    fn each(&self, b: &Array2<f64>, change: impl Fn(&mut [[f64; LANES]]) + Sync) -> Array2<f64> {
        let mut changed = b.clone();
        let groups: Vec<_> = changed.axis_chunks_iter_mut(Axis(1), LANES).collect();
        groups.into_par_iter().for_each(|mut columns| {
            let mut lanes = vec![[0.0; LANES]; columns.nrows()];
            for (lanes, row) in lanes.iter_mut().zip(columns.outer_iter()) {
                lanes.iter_mut().zip(row).for_each(|(lane, &value)| *lane = value);
            }
            change(&mut lanes);
            for (lanes, mut row) in lanes.iter().zip(columns.outer_iter_mut()) {
                row.iter_mut().zip(lanes).for_each(|(value, &lane)| *value = lane);
            }
        });
        changed
    }

    fn reflect(&self, step: usize, lanes: &mut [[f64; LANES]]) {
        let (_, vector) = self.reflections.row(step).split_at(Axis(0), step + 1);
        let lanes = &mut lanes[step + 1..];
        let mut sums = [0.0; LANES];
        for (&value, lanes) in vector.iter().zip(lanes.iter()) {
            sums.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += value * lane);
        }
        for (&value, lanes) in vector.iter().zip(lanes) {
            let factor = self.factors[step] * value;
            lanes.iter_mut().zip(&sums).for_each(|(lane, sum)| *lane -= factor * sum);
        }
    }
}

/// The entries `place` and `place + 1`.
fn pair(lanes: &mut [[f64; LANES]], place: usize) -> (&mut [f64; LANES], &mut [f64; LANES]) {
    let (low, high) = lanes.split_at_mut(place + 1);
    (&mut low[place], &mut high[0])
}

/// Makes `a` tridiagonal: gives back the diagonal, what stands beside it, and the factors of the
/// reflections, whose vectors are left in the rows of `a`.
fn reflect(a: &mut Array2<f64>) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let n = a.nrows();
    let (mut beside, mut factors) = (vec![0.0; n], vec![0.0; n.saturating_sub(1)]);
    let mut diagonal = vec![0.0; n];
    for step in 0..n {
        diagonal[step] = a[[step, step]];
        if step + 1 == n {
            break;
        }
        let (mut head, rest) = a.view_mut().split_at(Axis(0), step + 1);
        let (_, mut vector) = head.row_mut(step).split_at(Axis(0), step + 1);
        let length = vector.dot(&vector).sqrt();
        if step + 2 == n || length == 0.0 {
            beside[step] = vector[0];
            vector.fill(0.0);
            continue;
        }
        let end = if vector[0] > 0.0 { -length } else { length };
        beside[step] = end;
        vector[0] -= end;
        factors[step] = 2.0 / vector.dot(&vector);
        let (_, mut rest) = rest.split_at(Axis(1), step + 1);
        // A' = A - v w' - w v', with w = p - (factor v'p / 2) v and p = factor A v.
        let p = rows_dot(rest.view(), vector.view()) * factors[step];
        let half = factors[step] * vector.dot(&p) / 2.0;
        let w = p - &vector * half;
        let blocks: Vec<_> = rest.axis_chunks_iter_mut(Axis(0), ROWS).enumerate().collect();
        blocks.into_par_iter().for_each(|(block, mut rows)| {
            for (row, mut entries) in rows.outer_iter_mut().enumerate() {
                let (own_v, own_w) = (vector[block * ROWS + row], w[block * ROWS + row]);
                for ((entry, v), w) in entries.iter_mut().zip(&vector).zip(&w) {
                    *entry -= own_v * w + own_w * v;
                }
            }
        });
    }
    (diagonal, beside, factors)
}

/// The inner product of each row with `vector`.
fn rows_dot(rows: ArrayView2<'_, f64>, vector: ArrayView1<'_, f64>) -> Array1<f64> {
    let mut products = Array1::zeros(rows.nrows());
    let parts: Vec<_> = products.axis_chunks_iter_mut(Axis(0), ROWS).collect();
    parts.into_par_iter().zip(rows.axis_chunks_iter(Axis(0), ROWS).collect::<Vec<_>>()).for_each(
        |(mut products, rows)| {
            for (product, row) in products.iter_mut().zip(rows.outer_iter()) {
                *product = row.dot(&vector);
            }
        },
    );
    products
}

/// Makes a tridiagonal matrix diagonal by the implicit QL algorithm, and gives back its rotations.
fn turn(diagonal: &mut [f64], beside: &mut [f64]) -> Vec<Turn> {
    const MAX_SWEEPS: usize = 100;
    let n = diagonal.len();
    let norm = |(d, e): (&f64, &f64)| d.abs() + e.abs();
    let greatest = diagonal.iter().zip(&*beside).map(norm).fold(0.0, f64::max);
    let mut turns = Vec::new();
    for low in 0..n {
        for _ in 0..MAX_SWEEPS {
            let split = (low..n - 1).find(|&place| beside[place].abs() <= f64::EPSILON * greatest);
            let high = split.unwrap_or(n - 1);
            if high == low {
                break;
            }
            sweep(diagonal, beside, low..high, &mut turns);
        }
    }
    turns
}

/// One step of the implicit QL algorithm with Wilkinson's shift over the entries of a block, the
/// last of which is `range.end`.
fn sweep(
    diagonal: &mut [f64],
    beside: &mut [f64],
    range: std::ops::Range<usize>,
    turns: &mut Vec<Turn>,
) {
    let (low, high) = (range.start, range.end);
    let ratio = (diagonal[low + 1] - diagonal[low]) / (2.0 * beside[low]);
    let root = (ratio * ratio + 1.0).sqrt();
    let shift = ratio + if ratio < 0.0 { -root } else { root };
    let mut g = diagonal[high] - diagonal[low] + beside[low] / shift;
    let (mut sine, mut cosine, mut p) = (1.0, 1.0, 0.0);
    for place in range.rev() {
        let (f, b) = (sine * beside[place], cosine * beside[place]);
        let length = (f * f + g * g).sqrt();
        beside[place + 1] = length;
        if length == 0.0 {
            diagonal[place + 1] -= p;
            beside[high] = 0.0;
            return;
        }
        (sine, cosine) = (f / length, g / length);
        g = diagonal[place + 1] - p;
        let r = (diagonal[place] - g) * sine + 2.0 * cosine * b;
        p = sine * r;
        diagonal[place + 1] = g + p;
        g = cosine * r - b;
        turns.push(Turn { place: place as u32, cosine, sine });
    }
    diagonal[low] -= p;
    beside[low] = g;
    beside[high] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn matrices_come_back_from_their_eigenvalues() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for (n, rank) in [(1, 1), (2, 1), (3, 3), (7, 6), (30, 29), (150, 150), (150, 20)] {
            let half = Array2::from_shape_fn((n, rank), |_| rng.random_range(-1.0..1.0));
            let a = half.dot(&half.t());
            let spectrum = Spectrum::new(a.clone());
            let (values, vectors) = (Array1::from(spectrum.values().to_vec()), spectrum.vectors(n));
            let bound = 1e-13 * n as f64 * values[0];
            let back = (&vectors * &values).dot(&vectors.t());
            assert!((back - &a).iter().all(|d: &f64| d.abs() < bound));
            let unit = vectors.t().dot(&vectors) - Array2::<f64>::eye(n);
            assert!(unit.iter().all(|d| d.abs() < 1e-13 * n as f64));
            assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]));
            assert!(values.iter().skip(rank).all(|value| value.abs() < bound));
            let there_and_back = spectrum.out_of_basis(&spectrum.in_basis(&a));
            assert!((there_and_back - &a).iter().all(|d: &f64| d.abs() < bound));
        }
    }
}
