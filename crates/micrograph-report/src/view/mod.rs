//! The page: what each section shows, as text ready for the template.

mod comparison;
mod data;
mod evaluation;
mod facts;
mod matrix;
mod sheet;
mod summary;
mod table;
mod training;

use askama::Template;

pub use self::comparison::{conclusion, render_comparison};

use crate::plot::Histogram;
use crate::{Result, RunReport};

/// What the template `page.html` is filled in with.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: &'a str,
    subtitle: &'a str,
    version: &'static str,
    contents: Vec<Entry>,
    summary: Option<summary::Summary>,
    facts: Vec<facts::Group>,
    balance: Option<data::Balance>,
    sizes: Option<data::Sizes>,
    training: Option<training::Training>,
    evaluations: Vec<evaluation::Section>,
    sheets: Vec<sheet::Sheet>,
    tables: Vec<table::TableView>,
    notes: &'a [String],
}

/// A line of the table of contents.
struct Entry {
    anchor: String,
    title: String,
}

/// Renders a report as one HTML page that needs nothing else: no script, no network, no other
/// file.
///
/// Equal reports give equal text. Text of the report is escaped, and a control character in it
/// becomes U+FFFD; a number that is undefined or
/// not finite is shown as an en dash.
///
/// # Errors
/// [`Error::TileShape`](crate::Error::TileShape) for a picture that is neither gray nor RGB or
/// has no pixels.
///
/// # Example
/// ```
/// use micrograph_report::{Fact, FactGroup, RunReport, render};
///
/// let run = FactGroup { title: "Run".into(), facts: vec![Fact::new("Seed", 17)] };
/// let report = RunReport {
///     title: "LipNet-4 on <liposomes>".into(),
///     facts: vec![run],
///     ..RunReport::default()
/// };
/// let page = render(&report)?;
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("<h1>LipNet-4 on &#60;liposomes&#62;</h1>"));
/// # Ok::<(), micrograph_report::Error>(())
/// ```
pub fn render(report: &RunReport) -> Result<String> {
    let mut page = Page {
        title: &report.title,
        subtitle: &report.subtitle,
        version: env!("CARGO_PKG_VERSION"),
        contents: Vec::new(),
        summary: summary::summary(report),
        facts: facts::groups(&report.facts),
        balance: data::balance(&report.class_balance),
        sizes: data::sizes(report),
        training: training::training(report),
        evaluations: report.evaluations.iter().enumerate().map(evaluation::section).collect(),
        sheets: report.sheets.iter().map(sheet::sheet).collect::<Result<_>>()?,
        tables: report.tables.iter().map(table::view).collect(),
        notes: &report.notes,
    };
    page.contents = contents(&page);
    Ok(without_controls(page.render()?))
}

/// Characters that neither HTML nor XML allows, as a damaged file name may hold, become U+FFFD.
fn without_controls(page: String) -> String {
    let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let legal = |c: char| allowed(c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    if page.chars().all(legal) { page } else { page.replace(|c| !legal(c), "\u{fffd}") }
}

/// The sections that the page has, in its order.
fn contents(page: &Page<'_>) -> Vec<Entry> {
    let fixed = |present: bool, anchor: &str, title: &str| {
        present.then(|| Entry { anchor: anchor.into(), title: title.into() })
    };
    let evaluations = page
        .evaluations
        .iter()
        .map(|section| Entry { anchor: section.id.clone(), title: section.name.clone() });
    fixed(page.summary.is_some(), "result", "Result")
        .into_iter()
        .chain(fixed(!page.notes.is_empty(), "notes", "Notes"))
        .chain(fixed(!page.facts.is_empty(), "run", "What was run"))
        .chain(evaluations)
        .chain(fixed(!page.tables.is_empty(), "tables", "Tables"))
        .chain(fixed(page.training.is_some(), "training", "Training"))
        .chain(fixed(page.balance.is_some() || page.sizes.is_some(), "data", "Data"))
        .chain(fixed(!page.sheets.is_empty(), "pictures", "Pictures"))
        .collect()
}
