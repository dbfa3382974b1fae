//! Scores of class probabilities against scikit-learn.

use micrograph_metrics::{KappaWeights, Scored, evaluate};
use micrograph_testkit::{assert_close, golden};
use ndarray::Array2;
use serde::Deserialize;

use crate::{assert_score, names};

#[derive(Deserialize)]
struct Case {
    name: String,
    classes: usize,
    truth: Vec<u32>,
    probabilities: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    confusion: Vec<Vec<f64>>,
    accuracy: f64,
    balanced_accuracy: f64,
    auroc: Option<f64>,
    auprc: Option<f64>,
    log_loss: f64,
    brier: f64,
    mcc: Option<f64>,
    kappa: Option<f64>,
    kappa_linear: Option<f64>,
    kappa_quadratic: Option<f64>,
    macro_f1: f64,
    per_class: Vec<ExpectedClass>,
}

#[derive(Deserialize)]
struct ExpectedClass {
    support: f64,
    tpr: Option<f64>,
    tnr: Option<f64>,
    ppv: Option<f64>,
    npv: Option<f64>,
    f1: Option<f64>,
    f1_tpr_tnr: Option<f64>,
    auroc: Option<f64>,
}

fn check_case(case: &Case) {
    let Case { name, expected, .. } = case;
    let classes = names(case.classes);
    let shape = (case.truth.len(), case.classes);
    let probabilities = Array2::from_shape_vec(shape, case.probabilities.concat()).unwrap();
    let scored = Scored {
        weights: case.weights.as_deref(),
        ..Scored::new(&classes, &case.truth, probabilities.view())
    };
    let got = evaluate(&scored).unwrap_or_else(|error| panic!("{name}: {error}"));

    let cells: Vec<f64> = got.confusion.cells().iter().copied().collect();
    assert_close(&cells, &expected.confusion.concat(), 1e-9, 0.0);
    let (linear, quadratic) = (KappaWeights::Linear, KappaWeights::Quadratic);
    let phi = if case.classes == 2 { expected.mcc } else { None };
    let scores = [
        ("accuracy", Some(got.accuracy), Some(expected.accuracy)),
        ("balanced_accuracy", Some(got.balanced_accuracy), Some(expected.balanced_accuracy)),
        ("auroc", got.auroc, expected.auroc),
        ("auprc", got.auprc, expected.auprc),
        ("log_loss", Some(got.log_loss), Some(expected.log_loss)),
        ("brier", Some(got.brier), Some(expected.brier)),
        ("mcc", got.mcc, expected.mcc),
        ("phi", got.confusion.phi(), phi),
        ("kappa", got.kappa, expected.kappa),
        ("linear kappa", got.confusion.weighted_kappa(linear), expected.kappa_linear),
        ("quadratic kappa", got.confusion.weighted_kappa(quadratic), expected.kappa_quadratic),
        ("macro_f1", Some(got.macro_f1), Some(expected.macro_f1)),
    ];
    for (score, got, expected) in scores {
        assert_score(&format!("{name}: {score}"), got, expected);
    }
    assert_eq!(got.per_class.len(), expected.per_class.len());
    for (got, expected) in got.per_class.iter().zip(&expected.per_class) {
        let scores = [
            ("support", Some(got.support), Some(expected.support)),
            ("tpr", got.tpr, expected.tpr),
            ("tnr", got.tnr, expected.tnr),
            ("ppv", got.ppv, expected.ppv),
            ("npv", got.npv, expected.npv),
            ("f1", got.f1, expected.f1),
            ("f1_tpr_tnr", got.f1_tpr_tnr, expected.f1_tpr_tnr),
            ("auroc", got.auroc, expected.auroc),
        ];
        for (score, value, expected) in scores {
            assert_score(&format!("{name}, class {}: {score}", got.name), value, expected);
        }
    }
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let cases: Vec<Case> = golden(env!("CARGO_MANIFEST_DIR"), "classification.json");
    assert_eq!(cases.len(), 11);
    cases.iter().for_each(check_case);
}
