//! A number that can be left out by name, in files where what is absent has another default.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// The number, or `"none"`.
#[allow(clippy::ref_option, reason = "serde's signature")]
pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(number) => to.serialize_f64(*number),
        None => to.serialize_str("none"),
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Name(String),
    }
    match Written::deserialize(from)? {
        Written::Number(number) => Ok(Some(number)),
        Written::Name(name) if name == "none" => Ok(None),
        Written::Name(name) => {
            Err(D::Error::custom(format!("expected a number or \"none\", got `{name}`")))
        }
    }
}
