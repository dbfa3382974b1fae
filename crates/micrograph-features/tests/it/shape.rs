//! Descriptors of shape against scikit-image, mahotas and SciPy, and by their laws.

use std::f64::consts::{PI, TAU};

use micrograph_features::{
    FeatureSet, circularity, eccentricity, ellipse_axes, euler_number, extent, feret_diameters,
    fourier_descriptors, orientation, solidity, zernike_moments, zernike_orders,
};
use micrograph_segment::outer_outline;
use micrograph_testkit::assert_close;
use ndarray::Array2;
use serde::Deserialize;

use crate::phantom::{Case, cases, gray, turned};

#[derive(Deserialize)]
struct Expected {
    circularity: f64,
    eccentricity: f64,
    orientation: f64,
    solidity: f64,
    extent: f64,
    euler_number: f64,
    feret: [f64; 2],
    radius: f64,
    zernike_shape: Vec<f64>,
    zernike_half: Vec<f64>,
}

fn phantoms() -> Vec<Case<Expected>> {
    cases("shape.json")
}

#[test]
fn shape_is_that_of_scikit_image_and_scipy() {
    for case in phantoms() {
        println!("{}", case.name);
        let (object, expected) = (case.object(), &case.expected);
        let mask = object.mask.view();
        let [major, minor] = ellipse_axes(mask);
        let [feret_maximum, feret_minimum] = feret_diameters(mask);
        assert_close(
            &[
                circularity(mask),
                eccentricity(major, minor),
                orientation(mask),
                solidity(mask),
                extent(mask),
                euler_number(mask),
                feret_maximum,
                feret_minimum,
            ],
            &[
                expected.circularity,
                expected.eccentricity,
                expected.orientation,
                expected.solidity,
                expected.extent,
                expected.euler_number,
                expected.feret[0],
                expected.feret[1],
            ],
            1e-10,
            0.0,
        );
    }
}

#[test]
fn zernike_moments_are_those_of_mahotas() {
    for case in phantoms() {
        println!("{}", case.name);
        let (object, expected) = (case.object(), &case.expected);
        let shape = object.mask.mapv(|inside| f64::from(u8::from(inside)));
        let weights = gray(&object).mapv(f64::from) * &shape;
        for (weights, radius, expected) in [
            (shape, expected.radius, &expected.zernike_shape),
            (weights, expected.radius / 2.0, &expected.zernike_half),
        ] {
            let (_, center) = micrograph_features::center_of_mass(weights.view());
            let got = zernike_moments(weights.view(), center, radius, 9).unwrap();
            assert_eq!(got.len(), 30);
            assert_close(&got, expected, 1e-10, 0.0);
        }
    }
}

#[test]
fn the_set_takes_the_smallest_disk_around_the_center() {
    for case in phantoms() {
        let features = FeatureSet::shape().extract(&case.object().view()).unwrap();
        for ((n, l), expected) in zernike_orders(9).into_iter().zip(&case.expected.zernike_shape) {
            let got = features.get(&format!("shape_zernike_{n}_{l}")).unwrap();
            assert_close(&[got], &[*expected], 1e-10, 0.0);
        }
    }
}

#[test]
fn a_quarter_turn_turns_the_orientation_alone() {
    let quarter = PI / 2.0;
    for case in phantoms() {
        println!("{}", case.name);
        let object = case.object();
        let [before, after] = [object.clone(), turned(&object)]
            .map(|object| FeatureSet::shape().extract(&object.view()).unwrap());
        for ((column, a), b) in before.columns.iter().zip(&before.values).zip(&after.values) {
            if column.name == "orientation" {
                // Clockwise, so that the angle falls by a quarter; half a turn changes no axis.
                let difference = (a - b).rem_euclid(2.0 * quarter);
                assert!((difference - quarter).abs() < 1e-9, "{a} {b}");
            } else if column.name.starts_with("fourier") && case.name == "two parts" {
                // The outline is that of the part that is now the first.
            } else {
                assert!((a - b).abs() < 1e-9, "{}: {a} {b}", column.name);
            }
        }
    }
}

/// The Fourier integral by the middles of many short pieces of the outline.
fn fourier_integral(corners: &[[usize; 2]], k: i64) -> f64 {
    const PIECES: usize = 400;
    let n = corners.len();
    let (mut re, mut im) = (0.0, 0.0);
    for piece in 0..n * PIECES {
        let place = (piece as f64 + 0.5) / PIECES as f64;
        let (a, b) = (corners[piece / PIECES], corners[(piece / PIECES + 1) % n]);
        let part = place.fract();
        let [y, x] = [0, 1].map(|axis| (1.0 - part) * a[axis] as f64 + part * b[axis] as f64);
        let (sin, cos) = (-TAU * k as f64 * place / n as f64).sin_cos();
        re += x * cos - y * sin;
        im += x * sin + y * cos;
    }
    re.hypot(im)
}

#[test]
fn fourier_descriptors_are_the_integral_along_the_outline() {
    for case in phantoms() {
        println!("{}", case.name);
        let object = case.object();
        let corners = outer_outline(object.mask.view());
        let main = fourier_integral(&corners, 1);
        let expected = [-1, 2, -2, 3, -3, 4, -4].map(|k| fourier_integral(&corners, k) / main);
        let got = fourier_descriptors(object.mask.view(), 4).unwrap();
        assert_close(&got, &expected, 1e-6, 0.0);
    }
}

#[test]
fn fourier_descriptors_do_not_depend_on_scale() {
    for case in phantoms() {
        let mask = case.object().mask;
        let (height, width) = mask.dim();
        let large = Array2::from_shape_fn((3 * height, 3 * width), |(y, x)| mask[[y / 3, x / 3]]);
        let [got, expected] =
            [&large, &mask].map(|mask| fourier_descriptors(mask.view(), 8).unwrap());
        assert_close(&got, &expected, 1e-10, 0.0);
    }
}

/// A disk whose center lies at a fraction of a pixel.
fn disk(radius: f64, [y0, x0]: [f64; 2]) -> Array2<bool> {
    let n = (2.0 * radius) as usize + 4;
    let middle = n as f64 / 2.0;
    Array2::from_shape_fn((n, n), |(y, x)| {
        (y as f64 - middle - y0).hypot(x as f64 - middle - x0) < radius
    })
}

#[test]
fn disks_of_any_size_are_round_and_nothing_is_cut_off() {
    for (radius, least) in [(2.0, 0.93), (3.0, 0.93), (6.0, 0.97), (20.0, 0.97), (60.0, 0.975)] {
        for k in 0..16 {
            let center = [f64::from(k % 4) / 4.0, f64::from(k / 4) / 4.0];
            let round = circularity(disk(radius, center).view());
            assert!(least < round && round < 1.0, "radius {radius}, {center:?}: {round}");
        }
    }
}

#[test]
fn small_objects_differ_in_circularity() {
    let mut values: Vec<f64> = (1..=6)
        .flat_map(|height| (height..=6).map(move |width| (height, width)))
        .map(|shape| circularity(Array2::from_elem(shape, true).view()))
        .collect();
    values.sort_by(f64::total_cmp);
    assert!(values.windows(2).all(|pair| pair[1] - pair[0] > 1e-4), "{values:?}");
}
