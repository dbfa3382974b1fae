//! Smoothing over windows, with the image mirrored at its border.

use ndarray::{Array2, ArrayView2, Axis};

use crate::error::{Result, setting};

/// The image blurred with a Gaussian of standard deviation `sigma_px`, cut off at four of them.
///
/// The image is mirrored at its border (`d c b a | a b c d | d c b a`).
///
/// # Edge cases
/// With `sigma_px` 0 the image comes back. A pixel that is NaN spoils those around it.
///
/// # Errors
/// A negative, infinite or NaN standard deviation, or one above 1000.
///
/// # Source
/// `scipy.ndimage.gaussian_filter` with its usual settings, in f64 within.
///
/// # Example
/// ```
/// use micrograph_segment::gaussian;
/// let dot = ndarray::array![[0.0_f32, 0.0, 1.0, 0.0, 0.0]];
/// let blurred = gaussian(dot.view(), 0.5)?;
/// assert!((blurred[[0, 2]] - 0.7866).abs() < 1e-4 && (blurred[[0, 1]] - 0.1065).abs() < 1e-4);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn gaussian(image: ArrayView2<'_, f32>, sigma_px: f64) -> Result<Array2<f32>> {
    let fits = (0.0..=1000.0).contains(&sigma_px);
    setting("a standard deviation", "from 0 to 1000 px", sigma_px, fits)?;
    if sigma_px == 0.0 {
        return Ok(image.to_owned());
    }
    let reach = (4.0 * sigma_px + 0.5) as usize;
    let mut weights: Vec<f64> =
        (0..=reach).map(|d| (-0.5 * (d as f64 / sigma_px).powi(2)).exp()).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    Ok(by_lanes(image, reach, |padded, out| {
        for (at, out) in out.iter_mut().enumerate() {
            let center = at + reach;
            let sides = (1..=reach).map(|d| weights[d] * (padded[center - d] + padded[center + d]));
            *out = weights[0] * padded[center] + sides.sum::<f64>();
        }
    }))
}

/// The mean over the square window of `2 reach + 1` pixels on a side; NaN where a pixel in it is not
/// finite.
pub(crate) fn window_mean(image: ArrayView2<'_, f32>, reach: usize) -> Array2<f32> {
    let n = (2 * reach + 1) as f64;
    by_lanes(image, reach, |padded, out| {
        // What is not finite is counted, not summed: it would never leave the sum again.
        let finite = |at: usize| if padded[at].is_finite() { padded[at] } else { 0.0 };
        let (mut sum, mut spoilt) = (0.0, 0_usize);
        let wrong = |at: usize| usize::from(!padded[at].is_finite());
        for at in 0..2 * reach {
            sum += finite(at);
            spoilt += wrong(at);
        }
        for (at, out) in out.iter_mut().enumerate() {
            sum += finite(at + 2 * reach);
            spoilt += wrong(at + 2 * reach);
            *out = if spoilt > 0 { f64::NAN } else { sum / n };
            sum -= finite(at);
            spoilt -= wrong(at);
        }
    })
}

/// Filters rows, then columns. The filter gets a lane with `reach` mirrored values on each side.
fn by_lanes(
    image: ArrayView2<'_, f32>,
    reach: usize,
    mut filter: impl FnMut(&[f64], &mut [f64]),
) -> Array2<f32> {
    let mut values = image.mapv(f64::from);
    if values.is_empty() {
        return Array2::zeros(image.dim());
    }
    let (mut padded, mut out) = (Vec::new(), Vec::new());
    for axis in [Axis(1), Axis(0)] {
        let n = values.len_of(axis);
        for mut lane in values.lanes_mut(axis) {
            padded.clear();
            padded.extend((0..n + 2 * reach).map(|at| lane[mirrored(at, reach, n)]));
            out.clear();
            out.resize(n, 0.0);
            filter(&padded, &mut out);
            lane.iter_mut().zip(&out).for_each(|(value, &out)| *value = out);
        }
    }
    values.mapv(|value| value as f32)
}

/// The place in a lane of `n` that is shown at `at` of the lane with `reach` more on each side.
fn mirrored(at: usize, reach: usize, n: usize) -> usize {
    // The pattern repeats after the lane and its mirror image.
    let turn = (at + 2 * n - reach % (2 * n)) % (2 * n);
    if turn < n { turn } else { 2 * n - 1 - turn }
}
