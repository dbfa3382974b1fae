//! The first sentences of the page: who wins, by how much, and whether that is more than chance.

use micrograph_metrics::Interval;

use super::standing::{Standing, Versus, side};
use crate::format::{p_value, percent, plural, points};
use crate::view::summary::{KeyNumber, Summary, key, level, percent_bounds};

/// The level at which a p value counts as a finding.
pub(super) const ALPHA: f64 = 0.05;

/// The headline; `None` without a classifier.
pub(super) fn verdict(standing: &Standing<'_>) -> Option<Summary> {
    let best = standing.best()?;
    let second = standing.order.get(1).copied().filter(|&second| !standing.is_floor(second));
    let mut sentences = vec![winner(standing, best, second)];
    sentences.extend(against_floor(standing, best));
    Some(Summary { numbers: numbers(standing, best, second), sentences })
}

fn balanced(standing: &Standing<'_>, index: usize) -> f64 {
    standing.model(index).evaluation.balanced_accuracy
}

/// Of balanced accuracy.
fn difference(versus: &Versus<'_>) -> Interval {
    versus.difference(|scores| scores.balanced_accuracy)
}

/// `from −1.2 to 3.4 points`.
fn from_to(interval: &Interval) -> Option<String> {
    Some(format!("{} to {}", points(interval.low?), points(interval.high?)))
}

fn winner(standing: &Standing<'_>, best: usize, second: Option<usize>) -> String {
    let (name, score) = (standing.name(best), percent(balanced(standing, best)));
    let Some(second) = second else {
        return format!("{name} reaches a balanced accuracy of {score}.");
    };
    let other = standing.name(second);
    let Some(versus) = standing.versus(best, second) else {
        return format!("{name} is best: its balanced accuracy is {score}, {other} comes next.");
    };
    let interval = difference(&versus);
    let lead = interval.estimate.unwrap_or(0.0);
    let level = level(standing.report.comparison.bootstrap.level);
    let within =
        from_to(&interval).map_or(String::new(), |range| format!(" ({level} interval {range})"));
    let (ahead, chance) = if lead.abs() < 5e-5 {
        (
            format!(
                "{name} and {other} are level: both have a balanced accuracy of {score}{within}"
            ),
            "",
        )
    } else {
        let ahead = format!(
            "{name} is best: its balanced accuracy of {score} is {} points above that of {other}{within}",
            points(lead)
        );
        (ahead, certainty(&versus, &interval))
    };
    format!("{ahead}{chance}{}.", over_folds(&versus))
}

/// What the interval and the test over folds say together.
fn certainty(versus: &Versus<'_>, interval: &Interval) -> &'static str {
    if interval.low.is_none() {
        return ", and nothing says whether that is more than chance";
    }
    let by_folds = versus.pair.resampled_t_holm.is_some_and(|p| p < ALPHA);
    match (side(interval), by_folds) {
        (0, false) => ", which may be chance",
        (0, true) => ", and the two tests disagree whether that is more than chance",
        (_, true) => ", which is more than chance",
        (_, false) if versus.pair.resampled_t_holm.is_some() => {
            ", more than chance for these samples, but not certain to hold when trained anew"
        }
        (_, false) => ", which is more than chance for these samples",
    }
}

fn over_folds(versus: &Versus<'_>) -> String {
    match versus.pair.resampled_t_holm {
        Some(p) => format!(" (over the folds {})", p_value(p)),
        None => String::new(),
    }
}

/// How many stand above the floor beyond chance.
fn against_floor(standing: &Standing<'_>, best: usize) -> Option<String> {
    let floor = standing.floor().filter(|&floor| floor != best)?;
    let models: Vec<usize> =
        standing.order.iter().copied().filter(|&index| !standing.is_floor(index)).collect();
    let above = |&index: &usize| {
        standing.versus(index, floor).is_some_and(|versus| side(&difference(&versus)) > 0)
    };
    let short: Vec<&str> =
        models.iter().filter(|index| !above(index)).map(|&index| standing.name(index)).collect();
    let head = format!(
        "{}, which does not look at the samples, reaches {}",
        standing.name(floor),
        percent(balanced(standing, floor))
    );
    Some(if short.is_empty() {
        let all = if models.len() == 1 { "the classifier is" } else { "every classifier is" };
        format!("{head}; {all} above that by more than chance, by its own interval.")
    } else {
        format!("{head}; not above that by more than chance: {}.", short.join(", "))
    })
}

fn numbers(standing: &Standing<'_>, best: usize, second: Option<usize>) -> Vec<KeyNumber> {
    let of = |label: &str, index: usize| {
        let interval = &standing.model(index).intervals.balanced_accuracy;
        let level = level(standing.report.comparison.bootstrap.level);
        // That of a constant answer is a point.
        let bounds = percent_bounds(interval).filter(|_| !standing.is_floor(index));
        let bounds = bounds.map(|bounds| format!("{level} interval {bounds}"));
        let name = standing.name(index).to_owned();
        key(label, percent(balanced(standing, index)), [Some(name), bounds])
    };
    let mut numbers = vec![of("Best balanced accuracy", best)];
    if let Some(second) = second {
        numbers.push(of("Second", second));
        if let Some(versus) = standing.versus(best, second) {
            let interval = difference(&versus);
            let lead = interval.estimate.map_or(crate::format::UNDEFINED.into(), points);
            let range = from_to(&interval).map(|range| format!("interval {range}"));
            numbers.push(key("Lead, in points", lead, [range, None]));
        }
    }
    if let Some(floor) = standing.floor().filter(|&floor| floor != best) {
        numbers.push(of("Floor", floor));
    }
    let total = standing.model(best).evaluation.confusion.total();
    let folds = standing.model(best).folds.as_ref().map(|folds| folds.folds().len());
    let folds = folds.map(|n| plural(n, "fold, the same for all", "folds, the same for all"));
    numbers.push(key("Samples", crate::format::count(total), [folds, None]));
    numbers
}
