//! How a method is written in a file of settings: by its name alone, or with its settings.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Resampler;

impl Serialize for Resampler {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The derived one, which is not that of the trait.
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Resampler {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Resampler;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the name of a resampler ({}), or one with its settings",
            Resampler::NAMES.join(", ")
        )
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Resampler, E> {
        Resampler::by_name(name).ok_or_else(|| E::unknown_variant(name, &Resampler::NAMES))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Resampler, A::Error> {
        Resampler::deserialize(MapAccessDeserializer::new(map))
    }
}
