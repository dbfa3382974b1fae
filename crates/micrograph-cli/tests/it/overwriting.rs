//! What stands on the disk already: nothing is lost to a command that is refused, and nothing is
//! replaced that nobody asked to replace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{crossval, fail, liposomes, run as run_of, succeed, text, train};

/// All files below a folder with their content, but for the lock.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(content(&path));
        } else if !path.ends_with(".lock") {
            let bytes = std::fs::read(&path).expect("a file");
            files.insert(path, bytes);
        }
    }
    files
}

/// The command is refused for `reason`, and the folder stays as it is.
#[track_caller]
fn refuses(arguments: &[&str], reason: &str, folder: &Path) {
    let before = content(folder);
    let message = fail(arguments);
    assert!(message.contains(reason), "{message}");
    let after = content(folder);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{message}");
    assert!(before == after, "files have changed: {message}");
}

/// A table of the liposomes in which `p1` lies in two parts.
fn crossing(data: &Path) -> PathBuf {
    let mut table = "path,label,group,split\n".to_owned();
    for class in ["multilamellar", "uncertain", "unilamellar"] {
        let images = data.join(class).read_dir().expect("a folder");
        let names = images.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|it| it.to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.contains("mask"));
        names.sort();
        for (number, name) in names.iter().enumerate() {
            let split = if number % 2 == 0 { "train" } else { "val" };
            table += &format!("{class}/{name},{class},p{},{split}\n", number % 3);
        }
    }
    let path = data.join("table.csv");
    std::fs::write(&path, table).expect("a table");
    path
}

#[test]
fn a_run_survives_whatever_is_refused() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (run, folds) = (folder.path().join("run"), folder.path().join("folds"));
    succeed(&train(&data, &run, &["--epochs", "1"]));
    succeed(&crossval(&data, &folds, &["--epochs", "1", "--folds", "2", "--fixed-epochs"]));

    let patience = ["--overwrite", "--patience", "3", "--validation-fraction", "0"];
    refuses(&train(&data, &run, &patience), "validation part", &run);
    refuses(&crossval(&data, &folds, &patience), "validation part", &folds);
    let settings = folder.path().join("settings.toml");
    let excluding = "[train.optimizer.adamw]\nexclude = [\"foo*\"]\n";
    std::fs::write(&settings, excluding).expect("settings");
    let strange = ["--overwrite", "--config", text(&settings)];
    refuses(&train(&data, &run, &strange), "`foo*` matches no parameter", &run);
    refuses(&crossval(&data, &folds, &strange), "`foo*` matches no parameter", &folds);
    let narrow = ["--overwrite", "--device", "cpu", "--precision", "bf16"];
    refuses(&train(&data, &run, &narrow), "precision = bf16: expected f32 on the CPU", &run);
    refuses(&crossval(&data, &folds, &narrow), "or a GPU (--device cuda:0)", &folds);
    let nowhere = ["--overwrite", "--device", "cuda:99"];
    refuses(&train(&data, &run, &nowhere), "--device cuda:99: ", &run);
    let minutes = ["--overwrite", "--fixed-epochs", "--max-minutes", "1"];
    refuses(&crossval(&data, &folds, &minutes), "epochs = none", &folds);
    let nothing_held_out = ["--overwrite", "--validation-fraction", "0"];
    refuses(&crossval(&data, &folds, &nothing_held_out), "on which early stopping picks", &folds);
    let one = ["--overwrite", "--folds", "1"];
    refuses(&crossval(&data, &folds, &one), "folds = 1: expected at least 2 (--folds)", &folds);
    let table = crossing(&data);
    let more = ["--overwrite"];
    refuses(&crossval(&table, &folds, &more), "in more than one part", &folds);
    refuses(&train(&folds.join("predictions.csv"), &folds, &more), "replace its data", &folds);
}

/// All that a run has written stands in `folder`.
#[track_caller]
fn assert_kept(run: &Path, files: &BTreeMap<PathBuf, Vec<u8>>, folder: &Path) {
    for (path, bytes) in files {
        let name = path.strip_prefix(run).expect("a file of the run");
        let kept = std::fs::read(folder.join(name)).expect("it is kept");
        assert!(kept == *bytes, "{} has changed", name.display());
    }
}

#[test]
fn a_run_that_is_replaced_is_kept_finished_or_not() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let run = folder.path().join("run");
    let older = |number: &str| run.join("replaced").join(number);
    let of_now = || {
        let mut files = content(&run);
        files.retain(|path, _| !path.starts_with(run.join("replaced")));
        files
    };
    let overwrite =
        |more: &[&str]| run_of(&[&train(&data, &run, &["--epochs", "2"]), more].concat());
    assert!(overwrite(&[]).status.success());
    let finished = of_now();
    // One that diverges, twice: neither is ever finished.
    let output = overwrite(&["--overwrite", "--learning-rate", "1e30"]);
    let told = crate::support::error_of(&output);
    assert!(told.contains("infinite") || told.contains("loss became"), "{told}");
    let unfinished = of_now();
    crate::support::error_of(&overwrite(&["--overwrite", "--learning-rate", "1e31"]));
    assert_kept(&run, &finished, &older("1"));
    assert_kept(&run, &unfinished, &older("2"));

    // The older model is named where there is none, and used where it stands.
    let evaluate = |run| ["evaluate", "--quiet", "--data", text(&data), "--run", run];
    let message = fail(&evaluate(text(&run)));
    assert!(message.contains(text(&older("1"))), "{message}");
    succeed(&evaluate(text(&older("1"))));
    assert!(succeed(&["info", "--quiet", "--run", text(&run)]).contains(text(&older("2"))));
    let message = fail(&train(&data, &older("1"), &["--overwrite"]));
    assert!(message.contains("lies among the files of the run"), "{message}");

    assert!(overwrite(&["--overwrite", "--seed", "5"]).status.success());
    assert_kept(&run, &finished, &older("1"));
    assert_kept(&run, &unfinished, &older("2"));
    assert!(older("3").join("config.toml").is_file());
    assert!(of_now()[&run.join("model.toml")] != finished[&run.join("model.toml")]);
}

/// Its settings cannot hold such a path.
#[cfg(target_os = "linux")]
#[test]
fn data_whose_name_is_not_utf_8_is_refused_before_a_run_is_touched() {
    use std::os::unix::ffi::OsStrExt;
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let run = folder.path().join("run");
    succeed(&train(&data, &run, &["--epochs", "1"]));
    let strange = folder.path().join(std::ffi::OsStr::from_bytes(b"data-\xff"));
    std::fs::rename(&data, &strange).expect("another name");
    let before = content(&run);
    let mut command =
        crate::support::micrograph(&["train", "--quiet", "--overwrite", "--out", text(&run)]);
    let output = command.arg("--data").arg(&strange).output().expect("the program starts");
    let message = crate::support::error_of(&output);
    assert!(message.contains("is not UTF-8") && message.contains("rename it"), "{message}");
    assert!(content(&run) == before);
}

#[test]
fn results_replace_no_input_no_run_and_nothing_unasked() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let run = folder.path().join("run");
    succeed(&train(&data, &run, &["--epochs", "1"]));
    let image = content(&data).into_keys().next().expect("an image");
    let table = crossing(&data);
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "notes\n").expect("a file");

    let predict = |input: &Path, out: &Path, more: &[&str], reason: &str| {
        let input = text(input);
        let command = ["predict", "--quiet", "--run", text(&run), input, "--out", text(out)];
        refuses(&[&command, more].concat(), reason, folder.path());
    };
    for more in [&[][..], &["--overwrite"]] {
        predict(&image, &image, more, "is also an input");
        predict(&data, &image, more, "is also an input");
        predict(&table, &data.join("../data/table.csv"), more, "is also an input");
        predict(&image, &run, more, "is a file of the run");
        predict(&image, &run.join("model.toml"), more, "is a file of the run");
        predict(&image, &folder.path().join("no/x.csv"), more, "there is no folder");
    }
    predict(&image, &other, &[], "--overwrite");
    let evaluate = |json: &Path, report: &Path, more: &[&str], reason: &str| {
        let command = ["evaluate", "--quiet", "--run", text(&run), "--data", text(&data)];
        let outputs = ["--json", text(json), "--report", text(report)];
        refuses(&[&command, outputs.as_slice(), more].concat(), reason, folder.path());
    };
    let new = folder.path().join("new.json");
    evaluate(&run.join("summary.json"), &new, &["--overwrite"], "is a file of the run");
    evaluate(&new, &run.join("report.html"), &["--overwrite"], "is a file of the run");
    evaluate(&new, &image, &["--overwrite"], "is also an input");
    let file = run.join("model.toml");
    let named_by_a_file = ["predict", "--quiet", "--run", text(&file), text(&image), "--out"];
    for out in [&file, &run.join("predictions.csv")] {
        let command = [named_by_a_file.as_slice(), &[text(out), "--overwrite"]].concat();
        refuses(&command, "is a file of the run", folder.path());
    }
    evaluate(&new, &new, &[], "name the same file");
    evaluate(&new, &folder.path().join("NEW.JSON"), &[], "name the same file");
    // Nobody should try this with a device of the system: root may rename over it.
    #[cfg(unix)]
    {
        let elsewhere = micrograph_testkit::temporary_folder();
        let socket = elsewhere.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        evaluate(&socket, &new, &["--overwrite"], "is a device or a pipe");
    }
    evaluate(&new, &folder.path().join("no/report.html"), &[], "there is no folder");
    evaluate(&other, &new, &[], "--overwrite");

    let command = ["predict", "--quiet", "--run", text(&run), text(&image), "--out", text(&other)];
    succeed(&[command.as_slice(), &["--overwrite"]].concat());
    assert!(std::fs::read_to_string(&other).expect("a table").starts_with("path,class"));
    // A file without content holds nothing that could be lost.
    std::fs::write(&other, "").expect("an empty file");
    succeed(&command);
}

#[test]
fn a_run_is_not_put_inside_its_data_however_it_is_spelled() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let program = |arguments: &[&str]| {
        let mut command = crate::support::micrograph(arguments);
        crate::support::error_of(&command.current_dir(&data).output().expect("the program starts"))
    };
    let message = program(&train(Path::new("../data"), Path::new("run"), &[]));
    assert!(message.contains("lies inside the data"), "{message}");
    let message = program(&train(Path::new("."), Path::new("new/below/run"), &[]));
    assert!(message.contains("lies inside the data"), "{message}");
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&data, &link).expect("a link");
        let message = fail(&train(&link, &data.join("run"), &[]));
        assert!(message.contains("lies inside the data"), "{message}");
        let message = fail(&train(&data, &link.join("run"), &[]));
        assert!(message.contains("lies inside the data"), "{message}");
    }
    assert!(!data.join("run").exists() && !data.join("new").exists());
}
