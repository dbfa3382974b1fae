use std::fs;

use micrograph_image::{Dataset, DatasetOptions};

use crate::tree::Tree;

fn tree() -> Tree {
    Tree::new(&[]).file("a/1.png", "one").file("a/1_mask.png", "mask").file("b/2.png", "two")
}

fn fingerprint(data: &Dataset) -> String {
    let digests: Vec<_> = data.all().iter().map(|&index| data.digest(index).unwrap()).collect();
    data.fingerprint(&digests, &data.all())
}

/// The fingerprint after a change.
fn after(change: impl FnOnce(&Tree)) -> String {
    let tree = tree();
    change(&tree);
    fingerprint(&tree.open().unwrap())
}

#[test]
fn the_same_data_elsewhere_are_the_same() {
    let here = after(|_| ());
    assert_eq!((here.len(), after(|_| ())), (64, here));
}

#[test]
fn every_change_is_seen() {
    let seen = [
        after(|_| ()),
        after(|tree| tree.add("a/1.png", "ONE")),
        after(|tree| tree.add("a/1_mask.png", "MASK")),
        after(|tree| tree.add("b/3.png", "three")),
        after(|tree| tree.add("c/", "")),
        after(|tree| fs::remove_file(tree.join("b/2.png")).unwrap()),
        after(|tree| fs::remove_file(tree.join("a/1_mask.png")).unwrap()),
        after(|tree| fs::rename(tree.join("b/2.png"), tree.join("b/3.png")).unwrap()),
        after(|tree| fs::rename(tree.join("b/2.png"), tree.join("a/2.png")).unwrap()),
        after(|tree| fs::rename(tree.join("b"), tree.join("c")).unwrap()),
    ];
    for (index, fingerprint) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(fingerprint), "change {index} was not seen");
    }
}

#[test]
fn labels_groups_and_parts_of_a_table_are_seen() {
    let of = |row: &str| {
        let tree = Tree::table(&format!("path,label,group,split\n{row}\n2.png,y,,\n"));
        let data = tree.open().unwrap();
        data.fingerprint(&[[1; 32], [2; 32]], &data.all())
    };
    let seen =
        ["1.png,x,,", "1.png,y,,", "1.png,x,g,", "1.png,x,h,", "1.png,x,,val", "1.png,x,,test"];
    let seen = seen.map(of);
    for (index, fingerprint) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(fingerprint), "row {index} was not seen");
    }
}

#[test]
fn samples_count_in_order() {
    let tree = tree();
    let data = Dataset::open(tree.path(), &DatasetOptions::default()).unwrap();
    let digests = [[1; 32], [2; 32]];
    assert_ne!(data.fingerprint(&digests, &[0, 1]), data.fingerprint(&digests, &[1, 0]));
    assert_ne!(data.fingerprint(&digests, &[0, 1]), data.fingerprint(&digests[..1], &[0]));
}

#[test]
fn digests_are_those_of_files() {
    let tree = tree();
    let data = tree.open().unwrap();
    // hashlib.sha256(b"two"), and hashlib.sha256 of the digests of b"one" and b"mask" in a row.
    assert_eq!(data.digest(1).unwrap()[..4], [0x3f, 0xc4, 0xcc, 0xfe]);
    assert_eq!(data.digest(0).unwrap()[..4], [0x77, 0x6a, 0xb8, 0x31]);
}
