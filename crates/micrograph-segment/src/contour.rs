//! Lines of equal value.

use std::collections::HashMap;

use ndarray::ArrayView2;

/// The contours of an image at a level, as lines of points `[y, x]`.
///
/// Pixels are points at whole numbers, and between neighbors the image is linear: a line crosses from
/// `a` to `b` at `(level - a) / (b - a)` of the way. Values above the level lie to the right of
/// a line, which so runs clockwise on the screen around bright islands. A closed line begins and ends
/// at the same point; a line that leaves the image is open.
///
/// # Edge cases
/// Lines end at pixels that are NaN. Where bright pixels touch in a corner, the line parts them. An
/// image of fewer than two rows or columns has no contours; nor has one at a level that is NaN.
///
/// # Source
/// Lorensen, Cline, Marching cubes, 1987, in two dimensions, as `skimage.measure.find_contours` with
/// its usual settings. Lines come in the order of their first squares; a closed one begins with its
/// first square.
///
/// # Example
/// ```
/// use micrograph_segment::contours;
/// let dot = ndarray::array![[0.0_f32, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]];
/// let lines = contours(dot.view(), 0.25);
/// assert_eq!(lines, [[[1.0, 0.25], [0.25, 1.0], [1.0, 1.75], [1.75, 1.0], [1.0, 0.25]]]);
/// ```
#[must_use]
pub fn contours(image: ArrayView2<'_, f32>, level: f64) -> Vec<Vec<[f64; 2]>> {
    let segments = segments(image, level);
    // Each crossing ends at most one segment and begins at most one.
    let from: HashMap<Crossing, usize> =
        segments.iter().enumerate().map(|(index, segment)| (segment.from.key, index)).collect();
    let to: HashMap<Crossing, usize> =
        segments.iter().enumerate().map(|(index, segment)| (segment.to.key, index)).collect();
    let mut used = vec![false; segments.len()];
    let mut lines = Vec::new();
    for index in 0..segments.len() {
        if used[index] {
            continue;
        }
        let mut first = index;
        while let Some(&before) = to.get(&segments[first].from.key) {
            first = before;
            if first == index {
                break;
            }
        }
        let mut line = vec![segments[first].from.point];
        let mut next = Some(first);
        while let Some(at) = next.filter(|&at| !used[at]) {
            used[at] = true;
            // A line through a pixel of just the level would stand still there.
            if line.last() != Some(&segments[at].to.point) {
                line.push(segments[at].to.point);
            }
            next = from.get(&segments[at].to.key).copied();
        }
        if line.len() > 1 {
            lines.push(line);
        }
    }
    lines
}

/// The pixel from which a side of a square begins, and whether it runs downwards.
type Crossing = (usize, usize, bool);

/// Where a contour crosses a side of a square.
#[derive(Debug, Clone, Copy)]
struct End {
    key: Crossing,
    point: [f64; 2],
}

/// A part of a contour within a square.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: End,
    to: End,
}

/// The segments in all squares of two by two pixels, in reading order.
fn segments(image: ArrayView2<'_, f32>, level: f64) -> Vec<Segment> {
    let (height, width) = image.dim();
    let mut segments = Vec::new();
    for y in 0..height.saturating_sub(1) {
        for x in 0..width.saturating_sub(1) {
            let value = |dy: usize, dx: usize| f64::from(image[[y + dy, x + dx]]);
            let corners = [value(0, 0), value(0, 1), value(1, 0), value(1, 1)];
            if level.is_nan() || corners.iter().any(|corner| corner.is_nan()) {
                continue;
            }
            let across = |dy: usize| {
                let part = fraction(corners[2 * dy], corners[2 * dy + 1], level);
                End { key: (y + dy, x, false), point: [(y + dy) as f64, x as f64 + part] }
            };
            let down = |dx: usize| {
                let part = fraction(corners[dx], corners[2 + dx], level);
                End { key: (y, x + dx, true), point: [y as f64 + part, (x + dx) as f64] }
            };
            let [top, bottom, left, right] = [across(0), across(1), down(0), down(1)];
            let above = corners.map(|corner| u8::from(corner > level));
            let case = above[0] | above[1] << 1 | above[2] << 2 | above[3] << 3;
            let (one, other) = match case {
                1 => (Some((top, left)), None),
                2 => (Some((right, top)), None),
                3 => (Some((right, left)), None),
                4 => (Some((left, bottom)), None),
                5 => (Some((top, bottom)), None),
                6 => (Some((right, top)), Some((left, bottom))),
                7 => (Some((right, bottom)), None),
                8 => (Some((bottom, right)), None),
                9 => (Some((top, left)), Some((bottom, right))),
                10 => (Some((bottom, top)), None),
                11 => (Some((bottom, left)), None),
                12 => (Some((left, right)), None),
                13 => (Some((top, right)), None),
                14 => (Some((left, top)), None),
                _ => (None, None),
            };
            let both = [one, other].into_iter().flatten();
            segments.extend(both.map(|(from, to)| Segment { from, to }));
        }
    }
    segments
}

/// Which part of the way from a value to the next one lies before the level.
fn fraction(from: f64, to: f64, level: f64) -> f64 {
    let part = (level - from) / (to - from);
    // Of infinite values there is no other way than the middle.
    if part.is_finite() { part } else { 0.5 }
}
