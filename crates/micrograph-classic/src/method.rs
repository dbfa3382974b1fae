//! A classifier of any kind.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{
    ClassWeights, Classifier, Dummy, DummyModel, Fit, ForestConfig, ForestModel, Lda, LinearModel,
    Logistic, NearestCentroid, NearestNeighbors, NearestNeighborsModel, NuSvmConfig, Probability,
    Result, Samples, SvmConfig, SvmModel, TreeConfig, TreeModel, Wnd, WndModel,
};

/// Settings of a classifier of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// A guess without features.
    Dummy(Dummy),
    /// A support vector machine.
    Svm(SvmConfig),
    /// A support vector machine with a share of errors.
    NuSvm(NuSvmConfig),
    /// A random forest.
    Forest(ForestConfig),
    /// A single tree.
    Tree(TreeConfig),
    /// Linear discriminants.
    Lda(Lda),
    /// Logistic regression.
    Logistic(Logistic),
    /// Nearest neighbors.
    Neighbors(NearestNeighbors),
    /// Nearest centroids.
    Centroid(NearestCentroid),
    /// Weighted neighbor distances.
    Wnd(Wnd),
}

/// A fitted [`Method`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyModel {
    /// A guess without features.
    Dummy(DummyModel),
    /// A support vector machine.
    Svm(SvmModel),
    /// A support vector machine with a share of errors.
    NuSvm(SvmModel),
    /// A random forest.
    Forest(ForestModel),
    /// A single tree.
    Tree(TreeModel),
    /// Linear discriminants.
    Lda(LinearModel),
    /// Logistic regression.
    Logistic(LinearModel),
    /// Nearest neighbors.
    Neighbors(NearestNeighborsModel),
    /// Nearest centroids.
    Centroid(LinearModel),
    /// Weighted neighbor distances.
    Wnd(WndModel),
}

impl Method {
    /// How much the classes weigh in fitting; `None` for a method in which they all weigh the same.
    ///
    /// ```
    /// use micrograph_classic::{ClassWeights, Pipeline};
    ///
    /// let mut forest = Pipeline::by_name("forest").expect("a name of `Pipeline::NAMES`").method;
    /// *forest.class_weights_mut().expect("a forest weighs classes") = ClassWeights::Balanced;
    /// let mut lda = Pipeline::by_name("lda").expect("a name of `Pipeline::NAMES`").method;
    /// assert_eq!(lda.class_weights_mut(), None);
    /// ```
    pub fn class_weights_mut(&mut self) -> Option<&mut ClassWeights> {
        match self {
            Self::Svm(config) => Some(&mut config.class_weights),
            Self::Forest(config) => Some(&mut config.class_weights),
            Self::Tree(config) => Some(&mut config.class_weights),
            Self::Logistic(config) => Some(&mut config.class_weights),
            Self::Dummy(_)
            | Self::NuSvm(_)
            | Self::Lda(_)
            | Self::Neighbors(_)
            | Self::Centroid(_)
            | Self::Wnd(_) => None,
        }
    }

    /// Whether the fitted model gives probabilities: a support vector machine does where its
    /// settings ask for them, every other method always.
    pub fn has_probabilities(&self) -> bool {
        match self {
            Self::Svm(config) => config.probability != Probability::None,
            Self::NuSvm(config) => config.probability != Probability::None,
            _ => true,
        }
    }
}

impl Fit for Method {
    type Model = AnyModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<AnyModel> {
        Ok(match self {
            Self::Dummy(config) => AnyModel::Dummy(config.fit(samples, seed)?),
            Self::Svm(config) => AnyModel::Svm(config.fit(samples, seed)?),
            Self::NuSvm(config) => AnyModel::NuSvm(config.fit(samples, seed)?),
            Self::Forest(config) => AnyModel::Forest(config.fit(samples, seed)?),
            Self::Tree(config) => AnyModel::Tree(config.fit(samples, seed)?),
            Self::Lda(config) => AnyModel::Lda(config.fit(samples, seed)?),
            Self::Logistic(config) => AnyModel::Logistic(config.fit(samples, seed)?),
            Self::Neighbors(config) => AnyModel::Neighbors(config.fit(samples, seed)?),
            Self::Centroid(config) => AnyModel::Centroid(config.fit(samples, seed)?),
            Self::Wnd(config) => AnyModel::Wnd(config.fit(samples, seed)?),
        })
    }
}

impl AnyModel {
    fn classifier(&self) -> &dyn Classifier {
        match self {
            Self::Dummy(model) => model,
            Self::Svm(model) | Self::NuSvm(model) => model,
            Self::Forest(model) => model,
            Self::Tree(model) => model,
            Self::Lda(model) | Self::Logistic(model) | Self::Centroid(model) => model,
            Self::Neighbors(model) => model,
            Self::Wnd(model) => model,
        }
    }
}

impl Classifier for AnyModel {
    fn n_features(&self) -> usize {
        self.classifier().n_features()
    }

    fn n_classes(&self) -> usize {
        self.classifier().n_classes()
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.classifier().probabilities(x)
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        self.classifier().predict(x)
    }
}
