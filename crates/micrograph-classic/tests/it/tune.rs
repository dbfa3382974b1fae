//! Tuning in one call.

use std::collections::BTreeMap;

use micrograph_classic::{
    Candidates, Error, Fit, Kernel, Method, Pca, Pipeline, Range, Reduction, Samples, Setting,
    SvmConfig, Tuned, Tuning, grid,
};
use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};

use crate::{clouds, samples};

fn quick(candidates: Candidates) -> Tuning {
    Tuning { candidates, inner_folds: 2, outer_folds: 2, ..Tuning::default() }
}

#[test]
fn every_pipeline_has_a_grid_that_can_be_tuned() {
    let data = clouds(60, 4, 2, 1);
    for name in Pipeline::NAMES {
        let mut base = Pipeline::by_name(name).unwrap();
        if let Method::Forest(config) = &mut base.method {
            config.trees = 5;
        }
        let tuned = base.tuned(&samples(&data), &quick(Candidates::Default), 3).unwrap();
        let sizes = base.default_grid(4).values().map(Vec::len).product::<usize>();
        assert_eq!(tuned.tried.len(), sizes, "{name}");
        assert!(tuned.tried.iter().all(|tried| tried.score.is_some()), "{name}");
        assert_eq!(tuned.nested.len(), 2, "{name}");
        let best = &tuned.tried[tuned.best];
        let highest = tuned.tried.iter().filter_map(|tried| tried.score).fold(0.0, f64::max);
        assert_eq!(best.score, Some(highest), "{name}");
        let axes: Vec<_> = best.values.iter().map(|(&s, &value)| (s, vec![value])).collect();
        assert_eq!(tuned.pipeline, grid(&base, &axes).unwrap()[0], "{name}");
        tuned.pipeline.fit(&samples(&data), 0).unwrap();
    }
}

/// Labels that nothing tells: the best of many candidates looks better than a toss, and the nested
/// cross-validation says that it is none.
#[test]
fn the_worth_is_not_that_of_the_best() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let x = Array2::from_shape_fn((40, 3), |_| rng.random_range(-1.0..1.0));
    let labels: Vec<u32> = (0..40).map(|sample| sample % 2).collect();
    let groups: Vec<u64> = (0..40).map(|sample| sample / 4).collect();
    let noise = Samples::new(x.view(), &labels, 2).unwrap().with_groups(&groups).unwrap();
    let ranges = BTreeMap::from([
        (Setting::MaxDepth, Range::Whole(1, 12)),
        (Setting::MinLeaf, Range::Whole(1, 8)),
    ]);
    let random = Candidates::Random { count: 30, ranges };
    let tree = Pipeline::by_name("tree").unwrap();
    let (mut best, mut worth) = (0.0, 0.0);
    for seed in 0..10 {
        let tuned = tree.tuned(&noise, &quick(random.clone()), seed).unwrap();
        best += tuned.tried[tuned.best].score.unwrap() / 10.0;
        worth += tuned.worth().unwrap() / 10.0;
    }
    assert!(best > worth + 0.05 && worth < 0.6, "{best} {worth}");
}

#[test]
fn settings_and_results_can_be_written_and_read() {
    let data = clouds(40, 4, 2, 1);
    let axes = BTreeMap::from([(Setting::C, vec![-1.0, 1.0, 10.0])]);
    let tuning = quick(Candidates::Grid(axes));
    let text = serde_json::to_value(&tuning).unwrap();
    let expected = serde_json::json!({
        "candidates": {"grid": {"c": [-1.0, 1.0, 10.0]}}, "score": "balanced_accuracy",
        "inner_folds": 2, "outer_folds": 2,
    });
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_value::<Tuning>(text).unwrap(), tuning);
    assert_eq!(serde_json::from_str::<Tuning>("{}").unwrap(), Tuning::default());

    let svm = Pipeline::by_name("svm").unwrap();
    let tune = || svm.tuned(&samples(&data), &tuning, 0).unwrap();
    let tuned = tune();
    assert_eq!(tuned, tune());
    assert_eq!(tuned.tried[0].error.as_deref(), Some("c = -1: expected a finite number above 0"));
    let text = serde_json::to_string(&tuned).unwrap();
    assert_eq!(serde_json::from_str::<Tuned>(&text).unwrap(), tuned);
    let alone = Tuning { outer_folds: 0, ..tuning };
    let alone = svm.tuned(&samples(&data), &alone, 0).unwrap();
    assert_eq!((alone.worth(), &alone.tried), (None, &tuned.tried));
}

#[test]
fn a_search_asks_before_each_fit_and_stops_when_told_to() {
    let data = clouds(40, 4, 2, 1);
    let neighbors = Pipeline::by_name("neighbors").unwrap();
    let tuning = quick(Candidates::Default);
    let mut asked = 0;
    let mut search = |fits: usize| {
        asked = 0;
        let mut go_on = || {
            asked += 1;
            asked <= fits
        };
        let tuned = neighbors.tuned_watched(&samples(&data), &tuning, 0, &mut go_on);
        (tuned, asked)
    };
    let (tuned, asked) = search(usize::MAX);
    assert_eq!(tuned, neighbors.tuned(&samples(&data), &tuning, 0));
    assert_eq!(asked, tuning.fits(6));
    // In the first search, and in one within an outer fold.
    for fits in [0, 5, 12, 17] {
        assert_eq!(search(fits), (Err(Error::Stopped), fits + 1));
    }
}

#[test]
fn few_groups_have_fewer_folds() {
    let data = clouds(40, 4, 2, 1);
    let groups: Vec<u64> = (0..40).map(|sample| sample / 10).collect();
    let lda = Pipeline::by_name("lda").unwrap();
    let grouped = samples(&data).with_groups(&groups).unwrap();
    let tuned = lda.tuned(&grouped, &Tuning::default(), 0).unwrap();
    assert_eq!(tuned.nested.len(), 4);
    let one = samples(&data).with_groups(&[7; 40]).unwrap();
    let error = lda.tuned(&one, &Tuning::default(), 0);
    assert!(matches!(error, Err(Error::Folds(_))));
}

#[test]
fn grids_know_what_the_machine_sees() {
    let mut svm = Pipeline::by_name("svm").unwrap();
    assert_eq!(svm.default_grid(16)[&Setting::Gamma][2], 1.0 / 16.0);
    svm.reduction = Some(Reduction::Pca(Pca::Count(4)));
    assert_eq!(svm.default_grid(16)[&Setting::Gamma][2], 1.0 / 4.0);
    svm.reduction = Some(Reduction::Pca(Pca::Count(0)));
    assert_eq!(svm.default_grid(0)[&Setting::Gamma][2], 1.0);
    svm.method = Method::Svm(SvmConfig { kernel: Kernel::Linear, ..SvmConfig::default() });
    assert_eq!(svm.default_grid(16).len(), 1);
}

#[test]
fn what_cannot_be_tuned_is_told() {
    let data = clouds(40, 4, 2, 1);
    let lda = Pipeline::by_name("lda").unwrap();
    let refuse = |tuning: &Tuning| lda.tuned(&samples(&data), tuning, 0).unwrap_err().to_string();
    let good = Tuning::default();
    let cases = [
        (Tuning { inner_folds: 1, ..good.clone() }, "inner_folds = 1: expected at least 2"),
        (Tuning { outer_folds: 1, ..good }, "outer_folds = 1: expected 0, or 2 or more"),
        (
            quick(Candidates::Random { count: usize::MAX, ranges: BTreeMap::new() }),
            "candidates = 18446744073709551615: expected at most 10000",
        ),
        (
            quick(Candidates::Grid(BTreeMap::from([(Setting::C, vec![])]))),
            "candidates = none: expected at least one pipeline",
        ),
        (
            quick(Candidates::Grid(BTreeMap::from([(Setting::C, vec![1.0])]))),
            "setting = C: expected a setting that this pipeline has",
        ),
    ];
    for (tuning, expected) in cases {
        assert_eq!(refuse(&tuning), expected);
    }
    let error = samples(&data).with_groups(&[1, 2]).unwrap_err().to_string();
    assert_eq!(error, "groups = 2 groups: expected one for each sample");
}
