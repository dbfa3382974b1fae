//! Fourier descriptors of outlines.

use std::f64::consts::TAU;

use micrograph_segment::outer_outline;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::Result;
use crate::settings::count;

/// Settings of the Fourier descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FourierConfig {
    /// The highest frequency; 8 by our choice.
    pub order: usize,
}

impl Default for FourierConfig {
    fn default() -> Self {
        Self { order: 8 }
    }
}

/// How much of each frequency the outline has, by the main one.
///
/// `|Z(k)| / |Z(1)|` for `k` = -1, 2, -2, 3, -3, ... `order`, `-order`, with the Fourier integral
/// `Z(k) = 1/L integral z(s) exp(-2 pi i k s / L) ds` of `z = x + i y`, y downwards, along the
/// [`outer_outline`] of length `L`
///
/// # Units and ranges
/// Numbers of at least 0, the same wherever the outline begins and however the object is moved,
/// scaled or turned by quarters; all are near 0 for a disk, and `k = -1` grows with elongation.
///
/// # Edge cases
/// Without an object all are 0. Of an object in several parts, the outline is that of the part that
/// comes first in reading order.
///
/// # Errors
/// No order, or one above 65536.
///
/// # Source
/// Zahn, Roskies, Fourier descriptors for plane closed curves, IEEE Trans. Comput. 21, 1972, with the
/// complex coordinate of Granlund 1972; the integral over steps is exact as in Kuhl, Giardina 1982.
///
/// # Example
/// ```
/// use micrograph_features::fourier_descriptors;
/// use ndarray::Array2;
/// let square = Array2::from_elem((6, 6), true);
/// let descriptors = fourier_descriptors(square.view(), 3)?; // -1, 2, -2, 3, -3
/// // By its symmetry a square has the frequencies 1, -3, 5, ... alone.
/// assert!(descriptors[..4].iter().all(|d| d.abs() < 1e-12));
/// assert!((descriptors[4] - 1.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn fourier_descriptors(mask: ArrayView2<'_, bool>, order: usize) -> Result<Vec<f64>> {
    count("order of Fourier descriptors", order)?;
    let corners = outer_outline(mask);
    let frequencies = frequencies(order);
    let next = corners.iter().cycle().skip(1);
    let steps: Vec<[f64; 2]> = corners
        .iter()
        .zip(next)
        .map(|(a, b)| [1, 0].map(|axis| b[axis] as f64 - a[axis] as f64))
        .collect();
    let main = magnitude(&steps, 1);
    let of = |k| if main > 0.0 { magnitude(&steps, k) / main } else { 0.0 };
    Ok(frequencies.into_iter().map(of).collect())
}

/// -1, 2, -2, 3, -3, ...
fn frequencies(order: usize) -> Vec<i64> {
    let order = order as i64;
    (1..=order).flat_map(|k| [k, -k]).skip(1).collect()
}

/// `|Z(k)|` but for a factor that all frequencies share.
///
/// Along a step the derivative of `z` is the step itself, and its integral against the frequency
/// `w = 2 pi k / L` is `2 sin(w / 2) / w`; a further `1 / w` leads from the derivative to `z`.
fn magnitude(steps: &[[f64; 2]], k: i64) -> f64 {
    let n = steps.len() as i64;
    let (mut re, mut im) = (0.0, 0.0);
    for (index, [x, y]) in steps.iter().enumerate() {
        let angle = -TAU * (k * index as i64).rem_euclid(n) as f64 / n as f64;
        let (sin, cos) = angle.sin_cos();
        re += x * cos - y * sin;
        im += x * sin + y * cos;
    }
    let half = TAU * k as f64 / n.max(1) as f64 / 2.0;
    re.hypot(im) * (half.sin() / (half * k as f64)).abs()
}

pub(crate) fn descriptors(config: &FourierConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "fourier",
        Measure::In(Unit::One),
        "|Z(k)| / |Z(1)| of the outline x + i y",
        "Zahn, Roskies 1972; Granlund 1972",
    );
    frequencies(config.order)
        .into_iter()
        .map(|k| {
            let sign = if k < 0 { "minus_" } else { "" };
            Descriptor { name: format!("fourier_{sign}{}", k.abs()).into(), ..one.clone() }
        })
        .collect()
}
