//! What must not be on both sides of a split.

use std::collections::{BTreeMap, HashMap};

use micrograph_image::{Dataset, Part};

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
    Err(Error::Data { path: dataset.root.clone(), problem })
}

/// Says how many validation samples are exact copies of training samples.
pub(crate) fn duplicates(
    dataset: &Dataset,
    train: &[usize],
    validation: &[usize],
    digest: impl Fn(usize) -> Option<[u8; 32]>,
) -> Option<String> {
    let trained: HashMap<[u8; 32], usize> =
        train.iter().filter_map(|&index| Some((digest(index)?, index))).collect();
    let copies: Vec<(usize, usize)> = validation
        .iter()
        .filter_map(|&index| Some((index, *trained.get(&digest(index)?)?)))
        .collect();
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
