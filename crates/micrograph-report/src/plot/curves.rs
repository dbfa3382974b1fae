//! ROC and precision-recall curves.

use micrograph_metrics::{PrCurve, RocCurve};

use super::canvas::{Axis, Canvas, WIDTH};
use super::{Figure, LegendEntry, Look, Marks};
use crate::format;

/// Points closer than this, in both directions, cannot be told apart at the size drawn.
const RESOLUTION: f64 = 1.0 / 800.0;

/// A curve to draw: the name of its class, its points in order, and the area under it.
struct Curve<'a> {
    name: &'a str,
    points: Vec<(f64, f64)>,
    area: f64,
}

/// The ROC curves of the classes, each against all others; `None` without a curve.
pub(crate) fn roc(id: String, curves: &[(String, RocCurve)]) -> Option<Figure> {
    let curves = curves.iter().map(|(name, curve)| {
        let points: Vec<_> = curve.points.iter().map(|point| (point.fpr, point.tpr)).collect();
        let area = points.windows(2).map(|p| (p[1].0 - p[0].0) * (p[0].1 + p[1].1) / 2.0).sum();
        Curve { name, points, area }
    });
    let axes = (Axis::unit("false positive rate"), Axis::unit("true positive rate"));
    let mut canvas = Canvas::new(&id, Canvas::square_height(), axes.0, axes.1);
    canvas.guide(&[(0.0, 0.0), (1.0, 1.0)]);
    let legend = draw_all(&mut canvas, "AUROC", curves);
    let areas = spoken(&legend);
    let description = format!(
        "ROC curves of each class against all others. {areas}. The dashed \
         diagonal is chance."
    );
    figure(id, canvas, legend, "ROC curves", description)
}

/// The precision-recall curves of the classes, each against all others; `None` without a curve.
pub(crate) fn precision_recall(id: String, curves: &[(String, PrCurve)]) -> Option<Figure> {
    let curves = curves.iter().map(|(name, curve)| {
        let points: Vec<_> =
            curve.points.iter().map(|point| (point.recall, point.precision)).collect();
        let area = points.windows(2).map(|p| (p[1].0 - p[0].0) * p[1].1).sum();
        Curve { name, points, area }
    });
    let axes = (Axis::unit("recall (TPR)"), Axis::unit("precision (PPV)"));
    let mut canvas = Canvas::new(&id, Canvas::square_height(), axes.0, axes.1);
    let legend = draw_all(&mut canvas, "AP", curves);
    let areas = spoken(&legend);
    let description = format!(
        "Precision against recall of each class against all others. AP is average precision: {areas}."
    );
    figure(id, canvas, legend, "Precision and recall", description)
}

/// Draws the curves and returns their legend; `area` is what the area under them is called.
fn draw_all<'a>(
    canvas: &mut Canvas,
    area: &str,
    curves: impl Iterator<Item = Curve<'a>>,
) -> Vec<LegendEntry> {
    curves
        .enumerate()
        .map(|(index, curve)| {
            let look = Look::new(index);
            canvas.line(&thinned(&curve.points), look);
            let value = format!("{area} {}", format::score(Some(curve.area)));
            LegendEntry { look, name: curve.name.into(), value }
        })
        .collect()
}

fn figure(
    id: String,
    canvas: Canvas,
    legend: Vec<LegendEntry>,
    title: &str,
    description: String,
) -> Option<Figure> {
    if legend.is_empty() {
        return None;
    }
    Some(Figure {
        id,
        title: title.into(),
        description,
        svg: canvas.draw(),
        width: WIDTH,
        height: Canvas::square_height(),
        marks: Marks::Lines,
        legend,
    })
}

fn spoken(legend: &[LegendEntry]) -> String {
    let areas: Vec<_> =
        legend.iter().map(|entry| format!("{} {}", entry.name, entry.value)).collect();
    areas.join(", ")
}

/// The finite points without those that would be drawn on top of the one before; the last stays.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut finite = points.iter().filter(|point| point.0.is_finite() && point.1.is_finite());
    for &point in finite.clone() {
        let far = |last: &(f64, f64)| {
            (point.0 - last.0).abs() >= RESOLUTION || (point.1 - last.1).abs() >= RESOLUTION
        };
        if kept.last().is_none_or(far) {
            kept.push(point);
        }
    }
    if let Some(&last) = finite.next_back().filter(|last| kept.last() != Some(last)) {
        kept.push(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use micrograph_metrics::{auroc, average_precision, pr_curve, roc_curve};

    use super::*;

    const POSITIVE: [bool; 6] = [true, true, false, true, false, false];
    const SCORE: [f64; 6] = [0.9, 0.8, 0.8, 0.6, 0.3, 0.1];

    #[test]
    fn the_areas_are_those_of_the_metrics() {
        let name = "a".to_string();
        let curve = roc_curve(&POSITIVE, &SCORE, None).unwrap();
        let figure = roc("r".into(), &[(name.clone(), curve)]).unwrap();
        let expected = auroc(&POSITIVE, &SCORE, None).unwrap();
        assert_eq!(figure.legend[0].value, format!("AUROC {}", format::score(expected)));
        let curve = pr_curve(&POSITIVE, &SCORE, None).unwrap();
        let figure = precision_recall("p".into(), &[(name, curve)]).unwrap();
        let expected = average_precision(&POSITIVE, &SCORE, None).unwrap();
        assert_eq!(figure.legend[0].value, format!("AP {}", format::score(expected)));
    }

    #[test]
    fn no_curve_is_no_figure() {
        assert_eq!(roc("r".into(), &[]), None);
        assert_eq!(precision_recall("p".into(), &[]), None);
    }

    #[test]
    fn thinning_keeps_the_ends_and_no_more_than_can_be_seen() {
        let n = 50_000;
        let points: Vec<_> = (0..=n).map(|i| f64::from(i) / f64::from(n)).map(|x| (x, x)).collect();
        let kept = thinned(&points);
        assert!(kept.len() <= 802, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), ((0.0, 0.0), (1.0, 1.0)));
        assert_eq!(thinned(&[(f64::NAN, 0.0), (0.0, 0.0)]), [(0.0, 0.0)]);
    }
}
