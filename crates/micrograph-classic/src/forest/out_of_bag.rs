//! How a forest does on the samples that its trees did not see.

use ndarray::ArrayView1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tree::Tree;
use crate::Samples;
use crate::classifier::first_largest;

/// The accuracy of a forest where each sample is decided by the trees that did not see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfBag {
    /// The samples that were decided rightly.
    pub correct: usize,
    /// The samples that at least one tree did not see.
    pub decided: usize,
}

impl OutOfBag {
    /// `correct / decided`; `None` where every tree saw every sample.
    ///
    /// ```
    /// use micrograph_classic::OutOfBag;
    ///
    /// assert_eq!(OutOfBag { correct: 3, decided: 4 }.accuracy(), Some(0.75));
    /// assert_eq!(OutOfBag { correct: 0, decided: 0 }.accuracy(), None);
    /// ```
    pub fn accuracy(&self) -> Option<f64> {
        (self.decided > 0).then(|| self.correct as f64 / self.decided as f64)
    }
}

/// The samples that a tree saw, a bit each.
pub(super) struct Bag(Vec<u64>);

impl Bag {
    pub(super) fn new(counts: &[u16]) -> Self {
        let word = |counts: &[u16]| {
            counts.iter().rev().fold(0, |word, &count| word << 1 | u64::from(count > 0))
        };
        Self(counts.chunks(64).map(word).collect())
    }

    fn holds(&self, sample: usize) -> bool {
        self.0[sample / 64] >> (sample % 64) & 1 == 1
    }
}

/// Decides each sample by the mean of the trees whose bag does not hold it.
pub(super) fn measure(trees: &[Tree], bags: &[Bag], samples: &Samples<'_>) -> OutOfBag {
    let x = samples.x();
    let decide = |sample: usize| {
        let shares = out_of_bag_shares(trees, bags, sample, x.row(sample), samples.n_classes());
        shares.map(|shares| first_largest(shares.iter()) == samples.labels()[sample])
    };
    let decided: Vec<bool> = (0..x.nrows()).into_par_iter().filter_map(decide).collect();
    let correct = decided.iter().filter(|&&correct| correct).count();
    OutOfBag { correct, decided: decided.len() }
}

fn out_of_bag_shares(
    trees: &[Tree],
    bags: &[Bag],
    sample: usize,
    x: ArrayView1<'_, f64>,
    k: usize,
) -> Option<Vec<f64>> {
    let mut sums: Option<Vec<f64>> = None;
    for (tree, _) in trees.iter().zip(bags).filter(|(_, bag)| !bag.holds(sample)) {
        let sums = sums.get_or_insert_with(|| vec![0.0; k]);
        sums.iter_mut().zip(tree.shares(x, k)).for_each(|(sum, share)| *sum += share);
    }
    sums
}
