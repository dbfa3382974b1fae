//! How intensity is distributed from the center of an object to its edge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::f64::consts::SQRT_2;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::Result;
use crate::settings::{same_shape, within};

/// Settings of [`radial_distribution`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RadialDistributionConfig {
    /// The number of rings; 4 as in CellProfiler.
    pub rings: usize,
}

impl Default for RadialDistributionConfig {
    fn default() -> Self {
        Self { rings: 4 }
    }
}

impl RadialDistributionConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let few = (1..=1024).contains(&self.rings);
        within("the rings of the radial distribution", "from 1 to 1024", self.rings as f64, few)
    }
}

/// What lies in one ring between the center of the object and its edge.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RingShare {
    /// The fraction of the object's intensity: CellProfiler's `FracAtD`.
    pub fraction: f64,
    /// The same by the fraction of its pixels: CellProfiler's `MeanFrac`.
    pub mean_fraction: f64,
    /// The standard deviation of the mean intensities of eight wedges by their mean: CellProfiler's
    /// `RadialCV`.
    pub variation: f64,
}

/// What lies in rings between the center of the object and its edge.
///
/// Ring `k` holds the pixels with `floor(rings c / (c + e + 0.001)) = k`: `c` is the length of the
/// shortest way from the center within the object, in steps to eight neighbors, and `e` the distance
/// to the edge. The center is the pixel farthest from the edge, the first of them in reading order.
/// Wedges are divided at the center's row, its column and the diagonals through it.
///
/// # Shapes
/// - `membrane`: [`membrane_distance`](crate::membrane_distance) of the object
///
/// # Edge cases
/// Pixels that no way within the object leads to, as those of its other parts, are not counted. 0
/// where there is nothing to divide by: without an object, in a ring without pixels, where the
/// intensities sum to 0.
///
/// # Errors
/// Arrays of different shapes, no ring or more than 1024.
///
/// # Source
/// `MeasureObjectIntensityDistribution` of CellProfiler with scaled bins around the object's own
/// center; the oracle is its port `cp_measure` 0.3. There an object does not end at the border of the
/// image.
///
/// # Example
/// ```
/// use micrograph_features::{membrane_distance, radial_distribution};
/// use ndarray::{Array2, array};
/// let membrane = membrane_distance(Array2::from_elem((3, 3), true).view());
/// let values = array![[1.0, 1.0, 1.0], [1.0, 4.0, 1.0], [1.0, 1.0, 1.0]];
/// let rings = radial_distribution(values.view(), membrane.view(), 2)?;
/// assert_eq!(rings[0].fraction, 8.0 / 12.0); // the center and the four beside it
/// assert!((rings[0].mean_fraction - 8.0 / 12.0 * 9.0 / 5.0).abs() < 1e-15);
/// assert_eq!(rings[1].variation, 0.0); // the corners are all 1
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn radial_distribution(
    values: ArrayView2<'_, f32>,
    membrane: ArrayView2<'_, f64>,
    rings: usize,
) -> Result<Vec<RingShare>> {
    RadialDistributionConfig { rings }.check()?;
    same_shape(values.dim(), membrane.dim())?;
    let mut wedges = vec![[(0.0, 0_u64); 8]; rings];
    if let Some(center) = deepest(membrane) {
        for ((y, x), &way) in ways(membrane, center).indexed_iter() {
            if way.is_finite() {
                let edge = 0.5 - membrane[[y, x]];
                let ring = (way / (way + edge + 0.001) * rings as f64) as usize;
                let (sum, n) = &mut wedges[ring.min(rings - 1)][wedge([y, x], center)];
                *sum += f64::from(values[[y, x]]);
                *n += 1;
            }
        }
    }
    let sum: f64 = wedges.iter().flatten().map(|(sum, _)| sum).sum();
    let n: u64 = wedges.iter().flatten().map(|(_, n)| n).sum();
    Ok(wedges.iter().map(|ring| share(ring, sum, n as f64)).collect())
}

fn share(wedges: &[(f64, u64); 8], all: f64, pixels: f64) -> RingShare {
    let over = |above: f64, below: f64| if below == 0.0 { 0.0 } else { above / below };
    let sum: f64 = wedges.iter().map(|(sum, _)| sum).sum();
    let n: u64 = wedges.iter().map(|(_, n)| n).sum();
    let means: Vec<f64> =
        wedges.iter().filter(|(_, n)| *n > 0).map(|(sum, n)| sum / *n as f64).collect();
    let count = means.len().max(1) as f64;
    let mean = means.iter().sum::<f64>() / count;
    let variance = means.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let fraction = over(sum, all);
    RingShare {
        fraction,
        mean_fraction: over(fraction, n as f64 / pixels.max(1.0)),
        variation: over(variance.sqrt(), mean),
    }
}

/// The pixel farthest inside, the first in reading order.
fn deepest(membrane: ArrayView2<'_, f64>) -> Option<[usize; 2]> {
    let mut best = (0.0, None);
    for ((y, x), &d) in membrane.indexed_iter() {
        if d < best.0 {
            best = (d, Some([y, x]));
        }
    }
    best.1
}

/// Below the center, right of it, farther in rows than in columns: a bit each.
fn wedge([y, x]: [usize; 2], [y0, x0]: [usize; 2]) -> usize {
    usize::from(y > y0) + 2 * usize::from(x > x0) + 4 * usize::from(y.abs_diff(y0) > x.abs_diff(x0))
}

/// The shortest way from the center to each object pixel (Dijkstra); infinite where there is none.
fn ways(membrane: ArrayView2<'_, f64>, center: [usize; 2]) -> Array2<f64> {
    let mut ways = Array2::from_elem(membrane.dim(), f64::INFINITY);
    let mut front = BinaryHeap::from([(Reverse(0_u64), center)]);
    ways[center] = 0.0;
    while let Some((Reverse(bits), [y, x])) = front.pop() {
        // Numbers above 0 are in the order of their bits.
        let way = f64::from_bits(bits);
        if way > ways[[y, x]] {
            continue;
        }
        for (dy, dx) in (0..9).map(|k| (k / 3, k % 3)).filter(|&step| step != (1, 1)) {
            let at = [(y + dy).wrapping_sub(1), (x + dx).wrapping_sub(1)];
            let longer = way + if dy == 1 || dx == 1 { 1.0 } else { SQRT_2 };
            let inside = membrane.get(at).is_some_and(|&d| d < 0.0);
            if inside && longer < ways[at] {
                ways[at] = longer;
                front.push((Reverse(longer.to_bits()), at));
            }
        }
    }
    ways
}

pub(crate) fn object_radial_distribution(
    values: ArrayView2<'_, f32>,
    membrane: ArrayView2<'_, f64>,
    config: &RadialDistributionConfig,
) -> Result<Vec<f64>> {
    let rings = radial_distribution(values, membrane, config.rings)?;
    let kinds: [fn(&RingShare) -> f64; 3] =
        [|ring| ring.fraction, |ring| ring.mean_fraction, |ring| ring.variation];
    Ok(kinds.into_iter().flat_map(|kind| rings.iter().map(kind)).collect())
}

pub(crate) fn descriptors(config: &RadialDistributionConfig) -> Vec<Descriptor> {
    let kinds = [
        ("fraction", "fraction of the object's intensity in the ring, from the center outwards"),
        ("mean_fraction", "fraction of the intensity by the fraction of pixels in the ring"),
        ("variation", "standard deviation by mean of eight wedges of the ring"),
    ];
    let of = |(kind, formula): (&str, &'static str), ring: usize| Descriptor {
        name: format!("radial_distribution_{kind}_{ring:02}").into(),
        measure: Measure::In(Unit::One),
        formula,
        source: "CellProfiler MeasureObjectIntensityDistribution",
    };
    kinds.into_iter().flat_map(|kind| (0..config.rings).map(move |ring| of(kind, ring))).collect()
}
