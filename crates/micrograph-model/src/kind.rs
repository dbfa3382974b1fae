//! What a model is, before its numbers are known.

use micrograph_classic::Pipeline;
use micrograph_image::{PixelSize, Preprocessing};
use micrograph_nn::LipNetConfig;
use serde::{Deserialize, Serialize};

use crate::{ClassicalInput, Error, FeatureInput, Lengths, Result};

/// What a model is: a network, or a classical classifier and what it looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelConfig {
    /// A network over pixels.
    Network(LipNetConfig),
    /// Scaling and classifier over pixels or features.
    Classical(ClassicalConfig),
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
    /// The name on the command line: `lipnet4`, `svm`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Network(network) => network.architecture.name(),
            Self::Classical(classical) => &classical.name,
        }
    }

    /// The name for a reader: `LipNet-4`, `Random forest`.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Network(network) => network.architecture.title(),
            Self::Classical(ClassicalConfig { name, .. }) => match name.as_str() {
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
            },
        }
    }

    /// The features that the model takes; `None` where it takes pixels.
    #[must_use]
    pub fn features(&self) -> Option<&FeatureInput> {
        match self {
            Self::Classical(ClassicalConfig {
                input: ClassicalInput::Features(features), ..
            }) => Some(features),
            _ => None,
        }
    }

    /// Refuses features that this version measures otherwise, and names how many numbers a sample
    /// has.
    pub(crate) fn check_columns(&self, preprocessing: &Preprocessing) -> Result<usize> {
        let Some(features) = self.features() else {
            let [height, width] = preprocessing.size;
            return Ok(preprocessing.n_channels * height * width);
        };
        let known = features.column_names(preprocessing.n_channels)?;
        if known == features.columns {
            return Ok(known.len());
        }
        let differs = |(a, b): &(&String, &String)| a != b;
        let pair = features.columns.iter().zip(&known).find(differs);
        let place = pair.map_or_else(String::new, |(a, b)| format!(", where `{a}` is now `{b}`"));
        let (saved, now) = (features.columns.len(), known.len());
        Err(Error::Columns { name: features.name.clone(), saved, now, place })
    }
}

impl FeatureInput {
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
