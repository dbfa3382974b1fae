//! Thinning to lines of one pixel.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2};

/// Thins the objects of a mask to lines of one pixel, with the same pieces and holes.
///
/// Pixels of the border are taken away in turns, from the lower right and from the upper left, where
/// that neither divides an object nor shortens a line, until nothing changes. Pixels touch in sides
/// and corners.
///
/// # Edge cases
/// Beyond the image there is background. A disk becomes a pixel or a short line.
///
/// # Source
/// Guo, Hall, Parallel thinning with two-subiteration algorithms, Commun. ACM 32, 1989, algorithm A1,
/// as in `skimage.morphology.thin`, the oracle.
///
/// # Example
/// ```
/// use micrograph_segment::thin;
/// use ndarray::{Array2, array};
/// let bar = Array2::from_elem((3, 5), true);
/// let line = array![
///     [false, false, false, false, false],
///     [false, true, true, true, false],
///     [false, false, false, false, false],
/// ];
/// assert_eq!(thin(bar.view()), line);
/// ```
#[must_use]
pub fn thin(mask: ArrayView2<'_, bool>) -> Array2<bool> {
    let (height, width) = mask.dim();
    // One more pixel of background on each side spares the question where the image ends.
    let line = width + 2;
    let mut image = vec![false; (height + 2) * line];
    for ((y, x), _) in mask.indexed_iter().filter(|&(_, &object)| object) {
        image[(y + 1) * line + x + 1] = true;
    }
    // Pixels with object all around stay until a neighbor has gone.
    let on_border = |image: &[bool], at: usize| image[at] && surroundings(image, at, line) != 255;
    let all = line..image.len().saturating_sub(line);
    let mut border: BTreeSet<usize> = all.filter(|&at| on_border(&image, at)).collect();
    let removable = [removable(Turn::LowerRight), removable(Turn::UpperLeft)];
    loop {
        let mut changed = false;
        for removable in &removable {
            let gone = |at: &usize| removable[surroundings(&image, *at, line)];
            let remove: Vec<usize> = border.iter().copied().filter(gone).collect();
            changed |= !remove.is_empty();
            for &at in &remove {
                image[at] = false;
                border.remove(&at);
            }
            for at in remove.into_iter().flat_map(|at| around(at, line)) {
                if image[at] {
                    border.insert(at);
                }
            }
        }
        if !changed {
            break;
        }
    }
    Array2::from_shape_fn((height, width), |(y, x)| image[(y + 1) * line + x + 1])
}

/// The eight neighbors as bits, from the right one against the clock.
fn surroundings(image: &[bool], at: usize, line: usize) -> usize {
    around(at, line).iter().enumerate().map(|(bit, &at)| usize::from(image[at]) << bit).sum()
}

/// The places of the eight neighbors, in that order.
fn around(at: usize, line: usize) -> [usize; 8] {
    let (above, below) = (at - line, at + line);
    [at + 1, above + 1, above, above - 1, at - 1, below - 1, below, below + 1]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    LowerRight,
    UpperLeft,
}

/// Whether a pixel with these surroundings goes in a turn: conditions G1 to G3 of the paper.
fn removable(turn: Turn) -> [bool; 256] {
    std::array::from_fn(|ring| {
        let bit = |k: usize| ring >> (k % 8) & 1 == 1;
        let pieces = (0..8).step_by(2).filter(|&k| !bit(k) && (bit(k + 1) || bit(k + 2))).count();
        let pairs =
            |shift: usize| (0..8).step_by(2).filter(|&k| bit(k + 1) || bit(k + shift)).count();
        let near = pairs(0).min(pairs(2));
        let from = if turn == Turn::LowerRight { 0 } else { 4 };
        let kept = (bit(from + 1) || bit(from + 2) || !bit(from + 7)) && bit(from);
        pieces == 1 && (near == 2 || near == 3) && !kept
    })
}
