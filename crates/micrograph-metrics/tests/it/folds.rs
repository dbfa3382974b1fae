//! Confusion matrices: by name, pooled, averaged over folds.

use micrograph_metrics::{ConfusionMatrix, Counts, EmptyClass, Error, FoldMatrices, macro_average};

use crate::names;

fn matrix(rows: &[[f64; 2]; 2]) -> ConfusionMatrix {
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    ConfusionMatrix::from_rows(names(2), &rows).unwrap()
}

#[test]
fn rows_are_the_truth() {
    let mut matrix = ConfusionMatrix::new(vec!["full".into(), "empty".into()]).unwrap();
    matrix.add(0, 1, 1.0).unwrap();
    matrix.add(0, 1, 0.5).unwrap();
    assert_eq!((matrix.get(0, 1), matrix.get(1, 0)), (Some(1.5), Some(0.0)));
    assert_eq!(matrix.get_named("full", "empty"), Some(1.5));
    assert_eq!(matrix.get_named("full", "neither"), None);
    assert_eq!(matrix.get(0, 2), None);
    let full = Counts { fn_: 1.5, ..Counts::default() };
    assert_eq!(matrix.counts_named("full"), Some(full));
    assert_eq!(matrix.counts(1), Some(Counts { fp: 1.5, ..Counts::default() }));
    assert_eq!(matrix.counts(2), None);
}

#[test]
fn merging_adds_and_refuses_other_classes() {
    let mut sum = matrix(&[[1.0, 2.0], [3.0, 4.0]]);
    sum.merge(&matrix(&[[10.0, 0.0], [0.0, 1.0]])).unwrap();
    assert_eq!(sum, matrix(&[[11.0, 2.0], [3.0, 5.0]]));
    let reversed = ConfusionMatrix::new(vec!["1".into(), "0".into()]).unwrap();
    let expected = Error::ClassesDiffer { expected: names(2), got: vec!["1".into(), "0".into()] };
    assert_eq!(sum.merge(&reversed), Err(expected.clone()));
    assert_eq!(sum, matrix(&[[11.0, 2.0], [3.0, 5.0]]));
    assert_eq!(FoldMatrices::new(vec![sum, reversed]), Err(expected));
}

#[test]
fn the_mean_of_normalized_rows_weighs_folds_alike() {
    let large = matrix(&[[90.0, 10.0], [1.0, 1.0]]);
    let small = matrix(&[[1.0, 1.0], [0.0, 0.0]]);
    let folds = FoldMatrices::new(vec![large, small]).unwrap();
    let rows = folds.mean_normalized();
    micrograph_testkit::assert_close(rows[0].shares.as_ref().unwrap(), &[0.7, 0.3], 1e-12, 0.0);
    assert_eq!((rows[0].n_undefined, rows[1].n_undefined), (0, 1));
    assert_eq!(rows[1].shares, Some(vec![0.5, 0.5]));
    assert_eq!(folds.mean_counts(), [[45.5, 5.5], [0.5, 0.5]]);
    assert_eq!(folds.pooled(), &matrix(&[[91.0, 11.0], [1.0, 1.0]]));
}

#[test]
fn a_class_that_is_in_no_fold_stays_undefined() {
    let folds = FoldMatrices::new(vec![matrix(&[[1.0, 0.0], [0.0, 0.0]]); 3]).unwrap();
    let row = &folds.mean_normalized()[1];
    assert_eq!((row.shares.as_ref(), row.n_undefined), (None, 3));
    assert_eq!(FoldMatrices::new(Vec::new()), Err(Error::NoFolds));
}

#[test]
fn the_policy_for_empty_classes_decides_the_mean() {
    let nothing = ConfusionMatrix::new(names(3)).unwrap();
    let left_out = macro_average(&nothing, Counts::f1, EmptyClass::Undefined);
    let zero = macro_average(&nothing, Counts::f1, EmptyClass::Zero);
    assert_eq!((left_out.mean, left_out.n_undefined), (None, 3));
    assert_eq!((zero.mean, zero.n_undefined), (Some(0.0), 3));
    let scores = [nothing.accuracy(), nothing.balanced_accuracy(), nothing.mcc(), nothing.kappa()];
    assert_eq!(scores, [None; 4]);
}
