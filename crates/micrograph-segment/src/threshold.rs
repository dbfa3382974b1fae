//! One threshold for a whole image.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::histogram::Histogram;

/// How [`threshold`] divides an image in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMethod {
    /// The greatest variance between the two classes: for a histogram with two hills.
    #[default]
    Otsu,
    /// The least cross-entropy: where the foreground is dim or rare.
    Li,
    /// The farthest from a line from the peak to the end of the longer tail: for one hill.
    Triangle,
    /// The greatest correlation of Yen.
    Yen,
}

/// The threshold of an image; what is above it is foreground.
///
/// An image of whole gray levels up to 65535 has a bin for each level, any other 256 bins (Li's
/// method takes the values themselves).
///
/// # Edge cases
/// NaN and infinite pixels are left out. Of an image of one value it is that value, so that nothing
/// is above; without finite pixels there is none.
///
/// # Errors
/// None that an image could cause; those of [`Histogram::of_values`].
///
/// # Source
/// `threshold_otsu`, `threshold_li`, `threshold_triangle` and `threshold_yen` of scikit-image 0.26.
///
/// # Example
/// ```
/// use micrograph_segment::{ThresholdMethod, threshold};
/// use ndarray::array;
/// let image = array![[10.0, 11.0, 12.0, 80.0, 81.0]];
/// assert_eq!(threshold(image.view(), ThresholdMethod::Otsu)?, Some(12.0));
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn threshold(image: ArrayView2<'_, f32>, method: ThresholdMethod) -> Result<Option<f64>> {
    let is_level = |v: &f32| !v.is_finite() || (v.fract() == 0.0 && (0.0..=65_535.0).contains(v));
    let of_levels = image.iter().all(is_level);
    if method == ThresholdMethod::Li && !of_levels {
        return Ok(li_of_values(image));
    }
    let histogram = if of_levels {
        let levels: Vec<u16> =
            image.iter().filter(|value| value.is_finite()).map(|&value| value as u16).collect();
        let n = levels.len();
        let levels = ArrayView2::from_shape((1, n), &levels);
        levels.map_or_else(|_| Histogram::of_values(image, 256), |l| Ok(Histogram::of_levels(l)))?
    } else {
        Histogram::of_values(image, 256)?
    };
    Ok(match method {
        ThresholdMethod::Otsu => otsu(&histogram),
        ThresholdMethod::Li => li(&histogram),
        ThresholdMethod::Triangle => triangle(&histogram),
        ThresholdMethod::Yen => yen(&histogram),
    })
}

/// Otsu's threshold: the center of the bin `t` with the greatest `w0 w1 (m0 - m1)^2`, where `w0` and
/// `m0` are number and mean of the pixels up to `t`, `w1` and `m1` of those above.
///
/// The first of equals; `None` of a histogram without pixels.
///
/// # Source
/// Otsu, A threshold selection method from gray-level histograms, IEEE Trans. Syst. Man Cybern. 9,
/// 1979.
///
/// # Example
/// ```
/// use micrograph_segment::{Histogram, otsu};
/// let histogram = Histogram::of_levels(ndarray::array![[1_u16, 1, 2, 8, 9]].view());
/// assert_eq!(otsu(&histogram), Some(2.0));
/// ```
#[must_use]
pub fn otsu(histogram: &Histogram) -> Option<f64> {
    let counts = histogram.counts();
    let n: u64 = counts.iter().sum();
    let sum: f64 = bins(histogram).map(|(count, center)| count * center).sum();
    let (mut below, mut sum_below) = (0.0, 0.0);
    let mut best = (counts.iter().position(|&count| count > 0)?, f64::NEG_INFINITY);
    for (bin, (count, center)) in bins(histogram).enumerate().take(counts.len() - 1) {
        below += count;
        sum_below += count * center;
        let above = n as f64 - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let difference = sum_below / below - (sum - sum_below) / above;
        let between = below * above * difference * difference;
        if between > best.1 {
            best = (bin, between);
        }
    }
    Some(histogram.center(best.0))
}

/// Yen's threshold: the bin `t` with the greatest `ln((P (1 - P))^2 / (Q0 Q1))`, where `P` is the
/// share of pixels up to `t`, and `Q0`, `Q1` the sums of squared shares up to `t` and above.
///
/// The first of equals; `None` of a histogram without pixels.
///
/// # Source
/// Yen, Chang, Chang, A new criterion for automatic multilevel thresholding, IEEE Trans. Image
/// Process. 4, 1995.
///
/// # Example
/// ```
/// use micrograph_segment::{Histogram, yen};
/// let histogram = Histogram::of_levels(ndarray::array![[1_u16, 1, 1, 2, 7, 9]].view());
/// assert_eq!(yen(&histogram), Some(2.0));
/// ```
#[must_use]
pub fn yen(histogram: &Histogram) -> Option<f64> {
    let counts = histogram.counts();
    let n: u64 = counts.iter().sum();
    let shares: Vec<f64> = counts.iter().map(|&count| count as f64 / n as f64).collect();
    // Summed from the top: as a difference of sums, little that is left would be lost.
    let mut above = vec![0.0; shares.len()];
    for bin in (1..shares.len()).rev() {
        above[bin - 1] = above[bin] + shares[bin] * shares[bin];
    }
    let (mut below, mut squares) = (0.0, 0.0);
    let mut best = (counts.iter().position(|&count| count > 0)?, f64::NEG_INFINITY);
    for (bin, share) in shares.iter().enumerate().take(shares.len() - 1) {
        below += share;
        squares += share * share;
        let criterion = 2.0 * (below * (1.0 - below)).ln() - squares.ln() - above[bin].ln();
        if criterion.is_finite() && criterion > best.1 {
            best = (bin, criterion);
        }
    }
    Some(histogram.center(best.0))
}

/// The threshold of the triangle: the bin farthest below the line from the peak to the end of the
/// longer tail.
///
/// `None` of a histogram without pixels.
///
/// # Source
/// Zack, Rogers, Latt, Automatic measurement of sister chromatid exchange frequency, J. Histochem.
/// Cytochem. 25, 1977.
///
/// # Example
/// ```
/// use micrograph_segment::{Histogram, triangle};
/// let pixels = ndarray::array![[1_u16, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 9]];
/// assert_eq!(triangle(&Histogram::of_levels(pixels.view())), Some(3.0));
/// ```
#[must_use]
pub fn triangle(histogram: &Histogram) -> Option<f64> {
    let counts = histogram.counts();
    let first = counts.iter().position(|&count| count > 0)?;
    let last = counts.iter().rposition(|&count| count > 0)?;
    // The first of equal peaks.
    let peak = (first..=last).rev().max_by_key(|&bin| counts[bin])?;
    let (above, below) = (last - peak, peak - first);
    let rightwards = below < above;
    let length = above.max(below);
    let norm = (counts[peak] as f64).hypot(length as f64);
    let (height, width) = (counts[peak] as f64 / norm, length as f64 / norm);
    let bin_at = |step: usize| if rightwards { last - step } else { first + step };
    let mut best = (0, f64::NEG_INFINITY);
    for step in 0..length {
        let distance = height * step as f64 - width * counts[bin_at(step)] as f64;
        if distance > best.1 {
            best = (step, distance);
        }
    }
    Some(histogram.center(bin_at(best.0)))
}

/// Li's threshold of a histogram: the fixed point of `t = (m0 - m1) / (ln m0 - ln m1)`, where `m0` and
/// `m1` are the means of the pixels up to `t` and above, counted from the lowest.
///
/// `None` of a histogram without pixels.
///
/// # Source
/// Li, Tam, An iterative algorithm for minimum cross entropy thresholding, Pattern Recognition
/// Letters 19, 1998. The iteration begins at the mean and ends when it moves by at most half a bin.
///
/// # Example
/// ```
/// use micrograph_segment::{Histogram, li};
/// let histogram = Histogram::of_levels(ndarray::array![[0_u16, 1, 2, 20, 22]].view());
/// assert!((li(&histogram).unwrap() - 6.569).abs() < 1e-3); // 20 / ln 21, of the means 1 and 21
/// ```
#[must_use]
pub fn li(histogram: &Histogram) -> Option<f64> {
    let counted: Vec<(f64, f64)> = bins(histogram)
        .filter(|&(count, _)| count > 0.0)
        .map(|(count, center)| (count, center - histogram.center(0)))
        .collect();
    let fixed = li_fixed_point(&counted, (histogram.center(1) - histogram.center(0)) / 2.0)?;
    Some(fixed + histogram.center(0))
}

fn li_of_values(image: ArrayView2<'_, f32>) -> Option<f64> {
    let mut values: Vec<f32> = image.iter().copied().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f32::total_cmp);
    let lowest = f64::from(*values.first()?);
    let counted: Vec<(f64, f64)> = values
        .chunk_by(|a, b| a == b)
        .map(|run| (run.len() as f64, f64::from(run[0]) - lowest))
        .collect();
    let gap = |pair: &[(f64, f64)]| pair[1].1 - pair[0].1;
    let least = counted.windows(2).map(gap).fold(f64::INFINITY, f64::min);
    Some(li_fixed_point(&counted, least / 2.0)? + lowest)
}

/// The fixed point over `(count, value)` with values from 0 upwards.
fn li_fixed_point(counted: &[(f64, f64)], tolerance: f64) -> Option<f64> {
    let mean = |part: &mut dyn Iterator<Item = &(f64, f64)>| {
        let (n, sum) = part.fold((0.0, 0.0), |(n, sum), (count, v)| (n + count, sum + count * v));
        sum / n
    };
    let mut next = mean(&mut counted.iter());
    if counted.len() < 2 {
        return counted.first().map(|&(_, value)| value);
    }
    // It settles within some twenty steps; the bound is for tolerances that rounding cannot meet.
    for _ in 0..10_000 {
        let now = next;
        let below = mean(&mut counted.iter().filter(|&&(_, value)| value <= now));
        let above = mean(&mut counted.iter().filter(|&&(_, value)| value > now));
        if below == 0.0 || !below.is_finite() || !above.is_finite() {
            break;
        }
        next = (below - above) / (below.ln() - above.ln());
        if (next - now).abs() <= tolerance {
            break;
        }
    }
    Some(next)
}

/// Count and center of each bin.
fn bins(histogram: &Histogram) -> impl Iterator<Item = (f64, f64)> {
    let counts = histogram.counts().iter().enumerate();
    counts.map(|(bin, &count)| (count as f64, histogram.center(bin)))
}
