//! The page of a comparison.

mod beside;
mod classes;
mod matrices;
mod models;
mod significance;
mod standing;
mod verdict;

use askama::Template;

use self::standing::Standing;
use super::{Entry, data, facts, without_controls};
use crate::format::{count, plural};
use crate::plot::Histogram;
use crate::{ComparisonReport, Result};

/// What the template `comparison.html` is filled in with.
#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    title: &'a str,
    subtitle: &'a str,
    version: &'static str,
    contents: Vec<Entry>,
    summary: Option<super::summary::Summary>,
    notes: &'a [String],
    models: models::Models,
    cost_remark: &'a str,
    best: &'a str,
    /// How the intervals were drawn.
    intervals: String,
    classes: Vec<classes::ClassView>,
    tests: Vec<significance::TestMatrix>,
    /// What must be known of the tests.
    tests_remark: String,
    matrices: Vec<matrices::ModelMatrices>,
    beside: Option<beside::Beside>,
    facts: Vec<facts::Group>,
    balance: Option<data::Balance>,
    sizes: Option<data::Sizes>,
}

/// Renders a comparison as one HTML page that needs nothing else, as [`render`](crate::render)
/// does a run.
///
/// It opens with who is best by balanced accuracy, by how much, and whether that is more than
/// chance: by the paired interval, and by the test over folds where there are any.
///
/// # Errors
/// [`Error::Template`](crate::Error::Template), which no report is known to cause.
///
/// # Example
/// ```
/// use micrograph_metrics::{BootstrapConfig, Contest, compare};
/// use micrograph_report::{ComparisonReport, ModelFacts, Role, render_comparison};
/// use ndarray::array;
///
/// let classes = ["empty", "full"].map(String::from);
/// let svm = array![[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]];
/// let dummy = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]];
/// let contest = Contest {
///     classes: &classes,
///     truth: &[0, 0, 1, 1],
///     groups: None,
///     folds: None,
///     entries: &[("svm", svm.view()), ("dummy", dummy.view())],
/// };
/// let floor = ModelFacts { role: Role::Floor, ..ModelFacts::default() };
/// let report = ComparisonReport {
///     models: vec![ModelFacts::default(), floor],
///     ..ComparisonReport::new("Liposomes", compare(&contest, BootstrapConfig::new(1))?)
/// };
/// let page = render_comparison(&report)?;
/// assert!(page.contains("svm reaches a balanced accuracy of 100.0\u{202f}%."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn render_comparison(report: &ComparisonReport) -> Result<String> {
    let standing = Standing::new(report);
    let mut page = Page {
        title: &report.title,
        subtitle: &report.subtitle,
        version: env!("CARGO_PKG_VERSION"),
        contents: Vec::new(),
        summary: verdict::verdict(&standing),
        notes: &report.notes,
        models: models::models(&standing),
        cost_remark: &report.cost_remark,
        best: standing.best().map_or("", |best| standing.name(best)),
        intervals: intervals_in_words(report),
        classes: classes::classes(&standing),
        tests: significance::significance(&standing),
        tests_remark: tests_in_words(report),
        matrices: matrices::matrices(&standing),
        beside: beside::beside(&standing),
        facts: facts::groups(&report.facts),
        balance: data::balance(&report.class_balance),
        sizes: None,
    };
    page.contents = contents(&page);
    Ok(without_controls(page.render()?))
}

/// The sentences with which the page opens: who is best, by how much, whether that is more than
/// chance, and how the floor fares; nothing of a comparison without a classifier.
#[must_use]
pub fn conclusion(report: &ComparisonReport) -> Vec<String> {
    verdict::verdict(&Standing::new(report)).map_or_else(Vec::new, |summary| summary.sentences)
}

fn intervals_in_words(report: &ComparisonReport) -> String {
    let config = &report.comparison.bootstrap;
    let units = match report.comparison.n_groups {
        Some(groups) => format!("whole groups ({})", count(groups as f64)),
        None => "samples".to_owned(),
    };
    let level = super::summary::level(config.level);
    let resamples = plural(config.resamples, "resample", "resamples");
    format!("{level} bootstrap intervals from {resamples} of {units}, the same for all")
}

fn tests_in_words(report: &ComparisonReport) -> String {
    let pairs = &report.comparison.pairs;
    let of_mcnemar = pairs.iter().filter(|pair| pair.mcnemar_holm.is_some()).count();
    let over_folds = pairs.iter().filter(|pair| pair.resampled_t_holm.is_some()).count();
    let n = |count| plural(count, "pair", "pairs");
    let holm = if of_mcnemar == over_folds || over_folds == 0 {
        format!("All p values are corrected for {} (Holm 1979).", n(of_mcnemar))
    } else {
        format!(
            "p values are corrected for the pairs that have one, {} by McNemar’s test and {} over \
             the folds (Holm 1979).",
            n(of_mcnemar),
            n(over_folds),
        )
    };
    match report.comparison.n_groups {
        Some(_) => format!(
            "{holm} McNemar’s test takes samples to be independent, which those of one group are \
             not: its p values are too small here, and the intervals, drawn by group, say more."
        ),
        None => holm,
    }
}

/// The sections that the page has, in its order.
fn contents(page: &Page<'_>) -> Vec<Entry> {
    let sections = [
        (page.summary.is_some(), "result", "Result"),
        (!page.notes.is_empty(), "notes", "Notes"),
        (!page.models.rows.is_empty(), "models", "Models"),
        (!page.classes.is_empty(), "classes", "Each class"),
        (!page.tests.is_empty(), "tests", "Tests"),
        (!page.matrices.is_empty(), "matrices", "Confusion"),
        (page.beside.is_some(), "published", "Published"),
        (!page.facts.is_empty(), "run", "What was run"),
        (page.balance.is_some(), "data", "Data"),
    ];
    let present = sections.into_iter().filter(|(present, ..)| *present);
    present.map(|(_, anchor, title)| Entry { anchor: anchor.into(), title: title.into() }).collect()
}
