//! Files of one layout, and wishes for another.

use micrograph_image::{DatasetOptions, Layout};

use crate::tree::Tree;

#[track_caller]
fn check(tree: &Tree, layout: Layout, expected: &str) {
    let options = DatasetOptions { layout: Some(layout), ..DatasetOptions::default() };
    let ending = "; name another path, or leave the layout to be found out";
    tree.check_refused(&options, &format!("{expected}{ending}"));
}

#[test]
fn class_folders_read_as_another_layout() {
    let tree = Tree::new(&["cat/1.png", "dog/1.png"]);
    let found = "but DATA is or holds 2 folders (cat, dog)";
    check(
        &tree,
        Layout::Npz,
        &format!("expected a single archive (.npz) for the layout npz, {found}"),
    );
    check(
        &tree,
        Layout::Manifest,
        &format!("expected a single table (.csv or .tsv) for the layout manifest, {found}"),
    );
    check(
        &tree,
        Layout::SplitFolders,
        &format!("expected folders named train, val or test for the layout split-folders, {found}"),
    );
}

#[test]
fn columns_of_class_folders() {
    let tree = Tree::new(&["cat/1.png", "dog/1.png"]);
    let label_column = "class".to_owned();
    let options = DatasetOptions { label_column, ..DatasetOptions::default() };
    let expected = "expected a table for the given columns and templates, but DATA is read as \
                    class-folders; name a .csv file, or leave them out";
    tree.check_refused(&options, expected);
    let none = "none".to_owned();
    let options = DatasetOptions {
        group_column: none.clone(),
        split_column: none,
        ..DatasetOptions::default()
    };
    assert_eq!(tree.open_with(&options).unwrap().classes, ["cat", "dog"]);
}
