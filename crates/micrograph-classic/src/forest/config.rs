//! Settings of a forest.

use rand::RngExt as _;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::grow::{Grown, Growth, grow};
use super::model::{ForestModel, Parts};
use super::out_of_bag::{self, Bag};
use super::ranks::Ranks;
use super::split::Member;
use crate::random::{Purpose, stream};
use crate::{ClassWeights, Error, Fit, Result, Samples};

/// A random forest: trees on bootstrap samples, features drawn anew for each split.
///
/// Trees grow by Gini impurity until their leaves are pure; probabilities are the mean of the
/// leaves' shares, as in scikit-learn, where Breiman counts votes.
///
/// # Errors
/// Those of [`Fit`].
///
/// # Source
/// Breiman 2001, "Random forests"; defaults, thresholds halfway between values, and what happens
/// with features that are constant in a node as in scikit-learn's `RandomForestClassifier`.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, ForestConfig, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0, 5.0], [0.1, 3.0], [0.2, 4.0], [1.0, 4.0], [1.1, 5.0], [1.2, 3.0]];
/// let labels = [0, 0, 0, 1, 1, 1];
/// let model = ForestConfig::default().fit(&Samples::new(x.view(), &labels, 2)?, 7)?;
/// assert_eq!(model.predict(x.view())?, labels);
/// // The first feature tells the classes apart, the second says nothing.
/// assert!(model.importances()[0] > 0.8);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForestConfig {
    /// How many trees; 100 by default.
    pub trees: usize,
    /// How many features are tried at each split; the square root by default.
    pub max_features: MaxFeatures,
    /// How deep a tree may be; without limit by default.
    pub max_depth: Option<usize>,
    /// The least distinct samples that a node must have to be split; 2 by default.
    pub min_split: usize,
    /// The least distinct samples of a leaf; 1 by default.
    pub min_leaf: usize,
    /// Factors of the draws of a class.
    pub class_weights: ClassWeights,
}

impl Default for ForestConfig {
    fn default() -> Self {
        Self {
            trees: 100,
            max_features: MaxFeatures::Sqrt,
            max_depth: None,
            min_split: 2,
            min_leaf: 1,
            class_weights: ClassWeights::None,
        }
    }
}

/// How many of `d` features are tried at each split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaxFeatures {
    /// The square root, rounded down.
    #[default]
    Sqrt,
    /// The logarithm to base 2, rounded down.
    Log2,
    /// All of them.
    All,
    /// This number; all of them where there are fewer.
    Count(usize),
}

impl MaxFeatures {
    pub(super) fn of(self, d: usize) -> usize {
        match self {
            Self::Sqrt => d.isqrt(),
            Self::Log2 => d.ilog2().max(1) as usize,
            Self::All => d,
            Self::Count(count) => count.min(d),
        }
    }
}

/// Refuses a `value` of 0, by the name of its field.
pub(super) fn at_least(least: usize, field: &'static str, value: usize) -> Result<()> {
    let expected = if least == 1 { "at least 1" } else { "at least 2" };
    if value >= least {
        return Ok(());
    }
    Err(Error::Setting { field, value: value.to_string(), expected })
}

impl ForestConfig {
    fn validate(&self) -> Result<()> {
        at_least(1, "trees", self.trees)?;
        at_least(2, "min_split", self.min_split)?;
        at_least(1, "min_leaf", self.min_leaf)?;
        match self.max_features {
            MaxFeatures::Count(count) => at_least(1, "max_features", count),
            _ => Ok(()),
        }
    }

    fn growth(&self, d: usize) -> Growth {
        Growth {
            tried: self.max_features.of(d),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_split: self.min_split,
            min_leaf: self.min_leaf,
        }
    }
}

impl Fit for ForestConfig {
    type Model = ForestModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<ForestModel> {
        self.validate()?;
        let weights = self.class_weights.of(samples)?;
        let growth = self.growth(samples.x().ncols());
        let ranks = Ranks::new(samples.x());
        let labels = samples.labels();
        let one = |tree: usize| {
            let counts = draw(labels.len(), seed, tree as u64);
            let members = members(labels, &counts);
            let rng = stream(Purpose::Split, seed, tree as u64, 0);
            (grow(&ranks, &weights, &growth, members, rng), Bag::new(&counts))
        };
        let grown: Vec<(Grown, Bag)> = (0..self.trees).into_par_iter().map(one).collect();
        let (grown, bags): (Vec<Grown>, Vec<Bag>) = grown.into_iter().unzip();
        let importances = mean_importances(grown.iter().map(|grown| &grown.importances[..]));
        let trees: Vec<_> = grown.into_iter().map(|grown| grown.tree).collect();
        let out_of_bag = out_of_bag::measure(&trees, &bags, samples);
        let n_classes = samples.n_classes();
        Ok(ForestModel::new(Parts { trees, importances, out_of_bag, n_classes }))
    }
}

/// How often each of `n` samples is drawn for `tree`.
fn draw(n: usize, seed: u64, tree: u64) -> Vec<u16> {
    let mut rng = stream(Purpose::Bootstrap, seed, tree, 0);
    let mut counts = vec![0_u16; n];
    for _ in 0..n {
        let count = &mut counts[rng.random_range(0..n)];
        *count = count.saturating_add(1);
    }
    counts
}

/// The samples that were drawn.
pub(super) fn members(labels: &[u32], counts: &[u16]) -> Vec<Member> {
    let all = labels.iter().zip(counts).zip(0..);
    all.filter(|((_, count), _)| **count > 0)
        .map(|((&label, &count), sample)| Member { sample, class: label as u16, count })
        .collect()
}

/// The mean over trees of importances that sum to 1 in each; a tree without splits has none.
pub(super) fn mean_importances<'a>(trees: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
    let mut sums: Vec<f64> = Vec::new();
    for importances in trees {
        sums.resize(importances.len(), 0.0);
        let total: f64 = importances.iter().sum();
        if total > 0.0 {
            sums.iter_mut().zip(importances).for_each(|(sum, value)| *sum += value / total);
        }
    }
    let total: f64 = sums.iter().sum();
    if total > 0.0 {
        sums.iter_mut().for_each(|sum| *sum /= total);
    }
    sums
}
