//! Tamura's coarseness, contrast and directionality.

use std::f64::consts::{FRAC_PI_2, PI};

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Named, Unit, names};
use crate::error::Result;
use crate::first_order::{FirstOrderConfig, first_order};
use crate::settings::{same_shape, within};

/// Settings of [`tamura`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TamuraConfig {
    /// The largest window has `2^scales` pixels along a side; 5 as in the paper.
    pub scales: u8,
    /// The number of directions over half a turn; 16 as in the paper.
    pub directions: usize,
}

impl Default for TamuraConfig {
    fn default() -> Self {
        Self { scales: 5, directions: 16 }
    }
}

impl TamuraConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let scales = (1..=10).contains(&self.scales);
        within("the scales of coarseness", "from 1 to 10", f64::from(self.scales), scales)?;
        let few = (2..=1024).contains(&self.directions);
        within("the directions of directionality", "from 2 to 1024", self.directions as f64, few)
    }

    /// How many pixels around the object are looked at.
    pub(crate) fn reach_px(&self) -> f64 {
        2.0_f64.powi(self.scales.into())
    }
}

/// Coarseness, contrast and directionality of the object's pixels, in the order of [`TAMURA_NAMES`].
///
/// - Coarseness: the mean of `2^k` over pixels, with that `k` from 1 to `scales` for which
///   `max(|A_k(x + h, y) - A_k(x - h, y)|, |A_k(x, y + h) - A_k(x, y - h)|)` is largest, `h = 2^(k - 1)`,
///   the smallest of equal ones. `A_k(x, y)` is the mean of the `2^k` by `2^k` pixels from
///   `(x - h, y - h)` to `(x + h - 1, y + h - 1)`.
/// - Contrast: `s / (m_4 / s^4)^(1/4)` with the standard deviation `s`.
/// - Directionality: `1 - 12 / pi^2 sum_j H(j) d(j, peak)^2`, where `H(j)` is the fraction of the
///   pixels with a gradient in direction `j`, and `d` the angle between directions, at most a quarter
///   turn. The gradient is Prewitt's; pixels count where it is at least a tenth of the object's
///   largest.
///
/// # Units and ranges
/// Pixels from 2 to `2^scales`; intensities; at most 1, for one direction, near 0 where all are as
/// frequent, and down to -2 where they cross.
///
/// # Edge cases
/// Windows and neighbors may lie outside the object, for the image goes on there; what leaves the
/// image is left out. Pixels around which no windows differ do not count for coarseness; where none
/// counts, as in a flat image or without an object, all three are 0. Of equal peaks the first counts.
///
/// # Errors
/// A mask of another shape, no scale or more than 10, fewer than 2 directions or more than 1024.
///
/// # Source
/// Tamura, Mori, Yamawaki, Textural features corresponding to visual perception, IEEE Trans. Syst.
/// Man Cybern. 8, 1978. There, gradients count above 12 of 256 gray levels, and the directions around
/// each of several peaks up to the valleys; here the threshold goes with the contrast, and there is
/// one peak, so that no valley has to be found.
///
/// # Example
/// ```
/// use micrograph_features::{TamuraConfig, tamura};
/// use ndarray::Array2;
/// let stripes = Array2::from_shape_fn((32, 32), |(_, x)| if x % 8 < 4 { 0.0 } else { 6.0 });
/// let mask = Array2::from_shape_fn((32, 32), |(y, x)| (8..24).contains(&y) && (8..24).contains(&x));
/// let values = tamura(stripes.view(), mask.view(), &TamuraConfig { scales: 3, directions: 16 })?;
/// assert_eq!(values, [2.0, 3.0, 1.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn tamura(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &TamuraConfig,
) -> Result<[f64; 3]> {
    config.check()?;
    same_shape(values.dim(), mask.dim())?;
    let object = values.iter().zip(&mask).filter(|&(_, &object)| object);
    let object: Vec<f64> = object.map(|(&value, _)| f64::from(value)).collect();
    Ok([
        coarseness(values, mask, config.scales),
        contrast(&object)?,
        directionality(values, mask, config.directions),
    ])
}

fn coarseness(values: ArrayView2<'_, f32>, mask: ArrayView2<'_, bool>, scales: u8) -> f64 {
    let sums = summed(values);
    let (height, width) = values.dim();
    // The sum of the square of side `2 h` around the corner above and left of a pixel.
    let window = |y: isize, x: isize, h: isize| {
        let [top, left] = [y - h, x - h].map(|at| usize::try_from(at).ok());
        let (top, left) = (top?, left?);
        let (bottom, right) = ((y + h) as usize, (x + h) as usize);
        let within = bottom <= height && right <= width;
        within.then(|| {
            (sums[[bottom, right]] - sums[[top, right]])
                - (sums[[bottom, left]] - sums[[top, left]])
        })
    };
    let (mut total, mut n) = (0.0, 0_u64);
    for ((y, x), _) in mask.indexed_iter().filter(|&(_, &object)| object) {
        let (y, x) = (y as isize, x as isize);
        let (mut best, mut size) = (0.0, 0.0);
        for k in 1..=scales {
            let h = 1_isize << (k - 1);
            let differ = |dy: isize, dx: isize| {
                let pair = window(y + dy, x + dx, h).zip(window(y - dy, x - dx, h));
                pair.map_or(0.0, |(a, b)| (a - b).abs())
            };
            let mean = differ(0, h).max(differ(h, 0)) / (4 * h * h) as f64;
            if mean > best {
                (best, size) = (mean, (2 * h) as f64);
            }
        }
        if best > 0.0 {
            total += size;
            n += 1;
        }
    }
    total / n.max(1) as f64
}

/// Sums of the rectangles from the first pixel, around the mean, for the digits' sake: with one row
/// and one column of 0 in front.
fn summed(values: ArrayView2<'_, f32>) -> Array2<f64> {
    let (height, width) = values.dim();
    let n = values.len().max(1) as f64;
    // A whole number keeps whole gray values whole, and their sums exact.
    let mean = (values.iter().map(|&value| f64::from(value)).sum::<f64>() / n).round();
    let mut sums = Array2::zeros((height + 1, width + 1));
    for y in 0..height {
        let mut row = 0.0;
        for x in 0..width {
            row += f64::from(values[[y, x]]) - mean;
            sums[[y + 1, x + 1]] = sums[[y, x + 1]] + row;
        }
    }
    sums
}

fn contrast(object: &[f64]) -> Result<f64> {
    let statistics = first_order(object, &FirstOrderConfig::default())?;
    let (variance, kurtosis) = (statistics[14], statistics[16]);
    Ok(if kurtosis > 0.0 { variance.sqrt() / kurtosis.powf(0.25) } else { 0.0 })
}

fn directionality(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    directions: usize,
) -> f64 {
    let gradients: Vec<[f64; 2]> = mask
        .indexed_iter()
        .filter(|&(_, &object)| object)
        .filter_map(|(at, _)| prewitt(values, at))
        .collect();
    let magnitude = |[down, right]: [f64; 2]| (down.abs() + right.abs()) / 2.0;
    let largest = gradients.iter().copied().map(magnitude).fold(0.0, f64::max);
    let mut counts = vec![0_u64; directions];
    for &[down, right] in &gradients {
        if largest > 0.0 && magnitude([down, right]) >= 0.1 * largest {
            let angle = down.atan2(right).rem_euclid(PI) / PI * directions as f64;
            counts[(angle.round() as usize) % directions] += 1;
        }
    }
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return 0.0;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let peak = counts.iter().position(|&count| count == most).unwrap_or(0);
    let spread = counts.iter().enumerate().map(|(j, &count)| {
        let apart = (j as f64 - peak as f64).abs();
        let angle = apart.min(directions as f64 - apart) * PI / directions as f64;
        count as f64 * angle.min(FRAC_PI_2).powi(2)
    });
    1.0 - 12.0 / (PI * PI) * (spread.sum::<f64>() / total as f64)
}

/// Downwards and to the right; `None` at the border of the image.
fn prewitt(values: ArrayView2<'_, f32>, (y, x): (usize, usize)) -> Option<[f64; 2]> {
    let (height, width) = values.dim();
    if y == 0 || x == 0 || y + 1 >= height || x + 1 >= width {
        return None;
    }
    let at = |y: usize, x: usize| f64::from(values[[y, x]]);
    let down = |x: usize| at(y + 1, x) - at(y - 1, x);
    let right = |y: usize| at(y, x + 1) - at(y, x - 1);
    Some([down(x - 1) + down(x) + down(x + 1), right(y - 1) + right(y) + right(y + 1)])
}

/// The names of the values of [`tamura`].
pub const TAMURA_NAMES: [&str; 3] = names(&TAMURA);

const TAMURA: [Named; 3] = [
    ("tamura_coarseness", Unit::Pixels, "mean of the window's side at which neighbors differ most"),
    ("tamura_contrast", Unit::Intensity, "s / (m_4 / s^4)^(1/4)"),
    ("tamura_directionality", Unit::One, "1 - 12 / pi^2 sum H(j) d(j, peak)^2"),
];

pub(crate) fn descriptors() -> Vec<Descriptor> {
    let of = |(name, unit, formula): Named| {
        Descriptor::new(name, Measure::In(unit), formula, "Tamura, Mori, Yamawaki 1978")
    };
    TAMURA.map(of).to_vec()
}
