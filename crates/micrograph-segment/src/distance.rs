//! The exact Euclidean distance transform.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// What lies beyond the image, as a distance transform sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// Background: an object that touches the border ends there.
    Background,
    /// Nothing: distances go to background within the image alone, as in `scipy.ndimage`.
    Nothing,
}

/// The distance of each object pixel to the nearest background pixel, between centers.
///
/// `d(y, x) = min sqrt((y - v)^2 + (x - u)^2)` over all `(v, u)` where `mask` is false
///
/// # Units and ranges
/// Pixels; 0 on background, at least 1 on objects. Exact: a root of a whole number, rounded once.
///
/// # Edge cases
/// With [`Beyond::Nothing`], a mask without background has infinite distances.
///
/// # Source
/// Felzenszwalb, Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8, 2012;
/// linear in the number of pixels. The oracle is `scipy.ndimage.distance_transform_edt`.
///
/// # Example
/// ```
/// use micrograph_segment::{Beyond, distance_transform};
/// use ndarray::array;
/// let mask = array![[true, true, true, false]];
/// assert_eq!(distance_transform(mask.view(), Beyond::Nothing), array![[3.0, 2.0, 1.0, 0.0]]);
/// assert_eq!(distance_transform(mask.view(), Beyond::Background), array![[1.0, 1.0, 1.0, 0.0]]);
/// ```
#[must_use]
pub fn distance_transform(mask: ArrayView2<'_, bool>, beyond: Beyond) -> Array2<f64> {
    let (height, width) = mask.dim();
    let mut distances = column_distances(mask, beyond);
    let mut row = Row::new(width);
    for y in 0..height {
        row.squared.clear();
        row.squared.extend(distances.row(y).iter().map(|d| d * d));
        row.transform(beyond);
        for (out, &d) in distances.row_mut(y).iter_mut().zip(&row.out) {
            *out = d.sqrt();
        }
    }
    distances
}

/// The distance to the nearest background in the same column.
fn column_distances(mask: ArrayView2<'_, bool>, beyond: Beyond) -> Array2<f64> {
    let (height, width) = mask.dim();
    let start = if beyond == Beyond::Background { 0.0 } else { f64::INFINITY };
    let mut distances = Array2::zeros((height, width));
    for x in 0..width {
        let mut d = start;
        for y in 0..height {
            d = if mask[[y, x]] { d + 1.0 } else { 0.0 };
            distances[[y, x]] = d;
        }
        d = start;
        for y in (0..height).rev() {
            d = if mask[[y, x]] { d + 1.0 } else { 0.0 };
            distances[[y, x]] = d.min(distances[[y, x]]);
        }
    }
    distances
}

/// One row: the lower envelope of parabolas `squared[q] + (x - q)^2`.
struct Row {
    squared: Vec<f64>,
    out: Vec<f64>,
    /// The places of the parabolas in the envelope, with the value at their lowest point.
    parabolas: Vec<(f64, f64)>,
    /// From where each of them is the lowest.
    from: Vec<f64>,
}

impl Row {
    fn new(width: usize) -> Self {
        let [squared, out, from] = [(); 3].map(|()| Vec::with_capacity(width + 2));
        Self { squared, out, parabolas: Vec::with_capacity(width + 2), from }
    }

    fn transform(&mut self, beyond: Beyond) {
        let width = self.squared.len();
        self.parabolas.clear();
        self.from.clear();
        if beyond == Beyond::Background {
            self.push(-1.0, 0.0);
        }
        for q in 0..width {
            if self.squared[q].is_finite() {
                self.push(q as f64, self.squared[q]);
            }
        }
        if beyond == Beyond::Background {
            self.push(width as f64, 0.0);
        }
        self.out.clear();
        if self.parabolas.is_empty() {
            self.out.resize(width, f64::INFINITY);
            return;
        }
        let mut k = 0;
        for x in 0..width {
            let x = x as f64;
            while k + 1 < self.from.len() && self.from[k + 1] <= x {
                k += 1;
            }
            let (q, lowest) = self.parabolas[k];
            self.out.push(lowest + (x - q) * (x - q));
        }
    }

    fn push(&mut self, q: f64, lowest: f64) {
        let mut start = f64::NEG_INFINITY;
        while let Some(&(p, other)) = self.parabolas.last() {
            start = ((lowest + q * q) - (other + p * p)) / (2.0 * (q - p));
            if start > self.from[self.from.len() - 1] {
                break;
            }
            self.parabolas.pop();
            self.from.pop();
            start = f64::NEG_INFINITY;
        }
        self.parabolas.push((q, lowest));
        self.from.push(start);
    }
}
