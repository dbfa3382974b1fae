//! A threshold for each pixel, from what is around it.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::{Result, setting};
use crate::smooth::{gaussian, window_mean};

/// What a local threshold compares a pixel with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalMethod {
    /// The mean of the window.
    Mean,
    /// The mean with Gaussian weights, whose standard deviation is a sixth of the window's reach,
    /// `(window_px - 1) / 6`.
    Gaussian,
}

/// The threshold of each pixel: the mean over the window around it, less `offset`.
///
/// What is above its threshold is foreground. Unlike a threshold of the whole image it follows uneven
/// light. At the border the image is mirrored.
///
/// # Edge cases
/// A pixel that is not finite makes the thresholds of all windows that hold it NaN, above which
/// nothing lies.
///
/// # Errors
/// A window that is even, or wider than 2001 pixels.
///
/// # Source
/// `skimage.filters.threshold_local`.
///
/// # Example
/// ```
/// use micrograph_segment::{LocalMethod, local_threshold};
/// let ramp = ndarray::array![[0.0_f32, 1.0, 5.0, 3.0, 4.0]];
/// let thresholds = local_threshold(ramp.view(), LocalMethod::Mean, 3, 0.0)?;
/// assert_eq!(thresholds, ndarray::array![[1.0 / 3.0, 2.0, 3.0, 4.0, 11.0 / 3.0]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn local_threshold(
    image: ArrayView2<'_, f32>,
    method: LocalMethod,
    window_px: usize,
    offset: f32,
) -> Result<Array2<f32>> {
    let fits = window_px % 2 == 1 && window_px <= 2001;
    setting("a window", "of an odd number of pixels up to 2001", window_px as f64, fits)?;
    let mut thresholds = match method {
        LocalMethod::Mean => window_mean(image, window_px / 2),
        LocalMethod::Gaussian => gaussian(image, (window_px - 1) as f64 / 6.0)?,
    };
    thresholds.mapv_inplace(|threshold| threshold - offset);
    Ok(thresholds)
}
