//! Sequential minimal optimization as in LIBSVM.
//!
//! With signed coefficients `beta = y alpha` every machine is the same problem: minimize
//! `beta' K beta / 2 - p' beta` with `sum beta` of each group constant and
//! `lower <= beta <= upper`. Its gradient, taken negative, is `slope = p - K beta`. No sign of a
//! label is left in the loops. Machines have one group; those of `nu` have one for each class.

mod shrinking;
mod working_set;

use super::gram::Gram;
use crate::{Error, Result};

/// In place of a curvature that is not positive, as in LIBSVM.
const FLAT: f64 = 1e-12;

/// How near to a bound, of the distance of the bounds, counts as at it.
const NEAR: f64 = 1e-12;

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
    /// Where to begin; within the bounds, and with the sums that stay.
    pub(super) beta: Vec<f64>,
    /// The group of each sample, 0 or 1; empty where there is one group alone.
    pub(super) group: Vec<u8>,
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
    /// The slope between those that may rise and those that may fall, of each group.
    pub(super) levels: [f64; 2],
}

/// Solves `problem` until no pair of samples of a group violates the optimality conditions by more
/// than `limits.tolerance`.
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
    group: Vec<u8>,
    groups: u8,
    active: usize,
}

impl State {
    fn new(problem: Problem, gram: &mut Gram) -> Self {
        let Problem { columns, linear, lower, upper, beta, mut group } = problem;
        let n = columns.len();
        let groups = if group.is_empty() { 1 } else { 2 };
        group.resize(n, 0);
        let diagonal = columns.iter().map(|&column| gram.diagonal(column)).collect();
        let (order, slope) = ((0..n).collect(), linear.clone());
        let mut state = Self {
            order,
            columns,
            linear,
            lower,
            upper,
            beta,
            slope,
            diagonal,
            group,
            groups,
            active: 0,
        };
        state.restore(gram);
        state
    }

    fn can_rise(&self, t: usize) -> bool {
        self.beta[t] < self.upper[t]
    }

    fn can_fall(&self, t: usize) -> bool {
        self.beta[t] > self.lower[t]
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
        // A bound is reached exactly, so that the sample counts as bounded; also where rounding
        // leaves a trifle, as where all samples of balanced classes come to their bounds.
        let reached = |room: f64, t: usize| room - moved <= NEAR * (self.upper[t] - self.lower[t]);
        let (rises, falls) = (reached(room_i, i), reached(room_j, j));
        self.beta[i] = if rises { self.upper[i] } else { self.beta[i] + moved };
        self.beta[j] = if falls { self.lower[j] } else { self.beta[j] - moved };
        let columns = &self.columns[..self.active];
        for (slope, &column) in self.slope.iter_mut().zip(columns) {
            *slope -= moved * (f64::from(row_i[column]) - f64::from(row_j[column]));
        }
    }

    fn finish(self) -> Solution {
        let levels = [self.level(0), self.level(1)];
        let mut beta = vec![0.0; self.beta.len()];
        self.order.iter().zip(&self.beta).for_each(|(&place, &value)| beta[place] = value);
        Solution { beta, levels }
    }

    /// The mean slope of the free samples of a group; where there is none, the middle between those
    /// that may rise and those that may fall.
    fn level(&self, group: u8) -> f64 {
        let (mut sum, mut free) = (0.0, 0_usize);
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for t in (0..self.beta.len()).filter(|&t| self.group[t] == group) {
            let slope = self.slope[t];
            if self.can_rise(t) {
                highest = highest.max(slope);
            }
            if self.can_fall(t) {
                lowest = lowest.min(slope);
            }
            if self.can_rise(t) && self.can_fall(t) {
                sum += slope;
                free += 1;
            }
        }
        match (free, highest.is_finite(), lowest.is_finite()) {
            (1.., _, _) => sum / free as f64,
            (0, true, true) => f64::midpoint(highest, lowest),
            (0, true, false) => highest,
            (0, false, _) => lowest,
        }
    }
}

#[cfg(test)]
mod tests;
