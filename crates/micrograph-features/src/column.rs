//! What a descriptor is called, and what its numbers mean.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A pure number.
    One,
    /// Sides of a pixel.
    Pixels,
    /// Areas of a pixel.
    SquarePixels,
    /// Nanometers.
    Nanometers,
    /// Square nanometers.
    SquareNanometers,
    /// Radians.
    Radians,
    /// The unit of the pixels' values.
    Intensity,
    /// The square of [`Unit::Intensity`].
    SquareIntensity,
    /// A central moment: weight times a power of pixels.
    Moment,
}

/// Writes the usual sign: `px`, `nm^2`, `1`, ...
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "1",
            Self::Pixels => "px",
            Self::SquarePixels => "px^2",
            Self::Nanometers => "nm",
            Self::SquareNanometers => "nm^2",
            Self::Radians => "rad",
            Self::Intensity => "intensity",
            Self::SquareIntensity => "intensity^2",
            Self::Moment => "weight px^n",
        })
    }
}

/// One column of a table of descriptors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Column {
    /// The name: lowercase words, the channel in front (`channel1_`) where there are several, and
    /// the unit at the end of a length or an area.
    pub name: String,
    /// The unit.
    pub unit: Unit,
    /// How it is computed.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// What a descriptor measures, before it is known whether pixels have a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// In pixels, or in nanometers where the size of a pixel is known.
    Length,
    /// In pixels, or in square nanometers where the size of a pixel is known.
    Area,
    /// In this unit always.
    In(Unit),
}

/// A number as it stands in a name: `2.5` is `2p5`, `-1` is `minus1`.
pub(crate) fn number(value: f64) -> String {
    value.to_string().replace('.', "p").replace('-', "minus")
}

/// One value of a function that gives several: its name, unit and formula.
pub(crate) type Named = (&'static str, Unit, &'static str);

/// The names of such values.
pub(crate) const fn names<const N: usize>(table: &[Named; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = table[index].0;
        index += 1;
    }
    names
}

/// A descriptor before channels and pixel sizes are known.
#[derive(Debug, Clone)]
pub(crate) struct Descriptor {
    pub(crate) name: Cow<'static, str>,
    pub(crate) measure: Measure,
    pub(crate) formula: &'static str,
    pub(crate) source: &'static str,
}

impl Descriptor {
    pub(crate) const fn new(
        name: &'static str,
        measure: Measure,
        formula: &'static str,
        source: &'static str,
    ) -> Self {
        Self { name: Cow::Borrowed(name), measure, formula, source }
    }

    /// One of several of a kind: `NAME_00`, `NAME_01`, ...
    pub(crate) fn numbered(&self, number: usize) -> Self {
        Self { name: format!("{}_{number:02}", self.name).into(), ..self.clone() }
    }

    /// The column, in nanometers where the size of a pixel is known.
    pub(crate) fn column(&self, prefix: &str, size_is_known: bool) -> Column {
        let (suffix, unit) = match (self.measure, size_is_known) {
            (Measure::In(unit), _) => ("", unit),
            (Measure::Length, false) => ("_px", Unit::Pixels),
            (Measure::Length, true) => ("_nm", Unit::Nanometers),
            (Measure::Area, false) => ("_px2", Unit::SquarePixels),
            (Measure::Area, true) => ("_nm2", Unit::SquareNanometers),
        };
        let name = format!("{prefix}{}{suffix}", self.name);
        Column { name, unit, formula: self.formula, source: self.source }
    }

    /// By what a number in pixels is multiplied.
    pub(crate) fn factor(&self, pixel_nm: Option<f64>) -> f64 {
        match (self.measure, pixel_nm) {
            (Measure::Length, Some(nm)) => nm,
            (Measure::Area, Some(nm)) => nm * nm,
            _ => 1.0,
        }
    }
}
