//! The machine of two classes, and its decision values out of fold.

use super::platt::Sigmoid;
use super::solver::{Problem, Solution, solve};
use super::train::Bench;
use crate::tune::divide_labels;
use crate::{Error, Result, Samples};
use micrograph_sampling::Split;

/// What bounds the errors of a machine.
pub(super) enum Margin {
    /// The greatest coefficient of each sample.
    Bounds(Vec<f64>),
    /// At least this share of samples supports the machine, and at most it lies within the margin.
    Share(f64),
}

/// The samples of two classes, the first of which has decision values above 0.
pub(super) struct Pair {
    pub(super) samples: Vec<usize>,
    pub(super) is_first: Vec<bool>,
    groups: Option<Vec<u64>>,
    margin: Margin,
}

/// `sum of beta K - rho`.
pub(super) struct Machine {
    pub(super) beta: Vec<f64>,
    pub(super) rho: f64,
}

impl Pair {
    /// The samples of `first` and `second`; `margin` gets the label of each.
    pub(super) fn new(
        samples: &Samples<'_>,
        [first, second]: [u32; 2],
        margin: &dyn Fn(&[u32]) -> Margin,
    ) -> Self {
        let labels = samples.labels();
        let chosen = |sample: &usize| labels[*sample] == first || labels[*sample] == second;
        let chosen: Vec<usize> = (0..labels.len()).filter(chosen).collect();
        let labels: Vec<u32> = chosen.iter().map(|&sample| labels[sample]).collect();
        let is_first = labels.iter().map(|&label| label == first).collect();
        let groups =
            samples.groups().map(|groups| chosen.iter().map(|&sample| groups[sample]).collect());
        Self { samples: chosen, is_first, groups, margin: margin(&labels) }
    }

    /// The machine of all of the pair's samples.
    pub(super) fn solve_all(&self, bench: &mut Bench<'_>) -> Result<Machine> {
        let all: Vec<usize> = (0..self.samples.len()).collect();
        self.solve(&all, bench)
    }

    /// The machine of the `part` of the pair's samples.
    fn solve(&self, part: &[usize], bench: &mut Bench<'_>) -> Result<Machine> {
        match &self.margin {
            Margin::Bounds(bounds) => {
                let problem = self.bounded(part, bounds, bench);
                let Solution { beta, levels } = solve(problem, bench.gram, bench.limits)?;
                Ok(Machine { beta, rho: -levels[0] })
            }
            Margin::Share(nu) => {
                let problem = self.shared(part, *nu, bench);
                let Solution { mut beta, levels } = solve(problem, bench.gram, bench.limits)?;
                // The margin's width: decision values of free samples become 1 and -1.
                let width = (levels[1] - levels[0]) / 2.0;
                if !(width > 0.0 && (1.0 / width).is_finite()) {
                    let (value, expected) =
                        (nu.to_string(), "a smaller number: with this one a margin has no width");
                    return Err(Error::Setting { field: "nu", value, expected });
                }
                beta.iter_mut().for_each(|beta| *beta /= width);
                Ok(Machine { beta, rho: -f64::midpoint(levels[0], levels[1]) / width })
            }
        }
    }

    fn columns(part: &[usize], bench: &Bench<'_>) -> Vec<usize> {
        part.iter().map(|&t| bench.columns[t]).collect()
    }

    fn bounded(&self, part: &[usize], bounds: &[f64], bench: &Bench<'_>) -> Problem {
        let pick = |value: &dyn Fn(usize) -> f64| part.iter().map(|&t| value(t)).collect();
        Problem {
            columns: Self::columns(part, bench),
            linear: pick(&|t| if self.is_first[t] { 1.0 } else { -1.0 }),
            lower: pick(&|t| if self.is_first[t] { 0.0 } else { -bounds[t] }),
            upper: pick(&|t| if self.is_first[t] { bounds[t] } else { 0.0 }),
            beta: vec![0.0; part.len()],
            group: Vec::new(),
        }
    }

    /// Coefficients up to 1, which sum to `nu n / 2` in each class; the first ones begin as 1, as
    /// in LIBSVM. Where a class is too rare for that, to nine tenths of its samples.
    fn shared(&self, part: &[usize], nu: f64, bench: &Bench<'_>) -> Problem {
        let firsts = part.iter().filter(|&&t| self.is_first[t]).count();
        let rarer = firsts.min(part.len() - firsts) as f64;
        let sum = nu * part.len() as f64 / 2.0;
        let mut left = [if sum <= rarer { sum } else { 0.9 * rarer }; 2];
        let mut begin = |t: usize| {
            let first = self.is_first[t];
            let left = &mut left[usize::from(first)];
            let alpha = left.min(1.0);
            *left -= alpha;
            if first { alpha } else { -alpha }
        };
        let sign = |value: bool| move |&t: &usize| f64::from(u8::from(self.is_first[t] == value));
        Problem {
            columns: Self::columns(part, bench),
            linear: vec![0.0; part.len()],
            lower: part.iter().map(sign(false)).map(|bound| -bound).collect(),
            upper: part.iter().map(sign(true)).collect(),
            beta: part.iter().map(|&t| begin(t)).collect(),
            group: part.iter().map(|&t| u8::from(!self.is_first[t])).collect(),
        }
    }

    /// The probability of the first class by the decision value of the `whole` machine, from values
    /// out of fold; `weights` are those of a sample of the second class and of the first.
    ///
    /// A class of one sample or one group cannot be held out, since nothing would be left to tell
    /// it from: then the values are those of the `whole` machine, as where values out of fold would
    /// turn the order of samples round.
    pub(super) fn sigmoid(
        &self,
        whole: &Machine,
        bench: &mut Bench<'_>,
        (folds, weights): (usize, [f64; 2]),
        seed: u64,
    ) -> Result<Sigmoid> {
        let n = self.is_first.len();
        let all: Vec<usize> = (0..n).collect();
        let in_fitting = |bench: &mut Bench<'_>| whole.decide(&all, &all, bench);
        let values = match self.divided(folds, seed)? {
            Some(splits) => self.decisions(bench, &splits)?,
            None => in_fitting(bench),
        };
        Ok(Sigmoid::fit_rising(&values, || in_fitting(bench), &self.is_first, weights))
    }

    /// As many folds as were asked for, and no more than samples or groups, each with both classes
    /// in its training part; `None` where there are none.
    fn divided(&self, folds: usize, seed: u64) -> Result<Option<Vec<Split>>> {
        let labels: Vec<u32> = self.is_first.iter().map(|&first| u32::from(first)).collect();
        let groups = self.groups.as_deref();
        if labels.len() < 2 || groups.is_some_and(|groups| groups.iter().all(|g| *g == groups[0])) {
            return Ok(None);
        }
        let splits: Vec<Split> = divide_labels(&labels, groups, folds, seed)?.iter().collect();
        let both = |split: &Split| {
            let has = |first: bool| split.train.iter().any(|&row| self.is_first[row] == first);
            has(true) && has(false)
        };
        Ok(splits.iter().all(both).then_some(splits))
    }

    /// The decision value of each sample by a machine that was fitted without its fold.
    fn decisions(&self, bench: &mut Bench<'_>, splits: &[Split]) -> Result<Vec<f64>> {
        let mut decisions = vec![0.0; self.is_first.len()];
        for split in splits {
            let machine = self.solve(&split.train, bench)?;
            let values = machine.decide(&split.train, &split.test, bench);
            split.test.iter().zip(values).for_each(|(&t, value)| decisions[t] = value);
        }
        Ok(decisions)
    }
}

impl Machine {
    /// The decision values of the pair's samples `test`, where this was fitted to `train`.
    fn decide(&self, train: &[usize], test: &[usize], bench: &mut Bench<'_>) -> Vec<f64> {
        let mut values = vec![-self.rho; test.len()];
        let support = train.iter().zip(&self.beta).filter(|entry| *entry.1 != 0.0);
        for (&s, beta) in support {
            bench.gram.ensure(&[bench.columns[s]]);
            let row = bench.gram.row(bench.columns[s]);
            for (value, &t) in values.iter_mut().zip(test) {
                *value += beta * f64::from(row[bench.columns[t]]);
            }
        }
        values
    }
}
