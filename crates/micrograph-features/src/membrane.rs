//! What the membrane and the interior look like: signal to noise, internal segmentation variance.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::Result;
use crate::profile::Distance;
use crate::settings::{same_shape, within};

/// The highest [`signal_to_noise`], also where nothing varies along the membrane.
pub const SIGNAL_TO_NOISE_CAP: f64 = 1e6;

/// Settings of [`signal_to_noise`] and [`internal_segmentation_variance`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MembraneConfig {
    /// How far the membrane reaches to either side of the outline; by our choice 5 nanometers, or 5
    /// pixels where the size of a pixel is not known.
    pub half_width: Distance,
}

impl Default for MembraneConfig {
    fn default() -> Self {
        Self { half_width: Distance::Either { pixels: 5.0, nanometers: 5.0 } }
    }
}

/// The variance across the membrane over the variance along it.
///
/// `min(cap, sum n_k (m_k - m)^2 / sum (v - m_k)^2)` over rings `k`, one pixel wide, within
/// `half_width_px` of the membrane, with `n_k` pixels of mean `m_k`, pixels `v`, and the mean `m` of
/// all: between rings the intensity changes across the membrane, within a ring along it.
///
/// # Units and ranges
/// A number from 0 to [`SIGNAL_TO_NOISE_CAP`], the same for any brightness and contrast.
///
/// # Edge cases
/// 0 where nothing varies at all, and where there is no object; the cap where nothing varies along.
///
/// # Errors
/// Arrays of different shapes, a half width that is not above 0.
///
/// # Source
/// LipNet thesis, section 3: "how much the variance across the membrane is different compared to the
/// variance along the membrane"; the decomposition is that of the analysis of variance.
///
/// # Example
/// ```
/// use micrograph_features::{membrane_distance, signal_to_noise};
/// use ndarray::array;
/// let membrane = membrane_distance(array![[false, true], [false, true]].view());
/// let values = array![[1.0, 5.0], [3.0, 7.0]]; // means 2 and 6; 1 around each of them
/// assert_eq!(signal_to_noise(values.view(), membrane.view(), 2.0)?, 4.0);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn signal_to_noise(
    values: ArrayView2<'_, f32>,
    membrane: ArrayView2<'_, f64>,
    half_width_px: f64,
) -> Result<f64> {
    same_shape(values.dim(), membrane.dim())?;
    within("the half width of the membrane", "above 0", half_width_px, half_width_px > 0.0)?;
    // No pixel is farther away than the sides are long.
    let sides = (values.nrows() + values.ncols()) as f64;
    let reach = half_width_px.ceil().min(sides).max(1.0);
    let mut rings: Vec<Vec<f64>> = vec![Vec::new(); 2 * reach as usize];
    for (&value, &d) in values.iter().zip(&membrane) {
        if d.abs() <= half_width_px {
            let ring = (d + reach).floor() as usize;
            let last = rings.len() - 1;
            rings[ring.min(last)].push(f64::from(value));
        }
    }
    let n: usize = rings.iter().map(Vec::len).sum();
    if n == 0 {
        return Ok(0.0);
    }
    let mean = rings.iter().flatten().sum::<f64>() / n as f64;
    let (mut across, mut along) = (0.0, 0.0);
    for ring in rings.iter().filter(|ring| !ring.is_empty()) {
        let ring_mean = ring.iter().sum::<f64>() / ring.len() as f64;
        across += ring.len() as f64 * (ring_mean - mean).powi(2);
        along += ring.iter().map(|value| (value - ring_mean).powi(2)).sum::<f64>();
    }
    // Sums of equal numbers may miss their mean by rounding.
    let rounding = 1e-24 * n as f64 * mean * mean;
    Ok(if across <= rounding {
        0.0
    } else if along <= rounding {
        SIGNAL_TO_NOISE_CAP
    } else {
        (across / along).min(SIGNAL_TO_NOISE_CAP)
    })
}

/// The variance between the two segments into which Otsu's threshold divides the interior.
///
/// `max over t of w0 w1 (m0 - m1)^2`, where a fraction `w0` of the interior with mean `m0` is not
/// above `t`, and `w1` with mean `m1` is. The interior are the object pixels more than
/// `membrane_px` inside the membrane.
///
/// # Units
/// The square of intensities.
///
/// # Edge cases
/// 0 where the interior has no pixel or one intensity.
///
/// # Errors
/// Arrays of different shapes.
///
/// # Source
/// The LipNet thesis (section 4.1) names the feature without defining it; this is our reading. Otsu,
/// A threshold selection method from gray-level histograms, IEEE Trans. Syst. Man Cybern. 9, 1979,
/// eq. 14, over all thresholds between values instead of a histogram.
///
/// # Example
/// ```
/// use micrograph_features::{internal_segmentation_variance, membrane_distance};
/// use ndarray::{Array2, array};
/// let membrane = membrane_distance(Array2::from_elem((3, 6), true).view());
/// let values = array![[9.0; 6], [9.0, 1.0, 1.0, 3.0, 3.0, 9.0], [9.0; 6]];
/// assert_eq!(internal_segmentation_variance(values.view(), membrane.view(), 1.0)?, 1.0);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn internal_segmentation_variance(
    values: ArrayView2<'_, f32>,
    membrane: ArrayView2<'_, f64>,
    membrane_px: f64,
) -> Result<f64> {
    same_shape(values.dim(), membrane.dim())?;
    let mut interior: Vec<f64> = values
        .iter()
        .zip(&membrane)
        .filter(|&(_, &d)| d < -membrane_px)
        .map(|(&value, _)| f64::from(value))
        .collect();
    interior.sort_unstable_by(f64::total_cmp);
    let n = interior.len() as f64;
    let total: f64 = interior.iter().sum();
    let (mut below, mut best) = (0.0, 0.0_f64);
    for (index, pair) in interior.windows(2).enumerate() {
        below += pair[0];
        if pair[0] < pair[1] {
            let count = index as f64 + 1.0;
            let difference = below / count - (total - below) / (n - count);
            best = best.max(count / n * (1.0 - count / n) * difference * difference);
        }
    }
    Ok(best)
}

pub(crate) const SIGNAL_TO_NOISE: Descriptor = Descriptor::new(
    "signal_to_noise",
    Measure::In(Unit::One),
    "variance of intensity across the membrane / along it, at most 1e6",
    "LipNet thesis, section 3",
);

pub(crate) const SEGMENTATION_VARIANCE: Descriptor = Descriptor::new(
    "internal_segmentation_variance",
    Measure::In(Unit::SquareIntensity),
    "variance between Otsu's two segments of the interior",
    "LipNet thesis, section 4.1; Otsu 1979",
);
