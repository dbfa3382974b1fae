//! The descriptors of the LipNet thesis against scikit-image, SciPy and NumPy.

use micrograph_features::{
    HistogramConfig, IntensityRange, area, central_moments, edge_profile, ellipse_axes, histogram,
    hu_moments, internal_segmentation_variance, membrane_distance, normalized_moments, perimeter,
    polygon_diameter, radial_profile, signal_to_noise,
};
use micrograph_testkit::assert_close;
use ndarray::Array2;
use serde::Deserialize;

use crate::phantom::{cases, gray, object_values};

#[derive(Deserialize)]
struct Moments {
    mu: [[f64; 4]; 4],
    eta: [f64; 7],
    hu: [f64; 7],
}

#[derive(Deserialize)]
struct Expected {
    area: f64,
    perimeter: f64,
    axes: [f64; 2],
    polygon_diameter: f64,
    deepest: f64,
    shape: Moments,
    intensity: Moments,
    histogram: Vec<f64>,
    radial_profile: Vec<f64>,
    edge_profile: Vec<f64>,
    signal_to_noise: f64,
    segmentation_variance: f64,
}

#[test]
fn sizes_are_those_of_scikit_image_and_scipy() {
    for case in cases::<Expected>("lipnet.json") {
        let (object, expected) = (case.object(), &case.expected);
        let mask = object.mask.view();
        let membrane = membrane_distance(mask);
        let deepest = 0.5 - membrane.iter().copied().fold(f64::INFINITY, f64::min);
        let [major, minor] = ellipse_axes(mask);
        println!("{}", case.name);
        assert_close(
            &[area(mask), perimeter(mask), major, minor, polygon_diameter(mask), deepest],
            &[
                expected.area,
                expected.perimeter,
                expected.axes[0],
                expected.axes[1],
                expected.polygon_diameter,
                expected.deepest,
            ],
            1e-6, // the root of a rounding error, where the shorter axis is 0
            1e-12,
        );
    }
}

fn check_moments(weights: &Array2<f64>, expected: &Moments) {
    let mu = central_moments(weights.view());
    // What a moment of this size can lose to rounding.
    let scale = mu[0][0] * 30.0_f64.powi(3);
    // scikit-image leaves those of higher total order at 0.
    for (p, q) in (0..4).flat_map(|p| (0..4 - p).map(move |q| (p, q))) {
        assert_close(&[mu[p][q]], &[expected.mu[p][q]], 1e-14 * scale, 1e-10);
    }
    let eta = normalized_moments(&mu);
    assert_close(&eta, &expected.eta, 1e-14, 1e-10);
    // They are products of moments of the second order and of the third; what these lose counts.
    let second = expected.hu[0];
    let third = expected.hu[2].sqrt() + expected.hu[3].sqrt() + 1e-13;
    let scales = [
        second,
        second.powi(2),
        third.powi(2),
        third.powi(2),
        third.powi(4),
        second * third.powi(2),
        third.powi(4),
    ];
    for ((&got, &expected), scale) in hu_moments(&eta).iter().zip(&expected.hu).zip(scales) {
        assert_close(&[got], &[expected], 1e-10 * scale, 0.0);
    }
}

#[test]
fn moments_are_those_of_scikit_image() {
    for case in cases::<Expected>("lipnet.json") {
        println!("{}", case.name);
        let object = case.object();
        let shape = object.mask.mapv(|inside| f64::from(u8::from(inside)));
        check_moments(&shape, &case.expected.shape);
        let mut weights = gray(&object).mapv(f64::from);
        weights *= &shape;
        check_moments(&weights, &case.expected.intensity);
    }
}

#[test]
fn the_histogram_is_that_of_numpy() {
    for case in cases::<Expected>("lipnet.json") {
        let range = IntensityRange::Fixed { low: 0.0, high: 256.0 };
        let values = object_values(&case.object());
        let got = histogram(&values, &HistogramConfig { bins: 32, range }).unwrap();
        assert_close(&got, &case.expected.histogram, 1e-15, 0.0);
    }
}

#[test]
fn profiles_are_those_of_scipy_and_numpy() {
    for case in cases::<Expected>("lipnet.json") {
        println!("{}", case.name);
        let object = case.object();
        let (values, membrane) = (gray(&object), membrane_distance(object.mask.view()));
        let radial = radial_profile(values, object.mask.view(), 12, 1.5).unwrap();
        assert_close(&radial, &case.expected.radial_profile, 1e-10, 0.0);
        let edge = edge_profile(values, membrane.view(), [12, 6], 1.5).unwrap();
        assert_close(&edge, &case.expected.edge_profile, 1e-10, 0.0);
        let signal = signal_to_noise(values, membrane.view(), 4.0).unwrap();
        assert_close(&[signal], &[case.expected.signal_to_noise], 0.0, 1e-10);
        let variance = internal_segmentation_variance(values, membrane.view(), 1.2).unwrap();
        assert_close(&[variance], &[case.expected.segmentation_variance], 0.0, 1e-10);
    }
}
