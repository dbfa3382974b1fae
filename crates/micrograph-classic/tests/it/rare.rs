//! Classes of very few samples, flat features, and samples far from all others.

use micrograph_classic::{
    Classifier, Fit, Pipeline, Probability, Samples, Scaling, Selection, SvmConfig, Wnd,
    fisher_scores,
};
use ndarray::{Array2, Axis, array};

use crate::clouds;

/// Every classifier takes a class of one sample; a machine finds it again.
#[test]
fn a_class_of_one_sample_is_fitted() {
    let (mut x, mut labels) = clouds(60, 3, 3, 1);
    labels.iter_mut().for_each(|label| *label = (*label).min(1));
    x.push_row(array![9.0, 9.0, -9.0].view()).unwrap();
    labels.push(2);
    let samples = Samples::new(x.view(), &labels, 3).unwrap();
    for name in Pipeline::NAMES {
        let model = Pipeline::by_name(name).unwrap().fit(&samples, 0).unwrap();
        let probabilities = model.probabilities(x.view()).unwrap();
        assert!(probabilities.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-9));
        if name == "svm" {
            let own = probabilities.row(60);
            assert!(own[2] > own[0].max(own[1]), "{own}");
            assert_eq!(model.predict(x.view()).unwrap()[60], 2);
        }
    }
}

/// Pairs with fewer samples than folds have as many folds as samples.
#[test]
fn sigmoids_are_fitted_to_pairs_of_few() {
    let x = array![[0.0], [1.0], [5.0], [6.0], [11.0]];
    for labels in [[0, 0, 1, 1, 2], [0, 0, 0, 1, 2], [0, 0, 1, 1, 1]] {
        let samples = Samples::new(x.view(), &labels, 3).unwrap();
        let probability = Probability::Platt { folds: 5 };
        let config = SvmConfig { probability, c: 100.0, ..SvmConfig::default() };
        let model = config.fit(&samples, 0).unwrap();
        assert_eq!(model.predict(x.view()).unwrap(), labels);
        let probabilities = model.probabilities(x.view()).unwrap();
        assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

#[test]
fn robust_scales_do_not_depend_on_units_and_do_not_explode() {
    let (x, _) = clouds(101, 3, 2, 3);
    let scaled = Scaling::Robust.fit(x.view()).unwrap().transform(x.view()).unwrap();
    // As small as the seventh of Hu's moments, and far beyond.
    for unit in [1e-20, 1e-200, 1e200] {
        let small = &x * unit;
        let of_small = Scaling::Robust.fit(small.view()).unwrap().transform(small.view()).unwrap();
        assert!(scaled.iter().zip(&of_small).all(|(a, b)| (a - b).abs() < 1e-9));
    }
    // Nearly all at one value, which no quartile tells apart: the standard deviation is taken.
    let flat =
        Array2::from_shape_fn((100, 1), |(i, _)| if i < 95 { 1e-17 * i as f64 } else { 1.0 });
    let scaler = Scaling::Robust.fit(flat.view()).unwrap();
    assert_eq!(scaler.scale(), Scaling::Standard.fit(flat.view()).unwrap().scale());
    let scaled = scaler.transform(flat.view()).unwrap();
    assert!(scaled.iter().all(|value| value.abs() < 5.0));
}

/// Scores and orders are shares, whatever the units of features.
#[test]
fn selections_do_not_depend_on_units() {
    let (x, labels) = clouds(80, 4, 2, 5);
    let units = array![1e-180, 1.0, 1e170, 1e-3];
    let (plain, changed) = (x.clone(), &x * &units);
    let samples = |x: &Array2<f64>| fisher_scores(&Samples::new(x.view(), &labels, 3).unwrap());
    let (plain_scores, scores) = (samples(&plain).unwrap(), samples(&changed).unwrap());
    assert!(plain_scores.iter().zip(&scores).all(|(a, b)| (a - b).abs() < 1e-12 * a));
    let order = |x: &Array2<f64>| {
        let samples = Samples::new(x.view(), &labels, 3).unwrap();
        Selection::Wilks { count: 4 }.fit(&samples).unwrap()
    };
    assert_eq!(order(&plain), order(&changed));
}

/// The farther, the more equal; never NaN.
#[test]
fn weighted_neighbors_of_samples_far_away_are_equal() {
    let (x, labels) = clouds(60, 4, 2, 3);
    let samples = Samples::new(x.view(), &labels, 3).unwrap();
    let model = Wnd { fraction: 1.0 }.fit(&samples, 0).unwrap();
    for far in [1e9, 1e100, 1e200, f64::MAX] {
        let probe = Array2::from_elem((1, 4), far);
        let probabilities = model.probabilities(probe.view()).unwrap();
        assert!(probabilities.iter().all(|p| (p - 1.0 / 3.0).abs() < 1e-6), "{probabilities}");
    }
}
