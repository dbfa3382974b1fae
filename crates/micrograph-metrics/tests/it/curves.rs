//! Curves against scikit-learn.

use micrograph_metrics::{Error, auroc, average_precision, pr_curve, roc_curve};
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

use crate::assert_score;

#[derive(Deserialize)]
struct Case {
    name: String,
    positive: Vec<bool>,
    score: Vec<f64>,
    weights: Option<Vec<f64>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    roc_thresholds: Vec<Option<f64>>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    pr_thresholds: Vec<Option<f64>>,
    auroc: f64,
    average_precision: f64,
}

/// Thresholds as numbers: infinity where there is none.
fn levels(thresholds: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    // Not infinity itself, whose difference to itself is NaN.
    thresholds.map(|threshold| threshold.unwrap_or(f64::MAX)).collect()
}

fn check_case(case: &Case) {
    let Case { name, positive, score, expected, .. } = case;
    let weights = case.weights.as_deref();
    let roc = roc_curve(positive, score, weights).unwrap().points;
    let column = |value: fn(&micrograph_metrics::RocPoint) -> f64| -> Vec<f64> {
        roc.iter().map(value).collect()
    };
    assert_close(&column(|point| point.fpr), &expected.fpr, 1e-12, 0.0);
    assert_close(&column(|point| point.tpr), &expected.tpr, 1e-12, 0.0);
    assert_close(
        &levels(roc.iter().map(|point| point.threshold)),
        &levels(expected.roc_thresholds.iter().copied()),
        1e-12,
        0.0,
    );

    let pr = pr_curve(positive, score, weights).unwrap().points;
    let column = |value: fn(&micrograph_metrics::PrPoint) -> f64| -> Vec<f64> {
        pr.iter().map(value).collect()
    };
    assert_close(&column(|point| point.precision), &expected.precision, 1e-12, 0.0);
    assert_close(&column(|point| point.recall), &expected.recall, 1e-12, 0.0);
    assert_close(
        &levels(pr.iter().map(|point| point.threshold)),
        &levels(expected.pr_thresholds.iter().copied()),
        1e-12,
        0.0,
    );

    let area = auroc(positive, score, weights).unwrap();
    assert_score(&format!("{name}: auroc"), area, Some(expected.auroc));
    let area = average_precision(positive, score, weights).unwrap();
    assert_score(&format!("{name}: average precision"), area, Some(expected.average_precision));
}

#[test]
fn curves_are_those_of_scikit_learn() {
    let cases: Vec<Case> = golden(env!("CARGO_MANIFEST_DIR"), "curves.json");
    assert_eq!(cases.len(), 8);
    cases.iter().for_each(check_case);
}

#[test]
fn what_a_curve_needs_and_does_not_get_is_an_error() {
    let score = [0.1, 0.7];
    let one_outcome = |curve, positive, negative| Error::OneOutcome { curve, positive, negative };
    assert_eq!(roc_curve(&[true; 2], &score, None), Err(one_outcome("ROC", 2.0, 0.0)));
    assert_eq!(
        roc_curve(&[true, false], &score, Some(&[0.0, 3.0])),
        Err(one_outcome("ROC", 0.0, 3.0))
    );
    assert_eq!(pr_curve(&[false; 2], &score, None), Err(one_outcome("precision-recall", 0.0, 2.0)));
    let all_positive = pr_curve(&[true; 2], &score, None).unwrap();
    assert!(all_positive.points.iter().all(|point| point.precision == 1.0));
}

#[test]
fn an_area_without_its_samples_is_undefined() {
    let score = [0.1, 0.7];
    assert_eq!(auroc(&[true; 2], &score, None), Ok(None));
    assert_eq!(auroc(&[false; 2], &score, None), Ok(None));
    assert_eq!(average_precision(&[false; 2], &score, None), Ok(None));
    assert_eq!(average_precision(&[true; 2], &score, None), Ok(Some(1.0)));
}

#[test]
fn scores_that_have_no_rank_are_refused() {
    for value in [f64::NAN, f64::INFINITY] {
        let got = auroc(&[true, false], &[0.5, value], None);
        assert!(matches!(got, Err(Error::Score { index: 1, .. })), "{got:?}");
    }
    assert_eq!(auroc(&[], &[], None), Err(Error::NoSamples));
    let got = auroc(&[true], &[0.5, 0.6], None);
    assert_eq!(got, Err(Error::Length { what: "scores", expected: 1, got: 2 }));
}
