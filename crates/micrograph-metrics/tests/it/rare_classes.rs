//! Intervals where a resample can lack a class.

use micrograph_metrics::{BootstrapConfig, Scored, intervals};
use ndarray::Array2;

use crate::names;

/// Class 2 has one sample, which is never found: a mean without it is one of other classes.
#[test]
fn a_mean_over_classes_keeps_the_rare_one() {
    let classes = names(3);
    let truth: Vec<u32> = (0..61).map(|sample| if sample == 60 { 2 } else { sample % 2 }).collect();
    let probabilities = Array2::from_shape_fn((61, 3), |(sample, class)| {
        // Of ten samples one is taken for the other of the first two classes.
        let answer = (sample + usize::from(sample % 10 == 0)) % 2;
        if class == answer { 0.8 } else { 0.1 }
    });
    let scored = Scored::new(&classes, &truth, probabilities.view());
    let got = intervals(&scored, BootstrapConfig::new(3)).unwrap();
    let balanced = got.balanced_accuracy;
    let (low, high) = (balanced.low.unwrap(), balanced.high.unwrap());
    assert!(low < balanced.estimate.unwrap() && balanced.estimate.unwrap() < high);
    // With the third class it cannot exceed two thirds; without it, it is about 0.9.
    assert!(high <= 2.0 / 3.0, "{low} to {high}");
    // (1 - 1/61)^61 of the resamples lack the sample: 0.365 of them, give or take 0.015.
    assert!((300..430).contains(&balanced.n_undefined), "{}", balanced.n_undefined);
    assert_eq!(got.auroc.n_undefined, balanced.n_undefined);
    assert_eq!(got.accuracy.n_undefined, 0);
}

/// Where each class has one sample, a resample hardly ever holds them all: 5!/5^5 = 4 in 100.
#[test]
fn too_few_resamples_give_no_interval() {
    let classes = names(5);
    let probabilities =
        Array2::from_shape_fn((5, 5), |(sample, class)| if sample == class { 0.6 } else { 0.1 });
    let scored = Scored::new(&classes, &[0, 1, 2, 3, 4], probabilities.view());
    let got = intervals(&scored, BootstrapConfig::new(3)).unwrap();
    assert!((900..1000).contains(&got.auroc.n_undefined), "{}", got.auroc.n_undefined);
    assert_eq!((got.balanced_accuracy.low, got.balanced_accuracy.high), (None, None));
    assert!(got.accuracy.low.is_some());
}
