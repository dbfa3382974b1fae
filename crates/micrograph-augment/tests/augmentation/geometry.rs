//! Keras' composition on SciPy's spline, and scikit-image's turns, are the oracles.

use micrograph_augment::{Drawn, Recipe, Steps, augment};
use micrograph_image::{Affine, Interpolation, warp};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array3, s};
use serde::Deserialize;

use crate::{doubles, image, key};

#[derive(Deserialize)]
struct Case {
    image: Vec<f32>,
    shape: (usize, usize),
    drawn: Drawn,
    interpolation: Interpolation,
    expected: Vec<f64>,
}

#[test]
fn keras_scipy_and_scikit_image_agree_on_the_geometry() {
    let recipe = Recipe { steps: Steps::Continuous, ..Recipe::thesis() };
    let cases: Vec<Case> = golden(env!("CARGO_MANIFEST_DIR"), "transform.json");
    assert_eq!(cases.len(), 7 + 3);
    for Case { image, shape, drawn, interpolation, expected } in cases {
        let pixels = Array3::from_shape_vec((1, shape.0, shape.1), image).unwrap();
        let transform = recipe.transform(&drawn, shape);
        let got = warp(pixels.view(), shape, &transform, interpolation, recipe.border);
        // Single precision against double: 1e-6 of the range, which is 255.
        assert_close(&doubles(&got), &expected, 2.5e-4, 0.0);
    }
}

/// A recipe with the thesis's spline, and nothing that moves.
fn still() -> Recipe {
    Recipe { interpolation: Recipe::thesis().interpolation, ..Recipe::none() }
}

#[test]
fn flips_are_exact_mirrors() {
    let pixels = image(2, 5, 8);
    let flipped = |flip_horizontal, flip_vertical| {
        let recipe = Recipe { flip_horizontal, flip_vertical, ..still() };
        augment(&recipe, key(1), pixels.view(), None, 255.0).unwrap().0
    };
    assert_eq!(flipped(1.0, 0.0), pixels.slice(s![.., .., ..;-1]));
    assert_eq!(flipped(0.0, 1.0), pixels.slice(s![.., ..;-1, ..]));
    assert_eq!(flipped(1.0, 1.0), pixels.slice(s![.., ..;-1, ..;-1]));
}

#[test]
fn quarter_turns_are_exact_and_counterclockwise() {
    let pixels = image(1, 6, 6);
    let turned = |rotation_degrees| {
        let drawn = Drawn { rotation_degrees, ..still().draw(key(1)) };
        let transform = still().transform(&drawn, (6, 6));
        warp(pixels.view(), (6, 6), &transform, still().interpolation, still().border)
    };
    // Rows become columns, and the last column the first row.
    assert_eq!(turned(90.0), pixels.view().permuted_axes([0, 2, 1]).slice(s![.., ..;-1, ..]));
    assert_eq!(turned(180.0), pixels.slice(s![.., ..;-1, ..;-1]));
    assert_eq!(turned(-180.0), turned(180.0));
    assert_eq!(turned(-90.0), turned(270.0));
}

#[test]
fn the_center_stays_but_for_shifts() {
    let recipe = Recipe { shift_fraction: 0.0, ..Recipe::thesis() };
    for n in 0..100 {
        let drawn = recipe.draw(key(n));
        let at_center = recipe.transform(&drawn, (29, 64)).apply([14.0, 31.5]);
        assert_close(&at_center, &[14.0, 31.5], 1e-12, 0.0);
    }
}

#[test]
fn a_zoom_below_one_enlarges_the_content() {
    let drawn = Drawn { zoom: 0.8, ..still().draw(key(1)) };
    let transform = still().transform(&drawn, (11, 11));
    // What was 4 pixels right of the center is now 5 pixels right of it.
    assert_close(&transform.apply([5.0, 10.0]), &[5.0, 9.0], 1e-12, 0.0);
}

#[test]
fn whole_shifts_move_pixels_unchanged() {
    let recipe = Recipe { shift_fraction: 0.1, steps: Steps::Whole, ..still() };
    let drawn = Drawn { shift: [0.9, -0.9], ..recipe.draw(key(1)) };
    // A tenth of 28 pixels is 2.8: at most two whole ones.
    assert_eq!(recipe.shift_px(&drawn, (28, 40)), [2.0, -4.0]);
    let pixels = image(1, 28, 40);
    let transform = recipe.transform(&drawn, (28, 40));
    let moved = warp(pixels.view(), (28, 40), &transform, recipe.interpolation, recipe.border);
    assert_eq!(moved.slice(s![.., 2.., ..-4]), pixels.slice(s![.., ..-2, 4..]));
}

#[test]
fn nothing_drawn_is_the_identity() {
    assert_eq!(still().transform(&still().draw(key(1)), (7, 10)), Affine::IDENTITY);
}
