//! The table of the classifiers: scores with their intervals, time and memory.

use micrograph_metrics::Interval;

use super::standing::{Score, Standing};
use crate::format::{UNDEFINED, bytes, duration, score};
use crate::plot::{Look, whisker};
use crate::view::summary::bounds;

/// The scores of the table.
const SCORES: [(&str, Score); 4] = [
    ("Balanced accuracy", |scores| &scores.balanced_accuracy),
    ("Macro F1", |scores| &scores.macro_f1),
    ("AUROC", |scores| &scores.auroc),
    ("Accuracy", |scores| &scores.accuracy),
];

/// The table.
pub(super) struct Models {
    pub(super) scores: Vec<&'static str>,
    pub(super) rows: Vec<ModelRow>,
    /// Whether any time or memory is known.
    pub(super) has_costs: bool,
    pub(super) has_floor: bool,
}

/// A classifier.
pub(super) struct ModelRow {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) color: String,
    pub(super) is_floor: bool,
    pub(super) scores: Vec<Dotted>,
    /// Training, prediction, memory.
    pub(super) costs: [String; 3],
}

/// A number with a line of small print and a drawing below it.
pub(super) struct Dotted {
    pub(super) value: String,
    pub(super) small: String,
    /// The class of the small print.
    pub(super) style: &'static str,
    pub(super) drawing: String,
}

impl Dotted {
    pub(super) fn new(interval: &Interval, guide: Option<f64>, look: Look) -> Self {
        Self {
            value: score(interval.estimate),
            small: bounds(interval).unwrap_or_default(),
            style: "",
            drawing: whisker(interval, guide, look),
        }
    }
}

pub(super) fn models(standing: &Standing<'_>) -> Models {
    let floor = standing.floor();
    let row = |&index: &usize| {
        let facts = standing.facts(index);
        let dotted = |(_, of): &(&str, Score)| {
            let guide = floor.and_then(|floor| of(&standing.model(floor).intervals).estimate);
            Dotted::new(of(&standing.model(index).intervals), guide, Standing::look(index))
        };
        let seconds = |seconds: Option<f64>| seconds.map_or(UNDEFINED.into(), duration);
        ModelRow {
            name: standing.name(index).to_owned(),
            is_floor: standing.is_floor(index),
            color: Standing::look(index).color(),
            scores: SCORES.iter().map(dotted).collect(),
            costs: [
                seconds(facts.train_seconds),
                seconds(facts.predict_seconds),
                facts.peak_bytes.map_or(UNDEFINED.into(), bytes),
            ],
            description: facts.description,
        }
    };
    let rows: Vec<ModelRow> = standing.order.iter().map(row).collect();
    Models {
        scores: SCORES.iter().map(|(name, _)| *name).collect(),
        has_costs: rows.iter().flat_map(|row| &row.costs).any(|cost| cost != UNDEFINED),
        has_floor: floor.is_some(),
        rows,
    }
}
