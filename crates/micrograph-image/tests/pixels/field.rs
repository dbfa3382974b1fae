use micrograph_image::{Affine, Border, Interpolation, warp, warp_field, warp_labels};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, Array3, Axis, array};

#[derive(serde::Deserialize)]
struct Goldens {
    image: Vec<f32>,
    shape: (usize, usize),
    out: (usize, usize),
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    interpolation: Interpolation,
    border: Border,
    expected: Vec<f64>,
}

/// The map of the goldens' script.
fn curved([y, x]: [f64; 2]) -> [f64; 2] {
    [1.3 * y + 0.05 * x * x - 0.7, 1.7 * x - 0.03 * y * y + 0.4]
}

#[test]
fn scipy_agrees_on_a_curved_map() {
    let goldens: Goldens = golden(env!("CARGO_MANIFEST_DIR"), "field.json");
    let (height, width) = goldens.shape;
    let image = Array3::from_shape_vec((1, height, width), goldens.image).unwrap();
    for Case { interpolation, border, expected } in goldens.cases {
        let got = warp_field(image.view(), goldens.out, &curved, interpolation, border);
        let got: Vec<f64> = got.iter().copied().map(f64::from).collect();
        // Single precision against double: 1e-6 of the range, which is 255.
        assert_close(&got, &expected, 2.5e-4, 0.0);
        if interpolation == Interpolation::Nearest {
            let labels = image.index_axis(Axis(0), 0).mapv(|value| (10.0 * value).round() as u32);
            let moved = warp_labels(labels.view(), goldens.out, &curved, border, 0);
            let moved: Vec<f64> = moved.iter().map(|&label| f64::from(label) / 10.0).collect();
            assert_close(&moved, &expected, 1e-6, 0.0);
        }
    }
}

#[test]
fn an_affine_map_is_a_field_too() {
    let image = Array3::from_shape_fn((2, 7, 9), |(c, y, x)| (c * 40 + y * y * 3 + x * 5) as f32);
    let affine = Affine { matrix: [[0.8, 0.3], [-0.2, 1.1]], offset: [0.4, -1.3] };
    for interpolation in
        [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::CubicSpline]
    {
        for border in [Border::Constant(3.0), Border::Nearest, Border::Reflect, Border::Wrap] {
            let out =
                warp_field(image.view(), (5, 6), &|at| affine.apply(at), interpolation, border);
            assert_eq!(out, warp(image.view(), (5, 6), &affine, interpolation, border));
        }
    }
}

#[test]
fn labels_have_borders_and_no_limits() {
    let labels = array![[70_000_001_u32, 2]];
    let far = |[y, x]: [f64; 2]| [y, x - 1.0];
    let moved = |border| warp_labels(labels.view(), (1, 4), &far, border, 9);
    assert_eq!(moved(Border::Constant(0.5)), array![[9, 70_000_001, 2, 9]]);
    assert_eq!(moved(Border::Nearest), array![[70_000_001, 70_000_001, 2, 2]]);
    assert_eq!(moved(Border::Wrap), array![[2, 70_000_001, 2, 70_000_001]]);
    let nowhere = |_| [f64::NAN, f64::INFINITY];
    assert_eq!(warp_labels(labels.view(), (1, 1), &nowhere, Border::Constant(0.0), 9), array![[9]]);
    let empty = Array2::<u32>::zeros((0, 3));
    assert_eq!(warp_labels(empty.view(), (1, 1), &far, Border::Reflect, 9), array![[9]]);
}
