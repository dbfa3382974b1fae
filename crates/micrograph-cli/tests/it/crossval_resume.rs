//! A cross-validation that is killed or stopped goes on to the same results.

use std::path::Path;

use crate::support::{
    crossval, epochs, fail, kill_when, liposomes, micrograph, succeed, text, train, wait_until,
    weights,
};

fn summary(run: &Path) -> serde_json::Value {
    let bytes = std::fs::read(run.join("summary.json")).expect("a summary");
    let mut summary: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let seconds = summary.as_object_mut().and_then(|it| it.remove("seconds_per_epoch"));
    assert!(seconds.is_some_and(|seconds| seconds.as_f64() > Some(0.0)));
    summary
}

#[track_caller]
fn assert_same(whole: &Path, other: &Path, phases: &[&str]) {
    let predictions = |run: &Path| std::fs::read(run.join("predictions.csv")).expect("a table");
    assert_eq!(predictions(whole), predictions(other));
    assert_eq!(summary(whole), summary(other));
    for phase in phases {
        let of = |run: &Path| run.join("folds").join(phase);
        let (whole, other) = (of(whole), of(other));
        assert_eq!(weights(&whole), weights(&other), "{phase}");
        let logged = epochs(&other);
        assert_eq!(logged, (1..=logged.len() as u64).collect::<Vec<_>>(), "{phase}");
        assert_eq!(logged, epochs(&whole), "{phase}");
        assert!(!other.join("checkpoint").exists(), "{phase} keeps its checkpoint");
    }
}

#[test]
fn a_killed_cross_validation_resumes_to_the_same_bits() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "12", "--seed", "3", "--folds", "3", "--monitor", "loss"];
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    succeed(&crossval(&data, &whole, &settings));
    let picked = summary(&whole)["epochs"].as_u64().expect("a number");
    assert!(picked >= 2, "early stopping picked {picked}: no fold can be cut");

    let phase = |name: &str| killed.join("folds").join(name);
    let resume = ["crossval", "--quiet", "--resume", text(&killed)];
    let first = phase("early-stopping");
    kill_when(&crossval(&data, &killed, &settings), || epochs(&first).len() >= 2);
    assert!(!first.join("result.json").exists());

    let second = phase("fold-2");
    kill_when(&resume, || !epochs(&second).is_empty());
    let fold_1 = std::fs::read(phase("fold-1").join("result.json")).expect("a finished fold");
    assert!(!second.join("result.json").exists(), "the kill came after the fold");
    let message = fail(&["train", "--quiet", "--resume", text(&killed)]);
    assert!(message.contains("`micrograph crossval --resume "), "{message}");

    succeed(&resume);
    assert_eq!(fold_1, std::fs::read(phase("fold-1").join("result.json")).expect("kept"));
    let phases = ["early-stopping", "fold-1", "fold-2", "fold-3"];
    assert_same(&whole, &killed, &phases);
    // What is finished stays as it is.
    succeed(&resume);
    assert_same(&whole, &killed, &phases);
}

#[cfg(unix)]
#[test]
fn an_interrupted_cross_validation_says_how_to_go_on() {
    let test = "an_interrupted_cross_validation_says_how_to_go_on";
    let kill = |arguments: &[&str]| std::process::Command::new("kill").args(arguments).output();
    if let Err(error) = kill(&["-l"]) {
        return micrograph_testkit::skip(test, &format!("no kill: {error}"));
    }
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "12", "--seed", "4", "--folds", "2", "--fixed-epochs"];
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    let mut command = micrograph(&crossval(&data, &stopped, &settings));
    let mut child =
        command.stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
    wait_until(&mut child, || epochs(&stopped.join("folds/fold-1")).len() >= 2);
    kill(&["-INT", &child.id().to_string()]).expect("it can be signaled");
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{message}");
    let command = format!("`micrograph crossval --resume {}`", stopped.display());
    assert!(message.contains("stopped in fold 1 of 2") && message.contains(&command), "{message}");
    let checkpoint = stopped.join("folds/fold-1/checkpoint/last.safetensors");
    assert!(checkpoint.is_file());

    succeed(&["crossval", "--quiet", "--resume", text(&stopped)]);
    succeed(&crossval(&data, &whole, &settings));
    assert_same(&whole, &stopped, &["fold-1", "fold-2"]);
}

#[test]
fn changed_data_or_settings_and_the_wrong_command_are_refused() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (trained, run) = (folder.path().join("trained"), folder.path().join("run"));
    succeed(&train(&data, &trained, &["--epochs", "1"]));
    let message = fail(&["crossval", "--quiet", "--resume", text(&trained)]);
    assert!(message.contains("`micrograph train --resume "), "{message}");

    let settings = ["--epochs", "1", "--folds", "2", "--fixed-epochs"];
    succeed(&crossval(&data, &run, &settings));
    let before = std::fs::read(run.join("predictions.csv")).expect("a table");
    let resume = ["crossval", "--quiet", "--resume", text(&run)];
    let config = std::fs::read_to_string(run.join("config.toml")).expect("a configuration");
    let edited = config.replace("seed = 0", "seed = 1");
    assert_ne!(config, edited);
    std::fs::write(run.join("config.toml"), edited).expect("it can be written");
    let message = fail(&resume);
    assert!(message.contains("settings have changed"), "{message}");
    std::fs::write(run.join("config.toml"), config).expect("it can be written");

    let class = data.join("unilamellar");
    let mut images: Vec<_> =
        class.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    images.sort();
    std::fs::remove_file(&images[1]).expect("a mask is removed");
    let message = fail(&resume);
    assert!(message.contains("has changed since the run began"), "{message}");
    assert_eq!(before, std::fs::read(run.join("predictions.csv")).expect("a table"));
}
