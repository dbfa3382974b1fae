//! Image moments: central, normalized, Hu's invariants.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};

/// What a pixel of the object weighs in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// 1: moments of the shape.
    Shape,
    /// Its intensity: moments of the image, as Hu defines them. What is below 0 weighs nothing.
    Intensity,
}

impl Weight {
    /// The weights of the pixels, 0 outside the object.
    pub(crate) fn of(self, values: ArrayView2<'_, f32>, mask: ArrayView2<'_, bool>) -> Array2<f64> {
        match self {
            Self::Shape => mask.mapv(|object| f64::from(u8::from(object))),
            Self::Intensity => {
                let mut weights = values.mapv(|value| f64::from(value).max(0.0));
                weights.zip_mut_with(&mask, |weight, &object| {
                    if !object {
                        *weight = 0.0;
                    }
                });
                weights
            }
        }
    }
}

/// The total weight, and the row and the column of the center of mass.
///
/// # Edge cases
/// Without weight, the center is the middle of the array.
#[must_use]
pub fn center_of_mass(weights: ArrayView2<'_, f64>) -> (f64, [f64; 2]) {
    let (mut total, mut y_sum, mut x_sum) = (0.0, 0.0, 0.0);
    for (y, row) in weights.outer_iter().enumerate() {
        let (mut row_total, mut row_x) = (0.0, 0.0);
        for (x, &weight) in row.iter().enumerate() {
            row_total += weight;
            row_x += weight * x as f64;
        }
        total += row_total;
        y_sum += row_total * y as f64;
        x_sum += row_x;
    }
    if total > 0.0 {
        (total, [y_sum / total, x_sum / total])
    } else {
        let (height, width) = weights.dim();
        (0.0, [height, width].map(|n| (n as f64 - 1.0).max(0.0) / 2.0))
    }
}

/// Central moments `mu[p][q]` of orders 0 to 3 in each direction.
///
/// `mu_pq = sum (x - mean x)^p (y - mean y)^q weight(y, x)`, x to the right and y downwards
///
/// # Units
/// Weight times pixels to the power of `p + q`.
///
/// # Edge cases
/// Without weight all are 0.
///
/// # Source
/// Hu, Visual pattern recognition by moment invariants, IRE Trans. Inf. Theory 8, 1962, eq. 8.
/// `skimage.measure.moments_central` is the oracle; its first index is that of rows.
///
/// # Example
/// ```
/// use micrograph_features::central_moments;
/// use ndarray::array;
/// let mu = central_moments(array![[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]].view());
/// assert_eq!(mu[0][0], 4.0);
/// assert_eq!((mu[2][0], mu[0][2], mu[1][1]), (3.0, 0.75, 0.5)); // columns 0, 2, 2, 2; rows 0, 0, 0, 1
/// assert_eq!((mu[3][0], mu[0][3]), (-3.0, 0.375));
/// ```
#[must_use]
pub fn central_moments(weights: ArrayView2<'_, f64>) -> [[f64; 4]; 4] {
    let (_, [y_mean, x_mean]) = center_of_mass(weights);
    let mut moments = [[0.0; 4]; 4];
    for (y, row) in weights.outer_iter().enumerate() {
        let mut sums = [0.0; 4];
        for (x, &weight) in row.iter().enumerate() {
            let dx = x as f64 - x_mean;
            sums[0] += weight;
            sums[1] += weight * dx;
            sums[2] += weight * (dx * dx);
            sums[3] += weight * (dx * dx * dx);
        }
        let dy = y as f64 - y_mean;
        for (p, sum) in sums.into_iter().enumerate() {
            for (q, power) in [1.0, dy, dy * dy, dy * dy * dy].into_iter().enumerate() {
                moments[p][q] += sum * power;
            }
        }
    }
    moments
}

/// Central moments, normalized so that they do not depend on the size of the object.
///
/// `eta_pq = mu_pq / mu_00^(1 + (p + q) / 2)` for `p + q` from 2 to 3, in the order
/// 20, 11, 02, 30, 21, 12, 03
///
/// # Edge cases
/// Without weight all are 0.
///
/// # Source
/// Hu 1962, eq. 19; `skimage.measure.moments_normalized`.
///
/// # Example
/// ```
/// use micrograph_features::{central_moments, normalized_moments};
/// use ndarray::array;
/// let eta = normalized_moments(&central_moments(array![[1.0, 1.0, 1.0, 1.0]].view()));
/// assert_eq!(eta, [5.0 / 16.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
/// ```
#[must_use]
pub fn normalized_moments(mu: &[[f64; 4]; 4]) -> [f64; 7] {
    let total = mu[0][0];
    if total <= 0.0 {
        return [0.0; 7];
    }
    [[2, 0], [1, 1], [0, 2], [3, 0], [2, 1], [1, 2], [0, 3]]
        .map(|[p, q]| mu[p][q] / total.powf(1.0 + (p + q) as f64 / 2.0))
}

/// Hu's seven invariants of normalized moments.
///
/// They stay the same when the object is shifted, scaled or turned; the seventh changes its sign
/// when it is mirrored.
///
/// # Edge cases
/// Without weight all are 0.
///
/// # Source
/// Hu 1962, eq. 20 and table 1; `skimage.measure.moments_hu` of transposed moments (it takes rows
/// first, which turns the sign of the seventh).
///
/// # Example
/// ```
/// use micrograph_features::hu_moments;
/// let eta = [0.3, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0]; // 20, 11, 02, 30, 21, 12, 03
/// let hu = hu_moments(&eta);
/// assert_eq!(hu[0], 0.4);
/// assert!((hu[1] - 0.04).abs() < 1e-15);
/// ```
#[must_use]
pub fn hu_moments(eta: &[f64; 7]) -> [f64; 7] {
    let [e20, e11, e02, e30, e21, e12, e03] = *eta;
    let (a, b) = (e30 + e12, e21 + e03);
    let (c, d) = (e30 - 3.0 * e12, 3.0 * e21 - e03);
    let (a_term, b_term) = (a * a - 3.0 * b * b, 3.0 * a * a - b * b);
    [
        e20 + e02,
        (e20 - e02).powi(2) + 4.0 * e11 * e11,
        c * c + d * d,
        a * a + b * b,
        c * a * a_term + d * b * b_term,
        (e20 - e02) * (a * a - b * b) + 4.0 * e11 * a * b,
        d * a * a_term - c * b * b_term,
    ]
}

const HU: &str = "Hu 1962";
const CENTRAL: &str = "sum (x - mean x)^p (y - mean y)^q weight";
const NORMALIZED: &str = "mu_pq / mu_00^(1 + (p + q) / 2)";

/// The four central moments of the thesis.
pub(crate) const THESIS: [Descriptor; 4] = [
    Descriptor::new("mu20", Measure::In(Unit::Moment), CENTRAL, HU),
    Descriptor::new("mu02", Measure::In(Unit::Moment), CENTRAL, HU),
    Descriptor::new("mu30", Measure::In(Unit::Moment), CENTRAL, HU),
    Descriptor::new("mu03", Measure::In(Unit::Moment), CENTRAL, HU),
];

pub(crate) fn thesis_moments(mu: &[[f64; 4]; 4]) -> [f64; 4] {
    [mu[2][0], mu[0][2], mu[3][0], mu[0][3]]
}

pub(crate) const ETA: [Descriptor; 7] = [
    Descriptor::new("eta20", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta11", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta02", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta30", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta21", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta12", Measure::In(Unit::One), NORMALIZED, HU),
    Descriptor::new("eta03", Measure::In(Unit::One), NORMALIZED, HU),
];

const INVARIANT: &str = "invariant of eta under shift, scale and rotation, table 1";

pub(crate) const HU_MOMENTS: [Descriptor; 7] = [
    Descriptor::new("hu1", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu2", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu3", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu4", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu5", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu6", Measure::In(Unit::One), INVARIANT, HU),
    Descriptor::new("hu7", Measure::In(Unit::One), INVARIANT, HU),
];
