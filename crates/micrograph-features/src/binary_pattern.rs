//! Local binary patterns.

use std::f64::consts::TAU;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit, number};
use crate::error::Result;
use crate::object::bounds;
use crate::settings::{same_shape, within};

/// Settings of [`binary_patterns`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BinaryPatternConfig {
    /// The number of points on the circle; 8 as in the paper's first operator.
    pub points: usize,
    /// The radius of the circle in pixels; 1 likewise.
    pub radius_px: f64,
}

impl Default for BinaryPatternConfig {
    fn default() -> Self {
        Self { points: 8, radius_px: 1.0 }
    }
}

impl BinaryPatternConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let few = (1..=64).contains(&self.points);
        within("points of binary patterns", "from 1 to 64", self.points as f64, few)?;
        let usable = (0.5..=1e4).contains(&self.radius_px);
        within("the radius of binary patterns", "from 0.5 to 10000", self.radius_px, usable)
    }
}

/// How often each uniform, rotation-invariant binary pattern occurs among the object's pixels.
///
/// A pixel's pattern has a 1 for every point on the circle around it that is at least as bright. With
/// at most two changes between 0 and 1 along the circle it is uniform, and its class is the number
/// of ones; all others are of the class `points + 1`.
///
/// # Units and ranges
/// `points + 2` fractions of the object's pixels, which sum to 1.
///
/// # Edge cases
/// Points may lie outside the object, for the image goes on there. Pixels whose circle leaves the
/// image are not counted; where none is left, all fractions are 0. A flat image has the class
/// `points` alone.
///
/// # Errors
/// A mask of another shape; no point or more than 64; a radius outside 0.5 to 10000.
///
/// # Source
/// Ojala, Pietikäinen, Mäenpää, Multiresolution gray-scale and rotation invariant texture
/// classification with local binary patterns, IEEE Trans. Pattern Anal. Mach. Intell. 24, 2002; the
/// oracle is `skimage.feature.local_binary_pattern`, method `uniform`. Points between pixels are
/// bilinear.
///
/// # Example
/// ```
/// use micrograph_features::{BinaryPatternConfig, binary_patterns};
/// use ndarray::{Array2, array};
/// let mask = Array2::from_elem((3, 3), true);
/// let spot = array![[0.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 0.0]];
/// let config = BinaryPatternConfig::default();
/// let patterns = binary_patterns(spot.view(), mask.view(), &config)?;
/// assert_eq!(patterns, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn binary_patterns(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &BinaryPatternConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    same_shape(values.dim(), mask.dim())?;
    let points: Vec<Point> = (0..config.points).map(|k| Point::on_circle(k, config)).collect();
    let mut counts = vec![0_u64; config.points + 2];
    let (height, width) = values.dim();
    let flat: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    let [top, bottom, left, right] = bounds(mask);
    // The object's pixels whose circle lies in the image.
    let rows = inner(height, points.iter().map(|point| (point.dy, point.down)));
    let columns = inner(width, points.iter().map(|point| (point.dx, point.right)));
    let columns = columns.start.max(left)..columns.end.min(right);
    if columns.is_empty() {
        return Ok(vec![0.0; config.points + 2]);
    }
    let mut patterns = vec![0_u64; columns.len()];
    for y in rows.start.max(top)..rows.end.min(bottom) {
        let place = y * width + columns.start;
        patterns.fill(0);
        for point in &points {
            point.mark(&flat, width, place, &mut patterns);
        }
        for (x, &pattern) in columns.clone().zip(&patterns) {
            if mask[[y, x]] {
                counts[class_of(pattern, config.points)] += 1;
            }
        }
    }
    let total = counts.iter().sum::<u64>().max(1) as f64;
    Ok(counts.into_iter().map(|count| count as f64 / total).collect())
}

/// The places along an axis of `n` pixels at which all points (whole pixels and a part) are within.
fn inner(n: usize, points: impl Iterator<Item = (isize, f64)>) -> std::ops::Range<usize> {
    let (mut first, mut last) = (0, n as isize);
    for (whole, part) in points {
        first = first.max(-whole);
        last = last.min(n as isize - whole - isize::from(part > 0.0));
    }
    first as usize..last.max(first) as usize
}

/// The number of ones where they lie together, else one more than there are points.
fn class_of(pattern: u64, points: usize) -> usize {
    let next = (pattern >> 1) | ((pattern & 1) << (points - 1));
    let changes = (pattern ^ next).count_ones();
    if changes <= 2 { pattern.count_ones() as usize } else { points + 1 }
}

/// A point around a pixel: the pixel up and left of it, and how far it lies from there.
struct Point {
    dy: isize,
    dx: isize,
    down: f64,
    right: f64,
}

impl Point {
    fn on_circle(k: usize, config: &BinaryPatternConfig) -> Self {
        let angle = TAU * k as f64 / config.points as f64;
        // To five decimals, as scikit-image: so that points on pixels are on pixels.
        let round = |value: f64| (value * 1e5).round() / 1e5;
        let (y, x) =
            (round(-config.radius_px * angle.sin()), round(config.radius_px * angle.cos()));
        let (dy, dx) = (y.floor(), x.floor());
        Self { dy: dy as isize, dx: dx as isize, down: y - dy, right: x - dx }
    }

    /// Puts a bit behind the patterns of a row of pixels from `place`: 1 where this point is as bright.
    fn mark(&self, flat: &[f64], width: usize, place: usize, patterns: &mut [u64]) {
        let n = patterns.len();
        let centers = &flat[place..place + n];
        let corner = place.wrapping_add_signed(self.dy * width as isize + self.dx);
        let (right, down) = (usize::from(self.right > 0.0), usize::from(self.down > 0.0) * width);
        let from = |offset: usize| &flat[corner + offset..corner + offset + n];
        let (a, b, c, d) = (from(0), from(right), from(down), from(down + right));
        let between = |a: f64, b: f64, part: f64| a + part * (b - a);
        for x in 0..n {
            let above = between(a[x], b[x], self.right);
            let below = between(c[x], d[x], self.right);
            let one = between(above, below, self.down) >= centers[x];
            patterns[x] = (patterns[x] << 1) | u64::from(one);
        }
    }
}

pub(crate) fn descriptors(config: &BinaryPatternConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "binary_pattern",
        Measure::In(Unit::One),
        "fraction of object pixels with this number of brighter points around; the last: not uniform",
        "Ojala et al. 2002",
    );
    let radius = number(config.radius_px);
    (0..config.points + 2)
        .map(|class| Descriptor {
            name: format!("binary_pattern_{radius}_{class:02}").into(),
            ..one.clone()
        })
        .collect()
}
