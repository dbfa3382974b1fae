//! No bytes whatever make a reader panic.

use std::fs;
use std::path::PathBuf;

use micrograph_image::{ImageRegions, Limits, Region, Shape, page_count, probe, read, read_page};
use micrograph_testkit::temporary_folder;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::goldens::path;

/// All golden files.
fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(path("")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Small, so that a header that lies is quickly found out.
const LIMITS: Limits = Limits { max_pixels: 1 << 16 };

/// Reads in all ways; what is probed must be what is read.
fn read_in_all_ways(bytes: &[u8]) {
    let folder = temporary_folder();
    let file = folder.path().join("mutant");
    fs::write(&file, bytes).unwrap();
    let shape = probe(&file, &LIMITS);
    if let Ok(image) = read(&file, &LIMITS) {
        assert_eq!(image.shape(), shape.unwrap());
        assert!(image.pixels.iter().all(|value| value.is_finite()));
    }
    if let Ok(mut image) = ImageRegions::open(&file, 0, &LIMITS) {
        let Shape { height, width, .. } = image.shape();
        let last = Region { y: height - 1, x: width - 1, height: 1, width: 1 };
        for region in [Region { y: 0, x: 0, ..last }, last] {
            let one = image.read(region).is_ok_and(|pixels| pixels[[0, 0, 0]].is_finite());
            // Where the whole can be read, so can its regions.
            assert!(one || read(&file, &LIMITS).is_err());
        }
    }
    if let Ok(1..) = page_count(&file) {
        let _ = read_page(&file, 1, &LIMITS);
    }
}

#[test]
fn every_file_cut_anywhere() {
    for file in files() {
        let bytes = fs::read(&file).unwrap();
        for length in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            read_in_all_ways(&bytes[..length]);
        }
    }
}

/// A byte that means something to a parser more often than any byte does.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 255])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_file_with_bytes_replaced(
        mutations in proptest::collection::vec((any::<Index>(), byte()), 1..8),
        header_only in any::<bool>(),
    ) {
        for file in files() {
            let mut bytes = fs::read(&file).unwrap();
            let reach = if header_only { bytes.len().min(64) } else { bytes.len() };
            for (at, byte) in &mutations {
                bytes[at.index(reach)] = *byte;
            }
            read_in_all_ways(&bytes);
        }
    }

    #[test]
    fn any_bytes_after_any_signature(
        rest in proptest::collection::vec(byte(), 0..300),
        file in any::<Index>(),
    ) {
        let files = files();
        let bytes = fs::read(&files[file.index(files.len())]).unwrap();
        read_in_all_ways(&[&bytes[..8.min(bytes.len())], &rest].concat());
    }
}
