//! Public data sets for development, where they are at hand.

use micrograph_image::{Dataset, DatasetOptions, Layout, Part, Shape};
use micrograph_testkit::{data, skip};

use crate::manifest::white_blood_cells;
use crate::tree::notices;

const ABSENT: &str = "MICROGRAPH_DATA is not set, or the data set is not in it";

#[test]
fn white_blood_cells_are_read_through_templates() {
    let Some(path) = data("wbc") else {
        return skip("white_blood_cells_are_read_through_templates", ABSENT);
    };
    let data = Dataset::open(&path, &white_blood_cells()).unwrap();
    assert_eq!((data.layout, data.samples.len()), (Layout::Manifest, 300));
    assert_eq!(data.classes, ["1", "2", "3", "4", "5"]);
    assert_eq!(data.class_counts(&data.all()), [176, 53, 48, 22, 1]);
    assert_eq!(data.parts(), [(None, 300)]);
    for index in data.all() {
        let read = data.read(index).unwrap();
        let shape = read.image.shape();
        assert_eq!((shape.channels, shape), (3, data.shape(index).unwrap()));
        // Background is zero in the masks, and every cell has some plasma or nucleus.
        let mask = read.mask.unwrap();
        assert!(mask.iter().any(|&object| object) && mask.iter().any(|&object| !object));
    }
}

#[test]
fn pneumoniamnist_is_read() {
    let Some(path) = data("pneumoniamnist/pneumoniamnist_trainval.npz") else {
        return skip("pneumoniamnist_is_read", ABSENT);
    };
    let data = Dataset::open(&path, &DatasetOptions::default()).unwrap();
    assert_eq!(data.parts(), [(Some(Part::Train), 4708), (Some(Part::Val), 524)]);
    assert_eq!(data.classes, ["0", "1"]);
    assert_eq!(data.class_counts(&data.indices(Some(Part::Train))), [1214, 3494]);
    assert_eq!(data.class_counts(&data.indices(Some(Part::Val))), [135, 389]);
    assert_eq!(data.shape(5231).unwrap(), Shape { channels: 1, height: 28, width: 28 });
    // numpy: train_images.mean() and train_images.std().
    let (mut sum, mut squares) = (0.0, 0.0);
    for index in data.indices(Some(Part::Train)) {
        let image = data.read(index).unwrap().image;
        sum += image.pixels.iter().map(|&value| f64::from(value)).sum::<f64>();
        squares += image.pixels.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
    }
    let count = (4708 * 28 * 28) as f64;
    let mean = sum / count;
    let deviation = (squares / count - mean * mean).sqrt();
    micrograph_testkit::assert_close(&[mean, deviation], &[145.839998, 42.929572], 1e-6, 0.0);
}

#[test]
fn chest_xrays_are_read_from_their_folders() {
    let Some(path) = data("chest_xray") else {
        return skip("chest_xrays_are_read_from_their_folders", ABSENT);
    };
    let data = Dataset::open(&path, &DatasetOptions::default()).unwrap();
    assert_eq!(data.layout, Layout::SplitFolders);
    assert_eq!(data.classes, ["NORMAL", "PNEUMONIA"]);
    assert_eq!(data.parts(), [(Some(Part::Train), 5216), (Some(Part::Val), 16)]);
    assert_eq!(data.class_counts(&data.indices(Some(Part::Train))), [1341, 3875]);
    assert_eq!(notices(&data), ["ignored 1 other file"]);
    assert_eq!(data.shape(0).unwrap(), Shape { channels: 3, height: 224, width: 224 });
}

#[test]
fn chest_xrays_are_read_from_their_table() {
    let Some(path) = data("chest_xray/index.csv") else {
        return skip("chest_xrays_are_read_from_their_table", ABSENT);
    };
    let options = DatasetOptions {
        path_template: Some("{split}/{class}/{file}".to_owned()),
        label_column: "subtype".to_owned(),
        group_column: "patient".to_owned(),
        ..DatasetOptions::default()
    };
    let data = Dataset::open(&path, &options).unwrap();
    assert_eq!(data.parts(), [(Some(Part::Train), 5216), (Some(Part::Val), 16)]);
    assert_eq!(data.classes, ["bacteria", "normal", "virus"]);
    let groups: std::collections::BTreeSet<_> =
        data.samples.iter().filter_map(|sample| sample.group.as_deref()).collect();
    assert_eq!(groups.len(), 2861);
    let folders = Dataset::open(path.parent().unwrap(), &DatasetOptions::default()).unwrap();
    let mut ids: Vec<_> = data.samples.iter().map(|sample| &sample.id).collect();
    let mut others: Vec<_> = folders.samples.iter().map(|sample| &sample.id).collect();
    ids.sort();
    others.sort();
    assert_eq!(ids, others);
}
