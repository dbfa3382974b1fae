//! KMeans-SMOTE.

use rayon::prelude::*;

use super::config::KMeansSmoteConfig;
use super::draw::{Maker, fill};
use super::k_means::k_means;
use super::labeled::Table;
use super::resampled::Draft;
use crate::Result;
use crate::random::{Purpose, stream};

/// The samples of a class in a cluster.
struct Members {
    rows: Vec<usize>,
    /// The logarithm of `mean distance^exponent / count`: the power itself may not be finite.
    log_sparsity: f64,
}

pub(super) fn kmeans_smote(
    config: &KMeansSmoteConfig,
    table: &Table<'_>,
    seed: u64,
) -> Result<Draft> {
    let lacking = config.target.lacking(&table.classes, table.n_classes)?;
    // Only shares are taken of it: what is too much is refused below.
    let total: f64 = lacking.iter().map(|&count| count as f64).sum();
    let mut random = stream(Purpose::Clusters, seed, 0, 0);
    let cluster_of = k_means(table.rows(), table.labels.len(), config.clusters, &mut random);
    fill(table, &config.target, seed, |maker, count| {
        let share = count as f64 / total;
        let least = match config.balance_threshold {
            _ if config.clusters == 1 => 0.0,
            Some(threshold) => threshold,
            None => share / 2.0,
        };
        let clusters = clusters(config, maker, &cluster_of, least);
        if clusters.is_empty() {
            maker.plain_smote(config.k, count);
            return Ok(());
        }
        for (Members { rows, .. }, weight) in clusters.iter().zip(weights(&clusters)) {
            let neighbors = maker.nearest(rows, rows, config.k);
            let count = (count as f64 * weight).ceil() as usize;
            maker.between(rows, &neighbors, count, |_, _, drawn| drawn);
        }
        Ok(())
    })
}

/// Shares by sparsity; the same for all where no cluster has two unequal samples.
fn weights(clusters: &[Members]) -> Vec<f64> {
    let logs = clusters.iter().map(|cluster| cluster.log_sparsity);
    let greatest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if greatest == f64::NEG_INFINITY {
        return vec![1.0 / clusters.len() as f64; clusters.len()];
    }
    let relative: Vec<f64> = logs.map(|log| (log - greatest).exp()).collect();
    let sum: f64 = relative.iter().sum();
    relative.iter().map(|relative| relative / sum).collect()
}

/// The clusters with more than `k` samples of the class, a share of at least `least`.
fn clusters(
    config: &KMeansSmoteConfig,
    maker: &Maker<'_, '_>,
    cluster_of: &[usize],
    least: f64,
) -> Vec<Members> {
    let clusters = cluster_of.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0_usize; clusters];
    cluster_of.iter().for_each(|&cluster| sizes[cluster] += 1);
    let mut members = vec![Vec::new(); clusters];
    maker.class.rows.iter().for_each(|&row| members[cluster_of[row]].push(row));
    let is_valid = |(rows, size): &(Vec<usize>, usize)| {
        rows.len() > config.k && rows.len() as f64 / *size as f64 >= least
    };
    let sparse = |(rows, _): (Vec<usize>, usize)| {
        let n = rows.len() as f64;
        let usual = 0.16 * (n.ln() / 1.6_f64.ln()).powf(1.8);
        let exponent = config.density_exponent.unwrap_or(usual);
        let power = exponent * mean_distance(maker.table, &rows).ln();
        // Zero to the power of zero is one.
        let log_sparsity = if exponent == 0.0 { 0.0 } else { power } - n.ln();
        Members { rows, log_sparsity }
    };
    members.into_iter().zip(sizes).filter(is_valid).map(sparse).collect()
}

/// Over all pairs of `rows`, of which there are at least two.
fn mean_distance(table: &Table<'_>, rows: &[usize]) -> f64 {
    let x = table.rows();
    let from = |place: usize| -> f64 {
        rows[place + 1..].iter().map(|&other| x.square(rows[place], other).sqrt()).sum()
    };
    let sums: Vec<f64> = (0..rows.len()).into_par_iter().map(from).collect();
    let pairs = rows.len() as f64 * (rows.len() as f64 - 1.0) / 2.0;
    sums.iter().sum::<f64>() / pairs
}
