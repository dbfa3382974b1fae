//! What forests must show.

use micrograph_classic::{
    ClassWeights, Classifier, Dummy, Fit, ForestConfig, MaxFeatures, permutation_importances,
};
use ndarray::{Array1, Array2};

use crate::{clouds, samples};

fn accuracy(predicted: &[u32], truth: &[u32]) -> f64 {
    predicted.iter().zip(truth).filter(|(p, t)| p == t).count() as f64 / truth.len() as f64
}

#[test]
fn out_of_bag_accuracy_is_that_of_new_samples() {
    let (data, fresh) = (clouds(1500, 8, 3, 1), clouds(1500, 8, 3, 2));
    let model = ForestConfig::default().fit(&samples(&data), 0).unwrap();
    let expected = accuracy(&model.predict(fresh.0.view()).unwrap(), &fresh.1);
    let out_of_bag = model.out_of_bag();
    assert_eq!(out_of_bag.decided, 1500);
    // Two shares of 1,500 differ by less than four standard errors of their difference.
    let bound = 4.0 * (2.0 * expected * (1.0 - expected) / 1500.0).sqrt();
    assert!((out_of_bag.accuracy().unwrap() - expected).abs() < bound);
    assert!(expected > 0.7 && expected < 0.99, "neither hopeless nor perfect: {expected}");
}

#[test]
fn importances_find_the_features_that_differ() {
    let (data, fresh) = (clouds(800, 9, 3, 3), clouds(400, 9, 3, 4));
    let model = ForestConfig::default().fit(&samples(&data), 0).unwrap();
    let impurity = model.importances();
    let permuted = permutation_importances(&model, &samples(&fresh), 5, 0).unwrap();
    assert!((impurity.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    for told in 0..3 {
        for silent in 3..9 {
            assert!(impurity[told] > impurity[silent]);
            assert!(permuted[told].mean > permuted[silent].mean);
        }
    }
}

#[test]
fn weights_make_a_rare_class_heard() {
    let (data, fresh) = (clouds(600, 6, 1, 5), clouds(2000, 6, 1, 6));
    let found = |class_weights| {
        let config = ForestConfig { class_weights, min_leaf: 10, ..ForestConfig::default() };
        let predicted = config.fit(&samples(&data), 0).unwrap().predict(fresh.0.view()).unwrap();
        predicted.iter().zip(&fresh.1).filter(|(p, t)| **p == 2 && **t == 2).count()
    };
    let (plain, balanced) = (found(ClassWeights::None), found(ClassWeights::Balanced));
    assert!(balanced > plain + 20, "{plain} without weights, {balanced} with");
}

/// A node whose drawn features are all constant draws on until one is not.
#[test]
fn constant_features_do_not_end_a_tree() {
    let mut x = Array2::zeros((40, 30));
    let labels: Vec<u32> = (0..40).map(|i| u32::from(i >= 20)).collect();
    x.column_mut(17).assign(&Array1::from_iter((0..40).map(f64::from)));
    let data = (x, labels);
    let config = ForestConfig { max_features: MaxFeatures::Count(1), ..ForestConfig::default() };
    let model = config.fit(&samples(&data), 0).unwrap();
    assert_eq!(model.importances()[17], 1.0);
    assert_eq!(model.n_leaves(), 200);
}

/// Equal samples of unlike classes cannot be divided: their leaf has the shares of both.
#[test]
fn equal_samples_share_a_leaf() {
    let data = (Array2::ones((30, 3)), (0..30).map(|i| u32::from(i % 3 == 0)).collect());
    let model = ForestConfig::default().fit(&samples(&data), 0).unwrap();
    let share = model.probabilities(data.0.view()).unwrap()[[0, 1]];
    assert!((share - 1.0 / 3.0).abs() < 0.05);
    assert_eq!(model.importances(), [0.0; 3]);
}

#[test]
fn majority_is_the_floor() {
    let data = clouds(500, 4, 2, 8);
    let floor = Dummy::Majority.fit(&samples(&data), 0).unwrap().predict(data.0.view()).unwrap();
    assert!(floor.iter().all(|&label| label == 0));
    let stratified = Dummy::Stratified.fit(&samples(&data), 0).unwrap();
    let drawn = stratified.predict(data.0.view()).unwrap();
    let share = drawn.iter().filter(|&&label| label == 0).count() as f64 / 500.0;
    assert!((share - 0.5).abs() < 4.0 * (0.25_f64 / 500.0).sqrt());
}
