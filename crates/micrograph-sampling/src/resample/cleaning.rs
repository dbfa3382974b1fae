//! Which samples cleaning and undersampling keep.

use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::config::{Agreement, EnnConfig, NearMissConfig, RandomConfig, TomekConfig};
use super::labeled::{Class, Table};
use super::neighbors::nearest;
use super::resampled::{Draft, ResampleWarning};
use super::target::smallest;
use crate::Result;
use crate::random::{Purpose, stream};

/// What stays of a table, row by row.
struct Kept {
    rows: Vec<bool>,
    warnings: Vec<ResampleWarning>,
}

impl Kept {
    fn all(table: &Table<'_>) -> Self {
        Self { rows: vec![true; table.labels.len()], warnings: Vec::new() }
    }

    /// Of `class` only `rows`.
    fn only(&mut self, class: &Class, rows: &[usize]) {
        class.rows.iter().for_each(|&row| self.rows[row] = false);
        rows.iter().for_each(|&row| self.rows[row] = true);
    }

    /// The draft, with a warning for each class that was cleaned away.
    fn cleaned(mut self, table: &Table<'_>) -> Draft {
        for class in &table.classes {
            if !class.rows.iter().any(|&row| self.rows[row]) {
                let (label, count) = (class.label, class.rows.len());
                self.warnings.push(ResampleWarning::ClassRemoved { label, count });
            }
        }
        self.draft(table)
    }

    fn draft(self, table: &Table<'_>) -> Draft {
        let draft = Draft::of(table.labels, |row| self.rows[row]);
        Draft { warnings: self.warnings, ..draft }
    }
}

pub(super) fn random_under(config: &RandomConfig, table: &Table<'_>, seed: u64) -> Result<Draft> {
    let counts = config.target.kept(&table.classes, table.n_classes)?;
    let mut kept = Kept::all(table);
    for (class, count) in table.classes.iter().zip(counts) {
        let mut rows = class.rows.clone();
        rows.shuffle(&mut stream(Purpose::Resample, seed, 0, u64::from(class.label)));
        kept.only(class, &rows[..count]);
    }
    Ok(kept.draft(table))
}

pub(super) fn tomek(config: &TomekConfig, table: &Table<'_>) -> Draft {
    let all = table.all();
    let neighbors = nearest(table.rows(), &all, &all, 1);
    let mut kept = Kept::all(table);
    for (class, is_cleaned) in table.classes.iter().zip(config.classes.of(&table.classes)) {
        for &row in class.rows.iter().filter(|_| is_cleaned) {
            let linked = neighbors
                .rows(row)
                .iter()
                .any(|&other| table.labels[other] != class.label && neighbors.rows(other) == [row]);
            kept.rows[row] = !linked;
        }
    }
    kept.cleaned(table)
}

pub(super) fn edited(config: &EnnConfig, table: &Table<'_>) -> Result<Draft> {
    let all = table.all();
    let is_cleaned = config.classes.of(&table.classes);
    let cleaned = || table.classes.iter().zip(&is_cleaned).filter(|(_, cleaned)| **cleaned);
    let mut queries: Vec<usize> = cleaned().flat_map(|(class, _)| class.rows.clone()).collect();
    queries.sort_unstable();
    let neighbors = nearest(table.rows(), &queries, &all, config.k);
    let mut kept = Kept::all(table);
    for (place, &row) in queries.iter().enumerate() {
        let labels: Vec<u32> = neighbors.rows(place).iter().map(|&n| table.labels[n]).collect();
        kept.rows[row] = agree(config.agreement, table.labels[row], &labels);
    }
    if neighbors.k < config.k {
        let few = |(class, _): (&Class, &bool)| ResampleWarning::FewNeighbors {
            label: class.label,
            asked: config.k,
            taken: neighbors.k,
        };
        kept.warnings.extend(cleaned().map(few));
    }
    Ok(kept.cleaned(table))
}

/// Whether `neighbors` agree with a sample of class `own`; none of them cannot disagree.
fn agree(agreement: Agreement, own: u32, neighbors: &[u32]) -> bool {
    let count = |label: u32| neighbors.iter().filter(|&&other| other == label).count();
    match agreement {
        Agreement::All => neighbors.iter().all(|&label| label == own),
        Agreement::Mode => neighbors.iter().all(|&label| {
            label == own || count(label) < count(own) || (count(label) == count(own) && own < label)
        }),
    }
}

/// Which samples NearMiss keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NearMiss {
    ByNearest,
    ByFarthest,
    FarthestOfNear,
}

pub(super) fn near_miss(
    config: &NearMissConfig,
    version: NearMiss,
    table: &Table<'_>,
) -> Result<Draft> {
    let counts = config.target.kept(&table.classes, table.n_classes)?;
    let mut kept = Kept::all(table);
    let Some(minority) = smallest(&table.classes).map(|class| &table.classes[class]) else {
        return Ok(kept.draft(table));
    };
    for (class, count) in table.classes.iter().zip(counts) {
        if class.label == minority.label || count == class.rows.len() {
            continue;
        }
        let mut candidates = class.rows.clone();
        if version == NearMiss::FarthestOfNear {
            let near = nearest(table.rows(), &minority.rows, &class.rows, config.k_first);
            candidates = (0..minority.rows.len()).flat_map(|p| near.rows(p).to_vec()).collect();
            candidates.sort_unstable();
            candidates.dedup();
        }
        let far = distances(config.k, version, table, &candidates, &minority.rows);
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|&a, &b| match version {
            NearMiss::FarthestOfNear => far[b].total_cmp(&far[a]),
            _ => far[a].total_cmp(&far[b]),
        });
        let rows: Vec<usize> = order.iter().take(count).map(|&place| candidates[place]).collect();
        if rows.len() < count {
            let (label, kept_rows) = (class.label, rows.len());
            kept.warnings.push(ResampleWarning::FewerKept { label, asked: count, kept: kept_rows });
        }
        kept.only(class, &rows);
    }
    if minority.rows.len() < config.k {
        kept.warnings.push(ResampleWarning::FewNeighbors {
            label: minority.label,
            asked: config.k,
            taken: minority.rows.len(),
        });
    }
    Ok(kept.draft(table))
}

/// The sum of the distances of each candidate to its `k` nearest or farthest of `minority`.
fn distances(
    k: usize,
    version: NearMiss,
    table: &Table<'_>,
    candidates: &[usize],
    minority: &[usize],
) -> Vec<f64> {
    let x = table.rows();
    if version == NearMiss::ByFarthest {
        let farthest = |&row: &usize| {
            let mut squares: Vec<f64> =
                minority.iter().map(|&other| x.square(row, other)).collect();
            squares.sort_unstable_by(f64::total_cmp);
            squares[squares.len().saturating_sub(k)..].iter().map(|square| square.sqrt()).sum()
        };
        return candidates.par_iter().map(farthest).collect();
    }
    let neighbors = nearest(x, candidates, minority, k);
    let sum = |place| neighbors.squares(place).iter().map(|square| square.sqrt()).sum();
    (0..candidates.len()).map(sum).collect()
}
