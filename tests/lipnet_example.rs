//! The example `lipnet` as somebody runs it: nothing of theirs is lost, and it goes on where it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use micrograph::train::RunConfig;

/// The example, which stands beside the tests that Cargo built with it.
fn example(test: &str) -> Option<PathBuf> {
    let tests = std::env::current_exe().expect("a path");
    let folder = tests.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let path = folder.join("examples").join(format!("lipnet{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Some(path);
    }
    micrograph_testkit::skip(test, "the example is not built: run `cargo test -p micrograph`");
    None
}

fn run(program: &Path, folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(folder).arg("--smallest").args(more).stdin(Stdio::null());
    command.output().expect("the example starts")
}

#[track_caller]
fn refused(program: &Path, folder: &Path, more: &[&str]) -> String {
    let output = run(program, folder, more);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file below a folder and when it was written.
fn files(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut files = Vec::new();
    for entry in folder.read_dir().into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if !path.ends_with(".lock") {
            let written = path.metadata().and_then(|it| it.modified()).expect("a time");
            files.push((path, written));
        }
    }
    files.sort();
    files
}

#[test]
fn it_is_refused_before_it_destroys_anything() {
    let Some(program) = example("it_is_refused_before_it_destroys_anything") else { return };
    let folder = micrograph_testkit::temporary_folder();
    let folder = folder.path();
    // A finished run of somebody, with images in it.
    std::fs::create_dir_all(folder.join("out/images/a")).expect("a folder");
    let text = "[data]\npath = 'x'\n[train]\nseed = 9\n";
    std::fs::write(folder.join("out/config.toml"), text).expect("settings");
    std::fs::write(folder.join("out/model.safetensors"), "weights").expect("a model");
    std::fs::write(folder.join("out/images/a/1.png"), "pixels").expect("an image");
    let before = files(&folder.join("out"));

    let message = refused(&program, folder, &["--out", "out", "--data", "nowhere", "--overwrite"]);
    assert!(message.contains("nowhere"), "{message}");
    let message =
        refused(&program, folder, &["--out", "out", "--data", "out/images", "--overwrite"]);
    assert!(message.contains("choose another --out"), "{message}");
    let message = refused(&program, folder, &["--out", "out", "--images", "2", "--overwrite"]);
    assert!(message.contains("all training samples (1) are of class"), "{message}");
    let message = refused(&program, folder, &["--out", "out", "--images", "24"]);
    assert!(message.contains("add --overwrite"), "{message}");
    assert_eq!(before, files(&folder.join("out")));

    std::fs::create_dir_all(folder.join("mine")).expect("a folder");
    std::fs::write(folder.join("mine/notes.txt"), "mine").expect("a file");
    let message = refused(&program, folder, &["--out", "mine", "--images", "24", "--overwrite"]);
    assert!(message.contains("is not a run of micrograph"), "{message}");
}

/// The thesis's protocol on few images, killed as soon as `file` is there.
fn full_until(program: &Path, folder: &Path, more: &[&str], file: &Path) {
    let arguments = ["--full", "--images", "60", "--epochs", "1", "--out", "out"];
    let mut full = Command::new(program);
    full.current_dir(folder).args(arguments).args(more).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = full.spawn().expect("the example starts");
    let deadline = Instant::now() + Duration::from_secs(120);
    while !file.exists() && Instant::now() < deadline {
        assert!(child.try_wait().expect("a process").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert!(file.exists(), "waited in vain");
}

#[test]
fn killed_it_goes_on_with_the_same_command() {
    let Some(program) = example("killed_it_goes_on_with_the_same_command") else { return };
    let folder = micrograph_testkit::temporary_folder();
    let folder = folder.path();
    let folds = |line: &str| folder.join("out/lines").join(line).join("folds");
    let first = folds("network-lipnet1");
    full_until(&program, folder, &[], &first.join("fold-2/metrics.jsonl"));
    let (done, cut) = (first.join("fold-1"), first.join("fold-2"));
    let before = files(&done);
    assert!(done.join("result.json").exists() && !cut.join("result.json").exists());
    let second = folds("network-lipnet2").join("early-stopping/metrics.jsonl");
    full_until(&program, folder, &[], &second);
    assert_eq!(before, files(&done), "the finished fold is kept");
    assert!(cut.join("result.json").exists() && first.join("fold-5/result.json").exists());

    // Of other settings, it keeps all lines of before, and goes on with the same command too.
    let before = files(&first);
    let other = ["--seed", "2", "--overwrite"];
    let kept = folder.join("out/replaced/1/lines/network-lipnet1/folds");
    full_until(&program, folder, &other, &kept.join("fold-1/result.json"));
    let moved = |(path, time): &(PathBuf, SystemTime)| {
        (kept.join(path.strip_prefix(&first).expect("below it")), *time)
    };
    assert_eq!(before.iter().map(moved).collect::<Vec<_>>(), files(&kept));
    full_until(&program, folder, &other, &first.join("early-stopping/result.json"));
    assert!(!folder.join("out/replaced/2").exists());
}

#[test]
fn its_run_folder_is_one() {
    let Some(program) = example("its_run_folder_is_one") else { return };
    let folder = micrograph_testkit::temporary_folder();
    let folder = folder.path();
    let output = run(&program, folder, &["--out", "out", "--images", "24"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let config = RunConfig::load(&folder.join("out")).expect("settings as any run has them");
    assert_eq!(config.crossval.map(|plan| plan.folds), Some(2));
    let folds = files(&folder.join("out/folds"));
    assert!(folds.iter().any(|(path, _)| path.ends_with("fold-2/result.json")));
    let images = files(&folder.join("out-images"));
    assert_eq!(images.len(), 48);

    // A second time nothing is drawn or cross-validated anew, nothing has to be said, and nobody has
    // to read to the end.
    let mut again = Command::new(&program);
    again.current_dir(folder).args(["--smallest", "--out", "out", "--images", "24"]);
    let mut child = again.stdout(Stdio::piped()).spawn().expect("the example starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    assert_eq!(folds, files(&folder.join("out/folds")));
    assert_eq!(images, files(&folder.join("out-images")));

    // With other data it is refused, or replaces the run when it is told to.
    std::fs::remove_file(&images[0].0).expect("an image or mask goes");
    let message = refused(&program, folder, &["--out", "out", "--images", "24"]);
    assert!(message.contains("has changed since the run began"), "{message}");
    let output = run(&program, folder, &["--out", "out", "--images", "24", "--overwrite"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.join("out/report.html").is_file());
    let kept = files(&folder.join("out/replaced/1/folds"));
    assert_eq!(kept.len(), folds.len());
    assert!(kept.iter().zip(&folds).all(|((_, kept), (_, folds))| kept == folds));
}
