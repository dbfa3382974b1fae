//! What is odd about the data reaches the terminal, once, and the report.

use std::path::Path;

use crate::support::{crossval, run, train};
use micrograph::image::{Depth, write_png};
use ndarray::Array3;

/// Eight images a class and part; four are of 16 bits, and copies of one training image validate a class.
fn images(folder: &Path) {
    for (number, class) in ["a", "b"].into_iter().cycle().take(32).enumerate() {
        let part = if number < 16 { "train" } else { "val" };
        let path = folder.join(part).join(class).join(format!("{number}.png"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        let depth = if number < 4 { Depth::U16 } else { Depth::U8 };
        let gray = if part == "val" && class == "b" { 15 } else { number };
        let pixels = Array3::from_elem((1, 8, 8), gray as f32);
        write_png(&path, pixels.view(), depth).expect("an image");
    }
}

/// The lines on the terminal, each of which is also in the report.
#[track_caller]
fn notes(arguments: &[&str], report: &Path) -> Vec<String> {
    let output = run(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    let report = std::fs::read_to_string(report).expect("a report");
    let odd = |note: &&str| note.contains("bit depths") || note.contains("exact copies");
    let notes: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("note: ")).filter(odd).collect();
    for note in &notes {
        // The report escapes quotes, which stand late in a sentence.
        let start = note.split(';').next().unwrap_or(note);
        assert!(report.contains(start), "not in the report: {start}");
    }
    notes.into_iter().map(str::to_owned).collect()
}

#[test]
fn mixed_depths_and_copies_are_told_once_and_reported() {
    let folder = micrograph_testkit::temporary_folder();
    let data = folder.path().join("data");
    images(&data);
    let (trained, folds) = (folder.path().join("trained"), folder.path().join("folds"));
    let depths = "bit depths differ: 28 8-bit (such as train/a/4.png), 4 16-bit (such as \
                  train/a/0.png); each image is scaled by its own mean and deviation, whatever its \
                  depth";
    let told = notes(&train(&data, &trained, &["--epochs", "1"]), &trained.join("report.html"));
    let copies = "8 validation samples are exact copies of training samples, such as \
                  val/b/17.png of train/b/15.png: the validation measures are a little too good";
    assert_eq!(told, [depths, copies]);

    let settings = ["--epochs", "1", "--folds", "3", "--fixed-epochs"];
    let told = notes(&crossval(&data, &folds, &settings), &folds.join("report.html"));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], depths);
    assert!(told[1].starts_with("9 samples have exact copies in other folds"), "{told:?}");
}
