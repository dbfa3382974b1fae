//! U-Net's map of weights: against SciPy, and where there is nothing between objects.

use micrograph_segment::border_weights;
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, array};
use serde::Deserialize;

use super::doubles;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    shape: [usize; 2],
    instances: Vec<u32>,
    weight: f64,
    sigma: f64,
    weights: Vec<f64>,
}

#[test]
fn weights_are_those_of_scipy() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "border_weights.json");
    for Case { shape, instances, weight, sigma, weights } in golden.cases {
        let instances = Array2::from_shape_vec(shape, instances).unwrap();
        let found = border_weights(instances.view(), weight, sigma).unwrap();
        assert_close(&doubles(found.view()), &weights, 1e-8, 1e-6);
    }
}

#[test]
fn without_two_objects_within_reach_all_weights_are_1() {
    let ones = |instances: &Array2<u32>, sigma: f64| {
        let weights = border_weights(instances.view(), 10.0, sigma).unwrap();
        weights.iter().all(|weight| weight.to_bits() == 1_f32.to_bits())
    };
    assert!(ones(&Array2::zeros((0, 3)), 5.0) && ones(&Array2::zeros((3, 2)), 5.0));
    assert!(ones(&array![[0, 4, 4, 0]], 5.0) && ones(&array![[1, 2]], 5.0));
    let mut far = Array2::zeros((1, 40));
    (far[[0, 0]], far[[0, 39]]) = (1, u32::MAX);
    assert!(ones(&far, 1.0) && !ones(&far, 20.0));
    assert!(!ones(&far, 1e300), "a sigma without measure reaches everything");
}

#[test]
fn constants_out_of_range_are_told() {
    let told =
        |weight, sigma| border_weights(array![[1]].view(), weight, sigma).unwrap_err().to_string();
    assert_eq!(told(-1.0, 5.0), "expected a border weight finite and not negative, got -1");
    assert_eq!(told(10.0, 0.0), "expected a border's sigma finite and above 0 pixels, got 0");
    assert!(told(f64::NAN, 5.0).ends_with("NaN") && told(1.0, f64::INFINITY).ends_with("inf"));
}
