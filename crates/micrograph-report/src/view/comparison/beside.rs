//! Our numbers beside published ones of the same classes.

use micrograph_metrics::Counts;

use super::standing::Standing;
use crate::format::{percent, score};

/// Takes one score of a class.
type OfCounts = fn(&Counts) -> Option<f64>;

const SCORES: [(&str, OfCounts); 6] = [
    ("TPR", Counts::tpr),
    ("TNR", Counts::tnr),
    ("PPV", Counts::ppv),
    ("NPV", Counts::npv),
    ("F1", Counts::f1),
    ("F1 (TPR, TNR)", Counts::f1_tpr_tnr),
];

/// The table.
pub(super) struct Beside {
    pub(super) sentence: String,
    pub(super) ours: Vec<String>,
    /// The published classifiers, and where they stand.
    pub(super) theirs: Vec<(String, String)>,
    pub(super) blocks: Vec<Block>,
}

/// The rows of a class, or of all.
pub(super) struct Block {
    pub(super) name: String,
    pub(super) rows: Vec<BesideRow>,
}

/// A score by each classifier.
pub(super) struct BesideRow {
    pub(super) name: &'static str,
    pub(super) ours: Vec<String>,
    pub(super) theirs: Vec<String>,
}

/// The table; `None` where nothing is published of these classes.
pub(super) fn beside(standing: &Standing<'_>) -> Option<Beside> {
    let published = &standing.report.published;
    if published.is_empty() {
        return None;
    }
    let ours: Vec<_> =
        standing.order.iter().map(|&index| &standing.model(index).evaluation.confusion).collect();
    let theirs: Vec<_> = published.iter().map(|published| &published.matrix).collect();
    let names = standing.classes.iter().filter_map(|&class| ours.first()?.classes().get(class));
    let of_class = |name: &String| Block {
        name: name.clone(),
        rows: (SCORES.iter())
            .map(|(label, of)| {
                let cells = |matrices: &[&micrograph_metrics::ConfusionMatrix]| {
                    let cell = |m: &&micrograph_metrics::ConfusionMatrix| {
                        score(m.counts_named(name).and_then(|counts| of(&counts)))
                    };
                    matrices.iter().map(cell).collect()
                };
                BesideRow { name: label, ours: cells(&ours), theirs: cells(&theirs) }
            })
            .collect(),
    };
    let overall = |name, of: fn(&micrograph_metrics::ConfusionMatrix) -> Option<f64>| {
        let cells = |matrices: &[&micrograph_metrics::ConfusionMatrix]| {
            matrices.iter().map(|m| score(of(m))).collect()
        };
        BesideRow { name, ours: cells(&ours), theirs: cells(&theirs) }
    };
    let all = Block {
        name: "All classes".into(),
        rows: vec![
            overall("Balanced accuracy", |matrix| matrix.balanced_accuracy()),
            overall("Accuracy", |matrix| matrix.accuracy()),
            overall("MCC", |matrix| matrix.mcc()),
        ],
    };
    Some(Beside {
        sentence: sentence(standing)?,
        ours: standing.order.iter().map(|&index| standing.name(index).to_owned()).collect(),
        theirs: published.iter().map(|p| (p.name.clone(), p.source.clone())).collect(),
        blocks: names.map(of_class).chain([all]).collect(),
    })
}

/// Who leads there.
fn sentence(standing: &Standing<'_>) -> Option<String> {
    let published = &standing.report.published;
    let balanced = |index: usize| published[index].matrix.balanced_accuracy().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..published.len()).collect();
    order.sort_by(|&a, &b| balanced(b).total_cmp(&balanced(a)));
    let first = *order.first()?;
    let rest: Vec<String> = (order.iter().skip(1))
        .map(|&index| format!("{} {}", published[index].name, percent(balanced(index))))
        .collect();
    let lead = format!("{} {}", published[first].name, percent(balanced(first)));
    let against =
        if rest.is_empty() { String::new() } else { format!(", then {}", rest.join(", ")) };
    Some(format!("By balanced accuracy, what was published stands as: {lead}{against}."))
}
