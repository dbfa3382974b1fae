//! Which samples an epoch sees: oversampling, undersampling and shuffling.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use crate::random::{Purpose, stream};
use crate::{Error, Result};

/// Repeats samples of the smaller classes until every class has as many as the largest.
///
/// Returns the given `indices` in their order, then the extras, class by class. A class of `c`
/// samples below a majority of `m` gets every sample `m / c` times, and `m % c` of them, drawn
/// without replacement, once more. `epoch` draws these anew. Shuffle the result for training.
///
/// # Edge cases
/// Classes of which no index is given stay absent; one class or no index: nothing is added.
///
/// # Panics
/// When an index names no label.
///
/// # Source
/// The LipNet thesis, section 4.8.1. imbalanced-learn's `RandomOverSampler` draws with replacement.
///
/// # Example
/// ```
/// let labels = [0, 0, 0, 0, 0, 1, 1];
/// let drawn = micrograph_sampling::oversample(&labels, &[0, 1, 2, 3, 4, 5, 6], 1, 0);
/// assert_eq!(drawn.len(), 10);
/// let copies = drawn.iter().filter(|&&sample| sample == 5).count();
/// assert!(copies == 2 || copies == 3); // five copies of two samples
/// ```
pub fn oversample(labels: &[u32], indices: &[usize], seed: u64, epoch: u64) -> Vec<usize> {
    let classes = by_class(labels, indices);
    let majority = classes.values().map(Vec::len).max().unwrap_or(0);
    let mut drawn = indices.to_vec();
    for (label, mut members) in classes {
        let (rounds, rest) = (majority / members.len(), majority % members.len());
        for _ in 1..rounds {
            drawn.extend_from_slice(&members);
        }
        members.shuffle(&mut stream(Purpose::Oversample, seed, epoch, u64::from(label)));
        drawn.extend_from_slice(&members[..rest]);
    }
    drawn
}

/// Leaves out a random `fraction` of the largest class, another one each epoch.
///
/// `round(fraction * count)` samples are dropped, the others keep their order. Of several largest
/// classes that with the lowest label is thinned.
///
/// # Errors
/// [`Error::Fraction`] unless `0 <= fraction < 1`.
///
/// # Panics
/// When an index names no label.
///
/// # Source
/// The LipNet thesis, section 4.8.2, with `fraction = 0.2`.
///
/// # Example
/// ```
/// let labels = [0, 0, 0, 0, 0, 1, 1];
/// let kept = micrograph_sampling::undersample(&labels, &[0, 1, 2, 3, 4, 5, 6], 0.2, 1, 0)?;
/// assert_eq!(kept.len(), 6);
/// assert_eq!(kept[4..], [5, 6]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn undersample(
    labels: &[u32],
    indices: &[usize],
    fraction: f64,
    seed: u64,
    epoch: u64,
) -> Result<Vec<usize>> {
    if !(0.0..1.0).contains(&fraction) {
        let expected = "at least 0 and below 1";
        return Err(Error::Fraction { name: "fraction", value: fraction, expected });
    }
    let classes = by_class(labels, indices);
    let largest = classes.iter().rev().max_by_key(|(_, members)| members.len());
    let Some((&majority, members)) = largest else {
        return Ok(Vec::new());
    };
    let n_dropped = (fraction * members.len() as f64).round() as usize;
    let mut is_dropped: Vec<bool> = (0..members.len()).map(|member| member < n_dropped).collect();
    is_dropped.shuffle(&mut stream(Purpose::Undersample, seed, epoch, 0));
    let mut dropped = is_dropped.into_iter();
    let keep = |&&index: &&usize| labels[index] != majority || dropped.next() == Some(false);
    Ok(indices.iter().filter(keep).copied().collect())
}

/// Puts `indices` into a random order, another one each epoch.
///
/// # Example
/// ```
/// let mut order = [10, 11, 12, 13, 14, 15];
/// micrograph_sampling::shuffle(&mut order, 7, 0);
/// let mut again = [10, 11, 12, 13, 14, 15];
/// micrograph_sampling::shuffle(&mut again, 7, 0);
/// assert_eq!(order, again);
/// ```
pub fn shuffle(indices: &mut [usize], seed: u64, epoch: u64) {
    indices.shuffle(&mut stream(Purpose::Shuffle, seed, epoch, 0));
}

/// The given indices of each class, in their order.
fn by_class(labels: &[u32], indices: &[usize]) -> BTreeMap<u32, Vec<usize>> {
    let mut classes: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &index in indices {
        classes.entry(labels[index]).or_default().push(index);
    }
    classes
}
