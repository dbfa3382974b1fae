//! What must stay the same when an object is moved, turned, enlarged or lit otherwise.

use micrograph_features::{
    FeatureSet, Features, IntensityRange, OwnedObject, Weight, central_moments, hu_moments,
    normalized_moments,
};
use micrograph_image::Depth;
use micrograph_testkit::assert_close;
use ndarray::{Array2, Array3};

use crate::phantom::{cases, moved, turned};
use crate::sets::every_set;

fn phantoms() -> Vec<OwnedObject> {
    cases::<serde_json::Value>("lipnet.json").iter().map(|case| case.object()).collect()
}

#[test]
fn a_shift_changes_no_bit() {
    for set in every_set() {
        for object in phantoms() {
            let once = moved(&object, [45, 60], 60);
            let again = moved(&object, [60, 51], 80);
            let [once, again] = [&once, &again].map(|object| set.extract(&object.view()).unwrap());
            assert_eq!(once.values, again.values);
        }
    }
}

/// The columns that a quarter turn changes.
fn turns(name: &str) -> bool {
    let name = name.trim_start_matches("shape_");
    name.starts_with("mu") || name.starts_with("eta")
}

#[test]
fn a_quarter_turn_changes_moments_alone() {
    let set = FeatureSet::lipnet(Depth::U8.into());
    for object in phantoms() {
        let before = set.extract(&object.view()).unwrap();
        let after = set.extract(&turned(&object).view()).unwrap();
        let pick = |features: &Features| -> Vec<f64> {
            let columns = features.columns.iter().zip(&features.values);
            columns.filter(|(column, _)| !turns(&column.name)).map(|(_, &value)| value).collect()
        };
        // Profiles put pixels at a ring's end on either side of it, by rounding of the center alone.
        assert_close(&pick(&after), &pick(&before), 1e-9, 1e-9);
        // Clockwise, x becomes -y and y becomes x.
        for (new, old, sign) in [
            ("mu20", "mu02", 1.0),
            ("mu02", "mu20", 1.0),
            ("mu30", "mu03", -1.0),
            ("mu03", "mu30", 1.0),
        ] {
            let (got, expected) = (after.get(new).unwrap(), sign * before.get(old).unwrap());
            let scale = before.get("mu20").unwrap() * 30.0;
            assert_close(&[got], &[expected], 1e-12 * scale, 0.0);
        }
    }
}

#[test]
fn contrast_and_brightness_change_no_ratio() {
    let set = FeatureSet::lipnet(IntensityRange::Object);
    for object in phantoms() {
        let mut lit = object.clone();
        lit.pixels.mapv_inplace(|value| 4.0 * value + 64.0);
        let [before, after] = [&object, &lit].map(|object| set.extract(&object.view()).unwrap());
        let value = |features: &Features, name: &str| features.get(name).unwrap();
        for name in ["histogram_ownrange_00", "histogram_ownrange_11", "histogram_ownrange_31"] {
            assert_eq!(value(&before, name), value(&after, name), "{name}");
        }
        let signal = |features: &Features| value(features, "signal_to_noise");
        assert_close(&[signal(&after)], &[signal(&before)], 1e-9, 1e-9);
        let variance = |features: &Features| value(features, "internal_segmentation_variance");
        assert_close(&[variance(&after)], &[16.0 * variance(&before)], 1e-9, 1e-9);
        let edge = |features: &Features| value(features, "edge_profile_15");
        assert_close(&[edge(&after)], &[4.0 * edge(&before) + 64.0], 1e-9, 1e-9);
    }
}

/// The weights with each pixel as a square of `factor` x `factor`.
fn enlarged(weights: &Array2<f64>, factor: usize) -> Array2<f64> {
    let (height, width) = weights.dim();
    Array2::from_shape_fn((height * factor, width * factor), |(y, x)| {
        weights[[y / factor, x / factor]]
    })
}

#[test]
fn normalized_moments_come_to_rest_as_the_object_grows() {
    let weights =
        Array2::from_shape_fn((6, 5), |(y, x)| ((7 * y * y + 3 * x * x * x + y * x) % 11) as f64);
    let hu = |factor| {
        hu_moments(&normalized_moments(&central_moments(enlarged(&weights, factor).view())))
    };
    let (small, large, larger) = (hu(4), hu(16), hu(32));
    for k in 0..7 {
        // Squares instead of points: the error falls with the square of the factor. Where there is
        // none, rounding is left.
        let (first, second) = ((small[k] - larger[k]).abs(), (large[k] - larger[k]).abs());
        assert!(
            second <= first / 10.0 + 1e-13 * larger[k].abs(),
            "hu{}: {first:e}, {second:e}",
            k + 1
        );
    }
}

#[test]
fn a_mirror_turns_the_seventh_invariant_alone() {
    let weights =
        Array2::from_shape_fn((6, 5), |(y, x)| ((7 * y * y + 3 * x * x * x + y * x) % 11) as f64);
    let mirrored = weights.slice(ndarray::s![.., ..;-1]).to_owned();
    let hu =
        |weights: &Array2<f64>| hu_moments(&normalized_moments(&central_moments(weights.view())));
    let (before, after) = (hu(&weights), hu(&mirrored));
    let scale = before[3].powi(2);
    assert_close(&after[..6], &before[..6], 1e-10 * scale, 1e-10);
    assert_close(&[after[6]], &[-before[6]], 1e-10 * scale, 0.0);
    assert!(before[6].abs() > 1e-4 * scale, "{before:?}");
}

#[test]
fn moments_of_a_shape_do_not_see_the_image() {
    use micrograph_features::Family;
    let set = FeatureSet { families: vec![Family::HuMoments(Weight::Shape)] };
    for object in phantoms() {
        let mut black = object.clone();
        black.pixels = Array3::zeros(black.pixels.dim());
        let [a, b] = [&object, &black].map(|object| set.extract(&object.view()).unwrap());
        assert_eq!(a, b);
    }
}
