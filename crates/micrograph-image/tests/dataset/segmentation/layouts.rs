use micrograph_image::{
    FrameOrder, MaskKind, Part, SegmentationDataset, SegmentationLayout, SegmentationOptions,
    TrackingTruth,
};
use ndarray::Array3;

use super::{Frames, ids, plane, runs, sequence};
use crate::tree::Tree;

fn image() -> Array3<f32> {
    plane(&[&[7.0, 8.0, 9.0]])
}

fn mask() -> Array3<f32> {
    plane(&[&[0.0, 0.0, 255.0]])
}

#[test]
fn folders_of_images_and_masks_are_paired_by_name() {
    let tree = Tree::new(&["notes/x.txt"])
        .png("images/10.png", &image())
        .png("images/9.png", &image())
        .png("images/cell_b.png", &image())
        .png("label/9.png", &mask())
        .png("label/10.png", &mask())
        .png("label/cell_b_mask.png", &mask());
    let data = tree.segmentation().unwrap();
    assert_eq!(data.layout, SegmentationLayout::ImageMaskFolders);
    assert_eq!(ids(&data), ["images/9.png", "images/10.png", "images/cell_b.png"]);
    assert_eq!(runs(&data), [("images/*", 2), ("images/cell_b.png", 1)]);
    assert_eq!(
        (data.masks, data.table.names().join(" ")),
        (MaskKind::Classes, "background foreground".into())
    );
    let notices: Vec<String> = data.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "ignored other folders: notes",
            "the values of the masks are taken for classes: 0=background,255=foreground"
        ]
    );
    let read = data.read(0).unwrap();
    assert_eq!(read.image.pixels, image());
    assert_eq!(read.labels.unwrap().classes, ndarray::array![[0, 0, 1]]);
    assert_eq!(data.files().count(), 6);
}

#[test]
fn folders_below_are_sequences_of_their_own() {
    let tree = ["a/1", "a/2", "b/1", "b/2", "b/3"].iter().fold(Tree::new(&[]), |tree, name| {
        tree.png(&format!("frames/{name}.png"), &image()).png(&format!("masks/{name}.png"), &mask())
    });
    let data = tree.segmentation().unwrap();
    assert_eq!(runs(&data), [("frames/a/*", 2), ("frames/b/*", 3)]);
    assert_eq!(data.sequence_of_frames(), [0, 0, 1, 1, 1]);
}

#[test]
fn parts_stand_above_any_layout() {
    let mut tree = Tree::new(&[]);
    for (part, numbers) in [("train", [1, 2, 5]), ("val", [3, 6, 8]), ("test", [4, 7, 9])] {
        for number in numbers {
            tree = tree
                .png(&format!("{part}/image/{number}.png"), &image())
                .png(&format!("{part}/label/{number}.png"), &mask());
        }
    }
    // What was dealt out is no sequence with gaps.
    let data = tree.segmentation().unwrap();
    assert_eq!(data.layout, SegmentationLayout::PartFolders);
    assert_eq!(data.parts(), [(Some(Part::Train), 3), (Some(Part::Val), 3), (Some(Part::Test), 3)]);
    assert_eq!(runs(&data)[..2], [("train/image/*", 2), ("train/image/5.png", 1)]);
    let options = SegmentationOptions::default();
    let training = SegmentationDataset::open_for_training(tree.path(), &options).unwrap();
    assert_eq!(training.parts(), [(Some(Part::Train), 3), (Some(Part::Val), 3)]);
}

#[test]
fn stacks_lie_side_by_side() {
    let pages = [image(), image() + 1.0, image() + 2.0];
    let tree = Tree::new(&[])
        .stack("train-volume.tif", &pages)
        .stack("train-labels.tif", &[mask(), mask(), mask()]);
    let data = tree.segmentation().unwrap();
    assert_eq!(data.layout, SegmentationLayout::SideBySide);
    assert_eq!(runs(&data), [("train-volume.tif", 3)]);
    assert_eq!(ids(&data)[2], "train-volume.tif:2");
    assert_eq!(data.read_image(1).unwrap().pixels, pages[1]);
    // In folders, each stack is a sequence.
    let tree = Tree::new(&[])
        .stack("image/b.tif", &pages)
        .stack("label/b.tif", &[mask(), mask(), mask()])
        .png("image/a.png", &image())
        .png("label/a.png", &mask());
    assert_eq!(runs(&tree.segmentation().unwrap()), [("image/a.png", 1), ("image/b.tif", 3)]);
}

#[test]
fn a_folder_for_each_image() {
    let tree = Tree::new(&[])
        .png("set01/raw.png", &image())
        .png("set01/instances.png", &plane(&[&[0.0, 1.0, 2.0]]))
        .png("set02/raw.png", &image())
        .png("set02/instances.png", &plane(&[&[0.0, 1.0, 0.0]]));
    let data = tree.segmentation().unwrap();
    assert_eq!(runs(&data), [("set01/raw.png", 1), ("set02/raw.png", 1)]);
    assert_eq!(data.masks, MaskKind::Instances);
}

#[test]
fn the_cell_tracking_challenge() {
    let objects = plane(&[&[0.0, 3.0, 4.0]]);
    let mut tree = Tree::new(&["01_GT/TRA/man_track.txt", "notes/"]);
    for number in 0..4 {
        tree = tree
            .png16(&format!("01/t{number:03}.tif"), &image())
            .png16(&format!("01_GT/TRA/man_track{number:03}.tif"), &objects);
    }
    let tree = tree
        .png16("01_GT/SEG/man_seg002.tif", &objects)
        .png16("02/t000.tif", &image())
        .png16("02/t001.tif", &image())
        .png16("02_GT/SEG/man_seg001.tif", &objects)
        .png16("02_GT/TRA/man_track000.tif", &objects)
        .png16("02_GT/TRA/man_track001.tif", &objects);
    let data = tree.segmentation().unwrap();
    assert_eq!((data.layout, data.masks), (SegmentationLayout::CellTracking, MaskKind::Instances));
    assert_eq!(runs(&data), [("01/t*", 4), ("02/t*", 2)]);
    assert_eq!(data.labelled(&data.all()), [2, 5]);
    let labels = data.read_labels(2).unwrap().unwrap();
    assert_eq!(labels.instances.unwrap(), ndarray::array![[0, 3, 4]]);
    assert_eq!(labels.classes, ndarray::array![[0, 1, 1]]);
    assert_eq!(data.read_labels(0).unwrap(), None);
    let markers =
        SegmentationOptions { truth: TrackingTruth::Markers, ..SegmentationOptions::default() };
    let data = SegmentationDataset::open(tree.path(), &markers).unwrap();
    assert_eq!(data.labelled(&data.all()).len(), 6);
}

#[test]
fn images_to_be_predicted_need_no_masks() {
    let tree = sequence(4).png("frames/t07.png", &plane(&[&[1.0, 2.0, 3.0]; 2]));
    let options = SegmentationOptions::default();
    let data = SegmentationDataset::open_unlabelled(tree.path(), &options).unwrap();
    assert_eq!((data.frames.len(), data.labelled(&data.all()).len()), (5, 4));
    assert_eq!(data.sequences.len(), 2); // the gap ends one
    let data = SegmentationDataset::images(&[tree.join("frames")], &options).unwrap();
    assert_eq!((data.frames.len(), data.sequences.len()), (5, 2));
    assert!(data.frames[0].id.ends_with("frames/t00.png"));
    let files = [tree.join("frames/t01.png"), tree.join("frames/t02.png")];
    let data = SegmentationDataset::images(&files, &options).unwrap();
    assert_eq!(
        (data.frames.len(), data.sequences.len(), data.frames[0].mask.is_none()),
        (2, 1, true)
    );
}

#[test]
fn what_looks_like_masks() {
    let looks = |tree: &Tree| SegmentationDataset::looks_like(tree.path()).unwrap();
    assert!(looks(&sequence(1)));
    assert!(looks(&Tree::new(&["train/image/1.png", "train/label/1.png"])));
    assert!(looks(&Tree::new(&["01/t000.tif", "01_ST/SEG/man_seg000.tif"])));
    assert!(!looks(&Tree::new(&["cat/1.png", "dog/1.png"])));
    assert!(!looks(&Tree::new(&["train/cat/1.png", "train/dog/1.png"])));
    assert!(!looks(&Tree::new(&[])));
}

/// The gold truth is what is read unless another is asked for.
#[test]
fn an_annotation_of_another_kind_is_named() {
    let tree = Tree::new(&[])
        .png16("01/t000.tif", &image())
        .png16("01_ST/SEG/man_seg000.tif", &plane(&[&[0.0, 3.0, 4.0]]));
    assert_eq!(
        tree.refused(),
        "DATA: expected the annotation 01_GT, but there is 01_ST alone; choose it \
         (`truth = \"silver\"`), or add 01_GT"
    );
    let silver =
        SegmentationOptions { truth: TrackingTruth::Silver, ..SegmentationOptions::default() };
    let data = SegmentationDataset::open(tree.path(), &silver).unwrap();
    assert_eq!(data.labelled(&data.all()), [0]);
}

#[test]
fn independent_images_have_no_neighbors() {
    let options =
        SegmentationOptions { order: FrameOrder::Independent, ..SegmentationOptions::default() };
    let data = SegmentationDataset::open(sequence(3).path(), &options).unwrap();
    assert_eq!(data.sequences.len(), 3);
}
