//! Settings of the methods; the defaults are those of imbalanced-learn 0.14 unless said otherwise.

use serde::{Deserialize, Serialize};

use super::{Cleaned, Target};

/// New samples of a class between a sample and one of its `k` nearest of the same class.
///
/// `x_new = x_i + u (x_j - x_i)`, with `i`, `j` and `u` in `[0, 1)` drawn uniformly.
///
/// # Source
/// Chawla et al. 2002, "SMOTE: synthetic minority over-sampling technique".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmoteConfig {
    /// How many neighbors there are to draw from; 5 by default, as in the paper.
    pub k: usize,
    /// How many samples each class is to have.
    pub target: Target,
}

impl Default for SmoteConfig {
    fn default() -> Self {
        Self { k: 5, target: Target::Even }
    }
}

/// SMOTE from the samples in danger alone: at least half of their `m` nearest, but not all, belong
/// to other classes.
///
/// `borderline1` interpolates to neighbors of the same class. `borderline2` takes neighbors of any
/// class, and goes at most half of the way to those of another one.
///
/// # Source
/// Han, Wang and Mao 2005, "Borderline-SMOTE".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BorderlineConfig {
    /// How many neighbors there are to draw from; 5 by default.
    pub k: usize,
    /// How many neighbors of any class decide whether a sample is in danger; 10 by default.
    pub m: usize,
    /// How many samples each class is to have.
    pub target: Target,
}

impl Default for BorderlineConfig {
    fn default() -> Self {
        Self { k: 5, m: 10, target: Target::Even }
    }
}

/// SMOTE from the support vectors of a machine: between those in danger and their neighbors, and
/// beyond the others, away from their neighbors.
///
/// Support vectors whose `m` nearest all belong to other classes are noise and left out. The share
/// of new samples at those in danger is drawn from a beta distribution of parameters 10 and 10.
///
/// # Source
/// Nguyen, Cooper and Kamei 2011, "Borderline over-sampling for imbalanced data classification".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SvmSmoteConfig {
    /// How many neighbors there are to draw from; 5 by default.
    pub k: usize,
    /// How many neighbors of any class decide what is noise and what in danger; 10 by default.
    pub m: usize,
    /// How far beyond a safe support vector a sample may lie, as a share of the way to its
    /// neighbor, in `[0, 1]`; 0.5 by default.
    pub out_step: f64,
    /// How many samples each class is to have.
    pub target: Target,
}

impl Default for SvmSmoteConfig {
    fn default() -> Self {
        Self { k: 5, m: 10, out_step: 0.5, target: Target::Even }
    }
}

/// SMOTE within clusters in which the class is not rare, more where it is sparse.
///
/// A cluster counts if at least `balance_threshold` of its samples belong to the class, and more
/// than `k` do. Each gets `ceil(n w)` of the `n` new samples, so that a class may end a few above
/// its target; `w` is proportional to `mean distance^density_exponent / count` over the class's
/// samples in the cluster.
///
/// # Source
/// Last, Douzas and Bacao 2017, "Oversampling for imbalanced learning based on k-means and SMOTE".
/// Clusters are Lloyd's, from k-means++; imbalanced-learn takes mini-batches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KMeansSmoteConfig {
    /// How many neighbors there are to draw from; 2 by default.
    pub k: usize,
    /// How many clusters; 8 by default, and as many as samples where there are fewer.
    pub clusters: usize,
    /// The least share of the class in a cluster; by default half of the class's share of all new
    /// samples (of two classes, 0.5). With one cluster there is no such limit.
    pub balance_threshold: Option<f64>,
    /// By default `0.16 ln(count)^1.8 / ln(1.6)^1.8`.
    pub density_exponent: Option<f64>,
    /// How many samples each class is to have.
    pub target: Target,
}

impl Default for KMeansSmoteConfig {
    fn default() -> Self {
        Self {
            k: 2,
            clusters: 8,
            balance_threshold: None,
            density_exponent: None,
            target: Target::Even,
        }
    }
}

/// SMOTE with more new samples where the class is harder to learn.
///
/// A sample gets `round(n r / sum r)` of the `n` new ones, where `r` is the share of other classes
/// among its `k` nearest; the class may end a few off its target. Interpolation is SMOTE's.
///
/// # Source
/// He et al. 2008, "ADASYN: adaptive synthetic sampling approach for imbalanced learning".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdasynConfig {
    /// How many neighbors count, and how many there are to draw from; 5 by default.
    pub k: usize,
    /// How many samples each class is to have.
    pub target: Target,
}

impl Default for AdasynConfig {
    fn default() -> Self {
        Self { k: 5, target: Target::Even }
    }
}

/// Copies of samples, drawn with replacement; or, in `random_under`, samples drawn without.
///
/// To draw anew in each epoch take [`oversample`](crate::oversample) and
/// [`undersample`](crate::undersample).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomConfig {
    /// How many samples each class is to have.
    pub target: Target,
}

/// Leaves out samples in Tomek links: two samples of different classes, each the nearest of the
/// other.
///
/// # Source
/// Tomek 1976, "Two modifications of CNN".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TomekConfig {
    /// The classes that samples are taken from.
    pub classes: Cleaned,
}

/// Leaves out samples whose `k` nearest do not agree with them.
///
/// # Source
/// Wilson 1972, "Asymptotic properties of nearest neighbor rules using edited data".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnnConfig {
    /// How many neighbors are asked; 3 by default.
    pub k: usize,
    /// What agreement is.
    pub agreement: Agreement,
    /// The classes that samples are taken from.
    pub classes: Cleaned,
}

impl Default for EnnConfig {
    fn default() -> Self {
        Self { k: 3, agreement: Agreement::All, classes: Cleaned::default() }
    }
}

/// When the neighbors of a sample agree with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Agreement {
    /// All of them are of its class.
    #[default]
    All,
    /// No class has more of them than its own, nor a class of lower index as many.
    Mode,
}

/// Keeps the samples of a class by their distances to the smallest class.
///
/// - `near_miss1`: those whose mean distance to their `k` nearest of the smallest class is least;
/// - `near_miss2`: to their `k` farthest;
/// - `near_miss3`: among the `k_first` nearest of each sample of the smallest class, those whose
///   mean distance to their `k` nearest is greatest. There may be fewer of them than asked for.
///
/// # Source
/// Mani and Zhang 2003, "kNN approach to unbalanced data distributions".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearMissConfig {
    /// How many distances are averaged; 3 by default.
    pub k: usize,
    /// How many neighbors each sample of the smallest class proposes in `near_miss3`; 3 by default.
    pub k_first: usize,
    /// How many samples each class is to keep.
    pub target: Target,
}

impl Default for NearMissConfig {
    fn default() -> Self {
        Self { k: 3, k_first: 3, target: Target::Even }
    }
}

/// SMOTE, then Tomek links of all classes are left out.
///
/// # Source
/// Batista, Bazzan and Monard 2003, "Balancing training data for automated annotation of keywords".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmoteTomekConfig {
    /// The first step.
    pub smote: SmoteConfig,
    /// The second step, over all classes by default.
    pub tomek: TomekConfig,
}

impl Default for SmoteTomekConfig {
    fn default() -> Self {
        let tomek = TomekConfig { classes: Cleaned::All };
        Self { smote: SmoteConfig::default(), tomek }
    }
}

/// SMOTE, then what its neighbors disagree with is left out, in all classes.
///
/// # Source
/// Batista, Prati and Monard 2004, "A study of the behavior of several methods for balancing
/// machine learning training data".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmoteEnnConfig {
    /// The first step.
    pub smote: SmoteConfig,
    /// The second step, over all classes by default.
    pub enn: EnnConfig,
}

impl Default for SmoteEnnConfig {
    fn default() -> Self {
        let enn = EnnConfig { classes: Cleaned::All, ..EnnConfig::default() };
        Self { smote: SmoteConfig::default(), enn }
    }
}
