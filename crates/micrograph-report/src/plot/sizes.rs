//! Width against height of the objects of each class (LipNet thesis, Figure 3).

use std::collections::BTreeMap;

use super::canvas::{Axis, Canvas, WIDTH};
use super::{Figure, LegendEntry, Look, Marks};
use crate::{ObjectSize, SizeUnit, format};

/// More markers than this make a page heavy and a cloud no clearer.
const MOST_MARKERS: usize = 3000;

/// A scatter plot and how many of the objects it shows.
pub(crate) struct Scatter {
    pub(crate) figure: Figure,
    pub(crate) shown: usize,
    pub(crate) total: usize,
}

/// The scatter plot of `sizes`; `None` without a usable size.
///
/// `name_of` names a class. At most 3000 markers are drawn: rare classes whole, the common ones
/// evenly thinned in the order given. The commonest class lies below the others.
pub(crate) fn scatter(
    sizes: &[ObjectSize],
    unit: SizeUnit,
    name_of: impl Fn(u32) -> String,
) -> Option<Scatter> {
    let mut classes: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for size in sizes.iter().filter(|size| size.is_usable()) {
        classes.entry(size.class).or_default().push((size.width, size.height));
    }
    let all = || classes.values().flatten();
    let total = all().count();
    let largest = all().map(|&(width, height)| width.max(height)).max_by(f64::total_cmp)?;
    let (x_label, y_label) = match unit {
        SizeUnit::Pixels => ("width, px", "height, px"),
        SizeUnit::Nanometers => ("width, nm", "height, nm"),
    };
    let axis = |label| Axis::around(label, 0.0, largest);
    let height = Canvas::square_height();
    let mut canvas = Canvas::new("sizes", height, axis(x_label), axis(y_label));
    let cap = per_class_cap(classes.values().map(Vec::len), MOST_MARKERS);
    let mut by_count: Vec<_> = classes.iter().collect();
    by_count.sort_by_key(|(class, points)| (std::cmp::Reverse(points.len()), **class));
    let mut shown = 0;
    for (&class, points) in by_count {
        let kept = evenly(points, cap);
        shown += kept.len();
        canvas.markers(&kept, Look::new(class as usize));
    }
    let legend: Vec<_> = classes
        .iter()
        .map(|(&class, points)| LegendEntry {
            look: Look::new(class as usize),
            name: name_of(class),
            value: format::count(points.len() as f64),
        })
        .collect();
    let figure = Figure {
        id: "sizes".into(),
        title: "Width and height (bounding box)".into(),
        description: format!(
            "Scatter plot of the width and height of {} objects in {}; the longest side is {}.",
            format::count(total as f64),
            format::plural(classes.len(), "class", "classes"),
            format::count(largest.round()),
        ),
        svg: canvas.draw(),
        width: WIDTH,
        height,
        marks: Marks::Cloud,
        legend,
    };
    Some(Scatter { figure, shown, total })
}

/// The largest number that each class may show at most, so that no more than `most` are shown.
fn per_class_cap(counts: impl Iterator<Item = usize> + Clone, most: usize) -> usize {
    let shown = |cap: usize| counts.clone().map(|count| count.min(cap)).sum::<usize>();
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if shown(middle) <= most {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// `cap` of the points at equal distances in their order, or all of them.
fn evenly(points: &[(f64, f64)], cap: usize) -> Vec<(f64, f64)> {
    let n = points.len().min(cap);
    (0..n).map(|index| points[index * points.len() / n]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_class_is_shown_whole_and_the_limit_holds() {
        let counts = [12_368, 1_717, 84];
        let cap = per_class_cap(counts.into_iter(), MOST_MARKERS);
        let shown: Vec<usize> = counts.iter().map(|&count| count.min(cap)).collect();
        assert_eq!(shown, [1458, 1458, 84]);
        assert_eq!(per_class_cap([10, 20].into_iter(), MOST_MARKERS), MOST_MARKERS);
        assert_eq!(per_class_cap([1; 4000].into_iter(), MOST_MARKERS), 0);
    }

    #[test]
    fn thinning_is_even_and_keeps_all_when_all_fit() {
        let points: Vec<_> = (0..10).map(|i| (f64::from(i), 0.0)).collect();
        assert_eq!(evenly(&points, 20), points);
        assert_eq!(evenly(&points, 5), [0, 2, 4, 6, 8].map(|i| (f64::from(i), 0.0)));
        assert!(evenly(&points, 0).is_empty());
    }
}
