//! What must not be on both sides of a split.

use std::collections::{BTreeMap, HashMap};

use micrograph_image::{Dataset, Part};
use micrograph_sampling::Split;

use crate::{Error, Result};

/// Refuses parts given by the data that tear a group apart: its samples on one side tell about
/// those on the other.
pub(crate) fn refuse_crossing_groups(dataset: &Dataset) -> Result<()> {
    let mut parts = BTreeMap::<&str, Part>::new();
    let mut crossing = Vec::new();
    for sample in &dataset.samples {
        let Some(group) = sample.group.as_deref() else { continue };
        // What has no part is trained on.
        let part = sample.part.unwrap_or(Part::Train);
        if *parts.entry(group).or_insert(part) != part {
            crossing.push(group);
        }
    }
    crossing.sort_unstable();
    crossing.dedup();
    let Some(first) = crossing.first() else { return Ok(()) };
    let problem = format!(
        "{} groups have samples in more than one part, such as `{first}`; measures would be too \
         good: repair the split, or leave the split column out with --split-column none",
        crossing.len()
    );
    Err(Error::Data { path: dataset.source.clone(), problem })
}

/// Says how many images stand in two classes, from the digests of samples that were read.
pub(crate) fn contradictions(
    dataset: &Dataset,
    digest: impl Fn(usize) -> Option<[u8; 32]>,
) -> Option<String> {
    let label = |index: usize| dataset.samples[index].label;
    let mut first_of = HashMap::<[u8; 32], usize>::new();
    let mut contradicting = BTreeMap::<usize, usize>::new();
    for index in 0..dataset.samples.len() {
        let Some(content) = digest(index) else { continue };
        let first = *first_of.entry(content).or_insert(index);
        if label(first) != label(index) {
            contradicting.entry(first).or_insert(index);
        }
    }
    let (&one, &other) = contradicting.first_key_value()?;
    let (stand, id) = (contradicting.len(), |index: usize| &dataset.samples[index].id);
    let images = if stand == 1 { "1 image stands" } else { &format!("{stand} images stand") };
    Some(format!(
        "{images} in two classes, such as {} and {}: no model can be right on both; keep each in \
         one class",
        id(one),
        id(other)
    ))
}

/// Says how many validation samples are exact copies of training samples.
pub(crate) fn duplicates(
    dataset: &Dataset,
    train: &[usize],
    validation: &[usize],
    digest: impl Fn(usize) -> Option<[u8; 32]>,
) -> Option<String> {
    let copies = copies(train, validation, &digest);
    let &(copy, original) = copies.first()?;
    let id = |index: usize| &dataset.samples[index].id;
    Some(format!(
        "{} validation samples are exact copies of training samples, such as {} of {}: the \
         validation measures are a little too good",
        copies.len(),
        id(copy),
        id(original)
    ))
}

/// Says how many test samples of folds are exact copies of samples that the fold trains on.
pub(crate) fn duplicates_across_folds(
    dataset: &Dataset,
    folds: &[Split],
    digest: impl Fn(usize) -> Option<[u8; 32]>,
) -> Option<String> {
    let copies: Vec<_> =
        folds.iter().flat_map(|fold| copies(&fold.train, &fold.test, &digest)).collect();
    let &(copy, original) = copies.first()?;
    let id = |index: usize| &dataset.samples[index].id;
    Some(format!(
        "{} samples have exact copies in other folds, such as {} and {}: the measures are a little \
         too good; remove the copies, or give them one group",
        copies.len(),
        id(copy),
        id(original)
    ))
}

/// Each of `others` whose content is also in `train`, with the sample there.
fn copies(
    train: &[usize],
    others: &[usize],
    digest: &impl Fn(usize) -> Option<[u8; 32]>,
) -> Vec<(usize, usize)> {
    let trained: HashMap<[u8; 32], usize> =
        train.iter().filter_map(|&index| Some((digest(index)?, index))).collect();
    let copy = |&index: &usize| Some((index, *trained.get(&digest(index)?)?));
    others.iter().filter_map(copy).collect()
}
