//! The outline of an object as a closed polygon.

use ndarray::ArrayView2;

/// The outer outline of the object that comes first in reading order: the corners of its pixels,
/// clockwise on the screen, one step of one pixel side each.
///
/// Corner `[y, x]` is the upper left one of pixel `(y, x)`. The polygon closes from its last corner
/// to its first, and its area is that of the object with its holes filled. Pixels that touch in a
/// corner alone belong to one object, so that a corner can occur twice.
///
/// # Edge cases
/// A mask without object has no outline: the list is empty.
///
/// # Example
/// ```
/// use micrograph_segment::outer_outline;
/// use ndarray::array;
/// let one = array![[false, false], [false, true]];
/// assert_eq!(outer_outline(one.view()), [[1, 1], [1, 2], [2, 2], [2, 1]]);
/// ```
#[must_use]
pub fn outer_outline(mask: ArrayView2<'_, bool>) -> Vec<[usize; 2]> {
    let Some(((top, left), _)) = mask.indexed_iter().find(|&(_, &object)| object) else {
        return Vec::new();
    };
    let is_object = |y: isize, x: isize| {
        usize::try_from(y)
            .ok()
            .zip(usize::try_from(x).ok())
            .and_then(|at| mask.get(at))
            .is_some_and(|&object| object)
    };
    // Along the directions right, down, left, up with the object on the right hand.
    const STEPS: [[isize; 2]; 4] = [[0, 1], [1, 0], [0, -1], [-1, 0]];
    // Where the pixels ahead lie, to the left and to the right, seen from the corner.
    const LEFT: [[isize; 2]; 4] = [[-1, 0], [0, 0], [0, -1], [-1, -1]];
    const RIGHT: [[isize; 2]; 4] = [[0, 0], [0, -1], [-1, -1], [-1, 0]];
    let start = [top as isize, left as isize];
    let (mut at, mut direction) = (start, 0);
    let mut corners = Vec::new();
    loop {
        corners.push([at[0] as usize, at[1] as usize]);
        at = [at[0] + STEPS[direction][0], at[1] + STEPS[direction][1]];
        let ahead = |side: [[isize; 2]; 4]| {
            is_object(at[0] + side[direction][0], at[1] + side[direction][1])
        };
        direction = match (ahead(LEFT), ahead(RIGHT)) {
            (true, _) => (direction + 3) % 4,
            (false, true) => direction,
            (false, false) => (direction + 1) % 4,
        };
        // The upper left corner of the first pixel is left to the right once.
        if at == start && direction == 0 {
            return corners;
        }
    }
}
