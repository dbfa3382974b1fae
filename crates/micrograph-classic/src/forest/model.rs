//! A fitted forest.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::out_of_bag::OutOfBag;
use super::tree::Tree;
use crate::samples::check_features;
use crate::{Classifier, Result};

/// Samples that pass through a tree before the next one is loaded.
const CHUNK: usize = 64;

/// A fitted [`ForestConfig`](crate::ForestConfig).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestModel {
    trees: Vec<Tree>,
    importances: Vec<f64>,
    out_of_bag: OutOfBag,
    n_classes: usize,
}

impl ForestModel {
    pub(super) fn new(
        trees: Vec<Tree>,
        importances: Vec<f64>,
        out_of_bag: OutOfBag,
        n_classes: usize,
    ) -> Self {
        Self { trees, importances, out_of_bag, n_classes }
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
        &self.importances
    }

    /// How the forest does on what its trees did not see.
    pub fn out_of_bag(&self) -> OutOfBag {
        self.out_of_bag
    }

    /// How many leaves the trees have together.
    pub fn n_leaves(&self) -> usize {
        self.trees.iter().map(Tree::n_leaves).sum()
    }
}

impl Classifier for ForestModel {
    fn n_features(&self) -> usize {
        self.importances.len()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let mut sums = Array2::zeros((x.nrows(), self.n_classes));
        let parts = sums.axis_chunks_iter_mut(Axis(0), CHUNK);
        let parts: Vec<_> = parts.zip(x.axis_chunks_iter(Axis(0), CHUNK)).collect();
        parts.into_par_iter().for_each(|(mut sums, x)| {
            for tree in &self.trees {
                for (mut sums, x) in sums.outer_iter_mut().zip(x.outer_iter()) {
                    let shares = tree.shares(x, self.n_classes);
                    sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
                }
            }
        });
        Ok(sums / self.trees.len() as f64)
    }
}
