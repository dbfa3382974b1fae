//! Input that does not fit is a typed error that names the first offender.

use micrograph_metrics::{
    BootstrapConfig, ConfusionMatrix, Error, Scored, bootstrap, brier, evaluate, intervals,
    log_loss,
};
use ndarray::{Array2, array};

use crate::names;

/// Checks that every entry point refuses these two-class samples with the same error.
#[track_caller]
fn check(truth: &[u32], probabilities: &Array2<f64>, weights: Option<&[f64]>, expected: &Error) {
    let classes = names(2);
    let scored = Scored { weights, ..Scored::new(&classes, truth, probabilities.view()) };
    let results = [
        evaluate(&scored).map(drop),
        intervals(&scored, BootstrapConfig::new(0)).map(drop),
        log_loss(truth, probabilities.view(), weights).map(drop),
        brier(truth, probabilities.view(), weights).map(drop),
    ];
    for result in results {
        // By their texts, since a NaN within does not equal itself.
        assert_eq!(result.unwrap_err().to_string(), expected.to_string());
    }
}

#[test]
fn samples_that_do_not_fit() {
    let good = array![[0.2, 0.8], [0.6, 0.4]];
    check(&[], &Array2::zeros((0, 2)), None, &Error::NoSamples);
    let what = "rows of probabilities";
    check(&[0, 1, 1], &good, None, &Error::Length { what, expected: 3, got: 2 });
    let label = Error::Label { what: "true", index: 1, label: 2, n_classes: 2 };
    check(&[0, 2], &good, None, &label);
}

#[test]
fn probabilities_that_are_none() {
    for value in [f64::NAN, f64::INFINITY, -0.2] {
        let probabilities = array![[0.2, 0.8], [1.0, value]];
        let expected = Error::Probability { row: 1, column: 1, value };
        check(&[0, 1], &probabilities, None, &expected);
    }
    let logits = array![[0.2, 0.8], [2.0, 1.5]];
    check(&[0, 1], &logits, None, &Error::RowSum { row: 1, sum: 3.5 });
    let rounded = array![[0.3333, 0.6666], [0.5, 0.5]];
    let classes = names(2);
    assert!(evaluate(&Scored::new(&classes, &[0, 1], rounded.view())).is_ok());
}

#[test]
fn weights_that_are_none() {
    let good = array![[0.2, 0.8], [0.6, 0.4]];
    let length = Error::Length { what: "weights", expected: 2, got: 1 };
    check(&[0, 1], &good, Some(&[1.0]), &length);
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        check(&[0, 1], &good, Some(&[value, 1.0]), &Error::Weight { index: 0, value });
    }
    check(&[0, 1], &good, Some(&[0.0, 0.0]), &Error::WeightSum { sum: 0.0 });
    let sum = f64::INFINITY;
    check(&[0, 1], &good, Some(&[f64::MAX, f64::MAX]), &Error::WeightSum { sum });
}

#[test]
fn classes_that_do_not_fit() {
    let three = array![[0.2, 0.3, 0.5]];
    let evaluate = |classes: &[String]| evaluate(&Scored::new(classes, &[0], three.view()));
    assert_eq!(evaluate(&names(2)), Err(Error::Columns { expected: 2, got: 3 }));
    assert_eq!(evaluate(&[]), Err(Error::NoClasses));
    let twice = ["a", "b", "a"].map(String::from);
    assert_eq!(evaluate(&twice), Err(Error::DuplicateClass { name: "a".into() }));
}

#[test]
fn one_class_alone_is_undefined_but_no_error() {
    let classes = names(1);
    let evaluation =
        evaluate(&Scored::new(&classes, &[0, 0], array![[1.0], [1.0]].view())).unwrap();
    assert_eq!((evaluation.accuracy, evaluation.auroc, evaluation.mcc), (1.0, None, None));
    assert_eq!((evaluation.per_class[0].tpr, evaluation.per_class[0].tnr), (Some(1.0), None));
}

#[test]
fn matrices_that_are_none() {
    let rows = |rows: &[&[f64]]| {
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
        ConfusionMatrix::from_rows(names(2), &rows).unwrap_err()
    };
    let not_square = |rows, columns| Error::NotSquare { expected: 2, rows, columns };
    assert_eq!(rows(&[&[1.0, 2.0]]), not_square(1, 2));
    assert_eq!(rows(&[&[1.0, 2.0], &[1.0, 2.0, 3.0]]), not_square(2, 3));
    let count = Error::Count { truth: 1, predicted: 0, value: -1.0 };
    assert_eq!(rows(&[&[1.0, 2.0], &[-1.0, 2.0]]), count);

    let from_labels = |truth: &[u32], predicted: &[u32]| {
        ConfusionMatrix::from_labels(names(2), truth, predicted, None).unwrap_err()
    };
    let length = Error::Length { what: "predicted labels", expected: 1, got: 0 };
    assert_eq!(from_labels(&[0], &[]), length);
    let label = Error::Label { what: "predicted", index: 0, label: 9, n_classes: 2 };
    assert_eq!(from_labels(&[0], &[9]), label);

    let mut matrix = ConfusionMatrix::new(names(2)).unwrap();
    assert_eq!(matrix.add(0, 9, 1.0), Err(label));
    let weight = Error::Weight { index: 0, value: -1.0 };
    assert_eq!(matrix.add(0, 1, -1.0), Err(weight));
    assert_eq!(matrix, ConfusionMatrix::new(names(2)).unwrap());
}

#[test]
fn a_bootstrap_that_cannot_be() {
    let run = |n, groups, config| bootstrap(n, groups, config, |_| Some(1.0)).unwrap_err();
    let config = BootstrapConfig::new(0);
    assert_eq!(run(0, None, config), Error::NoSamples);
    let length = Error::Length { what: "groups", expected: 3, got: 2 };
    assert_eq!(run(3, Some(&[1, 2]), config), length);
    assert_eq!(run(3, None, BootstrapConfig { resamples: 0, ..config }), Error::NoResamples);
    for level in [0.0, 1.0, 95.0] {
        let got = run(3, None, BootstrapConfig { level, ..config });
        assert_eq!(got, Error::Level { level });
    }
    let nan = BootstrapConfig { level: f64::NAN, ..config };
    assert!(matches!(run(3, None, nan), Error::Level { .. }));
}
