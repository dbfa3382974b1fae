//! Rare classes.

use serde::{Deserialize, Serialize};

/// What is done about rare classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Balance {
    /// What suits the model: a network oversamples, a classical model has the settings of its name
    /// (a support vector machine weighs its classes, a forest does nothing).
    #[default]
    Auto,
    /// Nothing.
    None,
    /// Samples of rare classes are repeated up to the count of the majority, drawn anew each epoch.
    Over,
    /// A part of the majority class is left out, another one each epoch.
    Under,
    /// New samples of rare classes, or fewer of others, by the `resampler` of a classical model; of
    /// a network with a head in the rows that this is fitted to, while the network oversamples.
    #[serde(alias = "smote")]
    Resample,
    /// Each class weighs in the loss, or in the fitting of a classical model that knows weights.
    Weights,
}

impl std::str::FromStr for Balance {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "over" => Ok(Self::Over),
            "under" => Ok(Self::Under),
            "weights" => Ok(Self::Weights),
            "resample" | "smote" => Ok(Self::Resample),
            other => {
                Err(format!("expected auto, none, over, under, weights or resample, got `{other}`"))
            }
        }
    }
}
