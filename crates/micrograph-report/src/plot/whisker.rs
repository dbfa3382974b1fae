//! A dot with its interval, small enough for a cell of a table.

use micrograph_metrics::Interval;

use super::Look;

/// Where a score stands on an axis from 0 to 1, in percent of the width.
fn percent(score: f64) -> Option<String> {
    // A margin of 3 % keeps a dot at either end whole.
    score.is_finite().then(|| format!("{:.2}%", 3.0 + 94.0 * score.clamp(0.0, 1.0)))
}

/// A dot at the estimate with a line from bound to bound, and a thin upright line at `guide` (such as
/// the floor), on an axis from 0 to 1: an `<svg>` that is as wide as its cell.
///
/// It repeats what the cell says in numbers, and is hidden from those who are read to.
pub(crate) fn whisker(interval: &Interval, guide: Option<f64>, look: Look) -> String {
    let at = |value: Option<f64>| percent(value?);
    let color = look.color();
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"whisker\" aria-hidden=\"true\">\
         <line class=\"axis\" x1=\"3%\" x2=\"97%\" y1=\"7\" y2=\"7\"/>",
    );
    if let Some(x) = at(guide) {
        svg += &format!("<line class=\"guide\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"14\"/>");
    }
    if let (Some(low), Some(high)) = (at(interval.low), at(interval.high)) {
        svg += &format!(
            "<line class=\"bar\" x1=\"{low}\" x2=\"{high}\" y1=\"7\" y2=\"7\" stroke=\"{color}\"/>"
        );
    }
    if let Some(x) = at(interval.estimate) {
        svg += &format!("<circle cx=\"{x}\" cy=\"7\" r=\"3.5\" fill=\"{color}\"/>");
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(estimate: Option<f64>, low: Option<f64>, high: Option<f64>) -> Interval {
        Interval { estimate, low, high, n_undefined: 0 }
    }

    #[test]
    fn a_dot_stands_between_its_bounds() {
        let of = interval(Some(0.5), Some(0.0), Some(1.0));
        let svg = whisker(&of, Some(0.25), Look::new(0));
        for part in ["x1=\"3.00%\" x2=\"97.00%\"", "cx=\"50.00%\"", "x1=\"26.50%\" x2=\"26.50%\""] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
    }

    #[test]
    fn what_is_undefined_is_not_drawn() {
        for value in [None, Some(f64::NAN), Some(f64::INFINITY)] {
            let svg = whisker(&interval(value, value, value), value, Look::new(0));
            assert!(!svg.contains("circle") && !svg.contains("bar") && !svg.contains("guide"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}
