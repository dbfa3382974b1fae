//! Sequential minimal optimization as in LIBSVM.
//!
//! With signed coefficients `beta = y alpha` every machine is the same problem: minimize
//! `beta' K beta / 2 - p' beta` with `sum beta` constant and `lower <= beta <= upper`. Its
//! gradient, taken negative, is `slope = p - K beta`. No sign of a label is left in the loops.

use super::gram::Gram;
use crate::{Error, Result};

/// In place of a curvature that is not positive, as in LIBSVM.
const FLAT: f64 = 1e-12;

/// Iterations between two attempts to shrink the problem.
const SHRINK_EVERY: usize = 1000;

/// Kernel rows that are computed together: that which is needed, and the likeliest next ones.
const BATCH: usize = 8;

/// What is to be minimized over samples of a [`Gram`].
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// The row and column of each sample in the kernel matrix.
    pub(super) columns: Vec<usize>,
    /// The linear term `p`.
    pub(super) linear: Vec<f64>,
    /// The least coefficient of each sample.
    pub(super) lower: Vec<f64>,
    /// The greatest.
    pub(super) upper: Vec<f64>,
    /// Where to begin; within the bounds, and with the sum that stays.
    pub(super) beta: Vec<f64>,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) tolerance: f64,
    pub(super) max_iterations: usize,
}

/// The least point.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    /// The coefficient of each sample, in the order of the problem.
    pub(super) beta: Vec<f64>,
    /// What is subtracted from `sum beta K`.
    pub(super) rho: f64,
}

/// Solves `problem` until no pair of samples violates the optimality conditions by more than
/// `limits.tolerance`.
pub(super) fn solve(problem: Problem, gram: &mut Gram, limits: Limits) -> Result<Solution> {
    let mut state = State::new(problem, gram);
    let (mut iterations, mut unshrunk) = (0, false);
    loop {
        let (violation, pair) = state.select(gram);
        let Some(pair) = pair.filter(|_| violation >= limits.tolerance) else {
            if state.active == state.beta.len() {
                return Ok(state.finish());
            }
            // Those that were set aside have the last word.
            state.restore(gram);
            continue;
        };
        if iterations == limits.max_iterations {
            let (quantity, tolerance) = ("the violation of optimality", limits.tolerance);
            return Err(Error::NotConverged { iterations, quantity, value: violation, tolerance });
        }
        state.step(pair, gram);
        iterations += 1;
        // Not between two looks without a step, so that the loop cannot run in a circle.
        if iterations % SHRINK_EVERY.min(state.beta.len()) == 0 {
            state.shrink(gram, &mut unshrunk, limits.tolerance);
        }
    }
}

/// The point where the solver stands; samples that are at work stand before `active`.
struct State {
    order: Vec<usize>,
    columns: Vec<usize>,
    linear: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    beta: Vec<f64>,
    slope: Vec<f64>,
    diagonal: Vec<f64>,
    active: usize,
}

impl State {
    fn new(problem: Problem, gram: &mut Gram) -> Self {
        let Problem { columns, linear, lower, upper, beta } = problem;
        let n = columns.len();
        let diagonal = columns.iter().map(|&column| gram.diagonal(column)).collect();
        let (order, slope) = ((0..n).collect(), linear.clone());
        let mut state =
            Self { order, columns, linear, lower, upper, beta, slope, diagonal, active: 0 };
        state.restore(gram);
        state
    }

    fn can_rise(&self, t: usize) -> bool {
        self.beta[t] < self.upper[t]
    }

    fn can_fall(&self, t: usize) -> bool {
        self.beta[t] > self.lower[t]
    }

    /// The working set by second-order information (Fan, Chen and Lin 2005, WSS 2), and by how
    /// much the optimality conditions are violated.
    fn select(&self, gram: &mut Gram) -> (f64, Option<(usize, usize)>) {
        let (mut first, mut highest) = (None, f64::NEG_INFINITY);
        for t in 0..self.active {
            if self.slope[t] > highest && self.can_rise(t) {
                (first, highest) = (Some(t), self.slope[t]);
            }
        }
        let Some(i) = first else { return (0.0, None) };
        self.ensure(i, i, gram);
        let row = gram.row(self.columns[i]);
        let own = self.diagonal[i];
        let (mut second, mut lowest) = (None, f64::INFINITY);
        let (mut best_gain, mut best_curvature) = (0.0, 1.0);
        for t in 0..self.active {
            if !self.can_fall(t) {
                continue;
            }
            lowest = f64::min(lowest, self.slope[t]);
            let difference = highest - self.slope[t];
            if difference > 0.0 {
                let curvature = own + self.diagonal[t] - 2.0 * f64::from(row[self.columns[t]]);
                let curvature = if curvature > 0.0 { curvature } else { FLAT };
                let gain = difference * difference;
                if gain * best_curvature > best_gain * curvature {
                    (second, best_gain, best_curvature) = (Some(t), gain, curvature);
                }
            }
        }
        (highest - lowest, second.map(|j| (i, j)))
    }

    /// Moves along `pair` to the least point between the bounds.
    fn step(&mut self, (i, j): (usize, usize), gram: &mut Gram) {
        self.ensure(j, i, gram);
        let (row_i, row_j) = (gram.row(self.columns[i]), gram.row(self.columns[j]));
        let curvature =
            self.diagonal[i] + self.diagonal[j] - 2.0 * f64::from(row_i[self.columns[j]]);
        let free = (self.slope[i] - self.slope[j]) / if curvature > 0.0 { curvature } else { FLAT };
        let (room_i, room_j) = (self.upper[i] - self.beta[i], self.beta[j] - self.lower[j]);
        let moved = free.min(room_i).min(room_j);
        // A bound is reached exactly, so that the sample counts as bounded.
        self.beta[i] = if moved == room_i { self.upper[i] } else { self.beta[i] + moved };
        self.beta[j] = if moved == room_j { self.lower[j] } else { self.beta[j] - moved };
        let columns = &self.columns[..self.active];
        for (slope, &column) in self.slope.iter_mut().zip(columns) {
            *slope -= moved * (f64::from(row_i[column]) - f64::from(row_j[column]));
        }
    }

    /// Has the row of `needed` at hand; a row that must be computed is computed together with
    /// those of the samples that violate most.
    fn ensure(&self, needed: usize, kept: usize, gram: &mut Gram) {
        let mut rows = vec![self.columns[needed], self.columns[kept]];
        rows.dedup();
        if !gram.has(rows[0]) {
            rows.extend(self.likely(needed, gram));
        }
        gram.ensure(&rows);
    }

    /// The columns without a row of which the next steps will most likely ask.
    fn likely(&self, needed: usize, gram: &Gram) -> Vec<usize> {
        let (mut rising, mut falling) = (Vec::new(), Vec::new());
        for t in (0..self.active).filter(|&t| t != needed && !gram.has(self.columns[t])) {
            if self.can_rise(t) {
                keep_highest(&mut rising, self.slope[t], self.columns[t]);
            }
            if self.can_fall(t) {
                keep_highest(&mut falling, -self.slope[t], self.columns[t]);
            }
        }
        rising.truncate(BATCH / 2 - 1);
        let mut columns: Vec<usize> = rising.iter().chain(&falling).map(|entry| entry.1).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Sets aside the samples that stand firmly at a bound.
    fn shrink(&mut self, gram: &mut Gram, unshrunk: &mut bool, tolerance: f64) {
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for t in 0..self.active {
            if self.can_rise(t) {
                highest = highest.max(self.slope[t]);
            }
            if self.can_fall(t) {
                lowest = lowest.min(self.slope[t]);
            }
        }
        if !*unshrunk && highest - lowest <= 10.0 * tolerance {
            *unshrunk = true;
            self.restore(gram);
        }
        let mut t = 0;
        while t < self.active {
            let firm = (!self.can_rise(t) && self.slope[t] > highest)
                || (!self.can_fall(t) && self.slope[t] < lowest);
            if firm {
                self.active -= 1;
                self.swap(t, self.active);
            } else {
                t += 1;
            }
        }
    }

    /// Takes all samples back to work, with slopes that are computed anew where they were not kept.
    fn restore(&mut self, gram: &mut Gram) {
        let aside = self.active..self.beta.len();
        self.slope[aside.clone()].copy_from_slice(&self.linear[aside.clone()]);
        let support: Vec<usize> = (0..self.beta.len()).filter(|&t| self.beta[t] != 0.0).collect();
        for batch in support.chunks(BATCH) {
            gram.ensure(&batch.iter().map(|&t| self.columns[t]).collect::<Vec<_>>());
            for &t in batch {
                let (beta, row) = (self.beta[t], gram.row(self.columns[t]));
                for (slope, &column) in
                    self.slope[aside.clone()].iter_mut().zip(&self.columns[aside.clone()])
                {
                    *slope -= beta * f64::from(row[column]);
                }
            }
        }
        self.active = self.beta.len();
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.order.swap(a, b);
        self.columns.swap(a, b);
        for values in [
            &mut self.linear,
            &mut self.lower,
            &mut self.upper,
            &mut self.beta,
            &mut self.slope,
            &mut self.diagonal,
        ] {
            values.swap(a, b);
        }
    }

    fn finish(self) -> Solution {
        let free = |t: &usize| self.can_rise(*t) && self.can_fall(*t);
        let free: Vec<usize> = (0..self.beta.len()).filter(free).collect();
        let level = if free.is_empty() {
            let rising = (0..self.beta.len()).filter(|&t| self.can_rise(t));
            let falling = (0..self.beta.len()).filter(|&t| self.can_fall(t));
            let highest = rising.map(|t| self.slope[t]).fold(f64::NEG_INFINITY, f64::max);
            let lowest = falling.map(|t| self.slope[t]).fold(f64::INFINITY, f64::min);
            match (highest.is_finite(), lowest.is_finite()) {
                (true, true) => f64::midpoint(highest, lowest),
                (true, false) => highest,
                _ => lowest,
            }
        } else {
            free.iter().map(|&t| self.slope[t]).sum::<f64>() / free.len() as f64
        };
        let mut beta = vec![0.0; self.beta.len()];
        self.order.iter().zip(&self.beta).for_each(|(&place, &value)| beta[place] = value);
        Solution { beta, rho: -level }
    }
}

/// Keeps the highest few entries, falling.
fn keep_highest(entries: &mut Vec<(f64, usize)>, value: f64, column: usize) {
    let place = entries.partition_point(|entry| entry.0 >= value);
    if place < BATCH / 2 {
        entries.truncate(BATCH / 2 - 1);
        entries.insert(place, (value, column));
    }
}

#[cfg(test)]
mod tests;
