//! A model of a comparison, by name.

use std::fmt;
use std::str::FromStr;

use micrograph_features::{FeatureSet, IntensityRange};
use micrograph_image::ResizeMode;
use serde::{Deserialize, Serialize};

use crate::{
    Balance, ClassicalName, ClassicalView, Error, HeadSettings, InputConfig, ModelName, Result,
    TrainConfig,
};

/// A model and what it looks at: `svm`, `svm:pixels`, `forest:texture`, `lipnet4`; `lipnet4v:native`,
/// a network and how images come to its size; `lipnet4+svm`, a network whose last layer is a machine,
/// and `lipnet4+logistic:lipnet`, in which it also takes features.
///
/// ```
/// use micrograph_train::{ClassicalView, Contender, TrainConfig};
///
/// let pixels: Contender = "svm:pixels".parse()?;
/// assert_eq!(pixels.settings(&TrainConfig::default()).classical.input, ClassicalView::Pixels);
/// assert_eq!(pixels.to_string(), "svm:pixels");
/// assert!("lipnet4:pixels".parse::<Contender>().is_err());
/// let padded: Contender = "lipnet4:pad".parse()?;
/// assert_eq!(padded.settings(&TrainConfig::default()).input.resize.to_string(), "pad");
///
/// let fused: Contender = "lipnet4+logistic:lipnet".parse()?;
/// let head = fused.settings(&TrainConfig::default()).head;
/// assert_eq!(head.and_then(|head| head.features).as_deref(), Some("lipnet"));
/// # Ok::<(), micrograph_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Contender {
    /// The model.
    pub model: ModelName,
    /// What takes the place of a network's last layer.
    pub head: Option<ClassicalName>,
    /// What a classical model looks at: `pixels`, `features`, or one of [`FeatureSet::PRESETS`]; `None`
    /// as the settings say. Of a head, the set of features that it takes beside the network's; of a
    /// network alone, one of [`ResizeMode::ALL`].
    pub view: Option<String>,
}

impl Contender {
    /// The settings `base`, which are common to all, as this model takes them.
    ///
    /// `balance` is for every model that can take it, [`Balance::Auto`] for the others: new samples
    /// ([`Balance::Resample`]) are for classical models and heads, weights and `costs` for models that weigh
    /// classes, and the floor takes no remedy at all: it is what doing nothing reaches. With
    /// [`Balance::Auto`] each model weighs its classes as its name stands for (a support vector
    /// machine inversely to their frequency), as in the thesis's section 8.4.
    /// `input.size` is of what sees pixels, `tuning` of classical models and heads.
    #[must_use]
    pub fn settings(&self, base: &TrainConfig) -> TrainConfig {
        let mut config = TrainConfig { model: self.model, head: self.head(base), ..base.clone() };
        let own = self.head.map_or(self.model, ModelName::Classical).pipeline();
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
        config.tuning = config.tuning.filter(|_| own.is_some());
        if let Some(resize) = self.resize() {
            config.input.resize = resize;
        }
        let Some(own) = own.filter(|_| self.head.is_none()) else { return config };
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

    /// With the settings that `base` has for a head of this name.
    fn head(&self, base: &TrainConfig) -> Option<HeadSettings> {
        let new = HeadSettings::new(self.head?, self.view.as_deref());
        let of_this = base.head.as_ref().filter(|given| given.model == new.model);
        Some(HeadSettings { pipeline: of_this.and_then(|given| given.pipeline.clone()), ..new })
    }

    /// How images come to the size of a network, where its name says so.
    fn resize(&self) -> Option<ResizeMode> {
        let of_network = !self.model.is_classical() && self.head.is_none();
        self.view.as_deref().filter(|_| of_network)?.parse().ok()
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
        write!(f, "{}", self.model)?;
        if let Some(head) = self.head {
            write!(f, "+{}", head.name())?;
        }
        match &self.view {
            Some(view) => write!(f, ":{view}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Contender {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused =
            |expected| Err(Error::Config { field: "models", value: text.to_owned(), expected });
        let (name, view) = text.split_once(':').map_or((text, None), |(n, v)| (n, Some(v)));
        let is_set = |view| FeatureSet::preset(view, IntensityRange::Object).is_ok();
        if let Some((network, head)) = name.split_once('+') {
            let model: ModelName = network.parse()?;
            if model.is_classical() {
                return refused("a network before +: a classical model has no last layer");
            }
            if !view.is_none_or(is_set) {
                return refused("behind the colon a set of features (--head-features)");
            }
            let head: ClassicalName = head.parse()?;
            return Ok(Self { model, head: Some(head), view: view.map(str::to_owned) });
        }
        let model: ModelName = name.parse()?;
        match view {
            None => {}
            Some(mode) if !model.is_classical() && mode.parse::<ResizeMode>().is_ok() => {}
            Some(_) if !model.is_classical() => {
                return refused(
                    "behind the colon of a network how images come to its size (--resize), such as \
                     lipnet4v:native; or, to add features, a head before the colon, such as \
                     lipnet4+logistic:lipnet",
                );
            }
            Some("pixels" | "features") => {}
            Some(set) if is_set(set) => {}
            Some(_) => {
                return refused(
                    "behind the colon pixels, features, or a set of features (--features)",
                );
            }
        }
        Ok(Self { model, head: None, view: view.map(str::to_owned) })
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
