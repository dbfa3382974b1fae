//! Frames less what does not move.

use std::path::{Path, PathBuf};

use micrograph::image::{Depth, Limits, read, write_png, write_tiff};
use ndarray::{Array3, s};

use crate::support::{fail, succeed, text};

/// What does not move: an even slope.
fn ground() -> Array3<f32> {
    Array3::from_shape_fn((1, 12, 20), |(_, y, x)| (40 + 3 * y + 2 * x) as f32)
}

/// Five frames in which a dark square wanders over the ground.
fn frames() -> Vec<Array3<f32>> {
    let frame = |t: usize| {
        let mut pixels = ground();
        pixels.slice_mut(s![0, 2..6, 4 * t..4 * t + 4]).mapv_inplace(|value| value - 30.0);
        pixels
    };
    (0..5).map(frame).collect()
}

fn folder_of_frames(folder: &Path) -> PathBuf {
    let data = folder.join("recording");
    std::fs::create_dir(&data).expect("a folder");
    for (t, pixels) in frames().iter().enumerate() {
        write_png(&data.join(format!("t{t:03}.png")), pixels.view(), Depth::U8).expect("written");
    }
    data
}

fn pixels(path: &Path) -> Array3<f32> {
    read(path, &Limits::default()).expect("an image").pixels
}

#[test]
fn what_moves_is_left() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder_of_frames(folder.path()), folder.path().join("still"));
    let background = ["background", "--data", text(&data), "--out", text(&out), "--quiet"];
    let told = succeed(&background);
    assert!(told.starts_with("5 frames of 1 sequence: "), "{told}");
    assert_eq!(pixels(&out.join("background/t000.tif")), ground());
    for (t, frame) in frames().iter().enumerate() {
        let expected = frame - &ground() + 32_768.0;
        assert_eq!(pixels(&out.join(format!("frames/t{t:03}.tif"))), expected);
    }
    assert!(fail(&background).contains("exists already"));
    succeed(&[&background[..], &["--overwrite"]].concat());
}

#[test]
fn a_stack_of_floats_stays_one_of_floats() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder.path().join("stack.tif"), folder.path().join("still"));
    let frames: Vec<Array3<f32>> = frames().iter().map(|frame| frame / 64.0).collect();
    let views: Vec<_> = frames.iter().map(|frame| frame.view()).collect();
    write_tiff(&data, &views, Depth::F32, None).expect("written");
    succeed(&["background", "--data", text(&data), "--out", text(&out), "--quiet"]);
    assert_eq!(pixels(&out.join("background/stack_0000.tif")), ground() / 64.0);
    assert_eq!(pixels(&out.join("frames/stack_0004.tif")), &frames[4] - ground() / 64.0);

    // Cut off in its last page.
    let bytes = std::fs::read(&data).expect("a stack");
    std::fs::write(&data, &bytes[..bytes.len() / 2]).expect("written");
    let other = folder.path().join("other");
    let message = fail(&["background", "--data", text(&data), "--out", text(&other), "--quiet"]);
    assert!(message.contains("stack.tif"), "{message}");
}

#[test]
fn masks_are_no_frames() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder.path().join("data"), folder.path().join("still"));
    for (t, pixels) in frames().iter().enumerate() {
        for kind in ["frames", "masks"] {
            std::fs::create_dir_all(data.join(kind)).expect("a folder");
            let path = data.join(kind).join(format!("{t}.png"));
            write_png(&path, pixels.view(), Depth::U8).expect("written");
        }
    }
    let told = succeed(&["background", "--data", text(&data), "--out", text(&out), "--quiet"]);
    assert!(told.starts_with("5 frames of 1 sequence: "), "{told}");
    assert!(out.join("frames/4.tif").is_file());
}

#[test]
fn what_is_no_sequence_is_told_in_one_line() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder_of_frames(folder.path()), folder.path().join("still"));
    let message = || fail(&["background", "--data", text(&data), "--out", text(&out), "--quiet"]);
    let frame = |t: usize| data.join(format!("t{t:03}.png"));
    let write = |t: usize, pixels: Array3<f32>, depth| {
        write_png(&frame(t), pixels.view(), depth).expect("written");
    };
    write(3, ground(), Depth::U16);
    let told = message();
    assert!(told.contains("t003.png holds 16-bit integers") && told.contains("8-bit"), "{told}");
    write(3, Array3::zeros((1, 12, 21)), Depth::U8);
    let told = message();
    assert!(told.contains("1 x 12 x 21") && told.contains("t000.png"), "{told}");
    std::fs::remove_file(frame(3)).expect("it goes");
    let told = message();
    assert!(told.contains("1 is missing: t003.png"), "{told}");
    (1..=4).filter(|t| *t != 3).for_each(|t| std::fs::remove_file(frame(t)).expect("it goes"));
    let told = message();
    assert!(told.contains("1 frame: expected a sequence of at least 3"), "{told}");
    let inside = data.join("still");
    let told = fail(&["background", "--data", text(&data), "--out", text(&inside), "--quiet"]);
    assert!(told.contains("lies inside the data") && !inside.exists(), "{told}");
    std::fs::remove_dir_all(&out).expect("it goes");
    std::fs::write(&out, b"").expect("a file");
    assert!(message().contains("is a file"));
}
