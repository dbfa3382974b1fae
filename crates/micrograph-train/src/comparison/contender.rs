//! A model of a comparison, by name.

use std::fmt;
use std::str::FromStr;

use micrograph_features::{FeatureSet, IntensityRange};
use serde::{Deserialize, Serialize};

use crate::{Balance, ClassicalView, Error, InputConfig, ModelName, Result, TrainConfig};

/// A model and what it looks at: `svm`, `svm:pixels`, `forest:texture`, `lipnet4`.
///
/// ```
/// use micrograph_train::{ClassicalView, Contender, TrainConfig};
///
/// let pixels: Contender = "svm:pixels".parse()?;
/// assert_eq!(pixels.settings(&TrainConfig::default()).classical.input, ClassicalView::Pixels);
/// assert_eq!(pixels.to_string(), "svm:pixels");
/// assert!("lipnet4:pixels".parse::<Contender>().is_err());
/// # Ok::<(), micrograph_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Contender {
    /// The model.
    pub model: ModelName,
    /// What a classical model looks at: `pixels`, `features`, or one of [`FeatureSet::PRESETS`]; `None`
    /// as the settings say.
    pub view: Option<String>,
}

impl Contender {
    /// The settings `base`, which are common to all, as this model takes them.
    ///
    /// `balance` is for every model that can take it, [`Balance::Auto`] for the others: new samples
    /// ([`Balance::Resample`]) are for classical models, weights and `costs` for models that weigh
    /// classes, and the floor takes no remedy at all: it is what doing nothing reaches. With
    /// [`Balance::Auto`] each model weighs its classes as its name stands for (a support vector
    /// machine inversely to their frequency), as in the thesis's section 8.4.
    /// `input.size` is of what sees pixels.
    #[must_use]
    pub fn settings(&self, base: &TrainConfig) -> TrainConfig {
        let mut config = TrainConfig { model: self.model, ..base.clone() };
        let own = self.model.pipeline();
        let weighs = own.clone().is_none_or(|mut own| own.method.class_weights_mut().is_some());
        let can = match base.balance {
            _ if self.is_floor() => false,
            Balance::Resample => own.is_some(),
            Balance::Weights => weighs,
            _ => true,
        };
        if !can {
            config.balance = Balance::Auto;
        }
        config.costs = config.costs.filter(|_| weighs);
        let Some(own) = own else { return config };
        match self.view.as_deref() {
            Some("pixels") => config.classical.input = ClassicalView::Pixels,
            Some(set) => {
                config.classical.input = ClassicalView::Features;
                if set != "features" {
                    config.classical.features = set.to_owned();
                }
            }
            None => {}
        }
        if config.classical.input == ClassicalView::Features {
            config.input = InputConfig { size: None, ..config.input };
        }
        let own = std::mem::discriminant(&own.method);
        config.classical.pipeline =
            config.classical.pipeline.filter(|given| own == std::mem::discriminant(&given.method));
        config
    }

    /// Whether it does not look at the samples that it classifies.
    #[must_use]
    pub fn is_floor(&self) -> bool {
        self.model.to_string() == "dummy"
    }

    /// The name of its folder, which every system takes.
    #[must_use]
    pub fn folder(&self) -> String {
        self.to_string().replace(':', "-")
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.view {
            Some(view) => write!(f, "{}:{view}", self.model),
            None => write!(f, "{}", self.model),
        }
    }
}

impl FromStr for Contender {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((name, view)) = text.split_once(':') else {
            return Ok(Self { model: text.parse()?, view: None });
        };
        let model: ModelName = name.parse()?;
        if !model.is_classical() {
            let expected = "a network by its name alone: it sees pixels";
            return Err(Error::Config { field: "models", value: text.to_owned(), expected });
        }
        if view != "pixels" && view != "features" {
            FeatureSet::preset(view, IntensityRange::Object).map_err(|_| Error::Config {
                field: "models",
                value: text.to_owned(),
                expected: "behind the colon pixels, features, or a set of features (--features)",
            })?;
        }
        Ok(Self { model, view: Some(view.to_owned()) })
    }
}

impl TryFrom<String> for Contender {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl From<Contender> for String {
    fn from(contender: Contender) -> Self {
        contender.to_string()
    }
}
