//! Against scikit-learn 1.9.

use micrograph_classic::{
    ClassWeights, Classifier, Fit, Gamma, Kernel, Lda, NearestNeighbors, Probability, Samples,
    Scaling, SvmConfig, TreeConfig, Wnd, fisher_scores,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::Array2;

#[derive(serde::Deserialize)]
struct Goldens {
    scaling: Scalings,
    svm: Vec<Svm>,
    tree: Vec<Tree>,
    calibrated: Vec<Fitted>,
    lda: Vec<Fitted>,
    neighbors: Fitted,
    wnd: Fitted,
    wide_lda: Fitted,
}

#[derive(serde::Deserialize)]
struct Fitted {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    probe: Vec<Vec<f64>>,
    probabilities: Vec<Vec<f64>>,
    #[serde(default)]
    scores: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct Scalings {
    x: Vec<Vec<f64>>,
    standard: [Vec<f64>; 2],
    robust: [Vec<f64>; 2],
}

#[derive(serde::Deserialize)]
struct Svm {
    name: String,
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    config: SvmConfig,
    probe: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
    predicted: Vec<u32>,
    n_support: usize,
}

#[derive(serde::Deserialize)]
struct Tree {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    config: TreeConfig,
    probe: Vec<Vec<f64>>,
    probabilities: Vec<Vec<f64>>,
    importances: Vec<f64>,
    n_leaves: usize,
}

fn goldens() -> Goldens {
    golden(env!("CARGO_MANIFEST_DIR"), "sklearn.json")
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn n_classes(labels: &[u32]) -> usize {
    labels.iter().max().map_or(0, |&label| label as usize + 1)
}

#[test]
fn scalers_have_scikit_learns_centers_and_scales() {
    let Scalings { x, standard, robust } = goldens().scaling;
    for (scaling, [center, scale]) in [(Scaling::Standard, standard), (Scaling::Robust, robust)] {
        let scaler = scaling.fit(matrix(&x).view()).unwrap();
        assert_close(&scaler.center().to_vec(), &center, 0.0, 1e-14);
        assert_close(&scaler.scale().to_vec(), &scale, 0.0, 1e-14);
    }
}

/// Both stop at a violation of 1e-6, and rows of kernels are kept in `f32` by both.
#[test]
fn machines_have_scikit_learns_decision_values() {
    for case in goldens().svm {
        let config = SvmConfig { tolerance: 1e-6, ..case.config };
        let x = matrix(&case.x);
        let samples = Samples::new(x.view(), &case.labels, n_classes(&case.labels)).unwrap();
        let model = config.fit(&samples, 0).unwrap();
        let probe = matrix(&case.probe);
        let values = model.decision_values(probe.view()).unwrap();
        println!("{}", case.name);
        assert_close(values.as_slice().unwrap(), &case.values.concat(), 2e-5, 2e-5);
        assert_eq!(model.predict(probe.view()).unwrap(), case.predicted, "{}", case.name);
        assert_eq!(model.n_support(), case.n_support, "{}", case.name);
    }
}

/// Sigmoids out of fold, and those of fitting where the former would turn the order round, both
/// with balanced weights; as many folds as samples, so that nothing is drawn.
#[test]
fn machines_have_scikit_learns_balanced_probabilities() {
    for case in goldens().calibrated {
        let (x, probe) = (matrix(&case.x), matrix(&case.probe));
        let samples = Samples::new(x.view(), &case.labels, 2).unwrap();
        let config = SvmConfig {
            kernel: Kernel::Rbf { gamma: Gamma::Auto },
            class_weights: ClassWeights::Balanced,
            probability: Probability::platt(case.labels.len()),
            tolerance: 1e-6,
            ..SvmConfig::default()
        };
        let model = config.fit(&samples, 0).unwrap();
        let probabilities = model.probabilities(probe.view()).unwrap();
        let expected = case.probabilities.concat();
        assert_close(probabilities.as_slice().unwrap(), &expected, 1e-4, 0.0);
        let most = |row: &Vec<f64>| u32::from(row[1] > row[0]);
        let expected: Vec<u32> = case.probabilities.iter().map(most).collect();
        assert_eq!(model.predict(probe.view()).unwrap(), expected);
    }
}

#[test]
fn trees_have_scikit_learns_leaves_and_importances() {
    for case in goldens().tree {
        let x = matrix(&case.x);
        let samples = Samples::new(x.view(), &case.labels, n_classes(&case.labels)).unwrap();
        for seed in 0..5 {
            let model = case.config.fit(&samples, seed).unwrap();
            let probabilities = model.probabilities(matrix(&case.probe).view()).unwrap();
            assert_eq!(model.n_leaves(), case.n_leaves);
            let expected = case.probabilities.concat();
            assert_close(probabilities.as_slice().unwrap(), &expected, 1e-14, 1e-12);
            assert_close(model.importances(), &case.importances, 1e-14, 1e-10);
        }
    }
}

#[track_caller]
fn check_probabilities(config: &impl Fit, case: &Fitted) {
    let x = matrix(&case.x);
    let samples = Samples::new(x.view(), &case.labels, n_classes(&case.labels)).unwrap();
    let model = config.fit(&samples, 0).unwrap();
    let probabilities = model.probabilities(matrix(&case.probe).view()).unwrap();
    assert_close(probabilities.as_slice().unwrap(), &case.probabilities.concat(), 1e-10, 1e-10);
}

#[test]
fn discriminants_have_scikit_learns_probabilities() {
    goldens().lda.iter().for_each(|case| check_probabilities(&Lda, case));
    check_probabilities(&Lda, &goldens().wide_lda);
}

#[test]
fn neighbors_have_scikit_learns_shares() {
    check_probabilities(&NearestNeighbors::default(), &goldens().neighbors);
}

#[test]
fn weighted_neighbor_distances_are_those_of_the_formula() {
    let case = goldens().wnd;
    check_probabilities(&Wnd { fraction: 0.5 }, &case);
    let x = matrix(&case.x);
    let samples = Samples::new(x.view(), &case.labels, 3).unwrap();
    assert_close(&fisher_scores(&samples).unwrap(), &case.scores, 0.0, 1e-12);
}
