//! How choices are written in a file of settings: by their name alone, or with their constants.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use micrograph_ops::Momentum;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{
    Deserialize, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
};
use serde::ser::{Serialize, Serializer};

use crate::{ClassWeights, OptimizerConfig, PixelCost, Schedule, SegmentationArchitecture};

/// A choice that may be written `"adamw"` instead of `{ adamw = {} }`.
trait Choice: Sized {
    /// What is expected, with an example of both forms.
    const EXPECTED: &'static str;

    /// What a name that is no variant's stands for.
    fn named(_name: &str) -> Option<Self> {
        None
    }

    /// The form that serde derives.
    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl Choice for OptimizerConfig {
    const EXPECTED: &'static str = "an optimizer such as \"adamw\" or { sgd = { momentum = 0.9 } }";

    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Choice for Schedule {
    const EXPECTED: &'static str =
        "a schedule such as \"cosine\" or { step = { every = 10, factor = 0.1 } }";

    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Choice for SegmentationArchitecture {
    const EXPECTED: &'static str =
        "a segmentation network such as \"unet\" or { unet = { maps = 32 } }";

    fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Choice for PixelCost {
    const EXPECTED: &'static str = "a cost such as \"dice\" or { focal = { gamma = 1.5 } }";

    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Choice for ClassWeights {
    const EXPECTED: &'static str = "weights such as \"ratio\" or { given = [1.0, 2.0] }";

    fn derived<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// Both forms of `$choice`, whose derived implementations are its own functions.
macro_rules! choice {
    ($choice:ty) => {
        impl<'de> Deserialize<'de> for $choice {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ByName(PhantomData))
            }
        }

        impl Serialize for $choice {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}

choice!(OptimizerConfig);
choice!(Schedule);
choice!(SegmentationArchitecture);
choice!(PixelCost);
choice!(ClassWeights);

struct ByName<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for ByName<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        if let Some(choice) = T::named(name) {
            return Ok(choice);
        }
        T::derived(IntoDeserializer::<E>::into_deserializer(name)).or_else(|_| {
            let all_defaults = BTreeMap::<&str, &str>::new();
            let table = MapDeserializer::new(std::iter::once((name, all_defaults)));
            T::derived(MapAccessDeserializer::new(table))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let choice = T::derived(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(choice),
            Some(_) => Err(Error::custom(format_args!("expected {}, not two", T::EXPECTED))),
        }
    }
}

/// The momentum of SGD; a number is that of Polyak, as in PyTorch.
pub(crate) fn momentum<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Momentum, D::Error> {
    deserializer.deserialize_any(AnyMomentum)
}

struct AnyMomentum;

impl<'de> Visitor<'de> for AnyMomentum {
    type Value = Momentum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a momentum such as 0.9, { nesterov = 0.9 } or \"none\"")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Momentum, E> {
        Ok(Momentum::Classic(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Momentum, E> {
        Ok(Momentum::Classic(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Momentum, E> {
        Ok(Momentum::Classic(value as f64))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Momentum, E> {
        Momentum::deserialize(IntoDeserializer::<E>::into_deserializer(name))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Momentum, A::Error> {
        Momentum::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdamWConfig, Border, SgdConfig, StemNetConfig, UNetConfig};

    #[track_caller]
    fn check<T: for<'de> Deserialize<'de> + PartialEq + fmt::Debug>(json: &str, expected: T) {
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), expected);
    }

    #[track_caller]
    fn refused<T: for<'de> Deserialize<'de> + fmt::Debug>(json: &str, expected: &str) {
        let message = serde_json::from_str::<T>(json).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn a_name_alone_stands_for_the_defaults() {
        check(r#""adamw""#, OptimizerConfig::AdamW(AdamWConfig::default()));
        check(r#""sgd""#, OptimizerConfig::Sgd(SgdConfig::default()));
        check(r#""constant""#, Schedule::Constant);
        check(r#""cosine""#, Schedule::Cosine { end: 0.0 });
        check(r#"{"cosine":{"end":0.5}}"#, Schedule::Cosine { end: 0.5 });
        let then = Box::new(Schedule::Cosine { end: 0.0 });
        let warm = Schedule::WarmUp { epochs: 5.0, start: 0.1, then };
        check(r#"{"warm_up":{"epochs":5,"start":0.1,"then":"cosine"}}"#, warm);
    }

    #[test]
    fn a_network_is_a_preset_or_a_table() {
        check(r#""unet""#, SegmentationArchitecture::default());
        let appendix = || SegmentationArchitecture::StemNet(StemNetConfig::appendix());
        check(r#""stemnet_appendix""#, appendix());
        check(r#"{"stemnet":{"levels":7}}"#, appendix());
        let unet = UNetConfig { maps: 32, border: Border::Mirror, ..Default::default() };
        let json = r#"{"unet":{"maps":32,"border":"mirror"}}"#;
        check(json, SegmentationArchitecture::UNet(unet));
        let written = serde_json::to_string(&SegmentationArchitecture::default()).unwrap();
        check(&written, SegmentationArchitecture::default());
        refused::<SegmentationArchitecture>(r#""vnet""#, "expected one of `unet`");
    }

    #[test]
    fn what_is_no_choice_is_told_in_words() {
        refused::<OptimizerConfig>(r#""adamx""#, "unknown variant `adamx`, expected one of `adam`");
        refused::<OptimizerConfig>("3", "expected an optimizer such as \"adamw\"");
        refused::<OptimizerConfig>(r#"{"adam":{},"sgd":{}}"#, "not two");
        refused::<Schedule>(r#""step""#, "missing field `every`");
    }

    #[test]
    fn momentum_is_a_number_or_named() {
        let sgd = |momentum| SgdConfig { momentum, ..SgdConfig::default() };
        check(r#"{"momentum":0.9}"#, sgd(Momentum::Classic(0.9)));
        check(r#"{"momentum":{"nesterov":0.9}}"#, sgd(Momentum::Nesterov(0.9)));
        check(r#"{"momentum":"none"}"#, sgd(Momentum::None));
        let config: OptimizerConfig = serde_json::from_str(r#"{"sgd":{"momentum":2}}"#).unwrap();
        let message = config.validate().unwrap_err().to_string();
        assert_eq!(message, "momentum = 2: expected from 0 to below 1");
        refused::<SgdConfig>(r#"{"momentum":true}"#, "expected a momentum such as 0.9");
    }
}
