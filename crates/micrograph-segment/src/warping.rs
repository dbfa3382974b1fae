//! The warping error.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2};

use crate::error::{Result, same_shape};
use crate::neighbors::Connectivity;

/// A truth that was bent towards a prediction without changing its topology.
#[derive(Debug, Clone, PartialEq)]
pub struct Warping {
    /// The truth after warping.
    pub warped: Array2<bool>,
    /// The share of pixels in which it still differs from the prediction.
    pub error: f64,
}

/// The warping error: how much of a prediction differs from the truth however borders are shifted.
///
/// Pixels of the truth that differ from the prediction are flipped where that changes neither the
/// pieces of the foreground (over sides) nor of the background (over sides and corners), in reading
/// order, again and again until nothing changes. What still differs divides, joins, adds or deletes
/// objects or holes, and is counted in pixels.
///
/// # Units and ranges
/// A fraction of all pixels; 0 for an image without pixels.
///
/// # Edge cases
/// Beyond the image there is background. The order in which pixels are flipped matters where objects
/// bend around each other, so that other programs can differ in a few pixels.
///
/// # Errors
/// A prediction of another shape.
///
/// # Source
/// Jain et al., Boundary learning by optimization with topological constraints, CVPR 2010, without
/// its mask of allowed places; simple points after Bertrand, Pattern Recognition Letters 15, 1994.
///
/// # Example
/// ```
/// use micrograph_segment::warping_error;
/// use ndarray::Array2;
/// // A bar, and the same bar thicker and cut in two.
/// let truth = Array2::from_shape_fn((5, 10), |(y, _)| y == 2);
/// let predicted = Array2::from_shape_fn((5, 10), |(y, x)| (2..4).contains(&y) && x != 4);
/// let warping = warping_error(truth.view(), predicted.view())?;
/// assert_eq!(warping.error, 1.0 / 50.0); // one pixel of bridge is left
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn warping_error(
    truth: ArrayView2<'_, bool>,
    predicted: ArrayView2<'_, bool>,
) -> Result<Warping> {
    same_shape("a prediction", truth.dim(), predicted.dim())?;
    let mut warped = truth.to_owned();
    let simple: [bool; 256] = std::array::from_fn(|ring| is_simple(ring as u8));
    let mut differing = warped.indexed_iter().filter(|&(at, &w)| w != predicted[at]).count();
    // A pixel that cannot be flipped waits until one of its neighbors was.
    let differs = warped.indexed_iter().filter(|&(at, &w)| w != predicted[at]);
    let mut pass: BTreeSet<(usize, usize)> = differs.map(|(at, _)| at).collect();
    while !pass.is_empty() {
        let mut next = BTreeSet::new();
        while let Some(at) = pass.pop_first() {
            if !simple[usize::from(ring(warped.view(), at))] {
                continue;
            }
            warped[at] = !warped[at];
            differing -= 1;
            for near in Connectivity::Eight.around(at, warped.dim()) {
                if warped[near] != predicted[near] {
                    if near > at {
                        pass.insert(near)
                    } else {
                        next.insert(near)
                    };
                }
            }
        }
        pass = next;
    }
    let error = differing as f64 / truth.len().max(1) as f64;
    Ok(Warping { warped, error })
}

/// The eight neighbors as bits, from the right one against the clock; beyond the image background.
fn ring(mask: ArrayView2<'_, bool>, (y, x): (usize, usize)) -> u8 {
    const RING: [(isize, isize); 8] =
        [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)];
    RING.iter().enumerate().fold(0, |ring, (bit, &(dy, dx))| {
        let at = y.checked_add_signed(dy).zip(x.checked_add_signed(dx));
        let object = at.and_then(|at| mask.get(at)).is_some_and(|&object| object);
        ring | u8::from(object) << bit
    })
}

/// Whether a pixel with these neighbors can change sides and all pieces of both stay as they are.
fn is_simple(ring: u8) -> bool {
    let ring: [bool; 8] = std::array::from_fn(|bit| ring >> bit & 1 == 1);
    // Pieces of foreground in the ring that touch the pixel over a side: a run of the ring joins over
    // sides, and counts where it holds an even place.
    let object = runs(ring).filter(|run| run.iter().any(|place| place % 2 == 0)).count();
    // A run of background touches the pixel everywhere, and jumps over a corner of foreground.
    let corners_open: [bool; 8] = std::array::from_fn(|k| {
        let beside = |k: usize| !ring[k % 8];
        beside(k) || (k % 2 == 1 && beside(k + 7) && beside(k + 1))
    });
    let joined = runs(corners_open).count();
    // A ring without a change has one run or none.
    object == 1 && joined == 1
}

/// The places of each run of `true` around the ring.
fn runs(ring: [bool; 8]) -> impl Iterator<Item = Vec<usize>> {
    let all = ring.iter().all(|&inside| inside);
    let starts = (0..8).filter(move |&k| if all { k == 0 } else { ring[k] && !ring[(k + 7) % 8] });
    starts.map(move |start| {
        let places = (0..8).map(|step| (start + step) % 8);
        places.take_while(|&place| ring[place]).collect()
    })
}
