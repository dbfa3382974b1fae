//! The steps together, in their order.

use micrograph_image::{
    Channels, Depth, Error, Image, InputMode, Normalizer, Notice, Preprocessing, ResizeMode,
};
use micrograph_testkit::assert_close;
use ndarray::{Array2, Array3, Axis, array};

use crate::{doubles, mask};

fn preprocessing() -> Preprocessing {
    Preprocessing {
        input_mode: InputMode::Mask,
        surround_px: 50,
        channels: Channels::Gray,
        n_channels: 1,
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
    let shown = preprocessing().geometry(&image(pixels.clone()), Some(objects.view())).unwrap();
    // Two by two pixels, centered on what lies around the object: its mean.
    let expected = array![[[4.5, 3.0, 5.0, 4.5], [4.5, 4.0, 6.0, 4.5]]];
    assert_close(&doubles(&shown.pixels), &doubles(&expected), 1e-6, 0.0);
    assert_eq!(shown.mask, Some(mask(&[".##.", ".##."])));
    assert_eq!(shown.background, Some(vec![4.5]), "the mean of the object");
    assert_eq!(shown.object, [2, 2]);
    let seen = preprocessing().apply(&image(pixels), Some(objects.view())).unwrap();
    let expected = expected.mapv(|value: f32| (value - 10.0) / 4.0);
    assert_close(&doubles(&seen), &doubles(&expected), 1e-6, 0.0);
}

#[test]
fn what_is_wrong_with_an_image_is_told() {
    let pixels = Array3::zeros((3, 4, 4));
    let empty = Array2::from_elem((4, 4), false);
    let error = preprocessing().apply(&image(pixels), Some(empty.view())).unwrap_err();
    assert!(matches!(error, Error::EmptyMask { .. }), "{error}");
    let native = Preprocessing { channels: Channels::Native, ..preprocessing() };
    let error = native.apply(&image(Array3::zeros((5, 4, 4))), None).unwrap_err();
    assert!(matches!(error, Error::ChannelCount { expected: 1, got: 5 }), "{error}");
}

/// A model of gray images sees the same in a gray image, in one stored in colors, and in one with
/// an alpha channel that nothing declares.
#[test]
fn a_gray_image_is_the_same_in_any_coding() {
    let gray = Array3::from_shape_fn((1, 5, 7), |(_, y, x)| (37 * y + 11 * x) as f32 % 256.0);
    let native = Preprocessing { channels: Channels::Native, ..preprocessing() };
    let expected = native.geometry(&image(gray.clone()), None).unwrap();
    let coded = |channels: &[usize]| {
        let planes = Array3::from_shape_fn((channels.len(), 5, 7), |(c, y, x)| match channels[c] {
            0 => gray[[0, y, x]],
            _ => 255.0,
        });
        native.geometry(&image(planes), None).unwrap()
    };
    assert_eq!(coded(&[0, 0, 0]), expected);
    for with_alpha in [coded(&[0, 1]), coded(&[0, 0, 0, 1])] {
        assert_eq!(with_alpha.pixels, expected.pixels);
        assert_eq!(with_alpha.notice, Some(Notice::ConstantChannelDropped));
    }
    assert_eq!(coded(&[0, 0, 1]).notice, Some(Notice::ColorsDropped));
}

#[test]
fn a_model_of_colors_takes_gray_three_times() {
    let gray = Array3::from_shape_fn((1, 2, 4), |(_, y, x)| (y + x) as f32);
    let colors = Preprocessing { channels: Channels::Native, n_channels: 3, ..preprocessing() };
    let shown = colors.geometry(&image(gray.clone()), None).unwrap();
    assert_eq!((shown.pixels.dim(), shown.notice), ((3, 2, 4), None));
    assert!(shown.pixels.outer_iter().all(|plane| plane == gray.index_axis(Axis(0), 0)));
}
