//! The section of the data: how many samples of each class, and how large they are.

use std::collections::BTreeMap;

use crate::format::{UNDEFINED, capitalized, count, plural, quoted, share};
use crate::plot::{Figure, Histogram, Look, scatter};
use crate::{ClassBalance, RunReport, SizeUnit};

/// The samples of each class.
pub(super) struct Balance {
    pub(super) sentence: String,
    pub(super) parts: Vec<String>,
    pub(super) rows: Vec<BalanceRow>,
}

/// A class and its samples.
pub(super) struct BalanceRow {
    pub(super) name: String,
    pub(super) look: Look,
    /// The length of the bar, in percent of that of the commonest class; none without a sample.
    pub(super) bar: Option<String>,
    pub(super) share: String,
    pub(super) total: String,
    /// In the order of the parts.
    pub(super) counts: Vec<String>,
}

/// The sizes of the objects.
pub(super) struct Sizes {
    pub(super) sentence: String,
    /// The scatter plot; not where all objects are of one size.
    pub(super) figure: Option<Figure>,
    pub(super) rows: Vec<SizeRow>,
    pub(super) unit: &'static str,
    /// The smallest, the middle and the largest size of the small histograms.
    pub(super) ticks: Vec<String>,
}

/// The sizes of a class.
pub(super) struct SizeRow {
    pub(super) name: String,
    pub(super) look: Look,
    pub(super) count: String,
    pub(super) median: String,
    /// From the 5th to the 95th percentile.
    pub(super) range: String,
    /// The bars of its histogram, as an SVG path.
    pub(super) bars: String,
}

/// The balance of the classes; `None` without a class.
pub(super) fn balance(classes: &[ClassBalance]) -> Option<Balance> {
    let totals: Vec<usize> =
        classes.iter().map(|class| class.counts.iter().map(|(_, n)| n).sum()).collect();
    let all: usize = totals.iter().sum();
    let most = *totals.iter().max()?;
    let in_part = |class: &ClassBalance, part: &String| -> usize {
        class.counts.iter().filter(|(name, _)| name == part).map(|(_, n)| n).sum()
    };
    let mut parts: Vec<String> = Vec::new();
    for (part, _) in classes.iter().flat_map(|class| &class.counts) {
        let held = classes.iter().any(|class| in_part(class, part) > 0);
        if held && !parts.contains(part) {
            parts.push(part.clone());
        }
    }
    let rows = classes.iter().zip(&totals).enumerate().map(|(index, (class, &total))| BalanceRow {
        name: class.name.clone(),
        look: Look::new(index),
        bar: (total > 0).then(|| format!("{:.2}", 100.0 * total as f64 / most as f64)),
        share: if all == 0 { UNDEFINED.into() } else { share(total as f64 / all as f64) },
        total: count(total as f64),
        counts: parts.iter().map(|part| count(in_part(class, part) as f64)).collect(),
    });
    Some(Balance {
        sentence: balance_in_words(classes, &totals),
        rows: rows.collect(),
        parts: parts.iter().map(|part| capitalized(part)).collect(),
    })
}

fn balance_in_words(classes: &[ClassBalance], totals: &[usize]) -> String {
    let all = totals.iter().sum::<usize>();
    let head = format!(
        "{} in {}.",
        plural(all, "sample", "samples"),
        plural(classes.len(), "class", "classes")
    );
    let pairs = || classes.iter().zip(totals).filter(|(_, n)| **n > 0);
    let (Some(most), Some(least)) = (pairs().max_by_key(|p| p.1), pairs().min_by_key(|p| p.1))
    else {
        return head;
    };
    let ratio = *most.1 as f64 / *least.1 as f64;
    if ratio < 1.5 {
        return head;
    }
    let ratio = if ratio < 10.0 { format!("{ratio:.1}") } else { count(ratio.round()) };
    format!(
        "{head} {} is {ratio} times as common as {}.",
        quoted(&most.0.name),
        quoted(&least.0.name)
    )
}

/// The sizes of the objects; `None` without a usable one.
pub(super) fn sizes(report: &RunReport) -> Option<Sizes> {
    let name_of = |class: u32| match report.class_balance.get(class as usize) {
        Some(balance) => balance.name.clone(),
        None => format!("class {class}"),
    };
    let unit = match report.size_unit {
        SizeUnit::Pixels => "px",
        SizeUnit::Nanometers => "nm",
    };
    let usable = || report.sizes.iter().filter(|size| size.is_usable());
    let first = usable().next()?;
    if usable().all(|size| (size.height, size.width) == (first.height, first.width)) {
        let n = plural(usable().count(), "object is", "objects are");
        let (width, height) = (count(first.width), count(first.height));
        return Some(Sizes {
            sentence: format!("All {n} {width} × {height}\u{a0}{unit}."),
            figure: None,
            rows: Vec::new(),
            unit,
            ticks: Vec::new(),
        });
    }
    let plot = scatter(&report.sizes, report.size_unit, name_of)?;
    let mut classes: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for size in usable() {
        classes.entry(size.class).or_default().push((size.height * size.width).sqrt());
    }
    let bins = Histogram::over(classes.values().flatten().copied());
    let ticks = bins.map_or(Vec::new(), |bins| bins.ticks().map(|t| count(t.round())).to_vec());
    let rows =
        classes.into_iter().map(|(class, sizes)| size_row(class, name_of(class), sizes, bins));
    Some(Sizes {
        sentence: shown_in_words(plot.shown, plot.total),
        figure: Some(plot.figure),
        rows: rows.collect(),
        unit,
        ticks,
    })
}

fn shown_in_words(shown: usize, total: usize) -> String {
    if shown == total {
        return String::new();
    }
    format!(
        "The plot shows {} of {} objects: rare classes whole, common ones evenly thinned.",
        count(shown as f64),
        count(total as f64)
    )
}

fn size_row(class: u32, name: String, mut sizes: Vec<f64>, bins: Option<Histogram>) -> SizeRow {
    sizes.sort_by(f64::total_cmp);
    let text = |fraction: f64| {
        // The nearest rank: an observed size.
        let rank = (fraction * sizes.len() as f64).ceil() as usize;
        let quantile = sizes.get(rank.saturating_sub(1).min(sizes.len().saturating_sub(1)));
        quantile.map_or(UNDEFINED.into(), |size| count(size.round()))
    };
    SizeRow {
        name,
        look: Look::new(class as usize),
        count: count(sizes.len() as f64),
        median: text(0.5),
        range: format!("{}–{}", text(0.05), text(0.95)),
        bars: bins.map_or(String::new(), |bins| bins.path(&sizes)),
    }
}
