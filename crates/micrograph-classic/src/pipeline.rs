//! Scaling, reduction and a classifier together: what is saved and loaded as one.

use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use serde::{Deserialize, Serialize};

use crate::saved::Saved;
use crate::{
    AnyModel, ClassWeights, Classifier, Dummy, Error, Fit, ForestConfig, Lda, Logistic, Method,
    NearestCentroid, NearestNeighbors, NuSvmConfig, Probability, Reduced, Reduction, Result,
    Samples, Scaler, Scaling, SvmConfig, TreeConfig, Wnd,
};

/// Scaling, reduction of features, and a classifier, in this order and the first two where there
/// are any; all are fitted to the same samples.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Pca, Pipeline, Reduction, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0, 900.0], [0.1, 100.0], [0.9, 800.0], [1.0, 200.0]];
/// let mut pipeline = Pipeline::by_name("lda").expect("a name of `Pipeline::NAMES`");
/// let model = pipeline.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(x.view())?, [0, 0, 1, 1]);
///
/// pipeline.reduction = Some(Reduction::Pca(Pca::Count(2)));
/// let model = pipeline.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(x.view())?, [0, 0, 1, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// How features are scaled before they are fitted to and predicted from.
    pub scaling: Option<Scaling>,
    /// How scaled features become fewer.
    #[serde(default)]
    pub reduction: Option<Reduction>,
    /// The classifier.
    pub method: Method,
}

impl Pipeline {
    /// The names that [`by_name`](Self::by_name) knows.
    pub const NAMES: [&str; 10] = [
        "svm",
        "nu_svm",
        "forest",
        "tree",
        "lda",
        "logistic",
        "neighbors",
        "centroid",
        "wnd",
        "dummy",
    ];

    /// Sensible settings for unequal classes, without a reduction: `svm` is scaled, balanced, and
    /// has probabilities of five folds, balanced as well; `nu_svm`, which knows no weights, is
    /// scaled and has such probabilities; `logistic` is scaled and balanced; `lda`, `neighbors` and `centroid` are
    /// scaled; `forest`, `tree`, `wnd` (which scales by itself) and `dummy`, the majority, have
    /// their defaults. `None` for other names.
    pub fn by_name(name: &str) -> Option<Self> {
        let probability = Probability::platt(5);
        let class_weights = ClassWeights::Balanced;
        let (scaling, method) = match name {
            "svm" => {
                let config = SvmConfig { class_weights, probability, ..SvmConfig::default() };
                (Some(Scaling::Standard), Method::Svm(config))
            }
            "nu_svm" => {
                let config = NuSvmConfig { probability, ..NuSvmConfig::default() };
                (Some(Scaling::Standard), Method::NuSvm(config))
            }
            "logistic" => {
                let config = Logistic { class_weights, ..Logistic::default() };
                (Some(Scaling::Standard), Method::Logistic(config))
            }
            "lda" => (Some(Scaling::Standard), Method::Lda(Lda)),
            "neighbors" => {
                (Some(Scaling::Standard), Method::Neighbors(NearestNeighbors::default()))
            }
            "centroid" => (Some(Scaling::Standard), Method::Centroid(NearestCentroid)),
            "forest" => (None, Method::Forest(ForestConfig::default())),
            "tree" => (None, Method::Tree(TreeConfig::default())),
            "wnd" => (None, Method::Wnd(Wnd::default())),
            "dummy" => (None, Method::Dummy(Dummy::Majority)),
            _ => return None,
        };
        Some(Self { scaling, reduction: None, method })
    }
}

/// A fitted [`Pipeline`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct PipelineModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    scaler: Option<Scaler>,
    reduced: Option<Reduced>,
    model: AnyModel,
}

impl Parts {
    /// How many features each stage takes, and how many it gives.
    fn widths(&self) -> Vec<(usize, usize)> {
        let scaler = self.scaler.iter().map(|s| (s.center().len(), s.center().len()));
        let reduced = self.reduced.iter().map(|r| (r.n_features(), r.n_kept()));
        let model = (self.model.n_features(), self.model.n_classes());
        scaler.chain(reduced).chain([model]).collect()
    }
}

impl TryFrom<Parts> for PipelineModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let fits = parts.widths().windows(2).all(|pair| pair[0].1 == pair[1].0);
        Saved("pipeline").must(fits, "stages of which each takes what the one before gives")?;
        Ok(Self(parts))
    }
}

impl PipelineModel {
    /// What features are scaled by.
    pub fn scaler(&self) -> Option<&Scaler> {
        self.0.scaler.as_ref()
    }

    /// How scaled features become fewer.
    pub fn reduced(&self) -> Option<&Reduced> {
        self.0.reduced.as_ref()
    }

    /// The classifier, which takes scaled and reduced features.
    pub fn model(&self) -> &AnyModel {
        &self.0.model
    }

    /// What the classifier takes.
    fn prepare<'a>(&self, x: ArrayView2<'a, f64>) -> Result<CowArray<'a, f64, Ix2>> {
        let x: CowArray<'a, f64, Ix2> = match &self.0.scaler {
            Some(scaler) => scaler.transform(x)?.into(),
            None => x.into(),
        };
        match &self.0.reduced {
            Some(reduced) => Ok(reduced.transform(x.view())?.into()),
            None => Ok(x),
        }
    }
}

impl Fit for Pipeline {
    type Model = PipelineModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<PipelineModel> {
        let scaler = self.scaling.map(|scaling| scaling.fit(samples.x())).transpose()?;
        let scaled = scaler.as_ref().map(|scaler| scaler.transform(samples.x())).transpose()?;
        let x = scaled.as_ref().map_or(samples.x(), |scaled| scaled.view());
        let reduced = match &self.reduction {
            Some(reduction) => Some(reduction.fit(&samples.with_x(x)?)?),
            None => None,
        };
        let fewer = reduced.as_ref().map(|reduced| reduced.transform(x)).transpose()?;
        let x = fewer.as_ref().map_or(x, |fewer| fewer.view());
        let model = self.method.fit(&samples.with_x(x)?, seed)?;
        Ok(PipelineModel(Parts { scaler, reduced, model }))
    }
}

impl Classifier for PipelineModel {
    fn n_features(&self) -> usize {
        self.0.widths().first().map_or(0, |width| width.0)
    }

    fn n_classes(&self) -> usize {
        self.0.model.n_classes()
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.0.model.probabilities(self.prepare(x)?.view())
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        self.0.model.predict(self.prepare(x)?.view())
    }
}
