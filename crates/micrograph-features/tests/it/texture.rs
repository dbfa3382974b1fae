//! Intensity and texture against pyradiomics, mahotas and scikit-image.

use micrograph_features::{
    BinaryPatternConfig, Family, FeatureSet, Features, FirstOrderConfig, GaborConfig,
    HaralickConfig, IntensityRange, Levels, binary_patterns, cooccurrence, first_order,
    gabor_energy, gray_level_zones, gray_levels, run_statistics, tone_differences,
};
use micrograph_testkit::assert_close;
use ndarray::Array2;
use serde::Deserialize;

use crate::phantom::{Case, cases, gray, object_values, turned};

const EIGHT: Levels = Levels { levels: 8, range: IntensityRange::Object };

#[derive(Deserialize)]
struct Expected {
    first_order: Vec<f64>,
    levels: Vec<u8>,
    cooccurrence: Vec<Vec<f64>>,
    haralick_1: Option<Vec<f64>>,
    haralick_3: Option<Vec<f64>>,
    runs_mean: Vec<f64>,
    runs_range: Vec<f64>,
    zones: Vec<f64>,
    tone: Vec<f64>,
    binary_patterns_8_1: Vec<f64>,
    binary_patterns_16_2: Vec<f64>,
}

fn phantoms() -> Vec<Case<Expected>> {
    cases("texture.json")
}

fn levels_of(case: &Case<Expected>) -> Array2<u8> {
    let object = case.object();
    gray_levels(gray(&object), object.mask.view(), &EIGHT).unwrap()
}

#[test]
fn first_order_statistics_are_those_of_pyradiomics() {
    for case in phantoms() {
        println!("{}", case.name);
        let got =
            first_order(&object_values(&case.object()), &FirstOrderConfig::default()).unwrap();
        // pyradiomics adds 2e-16 to what it takes the logarithm of.
        assert_close(&got, &case.expected.first_order, 1e-12, 1e-12);
    }
}

#[test]
fn levels_are_those_of_numpy() {
    for case in phantoms() {
        assert_eq!(levels_of(&case).into_raw_vec_and_offset().0, case.expected.levels);
    }
}

#[test]
fn co_occurrence_is_that_of_scikit_image() {
    for case in phantoms() {
        // With the background as a level of its own, as scikit-image knows no mask.
        let levels = levels_of(&case) + 1;
        let pairs = cooccurrence(levels.view(), 9, [0, 1]).unwrap();
        let expected: Vec<f64> = case.expected.cooccurrence.iter().flatten().copied().collect();
        assert_close(pairs.as_slice().unwrap(), &expected, 1e-15, 0.0);
    }
}

/// The values of one family.
fn values(case: &Case<Expected>, family: Family) -> Vec<f64> {
    FeatureSet { families: vec![family] }.extract(&case.object().view()).unwrap().values
}

#[test]
fn haralick_features_are_those_of_mahotas() {
    let mut compared = 0;
    for case in phantoms() {
        println!("{}", case.name);
        for (distance, expected) in [(1, &case.expected.haralick_1), (3, &case.expected.haralick_3)]
        {
            let Some(expected) = expected else { continue };
            let config = HaralickConfig { levels: EIGHT, distance };
            assert_close(&values(&case, Family::Haralick(config)), expected, 1e-10, 1e-10);
            compared += 1;
        }
    }
    assert!(compared >= 14, "{compared}");
}

#[test]
fn runs_zones_and_tones_are_those_of_pyradiomics() {
    for case in phantoms() {
        println!("{}", case.name);
        let runs = values(&case, Family::Runs(EIGHT));
        assert_close(&runs[..16], &case.expected.runs_mean, 1e-12, 1e-12);
        assert_close(&runs[16..], &case.expected.runs_range, 1e-11, 1e-12);
        let levels = levels_of(&case);
        let zones = run_statistics(&gray_level_zones(levels.view()));
        assert_close(&zones, &case.expected.zones, 1e-12, 1e-12);
        assert_close(&tone_differences(levels.view()), &case.expected.tone, 1e-12, 1e-11);
    }
}

#[test]
fn binary_patterns_are_those_of_scikit_image() {
    for case in phantoms() {
        println!("{}", case.name);
        let object = case.object();
        for (points, radius_px, expected) in [
            (8, 1.0, &case.expected.binary_patterns_8_1),
            (16, 2.5, &case.expected.binary_patterns_16_2),
        ] {
            let config = BinaryPatternConfig { points, radius_px };
            let got = binary_patterns(gray(&object), object.mask.view(), &config).unwrap();
            assert_close(&got, expected, 1e-12, 0.0);
        }
    }
}

#[derive(Deserialize)]
struct Gabor {
    quarter: Vec<f64>,
    tenth: Vec<f64>,
}

#[test]
fn gabor_energies_are_those_of_scikit_image() {
    for case in cases::<Gabor>("gabor.json") {
        println!("{}", case.name);
        let object = case.object();
        for (frequency, expected) in [(0.25, &case.expected.quarter), (0.1, &case.expected.tenth)] {
            let config = GaborConfig { frequency, orientations: expected.len() };
            let got = gabor_energy(gray(&object), object.mask.view(), &config).unwrap();
            assert_close(&got, expected, 1e-10, 0.0);
        }
    }
}

/// Gabor filters have orientations, in which a quarter turn exchanges two and two.
fn turns(name: &str) -> bool {
    name.starts_with("gabor")
}

#[test]
fn texture_does_not_change_with_a_quarter_turn() {
    for case in phantoms() {
        println!("{}", case.name);
        let object = case.object();
        let [before, after] = [object.clone(), turned(&object)]
            .map(|object| FeatureSet::texture().extract(&object.view()).unwrap());
        let values = |features: &Features, turned: bool| -> Vec<f64> {
            let columns = features.columns.iter().zip(&features.values);
            let kept = columns.filter(|(column, _)| turns(&column.name) == turned);
            kept.map(|(_, &value)| value).collect()
        };
        assert_close(&values(&after, false), &values(&before, false), 1e-9, 1e-9);
        for (before, after) in values(&before, true).chunks(4).zip(values(&after, true).chunks(4)) {
            // Of four orientations, the first becomes the third and the second the fourth.
            let expected = [before[2], before[3], before[0], before[1]];
            assert_close(after, &expected, 1e-9, 1e-9);
        }
    }
}

#[test]
fn texture_does_not_change_with_brightness_and_contrast() {
    for case in phantoms() {
        let object = case.object();
        let mut lit = object.clone();
        lit.pixels.mapv_inplace(|value| 2.0 * value + 32.0);
        let [before, after] =
            [&object, &lit].map(|object| FeatureSet::texture().extract(&object.view()).unwrap());
        for ((column, a), b) in before.columns.iter().zip(&before.values).zip(&after.values) {
            if column.name.starts_with("gabor") {
                assert_close(&[*b], &[2.0 * a], 1e-9, 1e-9);
            } else if !column.name.starts_with("intensity") {
                assert_eq!(a, b, "{}", column.name);
            }
        }
    }
}

#[test]
fn a_flat_object_has_the_texture_of_one_level() {
    let flat = crate::phantom::drawn(&[".....", ".###.", ".###.", "....."], |_, _| 6.0);
    let features = FeatureSet::texture().extract(&flat.view()).unwrap();
    for (name, value) in [
        ("haralick_1_angular_second_moment_mean", 1.0),
        ("haralick_1_correlation_mean", 1.0),
        ("haralick_1_information_measure_1_mean", 0.0),
        ("haralick_4_contrast_mean", 0.0),
        ("haralick_4_correlation_mean", 0.0), // no two pixels are that far apart
        ("zones_long_emphasis", 36.0),
        ("tone_coarseness", 1e6),
        ("tone_strength", 0.0),
        ("binary_pattern_1_08", 1.0),
        ("intensity_skewness", 0.0),
        ("intensity_kurtosis", 0.0),
        ("intensity_entropy", 0.0),
    ] {
        assert_eq!(features.get(name), Some(value), "{name}");
    }
}

#[test]
fn busyness_is_zero_where_levels_weigh_the_same() {
    // Levels 1, 2, 3 on six, three and two of eleven pixels: i p_i = 6/11 for each.
    let levels = ndarray::array![[1, 2, 1, 3, 1, 1, 2, 3, 1, 2, 1]];
    let [_, contrast, busyness, complexity, _] = tone_differences(levels.view());
    assert_eq!(busyness, 0.0);
    assert!(contrast > 0.1 && complexity > 0.1);
}

#[test]
fn moments_of_tiny_deviations_are_those_of_large_ones() {
    let of = |scale: f64| {
        let values = [4.0, 1.0, 2.0, 1.0, -3.0].map(|value| value * scale);
        first_order(&values, &FirstOrderConfig::default()).unwrap()
    };
    let (small, plain) = (of(1e-150), of(1.0));
    assert_close(&small[15..17], &plain[15..17], 1e-12, 0.0);
}
