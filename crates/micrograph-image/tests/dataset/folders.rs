use micrograph_image::{DatasetNotice, DatasetOptions, Layout, Part};

use crate::tree::{Tree, ids, labels, notices};

const LAYOUTS: &str = "expected class-folders (a folder of images for each class), \
    split-folders (train, val, test above class folders), npz (an archive with train_images, \
    train_labels, ...) or manifest (a table with the columns path, label): arrange the files so, \
    or name the layout (--layout, `layout`)";

fn asking_for(layout: Layout) -> DatasetOptions {
    DatasetOptions { layout: Some(layout), ..DatasetOptions::default() }
}

#[track_caller]
fn check_unclear(tree: &Tree, found: &str) {
    let expected = format!("cannot tell the layout of DATA: found {found}; {LAYOUTS}");
    tree.check_refused(&DatasetOptions::default(), &expected);
}

#[test]
fn class_folders_are_sorted_by_number() {
    let tree = Tree::new(&["10/b.png", "9/img10.jpg", "9/img9.JPEG", "9/deep/er/x.tif"]);
    let data = tree.open().unwrap();
    assert_eq!((data.layout, data.root.as_path()), (Layout::ClassFolders, tree.path()));
    assert_eq!(data.classes, ["9", "10"]);
    assert_eq!(ids(&data), ["9/deep/er/x.tif", "9/img9.JPEG", "9/img10.jpg", "10/b.png"]);
    assert_eq!(labels(&data), ["9", "9", "9", "10"]);
    assert_eq!(data.parts(), [(None, 4)]);
    assert!(data.notices.is_empty());
}

#[test]
fn what_is_passed_over_is_noted() {
    let tree = Tree::new(&[
        "cat/1.png",
        "cat/.hidden.png",
        "cat/notes.txt",
        "cat/table.csv",
        "dog/",
        "loose.png",
        "README.md",
        ".DS_Store",
        ".git/config",
        "__MACOSX/cat/1.png",
    ]);
    let data = tree.open().unwrap();
    assert_eq!((ids(&data), data.class_counts(&[0])), (vec!["cat/1.png"], vec![1, 0]));
    let expected = [
        DatasetNotice::FilesIgnored { hidden: 4, other: 3 },
        DatasetNotice::LooseImages { count: 1 },
        DatasetNotice::EmptyClass { class: "dog".to_owned(), part: None },
    ];
    assert_eq!(data.notices, expected);
    let expected = [
        "ignored 3 other files and 4 hidden files",
        "ignored 1 image beside the class folders",
        "class `dog` has no sample",
    ];
    assert_eq!(notices(&data), expected);
}

#[test]
fn parts_stand_above_classes() {
    let names = ["test/b/1.png", "valid/a/2.png", "train/b/3.png", "train/a/4.png", "train/c/"];
    let data = Tree::new(&names).open().unwrap();
    assert_eq!((data.layout, data.classes.join(" ")), (Layout::SplitFolders, "a b c".to_owned()));
    assert_eq!(ids(&data), ["train/a/4.png", "train/b/3.png", "valid/a/2.png", "test/b/1.png"]);
    let parts = [(Some(Part::Train), 2), (Some(Part::Val), 1), (Some(Part::Test), 1)];
    assert_eq!(data.parts(), parts);
    assert_eq!(data.indices(Some(Part::Val)), [2]);
    assert_eq!(data.indices(None), [0; 0]);
    assert_eq!(data.class_counts(&data.indices(Some(Part::Train))), [1, 1, 0]);
    let expected = [
        "class `c` has no sample",
        "class `b` has no sample in part `val`",
        "class `a` has no sample in part `test`",
    ];
    assert_eq!(notices(&data), expected);
}

#[test]
fn one_part_is_enough() {
    let data = Tree::new(&["test/a/1.png"]).open().unwrap();
    assert_eq!((data.layout, data.parts()), (Layout::SplitFolders, vec![(Some(Part::Test), 1)]));
}

#[test]
fn a_layout_asked_for_settles_doubt() {
    let tree = Tree::new(&["train/a/1.png", "control/b/2.png"]);
    check_unclear(&tree, "2 folders (control, train)");
    let data = tree.open_with(&asking_for(Layout::ClassFolders)).unwrap();
    assert_eq!(data.classes, ["control", "train"]);
    let data = tree.open_with(&asking_for(Layout::SplitFolders)).unwrap();
    assert_eq!(ids(&data), ["train/a/1.png"]);
    assert_eq!(notices(&data), ["ignored other folders: control"]);
}

#[test]
fn unclear_folders_are_described() {
    check_unclear(&Tree::new(&[]), "nothing");
    check_unclear(&Tree::new(&["1.png", "2.png", "x"]), "2 images, 1 other file");
    check_unclear(
        &Tree::new(&["a.csv", "b.csv", "c.npz"]),
        "2 tables (a.csv, b.csv), 1 archive (c.npz)",
    );
    check_unclear(&Tree::new(&["image/1.png", "label/1.png"]), "2 folders (image, label)");
    check_unclear(&Tree::new(&["frames/1.png", "masks/1.png"]), "2 folders (frames, masks)");
    let many: Vec<_> = (1..=10).map(|number| format!("{number}.csv")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let found = "10 tables (1.csv, 2.csv, 3.csv, 4.csv, 5.csv, 6.csv, 7.csv, 8.csv, ...)";
    check_unclear(&Tree::new(&many), found);
}

#[test]
fn a_single_file_must_be_a_table_or_an_archive() {
    let tree = Tree::new(&["1.png"]);
    let error = micrograph_image::Dataset::open(&tree.join("1.png"), &Default::default());
    let found = "a single file that is neither a table nor an archive";
    let expected = format!("cannot tell the layout of DATA/1.png: found {found}; {LAYOUTS}");
    assert_eq!(tree.message(&error.unwrap_err()), expected);
    let options = asking_for(Layout::ClassFolders);
    let error = micrograph_image::Dataset::open(&tree.join("1.png"), &options);
    let expected = "expected a folder for the layout class-folders, but DATA/1.png is a file; \
         name the folder, or another layout";
    assert_eq!(tree.message(&error.unwrap_err()), expected);
}

#[test]
fn folders_without_images_are_refused() {
    Tree::new(&["a/", "b/notes.txt"]).check_refused(
        &DatasetOptions::default(),
        "expected images, but DATA (read as class-folders) has none; check the path and that \
         files end in png, jpg, jpeg, bmp, tif, tiff, npy",
    );
}

#[test]
fn a_part_without_classes_is_refused() {
    Tree::new(&["train/a/1.png", "test/1.png", "test/2.png"]).check_refused(
        &DatasetOptions::default(),
        "expected class folders in DATA/test, but its images (2) lie in it directly; \
         move them into a folder for each class",
    );
}

#[test]
fn columns_need_a_table() {
    let options =
        DatasetOptions { group_column: "patient".to_owned(), ..asking_for(Layout::ClassFolders) };
    Tree::new(&["a/1.png"]).check_refused(
        &options,
        "expected a table for the given columns and templates, but DATA is read as \
         class-folders; name a .csv file, or leave them out",
    );
}

#[test]
fn a_wrong_path_is_explained() {
    let tree = Tree::new(&["a/1.png"]);
    let check = |path: &str, expected: &str| {
        let error = micrograph_image::Dataset::open(&tree.join(path), &DatasetOptions::default());
        assert_eq!(tree.message(&error.unwrap_err()), expected);
    };
    check(
        "a/b/c",
        "expected a file or folder, but DATA/a/b/c does not exist; \
         correct the path (it is right as far as DATA/a)",
    );
    check(
        "a/1.png/b",
        "expected a folder on the way to DATA/a/1.png/b, but DATA/a/1.png is a file; \
         correct the path",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new(&["a/1.png"]);
    // A file that is passed over may have any name.
    std::fs::write(tree.join("a").join(OsStr::from_bytes(b"\xff.txt")), "").unwrap();
    assert_eq!(tree.open().unwrap().samples.len(), 1);
    std::fs::write(tree.join("a").join(OsStr::from_bytes(b"\xff.png")), "").unwrap();
    tree.check_refused(
        &DatasetOptions::default(),
        "expected a name in UTF-8, but DATA/a/\u{fffd}.png is none; rename it",
    );
}
