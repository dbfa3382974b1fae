//! Gray level co-occurrence and Haralick's thirteen features.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Named, Unit, names};
use crate::error::Result;
use crate::levels::{DIRECTIONS, Levels, gray_levels};
use crate::settings::{distance, same_shape, within};

/// Settings of Haralick's features of an object.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HaralickConfig {
    /// How intensities become gray levels.
    pub levels: Levels,
    /// How many pixels apart two pixels of a pair are, along rows, columns and diagonals.
    pub distance: usize,
}

impl Default for HaralickConfig {
    fn default() -> Self {
        Self { levels: Levels::default(), distance: 1 }
    }
}

impl HaralickConfig {
    pub(crate) fn check(&self) -> Result<()> {
        distance("the distance of Haralick's features", self.distance)?;
        self.levels.check()
    }
}

/// How often two gray levels stand `offset = [dy, dx]` apart, in either order, as fractions.
///
/// # Shapes
/// - `levels`: `(height, width)`, 0 outside the object; pairs with a 0 are not counted
/// - returns: `(n, n)`; entry `(i, j)` belongs to the levels `i + 1` and `j + 1`; symmetric
///
/// # Edge cases
/// Without pairs all are 0. Levels above `n` are not counted.
///
/// # Errors
/// `n` above 255, for levels go no further.
///
/// # Source
/// Haralick, Shanmugam, Dinstein, Textural features for image classification, IEEE Trans. Syst. Man
/// Cybern. 3, 1973; `skimage.feature.graycomatrix` with `symmetric` and `normed`.
///
/// # Example
/// ```
/// use micrograph_features::cooccurrence;
/// use ndarray::array;
/// let pairs = cooccurrence(array![[1, 1, 2], [0, 2, 2]].view(), 2, [0, 1])?;
/// assert_eq!(pairs, array![[2.0, 1.0], [1.0, 2.0]] / 6.0);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn cooccurrence(
    levels: ArrayView2<'_, u8>,
    n: usize,
    offset: [isize; 2],
) -> Result<Array2<f64>> {
    within("gray levels", "of at most 255", n as f64, n <= 255)?;
    let (height, width) = levels.dim();
    let known = |&level: &u8| if usize::from(level) <= n { usize::from(level) } else { 0 };
    let flat: Vec<usize> = levels.iter().map(known).collect();
    let [dy, dx] = offset.map(isize::unsigned_abs);
    let mut counts = vec![0_u64; (n + 1) * (n + 1)];
    if dy < height && dx < width {
        // Where both pixels of a pair lie in the image.
        let [top, left] = offset.map(|d| if d < 0 { d.unsigned_abs() } else { 0 });
        for y in top..top + height - dy {
            let place = y * width + left;
            let other = y.wrapping_add_signed(offset[0]) * width;
            let other = other + left.wrapping_add_signed(offset[1]);
            let pairs = flat[place..place + width - dx].iter().zip(&flat[other..]);
            pairs.for_each(|(a, b)| counts[a * (n + 1) + b] += 1);
        }
    }
    let both = |i: usize, j: usize| counts[(i + 1) * (n + 1) + j + 1];
    let mut pairs = Array2::from_shape_fn((n, n), |(i, j)| (both(i, j) + both(j, i)) as f64);
    let total = pairs.sum();
    if total > 0.0 {
        pairs /= total;
    }
    Ok(pairs)
}

/// Haralick's thirteen features of a symmetric matrix of fractions, in the order of
/// [`HARALICK_NAMES`].
///
/// With `p(i, j)` of the levels `i, j` from 1, their mean and variance, `p_+(k)` of sums and `p_-(k)`
/// of differences, and entropies `H` in bits.
///
/// # Edge cases
/// Without pairs all are 0. For one level, the correlation is 1 and the information measures are 0.
///
/// # Errors
/// A matrix that is not square. That it is symmetric is taken for granted.
///
/// # Source
/// Haralick et al. 1973, appendix I. The oracle is `mahotas.features.haralick` 1.4.19 with
/// `use_x_minus_y_variance=True`; the sum variance is around the sum average, where the paper's
/// printed formula has the sum entropy.
///
/// # Example
/// ```
/// use micrograph_features::{HARALICK_NAMES, haralick};
/// use ndarray::array;
/// let features = haralick(array![[0.5, 0.0], [0.0, 0.5]].view())?;
/// assert_eq!(HARALICK_NAMES[..3], ["angular_second_moment", "contrast", "correlation"]);
/// assert_eq!(features[..3], [0.5, 0.0, 1.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn haralick(pairs: ArrayView2<'_, f64>) -> Result<[f64; 13]> {
    let n = pairs.nrows();
    same_shape((n, n), pairs.dim())?;
    if n == 0 || pairs.sum() <= 0.0 {
        return Ok([0.0; 13]);
    }
    let marginal: Vec<f64> = pairs.outer_iter().map(|row| row.sum()).collect();
    let (mut sums, mut differences) = (vec![0.0; 2 * n - 1], vec![0.0; n]);
    let mut product = 0.0;
    for ((i, j), &p) in pairs.indexed_iter() {
        sums[i + j] += p;
        differences[i.abs_diff(j)] += p;
        product += i as f64 * j as f64 * p;
    }
    let (mean, variance) = mean_and_variance(&marginal);
    let (sum_mean, sum_variance) = mean_and_variance(&sums);
    let (_, difference_variance) = mean_and_variance(&differences);
    let entropy_both = entropy(pairs.iter());
    let entropy_one = entropy(marginal.iter());
    // -sum p(i, j) log2(p(i) p(j)) and the entropy of p(i) p(j) are both twice the marginal's, for
    // the matrix is symmetric.
    let entropy_independent = 2.0 * entropy_one;
    let weighted = |of: &dyn Fn(f64) -> f64| {
        differences.iter().enumerate().map(|(k, p)| of(k as f64) * p).sum::<f64>()
    };
    let shared = (entropy_independent - entropy_both).max(0.0);
    Ok([
        pairs.iter().map(|p| p * p).sum(),
        weighted(&|k| k * k),
        if variance > 0.0 { (product - mean * mean) / variance } else { 1.0 },
        variance,
        weighted(&|k| 1.0 / (1.0 + k * k)),
        sum_mean + 2.0,
        sum_variance,
        entropy(sums.iter()),
        entropy_both,
        difference_variance,
        entropy(differences.iter()),
        if entropy_one > 0.0 { -shared / entropy_one } else { 0.0 },
        (1.0 - (-2.0 * shared).exp()).max(0.0).sqrt(),
    ])
}

fn mean_and_variance(p: &[f64]) -> (f64, f64) {
    let mean = p.iter().enumerate().map(|(k, p)| k as f64 * p).sum::<f64>();
    let variance = p.iter().enumerate().map(|(k, p)| (k as f64 - mean).powi(2) * p).sum::<f64>();
    // One level alone has no variance; what is left of it is rounding.
    (mean, if p.iter().filter(|&&p| p > 0.0).count() > 1 { variance } else { 0.0 })
}

/// In bits.
pub(crate) fn entropy<'a>(p: impl Iterator<Item = &'a f64>) -> f64 {
    p.filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum::<f64>().max(0.0)
}

/// The mean over the four directions of each feature, then the range (largest less smallest).
///
/// Directions in which no two object pixels stand at that distance are left out.
pub(crate) fn object_haralick(
    pixels: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &HaralickConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    let levels = gray_levels(pixels, mask, &config.levels)?;
    let n = usize::from(config.levels.levels);
    let mut by_direction = Vec::new();
    for step in DIRECTIONS {
        let offset = step.map(|d| d * config.distance as isize);
        let pairs = cooccurrence(levels.view(), n, offset)?;
        if pairs.iter().any(|&p| p > 0.0) {
            by_direction.push(haralick(pairs.view())?);
        }
    }
    Ok(mean_and_range(&by_direction))
}

pub(crate) fn mean_and_range<const N: usize>(rows: &[[f64; N]]) -> Vec<f64> {
    let column = |k: usize| rows.iter().map(move |row| row[k]);
    let mean = |k| column(k).sum::<f64>() / rows.len().max(1) as f64;
    let range = |k| match rows {
        [] => 0.0,
        _ => column(k).fold(f64::MIN, f64::max) - column(k).fold(f64::MAX, f64::min),
    };
    (0..N).map(mean).chain((0..N).map(range)).collect()
}

/// The names of the values of [`haralick`].
pub const HARALICK_NAMES: [&str; 13] = names(&HARALICK);

const HARALICK: [Named; 13] = [
    ("angular_second_moment", Unit::One, "sum p^2"),
    ("contrast", Unit::One, "sum k^2 p_-(k)"),
    ("correlation", Unit::One, "(sum i j p - mean^2) / variance"),
    ("variance", Unit::One, "sum (i - mean)^2 p"),
    ("inverse_difference_moment", Unit::One, "sum p_-(k) / (1 + k^2)"),
    ("sum_average", Unit::One, "sum k p_+(k)"),
    ("sum_variance", Unit::One, "sum (k - sum_average)^2 p_+(k)"),
    ("sum_entropy", Unit::One, "H(p_+)"),
    ("entropy", Unit::One, "H(p)"),
    ("difference_variance", Unit::One, "variance of k under p_-(k)"),
    ("difference_entropy", Unit::One, "H(p_-)"),
    ("information_measure_1", Unit::One, "(H(p) - 2 H(p_x)) / H(p_x)"),
    ("information_measure_2", Unit::One, "sqrt(1 - exp(-2 (2 H(p_x) - H(p))))"),
];

pub(crate) fn descriptors(config: &HaralickConfig) -> Vec<Descriptor> {
    let of = |kind: &str, (name, unit, formula): Named| Descriptor {
        name: format!("haralick_{}_{name}_{kind}", config.distance).into(),
        measure: Measure::In(unit),
        formula,
        source: "Haralick et al. 1973",
    };
    let mean = HARALICK.map(|named| of("mean", named));
    mean.into_iter().chain(HARALICK.map(|named| of("range", named))).collect()
}
