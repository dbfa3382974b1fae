//! Gray levels: intensities sorted into few bins, for texture.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::intensity::{IntensityRange, bin_of_values};
use crate::settings::same_shape;

/// How intensities become gray levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Levels {
    /// The number of levels; 16 by our choice.
    pub levels: u8,
    /// What they cover; the object's own range, so that brightness and contrast do not matter.
    pub range: IntensityRange,
}

impl Default for Levels {
    fn default() -> Self {
        Self { levels: 16, range: IntensityRange::Object }
    }
}

impl Levels {
    pub(crate) fn check(self) -> Result<()> {
        if self.levels < 2 {
            let got = f64::from(self.levels);
            return Err(Error::Setting { what: "gray levels", expected: "of at least 2", got });
        }
        self.range.check()
    }
}

/// The gray level of each pixel: `1..=levels` in the object, 0 outside.
///
/// # Edge cases
/// As [`bin_of_values`]: an object of one intensity has level 1 in its own range.
///
/// # Errors
/// A mask of another shape, fewer than two levels, a range that is empty or not finite.
///
/// # Example
/// ```
/// use micrograph_features::{Levels, gray_levels};
/// use ndarray::array;
/// let mask = array![[true, true, true, false]];
/// let values = array![[10.0, 20.0, 50.0, 99.0]];
/// let levels = gray_levels(values.view(), mask.view(), &Levels { levels: 4, ..Levels::default() })?;
/// assert_eq!(levels, array![[1, 2, 4, 0]]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn gray_levels(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    levels: &Levels,
) -> Result<Array2<u8>> {
    same_shape(values.dim(), mask.dim())?;
    levels.check()?;
    let object: Vec<f64> = values
        .iter()
        .zip(&mask)
        .filter(|&(_, &object)| object)
        .map(|(&value, _)| f64::from(value))
        .collect();
    let mut bins = bin_of_values(&object, usize::from(levels.levels), levels.range).into_iter();
    // There are at most 255 bins.
    Ok(mask.mapv(|object| if object { bins.next().map_or(0, |bin| bin as u8 + 1) } else { 0 }))
}

/// The steps to half of the eight neighbors, `(dy, dx)`: right, up right, up, up left.
pub(crate) const DIRECTIONS: [[isize; 2]; 4] = [[0, 1], [-1, 1], [-1, 0], [-1, -1]];

/// The level at a place, 0 beyond the array.
pub(crate) fn level_at(levels: ArrayView2<'_, u8>, y: isize, x: isize) -> u8 {
    usize::try_from(y)
        .ok()
        .zip(usize::try_from(x).ok())
        .and_then(|at| levels.get(at))
        .copied()
        .unwrap_or(0)
}
