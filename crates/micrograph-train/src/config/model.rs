//! Which model is trained, by name.

use std::fmt;
use std::str::FromStr;

use micrograph_classic::Pipeline;
use micrograph_nn::Architecture;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Error, Result};

/// A network or a classical classifier, by its name in settings and on the command line.
///
/// ```
/// use micrograph_train::ModelName;
///
/// let svm: ModelName = "svm".parse()?;
/// assert!(svm.pipeline().is_some());
/// assert_eq!(svm.to_string(), "svm");
/// let message = "resnet".parse::<ModelName>().unwrap_err().to_string();
/// assert!(message.contains("lipnet4") && message.contains("forest"));
/// # Ok::<(), micrograph_train::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ModelName {
    /// A network.
    Network(Architecture),
    /// A classical classifier.
    Classical(ClassicalName),
}

/// One of [`Pipeline::NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ClassicalName(&'static str);

impl ClassicalName {
    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    /// The settings of the classifier unless others are given.
    pub(super) fn pipeline(self) -> Result<Pipeline> {
        Pipeline::by_name(self.0).ok_or_else(|| Self::unknown(self.0))
    }

    fn unknown(name: &str) -> Error {
        Error::UnknownModel { name: name.to_owned(), known: Pipeline::NAMES.join(", ") }
    }
}

impl FromStr for ClassicalName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Pipeline::NAMES.into_iter().find(|known| *known == name);
        known.map(Self).ok_or_else(|| Self::unknown(name))
    }
}

impl<'de> Deserialize<'de> for ClassicalName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl ModelName {
    /// Every name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Architecture::ALL.into_iter().map(Architecture::name).chain(Pipeline::NAMES)
    }

    /// The settings of a classical classifier unless others are given; `None` for a network.
    #[must_use]
    pub fn pipeline(self) -> Option<Pipeline> {
        match self {
            Self::Network(_) => None,
            Self::Classical(ClassicalName(name)) => Pipeline::by_name(name),
        }
    }

    /// Whether it is fitted in one go, without epochs.
    #[must_use]
    pub fn is_classical(self) -> bool {
        matches!(self, Self::Classical(_))
    }
}

impl From<Architecture> for ModelName {
    fn from(architecture: Architecture) -> Self {
        Self::Network(architecture)
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Network(architecture) => architecture.name(),
            Self::Classical(ClassicalName(name)) => name,
        })
    }
}

impl FromStr for ModelName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        if let Ok(architecture) = name.parse() {
            return Ok(Self::Network(architecture));
        }
        name.parse().map(Self::Classical).map_err(|_| {
            let known = Self::names().collect::<Vec<_>>().join(", ");
            Error::UnknownModel { name: name.to_owned(), known }
        })
    }
}

impl TryFrom<String> for ModelName {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.to_string()
    }
}
