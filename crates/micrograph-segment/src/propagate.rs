//! Voronoi regions of seeds on the surface of an image.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use ndarray::{Array2, ArrayView2};

use crate::error::{Result, same_shape, setting};
use crate::neighbors::Connectivity;

/// Divides `mask` among seeds by the shortest way along the image: how cells are found around nuclei.
///
/// A step from pixel `p` to one of its eight neighbors `q` costs
///
/// `sqrt(D^2 + lambda^2 (|dy| + |dx|))`,  `D = sum over the 3 x 3 offsets o of |I(p + o) - I(q + o)|`
///
/// Offsets beyond the image take the nearest pixel in it. With a small `lambda` borders follow edges
/// of the image; with a large one, seeds share the space by distance alone.
///
/// # Shapes
/// All `(height, width)`; `seeds` are labels, 0 for none. Returns labels and the cost of the way from
/// the seed, infinite where none leads.
///
/// # Edge cases
/// Seeds outside the mask keep their label, and nothing grows from them. Of ways of equal cost the
/// lower label wins. No way leads over pixels that are not finite.
///
/// # Errors
/// Seeds or a mask of another shape; a `lambda` that is negative or not finite.
///
/// # Source
/// Jones, Carpenter, Golland, Voronoi-based segmentation of cells on image manifolds, CVBIA 2005, as
/// in CellProfiler's `propagate` (centrosome 1.3), the oracle, which sums the steps on the sides and
/// not their squares.
///
/// # Example
/// ```
/// use micrograph_segment::propagate;
/// use ndarray::{Array2, array};
/// let image = array![[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]];
/// let seeds = array![[1, 0, 0, 0, 0, 0, 2]];
/// let mask = Array2::from_elem((1, 7), true);
/// // Distances alone divide in the middle, and the edge counts where distances hardly do.
/// let (plain, _) = propagate(image.view(), seeds.view(), mask.view(), 100.0)?;
/// assert_eq!(plain, array![[1, 1, 1, 1, 2, 2, 2]]);
/// let shade = array![[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]];
/// let (edge, _) = propagate(shade.view(), seeds.view(), mask.view(), 0.01)?;
/// assert_eq!(edge, array![[1, 1, 1, 1, 1, 2, 2]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn propagate(
    image: ArrayView2<'_, f32>,
    seeds: ArrayView2<'_, u32>,
    mask: ArrayView2<'_, bool>,
    lambda: f64,
) -> Result<(Array2<u32>, Array2<f64>)> {
    same_shape("seeds", image.dim(), seeds.dim())?;
    same_shape("a mask", image.dim(), mask.dim())?;
    let fits = (0.0..=1e100).contains(&lambda);
    setting("the weight of distance", "of at least 0", lambda, fits)?;
    let mut labels = seeds.to_owned();
    let mut costs = seeds.mapv(|label| if label > 0 { 0.0 } else { f64::INFINITY });
    let mut queue: BinaryHeap<Reverse<Way>> = seeds
        .indexed_iter()
        .filter(|&(at, &label)| label > 0 && mask[at])
        .map(|(at, &label)| Reverse(Way { cost: 0.0, label, at }))
        .collect();
    while let Some(Reverse(way)) = queue.pop() {
        // A cheaper way, or one of equal cost to a lower label, came before.
        if way.cost > costs[way.at] || way.label != labels[way.at] {
            continue;
        }
        for at in Connectivity::Eight.around(way.at, image.dim()) {
            // A seed keeps its label, even where a way to it costs nothing.
            if !mask[at] || seeds[at] > 0 {
                continue;
            }
            let cost = way.cost + step(image, way.at, at, lambda);
            let wins = cost < costs[at] || (cost == costs[at] && way.label < labels[at]);
            if wins && cost.is_finite() {
                costs[at] = cost;
                labels[at] = way.label;
                queue.push(Reverse(Way { cost, label: way.label, at }));
            }
        }
    }
    Ok((labels, costs))
}

/// The cost of a step between neighbors.
fn step(image: ArrayView2<'_, f32>, from: (usize, usize), to: (usize, usize), lambda: f64) -> f64 {
    let (height, width) = image.dim();
    let value = |(y, x): (usize, usize), dy: usize, dx: usize| {
        let (v, u) = ((y + dy).saturating_sub(1), (x + dx).saturating_sub(1));
        f64::from(image[[v.min(height - 1), u.min(width - 1)]])
    };
    let mut difference = 0.0;
    for dy in 0..3 {
        for dx in 0..3 {
            difference += (value(from, dy, dx) - value(to, dy, dx)).abs();
        }
    }
    let sides = (from.0.abs_diff(to.0) + from.1.abs_diff(to.1)) as f64;
    (difference * difference + lambda * lambda * sides).sqrt()
}

/// The end of a way from a seed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    cost: f64,
    label: u32,
    at: (usize, usize),
}

impl Eq for Way {}

impl Ord for Way {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_cost = self.cost.total_cmp(&other.cost);
        by_cost.then(self.label.cmp(&other.label)).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for Way {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
