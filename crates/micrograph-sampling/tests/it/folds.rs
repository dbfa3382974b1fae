//! Laws of folds and hold-outs.

use std::collections::BTreeSet;

use micrograph_sampling::{
    Error, Split, Warning, group_hold_out, group_k_fold, stratified_group_hold_out,
    stratified_group_k_fold, stratified_hold_out, stratified_k_fold,
};
use proptest::prelude::*;

fn count(labels: &[u32], part: &[usize], label: u32) -> usize {
    part.iter().filter(|&&sample| labels[sample] == label).count()
}

/// Every sample stands once in an ascending part.
fn check_partition(split: &Split, n: usize) {
    assert!(split.train.is_sorted() && split.test.is_sorted());
    let all: BTreeSet<usize> = split.train.iter().chain(&split.test).copied().collect();
    assert_eq!((all.len(), split.train.len() + split.test.len()), (n, n));
    assert_eq!(all.last(), (n > 0).then(|| n - 1).as_ref());
}

fn check_pure(split: &Split, groups: &[u8]) {
    let of = |part: &[usize]| part.iter().map(|&s| groups[s]).collect::<BTreeSet<_>>();
    assert!(of(&split.train).is_disjoint(&of(&split.test)));
}

/// Labels and groups of the same samples.
fn grouped() -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
    prop::collection::vec((0_u32..4, 0_u8..12), 24..160).prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    #[test]
    fn stratified_folds_differ_by_one_at_most(
        labels in prop::collection::vec(0_u32..5, 10..120), k in 2_usize..8, seed: u64
    ) {
        let folds = stratified_k_fold(&labels, k, seed).unwrap();
        prop_assert_eq!(&folds, &stratified_k_fold(&labels, k, seed).unwrap());
        let splits: Vec<Split> = folds.iter().collect();
        splits.iter().for_each(|split| check_partition(split, labels.len()));
        let spread = |of: &dyn Fn(&Split) -> usize| {
            let sizes: Vec<usize> = splits.iter().map(of).collect();
            sizes.iter().max().unwrap() - sizes.iter().min().unwrap()
        };
        prop_assert!(spread(&|split| split.test.len()) <= 1);
        for label in 0..5 {
            prop_assert!(spread(&|split| count(&labels, &split.test, label)) <= 1);
        }
    }

    #[test]
    fn groups_are_never_divided((labels, groups) in grouped(), k in 2_usize..5, seed: u64) {
        prop_assume!(groups.iter().collect::<BTreeSet<_>>().len() >= k);
        let stratified = stratified_group_k_fold(&labels, &groups, k, seed).unwrap();
        let plain = group_k_fold(&groups, k, seed).unwrap();
        let held = [
            group_hold_out(&groups, 0.3, seed).unwrap().split,
            stratified_group_hold_out(&labels, &groups, 0.3, seed).unwrap().split,
        ];
        for split in stratified.iter().chain(plain.iter()).chain(held.iter().cloned()) {
            check_partition(&split, labels.len());
            check_pure(&split, &groups);
        }
        prop_assert!(plain.iter().all(|split| !split.test.is_empty()));
        prop_assert!(held.iter().all(|split| !split.test.is_empty() && !split.train.is_empty()));
    }

    #[test]
    fn a_hold_out_has_the_shares_of_the_whole(
        labels in prop::collection::vec(0_u32..4, 4..200), fraction in 0.05_f64..0.95, seed: u64
    ) {
        let split = stratified_hold_out(&labels, fraction, seed).unwrap().split;
        check_partition(&split, labels.len());
        for label in 0..4 {
            let all: Vec<usize> = (0..labels.len()).collect();
            let (n, test) = (count(&labels, &all, label), count(&labels, &split.test, label));
            // One for the remainder, one since the whole part is rounded up.
            prop_assert!((test as f64 - fraction * n as f64).abs() <= 2.0);
            prop_assert!(n < 2 || (1..n).contains(&test));
            prop_assert!(n != 1 || test == 0);
        }
    }
}

#[test]
fn many_small_groups_leave_classes_in_proportion() {
    // 60 patients of 1 to 6 images, two thirds of them of class 0.
    let rows: Vec<(u32, u32)> = (0..60_u32)
        .flat_map(|group| (0..1 + group % 6).map(move |_| (u32::from(group % 3 == 2), group)))
        .collect();
    let (labels, groups): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
    let all: Vec<usize> = (0..labels.len()).collect();
    let folds = stratified_group_k_fold(&labels, &groups, 5, 9).unwrap();
    let held = stratified_group_hold_out(&labels, &groups, 0.2, 9).unwrap().split;
    for test in folds.iter().map(|split| split.test).chain([held.test]) {
        for label in 0..2 {
            let exact = 0.2 * count(&labels, &all, label) as f64;
            assert!((count(&labels, &test, label) as f64 - exact).abs() < 4.0);
        }
    }
}

#[test]
fn another_seed_deals_other_folds() {
    let labels: Vec<u32> = (0..60).map(|sample| sample % 3).collect();
    let split = |seed| stratified_k_fold(&labels, 5, seed).unwrap().split(0);
    assert_ne!(split(1), split(2));
    let held = |seed| stratified_hold_out(&labels, 0.2, seed).unwrap().split;
    assert_ne!(held(1), held(2));
    let groups: Vec<u32> = (0..60).map(|sample| sample / 2).collect();
    let held = |seed| group_hold_out(&groups, 0.2, seed).unwrap().split;
    assert_ne!(held(1), held(2));
}

#[test]
fn rare_classes_warn() {
    let labels = [0, 0, 0, 0, 0, 0, 7, 7, 9];
    let rare = |label, count, parts| Warning::RareClass { label, count, parts };
    let folds = stratified_k_fold(&labels, 3, 0).unwrap();
    assert_eq!(folds.warnings, [rare(7, 2, 3), rare(9, 1, 3)]);
    assert_eq!(stratified_hold_out(&labels, 0.3, 0).unwrap().warnings, [rare(9, 1, 2)]);

    let groups = ["a", "a", "a", "b", "b", "c", "a", "a", "b"];
    let folds = stratified_group_k_fold(&labels, &groups, 2, 0).unwrap();
    let of_groups = |label| Warning::RareClassGroups { label, groups: 1, parts: 2 };
    assert_eq!(folds.warnings, [of_groups(7), of_groups(9)]);
    assert!(folds.warnings[0].to_string().starts_with("class 7 comes from 1 groups for 2 parts"));
}

#[test]
fn impossible_divisions_say_the_numbers() {
    assert_eq!(stratified_k_fold(&[0, 1], 1, 0), Err(Error::TooFewFolds { folds: 1 }));
    let error = stratified_k_fold(&[0, 1], 3, 0);
    assert_eq!(error, Err(Error::TooFewSamples { samples: 2, parts: 3 }));
    assert!(stratified_k_fold(&[], 2, 0).is_err());
    let error = group_k_fold(&[1, 1, 1, 2], 3, 0);
    assert_eq!(error, Err(Error::TooFewGroups { groups: 2, parts: 3 }));
    let error = stratified_group_k_fold(&[0, 0, 1], &[1, 2], 2, 0);
    assert_eq!(error, Err(Error::Lengths { labels: 3, groups: 2 }));
    for fraction in [0.0, 1.0, -0.1, f64::NAN] {
        let error = stratified_hold_out(&[0, 1, 0], fraction, 0);
        assert!(matches!(error, Err(Error::Fraction { .. })), "{fraction}");
    }
    assert_eq!(
        group_hold_out(&[4, 4, 4], 0.5, 0),
        Err(Error::TooFewGroups { groups: 1, parts: 2 })
    );
    assert_eq!(
        error_text(stratified_k_fold(&[0; 4], 5, 0)),
        "4 samples for 5 parts: expected at least as many samples; lower the number of folds or add samples"
    );
}

fn error_text<T: std::fmt::Debug>(result: micrograph_sampling::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn one_class_is_divided_like_any_other_data() {
    let folds = stratified_k_fold(&[3; 10], 5, 0).unwrap();
    assert!(folds.iter().all(|split| split.test.len() == 2));
    assert!(folds.warnings.is_empty());
}
