//! Searches that see training parts alone, and their candidates.

use micrograph_classic::{
    Combination, Error, Kernel, Method, Pca, Pipeline, Range, Reduction, Samples, Score, Search,
    Selection, Setting, SvmConfig, grid, random_candidates,
};
use micrograph_sampling::{group_k_fold, stratified_k_fold};
use ndarray::{Array2, array};
use rand::{RngExt as _, SeedableRng as _};

use crate::{clouds, samples};

fn accuracy(candidates: &[Pipeline]) -> Search<'_> {
    Search { candidates, score: Score::Accuracy, seed: 0 }
}

/// Labels that nothing tells: whoever selects on all samples finds features that seem to.
#[test]
fn selections_within_a_search_see_training_parts_alone() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let x = Array2::from_shape_fn((60, 2000), |_| rng.random_range(-1.0..1.0));
    let labels: Vec<u32> = (0..60).map(|sample| sample % 2).collect();
    let samples = Samples::new(x.view(), &labels, 2).unwrap();
    let mut pipeline = Pipeline::by_name("lda").unwrap();
    let selection = Selection::Fisher { count: 10 };
    let folds = stratified_k_fold(&labels, 5, 1).unwrap();
    let score = |pipeline: &Pipeline, samples: &Samples<'_>| {
        let candidates = std::slice::from_ref(pipeline);
        accuracy(candidates).run(samples, &folds).unwrap().mean(0).unwrap()
    };
    let leaking = selection.fit(&samples).unwrap().transform(x.view()).unwrap();
    let leaking = Samples::new(leaking.view(), &labels, 2).unwrap();
    let leaking = score(&pipeline, &leaking);
    assert!(leaking > 0.75, "{leaking}");
    pipeline.reduction = Some(Reduction::Select(selection));
    // Four standard errors of 60 tosses.
    assert!((score(&pipeline, &samples) - 0.5).abs() < 0.26);
}

#[test]
fn nested_searches_choose_within_each_training_part() {
    let data = clouds(120, 4, 2, 3);
    let base = Pipeline::by_name("svm").unwrap();
    // The second is a machine that cannot tell anything.
    let candidates = grid(&base, &[(Setting::Gamma, vec![0.2, 1e6])]).unwrap();
    let groups: Vec<u64> = (0..120).map(|sample| sample / 4).collect();
    let outer = group_k_fold(&groups, 3, 0).unwrap();
    let search = Search { candidates: &candidates, score: Score::default(), seed: 0 };
    let nested = || {
        let samples = samples(&data).with_groups(&groups).unwrap();
        search.nested(&samples, &outer, 2).unwrap()
    };
    let folds = nested();
    assert_eq!(folds.len(), 3);
    assert!(folds.iter().all(|fold| fold.best == 0 && fold.outer > 0.5 && fold.inner > 0.5));
    assert_eq!(folds, nested());
    let error = samples(&data).with_groups(&groups[..9]);
    assert_eq!(error.unwrap_err().to_string(), "groups = 9 groups: expected one for each sample");
}

#[test]
fn candidates_that_cannot_be_fitted_lose() {
    let data = clouds(60, 3, 2, 0);
    let good = Pipeline::by_name("svm").unwrap();
    let mut bad = good.clone();
    bad.method = Method::Svm(SvmConfig { c: -1.0, ..SvmConfig::default() });
    let folds = stratified_k_fold(&data.1, 3, 0).unwrap();
    let run = |candidates: &[Pipeline]| accuracy(candidates).run(&samples(&data), &folds);
    let found = run(&[bad.clone(), good]).unwrap();
    assert_eq!((found.best, found.mean(0)), (1, None));
    let alone = run(&[bad]).unwrap_err().to_string();
    assert_eq!(alone, "c = -1: expected a finite number above 0");
    assert!(run(&[]).unwrap_err().to_string().ends_with("expected at least one pipeline"));
    let other = stratified_k_fold(&data.1[..30], 3, 0).unwrap();
    let lda = [Pipeline::by_name("lda").unwrap()];
    let error = accuracy(&lda).run(&samples(&data), &other);
    assert!(matches!(error, Err(Error::Setting { field: "folds", .. })));
}

#[test]
fn every_setting_is_written_where_it_belongs() {
    for (name, setting, value) in [
        ("svm", Setting::C, 2.0),
        ("svm", Setting::Gamma, 0.5),
        ("nu_svm", Setting::Nu, 0.25),
        ("logistic", Setting::C, 2.0),
        ("neighbors", Setting::Neighbors, 3.0),
        ("wnd", Setting::Fraction, 0.5),
        ("forest", Setting::Trees, 7.0),
        ("forest", Setting::MaxDepth, 4.0),
        ("tree", Setting::MaxDepth, 4.0),
        ("tree", Setting::MinLeaf, 9.0),
    ] {
        let base = Pipeline::by_name(name).unwrap();
        let changed = grid(&base, &[(setting, vec![value])]).unwrap().remove(0);
        let (before, after) = (format!("{base:?}"), format!("{changed:?}"));
        assert_ne!(before, after, "{name}: {setting:?}");
        assert!(after.contains(&value.to_string()), "{after}");
    }
    let mut reduced = Pipeline::by_name("lda").unwrap();
    reduced.reduction = Some(Reduction::Pca(Pca::Count(2)));
    let fewer = grid(&reduced, &[(Setting::Kept, vec![1.0])]).unwrap().remove(0);
    assert_eq!(fewer.reduction, Some(Reduction::Pca(Pca::Count(1))));
    let error = grid(&reduced, &[(Setting::Kept, vec![1.5])]).unwrap_err();
    assert_eq!(error.to_string(), "value = 1.5 for Kept: expected a whole number from 0");
    let mut linear = Pipeline::by_name("svm").unwrap();
    linear.method = Method::Svm(SvmConfig { kernel: Kernel::Linear, ..SvmConfig::default() });
    assert!(grid(&linear, &[(Setting::Gamma, vec![1.0])]).is_err());
}

#[test]
fn random_candidates_follow_from_their_seed_and_stay_in_range() {
    let base = Pipeline::by_name("svm").unwrap();
    let axes = [
        (Setting::C, Range::Logarithmic(1e-2, 1e2)),
        (Setting::Gamma, Range::OneOf(vec![0.1, 1.0])),
    ];
    let draw = |count, seed| random_candidates(&base, &axes, count, seed).unwrap();
    assert_eq!(draw(20, 1)[..5], draw(5, 1)[..]);
    assert_ne!(draw(5, 1), draw(5, 2));
    let prices: Vec<f64> = draw(200, 3)
        .iter()
        .filter_map(|pipeline| match &pipeline.method {
            Method::Svm(config) => Some(config.c),
            _ => None,
        })
        .collect();
    assert!(prices.len() == 200 && prices.iter().all(|c| (1e-2..=1e2).contains(c)));
    let small = prices.iter().filter(|&&c| c < 1.0).count();
    assert!((60..140).contains(&small), "half of them, within six standard errors: {small}");
    for range in [Range::Uniform(1.0, 0.0), Range::Logarithmic(0.0, 1.0), Range::OneOf(vec![])] {
        assert!(random_candidates(&base, &[(Setting::C, range)], 1, 0).is_err());
    }
}

#[test]
fn ensembles_of_unlike_members_are_refused() {
    let (a, b) = (array![[0.5, 0.5]], array![[0.2, 0.3, 0.5]]);
    assert!(Combination::Mean.combine(&[]).is_err());
    let error = Combination::Mean.combine(&[a.view(), b.view()]).unwrap_err();
    assert!(error.to_string().starts_with("ensemble: expected probabilities of the same"));
    for weights in [vec![], vec![1.0], vec![0.0, 0.0], vec![1.0, -1.0], vec![1.0, f64::NAN]] {
        let weighted = Combination::Weighted(weights);
        assert!(weighted.combine(&[a.view(), a.view()]).is_err());
    }
    let nan = array![[f64::NAN, 1.0]];
    assert!(matches!(Combination::Vote.combine(&[nan.view()]), Err(Error::NotFinite { .. })));
}
