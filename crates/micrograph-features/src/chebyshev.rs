//! Chebyshev series of an object's box.

use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::crop;
use crate::error::Result;
use crate::settings::within;

/// Settings of the Chebyshev coefficients of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChebyshevConfig {
    /// The highest order along each axis; 5 by our choice.
    pub order: usize,
}

impl Default for ChebyshevConfig {
    fn default() -> Self {
        Self { order: 5 }
    }
}

impl ChebyshevConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let what = "the order of Chebyshev coefficients";
        within(what, "of at most 64", self.order as f64, self.order <= 64)
    }
}

/// The coefficients `c[k][l]` of the image as a series of Chebyshev polynomials,
/// `v(y, x) = sum c[k][l] T_k(y) T_l(x)`, with `y` and `x` from -1 to 1 over its height and width.
///
/// `c[k][l] = e_k e_l / (m n) sum_ij v(y_i, x_j) T_k(y_i) T_l(x_j)`, `e_0 = 1`, else 2, over the nodes
/// `y_i = -cos(pi (i + 1/2) / m)`, as many as there are pixels along the axis, but at least
/// `orders`; between the centers of pixels the image is bilinear, beyond them constant.
///
/// # Shapes
/// - `orders`: how many orders along rows and columns
/// - returns: `orders`
///
/// # Units
/// Intensities.
///
/// # Edge cases
/// All are 0 for an image without pixels. One pixel has its value in the order 0 alone, but for
/// rounding.
///
/// # Errors
/// More than 65536 orders along an axis.
///
/// # Source
/// Orlov et al., WND-CHARM: multi-purpose image classification using compound image transforms,
/// Pattern Recognit. Lett. 29, 2008, name the transform; it is here the discrete one, which no order
/// makes inexact. The oracle is `numpy.polynomial.chebyshev`.
///
/// # Example
/// ```
/// use micrograph_features::chebyshev_coefficients;
/// use ndarray::Array2;
/// let ramp = Array2::from_shape_fn((40, 60), |(y, _)| 7.0 + (y as f64 - 19.5) / 20.0);
/// let c = chebyshev_coefficients(ramp.view(), [2, 2])?;
/// assert!((c[[0, 0]] - 7.0).abs() < 1e-3 && (c[[1, 0]] - 1.0).abs() < 1e-2);
/// assert!(c[[0, 1]].abs() < 1e-12);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn chebyshev_coefficients(
    values: ArrayView2<'_, f64>,
    orders: [usize; 2],
) -> Result<Array2<f64>> {
    for order in orders {
        let few = order <= 65_536;
        within("the orders of a Chebyshev series", "of at most 65536", order as f64, few)?;
    }
    if values.is_empty() {
        return Ok(Array2::zeros(orders));
    }
    let (height, width) = values.dim();
    let down = analysis(height, orders[0]);
    let across = analysis(width, orders[1]);
    Ok(down.dot(&values).dot(&across.t()))
}

/// The matrix from `n` pixels along an axis to the coefficients: `(orders, n)`.
fn analysis(n: usize, orders: usize) -> Array2<f64> {
    let nodes = n.max(orders);
    let mut matrix = Array2::zeros((orders, n));
    for i in 0..nodes {
        let angle = PI * (i as f64 + 0.5) / nodes as f64;
        let place = ((1.0 - angle.cos()) / 2.0 * n as f64 - 0.5).clamp(0.0, (n - 1) as f64);
        let (below, part) = (place.floor() as usize, place.fract());
        let above = (below + 1).min(n - 1);
        for k in 0..orders {
            // Modulo a turn of four quarters of whole nodes, for the digits' sake.
            let turn = (k * (2 * i + 1)) % (4 * nodes);
            let polynomial = (PI * turn as f64 / (2 * nodes) as f64).cos();
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            let scale = if k == 0 { 1.0 } else { 2.0 } / nodes as f64;
            let weight = sign * scale * polynomial;
            matrix[[k, below]] += (1.0 - part) * weight;
            matrix[[k, above]] += part * weight;
        }
    }
    matrix
}

/// Of the object's box, with the object's mean around it.
pub(crate) fn object_coefficients(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &ChebyshevConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    let n = config.order + 1;
    let filled = crop::filled(values, mask);
    let coefficients = chebyshev_coefficients(filled.view(), [n, n])?;
    Ok(coefficients.into_iter().collect())
}

pub(crate) fn descriptors(config: &ChebyshevConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "chebyshev",
        Measure::In(Unit::Intensity),
        "coefficient of T_k(y) T_l(x) over the object's box",
        "Orlov et al. 2008; numpy.polynomial.chebyshev",
    );
    let orders = (0..=config.order).flat_map(|k| (0..=config.order).map(move |l| (k, l)));
    let named = |(k, l): (usize, usize)| Descriptor {
        name: format!("chebyshev_{k}_{l}").into(),
        ..one.clone()
    };
    orders.map(named).collect()
}
