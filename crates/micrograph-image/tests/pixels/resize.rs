//! Pillow is the oracle.

use micrograph_image::{Error, ResizeMode, resize, resize_mask};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array3, s};
use serde::Deserialize;

use crate::{doubles, image, mask};

const MODES: [ResizeMode; 3] = [ResizeMode::Stretch, ResizeMode::Fit, ResizeMode::CenterCrop];

#[derive(Deserialize)]
struct Case {
    image: Vec<f32>,
    shape: [usize; 2],
    out: (usize, usize),
    mode: ResizeMode,
    padding: f32,
    expected: Vec<f64>,
}

#[test]
fn pillow_agrees_for_all_modes() {
    let cases: Vec<Case> = golden(env!("CARGO_MANIFEST_DIR"), "resize.json");
    assert_eq!(cases.len(), 5 * 3);
    for case in cases {
        let got =
            resize(image(&case.image, case.shape).view(), case.mode, case.out, &[case.padding; 4]);
        // Single precision on values up to 255, and goldens of four digits.
        assert_close(&doubles(&got.unwrap()), &case.expected, 2e-4, 0.0);
    }
}

#[test]
fn an_image_of_the_right_size_keeps_its_bits() {
    let pixels = Array3::from_shape_fn((3, 4, 5), |(c, y, x)| (c + y * x) as f32 * 0.1);
    for mode in MODES {
        assert_eq!(resize(pixels.view(), mode, (4, 5), &[9.0]).unwrap(), pixels);
    }
}

#[test]
fn an_even_image_stays_even_at_awkward_sizes() {
    for (height, width, to) in
        [(1, 1, (7, 3)), (1, 97, (5, 5)), (97, 1, (28, 64)), (33, 59, (1, 1))]
    {
        let pixels = Array3::from_elem((2, height, width), 3.0f32);
        for mode in MODES {
            let got = resize(pixels.view(), mode, to, &[3.0; 2]).unwrap();
            assert_eq!(got.dim(), (2, to.0, to.1));
            assert!(got.iter().all(|value| (value - 3.0).abs() < 1e-5), "{mode:?} {got}");
        }
    }
}

/// As it is on the least ground, and what is too large as [`ResizeMode::Fit`] scales it.
#[test]
fn native_pads_to_the_next_multiple_and_scales_what_is_too_large() {
    let pixels = Array3::from_shape_fn((2, 20, 40), |(c, y, x)| (100 * c + 3 * y + x) as f32);
    let native = |most| resize(pixels.view(), ResizeMode::Native, most, &[7.0; 2]).unwrap();
    let pad = resize(pixels.view(), ResizeMode::Pad, (32, 48), &[7.0; 2]).unwrap();
    assert_eq!(native((64, 64)), pad);
    assert_eq!(native((40, 40)), pad);
    let half = native((20, 20));
    assert_eq!(half.dim(), (2, 16, 32));
    let fit = resize(pixels.view(), ResizeMode::Fit, (10, 20), &[]).unwrap();
    assert_eq!(half.slice(s![.., 3..13, 6..26]), fit);
    assert_eq!(half[[0, 2, 6]].to_bits(), 7.0_f32.to_bits());
    for (from, to) in [([1, 1], [16, 16]), ([16, 17], [16, 32]), ([900, 3], [32, 16])] {
        assert_eq!(ResizeMode::Native.target(from, [32, 32]), to, "{from:?}");
    }
    assert_eq!(ResizeMode::Native.target([0, 5], [32, 32]), [32, 32]);
}

#[test]
fn a_mask_keeps_what_is_covered_by_half() {
    let objects = mask(&["####....", "####....", "####....", "####...."]);
    let stretched = resize_mask(objects.view(), ResizeMode::Stretch, (2, 4)).unwrap();
    assert_eq!(stretched, mask(&["##..", "##.."]));
    let fitted = resize_mask(objects.view(), ResizeMode::Fit, (4, 4)).unwrap();
    assert_eq!(fitted, mask(&["....", "##..", "##..", "...."]));
    let cropped = resize_mask(objects.view(), ResizeMode::CenterCrop, (2, 2)).unwrap();
    assert_eq!(cropped, mask(&["#.", "#."]));
}

#[test]
fn sizes_without_pixels_are_refused() {
    let none = Array3::<f32>::zeros((1, 0, 5));
    let error = resize(none.view(), ResizeMode::Stretch, (4, 4), &[]).unwrap_err();
    assert!(matches!(error, Error::ResizeSize { from: [0, 5], to: [4, 4] }), "{error}");
    let one = Array3::<f32>::zeros((1, 1, 1));
    let error = resize(one.view(), ResizeMode::Fit, (4, 0), &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected to scale at least 1 x 1 pixel to at least 1 x 1 pixel, but got 1 x 1 to 4 x 0 \
         (height x width); choose sides from 1 to 4294967295"
    );
}
