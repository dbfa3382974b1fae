//! The headline: a few numbers, and a plain sentence of what they mean.

use micrograph_metrics::{ClassEvaluation, Interval, Intervals};

use crate::format::{self, capitalized, count, percent, quoted, quoted_list, score};
use crate::{EpochRecord, EvaluationSection, RunReport};

/// The first section of the page.
pub(super) struct Summary {
    pub(super) numbers: Vec<KeyNumber>,
    pub(super) sentences: Vec<String>,
}

/// A number in large type.
pub(super) struct KeyNumber {
    pub(super) label: String,
    pub(super) value: String,
    /// What to hold it against: an interval, chance, a class.
    pub(super) context: Vec<String>,
}

/// From the last evaluation; without one, from the best epoch, or the last.
pub(super) fn summary(report: &RunReport) -> Option<Summary> {
    match report.evaluations.last() {
        Some(section) => Some(of_evaluation(section)),
        None => report
            .history
            .iter()
            .find(|epoch| Some(epoch.epoch) == report.best_epoch)
            .or(report.history.last())
            .map(of_epoch),
    }
}

fn of_evaluation(section: &EvaluationSection) -> Summary {
    let total = section.evaluation.confusion.total();
    if total <= 0.0 {
        let name = capitalized(&section.name);
        let sentence = format!("{name}: there are no samples, so that every score is undefined.");
        return Summary { numbers: Vec::new(), sentences: vec![sentence] };
    }
    Summary { numbers: numbers(section), sentences: sentences(section, total) }
}

fn numbers(section: &EvaluationSection) -> Vec<KeyNumber> {
    let evaluation = &section.evaluation;
    let intervals = section.intervals.as_ref();
    let within = |bounds: fn(&Intervals) -> Option<String>| {
        let bounds = bounds(&intervals?.scores)?;
        Some(format!("{} interval {bounds}", level(intervals?.config.level)))
    };
    let constant = Constant::of(section);
    let against = |score: fn(&Constant<'_>) -> String| {
        constant.as_ref().map(|constant| format!("always the majority: {}", score(constant)))
    };
    let mut numbers = vec![
        key(
            "Accuracy",
            percent(evaluation.accuracy),
            [within(|scores| percent_bounds(&scores.accuracy)), against(|c| percent(c.accuracy))],
        ),
        key(
            "Balanced accuracy",
            percent(evaluation.balanced_accuracy),
            [
                within(|scores| percent_bounds(&scores.balanced_accuracy)),
                against(|c| percent(c.balanced_accuracy)),
            ],
        ),
        key(
            "AUROC",
            score(evaluation.auroc),
            [within(|scores| bounds(&scores.auroc)), Some("by chance: 0.500".into())],
        ),
        key(
            "Macro F1",
            score(Some(evaluation.macro_f1)),
            [within(|scores| bounds(&scores.macro_f1)), against(|c| score(Some(c.macro_f1)))],
        ),
    ];
    if let Some((class, tpr)) = weakest(section) {
        let found = format!("{} of {} found", count(tpr * class.support), count(class.support));
        numbers.push(key("Weakest class", percent(tpr), [Some(quoted(&class.name)), Some(found)]));
    }
    numbers
}

pub(super) fn key(label: &str, value: String, context: [Option<String>; 2]) -> KeyNumber {
    KeyNumber { label: label.into(), value, context: context.into_iter().flatten().collect() }
}

/// `0.931–0.950`, or nothing where the interval is undefined.
pub(super) fn bounds(interval: &Interval) -> Option<String> {
    Some(format!("{}–{}", score(Some(interval.low?)), score(Some(interval.high?))))
}

/// `93.1–95.0 %`, or nothing where the interval is undefined.
pub(super) fn percent_bounds(interval: &Interval) -> Option<String> {
    Some(format!("{:.1}–{}", 100.0 * interval.low?, percent(interval.high?)))
}

/// `95 %`.
pub(super) fn level(level: f64) -> String {
    format!("{}\u{202f}%", (level * 1000.0).round() / 10.0)
}

/// The classifier that always answers with the commonest class: what every other must beat.
struct Constant<'a> {
    class: &'a str,
    accuracy: f64,
    balanced_accuracy: f64,
    macro_f1: f64,
}

impl<'a> Constant<'a> {
    /// Its scores on the same samples; `None` without samples.
    fn of(section: &'a EvaluationSection) -> Option<Self> {
        let occurring = || section.evaluation.per_class.iter().filter(|class| class.support > 0.0);
        let total: f64 = occurring().map(|class| class.support).sum();
        let majority = occurring().max_by(|a, b| a.support.total_cmp(&b.support))?;
        let accuracy = majority.support / total;
        let n_classes = occurring().count() as f64;
        Some(Self {
            class: &majority.name,
            accuracy,
            balanced_accuracy: 1.0 / n_classes,
            // TPR 1 and PPV `accuracy` for the one class, 0 for the others.
            macro_f1: 2.0 * accuracy / (1.0 + accuracy) / n_classes,
        })
    }
}

/// The class of the lowest TPR, and that.
fn weakest(section: &EvaluationSection) -> Option<(&ClassEvaluation, f64)> {
    (section.evaluation.per_class.iter())
        .filter_map(|class| Some((class, class.tpr?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

fn sentences(section: &EvaluationSection, total: f64) -> Vec<String> {
    let evaluation = &section.evaluation;
    let mut sentences = vec![format!(
        "{}: the classifier is right for {} of {} samples, {}.",
        capitalized(&section.name),
        count(evaluation.accuracy * total),
        count(total),
        percent(evaluation.accuracy),
    )];
    if let Some(constant) = Constant::of(section) {
        let better = evaluation.accuracy > constant.accuracy + 1e-12;
        let verdict = if better { "" } else { ", no less than this one" };
        sentences.push(format!(
            "A classifier that always says {} would be right {} of the time{verdict}.",
            quoted(constant.class),
            percent(constant.accuracy),
        ));
    }
    if let Some((class, tpr)) = weakest(section).filter(|(_, tpr)| *tpr < 1.0) {
        sentences.push(weakest_in_words(class, tpr));
    }
    let named = |keep: fn(&ClassEvaluation) -> bool| {
        let classes = evaluation.per_class.iter().filter(|class| keep(class));
        quoted_list(classes.map(|class| class.name.as_str()))
    };
    let absent = named(|class| class.support <= 0.0);
    if !absent.is_empty() {
        sentences.push(format!("No sample is of {absent}: what needs one is undefined there."));
    }
    let never_said = named(|class| class.support > 0.0 && class.ppv.is_none());
    if !never_said.is_empty() {
        sentences.push(format!("The classifier never answers {never_said}."));
    }
    sentences
}

fn weakest_in_words(class: &ClassEvaluation, tpr: f64) -> String {
    let name = quoted(&class.name);
    let found = format!(
        "The weakest class is {name}: {} of {} are found",
        count(tpr * class.support),
        count(class.support),
    );
    match class.ppv {
        Some(ppv) => {
            format!("{found}, and the answer {name} is right {} of the time.", percent(ppv))
        }
        None => format!("{found}."),
    }
}

fn of_epoch(epoch: &EpochRecord) -> Summary {
    let measures = [
        ("Validation AUROC", epoch.validation_auroc.map(|value| score(Some(value)))),
        ("Validation accuracy", epoch.validation_accuracy.map(percent)),
        ("Validation loss", epoch.validation_loss.map(format::quantity)),
        ("Training accuracy", epoch.train_accuracy.map(percent)),
        ("Training loss", Some(format::quantity(epoch.train_loss))),
    ];
    let numbers = measures
        .into_iter()
        .filter_map(|(label, value)| Some(key(label, value?, [None, None])))
        .collect();
    // What is measured of pixels stands in tables.
    let more =
        if epoch.pixels.is_some() { "" } else { " The classifier has not been evaluated further." };
    let sentence = format!("These are of epoch {}.{more}", epoch.epoch);
    Summary { numbers, sentences: vec![sentence] }
}
