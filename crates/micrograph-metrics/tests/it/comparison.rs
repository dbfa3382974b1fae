//! Comparisons of classifiers against statsmodels, scikit-learn and SciPy, and their limits.

use std::collections::BTreeMap;

use micrograph_metrics::{
    BootstrapConfig, Contest, Error, McNemarMethod, Scored, compare, corrected_resampled_t,
    evaluate, holm, intervals, mcnemar, paired_intervals,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, array};
use serde::Deserialize;

use crate::names;

#[derive(Deserialize)]
struct Golden {
    mcnemar: Vec<McNemarCase>,
    resampled_t: Vec<FoldsCase>,
    holm: Vec<HolmCase>,
    paired: Paired,
}

#[derive(Deserialize)]
struct McNemarCase {
    b: usize,
    c: usize,
    exact: f64,
    chi_squared: f64,
    statistic: f64,
}

#[derive(Deserialize)]
struct FoldsCase {
    differences: Vec<f64>,
    test_to_train: f64,
    standard_error: f64,
    statistic: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct HolmCase {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

#[derive(Deserialize)]
struct Paired {
    truth: Vec<u32>,
    first: Vec<f64>,
    second: Vec<f64>,
    groups: Vec<usize>,
    expected: BTreeMap<String, BTreeMap<String, Bounds>>,
}

#[derive(Deserialize)]
struct Bounds {
    low: f64,
    high: f64,
    noise: f64,
}

fn read() -> Golden {
    golden(env!("CARGO_MANIFEST_DIR"), "comparison.json")
}

/// Probabilities of two classes from those of class 1.
fn two_classes(p: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((p.len(), 2), |(i, class)| if class == 1 { p[i] } else { 1.0 - p[i] })
}

/// Predictions of which the first alone is right `b` times and the second alone `c` times.
fn discordant(b: usize, c: usize) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let rows = [(5, 0, 0), (b, 0, 1), (c, 1, 0), (3, 1, 1)];
    let column = |of: fn((usize, u32, u32)) -> u32| {
        rows.iter().flat_map(|&row| std::iter::repeat_n(of(row), row.0)).collect::<Vec<_>>()
    };
    (column(|_| 0), column(|row| row.1), column(|row| row.2))
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    for case in read().mcnemar {
        let (truth, first, second) = discordant(case.b, case.c);
        let test = |method| mcnemar(&truth, &first, &second, method).unwrap();
        let exact = test(McNemarMethod::Exact);
        assert_eq!((exact.only_first, exact.only_second), (case.b, case.c));
        assert_eq!((exact.both_right, exact.both_wrong, exact.statistic), (5, 3, None));
        assert_close(&[exact.p_value.unwrap()], &[case.exact], 0.0, 1e-10);
        let approximate = test(McNemarMethod::ChiSquared);
        let got = [approximate.statistic.unwrap(), approximate.p_value.unwrap()];
        if case.b == case.c {
            // statsmodels corrects a difference of 0 to 1; R and we leave it.
            assert_eq!(got, [0.0, 1.0]);
        } else {
            assert_close(&got, &[case.statistic, case.chi_squared], 0.0, 1e-10);
        }
        let enough = case.b + case.c >= 25;
        assert_eq!(test(McNemarMethod::Automatic), if enough { approximate } else { exact });
    }
}

#[test]
fn two_classifiers_that_never_differ_are_no_finding() {
    let test = |method| mcnemar(&[0, 1], &[0, 0], &[0, 0], method).unwrap();
    assert_eq!(test(McNemarMethod::Automatic).p_value, Some(1.0));
    let undefined = test(McNemarMethod::ChiSquared);
    assert_eq!((undefined.statistic, undefined.p_value), (None, None));
}

#[test]
fn the_corrected_t_test_is_that_of_scikit_learn() {
    for case in read().resampled_t {
        let test = corrected_resampled_t(&case.differences, case.test_to_train).unwrap();
        let got = [test.standard_error, test.statistic.unwrap(), test.p_value.unwrap()];
        let expected = [case.standard_error, case.statistic, case.p_value];
        assert_close(&got, &expected, 0.0, 1e-10);
        assert_eq!(test.degrees_of_freedom, case.differences.len() - 1);
    }
}

#[test]
fn folds_that_do_not_scatter_have_no_t() {
    for value in [0.0, 0.1] {
        let test = corrected_resampled_t(&[value; 5], 0.25).unwrap();
        assert_eq!((test.standard_error, test.statistic, test.p_value), (0.0, None, None));
    }
    // One more error of 20 in each fold, as subtractions leave it: the last digits differ.
    let scores = [(0.95, 0.9), (0.9, 0.85), (0.85, 0.8), (0.7, 0.65), (1.0, 0.95)];
    let differences = scores.map(|(one, other)| one - other);
    assert!(differences.iter().any(|value| *value != differences[0]), "{differences:?}");
    let test = corrected_resampled_t(&differences, 0.25).unwrap();
    assert_eq!((test.standard_error, test.statistic, test.p_value), (0.0, None, None));
}

#[test]
fn holm_is_that_of_statsmodels() {
    for HolmCase { p, adjusted } in read().holm {
        let some: Vec<_> = p.iter().copied().map(Some).collect();
        let got: Vec<f64> = holm(&some).unwrap().into_iter().flatten().collect();
        assert_close(&got, &adjusted, 1e-15, 1e-12);
    }
    assert_eq!(holm(&[]), Ok(Vec::new()));
    assert_eq!(holm(&[None, None]), Ok(vec![None, None]));
}

#[test]
fn paired_bounds_are_those_of_scipy() {
    let Paired { truth, first, second, groups, expected } = read().paired;
    let classes = names(2);
    let probabilities = [two_classes(&first), two_classes(&second)];
    let config = BootstrapConfig { resamples: 4000, ..BootstrapConfig::new(3) };
    for (unit, groups) in [("samples", None), ("groups", Some(&groups[..]))] {
        let scored = probabilities
            .each_ref()
            .map(|p| Scored { groups, ..Scored::new(&classes, &truth, p.view()) });
        let got = paired_intervals(&scored, config).unwrap();
        assert_eq!(got.each, scored.map(|scored| intervals(&scored, config).unwrap()));
        let difference = &got.pairs[0].difference;
        let scores = [
            ("accuracy", difference.accuracy),
            ("balanced_accuracy", difference.balanced_accuracy),
            ("macro_f1", difference.macro_f1),
            ("auroc", difference.auroc),
        ];
        for (score, got) in scores {
            let expected = &expected[unit][score];
            // Both sides are resampled: five standard errors of each, and the step of a share.
            let tolerance = 7.0 * expected.noise + 1.0 / 150.0;
            let bounds = [got.low.unwrap(), got.high.unwrap()];
            assert_close(&bounds, &[expected.low, expected.high], tolerance, 0.0);
        }
        // What is hard for one is hard for the other: pairing narrows the interval.
        let width = |of: micrograph_metrics::Interval| of.high.unwrap() - of.low.unwrap();
        let alone = width(got.each[0].auroc).hypot(width(got.each[1].auroc));
        assert!(width(difference.auroc) < 0.9 * alone, "{unit}");
    }
}

#[test]
fn a_comparison_holds_all_of_it() {
    let Paired { truth, first, second, groups, .. } = read().paired;
    let classes = names(2);
    let folds: Vec<usize> = (0..truth.len()).map(|sample| 10 + sample % 5).collect();
    let (first, second) = (two_classes(&first), two_classes(&second));
    let floor = Array2::from_elem((truth.len(), 2), 0.5);
    let entries = [("a", first.view()), ("b", second.view()), ("floor", floor.view())];
    let contest = Contest {
        classes: &classes,
        truth: &truth,
        groups: Some(&groups),
        folds: Some(&folds),
        entries: &entries,
    };
    let config = BootstrapConfig { resamples: 50, ..BootstrapConfig::new(3) };
    let comparison = compare(&contest, config).unwrap();
    assert_eq!(comparison.n_groups, Some(30));
    let names_of: Vec<_> =
        comparison.pairs.iter().map(|pair| (pair.first.as_str(), pair.second.as_str())).collect();
    assert_eq!(names_of, [("a", "b"), ("a", "floor"), ("b", "floor")]);
    for (model, (name, p)) in comparison.models.iter().zip(&entries) {
        let whole = evaluate(&Scored::new(&classes, &truth, *p)).unwrap();
        assert_eq!((model.name.as_str(), &model.evaluation), (*name, &whole));
        let folds = model.folds.as_ref().unwrap();
        assert_eq!((folds.folds().len(), folds.pooled()), (5, &whole.confusion));
    }
    for (position, pair) in comparison.pairs.iter().enumerate() {
        let (a, b) = [(0, 1), (0, 2), (1, 2)][position];
        let of = |model: usize| {
            let folds = comparison.models[model].folds.as_ref().unwrap().folds().to_vec();
            folds.into_iter().map(|fold| fold.balanced_accuracy().unwrap()).collect::<Vec<_>>()
        };
        let differences: Vec<f64> = of(a).iter().zip(of(b)).map(|(a, b)| a - b).collect();
        let expected = corrected_resampled_t(&differences, 0.25).unwrap();
        assert_eq!(pair.resampled_t, Some(expected));
    }
    let p = |of: fn(&micrograph_metrics::PairScores) -> Option<f64>| {
        comparison.pairs.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(Ok(p(|pair| pair.mcnemar_holm)), holm(&p(|pair| pair.mcnemar.p_value)));
    let t = p(|pair| pair.resampled_t.and_then(|test| test.p_value));
    assert_eq!(Ok(p(|pair| pair.resampled_t_holm)), holm(&t));

    let text = serde_json::to_string(&comparison).unwrap();
    assert_eq!(serde_json::from_str::<micrograph_metrics::Comparison>(&text).unwrap(), comparison);
}

#[test]
fn comparisons_that_cannot_be_are_refused() {
    let nan = f64::NAN;
    let t = |differences: &[f64], ratio| corrected_resampled_t(differences, ratio).unwrap_err();
    assert_eq!(t(&[], 0.25), Error::FewFolds { got: 0 });
    assert_eq!(t(&[0.1], 0.25), Error::FewFolds { got: 1 });
    assert!(matches!(t(&[0.1, nan], 0.25), Error::Score { index: 1, .. }));
    assert!(matches!(t(&[0.1, 0.2], nan), Error::TestToTrain { .. }));
    assert_eq!(t(&[0.1, 0.2], -1.0), Error::TestToTrain { value: -1.0 });
    assert_eq!(holm(&[Some(0.1), Some(1.5)]), Err(Error::PValue { index: 1, value: 1.5 }));
    assert!(matches!(holm(&[Some(nan)]), Err(Error::PValue { index: 0, .. })));
    let automatic = McNemarMethod::Automatic;
    assert_eq!(mcnemar(&[], &[], &[], automatic), Err(Error::NoSamples));
    let what = "predictions of the second classifier";
    let length = Error::Length { what, expected: 1, got: 2 };
    assert_eq!(mcnemar(&[0], &[0], &[0, 1], automatic), Err(length));

    let (classes, p) = (names(2), array![[0.9, 0.1], [0.2, 0.8]]);
    let config = BootstrapConfig::new(0);
    let scored = |truth| Scored::new(&classes, truth, p.view());
    let error = paired_intervals(&[scored(&[0, 1]), scored(&[0, 0])], config).unwrap_err();
    assert_eq!(error, Error::NotPaired { what: "true labels", index: 1 });
    assert_eq!(paired_intervals(&[], config), Err(Error::NoModels));
    let compared = |folds, names: &[&'static str]| {
        let entries: Vec<_> = names.iter().map(|name| (*name, p.view())).collect();
        let contest =
            Contest { classes: &classes, truth: &[0, 1], groups: None, folds, entries: &entries };
        compare(&contest, config).map(drop)
    };
    assert_eq!(compared(None, &["a"]), Ok(()));
    assert_eq!(compared(None, &[]), Err(Error::NoModels));
    assert_eq!(compared(None, &["a", "a"]), Err(Error::DuplicateModel { name: "a".into() }));
    assert_eq!(compared(Some(&[3, 3]), &["a"]), Err(Error::FewFolds { got: 1 }));
    let length = Error::Length { what: "folds", expected: 2, got: 3 };
    assert_eq!(compared(Some(&[0, 1, 0]), &["a"]), Err(length));
}
