//! Masks as classes and objects.

use std::fmt;

use ndarray::Array2;

use super::{ClassTable, MaskKind};
use crate::{Image, Notice};

/// The class index of pixels that belong to no class: they count in no loss and no measure.
///
/// Where regions are compared (objects, thinned borders, outlines), they are background in truth and
/// prediction alike: a region ends where what is known of it ends. So does
/// [`LabelMap::foreground`].
pub const IGNORE: u8 = 255;

/// What a mask says about each pixel of its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMap {
    /// The class index `(h, w)`, or [`IGNORE`]; of instances 0 for background and 1 for objects.
    pub classes: Array2<u8>,
    /// The number of the object `(h, w)`, 0 for background, where the mask tells objects apart.
    pub instances: Option<Array2<u32>>,
}

impl LabelMap {
    /// How many pixels each of `n_classes` classes has; ignored pixels count nowhere.
    ///
    /// ```
    /// use micrograph_image::{IGNORE, LabelMap};
    /// let map = LabelMap { classes: ndarray::array![[0, 1, 1, IGNORE]], instances: None };
    /// assert_eq!(map.class_counts(2), [1, 2]);
    /// ```
    pub fn class_counts(&self, n_classes: usize) -> Vec<u64> {
        let mut counts = vec![0; n_classes];
        for &class in &self.classes {
            if let Some(count) = counts.get_mut(usize::from(class)).filter(|_| class != IGNORE) {
                *count += 1;
            }
        }
        counts
    }

    /// Where any class but the first is.
    pub fn foreground(&self) -> Array2<bool> {
        self.classes.mapv(|class| class > 0 && class != IGNORE)
    }
}

/// One value of a mask: gray, or a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum MaskValue {
    Gray(u32),
    Color([u8; 3]),
}

impl MaskValue {
    /// A gray value, or a color `#rrggbb`; a color of equal parts is that gray value.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some(digits) = text.strip_prefix('#') else {
            let largest = 1 << 24; // Beyond, an `f32` does not hold all integers.
            return text.parse().ok().filter(|&gray: &u32| gray <= largest).map(Self::Gray);
        };
        let color = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
        let [_, red, green, blue] = color.to_be_bytes();
        Some(if red == green && green == blue {
            Self::Gray(red.into())
        } else {
            Self::Color([red, green, blue])
        })
    }

    pub(super) fn gray(self) -> Option<u32> {
        match self {
            Self::Gray(gray) => Some(gray),
            Self::Color(_) => None,
        }
    }
}

impl fmt::Display for MaskValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gray(gray) => write!(f, "{gray}"),
            Self::Color([red, green, blue]) => write!(f, "#{red:02x}{green:02x}{blue:02x}"),
        }
    }
}

/// What a mask holds that is no label.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum BadMask {
    /// A value that no class has, or that is no whole number.
    Value { value: String, row: usize, column: usize },
    /// Neither one channel nor three.
    Channels(usize),
    /// Integers that an `f32` does not hold.
    Rounded,
}

/// The values of a mask, row by row.
pub(super) fn values(mask: &Image) -> Result<Array2<MaskValue>, BadMask> {
    if mask.notices.contains(&Notice::IntegersRounded) {
        return Err(BadMask::Rounded);
    }
    let (channels, height, width) = mask.pixels.dim();
    if !matches!(channels, 1 | 3) {
        return Err(BadMask::Channels(channels));
    }
    let plane = |channel: usize| mask.pixels.index_axis(ndarray::Axis(0), channel);
    let mut values = Array2::from_elem((height, width), MaskValue::Gray(0));
    let (red, green, blue) = (plane(0), plane(channels / 2), plane(channels - 1));
    for ((row, column), value) in values.indexed_iter_mut() {
        let at = [red[[row, column]], green[[row, column]], blue[[row, column]]];
        *value = value_of(at).ok_or_else(|| {
            let text = if channels == 1 { at[0].to_string() } else { format!("{at:?}") };
            BadMask::Value { value: text, row, column }
        })?;
    }
    Ok(values)
}

fn value_of([red, green, blue]: [f32; 3]) -> Option<MaskValue> {
    let whole = |value: f32| (value >= 0.0 && value.fract() == 0.0).then_some(value);
    if red == green && green == blue {
        return whole(red).map(|value| MaskValue::Gray(value as u32));
    }
    let part = |value: f32| whole(value).filter(|&value| value <= 255.0).map(|value| value as u8);
    Some(MaskValue::Color([part(red)?, part(green)?, part(blue)?]))
}

/// The labels that the values of a mask stand for.
pub(super) fn labels(
    values: &Array2<MaskValue>,
    kind: MaskKind,
    table: &ClassTable,
) -> Result<LabelMap, BadMask> {
    let unknown = |(row, column), value: MaskValue| {
        Err(BadMask::Value { value: value.to_string(), row, column })
    };
    if kind == MaskKind::Instances {
        let mut instances = Array2::zeros(values.dim());
        for (at, &value) in values.indexed_iter() {
            let MaskValue::Gray(number) = value else { return unknown(at, value) };
            instances[at] = number;
        }
        let classes = instances.mapv(|number| u8::from(number > 0));
        return Ok(LabelMap { classes, instances: Some(instances) });
    }
    let known = table.indices_by_value();
    let mut classes = Array2::zeros(values.dim());
    let mut last = None;
    for (at, &value) in values.indexed_iter() {
        let entry = match last {
            Some((before, _)) if before == value => last,
            _ => known.iter().copied().find(|&(known, _)| known == value),
        };
        let Some((_, class)) = entry else { return unknown(at, value) };
        classes[at] = class;
        last = entry;
    }
    Ok(LabelMap { classes, instances: None })
}
