use micrograph_image::{
    Ends, Error, Neighbors, SegmentationDataset, SegmentationOptions, TemporalWindow,
};
use ndarray::Axis;
use proptest::prelude::*;

use super::{Frames, plane, sequence};
use crate::tree::Tree;

fn first_pixels(data: &SegmentationDataset, index: usize, window: TemporalWindow) -> Vec<f32> {
    let image = data.read_window(index, &window).unwrap();
    image.pixels.axis_iter(Axis(0)).map(|plane| plane[[0, 0]]).collect()
}

#[test]
fn a_window_is_read_in_order_of_time() {
    let data = sequence(6).segmentation().unwrap();
    // The folder is gone: a data set outlives nothing but its files.
    assert!(data.read_image(0).is_err());
    let tree = sequence(6);
    let data = tree.segmentation().unwrap();
    assert_eq!(first_pixels(&data, 3, TemporalWindow::thesis()), [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(first_pixels(&data, 0, TemporalWindow::thesis()), [2.0, 1.0, 0.0, 1.0, 2.0]);
    assert_eq!(first_pixels(&data, 5, TemporalWindow::five_copies()), [5.0; 5]);
    assert_eq!(first_pixels(&data, 5, TemporalWindow::default()), [5.0]);
    let drop = TemporalWindow { ends: Ends::Drop, ..TemporalWindow::thesis() };
    assert_eq!(data.window(1, &drop), None);
    let message = tree.message(&data.read_window(1, &drop).unwrap_err());
    assert_eq!(
        message,
        "DATA/frames/t01.png: expected a frame with 2 frames of its sequence on both sides; choose \
         `ends = \"reflect\"`, or leave the frame out"
    );
    let even = TemporalWindow { width: 4, ..TemporalWindow::thesis() };
    assert!(matches!(data.read_window(1, &even), Err(Error::WindowWidth { width: 4 })));
    for neighbors in [Neighbors::Frames, Neighbors::Copies] {
        let endless = TemporalWindow { width: usize::MAX, neighbors, ..TemporalWindow::thesis() };
        assert!(matches!(data.read_window(1, &endless), Err(Error::WindowWidth { .. })));
        assert_eq!(data.window(1, &endless), None);
    }
}

/// The chain of pages is followed when the data set is opened, and never again: here it is broken
/// behind the first page, and the third is read nevertheless.
#[test]
fn a_page_is_read_without_a_walk_over_those_before_it() {
    let pages = |values: [f32; 3]| values.map(|value| plane(&[&[value, value]]));
    let tree = Tree::new(&[])
        .stack("image/a.tif", &pages([1.0, 2.0, 3.0]))
        .stack("label/a.tif", &pages([0.0, 255.0, 0.0]));
    let data = tree.segmentation().unwrap();
    let file = tree.join("image/a.tif");
    let mut bytes = std::fs::read(&file).unwrap();
    let number = |at: usize, bytes: &[u8]| {
        bytes[at..].iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
    };
    let directory = number(4, &bytes[..8]);
    let next = directory + 2 + 12 * number(directory, &bytes[..directory + 2]);
    bytes[next..next + 4].fill(0);
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(first_pixels(&data, 2, TemporalWindow::default()), [3.0]);
}

#[test]
fn windows_never_cross_sequences() {
    let page = |value: f32| plane(&[&[value, value]]);
    let tree = Tree::new(&[])
        .stack("image/a.tif", &[page(1.0), page(2.0)])
        .stack("image/b.tif", &[page(11.0), page(12.0)])
        .stack("label/a.tif", &[page(0.0), page(0.0)])
        .stack("label/b.tif", &[page(0.0), page(0.0)]);
    let data = SegmentationDataset::open(tree.path(), &SegmentationOptions::default()).unwrap();
    assert_eq!(first_pixels(&data, 1, TemporalWindow::thesis()), [2.0, 1.0, 2.0, 1.0, 2.0]);
    assert_eq!(first_pixels(&data, 2, TemporalWindow::thesis()), [11.0, 12.0, 11.0, 12.0, 11.0]);
}

#[test]
fn the_rules_at_the_ends_are_numpys() {
    // numpy.pad(range(3), 4, mode="reflect") and mode="edge".
    let wide = TemporalWindow { width: 9, ..TemporalWindow::default() };
    assert_eq!(wide.frames(1, 0..3), Some(vec![1, 2, 1, 0, 1, 2, 1, 0, 1]));
    let edge = TemporalWindow { ends: Ends::Repeat, ..wide };
    assert_eq!(edge.frames(1, 0..3), Some(vec![0, 0, 0, 0, 1, 2, 2, 2, 2]));
    assert_eq!(wide.frames(7, 7..8), Some(vec![7; 9]));
    assert_eq!(wide.frames(8, 7..8), None);
}

proptest! {
    #[test]
    fn a_window_lies_in_its_sequence(start in 0_usize..50, n in 1_usize..20, at in 0_usize..20, half in 0_usize..30) {
        let frame = start + at % n;
        let window = TemporalWindow { width: 2 * half + 1, ..TemporalWindow::default() };
        let frames = window.frames(frame, start..start + n).unwrap();
        prop_assert_eq!(frames.len(), window.width);
        prop_assert_eq!(frames[half], frame);
        prop_assert!(frames.iter().all(|index| (start..start + n).contains(index)));
        prop_assert!(n == 1 || frames.windows(2).all(|pair| pair[0].abs_diff(pair[1]) == 1));
    }
}
