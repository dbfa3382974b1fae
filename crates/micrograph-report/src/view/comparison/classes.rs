//! Each class against all others, by each classifier (LipNet thesis, Figure 22).

use micrograph_metrics::{ClassIntervals, Interval, Intervals};

use super::models::Dotted;
use super::standing::{Standing, side};
use crate::format::{count, score, share};

/// Takes the interval of one score of a class.
type ClassScore = fn(&ClassIntervals) -> &Interval;

/// The scores of the figure, in its order.
const SCORES: [(&str, &str, ClassScore); 5] = [
    ("TPR", "true positive rate: sensitivity, recall", |of| &of.tpr),
    ("TNR", "true negative rate: specificity", |of| &of.tnr),
    ("PPV", "positive predictive value: precision", |of| &of.ppv),
    ("NPV", "negative predictive value", |of| &of.npv),
    ("F1", "harmonic mean of PPV and TPR", |of| &of.f1),
];

/// One class.
pub(super) struct ClassView {
    pub(super) name: String,
    pub(super) support: String,
    pub(super) heads: Vec<(&'static str, &'static str)>,
    pub(super) rows: Vec<ClassRow>,
}

/// What one classifier makes of it.
pub(super) struct ClassRow {
    pub(super) name: String,
    pub(super) color: String,
    pub(super) is_floor: bool,
    pub(super) cells: Vec<Dotted>,
}

pub(super) fn classes(standing: &Standing<'_>) -> Vec<ClassView> {
    let Some(best) = standing.best() else { return Vec::new() };
    standing.classes.iter().filter_map(|&class| view(standing, class, best)).collect()
}

fn view(standing: &Standing<'_>, class: usize, best: usize) -> Option<ClassView> {
    let evaluation = &standing.model(best).evaluation;
    let shown = evaluation.per_class.get(class)?;
    let total = evaluation.confusion.total();
    let row = |&index: &usize| {
        let of_class = standing.model(index).intervals.per_class.get(class);
        let cells = SCORES.iter().filter_map(|(_, _, of)| {
            let plain = Dotted::new(of(of_class?), None, Standing::look(index));
            Some(match difference(standing, (index, best), class, *of) {
                Some((small, style)) => Dotted { small, style, ..plain },
                None => plain,
            })
        });
        ClassRow {
            name: standing.name(index).to_owned(),
            color: Standing::look(index).color(),
            is_floor: standing.is_floor(index),
            cells: cells.collect(),
        }
    };
    let part =
        if total > 0.0 { format!(", {}", share(shown.support / total)) } else { String::new() };
    Some(ClassView {
        name: shown.name.clone(),
        support: format!("{} samples{part}", count(shown.support)),
        heads: SCORES.iter().map(|(name, meaning, _)| (*name, *meaning)).collect(),
        rows: standing.order.iter().map(row).collect(),
    })
}

/// The paired difference from the best, `−0.021 (−0.034 to −0.009)`, and how it is marked; `None`
/// for the best itself.
fn difference(
    standing: &Standing<'_>,
    (index, best): (usize, usize),
    class: usize,
    of: ClassScore,
) -> Option<(String, &'static str)> {
    let versus = standing.versus(index, best)?;
    let undefined = Interval { estimate: None, low: None, high: None, n_undefined: 0 };
    let interval =
        versus.difference(|all: &Intervals| all.per_class.get(class).map_or(undefined, |c| *of(c)));
    let plus = |value: f64| match score(Some(value)) {
        text if text.ends_with("0.000") => "0.000".to_owned(),
        text if value > 0.0 => format!("+{text}"),
        text => text,
    };
    let Some(estimate) = interval.estimate else { return Some((String::new(), "")) };
    let range = match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!(" ({} to {})", plus(low), plus(high)),
        _ => String::new(),
    };
    let style = ["below", "", "above"][(side(&interval) + 1) as usize];
    Some((format!("{}{range}", plus(estimate)), style))
}
