//! Who stands where: the order of the classifiers, and any two of them.

use micrograph_metrics::{Interval, Intervals, ModelScores, PairScores};

use crate::plot::Look;
use crate::{ComparisonReport, ModelFacts, Role};

/// Takes one interval of many.
pub(super) type Score = fn(&Intervals) -> &Interval;

/// The classifiers of a report, ranked.
pub(super) struct Standing<'a> {
    pub(super) report: &'a ComparisonReport,
    /// Positions in the report: by balanced accuracy, the best first, floors last.
    pub(super) order: Vec<usize>,
    /// Labels, in the order in which classes are shown: that of what was published, else their own.
    pub(super) classes: Vec<usize>,
}

/// The tests of two classifiers, seen from one of them.
#[derive(Clone, Copy)]
pub(super) struct Versus<'a> {
    pub(super) pair: &'a PairScores,
    flipped: bool,
}

impl<'a> Standing<'a> {
    pub(super) fn new(report: &'a ComparisonReport) -> Self {
        let models = &report.comparison.models;
        let rank = |&index: &usize| {
            let is_floor = role(report, index) == Role::Floor;
            (is_floor, std::cmp::Reverse(Total(models[index].evaluation.balanced_accuracy)))
        };
        let mut order: Vec<usize> = (0..models.len()).collect();
        order.sort_by_key(rank);
        Self { report, order, classes: class_order(report) }
    }

    pub(super) fn model(&self, index: usize) -> &'a ModelScores {
        &self.report.comparison.models[index]
    }

    pub(super) fn name(&self, index: usize) -> &'a str {
        &self.model(index).name
    }

    pub(super) fn facts(&self, index: usize) -> ModelFacts {
        self.report.models.get(index).cloned().unwrap_or_default()
    }

    pub(super) fn is_floor(&self, index: usize) -> bool {
        role(self.report, index) == Role::Floor
    }

    /// The best classifier that is no floor, if there is one, else the best floor.
    pub(super) fn best(&self) -> Option<usize> {
        self.order.first().copied()
    }

    /// The best of those that all others must beat.
    pub(super) fn floor(&self) -> Option<usize> {
        self.order.iter().copied().find(|&index| self.is_floor(index))
    }

    /// Its color, the same wherever it occurs.
    pub(super) fn look(index: usize) -> Look {
        Look::new(index)
    }

    /// The tests of `a` against `b`.
    pub(super) fn versus(&self, a: usize, b: usize) -> Option<Versus<'a>> {
        let (a, b) = (self.name(a), self.name(b));
        self.report.comparison.pairs.iter().find_map(|pair| {
            let names = (pair.first.as_str(), pair.second.as_str());
            (names == (a, b) || names == (b, a))
                .then(|| Versus { pair, flipped: names == (b, a) && a != b })
        })
    }
}

impl Versus<'_> {
    /// The interval of a score of the one minus that of the other.
    pub(super) fn difference(&self, of: impl Fn(&Intervals) -> Interval) -> Interval {
        let interval = of(&self.pair.difference);
        if !self.flipped {
            return interval;
        }
        Interval {
            estimate: interval.estimate.map(|value| -value),
            low: interval.high.map(|value| -value),
            high: interval.low.map(|value| -value),
            ..interval
        }
    }

    /// How many samples the one alone and the other alone classify rightly.
    pub(super) fn alone(&self) -> (usize, usize) {
        let test = &self.pair.mcnemar;
        let alone = (test.only_first, test.only_second);
        if self.flipped { (alone.1, alone.0) } else { alone }
    }

    /// The mean difference over the folds.
    pub(super) fn mean_over_folds(&self) -> Option<f64> {
        let mean = self.pair.resampled_t?.mean;
        Some(if self.flipped { -mean } else { mean })
    }
}

/// Whether an interval lies to one side of 0: 1 above, -1 below, 0 neither.
pub(super) fn side(interval: &Interval) -> i32 {
    match (interval.low, interval.high) {
        (Some(low), _) if low > 0.0 => 1,
        (_, Some(high)) if high < 0.0 => -1,
        _ => 0,
    }
}

fn role(report: &ComparisonReport, index: usize) -> Role {
    report.models.get(index).map_or(Role::Model, |facts| facts.role)
}

fn class_order(report: &ComparisonReport) -> Vec<usize> {
    let Some(model) = report.comparison.models.first() else { return Vec::new() };
    let confusion = &model.evaluation.confusion;
    let published = report.published.first().map(|published| published.matrix.classes());
    let labels = published.unwrap_or_default().iter().filter_map(|name| confusion.label(name));
    let mut order: Vec<usize> = labels.map(|label| label as usize).collect();
    // Whatever the source does not name follows.
    let rest: Vec<usize> = (0..confusion.n_classes()).filter(|it| !order.contains(it)).collect();
    order.extend(rest);
    order
}

/// Floats in their total order, as a key to sort by.
#[derive(PartialEq)]
struct Total(f64);

impl Eq for Total {}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Total {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
