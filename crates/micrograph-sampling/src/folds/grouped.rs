//! Folds that never divide a group, after scikit-learn's `GroupKFold` and `StratifiedGroupKFold`.

use std::cmp::Reverse;

use rand::seq::SliceRandom;

use super::{Encoded, Folds, check_counts, encode};
use crate::random::{Purpose, stream};
use crate::{Error, Result, Warning};

/// Deals whole groups, such as patients or wells, into `k` folds of similar size.
///
/// The largest group goes first, always to the smallest fold; `seed` decides among groups of one
/// size. No group is in two folds, and every fold holds at least one.
///
/// # Errors
/// [`Error::TooFewFolds`], [`Error::TooFewSamples`], or [`Error::TooFewGroups`] when there are
/// fewer groups than folds.
///
/// # Source
/// scikit-learn 1.9, `GroupKFold(shuffle=False)`, whose fold sizes it shares.
///
/// # Example
/// ```
/// let folds = micrograph_sampling::group_k_fold(&["a", "a", "a", "b", "b", "c"], 2, 0)?;
/// assert_eq!(folds.split(0).test, [0, 1, 2]); // the largest group
/// assert_eq!(folds.split(1).test, [3, 4, 5]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn group_k_fold<G: Ord>(groups: &[G], k: usize, seed: u64) -> Result<Folds> {
    check_counts(groups.len(), k)?;
    let groups = encode(groups);
    check_groups(&groups, k)?;
    let mut order = shuffled(groups.counts.len(), seed);
    order.sort_by_key(|&group| Reverse(groups.counts[group]));
    let mut size = vec![0; k];
    let mut fold_of_group = vec![0; order.len()];
    for group in order {
        let smallest = (0..k).min_by_key(|&fold| size[fold]).unwrap_or(0);
        size[smallest] += groups.counts[group];
        fold_of_group[group] = smallest;
    }
    Ok(Folds::new(groups.index.iter().map(|&g| fold_of_group[g]).collect(), k, Vec::new()))
}

/// Deals whole groups into `k` folds whose class shares are as close as a greedy search gets.
///
/// Groups go in the order of falling standard deviation of their class counts, and each to the
/// fold that leaves the class shares most even; `seed` decides the order of equal groups.
///
/// # Edge cases
/// A class from fewer groups than folds is absent from some folds: [`Warning::RareClassGroups`].
/// With few unequal groups a fold may stay empty, as in scikit-learn.
///
/// # Errors
/// [`Error::Lengths`] when there is not one group for each label, and those of [`group_k_fold`].
///
/// # Source
/// scikit-learn 1.9, `StratifiedGroupKFold(shuffle=True)`; where no two groups tie, the folds are
/// the same.
///
/// # Example
/// ```
/// let labels = [0, 0, 1, 0, 0, 1, 0, 0];
/// let groups = [1, 1, 1, 2, 2, 2, 3, 4];
/// let folds = micrograph_sampling::stratified_group_k_fold(&labels, &groups, 2, 0)?;
/// let split = folds.split(folds.test_fold(0));
/// assert!(split.test.starts_with(&[0, 1, 2]) && split.train.starts_with(&[3, 4, 5]));
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn stratified_group_k_fold<G: Ord>(
    labels: &[u32],
    groups: &[G],
    k: usize,
    seed: u64,
) -> Result<Folds> {
    if labels.len() != groups.len() {
        return Err(Error::Lengths { labels: labels.len(), groups: groups.len() });
    }
    check_counts(labels.len(), k)?;
    let (classes, groups) = (encode(labels), encode(groups));
    check_groups(&groups, k)?;
    let counts = class_counts_of_groups(&classes, &groups);
    let mut shares = FoldShares::new(&classes.counts, k);
    let mut fold_of_group = vec![0; counts.len()];
    for group in falling_deviation(&counts, seed) {
        let fold = shares.best_fold(&counts[group]);
        shares.add(fold, &counts[group]);
        fold_of_group[group] = fold;
    }
    let warnings = Warning::rare_class_groups(&classes, &groups.index, k);
    Ok(Folds::new(groups.index.iter().map(|&g| fold_of_group[g]).collect(), k, warnings))
}

/// The class counts of each group: `[group][class]`.
pub(crate) fn class_counts_of_groups<G>(
    classes: &Encoded<&u32>,
    groups: &Encoded<G>,
) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; classes.counts.len()]; groups.counts.len()];
    for (&class, &group) in classes.index.iter().zip(&groups.index) {
        counts[group][class] += 1.0;
    }
    counts
}

/// The groups by falling standard deviation of their class counts, equal ones at random.
fn falling_deviation(counts: &[Vec<f64>], seed: u64) -> Vec<usize> {
    let deviation: Vec<f64> = counts.iter().map(|counts| deviation(counts)).collect();
    let mut order = shuffled(counts.len(), seed);
    order.sort_by(|&a, &b| deviation[b].total_cmp(&deviation[a]));
    order
}

/// The numbers below `n` in random order.
fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut stream(Purpose::Folds, seed, 0, 1));
    order
}

fn check_groups<G>(groups: &Encoded<G>, folds: usize) -> Result<()> {
    let groups = groups.counts.len();
    if groups < folds { Err(Error::TooFewGroups { groups, parts: folds }) } else { Ok(()) }
}

/// The population standard deviation, summed in the order in which NumPy sums short rows.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Class counts of the folds while they fill.
struct FoldShares<'a> {
    totals: &'a [usize],
    counts: Vec<Vec<f64>>,
}

impl<'a> FoldShares<'a> {
    fn new(totals: &'a [usize], k: usize) -> Self {
        Self { totals, counts: vec![vec![0.0; totals.len()]; k] }
    }

    fn add(&mut self, fold: usize, group: &[f64]) {
        for (count, more) in self.counts[fold].iter_mut().zip(group) {
            *count += more;
        }
    }

    /// The fold whose shares of the classes become most even with `group` in it, the smaller of
    /// two that are equal within `numpy.isclose`'s tolerances.
    fn best_fold(&self, group: &[f64]) -> usize {
        let (mut best, mut least, mut fewest) = (0, f64::INFINITY, f64::INFINITY);
        for fold in 0..self.counts.len() {
            let unevenness = self.unevenness(fold, group);
            let samples = self.counts[fold].iter().sum::<f64>();
            let close = (unevenness - least).abs() <= 1e-8 + 1e-5 * least;
            if unevenness < least || (least.is_finite() && close && samples < fewest) {
                (best, least, fewest) = (fold, unevenness, samples);
            }
        }
        best
    }

    /// The mean over classes of the deviation of the folds' shares, with `group` in `fold`.
    fn unevenness(&self, fold: usize, group: &[f64]) -> f64 {
        let of_class = |class: usize| {
            let share = |(f, counts): (usize, &Vec<f64>)| {
                let more = if f == fold { group[class] } else { 0.0 };
                (counts[class] + more) / self.totals[class] as f64
            };
            deviation(&self.counts.iter().enumerate().map(share).collect::<Vec<_>>())
        };
        (0..self.totals.len()).map(of_class).sum::<f64>() / self.totals.len() as f64
    }
}
