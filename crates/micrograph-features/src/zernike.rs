//! Zernike moments.

use std::f64::consts::PI;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::Result;
use crate::moments::{Weight, center_of_mass};
use crate::settings::within;

/// Settings of the Zernike moments of an object.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZernikeConfig {
    /// The highest order; 9 as in CellProfiler.
    pub degree: usize,
    /// What a pixel weighs; the shape, as in CellProfiler's "AreaShape".
    pub weight: Weight,
}

impl Default for ZernikeConfig {
    fn default() -> Self {
        Self { degree: 9, weight: Weight::Shape }
    }
}

impl ZernikeConfig {
    pub(crate) fn check(&self) -> Result<()> {
        check_degree(self.degree)
    }
}

fn check_degree(degree: usize) -> Result<()> {
    // Beyond, the terms of the polynomials cancel until rounding is all that is left.
    within("the degree of Zernike moments", "of at most 40", degree as f64, degree <= 40)
}

/// The orders `(n, l)` of [`zernike_moments`]: `l <= n`, `n - l` even, by `n` and then by `l`.
///
/// 30 for degree 9. Above degree 40 there are none, for their moments cannot be computed.
#[must_use]
pub fn zernike_orders(degree: usize) -> Vec<(usize, usize)> {
    if check_degree(degree).is_err() {
        return Vec::new();
    }
    (0..=degree).flat_map(|n| (n % 2..=n).step_by(2).map(move |l| (n, l))).collect()
}

/// The magnitudes of Zernike moments in a disk.
///
/// `|(n + 1) / pi sum w R_nl(r) exp(-i l phi)| / sum w` over pixels of weight `w > 0` with
/// `r = distance to the center / radius <= 1`, and
/// `R_nl(r) = sum_m (-1)^m (n - m)! / (m! ((n - 2m + l) / 2)! ((n - 2m - l) / 2)!) r^(n - 2m)`
///
/// # Units and ranges
/// Numbers of at least 0, in the order of [`zernike_orders`]; the first is always `1 / pi`. They stay
/// the same when the object is turned or mirrored.
///
/// # Edge cases
/// Without weight in the disk all are 0.
///
/// # Errors
/// A degree above 40, a radius that is not above 0.
///
/// # Source
/// Teague, Image analysis via the general theory of moments, J. Opt. Soc. Am. 70, 1980; the oracle
/// is `mahotas.features.zernike_moments` 1.4.19.
///
/// # Example
/// ```
/// use micrograph_features::zernike_moments;
/// use ndarray::array;
/// let moments = zernike_moments(array![[1.0, 0.0, 1.0]].view(), [0.0, 1.0], 2.0, 2)?;
/// let pi = std::f64::consts::PI;
/// // (0,0), (1,1): opposite pixels cancel, (2,0): |3 (2/4 - 1)|, (2,2): 3/4
/// for (got, expected) in moments.iter().zip([1.0 / pi, 0.0, 1.5 / pi, 0.75 / pi]) {
///     assert!((got - expected).abs() < 1e-15);
/// }
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn zernike_moments(
    weights: ArrayView2<'_, f64>,
    center: [f64; 2],
    radius: f64,
    degree: usize,
) -> Result<Vec<f64>> {
    check_degree(degree)?;
    within("the radius of Zernike moments", "above 0", radius, radius > 0.0)?;
    let polynomials: Vec<_> =
        zernike_orders(degree).into_iter().map(|(n, l)| (n, l, radial_polynomial(n, l))).collect();
    let (total, sums) = if degree <= DEGREE_BY_MOMENTS {
        sums_by_moments(weights, center, radius, &polynomials)
    } else {
        sums_by_pixels(weights, center, radius, &polynomials)
    };
    if total <= 0.0 {
        return Ok(vec![0.0; sums.len()]);
    }
    let magnitude = |[re, im]: [f64; 2]| re.hypot(im) / total;
    let scaled = sums.into_iter().zip(&polynomials);
    Ok(scaled.map(|(sum, (n, ..))| (*n as f64 + 1.0) / PI * magnitude(sum)).collect())
}

/// To this degree, the terms of moments cancel little enough (they lose four digits of sixteen).
const DEGREE_BY_MOMENTS: usize = 12;

/// `n`, `l`, and the radial polynomial.
type Polynomial = (usize, usize, Vec<f64>);

/// The total weight in the disk, and `sum w R_nl(r) exp(i l phi)`, from the moments
/// `m[p][q] = sum w x^p y^q`: a few operations a pixel.
fn sums_by_moments(
    weights: ArrayView2<'_, f64>,
    center: [f64; 2],
    radius: f64,
    polynomials: &[Polynomial],
) -> (f64, Vec<[f64; 2]>) {
    const N: usize = DEGREE_BY_MOMENTS + 1;
    let powers = |value: f64| {
        let mut powers = [1.0; N];
        (1..N).for_each(|k| powers[k] = powers[k - 1] * value);
        powers
    };
    let columns: Vec<[f64; N]> =
        (0..weights.ncols()).map(|x| powers((x as f64 - center[1]) / radius)).collect();
    let mut moments = [[0.0; N]; N];
    for (y, row) in weights.outer_iter().enumerate() {
        let down = powers((y as f64 - center[0]) / radius);
        let mut sums = [0.0; N];
        for (&weight, across) in row.iter().zip(&columns) {
            if weight > 0.0 && across[1] * across[1] + down[1] * down[1] <= 1.0 {
                sums.iter_mut().zip(across).for_each(|(sum, power)| *sum += weight * power);
            }
        }
        for (p, sum) in sums.into_iter().enumerate() {
            (0..N - p).for_each(|q| moments[p][q] += sum * down[q]);
        }
    }
    let sums = polynomials.iter().map(|(_, l, polynomial)| {
        let mut sum = [0.0; 2];
        for (j, coefficient) in polynomial.iter().enumerate() {
            // Of (x + i y)^l (x^2 + y^2)^j.
            let mut part = [0.0; 2];
            for k in 0..=*l {
                for m in 0..=j {
                    let term =
                        binomial(*l, k) * binomial(j, m) * moments[l - k + 2 * m][k + 2 * (j - m)];
                    part[k % 2] += if k % 4 < 2 { term } else { -term };
                }
            }
            sum[0] += coefficient * part[0];
            sum[1] += coefficient * part[1];
        }
        sum
    });
    (moments[0][0], sums.collect())
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

/// The same from the polynomials at each pixel.
fn sums_by_pixels(
    weights: ArrayView2<'_, f64>,
    center: [f64; 2],
    radius: f64,
    polynomials: &[Polynomial],
) -> (f64, Vec<[f64; 2]>) {
    let degree = polynomials.last().map_or(0, |(n, ..)| *n);
    let mut sums = vec![[0.0; 2]; polynomials.len()];
    let mut total = 0.0;
    let mut powers = vec![[1.0, 0.0]; degree + 1];
    for ((y, x), &weight) in weights.indexed_iter() {
        let [dy, dx] = [(y as f64 - center[0]) / radius, (x as f64 - center[1]) / radius];
        let squared = dx * dx + dy * dy;
        if weight <= 0.0 || squared > 1.0 {
            continue;
        }
        total += weight;
        // r^l exp(i l phi); the rest of the radial polynomial is one in r^2.
        for l in 1..=degree {
            let [re, im] = powers[l - 1];
            powers[l] = [re * dx - im * dy, re * dy + im * dx];
        }
        for (sum, (_, l, polynomial)) in sums.iter_mut().zip(polynomials) {
            let radial = weight * polynomial.iter().rev().fold(0.0, |p, c| p * squared + c);
            sum[0] += radial * powers[*l][0];
            sum[1] += radial * powers[*l][1];
        }
    }
    (total, sums)
}

/// The coefficients of `R_nl(r) / r^l` as a polynomial in `r^2`, lowest first.
fn radial_polynomial(n: usize, l: usize) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let half = (n - l) / 2;
    (0..=half)
        .rev()
        .map(|m| {
            let sign = if m % 2 == 0 { 1.0 } else { -1.0 };
            let below = factorial(m) * factorial((n + l) / 2 - m) * factorial(half - m);
            sign * factorial(n - m) / below
        })
        .collect()
}

/// Zernike moments around the object's center of mass, in the smallest disk there that holds it.
pub(crate) fn object_zernike_moments(
    pixels: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &ZernikeConfig,
) -> Result<Vec<f64>> {
    let weights = config.weight.of(pixels, mask);
    let (_, center) = center_of_mass(weights.view());
    let object = mask.indexed_iter().filter(|&(_, &object)| object);
    let squared =
        |(y, x): (usize, usize)| (y as f64 - center[0]).powi(2) + (x as f64 - center[1]).powi(2);
    let radius = object.map(|(at, _)| squared(at)).fold(0.0, f64::max).sqrt() + 0.5;
    zernike_moments(weights.view(), center, radius, config.degree)
}

pub(crate) fn descriptors(config: &ZernikeConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "zernike",
        Measure::In(Unit::One),
        "|(n + 1) / pi sum w R_nl(r) exp(-i l phi)| / sum w",
        "Teague 1980",
    );
    zernike_orders(config.degree)
        .into_iter()
        .map(|(n, l)| Descriptor { name: format!("zernike_{n}_{l}").into(), ..one.clone() })
        .collect()
}
