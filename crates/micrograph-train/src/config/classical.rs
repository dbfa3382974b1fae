//! Settings of classical models.

use micrograph_classic::Pipeline;
use micrograph_features::{FeatureSet, IntensityRange};
use micrograph_sampling::{Resampler, SmoteConfig};
use serde::{Deserialize, Serialize};

use super::ClassicalName;
use crate::{Error, ModelName, Result};

/// What a classical model looks at, and its settings; nothing of it concerns a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassicalSettings {
    /// What it is fitted to and predicts from.
    pub input: ClassicalView,
    /// The set of features, one of [`FeatureSet::PRESETS`].
    pub features: String,
    /// What [`Balance::Resample`](crate::Balance::Resample) does with the rows of training samples.
    pub resampler: Resampler,
    /// Other settings than those of the model's name ([`Pipeline::by_name`]), of the same method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
}

/// What a classical model looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassicalView {
    /// Handcrafted features of the object, measured on the original image inside its mask.
    #[default]
    Features,
    /// The pixels that a network would see, with sides of `input.size`, 28 by default.
    Pixels,
}

impl ClassicalView {
    /// Height and width of the prepared image unless the settings say others; for features those of
    /// the pictures in the report.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Features => 64,
            Self::Pixels => 28,
        }
    }
}

impl Default for ClassicalSettings {
    fn default() -> Self {
        Self {
            input: ClassicalView::default(),
            features: "lipnet".to_owned(),
            resampler: Resampler::Smote(SmoteConfig::default()),
            pipeline: None,
        }
    }
}

impl ClassicalSettings {
    /// Scaling and classifier of `model`, by its name or as the settings say; `None` of a network.
    ///
    /// # Errors
    /// Settings of another method than the name's, and a machine without probabilities.
    pub(crate) fn pipeline_of(&self, model: ModelName) -> Result<Option<Pipeline>> {
        let ModelName::Classical(name) = model else { return Ok(None) };
        pipeline_of(name, self.pipeline.as_ref(), "classical.pipeline").map(Some)
    }

    pub(crate) fn validate(&self, model: ModelName) -> Result<()> {
        FeatureSet::preset(&self.features, IntensityRange::Object).map_err(|_| Error::Config {
            field: "classical.features",
            value: self.features.clone(),
            expected: "lipnet, vironova, size, shape, texture, appearance, wndcharm or all",
        })?;
        self.pipeline_of(model).map(drop)
    }
}

/// The settings of `name`, or those that are `given` under `field`.
pub(super) fn pipeline_of(
    name: ClassicalName,
    given: Option<&Pipeline>,
    field: &'static str,
) -> Result<Pipeline> {
    let own = name.pipeline()?;
    let Some(given) = given else { return Ok(own) };
    if std::mem::discriminant(&given.method) != std::mem::discriminant(&own.method) {
        let value = format!("settings of another method than {}", name.name());
        let expected = "the method that `model` names, such as { svm = { c = 10.0 } }";
        return Err(Error::Config { field, value, expected });
    }
    if !given.method.has_probabilities() {
        let value = "a machine without probabilities".to_owned();
        let expected = "probability = { platt = { folds = 5 } }: every measure needs them";
        return Err(Error::Config { field, value, expected });
    }
    Ok(given.clone())
}
