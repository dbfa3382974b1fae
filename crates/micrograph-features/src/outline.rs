//! All outlines of an object, and how round they are.

use std::f64::consts::PI;

use ndarray::ArrayView2;

/// Along the directions right, down, left, up with the object on the right hand.
const STEPS: [[usize; 2]; 4] = [[0, 1], [1, 0], [0, usize::MAX], [usize::MAX, 0]];

/// The pixels ahead to the left hand and to the right, as seen from a corner; corner `[y, x]` is the
/// upper left one of pixel `(y, x)`.
const AHEAD: [[[usize; 2]; 2]; 4] = {
    const UP: usize = usize::MAX;
    [[[UP, 0], [0, 0]], [[0, 0], [0, UP]], [[0, UP], [UP, UP]], [[UP, UP], [UP, 0]]]
};

fn moved([y, x]: [usize; 2], [dy, dx]: [usize; 2]) -> [usize; 2] {
    [y.wrapping_add(dy), x.wrapping_add(dx)]
}

/// The outlines of all parts and of all holes: corners of pixels, one step of one side each, with the
/// object on the right hand. Pixels that touch in a corner belong together.
fn outlines(mask: ArrayView2<'_, bool>) -> Vec<Vec<[usize; 2]>> {
    let (height, width) = mask.dim();
    let is_object = |at: [usize; 2]| mask.get(at).copied().unwrap_or(false);
    // Every outline goes to the right along the upper side of some pixel.
    let mut seen = vec![false; height * width];
    let mut outlines = Vec::new();
    for (at, _) in mask.indexed_iter().filter(|&(_, &object)| object) {
        let start = [at.0, at.1];
        if seen[at.0 * width + at.1] || is_object(moved(start, [usize::MAX, 0])) {
            continue;
        }
        let (mut at, mut direction) = (start, 0);
        let mut corners = Vec::new();
        loop {
            if direction == 0 {
                seen[at[0] * width + at[1]] = true;
            }
            corners.push(at);
            at = moved(at, STEPS[direction]);
            let [left, right] = AHEAD[direction].map(|side| is_object(moved(at, side)));
            direction = match (left, right) {
                (true, _) => (direction + 3) % 4,
                (false, true) => direction,
                (false, false) => (direction + 1) % 4,
            };
            if at == start && direction == 0 {
                break;
            }
        }
        outlines.push(corners);
    }
    outlines
}

/// How near the object is to a disk.
///
/// `4 pi A / P^2` of the smoothed outlines: polygons through the middles of the sides between object
/// and background, each vertex then replaced by the mean of itself and its two neighbors. `A` is the
/// area within them, holes left out, and `P` the sum of their lengths.
///
/// # Units and ranges
/// A number from 0 to 1, the same for any scale, above which no polygon comes: of one outline, area and
/// length are compared, so that nothing has to be cut off. Small disks have 0.93
/// to 0.98 by how their centers lie, those of a radius of six pixels and more 0.98; a pixel has `pi / 4`, as any square has without smoothing, and large
/// squares have 0.79.
///
/// # Edge cases
/// 0 for an empty mask.
///
/// # Source
/// Cox, A method of assigning numerical and percentage values to the degree of roundness of sand
/// grains, J. Paleontol. 1, 1927. The polygons are those of `skimage.measure.find_contours` at 0.5.
/// The usual `4 pi area / perimeter^2` with [`perimeter`](crate::perimeter), which runs through the
/// centers of pixels, has most objects below ten pixels' width above 1.
///
/// # Example
/// ```
/// use micrograph_features::circularity;
/// use ndarray::array;
/// let pixel = circularity(array![[true]].view());
/// assert!((pixel - std::f64::consts::FRAC_PI_4).abs() < 1e-15);
/// let bar = circularity(array![[true, true, true, true, true, true]].view());
/// assert!(0.4 < bar && bar < pixel);
/// ```
#[must_use]
pub fn circularity(mask: ArrayView2<'_, bool>) -> f64 {
    let (mut area, mut length) = (0.0, 0.0);
    for corners in outlines(mask) {
        let [outline_area, outline_length] = smoothed_area_and_length(&corners);
        area += outline_area;
        length += outline_length;
    }
    if length > 0.0 { (4.0 * PI * area / (length * length)).max(0.0) } else { 0.0 }
}

/// Of the polygon through the means of three successive middles of steps; clockwise areas count.
fn smoothed_area_and_length(corners: &[[usize; 2]]) -> [f64; 2] {
    let n = corners.len();
    let middle = |k: usize| {
        let (a, b) = (corners[k % n], corners[(k + 1) % n]);
        [0, 1].map(|axis| (a[axis] + b[axis]) as f64 / 2.0)
    };
    let vertex = |k: usize| {
        let [a, b, c] = [middle(k), middle(k + 1), middle(k + 2)];
        [0, 1].map(|axis| (a[axis] + b[axis] + c[axis]) / 3.0)
    };
    let (mut area, mut length) = (0.0, 0.0);
    let first = vertex(0);
    let mut a = first;
    for k in 1..=n {
        let b = if k == n { first } else { vertex(k) };
        // From the first vertex, for the digits' sake.
        let [[ay, ax], [by, bx]] = [a, b].map(|[y, x]| [y - first[0], x - first[1]]);
        area += (ax * by - bx * ay) / 2.0;
        length += (by - ay).hypot(bx - ax);
        a = b;
    }
    [area, length]
}
