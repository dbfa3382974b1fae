//! Convex hull and box, Euler number, Feret diameters.

use ndarray::ArrayView2;

use crate::column::{Descriptor, Measure, Unit};
use crate::hull::{Corner, convex_hull, cross, greatest_distance, hull_of_mask};
use crate::object::bounds;
use crate::size::area;

/// The fraction of the convex hull that the object fills.
///
/// `area / number of pixels whose centers lie in the convex hull`, where the hull is that of the
/// middles of the sides of all object pixels
///
/// # Units and ranges
/// A number from 0 to 1; 1 for convex objects.
///
/// # Edge cases
/// 0 for an empty mask.
///
/// # Source
/// `skimage.measure.regionprops`, `solidity`; whole numbers take the place of its tolerance.
///
/// # Example
/// ```
/// use micrograph_features::solidity;
/// use ndarray::array;
/// assert_eq!(solidity(array![[true, false, true]].view()), 2.0 / 3.0);
/// ```
#[must_use]
pub fn solidity(mask: ArrayView2<'_, bool>) -> f64 {
    let [top, bottom, ..] = bounds(mask);
    // In half pixels, so that centers (even) and middles of sides (one odd) are whole numbers.
    let mut points = Vec::new();
    for (y, row) in mask.outer_iter().enumerate() {
        let ends = [row.iter().position(|&o| o), row.iter().rposition(|&o| o)];
        for x in ends.into_iter().flatten() {
            let (y, x) = (2 * y as i64, 2 * x as i64);
            points.extend([[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]]);
        }
    }
    points.sort_unstable();
    points.dedup();
    let hull = convex_hull(&points);
    let within: i64 = (top..bottom).map(|y| centers_in_row(&hull, 2 * y as i64)).sum();
    area(mask) / within.max(1) as f64
}

/// How many even columns of a row lie in a convex polygon or on its border.
fn centers_in_row(hull: &[Corner], y: i64) -> i64 {
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for (&a, &b) in hull.iter().zip(hull.iter().cycle().skip(1)) {
        let (low, high) = if a[0] <= b[0] { (a, b) } else { (b, a) };
        if low[0] == high[0] || y < low[0] || high[0] < y {
            // The ends of a side along the row are those of others, too.
            continue;
        }
        // Where the side crosses the row, as a fraction, so that nothing is rounded.
        let below = high[0] - low[0];
        let above = low[1] * below + (high[1] - low[1]) * (y - low[0]);
        let (even, rest) = (above.div_euclid(2 * below), above.rem_euclid(2 * below));
        first = first.min(if rest == 0 { even } else { even + 1 });
        last = last.max(even);
    }
    (last.saturating_sub(first).saturating_add(1)).max(0)
}

/// The fraction of its box, upright on the axes, that the object fills.
///
/// # Units and ranges
/// A number from 0 to 1.
///
/// # Edge cases
/// 0 for an empty mask.
///
/// # Source
/// `skimage.measure.regionprops`, `extent`.
///
/// # Example
/// ```
/// use micrograph_features::extent;
/// use ndarray::array;
/// assert_eq!(extent(array![[true, false], [true, true]].view()), 0.75);
/// ```
#[must_use]
pub fn extent(mask: ArrayView2<'_, bool>) -> f64 {
    let [top, bottom, left, right] = bounds(mask);
    area(mask) / ((bottom - top) * (right - left)).max(1) as f64
}

/// The number of connected parts less the number of holes.
///
/// Pixels that touch in a corner belong together (8 neighbors), holes need a side (4 neighbors).
///
/// `(n1 - n3 - 2 nd) / 4` over all squares of 2 x 2 pixels: `n1` with one object pixel, `n3` with
/// three, `nd` with two in opposite corners
///
/// # Edge cases
/// 0 for an empty mask; what lies beyond the image is background.
///
/// # Source
/// Gray, Local properties of binary images in two dimensions, IEEE Trans. Comput. 20, 1971;
/// `skimage.measure.euler_number`, connectivity 2.
///
/// # Example
/// ```
/// use micrograph_features::euler_number;
/// use ndarray::array;
/// let ring = array![[true, true, true], [true, false, true], [true, true, true]];
/// assert_eq!(euler_number(ring.view()), 0.0);
/// ```
#[must_use]
pub fn euler_number(mask: ArrayView2<'_, bool>) -> f64 {
    let (height, width) = mask.dim();
    // By the bits upper left, upper right, lower left, lower right.
    const QUARTERS: [i64; 16] = [0, 1, 1, 0, 1, 0, -2, -1, 1, -2, 0, -1, 0, -1, -1, 0];
    // One column of background on either side.
    let mut rows = [vec![0_u8; width + 2], vec![0_u8; width + 2]];
    let mut quarters = 0_i64;
    for y in 0..=height {
        rows.swap(0, 1);
        for x in 0..width {
            rows[1][x + 1] = u8::from(y < height && mask[[y, x]]);
        }
        for (upper, lower) in rows[0].windows(2).zip(rows[1].windows(2)) {
            let bits = 8 * upper[0] + 4 * upper[1] + 2 * lower[0] + lower[1];
            quarters += QUARTERS[usize::from(bits)];
        }
    }
    quarters as f64 / 4.0
}

/// The greatest and the least distance between two parallel lines that enclose the object.
///
/// The object are the squares of its pixels, so that the greatest is
/// [`polygon_diameter`](crate::polygon_diameter).
///
/// # Units
/// Pixels.
///
/// # Edge cases
/// The square root of 2 and 1 for one pixel; both 0 for an empty mask.
///
/// # Source
/// Feret, La grosseur des grains des matières pulvérulentes, 1930. The least is that across a side of
/// the convex hull (Toussaint, Solving geometric problems with the rotating calipers, 1983).
///
/// # Example
/// ```
/// use micrograph_features::feret_diameters;
/// use ndarray::Array2;
/// assert_eq!(feret_diameters(Array2::from_elem((3, 4), true).view()), [5.0, 3.0]);
/// ```
#[must_use]
pub fn feret_diameters(mask: ArrayView2<'_, bool>) -> [f64; 2] {
    let hull = hull_of_mask(mask);
    let mut least = f64::INFINITY;
    for (&a, &b) in hull.iter().zip(hull.iter().cycle().skip(1)) {
        let farthest = hull.iter().map(|&point| cross(a, b, point).abs()).max().unwrap_or(0);
        let side = ((b[0] - a[0]) as f64).hypot((b[1] - a[1]) as f64);
        least = least.min(farthest as f64 / side);
    }
    [greatest_distance(&hull), if hull.is_empty() { 0.0 } else { least }]
}

const SKIMAGE: &str = "scikit-image, regionprops";

pub(crate) const SOLIDITY: [Descriptor; 1] = [Descriptor::new(
    "solidity",
    Measure::In(Unit::One),
    "area / area of the convex hull",
    SKIMAGE,
)];

pub(crate) const EXTENT: [Descriptor; 1] =
    [Descriptor::new("extent", Measure::In(Unit::One), "area / area of the box", SKIMAGE)];

pub(crate) const EULER_NUMBER: [Descriptor; 1] = [Descriptor::new(
    "euler_number",
    Measure::In(Unit::One),
    "parts (8 neighbors) - holes (4 neighbors)",
    "Gray 1971",
)];

pub(crate) const FERET: [Descriptor; 2] = [
    Descriptor::new(
        "feret_maximum",
        Measure::Length,
        "greatest distance between parallel lines around the object",
        "Feret 1930",
    ),
    Descriptor::new(
        "feret_minimum",
        Measure::Length,
        "least distance between parallel lines around the object",
        "Feret 1930",
    ),
];
