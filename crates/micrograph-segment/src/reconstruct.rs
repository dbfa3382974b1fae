//! Gray reconstruction: how far a seed grows below a limit.

use std::collections::VecDeque;

use ndarray::{Array2, ArrayView2};

use crate::error::{Result, same_shape};
use crate::neighbors::Connectivity;

/// The greatest image that `seed` grows to from neighbor to neighbor below `limit`.
///
/// Growing is dilation by one step, cut at the limit, until nothing changes: hills of the limit that
/// hold no seed are flattened. With `limit - h` as the seed, all hills lower than `h` above their
/// surroundings vanish.
///
/// # Edge cases
/// A seed above the limit is cut to it first. A NaN neither grows nor is grown over.
///
/// # Errors
/// A seed of another shape.
///
/// # Source
/// Vincent, Morphological grayscale reconstruction in image analysis, IEEE Trans. Image Process. 2,
/// 1993: two scans, and a queue for the rest. The oracle is `skimage.morphology.reconstruction`.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, reconstruct};
/// let limit = ndarray::array![[1.0, 5.0, 2.0, 7.0]];
/// let seed = ndarray::array![[0.0, 4.0, 0.0, 0.0]];
/// let grown = reconstruct(seed.view(), limit.view(), Connectivity::Four)?;
/// assert_eq!(grown, ndarray::array![[1.0, 4.0, 2.0, 2.0]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn reconstruct(
    seed: ArrayView2<'_, f64>,
    limit: ArrayView2<'_, f64>,
    connectivity: Connectivity,
) -> Result<Array2<f64>> {
    same_shape("a seed", limit.dim(), seed.dim())?;
    let (height, width) = limit.dim();
    let size = (height, width);
    let mut grown = seed.to_owned();
    grown.zip_mut_with(&limit, |seed, &limit| {
        if *seed > limit {
            *seed = limit;
        }
    });
    for y in 0..height {
        for x in 0..width {
            for &(dy, dx) in connectivity.before() {
                if let Some(other) = beside((y, x), (dy, dx), size) {
                    raise(&mut grown, limit, other, (y, x));
                }
            }
        }
    }
    let mut queue = VecDeque::new();
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            let after = || connectivity.before().iter().map(|&(dy, dx)| (-dy, -dx));
            let after = || after().filter_map(|step| beside((y, x), step, size));
            for other in after() {
                raise(&mut grown, limit, other, (y, x));
            }
            let value = grown[[y, x]];
            if after().any(|other| grown[other] < value && grown[other] < limit[other]) {
                queue.push_back((y, x));
            }
        }
    }
    while let Some(at) = queue.pop_front() {
        for other in connectivity.around(at, size) {
            if raise(&mut grown, limit, at, other) {
                queue.push_back(other);
            }
        }
    }
    Ok(grown)
}

fn beside(
    (y, x): (usize, usize),
    (dy, dx): (isize, isize),
    (height, width): (usize, usize),
) -> Option<(usize, usize)> {
    let v = y.checked_add_signed(dy).filter(|&v| v < height)?;
    Some((v, x.checked_add_signed(dx).filter(|&u| u < width)?))
}

/// Raises the pixel `to` to its neighbor `from`, up to the limit; whether it did.
fn raise(
    grown: &mut Array2<f64>,
    limit: ArrayView2<'_, f64>,
    from: (usize, usize),
    to: (usize, usize),
) -> bool {
    let value = grown[from].min(limit[to]);
    let rises = !limit[to].is_nan() && grown[from] > grown[to] && value > grown[to];
    if rises {
        grown[to] = value;
    }
    rises
}
