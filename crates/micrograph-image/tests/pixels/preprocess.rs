//! The steps together, in their order.

use micrograph_image::{
    Channels, Depth, Error, Image, InputMode, Normalizer, Preprocessing, ResizeMode,
};
use micrograph_testkit::assert_close;
use ndarray::{Array2, Array3, array};

use crate::{doubles, mask};

fn preprocessing() -> Preprocessing {
    Preprocessing {
        input_mode: InputMode::Mask,
        surround_px: 50,
        channels: Channels::Gray,
        resize: ResizeMode::Fit,
        size: [2, 4],
        normalizer: Normalizer::DatasetZScore { mean: vec![10.0], std: vec![4.0] },
    }
}

fn image(pixels: Array3<f32>) -> Image {
    Image { pixels, depth: Depth::U8, pixel_size_nm: None, notices: vec![] }
}

#[test]
fn box_channels_size_and_range_follow_each_other() {
    let pixels = Array3::from_shape_fn((3, 4, 4), |(_, y, x)| (2 * x + y) as f32);
    let objects = mask(&["....", ".##.", ".##.", "...."]);
    let (raw, object) =
        preprocessing().geometry(&image(pixels.clone()), Some(objects.view())).unwrap();
    // Two by two pixels, centered on the padding's 0.
    let expected = array![[[0.0, 3.0, 5.0, 0.0], [0.0, 4.0, 6.0, 0.0]]];
    assert_close(&doubles(&raw), &doubles(&expected), 1e-6, 0.0);
    assert_eq!(object, Some(mask(&[".##.", ".##."])));
    let seen = preprocessing().apply(&image(pixels), Some(objects.view())).unwrap();
    let expected = expected.mapv(|value: f32| (value - 10.0) / 4.0);
    assert_close(&doubles(&seen), &doubles(&expected), 1e-6, 0.0);
}

#[test]
fn what_is_wrong_with_an_image_is_told() {
    let pixels = Array3::zeros((3, 4, 4));
    let empty = Array2::from_elem((4, 4), false);
    let error = preprocessing().apply(&image(pixels.clone()), Some(empty.view())).unwrap_err();
    assert!(matches!(error, Error::EmptyMask { .. }), "{error}");
    let native = Preprocessing { channels: Channels::Native, ..preprocessing() };
    let error = native.apply(&image(pixels), None).unwrap_err();
    assert!(matches!(error, Error::NormalizerChannels { fitted: 1, got: 3 }), "{error}");
}
