//! Public data sets for development, where they are at hand.

use micrograph_image::{MaskKind, SegmentationDataset, SegmentationOptions};
use micrograph_testkit::{data, skip};

const ABSENT: &str = "MICROGRAPH_DATA is not set, or the data set is not in it";

/// Opens a data set, reads its last frame, and tells kind, frames, sequences, and the share of pixels
/// there that are not of the first class.
fn summary(name: &str) -> Option<(MaskKind, usize, usize, f64)> {
    let data = SegmentationDataset::open(&data(name)?, &SegmentationOptions::default()).unwrap();
    let last = data.read(data.frames.len() - 1).unwrap();
    let foreground = last.labels.unwrap().foreground();
    let share = foreground.iter().filter(|&&is| is).count() as f64 / foreground.len() as f64;
    Some((data.masks, data.frames.len(), data.sequences.len(), share))
}

#[track_caller]
fn check(name: &str, kind: MaskKind, n_frames: usize, n_sequences: usize, shares: [f64; 2]) {
    let Some((found, frames, sequences, share)) = summary(name) else {
        return skip(name, ABSENT);
    };
    assert_eq!((found, frames, sequences), (kind, n_frames, n_sequences));
    assert!((shares[0]..shares[1]).contains(&share), "{name} {share}");
}

#[test]
fn the_layouts_of_public_sets_are_understood() {
    check("isbi2012", MaskKind::Classes, 24, 1, [0.7, 0.85]);
    check("nuclei_dsb2018", MaskKind::Instances, 59, 59, [0.01, 0.6]);
    check("timelapse_t98g", MaskKind::Instances, 16, 1, [0.1, 0.9]);
    check("timelapse_t98g/annotated", MaskKind::Instances, 14, 14, [0.1, 0.9]);
    check("emps", MaskKind::Instances, 46, 46, [0.01, 0.9]);
}
