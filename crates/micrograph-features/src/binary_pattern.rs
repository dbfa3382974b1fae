//! Local binary patterns.

use std::f64::consts::TAU;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit, number};
use crate::error::Result;
use crate::settings::{count, same_shape, within};

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
        count("points of binary patterns", self.points)?;
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
/// A mask of another shape; no point or more than 65536; a radius outside 0.5 to 10000.
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
    let mut ones = vec![false; config.points];
    for ((y, x), _) in mask.indexed_iter().filter(|&(_, &object)| object) {
        let center = f64::from(values[[y, x]]);
        let within = points.iter().zip(&mut ones).all(|(point, one)| {
            let value = point.value(values, y as isize, x as isize);
            *one = value.is_some_and(|value| value >= center);
            value.is_some()
        });
        if within {
            counts[class_of(&ones)] += 1;
        }
    }
    let total = counts.iter().sum::<u64>().max(1) as f64;
    Ok(counts.into_iter().map(|count| count as f64 / total).collect())
}

fn class_of(ones: &[bool]) -> usize {
    let next = ones.iter().cycle().skip(1);
    let changes = ones.iter().zip(next).filter(|(a, b)| a != b).count();
    if changes <= 2 { ones.iter().filter(|&&one| one).count() } else { ones.len() + 1 }
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

    /// The image there, seen from the pixel `(y, x)`; `None` beyond the image.
    fn value(&self, values: ArrayView2<'_, f32>, y: isize, x: isize) -> Option<f64> {
        let at = |down: f64, right: f64| {
            let y = usize::try_from(y + self.dy + down.ceil() as isize).ok()?;
            let x = usize::try_from(x + self.dx + right.ceil() as isize).ok()?;
            values.get([y, x]).map(|&value| f64::from(value))
        };
        let between = |a: f64, b: f64, part: f64| a + part * (b - a);
        let above = between(at(0.0, 0.0)?, at(0.0, self.right)?, self.right);
        let below = between(at(self.down, 0.0)?, at(self.down, self.right)?, self.right);
        Some(between(above, below, self.down))
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
