//! Archives that lie about their sizes, and archives of any bytes whatever.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use micrograph_image::{DatasetOptions, Limits};
use proptest::prelude::*;
use proptest::sample::Index;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::tree::Tree;

/// An array as numpy stores it, with any header.
fn npy(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let text = format!("{text:<117}\n");
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), elements].concat()
}

/// An archive with these members.
fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An archive with these images, and two labels.
fn with_images(images: &[u8]) -> Vec<u8> {
    let labels = npy("|u1", "(2,)", &[0, 1]);
    let members = [("val_images", images), ("val_labels", &labels[..])];
    zip(&members, CompressionMethod::Deflated)
}

#[track_caller]
fn check_refused(archive: &[u8], limits: Limits, expected: &str) {
    let tree = Tree::new(&[]).file("data.npz", archive);
    let options = DatasetOptions { limits, ..DatasetOptions::default() };
    tree.check_refused(&options, &format!("DATA/data.npz: {expected}"));
}

#[test]
fn a_header_must_say_what_the_archive_holds() {
    let check = |descr, shape: &str, expected: &str| {
        let archive = with_images(&npy(descr, shape, &[7; 18]));
        let held = "but the archive gives it 18 bytes; save it again";
        let says = format!("expected val_images to hold what its header says, {expected}, {held}");
        check_refused(&archive, Limits::default(), &says);
    };
    check("|u1", "(1000000000000, 3, 3)", "'|u1' of [1000000000000, 3, 3]");
    check("<f4", "(2, 3, 3)", "'<f4' of [2, 3, 3]");
    check("|u1", "(1, 3, 3)", "'|u1' of [1, 3, 3]");
    check("|u1", "(0, 3, 3)", "'|u1' of [0, 3, 3]");
    // The product leaves 64 bits, once for the elements and once for their bytes.
    let largest = usize::MAX;
    check("|u1", &format!("({largest}, 3, 3)"), &format!("'|u1' of [{largest}, 3, 3]"));
    let third = largest / 4;
    check("<f4", &format!("({third}, 2, 2)"), &format!("'<f4' of [{third}, 2, 2]"));
}

#[test]
fn a_header_must_be_that_of_an_array() {
    let check = |images: &[u8], expected: &str| {
        let expected = format!("expected val_images to be a whole array, but {expected}");
        let expected = format!("{expected}; copy or save the archive again");
        check_refused(&with_images(images), Limits::default(), &expected);
    };
    let long = [b"\x93NUMPY\x02\x00\xff\xff\xff\xff", &[b' '; 99][..]].concat();
    check(&long, "its header is said to have 4294967295 bytes (at most 4096)");
    let records = npy("|u1", "((2, 3), 3)", &[7; 18]);
    check(&records, "its header is not that of a plain array");
    let mut text = npy("|u1", "(2, 3, 3)", &[7; 18]);
    text[0] = b' ';
    check(&text, "error parsing header: start does not match magic string");
    check(&text[..100], "it ends too early");
    check(b"", "it ends too early");
}

#[test]
fn the_sizes_of_images_and_labels_are_compared_before_either_is_read() {
    let images = npy("|u1", "(2, 3, 3)", &[7; 18]);
    let labels = npy("|u1", "(1000000000000,)", &[0, 1]);
    let members = [("val_images", &images[..]), ("val_labels", &labels[..])];
    let expected = "expected one label for each image, but val has 2 images and 1000000000000 \
        labels; save it again";
    check_refused(&zip(&members, CompressionMethod::Stored), Limits::default(), expected);
}

/// Makes the directory of an archive say that its first member unpacks to `size` bytes.
fn say_size(archive: &mut [u8], size: u32) {
    let entry = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    archive[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
}

#[test]
fn a_directory_that_agrees_with_a_forged_header_gets_no_memory_for_it() {
    let images = npy("|u1", "(1000000, 32, 32)", &[7; 18]);
    let mut archive = with_images(&images);
    say_size(&mut archive, 1_024_000_000 + images.len() as u32 - 18);
    let expected = "expected val_images to be a whole array, but it ends too early; copy or save \
        the archive again";
    check_refused(&archive, Limits::default(), expected);
    let mut archive = with_images(&npy("|u1", "(1, 3, 3)", &[7; 18]));
    say_size(&mut archive, images.len() as u32 - 9);
    let expected = "expected val_images to be a whole array, but it unpacks to more bytes than the \
        archive says; copy or save the archive again";
    check_refused(&archive, Limits::default(), expected);
}

#[test]
fn a_changed_element_does_not_match_the_checksum() {
    let images = npy("|u1", "(2, 3, 3)", &[7; 18]);
    let labels = npy("|u1", "(2,)", &[0, 1]);
    let members = [("val_images", &images[..]), ("val_labels", &labels[..])];
    let mut archive = zip(&members, CompressionMethod::Stored);
    let element = archive.windows(18).position(|bytes| bytes == [7; 18]).unwrap();
    archive[element] = 8;
    let expected = "expected val_images to be a whole array, but Invalid checksum; copy or save \
        the archive again";
    check_refused(&archive, Limits::default(), expected);
}

#[test]
fn a_small_file_does_not_unpack_to_much() {
    let archive = with_images(&npy("|u1", "(2, 512, 512)", &[0; 1 << 19]));
    assert!((500..2000).contains(&archive.len()), "{}", archive.len());
    // Here as many bytes are granted as an image may have samples: 2^20, twice what it takes.
    let limits = Limits { max_pixels: 1 << 18 };
    let options = DatasetOptions { limits, ..DatasetOptions::default() };
    let tree = Tree::new(&[]).file("data.npz", &archive);
    assert_eq!(tree.open_with(&options).unwrap().samples.len(), 2);

    let archive = with_images(&npy("|u1", "(2048, 16, 16)", &[0; 1 << 19]));
    let (length, allowed) = (archive.len(), 100 * archive.len());
    let expected = format!(
        "expected an archive of {length} bytes to unpack to at most {allowed}, but with val_images \
         (its header says '|u1' of [2048, 16, 16]) it takes 524288; save it with numpy.savez, \
         which does not compress, or raise the limit (--max-pixels, `max_pixels`)"
    );
    check_refused(&archive, Limits { max_pixels: 256 }, &expected);
}

/// The golden archives, stored and compressed.
fn goldens() -> [Vec<u8>; 2] {
    ["npz_gray_stored.npz", "npz_color_compressed.npz"].map(|name| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
        fs::read(folder.join(name)).unwrap()
    })
}

/// Opens an archive of any bytes, and reads what it has; true if it opens.
fn open_and_read(archive: &[u8]) -> bool {
    let tree = Tree::new(&[]).file("data.npz", archive);
    let limits = Limits { max_pixels: 1 << 16 };
    let options = DatasetOptions { limits, ..DatasetOptions::default() };
    let Ok(data) = tree.open_with(&options) else { return false };
    for index in 0..data.samples.len() {
        let shape = data.shape(index).unwrap();
        if let Ok(read) = data.read(index) {
            assert_eq!(read.image.shape(), shape);
        }
        data.digest(index).unwrap();
    }
    true
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    for archive in goldens() {
        assert!(open_and_read(&archive));
        for length in (0..archive.len()).step_by(7) {
            assert!(!open_and_read(&archive[..length]), "{length} of {}", archive.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_of_an_archive_lead_astray(
        mutations in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..8),
        length in any::<Index>(),
        cut in any::<bool>(),
    ) {
        for mut archive in goldens() {
            for (at, byte) in &mutations {
                let at = at.index(archive.len());
                archive[at] = *byte;
            }
            if cut {
                archive.truncate(length.index(archive.len()));
            }
            open_and_read(&archive);
        }
    }

    #[test]
    fn no_bytes_of_a_header_lead_astray(
        mutations in proptest::collection::vec((any::<Index>(), 0_usize..20), 1..5),
    ) {
        let mut images = npy("|u1", "(2, 3, 3)", &[7; 18]);
        let header = images.len() - 18;
        for (at, byte) in &mutations {
            images[at.index(header)] = b"0123456789(),'<>-+e\n"[*byte];
        }
        open_and_read(&with_images(&images));
    }
}

#[test]
fn only_a_true_shape_is_read() {
    /// All shapes of these lengths.
    fn shapes(axes: usize) -> Vec<Vec<usize>> {
        const LENGTHS: [usize; 5] = [0, 1, 2, 3, 9];
        let Some(shorter) = axes.checked_sub(1) else { return vec![Vec::new()] };
        let extend = |shape: Vec<usize>| LENGTHS.map(|length| [&shape[..], &[length]].concat());
        shapes(shorter).into_iter().flat_map(extend).collect()
    }
    let mut read = Vec::new();
    for shape in (0..5).flat_map(shapes) {
        let text: String = shape.iter().map(|length| format!("{length}, ")).collect();
        if open_and_read(&with_images(&npy("|u1", &format!("({text})"), &[7; 18]))) {
            read.push(shape);
        }
    }
    let planes = [vec![2, 1, 9], vec![2, 3, 3], vec![2, 9, 1]];
    let colors =
        [[2, 1, 1, 9], [2, 1, 3, 3], [2, 1, 9, 1], [2, 3, 1, 3], [2, 3, 3, 1], [2, 9, 1, 1]];
    assert_eq!(read, [&planes[..], &colors.map(Vec::from)[..]].concat());
}
