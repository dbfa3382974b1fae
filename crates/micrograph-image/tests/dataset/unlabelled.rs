//! Images to be predicted: nobody knows their classes.

use std::fs::File;
use std::path::{Path, PathBuf};

use micrograph_image::{Dataset, DatasetOptions};
use ndarray::Array3;
use ndarray_npy::NpzWriter;

use crate::tree::{Tree, ids};

/// An archive of two images of 3 x 4 pixels, the second brighter by 1, under each of `keys`.
fn archive(tree: &Tree, keys: &[&str]) -> PathBuf {
    let path = tree.join("data.npz");
    let mut writer = NpzWriter::new(File::create(&path).unwrap());
    let images = Array3::from_shape_fn((2, 3, 4), |(n, y, x)| (10 * y + x + n) as u8);
    for key in keys {
        writer.add_array(*key, &images).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn open(path: &Path) -> micrograph_image::Result<Dataset> {
    Dataset::open_unlabelled(path, &DatasetOptions::default())
}

#[test]
fn an_archive_of_images_alone() {
    let tree = Tree::new(&[]);
    for keys in [&["anything"][..], &["images", "other"]] {
        let data = open(&archive(&tree, keys)).unwrap();
        assert_eq!(ids(&data), ["0", "1"]);
        assert!(data.samples.iter().all(|sample| sample.label.is_none() && sample.part.is_none()));
        assert_eq!(data.read(1).unwrap().image.pixels[[0, 2, 3]], 24.0);
    }
    let data = open(&archive(&tree, &["test_images"])).unwrap();
    assert_eq!(ids(&data), ["test/0", "test/1"]);
    let error = open(&archive(&tree, &["one", "two"])).unwrap_err();
    assert!(tree.message(&error).contains("found one, two"), "{error}");
}

#[test]
fn a_table_without_classes_or_with_some() {
    let tree = Tree::table("path,mask\na.png,m.png\nb.png,\n");
    let data = open(tree.path()).unwrap();
    assert_eq!(ids(&data), ["a.png", "b.png"]);
    assert_eq!(data.samples[0].mask, Some(tree.join("m.png")));
    let tree = Tree::table("path,label\na.png,cat\nb.png,\n");
    let data = open(tree.path()).unwrap();
    assert_eq!((data.samples[0].label, data.samples[1].label), (Some(0), None));
}

#[test]
fn a_template_names_the_mask_of_each_image_and_a_mask_is_no_image() {
    let tree = Tree::new(&["1.bmp", "1.png", "deep/2.tif", "deep/2.png", "3.png"]);
    let options = DatasetOptions {
        mask_template: Some("{stem}.png".to_owned()),
        ..DatasetOptions::default()
    };
    let data = Dataset::images(&[tree.path().to_owned()], &options).unwrap();
    let masks: Vec<_> = data.samples.iter().map(|sample| sample.mask.clone()).collect();
    let expected = [Some(tree.join("1.png")), None, Some(tree.join("deep/2.png"))];
    assert_eq!(masks, expected, "{:?}", ids(&data));

    let tree = Tree::new(&["images/1.png", "masks/1.png"]);
    let mask_template = Some("../masks/{name}".to_owned());
    let options = DatasetOptions { mask_template, ..DatasetOptions::default() };
    let data = Dataset::images(&[tree.path().to_owned()], &options).unwrap();
    assert_eq!(data.samples[0].mask, Some(tree.join("images/../masks/1.png")));
    assert_eq!(data.samples.len(), 1, "{:?}", ids(&data));
}
