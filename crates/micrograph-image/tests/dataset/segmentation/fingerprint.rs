use std::fs;

use micrograph_image::{MaskKind, SegmentationDataset, SegmentationOptions};

use super::{Frames, plane, sequence};
use crate::tree::Tree;

fn fingerprint(data: &SegmentationDataset) -> String {
    let digests: Vec<_> = data.all().iter().map(|&index| data.digest(index).unwrap()).collect();
    data.fingerprint(&digests, &data.all())
}

fn after(change: impl FnOnce(Tree) -> Tree) -> String {
    fingerprint(&change(sequence(3)).segmentation().unwrap())
}

#[test]
fn every_change_is_seen_and_a_move_is_none() {
    assert_eq!(after(|tree| tree), after(|tree| tree));
    let as_objects = |tree: &Tree| {
        let options =
            SegmentationOptions { masks: MaskKind::Instances, ..SegmentationOptions::default() };
        fingerprint(&SegmentationDataset::open(tree.path(), &options).unwrap())
    };
    let seen = [
        after(|tree| tree),
        after(|tree| tree.png("frames/t01.png", &plane(&[&[3.0; 3]; 2]))),
        after(|tree| tree.png("masks/t01.png", &plane(&[&[255.0; 3], &[0.0; 3]]))),
        after(|tree| {
            fs::rename(tree.join("frames"), tree.join("images")).unwrap();
            tree
        }),
        after(|tree| {
            fs::rename(tree.join("masks"), tree.join("labels")).unwrap();
            tree
        }),
        after(|tree| {
            tree.png("frames/t03.png", &plane(&[&[3.0; 3]; 2]))
                .png("masks/t03.png", &plane(&[&[0.0; 3]; 2]))
        }),
        as_objects(&sequence(3)),
    ];
    for (index, fingerprint) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(fingerprint), "change {index} was not seen");
    }
}

#[test]
fn pages_of_a_stack_have_digests_of_their_own() {
    let stack = |last: f32| {
        let pages = [plane(&[&[1.0, 2.0]]), plane(&[&[1.0, 2.0]]), plane(&[&[1.0, last]])];
        let tree = Tree::new(&[])
            .stack("image.tif", &pages)
            .stack("mask.tif", &pages.map(|_| plane(&[&[0.0, 255.0]])));
        let data = tree.segmentation().unwrap();
        data.all().iter().map(|&index| data.digest(index).unwrap()).collect::<Vec<_>>()
    };
    let (one, other) = (stack(2.0), stack(3.0));
    assert_eq!((one[0], one[1]), (other[0], other[1]));
    assert_ne!(one[2], other[2]);
}
