//! Samples that stand firmly at a bound are set aside, and taken back to have the last word.

use super::super::gram::Gram;
use super::{BATCH, State};

impl State {
    /// Sets aside the samples that stand firmly at a bound.
    pub(super) fn shrink(&mut self, gram: &mut Gram, unshrunk: &mut bool, tolerance: f64) {
        let (mut highest, mut lowest) = ([f64::NEG_INFINITY; 2], [f64::INFINITY; 2]);
        for t in 0..self.active {
            let group = usize::from(self.group[t]);
            if self.can_rise(t) {
                highest[group] = highest[group].max(self.slope[t]);
            }
            if self.can_fall(t) {
                lowest[group] = lowest[group].min(self.slope[t]);
            }
        }
        let violation = (highest[0] - lowest[0]).max(highest[1] - lowest[1]);
        if !*unshrunk && violation <= 10.0 * tolerance {
            *unshrunk = true;
            self.restore(gram);
        }
        let mut t = 0;
        while t < self.active {
            let group = usize::from(self.group[t]);
            let firm = (!self.can_rise(t) && self.slope[t] > highest[group])
                || (!self.can_fall(t) && self.slope[t] < lowest[group]);
            if firm {
                self.active -= 1;
                self.swap(t, self.active);
            } else {
                t += 1;
            }
        }
    }

    /// Takes all samples back to work, with slopes that are computed anew where they were not kept.
    pub(super) fn restore(&mut self, gram: &mut Gram) {
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
        self.group.swap(a, b);
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
}
