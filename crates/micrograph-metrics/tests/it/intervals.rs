//! Bootstrap intervals against SciPy, against each other, and their limits.

use std::collections::BTreeMap;

use micrograph_metrics::{
    BootstrapConfig, Interval, Intervals, Scored, auroc, bootstrap, evaluate, intervals,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, array};
use serde::Deserialize;

use crate::{assert_score, names};

#[derive(Deserialize)]
struct Golden {
    truth: Vec<u32>,
    probability: Vec<f64>,
    groups: Vec<usize>,
    expected: BTreeMap<String, BTreeMap<String, Bounds>>,
}

#[derive(Deserialize)]
struct Bounds {
    low: f64,
    high: f64,
    noise: f64,
}

impl Golden {
    fn read() -> Self {
        golden(env!("CARGO_MANIFEST_DIR"), "bootstrap.json")
    }

    fn probabilities(&self) -> Array2<f64> {
        let p = &self.probability;
        Array2::from_shape_fn((p.len(), 2), |(i, class)| if class == 1 { p[i] } else { 1.0 - p[i] })
    }
}

#[test]
fn bounds_are_those_of_scipy() {
    let golden = Golden::read();
    let (classes, probabilities) = (names(2), golden.probabilities());
    let config = BootstrapConfig { resamples: 4000, ..BootstrapConfig::new(11) };
    for (unit, groups) in [("samples", None), ("groups", Some(&golden.groups[..]))] {
        let scored =
            Scored { groups, ..Scored::new(&classes, &golden.truth, probabilities.view()) };
        let got = intervals(&scored, config).unwrap();
        let positive = &got.per_class[1];
        let scores = [
            ("accuracy", got.accuracy),
            ("auroc", got.auroc),
            ("auprc", got.auprc),
            ("ppv", positive.ppv),
            ("tnr", positive.tnr),
        ];
        for (score, got) in scores {
            let expected = &golden.expected[unit][score];
            // Five standard errors of the resampling and the step of a share of 180.
            let tolerance = 5.0 * expected.noise + 1.0 / 180.0;
            let bounds = [got.low.unwrap(), got.high.unwrap()];
            assert_close(&bounds, &[expected.low, expected.high], tolerance, 0.0);
        }
    }
}

/// Every interval with its name.
fn all(intervals: &Intervals) -> Vec<(String, Interval)> {
    let Intervals { accuracy, balanced_accuracy, macro_f1, auroc, auprc, per_class } = intervals;
    let overall = [
        ("accuracy", *accuracy),
        ("balanced_accuracy", *balanced_accuracy),
        ("macro_f1", *macro_f1),
        ("auroc", *auroc),
        ("auprc", *auprc),
    ];
    let of_classes = per_class.iter().flat_map(|of| {
        let scores = [
            ("tpr", of.tpr),
            ("tnr", of.tnr),
            ("ppv", of.ppv),
            ("npv", of.npv),
            ("f1", of.f1),
            ("f1_tpr_tnr", of.f1_tpr_tnr),
        ];
        scores.map(|(score, interval)| (format!("{score} of {}", of.name), interval))
    });
    overall.into_iter().map(|(score, of)| (score.to_owned(), of)).chain(of_classes).collect()
}

/// A weighted three-class problem with groups.
fn three_classes() -> (Vec<u32>, Array2<f64>, Vec<f64>, Vec<usize>) {
    let truth = vec![0, 0, 1, 2, 1, 0, 0, 2, 1, 0, 0, 1];
    let probabilities = Array2::from_shape_fn((12, 3), |(sample, class)| {
        let raw = |class: usize| ((sample * 7 + class * 5) % 11) as f64 + 1.0;
        let hit = |class: usize| if truth[sample] as usize == class { 6.0 } else { 0.0 };
        let sum: f64 = (0..3).map(|class| raw(class) + hit(class)).sum();
        (raw(class) + hit(class)) / sum
    });
    let weights = (0..12).map(|sample| 0.5 + f64::from(sample % 4)).collect();
    let groups = vec![40, 40, 7, 7, 7, 1, 2, 2, 40, 3, 3, 8];
    (truth, probabilities, weights, groups)
}

#[test]
fn estimates_are_those_of_evaluate() {
    let (truth, probabilities, weights, groups) = three_classes();
    let classes = names(3);
    let scored = Scored {
        classes: &classes,
        truth: &truth,
        probabilities: probabilities.view(),
        weights: Some(&weights),
        groups: Some(&groups),
    };
    let evaluation = evaluate(&scored).unwrap();
    let intervals = intervals(&scored, BootstrapConfig::new(2)).unwrap();
    assert_score("accuracy", intervals.accuracy.estimate, Some(evaluation.accuracy));
    let balanced = Some(evaluation.balanced_accuracy);
    assert_score("balanced_accuracy", intervals.balanced_accuracy.estimate, balanced);
    assert_score("macro_f1", intervals.macro_f1.estimate, Some(evaluation.macro_f1));
    assert_score("auroc", intervals.auroc.estimate, evaluation.auroc);
    assert_score("auprc", intervals.auprc.estimate, evaluation.auprc);
    for (of, class) in intervals.per_class.iter().zip(&evaluation.per_class) {
        assert_score("tpr", of.tpr.estimate, class.tpr);
        assert_score("tnr", of.tnr.estimate, class.tnr);
        assert_score("ppv", of.ppv.estimate, class.ppv);
        assert_score("npv", of.npv.estimate, class.npv);
        assert_score("f1", of.f1.estimate, class.f1);
        assert_score("f1_tpr_tnr", of.f1_tpr_tnr.estimate, class.f1_tpr_tnr);
    }
}

#[test]
fn one_pass_gives_what_bootstrap_gives_score_by_score() {
    let (truth, probabilities, weights, groups) = three_classes();
    let classes = names(3);
    let config = BootstrapConfig { resamples: 200, ..BootstrapConfig::new(5) };
    let scored = Scored {
        classes: &classes,
        truth: &truth,
        probabilities: probabilities.view(),
        weights: Some(&weights),
        groups: Some(&groups),
    };
    // The plain way: a resample is written out and evaluated anew.
    let all_drawn = |evaluation: &micrograph_metrics::Evaluation| {
        evaluation.per_class.iter().all(|class| class.support > 0.0)
    };
    let resampled = |score: &dyn Fn(&micrograph_metrics::Evaluation) -> Option<f64>| {
        let statistic = |drawn: &[usize]| {
            let truth: Vec<u32> = drawn.iter().map(|&sample| truth[sample]).collect();
            let weights: Vec<f64> = drawn.iter().map(|&sample| weights[sample]).collect();
            let probabilities = probabilities.select(ndarray::Axis(0), drawn);
            let scored = Scored::new(&classes, &truth, probabilities.view());
            score(&evaluate(&Scored { weights: Some(&weights), ..scored }).unwrap())
        };
        bootstrap(truth.len(), Some(&groups), config, statistic).unwrap()
    };
    let got = intervals(&scored, config).unwrap();
    let pairs = [
        (got.accuracy, resampled(&|evaluation| Some(evaluation.accuracy))),
        (got.balanced_accuracy, resampled(&|e| Some(e.balanced_accuracy).filter(|_| all_drawn(e)))),
        (got.auroc, resampled(&|e| e.auroc.filter(|_| all_drawn(e)))),
        (got.auprc, resampled(&|e| e.auprc.filter(|_| all_drawn(e)))),
        (got.per_class[1].ppv, resampled(&|evaluation| evaluation.per_class[1].ppv)),
        (got.per_class[2].f1_tpr_tnr, resampled(&|evaluation| evaluation.per_class[2].f1_tpr_tnr)),
    ];
    for (got, expected) in pairs {
        assert_score("low", got.low, expected.low);
        assert_score("high", got.high, expected.high);
        assert_eq!(got.n_undefined, expected.n_undefined);
    }
    assert!(got.per_class[2].tpr.n_undefined > 0);
}

#[test]
fn copies_of_a_sample_in_its_group_are_no_new_evidence() {
    let golden = Golden::read();
    let (classes, probabilities) = (names(2), golden.probabilities());
    let once = Scored::new(&classes, &golden.truth, probabilities.view());
    let thrice: Vec<usize> = (0..3 * golden.truth.len()).map(|copy| copy / 3).collect();
    let truth: Vec<u32> = thrice.iter().map(|&sample| golden.truth[sample]).collect();
    let copies = probabilities.select(ndarray::Axis(0), &thrice);
    let grouped = Scored { groups: Some(&thrice), ..Scored::new(&classes, &truth, copies.view()) };
    let config = BootstrapConfig { resamples: 100, ..BootstrapConfig::new(4) };
    let once = all(&intervals(&once, config).unwrap());
    let grouped = all(&intervals(&grouped, config).unwrap());
    for ((score, once), (_, grouped)) in once.into_iter().zip(grouped) {
        assert_score(&score, grouped.low, once.low);
        assert_score(&score, grouped.high, once.high);
    }
}

#[test]
fn the_seed_decides() {
    let golden = Golden::read();
    let (classes, probabilities) = (names(2), golden.probabilities());
    let scored = Scored::new(&classes, &golden.truth, probabilities.view());
    let run = |seed| intervals(&scored, BootstrapConfig::new(seed)).unwrap();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).auroc, run(2).auroc);
    assert_eq!(run(1).auroc.estimate, run(2).auroc.estimate);
}

#[test]
fn a_higher_level_is_wider_and_all_bounds_are_in_order() {
    let (truth, probabilities, ..) = three_classes();
    let classes = names(3);
    let scored = Scored::new(&classes, &truth, probabilities.view());
    let run =
        |level| intervals(&scored, BootstrapConfig { level, ..BootstrapConfig::new(8) }).unwrap();
    for ((score, narrow), (_, wide)) in all(&run(0.5)).into_iter().zip(all(&run(0.99))) {
        let bounds = [wide.low, narrow.low, narrow.high, wide.high].map(Option::unwrap);
        assert!(bounds.is_sorted(), "{score}: {bounds:?}");
        assert!((0.0..=1.0).contains(&bounds[0]) && bounds[3] <= 1.0, "{score}: {bounds:?}");
    }
}

#[test]
fn a_single_group_says_nothing_of_others() {
    let classes = names(2);
    let probabilities = array![[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]];
    let scored = Scored {
        groups: Some(&[5, 5, 5]),
        ..Scored::new(&classes, &[0, 1, 0], probabilities.view())
    };
    let got = intervals(&scored, BootstrapConfig::new(1)).unwrap().accuracy;
    assert_score("estimate", got.estimate, Some(2.0 / 3.0));
    assert_eq!((got.low, got.high, got.n_undefined), (None, None, 0));
}

#[test]
fn what_is_never_defined_has_no_interval() {
    let config = BootstrapConfig { resamples: 30, ..BootstrapConfig::new(1) };
    for nothing in [None, Some(f64::NAN), Some(f64::INFINITY)] {
        let got = bootstrap(9, None, config, |_| nothing).unwrap();
        assert_eq!(got, Interval { estimate: None, low: None, high: None, n_undefined: 30 });
    }
}

#[test]
fn about_95_of_100_intervals_hold_the_truth() {
    // Two normal scores 1 apart: the AUROC is Phi(1 / sqrt 2) = 0.7602.
    let mut state = 1_u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let positive: Vec<bool> = (0..80).map(|sample| sample % 2 == 0).collect();
    let mut held = 0;
    for trial in 0..200 {
        let score: Vec<f64> = positive
            .iter()
            .map(|&positive| {
                let (radius, angle) = (uniform(), uniform());
                let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
                normal + f64::from(u8::from(positive))
            })
            .collect();
        let config = BootstrapConfig { resamples: 300, ..BootstrapConfig::new(trial) };
        let interval = bootstrap(positive.len(), None, config, |drawn| {
            let positive: Vec<bool> = drawn.iter().map(|&sample| positive[sample]).collect();
            let score: Vec<f64> = drawn.iter().map(|&sample| score[sample]).collect();
            auroc(&positive, &score, None).unwrap()
        });
        let interval = interval.unwrap();
        if interval.low.unwrap() <= 0.7602 && 0.7602 <= interval.high.unwrap() {
            held += 1;
        }
    }
    // 190 expected, a standard deviation of 3.1; percentile intervals of 80 samples hold less.
    assert!((176..=200).contains(&held), "{held} of 200");
}
