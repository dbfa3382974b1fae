//! Each bad file is one error that names the file and says what to do.

use std::fs;

use micrograph_image::{Error, ImageRegions, Limits, probe, read, read_page};
use micrograph_testkit::temporary_folder;

use crate::goldens::path;

fn golden(file: &str) -> Vec<u8> {
    fs::read(path(file)).unwrap()
}

/// Reads `bytes` as a file, and checks that the error names it and ends with a repair.
#[track_caller]
fn error_of(bytes: &[u8]) -> Error {
    let folder = temporary_folder();
    let file = folder.path().join("bad-file.png");
    fs::write(&file, bytes).unwrap();
    let error = read(&file, &Limits::default()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("bad-file.png"), "{message}");
    assert!(message.contains(';'), "{message}");
    assert!(!message.contains('\n'), "{message}");
    error
}

/// The error of reading `bytes` band by band.
fn error_in_regions(bytes: &[u8]) -> Error {
    let folder = temporary_folder();
    let file = folder.path().join("bad-file.png");
    fs::write(&file, bytes).unwrap();
    let read = |mut image: ImageRegions| {
        let bands = image.bands();
        bands.map(|band| image.read(band)).collect::<Result<Vec<_>, _>>()
    };
    ImageRegions::open(&file, 0, &Limits::default()).and_then(read).unwrap_err()
}

/// `bytes` with what stands at `at` replaced.
fn patched(mut bytes: Vec<u8>, at: usize, patch: &[u8]) -> Vec<u8> {
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

fn find(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).unwrap()
}

/// A TIFF, little-endian, whose height and width are replaced.
fn resized_tiff(height: u32, width: u32) -> Vec<u8> {
    let bytes = golden("gray8.tif");
    let width_at = find(&bytes, &[0, 1]) + 8;
    let bytes = patched(bytes, width_at, &width.to_le_bytes());
    patched(bytes, width_at + 12, &height.to_le_bytes())
}

/// The five formats with the sizes in their headers replaced.
fn resized(height: u32, width: u32) -> [Vec<u8>; 4] {
    let npy = golden("uint8.npy");
    let shape = format!("({height}, {width}), }}");
    let shape_at = find(&npy, b"(5, 7), }");
    [
        patched(golden("rgb8.png"), 16, &[width.to_be_bytes(), height.to_be_bytes()].concat()),
        patched(golden("rgb.bmp"), 18, &[width.to_le_bytes(), height.to_le_bytes()].concat()),
        resized_tiff(height, width),
        patched(npy, shape_at, shape.as_bytes()),
    ]
}

#[test]
fn a_header_of_zero() {
    for (height, width) in [(0, 7), (5, 0), (0, 0)] {
        for bytes in resized(height, width) {
            assert!(matches!(error_of(&bytes), Error::ZeroSize { .. }));
        }
    }
    let jpeg = golden("gray.jpg");
    let frame = find(&jpeg, &[0xff, 0xc0]);
    assert!(matches!(error_of(&patched(jpeg, frame + 5, &[0, 0])), Error::ZeroSize { .. }));
}

#[test]
fn a_header_of_a_hundred_thousand_squared() {
    for bytes in resized(100_000, 100_000) {
        let Error::TooLarge { height, width, max_pixels, .. } = error_of(&bytes) else {
            panic!("another error")
        };
        assert_eq!((height, width, max_pixels), (100_000, 100_000, 1 << 28));
    }
    let jpeg = golden("gray.jpg");
    let frame = find(&jpeg, &[0xff, 0xc0]);
    assert!(matches!(error_of(&patched(jpeg, frame + 5, &[0xff; 4])), Error::TooLarge { .. }));
}

#[test]
fn limits_can_be_set() {
    let exactly = Limits { max_pixels: 35 };
    let below = Limits { max_pixels: 34 };
    for file in ["rgb8.png", "rgb.bmp", "gray8.tif", "uint8.npy"] {
        read(&path(file), &exactly).unwrap();
        probe(&path(file), &exactly).unwrap();
        assert!(matches!(read(&path(file), &below), Err(Error::TooLarge { .. })), "{file}");
        assert!(matches!(probe(&path(file), &below), Err(Error::TooLarge { .. })), "{file}");
    }
    let five_channels = read(&path("five_channels.tif"), &exactly);
    assert!(matches!(five_channels, Err(Error::TooManySamples { max_samples: 140, .. })));
}

#[test]
fn text_renamed_to_png() {
    let error = error_of(b"path,label\na.png,0\n");
    assert!(error.to_string().contains(r#"begins with the text "path,label\na.png,"#), "{error}");
    assert!(matches!(error, Error::UnknownFormat { .. }));
}

#[test]
fn zero_bytes() {
    assert!(matches!(error_of(b""), Error::EmptyFile { .. }));
}

#[test]
fn files_cut_short() {
    let files = [
        "rgb8.png",
        "gray16.png",
        "gray.jpg",
        "rgb.jpg",
        "progressive.jpg",
        "rgb.bmp",
        "palette.bmp",
        "gray8.tif",
        "five_channels_planar_strips.tif",
        "palette_lzw.tif",
        "jpeg.tif",
        "uint8.npy",
        "float64.npy",
    ];
    for file in files {
        let bytes = golden(file);
        for kept in [bytes.len() / 2, bytes.len() * 9 / 10] {
            let error = error_of(&bytes[..kept]);
            assert!(matches!(error, Error::Damaged { .. }), "{file}, {kept} bytes: {error}");
            let error = error_in_regions(&bytes[..kept]);
            assert!(matches!(error, Error::Damaged { .. }), "{file}, {kept} bytes: {error}");
        }
    }
}

#[test]
fn a_jpeg_without_its_end() {
    let bytes = golden("rgb.jpg");
    let error = error_of(&bytes[..bytes.len() - 2]);
    assert!(error.to_string().contains("it has no end marker"), "{error}");
    let trailing = [&bytes[..], b"what a camera appends"].concat();
    let folder = temporary_folder();
    fs::write(folder.path().join("a.jpg"), trailing).unwrap();
    read(&folder.path().join("a.jpg"), &Limits::default()).unwrap();
}

#[test]
fn pixels_that_are_no_numbers() {
    let bytes = golden("float32_fortran.npy");
    let last = bytes.len() - 4;
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let Error::NotFinite { channel, row, column, value: got, .. } =
            error_of(&patched(bytes.clone(), last, &value.to_le_bytes()))
        else {
            panic!("another error")
        };
        assert_eq!((channel, row, column), (0, 4, 6));
        assert_eq!(got.to_bits(), value.to_bits());
    }
    // Finite in the file, but not as an `f32`.
    let bytes = golden("float64.npy");
    let first = bytes.len() - 35 * 8;
    let error = error_of(&patched(bytes, first, &1e300_f64.to_le_bytes()));
    assert!(matches!(error, Error::NotFinite { row: 0, column: 0, .. }));
}

#[test]
fn tiffs_that_go_in_a_circle_or_promise_too_much() {
    let bytes = golden("three_pages.tif");
    let first = bytes[4..8].to_vec();
    let n_tags = usize::from(bytes[usize::from(first[0])]);
    let next_at = usize::from(first[0]) + 2 + 12 * n_tags;
    let error = error_of(&patched(bytes, next_at, &first));
    assert!(error.to_string().contains("runs in a circle"), "{error}");

    let bytes = golden("tiles.tif");
    let tile_width_at = find(&bytes, &[0x42, 1]) + 8;
    let error = error_of(&patched(bytes, tile_width_at, &[0xff; 2]));
    assert!(matches!(error, Error::Damaged { .. } | Error::Unsupported { .. }), "{error}");
}

#[test]
fn valid_files_of_another_kind() {
    let lab = golden("rgb8_strips.tif");
    let color_at = find(&lab, &[6, 1, 3, 0]) + 8;
    let error = error_of(&patched(lab, color_at, &[8, 0]));
    assert!(error.to_string().contains("Lab colors"), "{error}");

    let half = golden("uint16_big_endian.npy");
    let type_at = find(&half, b">u2");
    let error = error_of(&patched(half, type_at, b">f2"));
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");

    let four_axes = golden("rgb_channels_last.npy");
    let shape_at = find(&four_axes, b"(5, 7, 3)");
    let error = error_of(&patched(four_axes, shape_at, b"(5,7,1,3)"));
    assert!(matches!(error, Error::ArrayShape { .. }), "{error}");
}

#[test]
fn a_page_beyond_the_last() {
    let limits = Limits::default();
    for (file, page, n_pages) in [("three_pages.tif", 3, 3), ("rgb8.png", 1, 1)] {
        let Err(Error::NoSuchPage { pages, .. }) = read_page(&path(file), page, &limits) else {
            panic!("another result")
        };
        assert_eq!(pages, n_pages);
    }
}
