//! NumPy, scikit-image and Pillow are the oracles.

use micrograph_image::{
    Channels, Depth, Error, Normalization, Normalizer, TrainingMoments, convert_channels,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array3, array};
use proptest::prelude::*;
use serde::Deserialize;

use crate::doubles;

#[derive(Deserialize)]
struct Values {
    shape: [usize; 3],
    image: Vec<f32>,
    z_score: Vec<f64>,
    low: f64,
    high: f64,
    clipped: Vec<f64>,
    floats: Vec<f32>,
    unit_range: Vec<f64>,
    stream_widths: Vec<usize>,
    stream: Vec<Vec<f32>>,
    stream_mean: Vec<f64>,
    stream_std: Vec<f64>,
    color_shape: [usize; 3],
    color: Vec<f32>,
    gray: Vec<f64>,
}

fn values() -> Values {
    golden(env!("CARGO_MANIFEST_DIR"), "values.json")
}

fn array3(shape: [usize; 3], values: &[f32]) -> Array3<f32> {
    Array3::from_shape_vec(shape, values.to_vec()).unwrap()
}

fn normalized(normalizer: &Normalizer, pixels: &Array3<f32>, depth: Depth) -> Vec<f64> {
    let mut pixels = pixels.clone();
    normalizer.apply(&mut pixels, depth).unwrap();
    doubles(&pixels)
}

/// Goldens have six digits, and results of a few units single precision.
const TOLERANCE: f64 = 2e-6;

#[test]
fn numpy_agrees_on_z_scores_of_an_image() {
    // The second channel lies at 60,000 to 60,004: single precision would leave two digits.
    let values = values();
    let image = array3(values.shape, &values.image);
    let got = normalized(&Normalizer::ImageZScore, &image, Depth::U16);
    assert_close(&got, &values.z_score, TOLERANCE, 0.0);
}

#[test]
fn scikit_image_agrees_on_clipping_at_percentiles() {
    let values = values();
    let image = array3(values.shape, &values.image);
    let normalizer = Normalizer::PercentileClip { low: values.low, high: values.high };
    let got = normalized(&normalizer, &image, Depth::U16);
    assert_close(&got, &values.clipped, TOLERANCE, 0.0);
}

#[test]
fn the_unit_range_of_floats_is_that_of_the_image() {
    let values = values();
    let image = array3(values.shape, &values.floats);
    let got = normalized(&Normalizer::UnitRange, &image, Depth::F32);
    assert_close(&got, &values.unit_range, TOLERANCE, 0.0);
}

#[test]
fn the_unit_range_of_integers_is_that_of_their_depth() {
    let eight = normalized(&Normalizer::UnitRange, &array![[[0.0, 51.0, 255.0]]], Depth::U8);
    assert_close(&eight, &[0.0, 0.2, 1.0], 1e-7, 0.0);
    let sixteen =
        normalized(&Normalizer::UnitRange, &array![[[0.0, 13107.0, 65535.0]]], Depth::U16);
    assert_close(&sixteen, &[0.0, 0.2, 1.0], 1e-7, 0.0);
}

#[test]
fn numpy_agrees_on_moments_of_a_stream() {
    let values = values();
    let mut moments = TrainingMoments::default();
    for (width, part) in values.stream_widths.iter().zip(&values.stream) {
        moments.push(array3([2, 3, *width], part).view()).unwrap();
    }
    let Normalizer::DatasetZScore { mean, std } =
        moments.finish(Normalization::DatasetZScore).unwrap()
    else {
        panic!("another normalizer");
    };
    assert_close(&doubles(&mean), &values.stream_mean, 0.0, 1e-7);
    assert_close(&doubles(&std), &values.stream_std, 0.0, 1e-7);
}

#[test]
fn a_flat_image_becomes_zero() {
    let flat = Array3::from_elem((2, 3, 3), 17.3f32);
    let normalizers = [
        Normalizer::ImageZScore,
        Normalizer::DatasetZScore { mean: vec![3.0; 2], std: vec![0.0; 2] },
        Normalizer::PercentileClip { low: 1.0, high: 99.0 },
        Normalizer::UnitRange,
    ];
    for normalizer in normalizers {
        assert_eq!(normalized(&normalizer, &flat, Depth::F32), [0.0; 18], "{normalizer:?}");
    }
}

#[test]
fn what_cannot_be_normalized_is_refused() {
    let mut pixels = Array3::<f32>::zeros((3, 2, 2));
    let gray = Normalizer::DatasetZScore { mean: vec![1.0], std: vec![1.0] };
    let error = gray.apply(&mut pixels, Depth::U8).unwrap_err();
    assert!(matches!(error, Error::NormalizerChannels { fitted: 1, got: 3 }), "{error}");
    for (low, high) in [(-1.0, 99.0), (5.0, 5.0), (1.0, 100.5), (f64::NAN, 99.0)] {
        let error = Normalizer::PercentileClip { low, high }.apply(&mut pixels, Depth::U8);
        assert!(matches!(error, Err(Error::Percentiles { .. })));
        let error = TrainingMoments::default().finish(Normalization::PercentileClip { low, high });
        assert!(matches!(error, Err(Error::Percentiles { .. })));
    }
    let error = TrainingMoments::default().finish(Normalization::DatasetZScore);
    assert!(matches!(error, Err(Error::NoMoments)));
    let mut moments = TrainingMoments::default();
    moments.push(pixels.view()).unwrap();
    let error = moments.push(Array3::zeros((1, 2, 2)).view()).unwrap_err();
    assert!(matches!(error, Error::NormalizerChannels { fitted: 3, got: 1 }), "{error}");
}

#[test]
fn pillow_agrees_on_gray() {
    let values = values();
    let color = array3(values.color_shape, &values.color);
    let gray = convert_channels(color.view(), Channels::Gray);
    // Pillow rounds to whole gray values.
    assert_close(&doubles(&gray), &values.gray, 0.5 + 1e-3, 0.0);
    let mean = doubles(&gray).iter().sum::<f64>() / 24.0;
    assert_close(&[mean], &[values.gray.iter().sum::<f64>() / 24.0], 0.15, 0.0);
}

#[test]
fn channels_other_than_three_are_averaged() {
    let four = array![[[1.0f32]], [[2.0]], [[3.0]], [[6.0]]];
    assert_eq!(convert_channels(four.view(), Channels::Gray), array![[[3.0]]]);
    assert_eq!(convert_channels(four.view(), Channels::Rgb), array![[[3.0]], [[3.0]], [[3.0]]]);
    assert_eq!(convert_channels(four.view(), Channels::Native), four);
    let gray = array![[[5.0f32]]];
    assert_eq!(convert_channels(gray.view(), Channels::Rgb), array![[[5.0]], [[5.0]], [[5.0]]]);
}

proptest! {
    #[test]
    fn merged_parts_are_the_whole(
        values in prop::collection::vec(0f32..65535.0, 2..40),
        cut in 0usize..40,
    ) {
        let row = |values: &[f32]| Array3::from_shape_vec((1, 1, values.len()), values.to_vec()).unwrap();
        let (first, second) = values.split_at(cut.min(values.len()));
        let (mut left, mut right) = (TrainingMoments::default(), TrainingMoments::default());
        left.push(row(first).view()).unwrap();
        right.push(row(second).view()).unwrap();
        left.merge(&right).unwrap();
        let mut whole = TrainingMoments::default();
        whole.push(row(&values).view()).unwrap();
        let numbers = |moments: &TrainingMoments| {
            let Ok(Normalizer::DatasetZScore { mean, std }) = moments.finish(Normalization::DatasetZScore)
            else { panic!("no moments") };
            vec![f64::from(mean[0]), f64::from(std[0])]
        };
        assert_close(&numbers(&left), &numbers(&whole), 1e-4, 1e-7);
    }

    #[test]
    fn a_z_scored_image_has_mean_zero_and_variance_one(values in prop::collection::vec(0f32..255.0, 12)) {
        let image = Array3::from_shape_vec((1, 3, 4), values).unwrap();
        let got = normalized(&Normalizer::ImageZScore, &image, Depth::U8);
        let mean = got.iter().sum::<f64>() / 12.0;
        let variance = got.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 12.0;
        assert_close(&[mean, variance], &[0.0, 1.0], 1e-5, 0.0);
    }
}
