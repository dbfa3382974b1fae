//! No object, one pixel, one intensity, objects at the border: values by the stated rules.

use micrograph_features::{FeatureSet, Features, IntensityRange, OwnedObject};

use crate::phantom::drawn;
use crate::sets::every_set;

fn features(object: &OwnedObject) -> Features {
    FeatureSet::lipnet(RANGE).extract(&object.view()).unwrap()
}

const RANGE: IntensityRange = IntensityRange::Fixed { low: 0.0, high: 256.0 };

#[track_caller]
fn check(features: &Features, expected: &[(&str, f64)]) {
    for &(name, value) in expected {
        assert_eq!(features.get(name), Some(value), "{name}");
    }
}

#[test]
fn without_an_object_all_is_zero() {
    let none = drawn(&["....", "....", "...."], |y, x| (y * x) as f32);
    for set in every_set() {
        let features = set.extract(&none.view()).unwrap();
        for (column, value) in features.columns.iter().zip(&features.values) {
            assert_eq!(*value, 0.0, "{}", column.name);
        }
    }
}

#[test]
fn an_image_without_pixels_has_no_object() {
    let nothing = OwnedObject {
        pixels: ndarray::Array3::zeros((1, 0, 5)),
        mask: ndarray::Array2::from_elem((0, 5), true),
        pixel_size_nm: None,
    };
    for set in every_set() {
        let features = set.extract(&nothing.view()).unwrap();
        assert!(features.values.iter().all(|&value| value == 0.0));
    }
}

#[test]
fn one_pixel_has_the_values_of_a_point() {
    let point = drawn(&[".....", ".....", "..#..", ".....", "....."], |y, x| (10 * y + x) as f32);
    check(
        &features(&point),
        &[
            ("area_px2", 1.0),
            ("diameter_ellipse", 0.0),
            ("diameter_polygon", 2.0_f64.sqrt()),
            ("maximum_width_polygon_px", 1.0),
            ("mu20", 0.0),
            ("eta20", 0.0),
            ("hu1", 0.0),
            ("histogram_02", 1.0),
            ("radial_profile_00", 22.0),
            ("radial_profile_31", 22.0),
            ("edge_profile_15", 22.0),
            ("edge_profile_00", 22.0),
            ("internal_segmentation_variance", 0.0),
        ],
    );
    let circularity = features(&point).get("circularity").unwrap();
    assert!((circularity - std::f64::consts::FRAC_PI_4).abs() < 1e-15, "{circularity}");
}

#[test]
fn pixels_that_are_no_numbers_do_not_matter_without_an_object() {
    let none = drawn(&["...", "..."], |_, _| f32::NAN);
    for set in every_set() {
        let features = set.extract(&none.view()).unwrap();
        assert!(features.values.iter().all(|&value| value == 0.0));
    }
}

#[test]
fn a_flat_object_has_no_contrast() {
    let flat = drawn(&["......", ".####.", ".####.", ".####.", "......"], |_, _| 70.0);
    check(
        &features(&flat),
        &[
            ("signal_to_noise", 0.0),
            ("internal_segmentation_variance", 0.0),
            ("histogram_08", 1.0),
            ("edge_profile_23", 70.0),
            ("radial_profile_00", 70.0),
        ],
    );
}

#[test]
fn a_black_object_has_no_intensity_to_weigh() {
    let black = drawn(&["....", ".##.", ".##.", "...."], |_, _| 0.0);
    check(&features(&black), &[("mu20", 0.0), ("eta20", 0.0), ("hu1", 0.0), ("hu7", 0.0)]);
}

#[test]
fn a_membrane_without_variation_along_it_has_the_highest_signal_to_noise() {
    let step = drawn(&["......", ".####.", ".####.", "......"], |y, x| {
        if (1..3).contains(&y) && (1..5).contains(&x) { 200.0 } else { 20.0 }
    });
    check(&features(&step), &[("signal_to_noise", 1e6)]);
}

#[test]
fn an_object_that_fills_its_image_ends_at_the_border() {
    let full = drawn(&["#####", "#####", "#####"], |y, x| (10 * y + x) as f32);
    check(
        &features(&full),
        &[
            ("area_px2", 15.0),
            ("maximum_width_polygon_px", 2.0),
            ("diameter_polygon", 34.0_f64.sqrt()),
            ("edge_profile_15", 12.0),
            ("edge_profile_16", 12.0), // no pixels outside: as inside
        ],
    );
}

#[test]
fn all_values_are_finite_for_whatever_mask_and_intensities() {
    let masks: [&[&str]; 6] = [
        &["#"],
        &["##"],
        &["#.#", "...", "#.#"],
        &["#....", ".#...", "..#..", "...#."],
        &["###", "#.#", "###"],
        &["..#..", "..#..", "#####", "..#..", "..#.."],
    ];
    type Values = fn(usize, usize) -> f32;
    let values: [Values; 5] = [
        |_, _| 0.0,
        |_, _| -3.5,
        |y, x| y as f32 - x as f32,
        |y, x| 1e30 * (y as f32 * 3.0 - x as f32 * 2.0),
        |y, x| 1e-38 * (y + x) as f32,
    ];
    for rows in masks {
        for value in values {
            let object = drawn(rows, value);
            for set in every_set() {
                let features = set.extract(&object.view()).unwrap();
                for (column, value) in features.columns.iter().zip(&features.values) {
                    assert!(value.is_finite(), "{}: {value} in {rows:?}", column.name);
                }
            }
        }
    }
}

#[test]
fn a_circle_wider_than_the_image_leaves_no_pixel() {
    use micrograph_features::{BinaryPatternConfig, binary_patterns};
    for shape in [(90, 3), (3, 90), (9, 9), (1, 1)] {
        let values = ndarray::Array2::from_shape_fn(shape, |(y, x)| (y * x) as f32);
        let mask = ndarray::Array2::from_elem(shape, true);
        let config = BinaryPatternConfig { points: 64, radius_px: 20.0 };
        let patterns = binary_patterns(values.view(), mask.view(), &config).unwrap();
        assert_eq!(patterns, [0.0; 66]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn any_mask_has_finite_values(
        object in proptest::collection::vec(proptest::bool::ANY, 30),
        values in proptest::collection::vec(-1e6_f32..1e6, 30),
    ) {
        let object = OwnedObject {
            pixels: ndarray::Array3::from_shape_vec((1, 5, 6), values).unwrap(),
            mask: ndarray::Array2::from_shape_vec((5, 6), object).unwrap(),
            pixel_size_nm: None,
        };
        for set in every_set() {
            let features = set.extract(&object.view()).unwrap();
            proptest::prop_assert!(features.values.iter().all(|value| value.is_finite()));
        }
    }
}
