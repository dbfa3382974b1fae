//! Differences of gray levels from their neighborhood: coarseness, contrast, busyness, ...

use ndarray::ArrayView2;

use crate::column::{Descriptor, Measure, Named, Unit, names};
use crate::error::Result;
use crate::levels::{DIRECTIONS, Levels, gray_levels, level_at};

/// The highest coarseness, also where no pixel differs from its neighbors.
pub const COARSENESS_CAP: f64 = 1e6;

/// The five features of the neighborhood gray tone difference matrix, in the order of [`TONE_NAMES`].
///
/// Of each object pixel of level `i` with its neighbors (8) in the object, the difference is
/// `|i - mean of the neighbors|`; `s_i` is its sum and `n_i` the number of pixels over those of level
/// `i`, `N = sum n_i`, `p_i = n_i / N`, and `G` the number of levels that occur.
///
/// # Shapes
/// - `levels`: `(height, width)`, 0 outside the object
///
/// # Edge cases
/// A pixel without neighbors has the difference 0, as in pyradiomics' program (its documentation
/// leaves such pixels out). Without an object all are 0. Where no pixel differs from its neighbors,
/// coarseness is [`COARSENESS_CAP`], which is also its highest value, and the rest is 0. Where all
/// `i p_i` are equal, busyness is 0.
///
/// # Source
/// Amadasun, King, Textural features corresponding to textural properties, IEEE Trans. Syst. Man
/// Cybern. 19, 1989; the oracle is pyradiomics 3.0.1, `ngtdm`.
///
/// # Example
/// ```
/// use micrograph_features::tone_differences;
/// use ndarray::array;
/// let [coarseness, contrast, busyness, ..] = tone_differences(array![[1, 3], [1, 3]].view());
/// // Each pixel's neighbors are 1, 3, 3 or 1, 1, 3: it differs by 4/3, and s_1 = s_3 = 8/3.
/// assert!((coarseness - 3.0 / 8.0).abs() < 1e-15);
/// assert!((contrast - 4.0 / 4.0 * 4.0 / 3.0).abs() < 1e-15);
/// assert!((busyness - 8.0 / 3.0 / 2.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn tone_differences(levels: ArrayView2<'_, u8>) -> [f64; 5] {
    let mut by_level = [(0_u64, 0.0_f64); 256];
    for ((y, x), &level) in levels.indexed_iter() {
        if level == 0 {
            continue;
        }
        let around = DIRECTIONS.into_iter().flat_map(|[dy, dx]| [[dy, dx], [-dy, -dx]]);
        let (mut sum, mut n) = (0.0, 0.0);
        for [dy, dx] in around {
            let other = level_at(levels, y as isize + dy, x as isize + dx);
            if other > 0 {
                sum += f64::from(other);
                n += 1.0;
            }
        }
        let (count, difference) = &mut by_level[usize::from(level)];
        *count += 1;
        if n > 0.0 {
            *difference += (f64::from(level) - sum / n).abs();
        }
    }
    let present: Vec<[f64; 3]> = (0..256)
        .filter(|&level| by_level[level].0 > 0)
        .map(|level| [level as f64, by_level[level].0 as f64, by_level[level].1])
        .collect();
    if present.is_empty() { [0.0; 5] } else { of_present_levels(&present) }
}

/// From `[i, n_i, s_i]` of the levels that occur.
///
/// Numbers of pixels instead of fractions: whole numbers are equal where they should be, so that it
/// can be asked whether a sum is 0.
fn of_present_levels(present: &[[f64; 3]]) -> [f64; 5] {
    let total: f64 = present.iter().map(|[_, n, _]| n).sum();
    let weighted: f64 = present.iter().map(|[_, n, s]| n * s).sum::<f64>() / total;
    let differences: f64 = present.iter().map(|[.., s]| s).sum();
    let pairs = |of: &dyn Fn([f64; 3], [f64; 3]) -> f64| -> f64 {
        present.iter().map(|&a| present.iter().map(|&b| of(a, b)).sum::<f64>()).sum()
    };
    let over = |above: f64, below: f64| if below > 0.0 { above / below } else { 0.0 };
    let g = present.len() as f64;
    let spread = pairs(&|[i, n, _], [j, m, _]| n * m * (i - j).powi(2)) / (total * total);
    let steps = pairs(&|[i, n, _], [j, m, _]| (i * n - j * m).abs()) / total;
    let complexity = pairs(&|[i, n, s], [j, m, t]| (i - j).abs() * (n * s + m * t) / (n + m));
    let strength = pairs(&|[i, n, _], [j, m, _]| (n + m) * (i - j).powi(2)) / total;
    [
        // No pixel differs from its neighbors exactly where all differences are 0.
        if differences > 0.0 { (1.0 / weighted).min(COARSENESS_CAP) } else { COARSENESS_CAP },
        over(spread, g * (g - 1.0)) * differences / total,
        over(weighted, steps),
        complexity / total,
        over(strength, differences),
    ]
}

pub(crate) fn object_tone_differences(
    pixels: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    levels: &Levels,
) -> Result<Vec<f64>> {
    Ok(tone_differences(gray_levels(pixels, mask, levels)?.view()).to_vec())
}

/// The names of the values of [`tone_differences`].
pub const TONE_NAMES: [&str; 5] = names(&TONE);

const TONE: [Named; 5] = [
    ("coarseness", Unit::One, "1 / sum p_i s_i"),
    ("contrast", Unit::One, "sum_ij p_i p_j (i - j)^2 / (G (G - 1)) sum s_i / N"),
    ("busyness", Unit::One, "sum p_i s_i / sum_ij |i p_i - j p_j|"),
    ("complexity", Unit::One, "sum_ij |i - j| (p_i s_i + p_j s_j) / (p_i + p_j) / N"),
    ("strength", Unit::One, "sum_ij (p_i + p_j) (i - j)^2 / sum s_i"),
];

pub(crate) fn descriptors() -> Vec<Descriptor> {
    let of = |(name, unit, formula): Named| Descriptor {
        name: format!("tone_{name}").into(),
        measure: Measure::In(unit),
        formula,
        source: "Amadasun, King 1989; pyradiomics ngtdm",
    };
    TONE.map(of).to_vec()
}
