//! Voronoi regions of seeds on the surface of an image.

use std::cmp::Reverse;
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
/// lower label wins. No way leads over a pixel that is not finite, nor over its eight neighbors, whose
/// steps cannot be told.
///
/// # Errors
/// Seeds or a mask of another shape; a `lambda` that is negative, or above 1e100.
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
    setting("the weight of distance", "from 0 to 1e100", lambda, fits)?;
    let surface = Surface::new(image);
    let mut labels = seeds.to_owned();
    let mut costs = seeds.mapv(|label| if label > 0 { 0.0 } else { f64::INFINITY });
    let mut queue: BinaryHeap<Reverse<Way>> = seeds
        .indexed_iter()
        .filter(|&(at, &label)| label > 0 && mask[at])
        .map(|(at, &label)| Reverse((0, label, at)))
        .collect();
    while let Some(Reverse((bits, label, from))) = queue.pop() {
        let way = f64::from_bits(bits);
        // A cheaper way, or one of equal cost to a lower label, came before.
        if way > costs[from] || label != labels[from] {
            continue;
        }
        for at in Connectivity::Eight.around(from, image.dim()) {
            // A seed keeps its label, even where a way to it costs nothing.
            if !mask[at] || seeds[at] > 0 || costs[at] < way {
                continue;
            }
            let cost = way + surface.step(from, at, lambda);
            let wins = cost < costs[at] || (cost == costs[at] && label < labels[at]);
            if wins && cost.is_finite() {
                costs[at] = cost;
                labels[at] = label;
                queue.push(Reverse((cost.to_bits(), label, at)));
            }
        }
    }
    Ok((labels, costs))
}

/// The end of a way: the bits of its cost, which have its order since it is not negative, the label
/// of its seed, and its place.
type Way = (u64, u32, (usize, usize));

/// The image with its border repeated once on each side, row by row.
struct Surface {
    values: Vec<f64>,
    line: usize,
}

impl Surface {
    fn new(image: ArrayView2<'_, f32>) -> Self {
        let (height, width) = image.dim();
        let places = |n: usize| (0..n + 2).map(move |i| i.clamp(1, n.max(1)) - 1);
        let value = |y, x| image.get((y, x)).map_or(0.0, |&value| f64::from(value));
        let values = places(height).flat_map(|y| places(width).map(move |x| value(y, x)));
        Self { values: values.collect(), line: width + 2 }
    }

    /// The cost of a step between neighbors.
    fn step(&self, from: (usize, usize), to: (usize, usize), lambda: f64) -> f64 {
        let row = |(y, x): (usize, usize), dy: usize| &self.values[(y + dy) * self.line + x..][..3];
        let mut difference = 0.0;
        for dy in 0..3 {
            for (from, to) in row(from, dy).iter().zip(row(to, dy)) {
                difference += (from - to).abs();
            }
        }
        let sides = (from.0.abs_diff(to.0) + from.1.abs_diff(to.1)) as f64;
        (difference * difference + lambda * lambda * sides).sqrt()
    }
}
