//! A single tree.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::config::{MaxFeatures, at_least, mean_importances, members};
use super::grow::{Growth, grow};
use super::ranks::Ranks;
use super::tree::Tree;
use crate::random::{Purpose, stream};
use crate::samples::check_features;
use crate::saved::Saved;
use crate::{ClassWeights, Classifier, Error, Fit, Result, Samples};

/// A classification tree by Gini impurity on all samples and all features.
///
/// Of splits that are equally good the first feature in an order drawn from the seed wins.
///
/// # Source
/// Breiman et al. 1984, "Classification and regression trees"; scikit-learn's
/// `DecisionTreeClassifier` with its defaults.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Samples, TreeConfig};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0]];
/// let model = TreeConfig::default().fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.n_leaves(), 2);
/// assert_eq!(model.predict(array![[1.4], [1.6]].view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TreeConfig {
    /// How deep the tree may be; without limit by default.
    pub max_depth: Option<usize>,
    /// The least samples that a node must have to be split; 2 by default.
    pub min_split: usize,
    /// The least samples of a leaf; 1 by default.
    pub min_leaf: usize,
    /// Factors of the samples of a class.
    pub class_weights: ClassWeights,
}

impl Default for TreeConfig {
    fn default() -> Self {
        Self { max_depth: None, min_split: 2, min_leaf: 1, class_weights: ClassWeights::None }
    }
}

impl Fit for TreeConfig {
    type Model = TreeModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<TreeModel> {
        at_least(2, "min_split", self.min_split)?;
        at_least(1, "min_leaf", self.min_leaf)?;
        let weights = self.class_weights.of(samples)?;
        let growth = Growth {
            tried: MaxFeatures::All.of(samples.x().ncols()),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_split: self.min_split,
            min_leaf: self.min_leaf,
        };
        let members = members(samples.labels(), &vec![1; samples.labels().len()]);
        let rng = stream(Purpose::Split, seed, 0, 0);
        let grown = grow(&Ranks::new(samples.x()), &weights, &growth, members, rng);
        let importances = mean_importances(std::iter::once(&grown.importances[..]));
        let n_classes = samples.n_classes();
        Ok(TreeModel(Parts { tree: grown.tree, importances, n_classes }))
    }
}

/// A fitted [`TreeConfig`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct TreeModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    tree: Tree,
    importances: Vec<f64>,
    n_classes: usize,
}

impl TryFrom<Parts> for TreeModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("tree");
        saved.n_classes(parts.n_classes)?;
        saved.must(!parts.importances.is_empty(), "at least one feature")?;
        saved.finite(&parts.importances)?;
        parts.tree.check(parts.importances.len(), parts.n_classes, saved)?;
        Ok(Self(parts))
    }
}

impl TreeModel {
    /// The importance of each feature, as of a [forest](crate::ForestModel::importances).
    pub fn importances(&self) -> &[f64] {
        &self.0.importances
    }

    /// How many leaves the tree has.
    pub fn n_leaves(&self) -> usize {
        self.0.tree.n_leaves()
    }
}

impl Classifier for TreeModel {
    fn n_features(&self) -> usize {
        self.0.importances.len()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let mut probabilities = Array2::zeros((x.nrows(), self.0.n_classes));
        for (mut row, x) in probabilities.outer_iter_mut().zip(x.outer_iter()) {
            row.assign(&ndarray::ArrayView1::from(self.0.tree.shares(x, self.0.n_classes)));
        }
        Ok(probabilities)
    }
}
