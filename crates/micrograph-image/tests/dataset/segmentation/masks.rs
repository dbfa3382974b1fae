use micrograph_image::{ClassTable, IGNORE, MaskKind, SegmentationDataset, SegmentationOptions};
use ndarray::{Array3, array};

use super::{Frames, plane, row};
use crate::tree::Tree;

fn one(mask: &Array3<f32>) -> Tree {
    let (_, height, width) = mask.dim();
    Tree::new(&[]).png("image/a.png", &Array3::zeros((1, height, width))).png16("label/a.png", mask)
}

fn open(tree: &Tree, masks: MaskKind, table: Option<&str>) -> SegmentationDataset {
    let table = table.map(|text| text.parse().unwrap());
    let options = SegmentationOptions { masks, table, ..SegmentationOptions::default() };
    SegmentationDataset::open(tree.path(), &options).unwrap()
}

fn classes(tree: &Tree, table: Option<&str>) -> ndarray::Array2<u8> {
    open(tree, MaskKind::Auto, table).read_labels(0).unwrap().unwrap().classes
}

#[test]
fn values_are_found_out() {
    assert_eq!(classes(&one(&plane(&[&[0.0, 255.0]])), None), array![[0, 1]]);
    assert_eq!(classes(&one(&plane(&[&[1.0, 0.0]])), None), array![[1, 0]]);
    assert_eq!(classes(&one(&plane(&[&[65535.0, 0.0]])), None), array![[1, 0]]);
    let three = Tree::new(&[])
        .png("image/a.png", &plane(&[&[0.0; 3]]))
        .png("label/a.png", &plane(&[&[2.0, 0.0, 1.0]]));
    assert_eq!(classes(&three, None), array![[2, 0, 1]]);
    assert_eq!(open(&three, MaskKind::Auto, None).table, ClassTable::indices(3));
    let empty = open(&one(&plane(&[&[0.0, 0.0]])), MaskKind::Auto, None);
    assert_eq!(empty.n_classes(), 2);
}

/// The table of a model is taken where it has all values, though it would not be found out.
#[test]
fn a_preferred_table_comes_before_one_that_is_found_out() {
    let with = |values: &[f32]| {
        let preferred = Some("255=background,0=membrane,128=cell".parse().unwrap());
        let options = SegmentationOptions { preferred, ..SegmentationOptions::default() };
        SegmentationDataset::open(one(&row(values.to_vec())).path(), &options).unwrap()
    };
    assert_eq!(with(&[0.0, 255.0]).table.names(), ["background", "membrane", "cell"]);
    assert_eq!(with(&[128.0, 255.0]).table.names(), ["background", "membrane", "cell"]);
    assert_eq!(with(&[0.0, 1.0]).table, ClassTable::binary(1));
}

#[test]
fn sixteen_bits_and_many_values_are_objects() {
    let few = one(&plane(&[&[0.0, 1.0, 2.0, 2.0]]));
    let data = open(&few, MaskKind::Auto, None);
    assert_eq!(data.masks, MaskKind::Instances);
    assert_eq!(data.table.names(), ["background", "object"]);
    assert_eq!(open(&few, MaskKind::Classes, None).n_classes(), 3);
    let many: Vec<f32> = (0..40_u8).map(f32::from).collect();
    let many = Tree::new(&[]).png("image/a.png", &row(many.clone())).png("label/a.png", &row(many));
    assert_eq!(open(&many, MaskKind::Auto, None).masks, MaskKind::Instances);
}

#[test]
fn a_smoothed_mask_is_no_set_of_objects() {
    let smooth: Vec<f32> =
        (0..200_u8).map(|value| if value < 60 { value.into() } else { 255.0 }).collect();
    let tree =
        Tree::new(&[]).png("image/a.png", &row(smooth.clone())).png("label/a.png", &row(smooth));
    assert!(
        tree.refused().contains("but found the values 0, 1, 2, 3, 4, ...;"),
        "{}",
        tree.refused()
    );
}

#[test]
fn a_table_names_values_and_colors() {
    let gray = one(&plane(&[&[0.0, 128.0, 255.0, 7.0]]));
    let table = "0=background, 128=cytoplasm, 255=nucleus, 7=ignore";
    assert_eq!(classes(&gray, Some(table)), array![[0, 1, 2, IGNORE]]);
    let merged = "0=background, 128=cell, 255=cell, 7=background";
    assert_eq!(classes(&gray, Some(merged)), array![[0, 1, 1, 0]]);
    let mut color = Array3::zeros((3, 1, 3));
    color[[0, 0, 1]] = 255.0;
    color.slice_mut(ndarray::s![.., 0, 2]).fill(9.0);
    let color = Tree::new(&[]).png("image/a.png", &color).png("label/a.png", &color);
    let table = "# from the atlas\n0 = \"ground\"\n\"#ff0000\" = \"nucleus\"\n9 = \"rim\"\n";
    assert_eq!(classes(&color, Some(table)), array![[0, 1, 2]]);
    assert!(color.refused().contains("found the values 0, 9, #ff0000;"), "{}", color.refused());
}

#[test]
fn bad_tables_are_refused() {
    let message = |text: &str| text.parse::<ClassTable>().unwrap_err().to_string();
    let form = "value = name, as in 255 = \"nucleus\" or \"#ff0000\" = \"nucleus\"";
    let refused =
        |entry: &str| format!("expected {form} in the table of classes, but got `{entry}`");
    assert_eq!(message("0=a,1"), refused("1"));
    assert_eq!(message("-1=a"), refused("-1=a"));
    assert_eq!(message("#ff=a"), refused("#ff=a"));
    assert_eq!(message("0="), refused("0="));
    assert_eq!(
        message("0=a\n0=b"),
        "expected each value once in the table of classes, but got `0=b`"
    );
    assert!(message("").starts_with("expected at least one class"));
    assert!(message("3=ignore").starts_with("expected at least one class"));
    let many: Vec<String> = (0..256).map(|value| format!("{value}=c{value}")).collect();
    assert!(message(&many.join(",")).starts_with("expected at most 255 classes"));
}

#[test]
fn a_mask_that_is_read_must_fit_the_table() {
    let tree = one(&plane(&[&[0.0, 3.0]]));
    let data = open(&tree, MaskKind::Auto, Some("0=a,1=b"));
    let message = data.read_labels(0).unwrap_err().to_string();
    assert!(message.contains("expected the mask values 0, 1, but row 0, column 1"), "{message}");
    assert!(data.read(1).unwrap_err().to_string().contains("expected a sample below 1"));
}
