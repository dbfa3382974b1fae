//! Transforms of an object's box, of which other descriptors are then taken.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::chebyshev::chebyshev_coefficients;
use crate::error::Result;
use crate::fft::fft2;

/// A transform of an image into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transform {
    /// The spectrum `ln(1 + |F(u, v)| / (s sqrt(n)))` of the `n` pixels less their mean, with their
    /// standard deviation `s`; the frequency 0 at `[height / 2, width / 2]`. A pure number, whatever
    /// brightness and contrast; 0 for a flat image.
    Fourier,
    /// The details `sqrt(h^2 + v^2 + d^2)` of one level of the wavelet Symlet 5, with the image mirrored
    /// at its border: half as high and wide, and four pixels more.
    Wavelet,
    /// The [`chebyshev_coefficients`] of the image less its mean, as many as it has pixels.
    Chebyshev,
    /// The magnitude of Sobel's gradient, `sqrt((h^2 + v^2) / 2)`, with the border repeated.
    Edges,
}

impl Transform {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Fourier => "spectrum",
            Self::Wavelet => "wavelet",
            Self::Chebyshev => "chebyshev",
            Self::Edges => "edges",
        }
    }

    /// Whether a pixel of the result lies where the pixel of the image does.
    pub(crate) fn keeps_places(self) -> bool {
        self == Self::Edges
    }
}

/// The image after a transform.
///
/// # Edge cases
/// An image without pixels stays one.
///
/// # Errors
/// A side above 65536 pixels for [`Transform::Chebyshev`].
///
/// # Source
/// Orlov et al., WND-CHARM: multi-purpose image classification using compound image transforms, Pattern
/// Recognit. Lett. 29, 2008; the formulas are ours. The oracles are `numpy.fft.fft2`, `pywt.dwt2`
/// (`sym5`, `symmetric`), `numpy.polynomial.chebyshev`, `skimage.filters.sobel`.
///
/// # Example
/// ```
/// use micrograph_features::{Transform, transformed};
/// use ndarray::Array2;
/// let stripes = Array2::from_shape_fn((8, 8), |(_, x)| if x % 2 == 0 { 1.0 } else { 3.0 });
/// let spectrum = transformed(stripes.view(), Transform::Fourier)?;
/// // All of it is at half a wave a pixel: 64 / (1 sqrt 64).
/// assert!((spectrum[[4, 0]] - 9.0_f64.ln()).abs() < 1e-12);
/// assert!(spectrum.sum() - spectrum[[4, 0]] < 1e-12);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn transformed(values: ArrayView2<'_, f64>, transform: Transform) -> Result<Array2<f64>> {
    if values.is_empty() {
        return Ok(values.to_owned());
    }
    Ok(match transform {
        Transform::Fourier => spectrum(values),
        Transform::Wavelet => wavelet_details(values),
        Transform::Chebyshev => {
            let orders = [values.nrows(), values.ncols()];
            chebyshev_coefficients(less_mean(values).view(), orders)?
        }
        Transform::Edges => sobel(values),
    })
}

/// 0 everywhere where the image is flat but for rounding.
fn less_mean(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let mean = values.sum() / values.len() as f64;
    let centered = values.mapv(|value| value - mean);
    let largest = |values: &Array2<f64>| values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let scale = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if largest(&centered) <= 1e-12 * scale { Array2::zeros(values.dim()) } else { centered }
}

fn spectrum(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let centered = less_mean(values);
    let largest = centered.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if largest <= 0.0 {
        return centered;
    }
    // Of ratios, so that no square becomes 0.
    let centered = centered / largest;
    let energy: f64 = centered.iter().map(|value| value * value).sum();
    let transform = fft2(&centered);
    let (height, width) = values.dim();
    Array2::from_shape_fn((height, width), |(y, x)| {
        let [u, v] = [(y, height), (x, width)].map(|(at, n)| (at + n - n / 2) % n);
        let [re, im] = transform[[u, v]];
        (re.hypot(im) / energy.sqrt()).ln_1p()
    })
}

/// Daubechies' least asymmetric wavelet with five vanishing moments: the low pass of the analysis.
const SYMLET_5: [f64; 10] = [
    0.027_333_068_345_077_982,
    0.029_519_490_925_774_643,
    -0.039_134_249_302_383_094,
    0.199_397_533_977_393_6,
    0.723_407_690_402_420_6,
    0.633_978_963_458_211_9,
    0.016_602_105_764_522_32,
    -0.175_328_089_908_450_47,
    -0.021_101_834_024_758_855,
    0.019_538_882_735_286_728,
];

/// Every second sum of the line with the low pass, and with the high pass.
fn filtered(line: &[f64]) -> [Vec<f64>; 2] {
    let n = line.len();
    let mirrored = |at: isize| {
        let at = at.rem_euclid(2 * n as isize) as usize;
        line[at.min(2 * n - 1 - at)]
    };
    let sum = |k: usize, weight: &dyn Fn(usize) -> f64| {
        let last = 2 * k as isize + 1;
        (0..10).map(|j| weight(j) * mirrored(last - j as isize)).sum::<f64>()
    };
    let high = |j: usize| if j.is_multiple_of(2) { -SYMLET_5[9 - j] } else { SYMLET_5[9 - j] };
    let passes: [&dyn Fn(usize) -> f64; 2] = [&|j| SYMLET_5[j], &high];
    passes.map(|weight| (0..(n + 9) / 2).map(|k| sum(k, weight)).collect())
}

fn wavelet_details(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let halved = |values: &Array2<f64>, axis: usize| -> [Array2<f64>; 2] {
        let mut shape = values.raw_dim();
        shape[axis] = (shape[axis] + 9) / 2;
        let mut both = [Array2::zeros(shape), Array2::zeros(shape)];
        for (k, lane) in values.lanes(Axis(axis)).into_iter().enumerate() {
            let line: Vec<f64> = lane.iter().copied().collect();
            for (part, line) in both.iter_mut().zip(filtered(&line)) {
                let target = part.index_axis_mut(Axis(1 - axis), k);
                target.into_iter().zip(line).for_each(|(target, value)| *target = value);
            }
        }
        both
    };
    let [low, high] = halved(&values.to_owned(), 1);
    let [[_, a], [b, c]] = [halved(&low, 0), halved(&high, 0)];
    let mut details = a;
    ndarray::Zip::from(&mut details).and(&b).and(&c).for_each(|a, &b, &c| *a = a.hypot(b).hypot(c));
    details
}

fn sobel(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let (height, width) = values.dim();
    Array2::from_shape_fn((height, width), |(y, x)| {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
        let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
        let smooth = |at: [f64; 3]| (at[0] + 2.0 * at[1] + at[2]) / 4.0;
        let row = |y: usize| smooth(columns.map(|x| values[[y, x]]));
        let column = |x: usize| smooth(rows.map(|y| values[[y, x]]));
        let [h, v] = [row(rows[0]) - row(rows[2]), column(columns[0]) - column(columns[2])];
        h.hypot(v) * std::f64::consts::FRAC_1_SQRT_2
    })
}
