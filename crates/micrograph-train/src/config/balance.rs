//! Rare classes.

use serde::{Deserialize, Serialize};

/// What is done about rare classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Balance {
    /// Nothing.
    None,
    /// Samples of rare classes are repeated up to the count of the majority, drawn anew each epoch.
    #[default]
    Over,
    /// A part of the majority class is left out, another one each epoch.
    Under,
    /// Each class weighs in the loss.
    Weights,
}

impl std::str::FromStr for Balance {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "over" => Ok(Self::Over),
            "under" => Ok(Self::Under),
            "weights" => Ok(Self::Weights),
            other => Err(format!("expected none, over, under or weights, got `{other}`")),
        }
    }
}
