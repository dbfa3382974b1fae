//! Against scikit-learn 1.9.

use micrograph_sampling::{
    ClassWeighting, class_weights, group_k_fold, stratified_group_k_fold, stratified_k_fold,
};
use micrograph_testkit::{assert_close, golden};

#[derive(serde::Deserialize)]
struct Goldens {
    stratified: Vec<Stratified>,
    grouped: Vec<Grouped>,
    weights: Vec<Weights>,
}

#[derive(serde::Deserialize)]
struct Stratified {
    labels: Vec<u32>,
    k: usize,
    fold_class_counts: Vec<Vec<usize>>,
}

#[derive(serde::Deserialize)]
struct Grouped {
    labels: Vec<u32>,
    groups: Vec<u32>,
    k: usize,
    stratified_group_fold: Vec<usize>,
    group_fold_sizes: Vec<usize>,
}

#[derive(serde::Deserialize)]
struct Weights {
    counts: Vec<usize>,
    balanced: Vec<f64>,
}

fn goldens() -> Goldens {
    golden(env!("CARGO_MANIFEST_DIR"), "sklearn.json")
}

#[test]
fn stratified_folds_have_scikit_learns_class_counts() {
    for case in goldens().stratified {
        let folds = stratified_k_fold(&case.labels, case.k, 3).unwrap();
        for (split, expected) in folds.iter().zip(case.fold_class_counts) {
            let mut counts = vec![0; expected.len()];
            split.test.iter().for_each(|&sample| counts[case.labels[sample] as usize] += 1);
            assert_eq!(counts, expected);
        }
    }
}

#[test]
fn stratified_group_folds_are_scikit_learns_whatever_the_seed() {
    for case in goldens().grouped {
        for seed in 0..4 {
            let folds = stratified_group_k_fold(&case.labels, &case.groups, case.k, seed).unwrap();
            let fold_of: Vec<usize> =
                (0..case.labels.len()).map(|sample| folds.test_fold(sample)).collect();
            assert_eq!(fold_of, case.stratified_group_fold, "seed {seed}");
        }
    }
}

#[test]
fn group_folds_have_scikit_learns_sizes() {
    for case in goldens().grouped {
        let folds = group_k_fold(&case.groups, case.k, 5).unwrap();
        let mut sizes: Vec<usize> = folds.iter().map(|split| split.test.len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, case.group_fold_sizes);
    }
}

#[test]
fn balanced_weights_are_scikit_learns() {
    for case in goldens().weights {
        let labels: Vec<u32> =
            (0..).zip(&case.counts).flat_map(|(c, &n)| std::iter::repeat_n(c, n)).collect();
        let weights = class_weights(&labels, case.counts.len(), ClassWeighting::Balanced).unwrap();
        assert_close(&weights, &case.balanced, 0.0, 1e-15);
    }
}
