//! Every two classifiers: the p values of their tests.

use super::standing::{Standing, Versus};
use super::verdict::ALPHA;
use crate::format::{UNDEFINED, count, p_number, score};

/// The p values of one test.
pub(super) struct TestMatrix {
    pub(super) title: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<TestRow>,
}

/// A classifier against each other.
pub(super) struct TestRow {
    pub(super) name: String,
    pub(super) cells: Vec<TestCell>,
}

/// One of two classifiers against the other.
pub(super) struct TestCell {
    pub(super) text: String,
    /// The class of the style sheet: `ahead`, `behind`, `even` or `void`.
    pub(super) style: &'static str,
    /// The sign that says the same without color.
    pub(super) mark: &'static str,
    /// What the p value comes from.
    pub(super) hint: String,
}

/// One matrix a test; none for fewer than two classifiers.
pub(super) fn significance(standing: &Standing<'_>) -> Vec<TestMatrix> {
    let pairs = &standing.report.comparison.pairs;
    let mut matrices = Vec::new();
    if pairs.is_empty() {
        return matrices;
    }
    if pairs.iter().any(|pair| pair.resampled_t.is_some()) {
        matrices.push(TestMatrix {
            title: "Balanced accuracy over the folds",
            caption: "Corrected resampled t test (Nadeau and Bengio 2003).",
            ..matrix(standing, over_folds)
        });
    }
    matrices.push(TestMatrix {
        title: "Samples classified rightly",
        caption: "McNemar’s test: exact for fewer than 25 samples that only one gets right.",
        ..matrix(standing, right_answers)
    });
    matrices
}

fn matrix(standing: &Standing<'_>, cell: fn(&Versus<'_>) -> TestCell) -> TestMatrix {
    let void = || TestCell { text: String::new(), style: "void", mark: "", hint: String::new() };
    let row = |&a: &usize| TestRow {
        name: standing.name(a).to_owned(),
        cells: (standing.order.iter())
            .map(|&b| standing.versus(a, b).filter(|_| a != b).map_or_else(void, |v| cell(&v)))
            .collect(),
    };
    TestMatrix {
        title: "",
        caption: "",
        columns: standing.order.iter().map(|&index| standing.name(index).to_owned()).collect(),
        rows: standing.order.iter().map(row).collect(),
    }
}

fn over_folds(versus: &Versus<'_>) -> TestCell {
    let mean = versus.mean_over_folds();
    let t = versus.pair.resampled_t.and_then(|test| test.statistic);
    let hint = match t {
        Some(t) => format!("mean difference {}, |t| = {:.2}", score(mean), t.abs()),
        None => format!("mean difference {}, the same in every fold", score(mean)),
    };
    cell(versus.pair.resampled_t_holm, mean.unwrap_or(0.0), hint)
}

fn right_answers(versus: &Versus<'_>) -> TestCell {
    let (one, other) = versus.alone();
    let hint = format!("right alone: {} and {}", count(one as f64), count(other as f64));
    cell(versus.pair.mcnemar_holm, one as f64 - other as f64, hint)
}

fn cell(p: Option<f64>, lead: f64, hint: String) -> TestCell {
    let (style, mark) = match p {
        Some(p) if p < ALPHA && lead > 0.0 => ("ahead", "▲"),
        Some(p) if p < ALPHA && lead < 0.0 => ("behind", "▼"),
        _ => ("even", ""),
    };
    TestCell { text: p.map_or(UNDEFINED.into(), p_number), style, mark, hint }
}
