//! SciPy is the oracle; the laws hold for any image.

use micrograph_image::{Affine, Border, Interpolation, warp, warp_mask, warp_mask_with_border};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array3, array};
use proptest::prelude::*;
use serde::Deserialize;

use crate::{doubles, image, mask};

const INTERPOLATIONS: [Interpolation; 3] =
    [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::CubicSpline];
const BORDERS: [Border; 4] =
    [Border::Constant(7.0), Border::Nearest, Border::Reflect, Border::Wrap];

#[derive(Deserialize)]
struct Case {
    image: Vec<f32>,
    shape: [usize; 2],
    out: (usize, usize),
    matrix: [[f64; 2]; 2],
    offset: [f64; 2],
    interpolation: Interpolation,
    border: Border,
    expected: Vec<f64>,
}

#[test]
fn scipy_agrees_for_all_orders_and_borders() {
    let cases: Vec<Case> = golden(env!("CARGO_MANIFEST_DIR"), "resample.json");
    assert_eq!(cases.len(), 4 * 3 * 4);
    for case in cases {
        let transform = Affine { matrix: case.matrix, offset: case.offset };
        let pixels = image(&case.image, case.shape);
        let got = warp(pixels.view(), case.out, &transform, case.interpolation, case.border);
        // Single precision against double: 1e-6 of the range, which is 255.
        assert_close(&doubles(&got), &case.expected, 2.5e-4, 0.0);
    }
}

fn shift(y: f64, x: f64) -> Affine {
    Affine { offset: [y, x], ..Affine::IDENTITY }
}

#[test]
fn a_shift_of_whole_pixels_shows_each_border() {
    let row = array![[[1.0f32, 2.0, 3.0, 4.0]]];
    let expected = [
        (Border::Constant(9.0), [9.0, 9.0, 9.0, 9.0, 9.0, 1.0, 2.0, 3.0, 4.0, 9.0, 9.0, 9.0]),
        (Border::Nearest, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0]),
        (Border::Reflect, [4.0, 4.0, 3.0, 2.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 3.0, 2.0]),
        (Border::Wrap, [4.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0]),
    ];
    for (border, expected) in expected {
        for interpolation in INTERPOLATIONS {
            let got = warp(row.view(), (1, 12), &shift(0.0, -5.0), interpolation, border);
            assert_eq!(got.as_slice().unwrap(), expected, "{interpolation:?} {border:?}");
        }
    }
}

#[test]
fn halves_between_two_pixels_go_up() {
    let row = array![[[1.0f32, 2.0, 3.0]]];
    let got =
        warp(row.view(), (1, 3), &shift(0.0, 0.5), Interpolation::Nearest, Border::Constant(0.0));
    assert_eq!(got, array![[[2.0, 3.0, 0.0]]]);
}

#[test]
fn a_spline_passes_through_the_pixels() {
    for (height, width) in [(9, 6), (1, 1), (2, 1), (3, 2), (4, 5)] {
        let pixels = Array3::from_shape_fn((2, height, width), |(c, y, x)| {
            ((c * 7 + y * 5 + x * 11) % 13) as f32
        });
        // Off the grid by a hair, so that the spline is evaluated and no pixel copied.
        let off = shift(1e-9, -1e-9);
        for border in BORDERS {
            let got =
                warp(pixels.view(), (height, width), &off, Interpolation::CubicSpline, border);
            assert_close(&doubles(&got), &doubles(&pixels), 1e-5, 0.0);
        }
    }
}

#[test]
fn nothing_breaks_on_odd_input() {
    let none = Array3::<f32>::zeros((2, 0, 5));
    let got = warp(none.view(), (1, 2), &Affine::IDENTITY, Interpolation::Bilinear, BORDERS[0]);
    assert_eq!(got, Array3::from_elem((2, 1, 2), 7.0));
    let pixels = Array3::from_elem((1, 3, 3), 7.0f32);
    for offset in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        for interpolation in INTERPOLATIONS {
            for border in BORDERS {
                let got =
                    warp(pixels.view(), (2, 2), &shift(offset, offset), interpolation, border);
                assert_close(&doubles(&got), &[7.0; 4], 1e-5, 0.0);
            }
        }
    }
    assert_eq!(
        warp(pixels.view(), (0, 2), &Affine::IDENTITY, INTERPOLATIONS[1], BORDERS[1]).len(),
        0
    );
}

#[test]
fn a_mask_ends_at_its_edge_or_goes_on_with_the_image() {
    let objects = mask(&["##.", "..."]);
    let left = shift(0.0, -2.0);
    assert_eq!(warp_mask(objects.view(), (1, 3), &left), mask(&["..#"]));
    let continued = |border| warp_mask_with_border(objects.view(), (1, 3), &left, border);
    assert_eq!(continued(Border::Constant(255.0)), mask(&["..#"]));
    assert_eq!(continued(Border::Reflect), mask(&["###"]));
    assert_eq!(continued(Border::Wrap), mask(&["#.#"]));
}

prop_compose! {
    fn any_image()(channels in 1usize..3, height in 1usize..9, width in 1usize..9)(
        values in prop::collection::vec(-100f32..100.0, channels * height * width),
        shape in Just((channels, height, width)),
    ) -> Array3<f32> {
        Array3::from_shape_vec(shape, values).unwrap()
    }
}

prop_compose! {
    fn any_transform()(
        entries in prop::array::uniform4(-2f64..2.0),
        offset in prop::array::uniform2(-9f64..9.0),
    ) -> Affine {
        let [a, b, c, d] = entries;
        Affine { matrix: [[a, b], [c, d]], offset }
    }
}

fn size(pixels: &Array3<f32>) -> (usize, usize) {
    (pixels.dim().1, pixels.dim().2)
}

proptest! {
    #[test]
    fn the_identity_keeps_the_bits(pixels in any_image()) {
        for interpolation in INTERPOLATIONS {
            for border in BORDERS {
                let got = warp(pixels.view(), size(&pixels), &Affine::IDENTITY, interpolation, border);
                prop_assert_eq!(&got, &pixels);
            }
        }
    }

    #[test]
    fn an_even_image_stays_even(transform in any_transform(), height in 1usize..9, width in 1usize..9) {
        let pixels = Array3::from_elem((1, height, width), 7.0f32);
        for interpolation in INTERPOLATIONS {
            for border in BORDERS {
                let got = warp(pixels.view(), (4, 5), &transform, interpolation, border);
                prop_assert!(got.iter().all(|value| (value - 7.0).abs() < 1e-5), "{} {:?}", got, border);
            }
        }
    }

    #[test]
    fn warping_is_linear(a in any_image(), transform in any_transform(), factor in -3f32..3.0) {
        let b = a.mapv(|value| (value * 0.37).sin() * 50.0);
        for interpolation in INTERPOLATIONS {
            for border in [Border::Constant(0.0), Border::Nearest, Border::Reflect, Border::Wrap] {
                let warped = |pixels: &Array3<f32>| {
                    warp(pixels.view(), (4, 5), &transform, interpolation, border)
                };
                let of_sum = warped(&(&a + &(&b * factor)));
                let sum = warped(&a) + warped(&b) * factor;
                assert_close(&doubles(&of_sum), &doubles(&sum), 1e-3, 0.0);
            }
        }
    }

    #[test]
    fn a_mask_follows_its_image(pixels in any_image(), transform in any_transform()) {
        let objects = pixels.index_axis(ndarray::Axis(0), 0).mapv(|value| value > 0.0);
        let binary = objects.mapv(|object| f32::from(u8::from(object))).insert_axis(ndarray::Axis(0));
        for border in [Border::Constant(0.0), Border::Nearest, Border::Reflect, Border::Wrap] {
            let image = warp(binary.view(), (6, 5), &transform, Interpolation::Nearest, border);
            let mask = warp_mask_with_border(objects.view(), (6, 5), &transform, border);
            prop_assert_eq!(image.index_axis(ndarray::Axis(0), 0).mapv(|value| value > 0.5), mask);
        }
    }

    #[test]
    fn a_composed_map_is_one_map_after_the_other(
        a in any_transform(),
        b in any_transform(),
        point in prop::array::uniform2(-9f64..9.0),
    ) {
        let composed = a.compose(&b).apply(point);
        assert_close(&composed, &a.apply(b.apply(point)), 1e-9, 1e-12);
    }
}
