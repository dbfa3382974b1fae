//! What a model is, before its numbers are known.

use std::borrow::Cow;

use micrograph_classic::{Pipeline, Tuned};
use micrograph_image::{PixelSize, Preprocessing};
use micrograph_nn::LipNetConfig;
use serde::{Deserialize, Serialize};

use crate::{ClassicalInput, Error, FeatureInput, Lengths, Result};

/// What a model is: a network, a classical classifier and what it looks at, or both, one after the
/// other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelConfig {
    /// A network over pixels.
    Network(LipNetConfig),
    /// Scaling and classifier over pixels or features.
    Classical(ClassicalConfig),
    /// A network over pixels whose last layer is a classical classifier.
    Headed(HeadedConfig),
}

/// A network, and the classical classifier that stands in the place of its last layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadedConfig {
    /// The network; its own last layer, by which it was trained, has no part in predictions.
    pub network: LipNetConfig,
    /// What classifies.
    pub head: HeadConfig,
}

/// A classical classifier over what the last layer of a network takes
/// ([`embedding`](micrograph_nn::ClassificationNetwork::embedding)), then handcrafted features where it takes any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// What the settings call it, one of [`Pipeline::NAMES`].
    pub name: String,
    /// The features that it takes beside the embedding; `None` where it takes no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureInput>,
    /// The settings with which it was fitted.
    pub pipeline: Pipeline,
}

/// A classical classifier and what it looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassicalConfig {
    /// What the settings call it, one of [`Pipeline::NAMES`].
    pub name: String,
    /// What it is fitted to and predicts from.
    pub input: ClassicalInput,
    /// The settings with which it was fitted.
    pub pipeline: Pipeline,
}

impl ModelConfig {
    /// The name on the command line: `lipnet4`, `svm`, `lipnet4+svm`, `lipnet4+logistic:lipnet`.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Network(network) => network.architecture.name().into(),
            Self::Classical(classical) => classical.name.as_str().into(),
            Self::Headed(HeadedConfig { network, head }) => {
                let network = network.architecture.name();
                let behind = |features: &FeatureInput| format!(":{}", features.name);
                let features = head.features.as_ref().map(behind).unwrap_or_default();
                format!("{network}+{}{features}", head.name).into()
            }
        }
    }

    /// The name for a reader: `LipNet-4`, `Random forest`, `LipNet-4 with random forest`.
    #[must_use]
    pub fn title(&self) -> Cow<'_, str> {
        match self {
            Self::Network(network) => network.architecture.title().into(),
            Self::Classical(classical) => title_of(&classical.name).into(),
            Self::Headed(HeadedConfig { network, head }) => {
                let (network, head) = (network.architecture.title(), title_of(&head.name));
                format!("{network} with {}", head.to_lowercase()).into()
            }
        }
    }

    /// The features that the model takes, in place of pixels or beside them.
    #[must_use]
    pub fn features(&self) -> Option<&FeatureInput> {
        match self {
            Self::Classical(ClassicalConfig {
                input: ClassicalInput::Features(features), ..
            }) => Some(features),
            Self::Headed(HeadedConfig { head, .. }) => head.features.as_ref(),
            _ => None,
        }
    }

    /// Whether the model takes pixels, alone or with features beside them.
    #[must_use]
    pub fn takes_pixels(&self) -> bool {
        self.network().is_some() || self.features().is_none()
    }

    /// The network, with or without a last layer of its own.
    #[must_use]
    pub fn network(&self) -> Option<&LipNetConfig> {
        match self {
            Self::Network(network) | Self::Headed(HeadedConfig { network, .. }) => Some(network),
            Self::Classical(_) => None,
        }
    }

    /// Scaling and classifier of the classical model, alone or in the place of a last layer.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        match self {
            Self::Network(_) => None,
            Self::Classical(ClassicalConfig { pipeline, .. })
            | Self::Headed(HeadedConfig { head: HeadConfig { pipeline, .. }, .. }) => {
                Some(pipeline)
            }
        }
    }

    /// Notes the settings that a search has chosen for the classical classifier.
    pub fn set_tuned(&mut self, tuned: Option<&Tuned>) {
        let Some(tuned) = tuned else { return };
        match self {
            Self::Network(_) => {}
            Self::Classical(ClassicalConfig { pipeline, .. })
            | Self::Headed(HeadedConfig { head: HeadConfig { pipeline, .. }, .. }) => {
                pipeline.clone_from(&tuned.pipeline);
            }
        }
    }

    /// How many numbers the classical classifier takes of a sample; refuses features that this
    /// version measures otherwise.
    pub(crate) fn check_columns(&self, preprocessing: &Preprocessing) -> Result<usize> {
        let channels = preprocessing.n_channels;
        let features = self.features().map(|features| features.check_columns(channels));
        let features = features.transpose()?;
        Ok(match (self.network(), features) {
            (Some(network), features) => network.embedding_length() + features.unwrap_or(0),
            (None, Some(features)) => features,
            (None, None) => channels * preprocessing.size.iter().product::<usize>(),
        })
    }
}

/// Of one of [`Pipeline::NAMES`].
fn title_of(name: &str) -> &str {
    match name {
        "svm" => "Support vector machine",
        "forest" => "Random forest",
        "nu_svm" => "Nu support vector machine",
        "tree" => "Decision tree",
        "lda" => "Linear discriminants",
        "logistic" => "Logistic regression",
        "neighbors" => "Nearest neighbors",
        "centroid" => "Nearest centroid",
        "wnd" => "Weighted neighbor distances",
        "dummy" => "Majority class",
        name => name,
    }
}

impl FeatureInput {
    /// How many features there are; refuses those that this version measures otherwise.
    fn check_columns(&self, channels: usize) -> Result<usize> {
        let known = self.column_names(channels)?;
        if known == self.columns {
            return Ok(known.len());
        }
        let differs = |(a, b): &(&String, &String)| a != b;
        let pair = self.columns.iter().zip(&known).find(differs);
        let place = pair.map_or_else(String::new, |(a, b)| format!(", where `{a}` is now `{b}`"));
        let (saved, now) = (self.columns.len(), known.len());
        Err(Error::Columns { name: self.name.clone(), saved, now, place })
    }

    /// The names of the features of an image with so many channels.
    ///
    /// # Errors
    /// When the set holds a feature twice.
    pub fn column_names(&self, channels: usize) -> Result<Vec<String>> {
        let size = match self.lengths {
            Lengths::Pixels => None,
            Lengths::Nanometers => Some(PixelSize { y_nm: 1.0, x_nm: 1.0 }),
        };
        let columns = self.set.columns(channels, size)?;
        Ok(columns.into_iter().map(|column| column.name).collect())
    }
}
