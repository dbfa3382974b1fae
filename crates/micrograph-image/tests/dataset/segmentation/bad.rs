//! Each kind of bad data is one line that names it.

use std::fs;

use micrograph_image::{SegmentationDataset, SegmentationOptions};

use super::{Frames, plane, sequence};
use crate::tree::Tree;

#[test]
fn frames_without_masks_are_named() {
    let tree = sequence(4);
    fs::remove_file(tree.join("masks/t01.png")).unwrap();
    fs::remove_file(tree.join("masks/t03.png")).unwrap();
    assert_eq!(
        tree.refused(),
        "DATA/frames: expected a mask of the same name for each image, but 2 have none in \
         DATA/masks: t01.png, t03.png; add the masks, or remove the images"
    );
}

#[test]
fn masks_without_frames_are_named() {
    let tree = sequence(4);
    fs::remove_file(tree.join("frames/t03.png")).unwrap();
    assert_eq!(
        tree.refused(),
        "DATA/masks: expected an image of the same name for each mask, but 1 has none in \
         DATA/frames: t03.png; add the images, or remove the masks"
    );
    let tree = Tree::new(&["image/a/", "label/b/"]);
    assert!(tree.refused().contains("but 1 has none in DATA/image: b"), "{}", tree.refused());
}

#[test]
fn a_missing_frame_is_named() {
    let tree = sequence(6);
    for folder in ["frames", "masks"] {
        fs::remove_file(tree.join(&format!("{folder}/t02.png"))).unwrap();
    }
    assert_eq!(
        tree.refused(),
        "DATA/frames: expected all frames from t00.png to t05.png, but 1 is missing: t02.png; restore \
         them, or say that the images do not follow each other (`order = \"independent\"`)"
    );
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let tree = sequence(3).png("masks/t01.png", &plane(&[&[0.0, 255.0]; 2]));
    assert_eq!(
        tree.refused(),
        "expected a mask of 2 x 3 (height x width) as the image DATA/frames/t01.png, but \
         DATA/masks/t01.png has 2 x 2; export the mask at the image's size"
    );
}

#[test]
fn a_size_that_changes_within_a_sequence_is_refused() {
    let tree = sequence(3)
        .png("frames/t01.png", &plane(&[&[0.0; 4]; 2]))
        .png("masks/t01.png", &plane(&[&[0.0; 4]; 2]));
    assert_eq!(
        tree.refused(),
        "DATA/frames/t01.png: expected 1 x 2 x 3 (channels x height x width) as in frames/t00.png, the \
         first frame of the sequence, but got 1 x 2 x 4; crop or pad the frames to one size, or say \
         that the images do not follow each other (`order = \"independent\"`)"
    );
}

#[test]
fn an_unknown_value_is_located() {
    let tree = sequence(3).png("masks/t01.png", &plane(&[&[0.0, 255.0, 0.0], &[255.0, 0.0, 17.0]]));
    assert_eq!(
        tree.refused(),
        "DATA/masks/t01.png: expected the mask values 0, 255, but row 1, column 2 (counted from 0) \
         holds 17; correct the mask (JPEG changes values), or name all classes (`table`)"
    );
    // Where no table fits any mask.
    let tree = Tree::new(&[])
        .png("image/1.png", &plane(&[&[0.0; 3]]))
        .png("label/1.png", &plane(&[&[0.0, 128.0, 255.0]]));
    assert_eq!(
        tree.refused(),
        "DATA/label: expected masks of 0 and 255, of 0 and 1, or of class indices from 0 without a gap, \
         but found the values 0, 128, 255; name the classes (`table`, as in \
         0=background,128=cytoplasm,255=nucleus), or say that each value is an object (`masks = \
         \"instances\"`)"
    );
}

#[test]
fn a_truncated_stack_is_refused() {
    let page = plane(&[&[0.0; 40]; 40]);
    let tree = Tree::new(&[])
        .stack("image.tif", &[page.clone(), page.clone(), page.clone()])
        .stack("label.tif", &[page.clone(), page.clone(), page]);
    let whole = fs::read(tree.join("image.tif")).unwrap();
    for length in [whole.len() - 20, whole.len() / 2, 200] {
        fs::write(tree.join("image.tif"), &whole[..length]).unwrap();
        let message = tree.refused();
        let start = "expected a whole TIFF file, but DATA/image.tif is damaged or cut short: ";
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn stacks_of_other_lengths_are_refused() {
    let page = plane(&[&[0.0; 3]]);
    let tree = Tree::new(&[])
        .stack("image.tif", &[page.clone(), page.clone(), page.clone()])
        .stack("label.tif", &[page.clone(), page]);
    assert_eq!(
        tree.refused(),
        "DATA/label.tif: expected 3 pages as in DATA/image.tif, but got 2; export both stacks again \
         with a mask for each image"
    );
}

#[test]
fn names_that_cannot_be_told_apart_are_refused() {
    let tree = sequence(2).png("frames/t01.tif", &plane(&[&[0.0; 3]; 2]));
    assert_eq!(
        tree.refused(),
        "DATA/frames: expected one file for each frame, but `t01.png` and `t01.tif` have the same name \
         but for ending or role; rename or remove one"
    );
    let tree = sequence(2).png("instances/t01.png", &plane(&[&[0.0; 3]; 2]));
    assert!(tree.refused().contains("expected one folder of masks, but found instances, masks"));
}

#[test]
fn what_is_no_data_set_is_described() {
    let message = Tree::new(&["cat/1.png", "dog/1.png"]).refused();
    let start = "DATA: expected images with masks, but found 2 folders (cat, dog); put images into";
    assert!(message.starts_with(start), "{message}");
    let tree = Tree::new(&["1.png"]);
    let options = SegmentationOptions::default();
    let message = SegmentationDataset::open(&tree.join("1.png"), &options).unwrap_err().to_string();
    assert!(message.contains("but found a single file;"), "{message}");
    let message = tree.message(
        &SegmentationDataset::open(&tree.join("no"), &options).map(|data| data.frames).unwrap_err(),
    );
    assert!(message.starts_with("expected a file or folder, but DATA/no does not exist"));
    let empty = Tree::new(&["image/", "label/"]).refused();
    assert!(empty.starts_with("expected images, but DATA has none"), "{empty}");
}
