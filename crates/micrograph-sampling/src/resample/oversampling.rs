//! SMOTE and its kin that choose where new samples start.

use rand_distr::{Beta, Distribution};

use super::config::{AdasynConfig, BorderlineConfig, RandomConfig, SmoteConfig, SvmSmoteConfig};
use super::draw::{Maker, fill, unit};
use super::labeled::{Labeled, Table};
use super::resampled::Draft;
use crate::{Error, Result};

pub(super) fn random_over(config: &RandomConfig, table: &Table<'_>, seed: u64) -> Result<Draft> {
    fill(table, &config.target, seed, |maker, count| {
        maker.copies(count);
        Ok(())
    })
}

pub(super) fn smote(config: &SmoteConfig, table: &Table<'_>, seed: u64) -> Result<Draft> {
    fill(table, &config.target, seed, |maker, count| {
        maker.smote(config.k, count);
        Ok(())
    })
}

/// Towards which neighbors Borderline-SMOTE goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Borderline {
    OwnClass,
    AnyClass,
}

pub(super) fn borderline(
    config: &BorderlineConfig,
    kind: Borderline,
    table: &Table<'_>,
    seed: u64,
) -> Result<Draft> {
    let all = table.all();
    fill(table, &config.target, seed, |maker, count| {
        let rows = &maker.class.rows;
        let surroundings = surroundings(maker, rows, &all, config.m);
        let is_in_danger = |place: &usize| surroundings[*place] == Surroundings::Mixed;
        let danger: Vec<usize> =
            (0..rows.len()).filter(is_in_danger).map(|place| rows[place]).collect();
        if danger.is_empty() {
            maker.plain_smote(config.k, count);
            return Ok(());
        }
        let own = maker.class.label;
        let points = if kind == Borderline::OwnClass { rows } else { &all };
        let neighbors = maker.nearest(&danger, points, config.k);
        maker.between(&danger, &neighbors, count, |random, to, drawn| {
            if table.labels[to] == own { drawn } else { drawn * 0.5 * unit(random) }
        });
        Ok(())
    })
}

/// Whose samples the neighbors of a sample are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    /// More than half are of its own class.
    Own,
    /// At least half, but not all, are of other classes.
    Mixed,
    /// All are of other classes.
    Foreign,
}

fn surroundings(
    maker: &mut Maker<'_, '_>,
    rows: &[usize],
    all: &[usize],
    m: usize,
) -> Vec<Surroundings> {
    let neighbors = maker.nearest(rows, all, m);
    let (labels, own) = (maker.table.labels, maker.class.label);
    let judge = |place: usize| {
        let foreign = neighbors.rows(place).iter().filter(|&&row| labels[row] != own).count();
        match foreign {
            _ if foreign == neighbors.k => Surroundings::Foreign,
            _ if 2 * foreign >= neighbors.k => Surroundings::Mixed,
            _ => Surroundings::Own,
        }
    };
    (0..rows.len()).map(judge).collect()
}

pub(super) fn svm_smote(
    config: &SvmSmoteConfig,
    table: &Table<'_>,
    samples: &Labeled<'_>,
    seed: u64,
) -> Result<Draft> {
    let machine = samples.support.ok_or(Error::NoMachine)?;
    let support = machine
        .support_vectors(table.x.view(), table.labels, table.n_classes, seed)
        .map_err(|reason| Error::Machine { reason })?;
    let (all, rows) = (table.all(), table.labels.len());
    if let Some(&row) = support.iter().find(|&&row| row >= rows) {
        return Err(Error::Row { row, rows });
    }
    fill(table, &config.target, seed, |maker, count| {
        let (class, own) = (&maker.class.rows, maker.class.label);
        let mut vectors: Vec<usize> =
            support.iter().copied().filter(|&row| table.labels[row] == own).collect();
        vectors.sort_unstable();
        vectors.dedup();
        let surroundings = surroundings(maker, &vectors, &all, config.m);
        let of = |kind| -> Vec<usize> {
            let those = vectors.iter().zip(&surroundings).filter(|(_, found)| **found == kind);
            those.map(|(&row, _)| row).collect()
        };
        let (danger, safe) = (of(Surroundings::Mixed), of(Surroundings::Own));
        if danger.is_empty() && safe.is_empty() {
            maker.plain_smote(config.k, count);
            return Ok(());
        }
        let at_danger = match (danger.is_empty(), safe.is_empty()) {
            (true, _) => 0,
            (_, true) => count,
            _ => share(maker, count).min(count),
        };
        if at_danger > 0 {
            let neighbors = maker.nearest(&danger, class, config.k);
            maker.between(&danger, &neighbors, at_danger, |_, _, drawn| drawn);
        }
        if at_danger < count {
            let neighbors = maker.nearest(&safe, class, config.k);
            let beyond = -config.out_step;
            maker.between(&safe, &neighbors, count - at_danger, |_, _, drawn| beyond * drawn);
        }
        Ok(())
    })
}

/// How many of `count` samples start at vectors in danger.
fn share(maker: &mut Maker<'_, '_>, count: usize) -> usize {
    let drawn = match Beta::new(10.0, 10.0) {
        Ok(beta) => beta.sample(&mut maker.random),
        // The parameters are in range.
        Err(_) => 0.5,
    };
    (drawn * (count as f64 + 1.0)) as usize
}

pub(super) fn adasyn(config: &AdasynConfig, table: &Table<'_>, seed: u64) -> Result<Draft> {
    let all = table.all();
    fill(table, &config.target, seed, |maker, count| {
        let (rows, own) = (&maker.class.rows, maker.class.label);
        let around = maker.nearest(rows, &all, config.k);
        let foreign = |place: usize| {
            around.rows(place).iter().filter(|&&row| table.labels[row] != own).count()
        };
        // Shares and their sum as imbalanced-learn computes them, for the same rounding.
        let hardness: Vec<f64> =
            (0..rows.len()).map(|place| foreign(place) as f64 / around.k as f64).collect();
        let sum: f64 = hardness.iter().sum();
        let counts = hardness.iter().map(|hardness| (hardness / sum) * count as f64);
        let counts: Vec<usize> = counts.map(|n| n.round_ties_even() as usize).collect();
        if counts.iter().all(|&n| n == 0) {
            maker.plain_smote(config.k, count);
            return Ok(());
        }
        let neighbors = maker.nearest(rows, rows, config.k);
        for (place, &n) in counts.iter().enumerate() {
            (0..n).for_each(|_| maker.one(rows[place], neighbors.rows(place), |_, _, drawn| drawn));
        }
        Ok(())
    })
}
