//! Masks that lie beside their images.

use micrograph_image::{Dataset, DatasetOptions};

use crate::tree::{Tree, ids, notices};

#[test]
fn a_mask_lies_beside_its_image() {
    let tree = Tree::new(&["a/x.bmp", "a/x_mask.png", "a/y.png", "b/x.png"]);
    let data = tree.open().unwrap();
    assert_eq!(ids(&data), ["a/x.bmp", "a/y.png", "b/x.png"]);
    let masks: Vec<_> = data.samples.iter().map(|sample| sample.mask.clone()).collect();
    assert_eq!(masks, [Some(tree.join("a").join("x_mask.png")), None, None]);
    assert!(data.notices.is_empty());
}

#[test]
fn a_mask_has_any_ending_and_any_case() {
    for mask in ["0_mask.tif", "0_mask.bmp", "0_Mask.png", "0_MASK.PNG"] {
        let tree = Tree::new(&["a/0.jpg", "b/1.png"]).file(&format!("a/{mask}"), "");
        let data = tree.open().unwrap();
        assert_eq!(ids(&data), ["a/0.jpg", "b/1.png"]);
        assert_eq!(data.samples[0].mask, Some(tree.join("a").join(mask)));

        let alone = tree.join("a").join("0.jpg");
        for inputs in [vec![tree.join("a")], vec![alone.clone(), tree.join("a").join(mask)]] {
            let data = Dataset::images(&inputs, &DatasetOptions::default()).unwrap();
            let found: Vec<_> = data.samples.iter().map(|sample| sample.mask.clone()).collect();
            assert_eq!(found, [Some(tree.join("a").join(mask))], "{inputs:?}");
        }
    }
}

#[test]
fn a_mask_without_an_image_is_left_out() {
    let tree = Tree::new(&["a/1.png", "a/3x_mask.png", "b/2.png", "b/2_mask.bmp", "b/2_mask.png"]);
    let data = tree.open().unwrap();
    assert_eq!(ids(&data), ["a/1.png", "b/2.png"]);
    let expected = "left out 2 masks without an image: `X_mask.png` belongs to an image `X` \
        beside it, which has one mask; rename what is no mask";
    assert_eq!(notices(&data), [expected]);
}
