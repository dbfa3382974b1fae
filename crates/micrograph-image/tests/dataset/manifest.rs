use std::path::PathBuf;

use micrograph_image::{Dataset, DatasetOptions, Layout, Part};

use crate::tree::{Tree, ids, labels};

/// The options for a table `image ID,class label` beside `001.bmp` and `001.png`.
pub(crate) fn white_blood_cells() -> DatasetOptions {
    DatasetOptions {
        path_template: Some("{image ID:03}.bmp".to_owned()),
        mask_template: Some("{image ID:03}.png".to_owned()),
        label_column: "class label".to_owned(),
        ..DatasetOptions::default()
    }
}

#[track_caller]
fn check_table_refused(text: &str, expected: &str) {
    let expected = format!("DATA/table.csv: {expected}");
    Tree::table(text).check_refused(&DatasetOptions::default(), &expected);
}

#[test]
fn all_columns_are_read() {
    let tree = Tree::table(
        "split,path,label,mask,group,note\n\
         train,b/2.png,10,masks/2.png,Ann,x\n\
         Test, ./a//1.png ,9,,,\n\
         ,../c.png,9,,Bob,\"a, b\"\n",
    );
    let data = tree.open().unwrap();
    assert_eq!((data.layout, data.root.as_path()), (Layout::Manifest, tree.path()));
    assert_eq!(data.classes, ["9", "10"]);
    assert_eq!(ids(&data), ["b/2.png", "a/1.png", "../c.png"]);
    assert_eq!(labels(&data), ["10", "9", "9"]);
    let masks: Vec<_> = data.samples.iter().map(|sample| sample.mask.clone()).collect();
    assert_eq!(masks, [Some(tree.join("masks/2.png")), None, None]);
    let groups: Vec<_> = data.samples.iter().map(|sample| sample.group.as_deref()).collect();
    assert_eq!(groups, [Some("Ann"), None, Some("Bob")]);
    assert_eq!(data.parts(), [(Some(Part::Train), 1), (Some(Part::Test), 1), (None, 1)]);
    assert_eq!(data.indices(None), [2]);
}

#[test]
fn a_table_is_found_by_its_own_path_too() {
    let tree = Tree::table("path,label\n1.png,x\n")
        .file("other.csv", "")
        .file("list", "path,label\n2.png,y");
    let data = Dataset::open(&tree.join("table.csv"), &DatasetOptions::default()).unwrap();
    assert_eq!((data.root.as_path(), ids(&data)), (tree.path(), vec!["1.png"]));
    let options = DatasetOptions { layout: Some(Layout::Manifest), ..Default::default() };
    let data = Dataset::open(&tree.join("list"), &options).unwrap();
    assert_eq!(ids(&data), ["2.png"]);
}

#[test]
fn templates_make_paths_of_columns() {
    let tree = Tree::table("image ID,class label\n1,2\n12,1\n1234,2\n").file("001.bmp", "");
    let data = tree.open_with(&white_blood_cells()).unwrap();
    assert_eq!(ids(&data), ["001.bmp", "012.bmp", "1234.bmp"]);
    assert_eq!(data.samples[1].mask, Some(tree.join("012.png")));
    assert_eq!(labels(&data), ["2", "1", "2"]);
}

#[test]
fn other_columns_are_named() {
    let tree = Tree::table("file,class,patient,fold,roi\n1.png,x,p1,val,m.png\n");
    let options = DatasetOptions {
        path_column: "file".to_owned(),
        label_column: "class".to_owned(),
        group_column: "patient".to_owned(),
        split_column: "fold".to_owned(),
        mask_column: "roi".to_owned(),
        ..DatasetOptions::default()
    };
    let sample = tree.open_with(&options).unwrap().samples.remove(0);
    assert_eq!((sample.group.as_deref(), sample.part), (Some("p1"), Some(Part::Val)));
    assert_eq!(sample.mask, Some(tree.join("m.png")));
}

#[test]
fn spreadsheets_are_read_as_they_write() {
    let tables = [
        "\u{feff}path;label;group\r\n1.png;\"x;y\";1,5\r\n",
        "path\tlabel\tgroup\n1.png\tx;y\t1,5",
    ];
    for table in tables {
        let data = Tree::table(table).open().unwrap();
        assert_eq!((ids(&data), labels(&data)), (vec!["1.png"], vec!["x;y"]));
        assert_eq!(data.samples[0].group.as_deref(), Some("1,5"));
    }
}

#[test]
fn a_missing_column_lists_the_known() {
    check_table_refused(
        "file,class\n1.png,x\n",
        "expected a column `path`, but the table has `file`, `class`; name the right one with \
         --path-column, or make paths of others with --path-template",
    );
    check_table_refused(
        "path,class\n1.png,x\n",
        "expected a column `label`, but the table has `path`, `class`; name the right one with \
         --label-column",
    );
    let options = DatasetOptions { group_column: "patient".to_owned(), ..Default::default() };
    Tree::table("path,label\n1.png,x\n").check_refused(
        &options,
        "DATA/table.csv: expected a column `patient`, but the table has `path`, `label`; \
         name the right one with --group",
    );
}

#[test]
fn a_column_that_stands_twice_is_refused() {
    check_table_refused(
        "path,label,label\n1.png,x,y\n",
        "expected one column `label`, but columns 2 and 3 have that name; rename or remove one",
    );
    check_table_refused(
        "group,path,group,label\n1,1.png,2,x\n",
        "expected one column `group`, but columns 1 and 3 have that name; rename or remove one",
    );
    // Nobody asks for it.
    let data = Tree::table("path,label,note,note\n1.png,x,,\n").open().unwrap();
    assert_eq!(ids(&data), ["1.png"]);
}

#[test]
fn control_characters_are_refused_and_escaped() {
    check_table_refused(
        "path,label\na\0b.png,x\n",
        "line 2: expected text, but `a\\0b.png` holds a control character; remove it",
    );
    check_table_refused(
        "path,label\n1.png,x\n2.png,\u{1b}[31mred\n",
        "line 3: expected text, but `\\u{1b}[31mred` holds a control character; remove it",
    );
}

#[test]
fn a_blank_value_names_its_line() {
    check_table_refused(
        "path,label\n1.png,x\n\n2.png, \n",
        "line 4: expected a value in column `label`, but it is blank; \
         fill it in or remove the line",
    );
    check_table_refused(
        "path,label\n,x\n",
        "line 2: expected a value in column `path`, but it is blank; \
         fill it in or remove the line",
    );
    let tree = Tree::table("image ID,class label\n1,2\n,1\n");
    tree.check_refused(
        &white_blood_cells(),
        "DATA/table.csv: line 3: expected a value in column `image ID`, but it is blank; \
         fill it in or remove the line",
    );
}

#[test]
fn an_unknown_part_names_its_line() {
    check_table_refused(
        "path,label,split\n1.png,x,dev\n",
        "line 2: expected train, val (valid, validation), test or nothing, but found `dev`; \
         correct it",
    );
}

#[test]
fn an_image_stands_once() {
    check_table_refused(
        "path,label\na/1.png,x\n2.png,x\n./a/1.png,y\n",
        "lines 2 and 4: expected each image once, but `a/1.png` stands in both; remove one",
    );
}

#[test]
fn a_broken_template_is_explained() {
    let options = DatasetOptions { path_template: Some("{path".to_owned()), ..Default::default() };
    Tree::table("path,label\n1.png,x\n").check_refused(
        &options,
        "DATA/table.csv: template `{path`: `{` is not closed; write `{{` for a brace",
    );
}

#[test]
fn what_is_no_table_is_refused() {
    check_table_refused(
        "path,label\n1.png,x,y\n",
        "line 2: expected 2 fields as in the first line, but found 3; \
         put text that holds a separator between quotation marks",
    );
    let tree = Tree::new(&[]).file("table.csv", b"path,label\r\n1.png,x\r\n2.png,\xe9t\xe9\r\n");
    tree.check_refused(
        &DatasetOptions::default(),
        "DATA/table.csv: line 3: expected UTF-8, but found bytes that are none; \
         save the table as \"CSV UTF-8\"",
    );
}

#[test]
fn lines_are_counted_as_editors_count() {
    let problem = "expected a value in column `label`, but it is blank; \
        fill it in or remove the line";
    let check =
        |text: &str, line: u64| check_table_refused(text, &format!("line {line}: {problem}"));
    check("path,label\n1.png,\n", 2);
    check("path,label\n\n\n1.png,", 4);
    check("path,label\r\n1.png,x\r\n2.png,\r\n", 3);
    check("path,label\r\n\r\n1.png,x\r\n\r\n2.png,\r\n", 5);
    check("\u{feff}path,label\n\"1\n2.png\",x\n3.png,\n", 4);
}

#[test]
fn a_table_without_rows_is_refused() {
    let expected = "expected images, but DATA/table.csv (read as manifest) has none; \
        add a line for each image";
    Tree::table("path,label\n").check_refused(&DatasetOptions::default(), expected);
    check_table_refused(
        "",
        "expected a column `path`, but the table has no columns; name the right one with \
         --path-column, or make paths of others with --path-template",
    );
}

#[test]
fn templates_ask_for_a_table() {
    let tree = Tree::table("image ID,class label\n1,x\n").file("a/1.png", "");
    assert_eq!(tree.open().unwrap().layout, Layout::ClassFolders);
    assert_eq!(tree.open_with(&white_blood_cells()).unwrap().layout, Layout::Manifest);
}

#[test]
fn fifty_thousand_samples_take_less_than_fifteen_megabytes() {
    use std::fmt::Write;

    let mut table = "path,label,mask\n".to_owned();
    for index in 0..50_000 {
        let (folder, label) = (index / 1000, index % 7);
        writeln!(table, "plate_{folder:03}/well_{index:05}.png,{label},masks/{index:05}.png")
            .unwrap();
    }
    let data = Tree::table(&table).open().unwrap();
    let text = |path: &PathBuf| path.capacity();
    let heap: usize =
        data.samples.iter().map(|s| s.id.capacity() + s.mask.as_ref().map_or(0, text)).sum();
    let total = heap + data.samples.capacity() * size_of::<micrograph_image::Sample>();
    assert_eq!(data.samples.len(), 50_000);
    assert!(total < 15_000_000, "{total} bytes");
}

/// By its letters another path, by its meaning the same image under another label.
#[test]
fn a_row_that_names_an_image_again_is_refused_however_it_is_spelled() {
    for again in ["a/1.png", "./a/1.png", "a/../a/1.png", "b/.././a//1.png"] {
        let tree = Tree::table(&format!("path,label\na/1.png,x\n2.png,y\n{again},y\n"));
        let message = tree.message(&tree.open().unwrap_err());
        assert!(message.contains("lines 2 and 4"), "{message}");
    }
    Tree::table("path,label\na/1.png,x\n../a/1.png,y\n").open().unwrap();
}

#[test]
fn a_class_of_rows_without_a_part_is_trained_on() {
    let tree = Tree::table("path,label,split\n1.png,a,train\n2.png,b,\n3.png,a,val\n");
    let expected = ["class `b` has no sample in part `val`"];
    assert_eq!(crate::tree::notices(&tree.open().unwrap()), expected);
}
