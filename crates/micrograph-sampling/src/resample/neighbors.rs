//! Exact nearest neighbors: products screen, plain differences decide.
//!
//! `|a - b|^2 = |a|^2 + |b|^2 - 2ab` costs one product, which many pairs share the reading for, but
//! its rounding may put the wrong neighbor first. So it only rules pairs out, in whole numbers, then
//! in `f32` and `f64` where these tell too few apart, those whose distance is
//! certainly above that of the `k` nearest so far, and what is left is measured by plain differences
//! in `f64`. The result is that of plain differences alone, whatever the order of the work, the
//! number of threads and the instructions of the machine.

mod block;
mod double;
mod meeting;
mod short;
mod single;

use ndarray::ArrayView2;
use rayon::prelude::*;

use block::{Block, Frame};

/// Rows of a block: two of them, packed, fit a core's second cache.
const BLOCK: usize = 256;

/// A matrix in rows, one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    values: &'a [f64],
    width: usize,
}

impl<'a> Rows<'a> {
    /// `x` in standard layout; another one gives no rows.
    pub(super) fn new(x: ArrayView2<'a, f64>) -> Self {
        Self { values: x.to_slice().unwrap_or_default(), width: x.ncols() }
    }

    /// How many rows there are.
    fn rows(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    pub(super) fn row(&self, row: usize) -> &'a [f64] {
        &self.values[row * self.width..][..self.width]
    }

    /// `sum (a - b)^2`, always in the same order.
    pub(super) fn square(&self, a: usize, b: usize) -> f64 {
        squared_distance(self.row(a), self.row(b))
    }
}

/// `sum (a - b)^2` of vectors of the same length, always in the same order.
pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<4>();
    let (b, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..4 {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| (a - b) * (a - b)).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The neighbors of each query, the nearest first; of equally near ones the first row.
#[derive(Debug, PartialEq)]
pub(super) struct Neighbors {
    /// How many each query has.
    pub(super) k: usize,
    rows: Vec<usize>,
    squares: Vec<f64>,
}

impl Neighbors {
    /// The neighbors of the query at `place`.
    pub(super) fn rows(&self, place: usize) -> &[usize] {
        &self.rows[place * self.k..][..self.k]
    }

    /// Their squared distances.
    pub(super) fn squares(&self, place: usize) -> &[f64] {
        &self.squares[place * self.k..][..self.k]
    }
}

/// The `k` nearest of the rows `points` to each of the rows `queries`, never a row to itself.
///
/// Both ascend; either all queries are among the points or none is. With fewer points, `k` is as
/// many as there are, without the query itself.
pub(super) fn nearest(x: Rows<'_>, queries: &[usize], points: &[usize], k: usize) -> Neighbors {
    if queries == points && points.len() < x.rows() {
        return among_few(x, points, k);
    }
    let own = queries.iter().any(|query| points.binary_search(query).is_ok());
    let k = k.min(points.len().saturating_sub(usize::from(own)));
    search(&Frame::new(x, queries, points, k), queries, points)
}

fn search(frame: &Frame<'_>, queries: &[usize], points: &[usize]) -> Neighbors {
    let k = frame.k;
    let mut found = blocks(frame, queries);
    if k > 0 && queries == points {
        among(frame, &mut found);
    } else if k > 0 {
        let points = blocks(frame, points);
        found.par_iter_mut().for_each(|block| {
            points.iter().for_each(|points| frame.one_way(block, points));
        });
    }
    let mut neighbors = Neighbors {
        k,
        rows: Vec::with_capacity(queries.len() * k),
        squares: Vec::with_capacity(queries.len() * k),
    };
    for (square, row) in found.iter().flat_map(Block::nearest) {
        neighbors.rows.push(row);
        neighbors.squares.push(square);
    }
    neighbors
}

/// The nearest among a part of the rows, which are brought together: scattered over pages of
/// memory, measuring them takes twice as long.
fn among_few(x: Rows<'_>, rows: &[usize], k: usize) -> Neighbors {
    let mut values = Vec::with_capacity(rows.len() * x.width);
    rows.iter().for_each(|&row| values.extend_from_slice(x.row(row)));
    let places: Vec<usize> = (0..rows.len()).collect();
    let together = Rows { values: &values, width: x.width };
    let mut neighbors = nearest(together, &places, &places, k);
    // Both ascend, so that the first of equally near ones stays the first.
    neighbors.rows.iter_mut().for_each(|place| *place = rows[*place]);
    neighbors
}

fn blocks<'r>(frame: &Frame<'_>, rows: &'r [usize]) -> Vec<Block<'r>> {
    rows.par_chunks(BLOCK).map(|rows| frame.block(rows)).collect()
}

/// Each row of `blocks` meets each other one once: halves among themselves, then across.
fn among(frame: &Frame<'_>, blocks: &mut [Block<'_>]) {
    match blocks {
        [] => (),
        [block] => frame.own(block),
        _ => {
            let (first, second) = blocks.split_at_mut(blocks.len() / 2);
            rayon::join(|| among(frame, first), || among(frame, second));
            across(frame, first, second);
        }
    }
}

/// Each row of `a` meets each of `b`; threads work on quarters that share no block.
fn across<'r>(frame: &Frame<'_>, a: &mut [Block<'r>], b: &mut [Block<'r>]) {
    match (a, b) {
        ([], _) | (_, []) => (),
        ([a], [b]) => frame.both_ways(a, b),
        ([a], b) => b.iter_mut().for_each(|b| frame.both_ways(a, b)),
        (a, [b]) => a.iter_mut().for_each(|a| frame.both_ways(a, b)),
        (a, b) => {
            let (a1, a2) = a.split_at_mut(a.len() / 2);
            let (b1, b2) = b.split_at_mut(b.len() / 2);
            rayon::join(|| across(frame, a1, b1), || across(frame, a2, b2));
            rayon::join(|| across(frame, a1, b2), || across(frame, a2, b1));
        }
    }
}

#[cfg(test)]
mod tests;
