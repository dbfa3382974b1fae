//! Objects at their own sizes, through the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{epochs, fail, kill_when, liposomes, succeed, text, weights};

/// Sides of at most 64 pixels: most objects are scaled down, the others have 48 or 64.
const MOST: [&str; 2] = ["--input-size", "64"];

/// A folder with data, and settings of a network of few numbers.
fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = folder.path().join("small.toml");
    std::fs::write(&settings, "[train.network]\nmaps = 4\ndense = 8\n").expect("a file");
    (folder, data, settings)
}

fn train<'a>(
    (data, settings): (&'a Path, &'a Path),
    out: &'a Path,
    resize: &'a str,
    more: &[&'a str],
) -> Vec<&'a str> {
    let mut arguments = vec!["train", "--data", text(data), "--out", text(out), "--quiet"];
    arguments.extend(["--config", text(settings), "--model", "lipnet4v", "--resize", resize]);
    arguments.extend(["--batch-size", "8", "--seed", "2"]);
    arguments.extend([&MOST[..], more].concat());
    arguments
}

/// The images of `data`, without masks.
fn images(data: &Path) -> Vec<PathBuf> {
    let files = |folder: PathBuf| folder.read_dir().expect("a folder").map(|f| f.expect("").path());
    let images = files(data.to_path_buf()).flat_map(files);
    let mut images: Vec<PathBuf> =
        images.filter(|path| !text(path).ends_with("_mask.png")).collect();
    images.sort();
    images
}

#[test]
fn objects_of_many_sizes_give_the_same_bits_for_any_threads_and_alone() {
    let (folder, data, settings) = folder();
    let fit = |name: &str, resize: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let more = [&["--epochs", "2"], more].concat();
        succeed(&train((&data, &settings), &out, resize, &more));
        out
    };
    let out = fit("one", "native", &["--threads", "1"]);
    assert_eq!(weights(&out), weights(&fit("three", "native", &["--threads", "3"])));
    let padded = fit("padded", "pad", &[]);
    assert_ne!(weights(&out), weights(&padded));

    let told = succeed(&["info", "--run", text(&out), "--quiet"]);
    assert!(told.contains(": lipnet4v\n"), "{told}");
    assert!(told.contains("input: 1 x own size to 64 x 64\n"), "{told}");
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    for part in ["LipNet-4v", "own size to 64 × 64, sides multiples of 16", "is scaled down)"] {
        assert!(report.contains(part), "{part}");
    }
    assert!(report.contains("are larger than 64 x 64 pixels"), "a notice in the report");

    let predict =
        |more: &[&str]| succeed(&[&["predict", "--quiet", "--run", text(&out)][..], more].concat());
    let table = predict(&[text(&data)]);
    let images = images(&data);
    assert_eq!(table.lines().count(), 1 + images.len());
    for image in [&images[0], &images[17], &images[35]] {
        let alone = predict(&[text(image)]);
        let row = alone.lines().nth(1).expect("a row");
        assert!(table.lines().any(|line| line == row), "{row}");
    }
    let turned = predict(&["--test-time", "dihedral", text(&data)]);
    assert_ne!(turned, table);
    let (own, other) = (text(&out), text(&padded));
    let both = succeed(&["predict", "--quiet", text(&data), "--ensemble", own, other]);
    assert_ne!(both, table);
    let measures = folder.path().join("measures.json");
    succeed(&[
        "evaluate",
        "--run",
        text(&out),
        "--data",
        text(&data),
        "--quiet",
        "--json",
        text(&measures),
    ]);
    assert!(measures.is_file());
}

/// Killed within an epoch, with a head that is still to be fitted.
#[test]
fn a_killed_run_of_many_sizes_resumes_to_the_same_bits() {
    let (folder, data, settings) = folder();
    let more = ["--epochs", "3", "--head", "svm", "--checkpoint-every", "0"];
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let arguments = |out| train((&data, &settings), out, "native", &more);
    succeed(&arguments(&whole));
    kill_when(&arguments(&killed), || !epochs(&killed).is_empty());
    succeed(&["train", "--quiet", "--resume", text(&killed), "--threads", "1"]);
    assert_eq!(weights(&whole), weights(&killed));
    assert_eq!(epochs(&killed), [1, 2, 3]);
}

#[test]
fn native_and_padded_stand_beside_size_alone_on_the_same_folds() {
    let (folder, data, settings) = folder();
    let out = folder.path().join("comparison");
    let models = "lipnet4v:native,lipnet4v:pad,svm:size";
    let mut arguments = vec!["compare", "--data", text(&data), "--out", text(&out), "--quiet"];
    arguments.extend(["--models", models, "--folds", "2", "--epochs", "1", "--fixed-epochs"]);
    arguments.extend(["--config", text(&settings)]);
    arguments.extend(MOST);
    succeed(&arguments);
    let table = std::fs::read_to_string(out.join("predictions.csv")).expect("a table");
    assert!(table.starts_with(&format!("id,fold,truth,{models}\n")), "{table}");
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains("own size to 64 × 64 pixels"));
    let said = |model: &str| {
        let path = out.join("models").join(model).join("predictions.csv");
        std::fs::read_to_string(path).expect("predictions")
    };
    let different: BTreeSet<String> =
        ["lipnet4v-native", "lipnet4v-pad", "svm-size"].map(said).into();
    assert_eq!(different.len(), 3);
}

#[test]
fn sizes_that_a_model_does_not_take_are_refused() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder.path().join("data"), folder.path().join("run"));
    let refused = |command: &str, flags: &[&str]| {
        let run = [command, "--data", text(&data), "--out", text(&out), "--quiet"];
        fail(&[&run[..], flags].concat())
    };
    let message = refused("train", &["--model", "lipnet4", "--resize", "native"]);
    assert!(message.contains("input.resize = native: expected stretch, fit"), "{message}");
    let message = refused("compare", &["--models", "lipnet4v,svm:pixels", "--resize", "native"]);
    assert!(message.contains("lipnet4v takes any"), "{message}");
    let message = refused("compare", &["--models", "lipnet4c:native"]);
    assert!(message.contains("input.resize = native"), "{message}");
    let message = refused("compare", &["--models", "lipnet4v:sizes"]);
    assert!(message.contains("such as lipnet4v:native"), "{message}");
    assert!(!out.exists());
}
