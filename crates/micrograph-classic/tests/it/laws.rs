//! Laws that hold for any samples.

use micrograph_classic::{
    Classifier, Fit, ForestConfig, Lda, NearestNeighbors, Probability, Samples, Scaling, SvmConfig,
    TreeConfig, Wnd, fisher_scores,
};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

/// Up to 40 samples of 3 features and classes, the first two of which are present.
fn data() -> impl Strategy<Value = (Array2<f64>, Vec<u32>)> {
    (4_usize..40).prop_flat_map(|n| {
        let values = prop::collection::vec(-3.0..3.0_f64, n * 3);
        let labels = prop::collection::vec(0_u32..3, n);
        (values, labels).prop_map(move |(values, mut labels)| {
            labels[..4].copy_from_slice(&[0, 1, 0, 1]);
            (Array2::from_shape_vec((n, 3), values).unwrap(), labels)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn probabilities_sum_to_one_and_absent_classes_have_none((x, labels) in data()) {
        let samples = Samples::new(x.view(), &labels, 4).unwrap();
        let svm = SvmConfig { probability: Probability::platt(2), ..SvmConfig::default() };
        let forest = ForestConfig { trees: 5, ..ForestConfig::default() };
        for probabilities in [
            svm.fit(&samples, 0).unwrap().probabilities(x.view()).unwrap(),
            forest.fit(&samples, 0).unwrap().probabilities(x.view()).unwrap(),
            Lda.fit(&samples, 0).unwrap().probabilities(x.view()).unwrap(),
            Wnd::default().fit(&samples, 0).unwrap().probabilities(x.view()).unwrap(),
            NearestNeighbors::default().fit(&samples, 0).unwrap().probabilities(x.view()).unwrap(),
        ] {
            prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(probabilities.sum_axis(Axis(1)).iter().all(|s| (s - 1.0).abs() < 1e-9));
            prop_assert!(probabilities.column(3).iter().all(|&p| p == 0.0));
        }
    }

    /// Trees see the order of values alone, of samples that they were fitted to.
    #[test]
    fn stretched_features_have_the_same_trees((x, labels) in data()) {
        let forest = ForestConfig { trees: 5, ..ForestConfig::default() };
        let fit = |x: &Array2<f64>| {
            let samples = Samples::new(x.view(), &labels, 3).unwrap();
            let tree = TreeConfig::default().fit(&samples, 1).unwrap();
            let importances = forest.fit(&samples, 1).unwrap().importances().to_vec();
            (tree.probabilities(x.view()).unwrap(), importances)
        };
        prop_assert_eq!(fit(&x), fit(&x.mapv(|value| value.powi(3))));
    }

    #[test]
    fn scaled_features_have_mean_0_and_deviation_1((x, _) in data()) {
        let scaled = Scaling::Standard.fit(x.view()).unwrap().transform(x.view()).unwrap();
        prop_assert!(scaled.mean_axis(Axis(0)).unwrap().iter().all(|mean| mean.abs() < 1e-12));
        prop_assert!(scaled.std_axis(Axis(0), 0.0).iter().all(|d| (d - 1.0).abs() < 1e-12));
    }
}

/// 0.1 has no exact sum; a feature that is the same everywhere must not look like a good one.
#[test]
fn a_constant_feature_says_nothing() {
    let (mut x, labels) = crate::clouds(100, 3, 2, 4);
    let without = Lda.fit(&Samples::new(x.view(), &labels, 3).unwrap(), 0).unwrap();
    x.push_column(ndarray::Array1::from_elem(100, 0.1).view()).unwrap();
    let samples = Samples::new(x.view(), &labels, 3).unwrap();
    assert_eq!(fisher_scores(&samples).unwrap()[3], 0.0);
    let with = Lda.fit(&samples, 0).unwrap().probabilities(x.view()).unwrap();
    let without = without.probabilities(x.slice(ndarray::s![.., ..3])).unwrap();
    assert!(with.iter().zip(&without).all(|(a, b)| (a - b).abs() < 1e-12));
}
