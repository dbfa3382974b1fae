//! How counts are written: `3` and not `3.0`, yet `2.5` where samples are weighted.

use serde::{Deserialize, Serialize, Serializer};

/// The first whole number above which not every whole number is an `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A sum of weights in a serialized form.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Count(pub(crate) f64);

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

/// Writes a count as a whole number where it is one.
pub(crate) fn serialize<S: Serializer>(count: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if count.fract() == 0.0 && (0.0..EXACT).contains(count) {
        serializer.serialize_u64(*count as u64)
    } else {
        serializer.serialize_f64(*count)
    }
}
