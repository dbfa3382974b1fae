//! What is written is read again.

use micrograph_image::{
    Depth, Error, Limits, PixelSize, encode_png, page_count, read, read_mask, read_page,
    write_mask_png, write_png, write_tiff,
};
use micrograph_testkit::temporary_folder;
use ndarray::{Array2, Array3, array};
use proptest::prelude::*;

/// Images whose pixels are whole numbers of `0..=largest`.
fn image(
    channels: impl Strategy<Value = usize>,
    largest: u16,
) -> impl Strategy<Value = Array3<f32>> {
    (channels, 1..6_usize, 1..6_usize).prop_flat_map(move |shape| {
        let (channels, height, width) = shape;
        proptest::collection::vec(0..=largest, channels * height * width).prop_map(move |samples| {
            let pixels = samples.into_iter().map(f32::from).collect();
            Array3::from_shape_vec(shape, pixels).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn png_keeps_whole_numbers(
        bytes in image(prop_oneof![Just(1), Just(3)], 255),
        words in image(prop_oneof![Just(1), Just(3)], 65535),
    ) {
        let folder = temporary_folder();
        let path = folder.path().join("a.png");
        for (pixels, depth) in [(bytes, Depth::U8), (words, Depth::U16)] {
            write_png(&path, pixels.view(), depth).unwrap();
            let image = read(&path, &Limits::default()).unwrap();
            prop_assert_eq!(&image.pixels, &pixels);
            prop_assert_eq!(image.depth, depth);
            prop_assert_eq!(image.notices.len(), 0);
        }
    }

    #[test]
    fn tiff_keeps_any_channels_pages_and_sizes(
        first in image(1..7_usize, 255),
        second in image(1..7_usize, 255),
        y_nm in 1e-3..1e7_f64,
        x_nm in 1e-3..1e7_f64,
    ) {
        let folder = temporary_folder();
        let path = folder.path().join("a.tif");
        for depth in [Depth::U8, Depth::U16, Depth::F32] {
            let size = Some(PixelSize { y_nm, x_nm });
            write_tiff(&path, &[first.view(), second.view()], depth, size).unwrap();
            prop_assert_eq!(page_count(&path).unwrap(), 2);
            for (page, pixels) in [&first, &second].into_iter().enumerate() {
                let image = read_page(&path, page, &Limits::default()).unwrap();
                prop_assert_eq!(&image.pixels, pixels);
                prop_assert_eq!(image.depth, depth);
                prop_assert_eq!(image.notices.len(), 0);
                let got = image.pixel_size_nm.unwrap();
                prop_assert!((got.y_nm / y_nm - 1.0).abs() < 1e-4);
                prop_assert!((got.x_nm / x_nm - 1.0).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn tiff_keeps_every_bit_of_a_float(bits in proptest::collection::vec(any::<u32>(), 1..20)) {
        let finite = |bits| Some(f32::from_bits(bits)).filter(|value| value.is_finite());
        let values: Vec<f32> = bits.into_iter().filter_map(finite).chain([-0.0]).collect();
        let pixels = Array3::from_shape_vec((1, 1, values.len()), values.clone()).unwrap();
        let folder = temporary_folder();
        let path = folder.path().join("a.tif");
        write_tiff(&path, &[pixels.view()], Depth::F32, None).unwrap();
        let image = read(&path, &Limits::default()).unwrap();
        let same = image.pixels.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits());
        prop_assert!(same);
        prop_assert_eq!(image.pixel_size_nm, None);
    }
}

#[test]
fn values_are_rounded_and_clamped() {
    let folder = temporary_folder();
    let pixels = array![[[-3.0, 0.5, 1.49, 254.5, 255.4, 1e9]]];
    let expected = array![[[0.0, 1.0, 1.0, 255.0, 255.0, 255.0]]];
    let png = folder.path().join("a.png");
    write_png(&png, pixels.view(), Depth::U8).unwrap();
    assert_eq!(read(&png, &Limits::default()).unwrap().pixels, expected);
    let tiff = folder.path().join("a.tif");
    write_tiff(&tiff, &[pixels.view()], Depth::U8, None).unwrap();
    assert_eq!(read(&tiff, &Limits::default()).unwrap().pixels, expected);
}

#[test]
fn a_view_in_any_order_is_written_as_it_is_seen() {
    let folder = temporary_folder();
    let path = folder.path().join("a.png");
    let pixels = Array3::from_shape_fn((3, 4, 5), |(c, y, x)| (c * 20 + y * 5 + x) as f32);
    let turned = pixels.view().permuted_axes([0, 2, 1]);
    write_png(&path, turned, Depth::U8).unwrap();
    assert_eq!(read(&path, &Limits::default()).unwrap().pixels, turned);
}

#[test]
fn masks_come_back() {
    let folder = temporary_folder();
    let path = folder.path().join("mask.png");
    let mask = Array2::from_shape_fn((5, 9), |(y, x)| (y * x) % 3 == 1);
    write_mask_png(&path, mask.view()).unwrap();
    assert_eq!(read_mask(&path, &Limits::default()).unwrap(), mask);
    let pixels = read(&path, &Limits::default()).unwrap().pixels;
    assert_eq!(pixels.iter().copied().fold(0.0, f32::max), 255.0);
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    #[track_caller]
    fn check(pixels: Array3<f32>, depth: Depth, expected: &str) {
        let error = encode_png(pixels.view(), depth).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    check(Array3::zeros((2, 3, 3)), Depth::U8, "expected 1 or 3 channels to encode PNG, but got 2");
    check(
        Array3::zeros((1, 3, 3)),
        Depth::F32,
        "expected samples of 8 or 16 bits to encode PNG, but got 32-bit floats",
    );
    check(
        Array3::zeros((1, 0, 3)),
        Depth::U8,
        "expected between 1 and 2^32 - 1 rows and columns to encode PNG, but got 1 channels of 0 x 3 pixels",
    );
    check(
        array![[[0.0, f32::NAN]]],
        Depth::U16,
        "expected finite pixels to encode PNG, but got NaN in channel 0, row 0, column 1",
    );

    let folder = temporary_folder();
    let path = folder.path().join("a.tif");
    let pixels = Array3::zeros((1, 2, 2));
    let pages = [pixels.view()];
    assert!(matches!(write_tiff(&path, &[], Depth::U8, None), Err(Error::Encode { .. })));
    for x_nm in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
        let size = Some(PixelSize { y_nm: 1.0, x_nm });
        assert!(matches!(write_tiff(&path, &pages, Depth::U8, size), Err(Error::Encode { .. })));
    }
    assert!(!path.exists());
}
