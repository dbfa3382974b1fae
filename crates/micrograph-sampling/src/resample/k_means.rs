//! Lloyd's k-means, from greedy k-means++.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::neighbors::{Rows, squared_distance};

/// Rounds after which it stops, converged or not; scikit-learn's for mini-batches.
const ROUNDS: usize = 100;

/// The cluster of each of `n` rows: that of the nearest mean, of equally near ones the first.
///
/// A cluster that loses all its rows keeps its mean, and may stay empty.
pub(super) fn k_means(
    x: Rows<'_>,
    n: usize,
    clusters: usize,
    random: &mut ChaCha8Rng,
) -> Vec<usize> {
    let mut means = first_means(x, n, clusters.min(n), random);
    let mut cluster_of = Vec::new();
    for _ in 0..ROUNDS {
        let nearest: Vec<usize> =
            (0..n).into_par_iter().map(|row| nearest_mean(x.row(row), &means)).collect();
        if nearest == cluster_of {
            break;
        }
        cluster_of = nearest;
        move_means(x, &cluster_of, &mut means);
    }
    cluster_of
}

fn nearest_mean(row: &[f64], means: &[Vec<f64>]) -> usize {
    let squares = means.iter().map(|mean| squared_distance(row, mean));
    let nearest = squares.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.map_or(0, |(mean, _)| mean)
}

fn move_means(x: Rows<'_>, cluster_of: &[usize], means: &mut [Vec<f64>]) {
    let mut counts = vec![0_usize; means.len()];
    let mut sums: Vec<Vec<f64>> = means.iter().map(|mean| vec![0.0; mean.len()]).collect();
    for (row, &cluster) in cluster_of.iter().enumerate() {
        counts[cluster] += 1;
        sums[cluster].iter_mut().zip(x.row(row)).for_each(|(sum, value)| *sum += value);
    }
    for ((mean, sum), count) in means.iter_mut().zip(sums).zip(counts) {
        if count > 0 {
            mean.iter_mut().zip(sum).for_each(|(mean, sum)| *mean = sum / count as f64);
        }
    }
}

/// Arthur and Vassilvitskii 2007: each next one is drawn by squared distance to those before, and
/// of `2 + ln clusters` draws the one after which the sum of squares is least is taken.
fn first_means(x: Rows<'_>, n: usize, clusters: usize, random: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let to = |row: usize| -> Vec<f64> {
        (0..n).into_par_iter().map(|other| x.square(row, other)).collect()
    };
    let draws = 2 + (clusters as f64).ln() as usize;
    let first = random.random_range(0..n);
    let mut means = vec![x.row(first).to_vec()];
    let mut squares = to(first);
    while means.len() < clusters {
        let best = (0..draws).map(|_| {
            let row = drawn(&squares, random);
            let closer: Vec<f64> = to(row).iter().zip(&squares).map(|(a, b)| a.min(*b)).collect();
            (row, closer.iter().sum::<f64>(), closer)
        });
        let Some((row, _, closer)) = best.min_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        means.push(x.row(row).to_vec());
        squares = closer;
    }
    means
}

/// A row by its share of `squares`; any where all are 0.
fn drawn(squares: &[f64], random: &mut ChaCha8Rng) -> usize {
    let mut left = random.random::<f64>() * squares.iter().sum::<f64>();
    let last = squares.len() - 1;
    squares
        .iter()
        .position(|square| {
            left -= square;
            left < 0.0
        })
        .unwrap_or(last)
}
