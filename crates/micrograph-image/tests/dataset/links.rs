//! Links to files and folders.

use std::os::unix::fs::symlink;

use micrograph_image::DatasetOptions;
use micrograph_testkit::skip;

use crate::tree::{Tree, ids, labels, notices};

#[test]
fn circles_end() {
    let tree = Tree::new(&["a/1.png", "a/deep/2.png"]);
    symlink(tree.path(), tree.join("a/deep/up")).unwrap();
    symlink(tree.join("a"), tree.join("a/again")).unwrap();
    let data = tree.open().unwrap();
    assert_eq!(ids(&data), ["a/1.png", "a/deep/2.png"]);
    let expected = [
        "`a/again` leads to a folder already read and was left out",
        "`a/deep/up` leads to a folder already read and was left out",
    ];
    assert_eq!(notices(&data), expected);
}

#[test]
fn links_count_as_what_they_lead_to() {
    let tree = Tree::new(&["elsewhere/1.png", "data/b/2.png"]);
    symlink(tree.join("elsewhere"), tree.join("data/a")).unwrap();
    symlink(tree.join("elsewhere/1.png"), tree.join("data/b/3.png")).unwrap();
    symlink(tree.join("nowhere"), tree.join("data/b/4.png")).unwrap();
    let data = micrograph_image::Dataset::open(&tree.join("data"), &Default::default());
    let data = data.unwrap();
    assert_eq!(ids(&data), ["a/1.png", "b/2.png", "b/3.png", "b/4.png"]);
    let message = data.digest(3).unwrap_err().to_string();
    assert!(message.contains("b/4.png does not exist"), "{message}");
}

#[test]
fn a_closed_folder_is_named() {
    use std::fs::{Permissions, read_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let tree = Tree::new(&["a/1.png", "b/2.png"]);
    let closed = tree.join("b");
    set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    if read_dir(&closed).is_ok() {
        return skip("a_closed_folder_is_named", "this user may read every folder");
    }
    tree.check_refused(
        &DatasetOptions::default(),
        "cannot look into the folder DATA/b: Permission denied (os error 13); \
         give read and search permission, or leave it out",
    );
    set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn an_image_has_one_class_wherever_links_lead() {
    // `a` comes first, but what lies in the tree itself goes before links.
    let tree = Tree::new(&["a/1.png", "b/2.png", "c/3.png", "elsewhere/"]);
    symlink("../b", tree.join("a/up")).unwrap();
    symlink("../a", tree.join("c/up")).unwrap();
    let data = tree.open().unwrap();
    assert_eq!(
        (ids(&data), labels(&data)),
        (vec!["a/1.png", "b/2.png", "c/3.png"], vec!["a", "b", "c"])
    );
    let expected = [
        "`a/up` leads to a folder already read and was left out",
        "`c/up` leads to a folder already read and was left out",
        "class `elsewhere` has no sample",
    ];
    assert_eq!(notices(&data), expected);
}
