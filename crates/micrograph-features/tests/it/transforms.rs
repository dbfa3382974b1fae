//! Transforms against NumPy, PyWavelets and scikit-image, descriptors after them, and sets by name.

use micrograph_features::{
    Compound, Error, Family, FeatureSet, FirstOrderConfig, HistogramConfig, IntensityRange,
    RadialProfileConfig, Transform, Unit, Weight, first_order, transformed,
};
use micrograph_image::Depth;
use micrograph_testkit::assert_close;
use ndarray::{Array2, s};
use serde::Deserialize;

use crate::phantom::{cases, drawn, gray};

#[derive(Deserialize)]
struct Expected {
    name: String,
    fourier: Vec<f64>,
    fourier_32: Vec<f64>,
    wavelet: Vec<f64>,
    chebyshev: Vec<f64>,
    edges: Vec<f64>,
}

/// Height, width, sums with three weights, eight values: as the script has it.
fn digest(values: &Array2<f64>) -> Vec<f64> {
    let (height, width) = values.dim();
    let flat: Vec<f64> = values.iter().copied().collect();
    let sum = |weight: &dyn Fn(usize) -> f64| -> f64 {
        flat.iter().enumerate().map(|(place, value)| weight(place) * value).sum()
    };
    let mut digest = vec![height as f64, width as f64];
    digest.push(sum(&|_| 1.0));
    digest.push(sum(&|place| (place as f64).sin()));
    digest.push(sum(&|place| ((place * place % 97) as f64).cos()));
    digest.extend((0..8).map(|k| flat[(k * 131 + 5) % flat.len()]));
    digest
}

#[test]
fn transforms_are_those_of_numpy_pywavelets_and_scikit_image() {
    let golden: Vec<Expected> =
        micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "transforms.json");
    for (case, expected) in cases::<serde_json::Value>("lipnet.json").iter().zip(golden) {
        println!("{}", expected.name);
        assert_eq!(case.name, expected.name);
        let image = gray(&case.object()).mapv(f64::from);
        let mut square = Array2::zeros((32, 32));
        for ((y, x), value) in square.indexed_iter_mut() {
            *value = image.get([y, x]).copied().unwrap_or(0.0);
        }
        for (image, transform, expected) in [
            (&image, Transform::Fourier, expected.fourier),
            (&square, Transform::Fourier, expected.fourier_32),
            (&image, Transform::Wavelet, expected.wavelet),
            (&image, Transform::Chebyshev, expected.chebyshev),
            (&image, Transform::Edges, expected.edges),
        ] {
            println!("{transform:?}");
            let got = transformed(image.view(), transform).unwrap();
            assert_close(&digest(&got), &expected, 1e-8, 1e-11);
        }
    }
}

fn compound(transforms: &[Transform], family: Family) -> Family {
    Family::Compound(Compound { transforms: transforms.to_vec(), family: Box::new(family) })
}

#[test]
fn descriptors_are_taken_of_the_box_with_the_mean_around_the_object() {
    use Transform::{Edges, Fourier, Wavelet};
    let statistics = Family::FirstOrder(FirstOrderConfig::default());
    let object = drawn(&["......", ".###..", ".#####", "..###."], |y, x| (7 * y + x * x) as f32);
    let set = FeatureSet {
        families: vec![
            compound(&[Fourier], statistics.clone()),
            compound(&[Fourier, Wavelet], statistics.clone()),
            compound(&[Edges], statistics),
        ],
    };
    let features = set.extract(&object.view()).unwrap();

    let mask = object.mask.slice(s![1..4, 1..6]);
    let mut filled = gray(&object).slice(s![1..4, 1..6]).mapv(f64::from);
    let inside = || filled.iter().zip(&mask).filter(|&(_, &object)| object).map(|(value, _)| value);
    let mean = inside().sum::<f64>() / inside().count() as f64;
    filled.zip_mut_with(&mask, |value, &object| *value = if object { *value } else { mean });

    let single = |plane: Array2<f64>| plane.mapv(|value| f64::from(value as f32));
    let spectrum = single(transformed(filled.view(), Fourier).unwrap());
    let wavelet = single(transformed(spectrum.view(), Wavelet).unwrap());
    let edges = single(transformed(filled.view(), Edges).unwrap());
    let of_object: Vec<f64> =
        edges.iter().zip(&mask).filter(|&(_, &object)| object).map(|(&v, _)| v).collect();
    for (prefix, values) in [
        ("spectrum", spectrum.iter().copied().collect()),
        ("wavelet_of_spectrum", wavelet.iter().copied().collect()),
        ("edges", of_object),
    ] {
        let expected = first_order(&values, &FirstOrderConfig::default()).unwrap();
        let got = ["minimum", "mean"]
            .map(|of| features.get(&format!("{prefix}_intensity_{of}")).unwrap());
        assert_close(&got, &[expected[0], expected[9]], 1e-12, 0.0);
    }
    let unit = |name: &str| {
        features.columns.iter().find(|column| column.name == name).map(|column| column.unit)
    };
    assert_eq!(unit("spectrum_intensity_mean"), Some(Unit::One));
    assert_eq!(unit("edges_intensity_mean"), Some(Unit::Intensity));
}

#[test]
fn a_spectrum_does_not_depend_on_brightness_and_contrast() {
    for case in cases::<serde_json::Value>("lipnet.json") {
        let object = case.object();
        let mut lit = object.clone();
        lit.pixels.mapv_inplace(|value| 4.0 * value + 64.0);
        let statistics = Family::FirstOrder(FirstOrderConfig::default());
        let set = FeatureSet { families: vec![compound(&[Transform::Fourier], statistics)] };
        let [a, b] = [&object, &lit].map(|object| set.extract(&object.view()).unwrap().values);
        // As the planes are of 32 bits; kurtosis and energies are the most sensitive.
        assert_close(&a, &b, 1e-4, 1e-4);
    }
}

#[test]
fn families_of_the_mask_cannot_follow_transforms() {
    let object = drawn(&["##", "##"], |y, x| (y + x) as f32);
    let nested = compound(&[Transform::Wavelet], Family::FirstOrder(FirstOrderConfig::default()));
    for family in [Family::Area, Family::HuMoments(Weight::Shape), nested] {
        let set = FeatureSet { families: vec![compound(&[Transform::Fourier], family)] };
        let error = set.extract(&object.view()).unwrap_err();
        assert!(matches!(error, Error::Transformed { .. }), "{error}");
        assert!(set.columns(1, None).is_err());
    }
    let range = IntensityRange::Object;
    let histogram = Family::Histogram(HistogramConfig { bins: 3, range });
    let none = FeatureSet { families: vec![compound(&[], histogram)] };
    assert_eq!(
        none.extract(&object.view()).unwrap_err().to_string(),
        "expected transforms from 1 to 8, got 0"
    );
}

#[test]
fn profiles_after_transforms_are_in_pixels() {
    let mut object = drawn(&["####", "####", "####"], |y, x| (3 * y + x) as f32);
    object.pixel_size_nm = Some(micrograph_image::PixelSize { y_nm: 2.0, x_nm: 2.0 });
    let profile = Family::RadialProfile(RadialProfileConfig::default());
    let set = FeatureSet { families: vec![compound(&[Transform::Edges], profile)] };
    let features = set.extract(&object.view()).unwrap();
    assert!(features.get("edges_radial_profile_00").is_some());
}

#[test]
fn sets_have_names() {
    let range = IntensityRange::from(Depth::U8);
    let mut sizes = Vec::new();
    for name in FeatureSet::PRESETS {
        let set = FeatureSet::preset(name, range).unwrap();
        sizes.push(set.columns(1, None).unwrap().len());
    }
    assert_eq!(sizes, [116, 63, 7, 64, 168, 403, 1804, 2453]);
    assert_eq!(
        FeatureSet::preset("lipnett", range).unwrap_err().to_string(),
        "expected one of the sets lipnet, vironova, size, shape, texture, appearance, wndcharm, all, got \"lipnett\""
    );
}
