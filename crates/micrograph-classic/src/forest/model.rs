//! A fitted forest.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::out_of_bag::OutOfBag;
use super::tree::Tree;
use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Classifier, Error, Result};

/// Samples that pass through a tree before the next one is loaded.
const CHUNK: usize = 64;

/// A fitted [`ForestConfig`](crate::ForestConfig).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct ForestModel(Parts);

/// What a forest consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    pub(super) trees: Vec<Tree>,
    pub(super) importances: Vec<f64>,
    pub(super) out_of_bag: OutOfBag,
    pub(super) n_classes: usize,
}

impl TryFrom<Parts> for ForestModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("forest");
        saved.n_classes(parts.n_classes)?;
        saved.must(!parts.trees.is_empty(), "at least one tree")?;
        saved.must(!parts.importances.is_empty(), "at least one feature")?;
        saved.finite(&parts.importances)?;
        let d = parts.importances.len();
        parts.trees.iter().try_for_each(|tree| tree.check(d, parts.n_classes, saved))?;
        Ok(Self(parts))
    }
}

impl ForestModel {
    pub(super) fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// How much purer the splits by each feature make the nodes, weighted by the share of samples
    /// that reach them; mean over trees. They sum to 1, or to 0 where no tree has a split.
    ///
    /// Importances of impurity favor features with many values; on data that was not fitted to,
    /// [`permutation_importances`](crate::permutation_importances) does not.
    ///
    /// Source: Louppe et al. 2013, "Understanding variable importances in forests of randomized
    /// trees", equation 2; scikit-learn's `feature_importances_`.
    pub fn importances(&self) -> &[f64] {
        &self.0.importances
    }

    /// How the forest does on what its trees did not see.
    pub fn out_of_bag(&self) -> OutOfBag {
        self.0.out_of_bag
    }

    /// How many leaves the trees have together.
    pub fn n_leaves(&self) -> usize {
        self.0.trees.iter().map(Tree::n_leaves).sum()
    }
}

impl Classifier for ForestModel {
    fn n_features(&self) -> usize {
        self.0.importances.len()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let mut sums = Array2::zeros((x.nrows(), self.0.n_classes));
        let parts = sums.axis_chunks_iter_mut(Axis(0), CHUNK);
        let parts: Vec<_> = parts.zip(x.axis_chunks_iter(Axis(0), CHUNK)).collect();
        parts.into_par_iter().for_each(|(mut sums, x)| {
            for tree in &self.0.trees {
                for (mut sums, x) in sums.outer_iter_mut().zip(x.outer_iter()) {
                    let shares = tree.shares(x, self.0.n_classes);
                    sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
                }
            }
        });
        Ok(sums / self.0.trees.len() as f64)
    }
}
