use micrograph_image::Shape;
use ndarray::{Array3, array};

use crate::tree::{Tree, ids};

/// An image with a mask, and one without.
fn pair() -> Tree {
    let tree = Tree::new(&[]).image("a/1.png", (2, 3), 7.0).mask("a/1_mask.png", (2, 3));
    tree.image("b/2.png", (4, 5), 9.0)
}

#[test]
fn images_and_masks_are_read() {
    let tree = pair();
    let data = tree.open().unwrap();
    let read = data.read(0).unwrap();
    assert_eq!(read.image.pixels, Array3::from_elem((1, 2, 3), 7.0));
    assert_eq!(read.mask, Some(array![[true, false, false], [false, false, false]]));
    assert_eq!(data.read(1).unwrap().mask, None);
    assert_eq!(data.shape(1).unwrap(), Shape { channels: 1, height: 4, width: 5 });
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let tree = Tree::new(&[]).image("a/1.png", (2, 3), 0.0).mask("a/1_mask.png", (3, 2));
    let error = tree.open().unwrap().read(0).unwrap_err();
    assert_eq!(
        tree.message(&error),
        "expected a mask of 2 x 3 (height x width) as the image DATA/a/1.png, but \
         DATA/a/1_mask.png has 3 x 2; export the mask at the image's size"
    );
}

#[test]
fn an_image_of_a_table_is_looked_for_when_it_is_read() {
    let tree = Tree::table("path,label\nlost.png,x\n");
    let data = tree.open().unwrap();
    for error in
        [data.read(0).unwrap_err(), data.shape(0).unwrap_err(), data.digest(0).unwrap_err()]
    {
        let message = tree.message(&error);
        assert!(message.contains("DATA/lost.png"), "{message}");
    }
}

#[test]
fn a_sample_beyond_the_last_is_refused() {
    let tree = pair();
    let data = tree.open().unwrap();
    let expected = "expected a sample below 2, but sample 2 was asked for (counted from 0)";
    assert_eq!(data.read(2).unwrap_err().to_string(), expected);
    assert_eq!(data.shape(2).unwrap_err().to_string(), expected);
    assert_eq!(data.digest(2).unwrap_err().to_string(), expected);
}

#[test]
fn a_selection_keeps_classes() {
    let tree = pair();
    let data = tree.open().unwrap();
    let selected = data.select(&[1]);
    assert_eq!((ids(&selected), &selected.classes), (vec!["b/2.png"], &data.classes));
    assert_eq!(selected.read(0).unwrap(), data.read(1).unwrap());
}

#[test]
fn keys_are_names_of_random_streams() {
    let tree = pair();
    let keys: Vec<_> = tree.open().unwrap().samples.iter().map(|sample| sample.key()).collect();
    // Reference: FNV-1a in Python, functools.reduce over the bytes of "a/1.png" and "b/2.png".
    assert_eq!(keys, [0x4a8b814243e1c39d, 0xe45e44ed1b44a771]);
}
