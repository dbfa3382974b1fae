//! SVM-SMOTE by our machine against imbalanced-learn's by scikit-learn's.

use std::collections::BTreeSet;

use micrograph_classic::SvmConfig;
use micrograph_sampling::{Labeled, Origin, Resampler, SupportVectors};
use ndarray::{Array2, array};

/// The goldens of `micrograph-sampling`, whose script writes down both.
#[derive(serde::Deserialize)]
struct Goldens {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    support: Vec<usize>,
    svm_smote: Drawn,
}

#[derive(serde::Deserialize)]
struct Drawn {
    draws: Vec<Draw>,
    counts: Vec<usize>,
}

#[derive(serde::Deserialize)]
struct Draw {
    label: u32,
    from: Vec<usize>,
    to: Vec<Vec<usize>>,
}

#[test]
fn svm_smote_starts_where_imbalanced_learns_does() {
    let sampling = concat!(env!("CARGO_MANIFEST_DIR"), "/../micrograph-sampling");
    let goldens: Goldens = micrograph_testkit::golden(sampling, "imblearn.json");
    for Case { x, labels, support, svm_smote } in goldens.cases {
        let x = Array2::from_shape_vec((x.len(), x[0].len()), x.concat()).unwrap();
        let n_classes = svm_smote.counts.len();
        let machine = SvmConfig::default();
        let found = machine.support_vectors(x.view(), &labels, n_classes, 0).unwrap();
        let in_order: BTreeSet<usize> = support.iter().copied().collect();
        assert_eq!(found, in_order.into_iter().collect::<Vec<_>>());

        let samples = Labeled::new(x.view(), &labels, n_classes).unwrap();
        let samples = samples.with_support_vectors(&machine);
        let mut allowed = BTreeSet::new();
        for Draw { label, from, to } in &svm_smote.draws {
            for (&from, to) in from.iter().zip(to) {
                allowed.extend(to.iter().map(|&to| (*label, from, to)));
            }
        }
        let mut drawn = BTreeSet::new();
        for seed in 0..200 {
            let resampler = Resampler::by_name("svm_smote").unwrap();
            let resampled = resampler.resample_labeled(&samples, seed).unwrap();
            let most = labels.iter().filter(|&&label| label == 0).count();
            assert_eq!(resampled.labels.len(), n_classes * most);
            for (origin, &label) in resampled.origin.iter().zip(&resampled.labels) {
                if let Origin::Between { from, to, .. } = *origin {
                    drawn.insert((label, from, to));
                }
            }
        }
        assert_eq!(drawn, allowed);
    }
}

#[test]
fn a_machine_that_cannot_be_fitted_says_why() {
    let x = array![[0.0], [1.0], [2.0]];
    let machine = SvmConfig { c: -1.0, ..SvmConfig::default() };
    let samples = Labeled::new(x.view(), &[0, 0, 1], 2).unwrap();
    let samples = samples.with_support_vectors(&machine);
    let error = Resampler::by_name("svm_smote").unwrap().resample_labeled(&samples, 0);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("c = -1: expected a finite number above 0"), "{error}");
}
