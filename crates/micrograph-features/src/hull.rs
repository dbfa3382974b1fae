//! Convex hulls of objects, along the corners of their pixels.

use ndarray::ArrayView2;

/// A point `[y, x]` between pixels: corner `[y, x]` is the upper left one of pixel `(y, x)`.
pub(crate) type Corner = [i64; 2];

/// The convex hull of the object's pixels, as squares: its vertices, without those on a straight side.
///
/// Empty for an empty mask.
pub(crate) fn hull_of_mask(mask: ArrayView2<'_, bool>) -> Vec<Corner> {
    let mut corners = Vec::new();
    for (y, row) in mask.outer_iter().enumerate() {
        let Some(first) = row.iter().position(|&object| object) else {
            continue;
        };
        let last = row.len() - row.iter().rev().position(|&object| object).unwrap_or(0);
        for y in [y, y + 1] {
            corners.extend([first, last].map(|x| [y as i64, x as i64]));
        }
    }
    corners.sort_unstable();
    corners.dedup();
    convex_hull(&corners)
}

/// Andrew's monotone chain over sorted, distinct points.
pub(crate) fn convex_hull(points: &[Corner]) -> Vec<Corner> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut hull = half_hull(points.iter());
    let back = half_hull(points.iter().rev());
    hull.pop();
    hull.extend_from_slice(&back[..back.len() - 1]);
    hull
}

fn half_hull<'a>(points: impl Iterator<Item = &'a Corner>) -> Vec<Corner> {
    let mut chain: Vec<Corner> = Vec::new();
    for &point in points {
        while let [.., a, b] = chain[..] {
            if cross(a, b, point) > 0 {
                break;
            }
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

/// Twice the area of the triangle, with the sign of its sense of rotation.
pub(crate) fn cross(a: Corner, b: Corner, c: Corner) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// The greatest distance between two of the points, 0 where there are none.
pub(crate) fn greatest_distance(points: &[Corner]) -> f64 {
    let mut greatest = 0;
    for (index, a) in points.iter().enumerate() {
        for b in &points[index + 1..] {
            greatest = greatest.max((a[0] - b[0]).pow(2) + (a[1] - b[1]).pow(2));
        }
    }
    (greatest as f64).sqrt()
}
