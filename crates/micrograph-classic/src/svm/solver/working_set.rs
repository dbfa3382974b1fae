//! Which two coefficients move next.

use super::super::gram::Gram;
use super::{BATCH, FLAT, State};

/// A pair of samples that violates the optimality conditions.
struct Partner {
    /// The sample that falls while the first rises.
    second: Option<usize>,
    /// By how much the pair would lower the objective, as `difference^2 / curvature`.
    gain: (f64, f64),
    /// The greatest slope of a sample that may rise less the least of one that may fall.
    violation: f64,
}

impl State {
    /// The working set by second-order information (Fan, Chen and Lin 2005, WSS 2), and by how
    /// much the optimality conditions are violated; of groups that which gains most.
    pub(super) fn select(&self, gram: &mut Gram) -> (f64, Option<(usize, usize)>) {
        let (mut violation, mut best, mut pair) = (f64::NEG_INFINITY, (0.0, 1.0), None);
        for group in 0..self.groups {
            let Some(first) = self.highest(group) else { continue };
            self.ensure(first, first, gram);
            let partner = self.partner(first, group, gram);
            violation = violation.max(partner.violation);
            if partner.gain.0 * best.1 > best.0 * partner.gain.1 {
                best = partner.gain;
                pair = partner.second.map(|second| (first, second));
            }
        }
        (violation, pair)
    }

    /// The sample of `group` with the greatest slope of those that may rise.
    fn highest(&self, group: u8) -> Option<usize> {
        let (mut first, mut highest) = (None, f64::NEG_INFINITY);
        for t in 0..self.active {
            if self.slope[t] > highest && self.can_rise(t) && self.group[t] == group {
                (first, highest) = (Some(t), self.slope[t]);
            }
        }
        first
    }

    /// What may fall while `i` rises and gains most.
    fn partner(&self, i: usize, group: u8, gram: &Gram) -> Partner {
        let row = gram.row(self.columns[i]);
        let (own, highest) = (self.diagonal[i], self.slope[i]);
        let (mut second, mut lowest) = (None, f64::INFINITY);
        let (mut best_gain, mut best_curvature) = (0.0, 1.0);
        for t in 0..self.active {
            if !self.can_fall(t) || self.group[t] != group {
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
        Partner { second, gain: (best_gain, best_curvature), violation: highest - lowest }
    }

    /// Has the row of `needed` at hand; a row that must be computed is computed together with
    /// those of the samples that violate most.
    pub(super) fn ensure(&self, needed: usize, kept: usize, gram: &mut Gram) {
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
}

/// Keeps the highest few entries, falling.
fn keep_highest(entries: &mut Vec<(f64, usize)>, value: f64, column: usize) {
    let place = entries.partition_point(|entry| entry.0 >= value);
    if place < BATCH / 2 {
        entries.truncate(BATCH / 2 - 1);
        entries.insert(place, (value, column));
    }
}
