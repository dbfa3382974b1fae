use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use micrograph_image::{Dataset, DatasetOptions, Depth, Layout, Limits, Part, Shape};
use micrograph_testkit::golden;
use ndarray::{Array1, Array2, Array3, Array4};
use ndarray_npy::NpzWriter;
use serde::Deserialize;

use crate::tree::{Tree, ids, labels, notices};

/// The images of one part.
#[derive(Deserialize)]
struct Images {
    shape: (usize, usize, usize),
    pixels: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Golden {
    gray: BTreeMap<Part, Images>,
    color: BTreeMap<Part, Images>,
    float: BTreeMap<Part, Images>,
}

fn numpy() -> Golden {
    golden(env!("CARGO_MANIFEST_DIR"), "npz.json")
}

fn open(name: &str) -> Dataset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    Dataset::open(&path, &DatasetOptions::default()).unwrap()
}

#[track_caller]
fn check_pixels(data: &Dataset, depth: Depth, golden: &BTreeMap<Part, Images>) {
    for (&part, images) in golden {
        for (pixels, index) in images.pixels.iter().zip(data.indices(Some(part))) {
            let expected = Array3::from_shape_vec(images.shape, pixels.clone()).unwrap();
            let read = data.read(index).unwrap();
            assert_eq!(read.image.pixels, expected);
            assert!(read.image.pixels.is_standard_layout());
            assert_eq!((read.image.depth, read.mask), (depth, None));
            let (channels, height, width) = images.shape;
            assert_eq!(data.shape(index).unwrap(), Shape { channels, height, width });
        }
    }
}

#[test]
fn gray_images_as_numpy_stores_them() {
    let data = open("npz_gray_stored.npz");
    assert_eq!(data.layout, Layout::Npz);
    assert_eq!(ids(&data), ["train/0", "train/1", "train/2", "test/0", "test/1"]);
    assert_eq!(data.classes, ["0", "1", "2"]);
    assert_eq!(labels(&data), ["2", "0", "0", "0", "2"]);
    assert_eq!(data.parts(), [(Some(Part::Train), 3), (Some(Part::Test), 2)]);
    let expected = ["ignored arrays that belong to no part: comment", "class `1` has no sample"];
    assert_eq!(notices(&data), expected);
    check_pixels(&data, Depth::U8, &numpy().gray);
}

#[test]
fn color_images_in_fortran_order_as_numpy_compresses_them() {
    let data = open("npz_color_compressed.npz");
    assert_eq!((data.parts(), labels(&data)), (vec![(Some(Part::Val), 2)], vec!["1", "0"]));
    check_pixels(&data, Depth::U16, &numpy().color);
}

#[test]
fn a_pixel_that_is_no_number_is_named() {
    let data = open("npz_float_nan.npz");
    check_pixels(&data, Depth::F32, &numpy().float);
    let message = data.read(1).unwrap_err().to_string();
    let expected = "npz_float_nan.npz/train/1 holds NaN in channel 0, row 1, column 0 \
        (counted from 0); replace it before saving";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn digests_are_those_of_the_stored_numbers() {
    let tree = Tree::new(&[]);
    let path = tree.join("data.npz");
    let images = ndarray::array![[[1_u16, 2]], [[1, 3]], [[1, 2]]];
    write(&path, |archive| {
        archive.add_array("train_images", &images).unwrap();
        archive.add_array("train_labels", &Array1::<u8>::zeros(3)).unwrap();
    });
    let data = Dataset::open(&path, &DatasetOptions::default()).unwrap();
    let digests: Vec<_> = (0..3).map(|index| data.digest(index).unwrap()).collect();
    // hashlib.sha256(bytes([1, 0, 2, 0])).hexdigest()[:8]
    assert_eq!(digests[0][..4], [0x7b, 0x11, 0xc1, 0x13]);
    assert_eq!(digests[0], digests[2]);
    assert_ne!(digests[0], digests[1]);
}

#[test]
fn a_part_may_be_given_anew() {
    let mut data = open("npz_gray_stored.npz");
    let before = data.read(1).unwrap();
    data.samples[1].part = Some(Part::Val);
    assert_eq!(data.read(1).unwrap(), before);
}

#[test]
fn a_sample_of_another_archive_is_refused() {
    let mut data = open("npz_color_compressed.npz");
    data.samples.extend(open("npz_gray_stored.npz").samples);
    let message = data.read(2).unwrap_err().to_string();
    let expected = "npz_color_compressed.npz: expected a sample of this archive, but it has no \
        `train/0`; take samples from the data set itself";
    assert!(message.ends_with(expected), "{message}");
}

fn write(path: &Path, fill: impl FnOnce(&mut NpzWriter<File>)) {
    let mut archive = NpzWriter::new_compressed(File::create(path).unwrap());
    fill(&mut archive);
    archive.finish().unwrap();
}

/// An archive with these arrays is refused.
#[track_caller]
fn check_refused(expected: &str, fill: impl FnOnce(&mut NpzWriter<File>)) {
    let tree = Tree::new(&[]);
    write(&tree.join("data.npz"), fill);
    tree.check_refused(&DatasetOptions::default(), &format!("DATA/data.npz: {expected}"));
}

/// An archive with two images and these labels is refused.
#[track_caller]
fn check_labels_refused<A: ndarray_npy::WritableElement>(labels: &Array2<A>, expected: &str) {
    check_refused(expected, |archive| {
        archive.add_array("val_images", &Array3::<u8>::zeros((2, 3, 3))).unwrap();
        archive.add_array("val_labels", labels).unwrap();
    });
}

#[test]
fn labels_must_be_classes_of_images() {
    check_labels_refused(
        &ndarray::array![[0_i64], [-1]],
        "expected labels from 0 to 65535, but val_labels holds -1 in row 1; \
         number the classes from 0",
    );
    check_labels_refused(
        &ndarray::array![[0_u32], [65536]],
        "expected labels from 0 to 65535, but val_labels holds 65536 in row 1; \
         number the classes from 0",
    );
    check_labels_refused(
        &ndarray::array![[0_u8, 1], [1, 0]],
        "expected val_labels to have the shape (n) or (n, 1), but it has [2, 2]; reshape it",
    );
    check_labels_refused(
        &ndarray::array![[0_u8]],
        "expected one label for each image, but val has 2 images and 1 labels; save it again",
    );
    check_labels_refused(
        &ndarray::array![[0.0_f32], [1.0]],
        "expected val_labels to hold integers, but it holds '<f4'; \
         convert it with numpy's astype",
    );
}

#[test]
fn images_must_be_images() {
    check_refused(
        "expected train_images or val_images or test_images, but found images, labels; \
         rename the arrays",
        |archive| {
            archive.add_array("images", &Array3::<u8>::zeros((2, 3, 3))).unwrap();
            archive.add_array("labels", &Array1::<u8>::zeros(2)).unwrap();
        },
    );
    check_refused(
        "expected an array test_labels beside the images, but found test_images; add it",
        |archive| archive.add_array("test_images", &Array3::<u8>::zeros((2, 3, 3))).unwrap(),
    );
    check_refused(
        "expected test_images to hold uint8, uint16 or float32, but it holds '<f8'; \
         convert it with numpy's astype",
        |archive| archive.add_array("test_images", &Array3::<f64>::zeros((2, 3, 3))).unwrap(),
    );
    let shapes = "expected test_images to have the shape (n, h, w) or (n, h, w, c), but it has";
    check_refused(&format!("{shapes} [2, 3]; reshape it"), |archive| {
        archive.add_array("test_images", &Array2::<u8>::zeros((2, 3))).unwrap();
    });
    check_refused(&format!("{shapes} [2, 3, 3, 0]; reshape it"), |archive| {
        archive.add_array("test_images", &Array4::<u8>::zeros((2, 3, 3, 0))).unwrap();
    });
}

#[test]
fn sizes_are_limited() {
    let tree = Tree::new(&[]);
    write(&tree.join("data.npz"), |archive| {
        archive.add_array("test_images", &Array3::<u8>::zeros((2, 3, 4))).unwrap();
    });
    let options = DatasetOptions { limits: Limits { max_pixels: 11 }, ..DatasetOptions::default() };
    tree.check_refused(
        &options,
        "expected at most 11 pixels, but the header of DATA/data.npz says 3 x 4 \
         (height x width); cut the image into tiles, or raise the limit (--max-pixels, `max_pixels`)",
    );
}

#[test]
fn a_damaged_archive_is_refused() {
    let whole = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/npz_gray_stored.npz"),
    );
    let whole = whole.unwrap();
    for bytes in [&[][..], b"text, not an archive", &whole[..whole.len() / 2]] {
        let tree = Tree::new(&[]).file("data.npz", bytes);
        let message = tree.message(&tree.open().unwrap_err());
        let start = "DATA/data.npz: expected a whole .npz archive, but ";
        assert!(message.starts_with(start), "{message}");
        assert!(message.ends_with("; copy or save it again"), "{message}");
    }
}

#[test]
fn an_empty_part_leaves_no_sample() {
    let tree = Tree::new(&[]);
    write(&tree.join("data.npz"), |archive| {
        archive.add_array("test_images", &Array3::<u8>::zeros((0, 3, 4))).unwrap();
        archive.add_array("test_labels", &Array1::<u8>::zeros(0)).unwrap();
    });
    tree.check_refused(
        &DatasetOptions::default(),
        "expected images, but DATA/data.npz (read as npz) has none; \
         its arrays are of length 0: export it again",
    );
}

/// Of the test part neither the type of its images nor its labels matter.
#[test]
fn for_training_the_test_part_is_not_read() {
    let tree = Tree::new(&[]);
    let path = tree.join("data.npz");
    write(&path, |archive| {
        archive.add_array("train_images", &Array3::<u8>::zeros((2, 3, 3))).unwrap();
        archive.add_array("train_labels", &ndarray::array![0_u8, 1]).unwrap();
        archive.add_array("test_images", &Array3::<f64>::zeros((1, 3, 3))).unwrap();
        archive.add_array("test_labels", &ndarray::array![7_u8]).unwrap();
    });
    let options = DatasetOptions::default();
    let message = Dataset::open(&path, &options).unwrap_err().to_string();
    assert!(message.contains("test_images"), "{message}");
    let data = Dataset::open_for_training(&path, &options).unwrap();
    assert_eq!((data.parts(), data.classes.len()), (vec![(Some(Part::Train), 2)], 2));
    write(&path, |archive| {
        archive.add_array("test_images", &Array3::<u8>::zeros((1, 3, 3))).unwrap();
        archive.add_array("test_labels", &ndarray::array![7_u8]).unwrap();
    });
    let message = Dataset::open_for_training(&path, &options).unwrap_err().to_string();
    assert!(message.contains("expected train_images or val_images"), "{message}");
}
