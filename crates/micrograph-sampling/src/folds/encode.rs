//! Labels and groups as dense indices.

use std::collections::BTreeMap;

/// Values replaced by their rank among the distinct ones.
#[derive(Debug)]
pub(crate) struct Encoded<T> {
    /// For each sample the index of its value in `values`.
    pub(crate) index: Vec<usize>,
    /// The distinct values, ascending.
    pub(crate) values: Vec<T>,
    /// How many samples have each.
    pub(crate) counts: Vec<usize>,
}

/// Ranks `values`: equal values share an index, and indices ascend with the values.
pub(crate) fn encode<T: Ord>(values: &[T]) -> Encoded<&T> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_insert(0_usize) += 1;
    }
    let (distinct, counts): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
    let rank: BTreeMap<_, _> = distinct.iter().enumerate().map(|(i, &value)| (value, i)).collect();
    Encoded { index: values.iter().map(|value| rank[value]).collect(), values: distinct, counts }
}
