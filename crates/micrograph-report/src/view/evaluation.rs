//! The section of one evaluation: scores, matrices, a table of the classes, curves.

use micrograph_metrics::{
    ClassEvaluation, ClassIntervals, Counts, EmptyClass, FoldMatrices, Interval, macro_average,
};

use super::matrix::Matrix;
use super::summary::{bounds, level};
use crate::format::{self, UNDEFINED, count, score};
use crate::plot::{Figure, precision_recall, roc};
use crate::{EvaluationSection, ScoreIntervals};

/// What one evaluation shows.
pub(super) struct Section {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) remark: String,
    pub(super) scores: Vec<Score>,
    pub(super) matrices: Vec<Matrix>,
    pub(super) classes: Vec<ClassRow>,
    /// `95 % bootstrap interval from 1,000 resamples of samples`, where there are any.
    pub(super) intervals: String,
    /// Whether an undefined score is shown, so that a footnote must say what the dash means.
    pub(super) has_undefined: bool,
    pub(super) figures: Vec<Figure>,
}

/// A score of all classes together.
pub(super) struct Score {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) bounds: String,
}

/// A row of the table of classes; the last is their mean.
pub(super) struct ClassRow {
    pub(super) name: String,
    pub(super) support: String,
    /// A score and the bounds of its interval, in the order of the table's columns.
    pub(super) cells: Vec<(String, String)>,
    pub(super) is_mean: bool,
}

/// The section of the evaluation at `index`.
pub(super) fn section((index, section): (usize, &EvaluationSection)) -> Section {
    let id = format!("evaluation-{}", index + 1);
    let classes = class_rows(section);
    let scores = scores(section);
    let curves =
        [roc(format!("{id}-roc"), &section.roc), precision_recall(format!("{id}-pr"), &section.pr)];
    Section {
        name: format::capitalized(&section.name),
        remark: section.remark.clone(),
        has_undefined: classes.iter().flat_map(|row| &row.cells).any(|cell| cell.0 == UNDEFINED)
            || scores.iter().any(|score| score.value == UNDEFINED),
        scores,
        matrices: matrices(section),
        classes,
        intervals: section.intervals.as_ref().map_or(String::new(), intervals_in_words),
        figures: curves.into_iter().flatten().collect(),
        id,
    }
}

fn intervals_in_words(intervals: &ScoreIntervals) -> String {
    let resamples = format::plural(intervals.config.resamples, "resample", "resamples");
    let units = match intervals.groups {
        Some(groups) => format!("whole groups ({groups})"),
        None => "samples".to_owned(),
    };
    let level = level(intervals.config.level);
    let head = format!("{level} bootstrap interval from {resamples} of {units}");
    let mean = &intervals.scores.balanced_accuracy;
    match (mean.n_undefined, mean.low) {
        (0, _) => head,
        (_, None) => format!(
            "{head}; none for balanced accuracy, macro F1, AUROC and average precision: too few resamples \
             hold a sample of every class"
        ),
        (without, Some(_)) => format!(
            "{head}; for balanced accuracy, macro F1, AUROC and average precision from the {} that hold a \
             sample of every class",
            count(intervals.config.resamples.saturating_sub(without) as f64)
        ),
    }
}

fn scores(section: &EvaluationSection) -> Vec<Score> {
    let evaluation = &section.evaluation;
    let intervals = section.intervals.as_ref().map(|intervals| &intervals.scores);
    let row = |label, value, interval: Option<&Interval>| Score {
        label,
        value,
        bounds: bounds_of(interval),
    };
    let any = evaluation.confusion.total() > 0.0;
    let always = |value: f64| score(any.then_some(value));
    vec![
        row("Samples", count(evaluation.confusion.total()), None),
        row("Accuracy", always(evaluation.accuracy), intervals.map(|i| &i.accuracy)),
        row(
            "Balanced accuracy",
            always(evaluation.balanced_accuracy),
            intervals.map(|i| &i.balanced_accuracy),
        ),
        row("AUROC", score(evaluation.auroc), intervals.map(|i| &i.auroc)),
        row("Average precision", score(evaluation.auprc), intervals.map(|i| &i.auprc)),
        row("Macro F1", always(evaluation.macro_f1), intervals.map(|i| &i.macro_f1)),
        row("MCC", score(evaluation.mcc), None),
        row("Cohen’s kappa", score(evaluation.kappa), None),
        row("Log loss", always(evaluation.log_loss), None),
        row("Brier score", always(evaluation.brier), None),
    ]
}

fn bounds_of(interval: Option<&Interval>) -> String {
    interval.and_then(bounds).unwrap_or_default()
}

fn matrices(section: &EvaluationSection) -> Vec<Matrix> {
    let confusion = &section.evaluation.confusion;
    let classes = confusion.classes();
    let rows: Vec<Vec<f64>> =
        confusion.cells().rows().into_iter().map(|row| row.to_vec()).collect();
    let mut matrices = vec![
        Matrix::of_counts("Counts", classes, &rows),
        Matrix::of_shares("Share of each true class", classes, &confusion.normalized()),
    ];
    if let Some(folds) = &section.fold_matrices {
        matrices.extend(mean_matrices(folds));
    }
    matrices
}

/// The means over folds, as the LipNet thesis prints them.
fn mean_matrices(folds: &FoldMatrices) -> [Matrix; 2] {
    let classes = folds.classes();
    let n = format::plural(folds.folds().len(), "fold", "folds");
    let rows = folds.mean_normalized();
    let shares: Vec<_> = rows.iter().map(|row| row.shares.clone()).collect();
    let mut normalized = Matrix::of_shares(&format!("Mean share over {n}"), classes, &shares);
    let short: Vec<String> = (classes.iter().zip(&rows))
        .filter(|(_, row)| row.n_undefined > 0)
        .map(|(name, row)| {
            format!(
                "{} in {}",
                format::quoted(name),
                format::plural(row.n_undefined, "fold", "folds")
            )
        })
        .collect();
    if !short.is_empty() {
        normalized.note =
            format!("Without a sample, and left out of the mean: {}.", short.join(", "));
    }
    [Matrix::of_counts(&format!("Mean count over {n}"), classes, &folds.mean_counts()), normalized]
}

fn class_rows(section: &EvaluationSection) -> Vec<ClassRow> {
    let evaluation = &section.evaluation;
    let intervals = section.intervals.as_ref().map(|intervals| &intervals.scores.per_class);
    let row = |class: &ClassEvaluation| {
        let found = intervals.and_then(|all| all.iter().find(|entry| entry.name == class.name));
        class_row(class, found)
    };
    let mut rows: Vec<_> = evaluation.per_class.iter().map(row).collect();
    if rows.len() > 1 {
        rows.push(mean_row(section));
    }
    rows
}

fn class_row(class: &ClassEvaluation, intervals: Option<&ClassIntervals>) -> ClassRow {
    let cell = |value, interval: Option<&Interval>| (score(value), bounds_of(interval));
    ClassRow {
        name: class.name.clone(),
        support: count(class.support),
        cells: vec![
            cell(class.tpr, intervals.map(|i| &i.tpr)),
            cell(class.tnr, intervals.map(|i| &i.tnr)),
            cell(class.ppv, intervals.map(|i| &i.ppv)),
            cell(class.npv, intervals.map(|i| &i.npv)),
            cell(class.f1, intervals.map(|i| &i.f1)),
            cell(class.f1_tpr_tnr, intervals.map(|i| &i.f1_tpr_tnr)),
            cell(class.auroc, None),
        ],
        is_mean: false,
    }
}

fn mean_row(section: &EvaluationSection) -> ClassRow {
    let evaluation = &section.evaluation;
    let mean = |score: fn(&Counts) -> Option<f64>| {
        macro_average(&evaluation.confusion, score, EmptyClass::Undefined).mean
    };
    let means = [
        mean(Counts::tpr),
        mean(Counts::tnr),
        mean(Counts::ppv),
        mean(Counts::npv),
        mean(Counts::f1),
        mean(Counts::f1_tpr_tnr),
        evaluation.auroc,
    ];
    ClassRow {
        name: "Mean of the classes".into(),
        support: count(evaluation.confusion.total()),
        cells: means.into_iter().map(|value| (score(value), String::new())).collect(),
        is_mean: true,
    }
}
