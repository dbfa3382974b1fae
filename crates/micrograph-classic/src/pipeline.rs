//! Scaling and classifier together, of any kind: what is saved and loaded as one.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::saved::Saved;
use crate::{
    ClassWeights, Classifier, Dummy, DummyModel, Error, Fit, ForestConfig, ForestModel, Lda,
    LdaModel, NearestNeighbors, NearestNeighborsModel, Probability, Result, Samples, Scaler,
    Scaling, SvmConfig, SvmModel, TreeConfig, TreeModel, Wnd, WndModel,
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
    /// A random forest.
    Forest(ForestConfig),
    /// A single tree.
    Tree(TreeConfig),
    /// Linear discriminants.
    Lda(Lda),
    /// Nearest neighbors.
    Neighbors(NearestNeighbors),
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
    /// A random forest.
    Forest(ForestModel),
    /// A single tree.
    Tree(TreeModel),
    /// Linear discriminants.
    Lda(LdaModel),
    /// Nearest neighbors.
    Neighbors(NearestNeighborsModel),
    /// Weighted neighbor distances.
    Wnd(WndModel),
}

/// Scaling, where there is one, and a classifier; both are fitted to the same samples.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Pipeline, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0, 900.0], [0.1, 100.0], [0.9, 800.0], [1.0, 200.0]];
/// let pipeline = Pipeline::by_name("lda").expect("a name of `Pipeline::NAMES`");
/// let model = pipeline.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(x.view())?, [0, 0, 1, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// How features are scaled before they are fitted to and predicted from.
    pub scaling: Option<Scaling>,
    /// The classifier.
    pub method: Method,
}

impl Pipeline {
    /// The names that [`by_name`](Self::by_name) knows.
    pub const NAMES: [&str; 7] = ["svm", "forest", "tree", "lda", "neighbors", "wnd", "dummy"];

    /// Sensible settings for unequal classes: `svm` is scaled, balanced, and has probabilities of
    /// five folds; `lda` and `neighbors` are scaled; `forest`, `tree`, `wnd` (which scales by
    /// itself) and `dummy`, the majority, have their defaults. `None` for other names.
    pub fn by_name(name: &str) -> Option<Self> {
        let svm = SvmConfig {
            class_weights: ClassWeights::Balanced,
            probability: Probability::Platt { folds: 5 },
            ..SvmConfig::default()
        };
        let (scaling, method) = match name {
            "svm" => (Some(Scaling::Standard), Method::Svm(svm)),
            "forest" => (None, Method::Forest(ForestConfig::default())),
            "tree" => (None, Method::Tree(TreeConfig::default())),
            "lda" => (Some(Scaling::Standard), Method::Lda(Lda)),
            "neighbors" => {
                (Some(Scaling::Standard), Method::Neighbors(NearestNeighbors::default()))
            }
            "wnd" => (None, Method::Wnd(Wnd::default())),
            "dummy" => (None, Method::Dummy(Dummy::Majority)),
            _ => return None,
        };
        Some(Self { scaling, method })
    }
}

/// A fitted [`Pipeline`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct PipelineModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    scaler: Option<Scaler>,
    model: AnyModel,
}

impl TryFrom<Parts> for PipelineModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let d = parts.model.n_features();
        let fits = parts.scaler.as_ref().is_none_or(|scaler| scaler.center().len() == d);
        Saved("pipeline").must(fits, "a scaler and a classifier of the same features")?;
        Ok(Self(parts))
    }
}

impl PipelineModel {
    /// What features are scaled by.
    pub fn scaler(&self) -> Option<&Scaler> {
        self.0.scaler.as_ref()
    }

    /// The classifier, which takes scaled features.
    pub fn model(&self) -> &AnyModel {
        &self.0.model
    }
}

impl Fit for Method {
    type Model = AnyModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<AnyModel> {
        Ok(match self {
            Self::Dummy(config) => AnyModel::Dummy(config.fit(samples, seed)?),
            Self::Svm(config) => AnyModel::Svm(config.fit(samples, seed)?),
            Self::Forest(config) => AnyModel::Forest(config.fit(samples, seed)?),
            Self::Tree(config) => AnyModel::Tree(config.fit(samples, seed)?),
            Self::Lda(config) => AnyModel::Lda(config.fit(samples, seed)?),
            Self::Neighbors(config) => AnyModel::Neighbors(config.fit(samples, seed)?),
            Self::Wnd(config) => AnyModel::Wnd(config.fit(samples, seed)?),
        })
    }
}

impl AnyModel {
    fn classifier(&self) -> &dyn Classifier {
        match self {
            Self::Dummy(model) => model,
            Self::Svm(model) => model,
            Self::Forest(model) => model,
            Self::Tree(model) => model,
            Self::Lda(model) => model,
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

impl Fit for Pipeline {
    type Model = PipelineModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<PipelineModel> {
        let Some(scaling) = self.scaling else {
            let model = self.method.fit(samples, seed)?;
            return Ok(PipelineModel(Parts { scaler: None, model }));
        };
        let scaler = scaling.fit(samples.x())?;
        let x = scaler.transform(samples.x())?;
        let scaled = Samples::new(x.view(), samples.labels(), samples.n_classes())?;
        let model = self.method.fit(&scaled, seed)?;
        Ok(PipelineModel(Parts { scaler: Some(scaler), model }))
    }
}

impl Classifier for PipelineModel {
    fn n_features(&self) -> usize {
        self.0.model.n_features()
    }

    fn n_classes(&self) -> usize {
        self.0.model.n_classes()
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        match &self.0.scaler {
            Some(scaler) => self.0.model.probabilities(scaler.transform(x)?.view()),
            None => self.0.model.probabilities(x),
        }
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        match &self.0.scaler {
            Some(scaler) => self.0.model.predict(scaler.transform(x)?.view()),
            None => self.0.model.predict(x),
        }
    }
}
