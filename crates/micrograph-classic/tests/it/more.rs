//! Against scikit-learn 1.9: what `goldens.rs` does not look at.

use micrograph_classic::{
    Classifier, Combination, Fit, Logistic, Method, NearestCentroid, NuSvmConfig, OneClassConfig,
    Pca, Pipeline, Probability, Samples, Score, Selection, Setting, grid,
};
use micrograph_sampling::Folds;
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, ArrayView2};
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    logistic: Vec<Case<Logistic>>,
    centroid: Case<()>,
    nu_svm: Vec<Case<NuSvmConfig>>,
    one_class: Vec<OneClass>,
    pca: Vec<Case<Pca>>,
    wilks: Case<()>,
    rfe: Case<()>,
    search: Search,
    ensemble: Ensemble,
}

#[derive(Deserialize)]
struct Case<T> {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    probe: Vec<Vec<f64>>,
    config: Option<T>,
    #[serde(default)]
    probabilities: Vec<Vec<f64>>,
    #[serde(default)]
    predicted: Vec<u32>,
    #[serde(default)]
    values: Vec<Vec<f64>>,
    #[serde(default)]
    n_support: usize,
    #[serde(default)]
    shares: Vec<f64>,
    #[serde(default)]
    components: Vec<Vec<f64>>,
    #[serde(default)]
    features: Vec<usize>,
}

#[derive(Deserialize)]
struct OneClass {
    x: Vec<Vec<f64>>,
    probe: Vec<Vec<f64>>,
    config: OneClassConfig,
    values: Vec<f64>,
    n_support: usize,
}

#[derive(Deserialize)]
struct Search {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    test_fold: Vec<usize>,
    scores: Vec<Vec<f64>>,
    best: usize,
}

#[derive(Deserialize)]
struct Ensemble {
    members: Vec<Vec<Vec<f64>>>,
    mean: Vec<Vec<f64>>,
    weighted: Vec<Vec<f64>>,
    vote: Vec<u32>,
}

fn goldens() -> Goldens {
    golden(env!("CARGO_MANIFEST_DIR"), "more.json")
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn samples<'a>(x: &'a Array2<f64>, labels: &'a [u32]) -> Samples<'a> {
    let n_classes = labels.iter().max().map_or(0, |&label| label as usize + 1);
    Samples::new(x.view(), labels, n_classes).unwrap()
}

#[test]
fn logistic_regression_has_scikit_learns_probabilities() {
    for case in goldens().logistic {
        let x = matrix(&case.x);
        let config = Logistic { tolerance: 1e-9, ..case.config.unwrap() };
        let model = config.fit(&samples(&x, &case.labels), 0).unwrap();
        let probabilities = model.probabilities(matrix(&case.probe).view()).unwrap();
        assert_close(probabilities.as_slice().unwrap(), &case.probabilities.concat(), 1e-7, 0.0);
    }
}

#[test]
fn centroids_have_scikit_learns_classes() {
    let case = goldens().centroid;
    let x = matrix(&case.x);
    let model = NearestCentroid.fit(&samples(&x, &case.labels), 0).unwrap();
    let probe = matrix(&case.probe);
    assert_eq!(model.predict(probe.view()).unwrap(), case.predicted);
    let probabilities = model.probabilities(probe.view()).unwrap();
    assert_close(probabilities.as_slice().unwrap(), &case.probabilities.concat(), 1e-12, 1e-10);
}

/// Both stop at a violation of 1e-6, over rows of `f32`, and divide by the margin's width.
#[test]
fn nu_machines_have_scikit_learns_decision_values() {
    for case in goldens().nu_svm {
        let x = matrix(&case.x);
        let config = NuSvmConfig { tolerance: 1e-6, ..case.config.unwrap() };
        let model = config.fit(&samples(&x, &case.labels), 0).unwrap();
        let values = model.decision_values(matrix(&case.probe).view()).unwrap();
        assert_close(values.as_slice().unwrap(), &case.values.concat(), 1e-4, 1e-4);
        assert_eq!(model.n_support(), case.n_support);
    }
}

#[test]
fn one_class_machines_have_scikit_learns_decision_values() {
    for case in goldens().one_class {
        let config = OneClassConfig { tolerance: 1e-6, ..case.config };
        let model = config.fit(matrix(&case.x).view()).unwrap();
        let values = model.decision_values(matrix(&case.probe).view()).unwrap();
        assert_close(&values, &case.values, 2e-5, 2e-5);
        assert_eq!(model.n_support(), case.n_support);
    }
}

#[test]
fn components_are_scikit_learns() {
    for case in goldens().pca {
        let model = case.config.unwrap().fit(matrix(&case.x).view()).unwrap();
        assert_close(model.shares(), &case.shares, 0.0, 1e-12);
        let components = model.components().as_standard_layout().into_owned();
        assert_close(components.as_slice().unwrap(), &case.components.concat(), 1e-11, 0.0);
        let values = model.transform(matrix(&case.probe).view()).unwrap();
        assert_close(values.as_slice().unwrap(), &case.values.concat(), 1e-10, 0.0);
    }
}

#[test]
fn selections_take_the_features_of_their_oracles() {
    let Goldens { wilks, rfe, .. } = goldens();
    let x = matrix(&wilks.x);
    let selection = Selection::Wilks { count: 4 };
    let selected = selection.fit(&samples(&x, &wilks.labels)).unwrap();
    assert_eq!(selected.features(), wilks.features);
    let x = matrix(&rfe.x);
    let class_weights = micrograph_classic::ClassWeights::None;
    let selection = Selection::SvmRfe { count: 3, share: 0.0, c: 1.0, class_weights };
    let selected = selection.fit(&samples(&x, &rfe.labels)).unwrap();
    let mut features = selected.features().to_vec();
    features.sort_unstable();
    assert_eq!(features, rfe.features);
}

#[test]
fn a_search_has_scikit_learns_scores() {
    let case = goldens().search;
    let folds = serde_json::json!({"test_fold": case.test_fold, "n_folds": 3, "warnings": []});
    let folds: Folds = serde_json::from_value(folds).unwrap();
    let mut base = Pipeline::by_name("svm").unwrap();
    if let Method::Svm(config) = &mut base.method {
        // scikit-learn's classes are those of votes.
        config.probability = Probability::None;
    }
    let axes = [(Setting::C, vec![10.0, 100.0, 1000.0]), (Setting::Gamma, vec![0.03, 0.3])];
    let candidates = grid(&base, &axes).unwrap();
    let x = matrix(&case.x);
    let samples = samples(&x, &case.labels);
    let score = Score::BalancedAccuracy;
    let search = micrograph_classic::Search { candidates: &candidates, score, seed: 0 };
    let found = search.run(&samples, &folds).unwrap();
    let scores: Vec<f64> = found.scores.iter().flat_map(|s| s.clone().unwrap()).collect();
    assert_close(&scores, &case.scores.concat(), 1e-12, 0.0);
    assert_eq!(found.best, case.best);
}

#[test]
fn ensembles_are_scikit_learns() {
    let case = goldens().ensemble;
    let members: Vec<Array2<f64>> = case.members.iter().map(|member| matrix(member)).collect();
    let members: Vec<ArrayView2<'_, f64>> = members.iter().map(|member| member.view()).collect();
    let mean = Combination::Mean.combine(&members).unwrap();
    assert_close(mean.as_slice().unwrap(), &case.mean.concat(), 1e-14, 0.0);
    let weighted = Combination::Weighted(vec![3.0, 1.0, 0.5]).combine(&members).unwrap();
    assert_close(weighted.as_slice().unwrap(), &case.weighted.concat(), 1e-14, 0.0);
    let votes = Combination::Vote.combine(&members).unwrap();
    for (row, class) in votes.outer_iter().zip(case.vote) {
        let most = row.iter().copied().fold(0.0, f64::max);
        assert_eq!(row.iter().position(|&share| share == most), Some(class as usize));
    }
}
