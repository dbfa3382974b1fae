//! Every kind of file against what other programs wrote and read (`make_images.py`).

use std::path::PathBuf;

use micrograph_image::{
    Depth, Error, ImageRegions, Limits, Region, Shape, page_count, probe, read, read_mask,
    read_page,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    file: String,
    depth: String,
    shape: [usize; 3],
    pixels: Vec<f64>,
    notices: Vec<String>,
    pixel_size_nm: Option<[f64; 2]>,
    tolerance: f64,
    pages: usize,
}

/// The golden file of that name.
pub(crate) fn path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/goldens/images", file].iter().collect()
}

fn goldens() -> Vec<Golden> {
    micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "images.json")
}

#[test]
fn every_kind_of_file_has_its_pixels() {
    for golden in goldens() {
        let file = &golden.file;
        let image = read(&path(file), &Limits::default()).unwrap();
        let shape: [usize; 3] = image.pixels.dim().into();
        assert_eq!(shape, golden.shape, "{file}");
        for ((at, &got), &expected) in image.pixels.indexed_iter().zip(&golden.pixels) {
            let difference = (f64::from(got) - expected).abs();
            assert!(difference <= golden.tolerance, "{file} at {at:?}: {got}, not {expected}");
        }
        let depth = match image.depth {
            Depth::U8 => "u8",
            Depth::U16 => "u16",
            Depth::F32 => "f32",
        };
        assert_eq!(depth, golden.depth, "{file}");
        let notices: Vec<String> = image.notices.iter().map(ToString::to_string).collect();
        assert_eq!(notices, golden.notices, "{file}");
    }
}

/// Strips, tiles, planes apart, palettes: from every corner, in every order.
#[test]
fn regions_have_the_pixels_of_the_whole() {
    let limits = Limits::default();
    for golden in goldens() {
        let file = &golden.file;
        let whole = read(&path(file), &limits).unwrap();
        let mut image = ImageRegions::open(&path(file), 0, &limits).unwrap();
        assert_eq!((image.shape(), image.depth()), (whole.shape(), whole.depth), "{file}");
        let Shape { height, width, .. } = whole.shape();
        let corners =
            (0..height).step_by(2).flat_map(|y| (0..width).step_by(3).map(move |x| (y, x)));
        let corners: Vec<_> = corners.collect();
        for &(y, x) in corners.iter().chain(corners.iter().rev()) {
            let region = Region { y, x, height: 3.min(height - y), width: 4.min(width - x) };
            assert_eq!(image.read(region).unwrap(), region.of(whole.pixels.view()), "{file}");
        }
        let rows: usize = image.bands().map(|band| band.height).sum();
        assert_eq!(rows, height, "{file}");
        let beyond = Region { y: 1, x: 0, height, width: 1 };
        assert!(matches!(image.read(beyond), Err(Error::NoSuchRegion { .. })), "{file}");
    }
}

#[test]
fn of_an_image_in_regions_a_row_of_blocks_may_be_as_large_as_the_limit() {
    // 20 columns in tiles of 16 x 16.
    let open = |max_pixels| ImageRegions::open(&path("tiles.tif"), 0, &Limits { max_pixels });
    open(16 * 20).unwrap();
    let refused = open(16 * 20 - 1);
    assert!(matches!(refused, Err(Error::BandTooLarge { height: 16, width: 20, .. })));
}

#[test]
fn the_header_tells_the_shape() {
    for golden in goldens() {
        let shape = probe(&path(&golden.file), &Limits::default()).unwrap();
        assert_eq!([shape.channels, shape.height, shape.width], golden.shape, "{}", golden.file);
    }
}

#[test]
fn pixel_sizes_are_those_of_ome_and_imagej() {
    for golden in goldens() {
        let size = read(&path(&golden.file), &Limits::default()).unwrap().pixel_size_nm;
        let size = size.map(|size| [size.y_nm, size.x_nm]);
        assert_eq!(size.is_some(), golden.pixel_size_nm.is_some(), "{}", golden.file);
        if let (Some(got), Some(expected)) = (size, golden.pixel_size_nm) {
            micrograph_testkit::assert_close(&got, &expected, 0.0, 1e-9);
        }
    }
}

#[test]
fn pages_are_counted_and_read_alone() {
    for golden in goldens() {
        assert_eq!(page_count(&path(&golden.file)).unwrap(), golden.pages, "{}", golden.file);
    }
    for (page, first) in [(0, 0.0), (1, (35 * 37 % 256) as f32), (2, (70 * 37 % 256) as f32)] {
        let image = read_page(&path("three_pages.tif"), page, &Limits::default()).unwrap();
        assert_eq!(image.pixels[[0, 0, 0]], first);
        assert_eq!(image.notices, []);
    }
}

#[test]
fn a_mask_is_where_any_channel_is_not_zero() {
    for file in ["gray1.png", "rgb8.png", "bool.npy", "float32.tif", "palette.tif"] {
        let pixels = read(&path(file), &Limits::default()).unwrap().pixels;
        let mask = read_mask(&path(file), &Limits::default()).unwrap();
        assert!(mask.iter().any(|&object| object), "{file}");
        for ((row, column), &object) in mask.indexed_iter() {
            let any = (0..pixels.dim().0).any(|channel| pixels[[channel, row, column]] != 0.0);
            assert_eq!(object, any, "{file} at {row}, {column}");
        }
    }
}

#[test]
fn the_content_counts_and_not_the_name() {
    let folder = micrograph_testkit::temporary_folder();
    let misnamed = folder.path().join("photo.jpg");
    std::fs::copy(path("gray16_big_endian.tif"), &misnamed).unwrap();
    let limits = Limits::default();
    let image = read(&misnamed, &limits).unwrap();
    assert_eq!(image, read(&path("gray16_big_endian.tif"), &limits).unwrap());
}
