//! One part put aside: stratified, grouped, and both.

use rand::seq::SliceRandom;

use crate::folds::{Encoded, Split, class_counts_of_groups, encode};
use crate::random::{Purpose, stream};
use crate::remainder::largest_remainder;
use crate::{Error, Result, Warning};

/// A part put aside, and what to know about it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldOut {
    /// `test` is the part put aside.
    pub split: Split,
    /// What the caller should know about rare classes.
    pub warnings: Vec<Warning>,
}

/// Puts `fraction` of the samples aside, with the class shares of the whole.
///
/// The part has `ceil(fraction * n)` samples, shared among the classes by largest remainder.
/// Then a class with two samples or more gets at least one on either side, and a class with one
/// keeps it in training, so the part may differ from that count by the number of rare classes.
///
/// # Edge cases
/// A class with one sample is a [`Warning::RareClass`].
///
/// # Errors
/// [`Error::Fraction`] unless `0 < fraction < 1`, [`Error::TooFewSamples`] below two samples.
///
/// # Example
/// ```
/// use micrograph_sampling::stratified_hold_out;
///
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
/// let hold_out = stratified_hold_out(&labels, 0.3, 1)?;
/// let test = &hold_out.split.test;
/// assert_eq!(test.iter().filter(|&&sample| labels[sample] == 0).count(), 2); // 1.8 of 6
/// assert_eq!(test.len(), 3);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn stratified_hold_out(labels: &[u32], fraction: f64, seed: u64) -> Result<HoldOut> {
    check(labels.len(), fraction)?;
    let classes = encode(labels);
    let n_test = (fraction * labels.len() as f64).ceil() as usize;
    let shares: Vec<f64> = classes.counts.iter().map(|&count| count as f64).collect();
    let quota = largest_remainder(&shares, n_test);
    let mut in_test = vec![false; labels.len()];
    for (class, (&count, quota)) in classes.counts.iter().zip(quota).enumerate() {
        let n = if count < 2 { 0 } else { quota.clamp(1, count - 1) };
        let members = classes.index.iter().enumerate().filter(|&(_, &c)| c == class);
        let mut members: Vec<usize> = members.map(|(sample, _)| sample).collect();
        let label = u64::from(*classes.values[class]);
        members.shuffle(&mut stream(Purpose::HoldOut, seed, label, 0));
        members.iter().take(n).for_each(|&sample| in_test[sample] = true);
    }
    let warnings = Warning::rare_classes(&classes, 2);
    Ok(HoldOut { split: Split::from_test(in_test.into_iter()), warnings })
}

/// Puts whole groups with about `fraction` of the samples aside.
///
/// Groups come in random order, and each changes sides if that brings the part closer to
/// `fraction`, until none does. Both parts hold at least one group.
///
/// # Errors
/// [`Error::Fraction`], [`Error::TooFewSamples`], and [`Error::TooFewGroups`] below two groups.
///
/// # Example
/// ```
/// let patients = ["a", "a", "a", "b", "c", "c", "c", "c"];
/// let hold_out = micrograph_sampling::group_hold_out(&patients, 0.5, 0)?;
/// assert_eq!(hold_out.split.test.len(), 4); // a and b, or c
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn group_hold_out<G: Ord>(groups: &[G], fraction: f64, seed: u64) -> Result<HoldOut> {
    check(groups.len(), fraction)?;
    let groups = encode(groups);
    let sizes: Vec<Vec<f64>> = groups.counts.iter().map(|&count| vec![count as f64]).collect();
    let split = put_aside(&groups, &sizes, fraction, seed)?;
    Ok(HoldOut { split, warnings: Vec::new() })
}

/// Puts whole groups aside so that about `fraction` of every class is.
///
/// Groups come in random order, and each changes sides if that lowers
/// `sum over classes c of (t_c - fraction)^2`, where `t_c` is the share of the class put aside,
/// until none does. Both parts hold at least one group.
///
/// # Edge cases
/// A class from a single group is on one side alone: [`Warning::RareClassGroups`].
///
/// # Errors
/// [`Error::Lengths`], and those of [`group_hold_out`].
///
/// # Example
/// ```
/// let labels = [0, 1, 0, 1, 0, 0, 1, 1];
/// let wells = ["A1", "A1", "A2", "A2", "A3", "A3", "A4", "A4"];
/// let hold_out = micrograph_sampling::stratified_group_hold_out(&labels, &wells, 0.25, 3)?;
/// let test = hold_out.split.test;
/// assert_eq!(test.len(), 2); // one well with both classes
/// assert_eq!(labels[test[0]] + labels[test[1]], 1);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn stratified_group_hold_out<G: Ord>(
    labels: &[u32],
    groups: &[G],
    fraction: f64,
    seed: u64,
) -> Result<HoldOut> {
    if labels.len() != groups.len() {
        return Err(Error::Lengths { labels: labels.len(), groups: groups.len() });
    }
    check(labels.len(), fraction)?;
    let (classes, groups) = (encode(labels), encode(groups));
    let counts = class_counts_of_groups(&classes, &groups);
    let split = put_aside(&groups, &counts, fraction, seed)?;
    Ok(HoldOut { split, warnings: Warning::rare_class_groups(&classes, &groups.index, 2) })
}

fn check(samples: usize, fraction: f64) -> Result<()> {
    if !(fraction > 0.0 && fraction < 1.0) {
        let expected = "above 0 and below 1";
        return Err(Error::Fraction { name: "fraction", value: fraction, expected });
    }
    if samples < 2 {
        return Err(Error::TooFewSamples { samples, parts: 2 });
    }
    Ok(())
}

/// Moves groups between the parts while that brings the shares of `counts[group][class]` closer
/// to `fraction`, and sees to it that neither part is empty.
fn put_aside<G>(
    groups: &Encoded<G>,
    counts: &[Vec<f64>],
    fraction: f64,
    seed: u64,
) -> Result<Split> {
    if counts.len() < 2 {
        return Err(Error::TooFewGroups { groups: counts.len(), parts: 2 });
    }
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.shuffle(&mut stream(Purpose::HoldOut, seed, 0, 1));
    let mut part = Part::new(counts, fraction);
    let mut moved = true;
    while moved {
        moved = false;
        for &group in &order {
            if part.distance_with_moved(group) < part.distance() {
                part.move_group(group);
                moved = true;
            }
        }
    }
    if part.aside.iter().all(|&aside| aside == part.aside[0]) {
        let by_distance = |&&a: &&usize, &&b: &&usize| {
            part.distance_with_moved(a).total_cmp(&part.distance_with_moved(b))
        };
        if let Some(&closest) = order.iter().min_by(by_distance) {
            part.move_group(closest);
        }
    }
    Ok(Split::from_test(groups.index.iter().map(|&group| part.aside[group])))
}

/// The part put aside while it is sought.
struct Part<'a> {
    counts: &'a [Vec<f64>],
    fraction: f64,
    totals: Vec<f64>,
    taken: Vec<f64>,
    aside: Vec<bool>,
}

impl<'a> Part<'a> {
    fn new(counts: &'a [Vec<f64>], fraction: f64) -> Self {
        let n_classes = counts.first().map_or(0, Vec::len);
        let total = |class: usize| counts.iter().map(|group| group[class]).sum();
        let totals = (0..n_classes).map(total).collect();
        let (taken, aside) = (vec![0.0; n_classes], vec![false; counts.len()]);
        Self { counts, fraction, totals, taken, aside }
    }

    /// What moving `group` to the other side adds to the counts put aside.
    fn change(&self, group: usize) -> impl Iterator<Item = f64> + '_ {
        let sign = if self.aside[group] { -1.0 } else { 1.0 };
        self.counts[group].iter().map(move |count| sign * count)
    }

    fn distance(&self) -> f64 {
        self.distance_of(self.taken.iter().copied())
    }

    fn distance_with_moved(&self, group: usize) -> f64 {
        self.distance_of(
            self.taken.iter().zip(self.change(group)).map(|(taken, more)| taken + more),
        )
    }

    fn distance_of(&self, taken: impl Iterator<Item = f64>) -> f64 {
        let shares = taken.zip(&self.totals).map(|(taken, total)| taken / total);
        shares.map(|share| (share - self.fraction).powi(2)).sum()
    }

    fn move_group(&mut self, group: usize) {
        let change: Vec<f64> = self.change(group).collect();
        self.taken.iter_mut().zip(change).for_each(|(taken, more)| *taken += more);
        self.aside[group] = !self.aside[group];
    }
}
