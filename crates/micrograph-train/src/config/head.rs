//! A classical model in the place of a network's last layer.

use std::fmt;

use micrograph_classic::Pipeline;
use micrograph_features::{FeatureSet, IntensityRange};
use serde::{Deserialize, Serialize};

use super::ClassicalName;
use super::classical::pipeline_of;
use crate::{Error, Result};

/// The classical model that takes the place of a network's last layer when the network is trained.
///
/// It is fitted once, to what the last layer takes of the training samples as they are (not
/// augmented), with the weights of the best epoch. Epochs, early stopping and what picks the best
/// epoch are the network's own.
///
/// ```
/// use micrograph_train::HeadSettings;
///
/// let head = HeadSettings::new("logistic".parse()?, Some("lipnet"));
/// assert_eq!(head.to_string(), "logistic:lipnet");
/// # Ok::<(), micrograph_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSettings {
    /// The classifier.
    pub model: ClassicalName,
    /// The set of features that it takes beside the network's, one of [`FeatureSet::PRESETS`];
    /// `None` where it takes no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
    /// Other settings than those of the model's name ([`Pipeline::by_name`]), of the same method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
}

impl HeadSettings {
    /// With the settings that the name stands for.
    #[must_use]
    pub fn new(model: ClassicalName, features: Option<&str>) -> Self {
        Self { model, features: features.map(str::to_owned), pipeline: None }
    }

    /// Scaling and classifier.
    pub(crate) fn pipeline(&self) -> Result<Pipeline> {
        pipeline_of(self.model, self.pipeline.as_ref(), "head.pipeline")
    }

    pub(super) fn validate(&self) -> Result<()> {
        if self.model.name() == "dummy" {
            let (field, value) = ("head.model", "dummy".to_owned());
            let expected = "a classifier that looks at what it classifies, such as svm or logistic";
            return Err(Error::Config { field, value, expected });
        }
        if let Some(features) = &self.features {
            FeatureSet::preset(features, IntensityRange::Object).map_err(|_| Error::Config {
                field: "head.features",
                value: features.clone(),
                expected: "lipnet, vironova, size, shape, texture, appearance, wndcharm or all",
            })?;
        }
        self.pipeline().map(drop)
    }
}

/// As behind the `+` of a model in a comparison: `svm`, `logistic:lipnet`.
impl fmt::Display for HeadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.features {
            Some(features) => write!(f, "{}:{features}", self.model.name()),
            None => f.write_str(self.model.name()),
        }
    }
}
