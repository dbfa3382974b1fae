//! Brightness, contrast, gamma and noise.

use micrograph_augment::{Recipe, augment};
use micrograph_testkit::assert_close;
use ndarray::{Array3, array};

use crate::{doubles, image, key};

fn apply(recipe: &Recipe, n: u64, pixels: &Array3<f32>, full_scale: f32) -> Array3<f32> {
    augment(recipe, key(n), pixels.view(), None, full_scale).unwrap().0
}

#[test]
fn brightness_adds_a_share_of_the_full_scale() {
    let recipe = Recipe { brightness: 0.25, ..Recipe::none() };
    let got = apply(&recipe, 1, &array![[[0.0, 1000.0, 60000.0]]], 65535.0);
    let step = recipe.draw(key(1)).brightness * 65535.0;
    assert!(step.abs() > 1.0 && step.abs() <= 0.25 * 65535.0);
    assert_close(&doubles(&got), &[step, 1000.0 + step, 60000.0 + step], 0.0, 1e-6);
}

#[test]
fn contrast_spreads_around_the_mean() {
    let recipe = Recipe { contrast: [1.5, 1.5], ..Recipe::none() };
    let got = apply(&recipe, 1, &array![[[10.0, 30.0]], [[50.0, 70.0]]], 255.0);
    // The mean over both channels is 40.
    assert_eq!(got, array![[[-5.0, 25.0]], [[55.0, 85.0]]]);
}

#[test]
fn gamma_keeps_both_ends_of_the_scale() {
    let recipe = Recipe { gamma: [2.0, 2.0], ..Recipe::none() };
    let got = apply(&recipe, 1, &array![[[-3.0, 0.0, 51.0, 127.5, 255.0, 260.0]]], 255.0);
    assert_close(&doubles(&got), &[0.0, 0.0, 10.2, 63.75, 255.0, 255.0], 1e-4, 0.0);
}

#[test]
fn noise_is_normal_and_differs_from_pixel_to_pixel() {
    let recipe = Recipe { noise_sigma: 0.1, ..Recipe::none() };
    let got = apply(&recipe, 1, &Array3::from_elem((2, 100, 100), 50.0), 255.0);
    let noise: Vec<f64> = got.iter().map(|&value| (f64::from(value) - 50.0) / 25.5).collect();
    let moment = |power| noise.iter().map(|value| value.powi(power)).sum::<f64>() / 20_000.0;
    // Four standard errors of 20,000 values: sqrt(1, 2, 15, 96 / 20,000) = 0.007, 0.01, 0.027, 0.07.
    assert_close(&[moment(1)], &[0.0], 0.028, 0.0);
    assert_close(&[moment(2)], &[1.0], 0.04, 0.0);
    assert_close(&[moment(3)], &[0.0], 0.11, 0.0);
    assert_close(&[moment(4)], &[3.0], 0.28, 0.0);
    let (first, second) = noise.split_at(10_000);
    let correlation = first.iter().zip(second).map(|(a, b)| a * b).sum::<f64>() / 10_000.0;
    assert_close(&[correlation], &[0.0], 0.04, 0.0);
}

#[test]
fn neutral_intensities_keep_the_bits_whatever_the_scale() {
    let pixels = image(1, 4, 4);
    for full_scale in [0.0, f32::NAN, 255.0] {
        assert_eq!(apply(&Recipe::none(), 1, &pixels, full_scale), pixels);
    }
}
