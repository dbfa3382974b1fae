//! The curves of a training.

use super::canvas::{Axis, Canvas, WIDTH};
use super::{Figure, LegendEntry, Look, Marks};
use crate::EpochRecord;
use crate::format;

const HEIGHT: f64 = 290.0;

/// Above this many epochs, dots on the lines would hide them.
const MOST_DOTS: usize = 24;

/// One measure of a figure: what the legend calls it, and its value after an epoch.
type Measure = (&'static str, fn(&EpochRecord) -> Option<f64>);

struct Plan {
    id: &'static str,
    title: &'static str,
    axis: fn(&'static str, f64, f64) -> Axis,
    measures: &'static [Measure],
    /// Where the lowest tick may not be above.
    floor: Option<f64>,
}

const PLANS: [Plan; 9] = [
    Plan {
        id: "history-loss",
        title: "Loss",
        axis: Axis::around,
        measures: &[
            ("training", |epoch| Some(epoch.train_loss)),
            ("validation", |epoch| epoch.validation_loss),
        ],
        floor: Some(0.0),
    },
    Plan {
        id: "history-accuracy",
        title: "Accuracy",
        axis: Axis::fraction,
        measures: &[
            ("training", |epoch| epoch.train_accuracy),
            ("validation", |epoch| epoch.validation_accuracy),
        ],
        floor: None,
    },
    Plan {
        id: "history-auroc",
        title: "AUROC",
        axis: Axis::fraction,
        measures: &[("training", |_| None), ("validation", |epoch| epoch.validation_auroc)],
        floor: None,
    },
    Plan {
        id: "history-precision",
        title: "Precision and recall",
        axis: Axis::fraction,
        measures: &[
            ("precision", |epoch| epoch.pixels?.precision),
            ("recall", |epoch| epoch.pixels?.recall),
        ],
        floor: None,
    },
    Plan {
        id: "history-white",
        title: "White-pixel accuracy",
        axis: Axis::fraction,
        measures: &[("training", |_| None), ("validation", |e| e.pixels?.white_pixel_accuracy)],
        floor: None,
    },
    Plan {
        id: "history-false-white",
        title: "False white",
        axis: Axis::around,
        measures: &[("training", |_| None), ("validation", |epoch| epoch.pixels?.false_white)],
        floor: Some(0.0),
    },
    Plan {
        id: "history-f1",
        title: "F1",
        axis: Axis::fraction,
        measures: &[("training", |_| None), ("validation", |epoch| epoch.pixels?.f1)],
        floor: None,
    },
    Plan {
        id: "history-error",
        title: "Error rate",
        axis: Axis::around,
        measures: &[("training", |_| None), ("validation", |epoch| epoch.pixels?.error_rate)],
        floor: Some(0.0),
    },
    Plan {
        id: "history-rate",
        title: "Learning rate",
        axis: Axis::rate,
        measures: &[("learning rate", |epoch| Some(epoch.learning_rate))],
        floor: Some(0.0),
    },
];

/// A figure for each measure and the learning rate that has something to show: a
/// measure that was taken, and a learning rate that changed.
pub(crate) fn history(epochs: &[EpochRecord], best: Option<usize>) -> Vec<Figure> {
    PLANS.iter().filter_map(|plan| figure(plan, epochs, best)).collect()
}

fn figure(plan: &Plan, epochs: &[EpochRecord], best: Option<usize>) -> Option<Figure> {
    let runs: Vec<Vec<Vec<(f64, f64)>>> =
        plan.measures.iter().map(|&(_, measure)| finite_runs(epochs, measure)).collect();
    let values: Vec<f64> = runs.iter().flatten().flatten().map(|&(_, value)| value).collect();
    let (low, high) = extent(&values)?;
    if plan.id == "history-rate" && low == high {
        return None;
    }
    let low = plan.floor.map_or(low, |floor| floor.min(low));
    let last = epochs.iter().map(|epoch| epoch.epoch).max().unwrap_or(1) as u64;
    let x = Axis::counting("epoch", last);
    let mut canvas = Canvas::new(plan.id, HEIGHT, x, (plan.axis)("", low, high));
    if let Some(best) = best.filter(|_| epochs.len() > 1) {
        canvas.vertical(best as f64);
    }
    let mut legend = Vec::new();
    for (index, (run, &(name, _))) in runs.iter().zip(plan.measures).enumerate() {
        for points in run {
            canvas.line(points, Look::new(index));
            if epochs.len() <= MOST_DOTS {
                canvas.dots(points, Look::new(index));
            }
        }
        if let Some(&(_, value)) = run.iter().flatten().next_back() {
            legend.push(LegendEntry {
                look: Look::new(index),
                name: name.into(),
                value: format!("{} at the end", format::quantity(value)),
            });
        }
    }
    Some(Figure {
        id: plan.id.into(),
        title: plan.title.into(),
        description: describe(plan, &legend, epochs.len(), best),
        svg: canvas.draw(),
        width: WIDTH,
        height: HEIGHT,
        marks: Marks::Lines,
        legend,
    })
}

/// The finite values of a measure as unbroken stretches, so that no line is drawn over a gap.
fn finite_runs(
    epochs: &[EpochRecord],
    measure: fn(&EpochRecord) -> Option<f64>,
) -> Vec<Vec<(f64, f64)>> {
    let value = |epoch: &EpochRecord| measure(epoch).filter(|value| value.is_finite());
    epochs
        .chunk_by(|a, b| value(a).is_some() == value(b).is_some())
        .map(|run| run.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?))))
        .map(Iterator::collect::<Vec<_>>)
        .filter(|run| !run.is_empty())
        .collect()
}

fn extent(values: &[f64]) -> Option<(f64, f64)> {
    let low = values.iter().copied().min_by(f64::total_cmp)?;
    let high = values.iter().copied().max_by(f64::total_cmp)?;
    Some((low, high))
}

fn describe(plan: &Plan, legend: &[LegendEntry], n: usize, best: Option<usize>) -> String {
    let ends: Vec<String> =
        legend.iter().map(|entry| format!("{}: {}", entry.name, entry.value)).collect();
    let marked = best.map_or(String::new(), |best| format!(" Epoch {best}, the best, is marked."));
    let epochs = format::plural(n, "epoch", "epochs");
    format!("{} over {epochs}; {}.{marked}", plan.title, ends.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(losses: &[f64]) -> Vec<EpochRecord> {
        let record = |(index, &train_loss)| EpochRecord {
            epoch: index + 1,
            train_loss,
            learning_rate: 1e-3,
            ..EpochRecord::default()
        };
        losses.iter().enumerate().map(record).collect()
    }

    #[test]
    fn a_loss_that_was_nan_leaves_a_gap() {
        let runs = finite_runs(&epochs(&[0.9, f64::NAN, 0.5, 0.4]), |epoch| Some(epoch.train_loss));
        assert_eq!(runs, [vec![(1.0, 0.9)], vec![(3.0, 0.5), (4.0, 0.4)]]);
    }

    #[test]
    fn only_what_was_measured_and_changed_is_drawn() {
        let titles = |epochs: &[EpochRecord]| -> Vec<String> {
            history(epochs, None).into_iter().map(|figure| figure.title).collect()
        };
        assert_eq!(titles(&epochs(&[0.9])), ["Loss"]);
        assert!(titles(&epochs(&[f64::NAN, f64::INFINITY])).is_empty());
        let mut decaying = epochs(&[0.9, 0.5]);
        decaying[1].learning_rate = 5e-4;
        decaying[1].validation_auroc = Some(0.9);
        assert_eq!(titles(&decaying), ["Loss", "AUROC", "Learning rate"]);
    }
}
