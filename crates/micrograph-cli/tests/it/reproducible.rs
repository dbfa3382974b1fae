//! Same seed, same data: same bits, whatever the thread count, and through kills and resumes.

use crate::support::{
    epochs, kill_when, liposomes, micrograph, succeed, text, train, wait_until, weights,
};

#[test]
fn weights_depend_on_the_seed_and_not_on_threads() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let fit = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut arguments = vec!["--epochs", "2", "--seed", "1"];
        arguments.extend(more);
        succeed(&train(&data, &out, &arguments));
        weights(&out)
    };
    let one = fit("one", &["--threads", "1"]);
    assert_eq!(one, fit("two", &["--threads", "2"]));
    assert_eq!(one, fit("three", &["--threads", "3"]));
    let out = folder.path().join("other");
    succeed(&train(&data, &out, &["--epochs", "2", "--seed", "2"]));
    assert_ne!(one, weights(&out));
}

#[cfg(target_os = "linux")]
#[test]
fn weights_do_not_depend_on_the_number_of_processors() {
    let test = "weights_do_not_depend_on_the_number_of_processors";
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (all, one) = (folder.path().join("all"), folder.path().join("one"));
    succeed(&train(&data, &all, &["--epochs", "1"]));
    let mut command = std::process::Command::new("taskset");
    command.args(["-c", "0", env!("CARGO_BIN_EXE_micrograph")]);
    match command.args(train(&data, &one, &["--epochs", "1"])).status() {
        Ok(status) => assert!(status.success()),
        Err(error) => return micrograph_testkit::skip(test, &format!("no taskset: {error}")),
    }
    assert_eq!(weights(&all), weights(&one));
}

/// Kills the process with SIGKILL (TerminateProcess on Windows) after its second, fourth and sixth
/// epoch, resumes until it is done, and compares with a run that was left alone. (A kill within an
/// epoch is in `resuming.rs`.)
#[test]
fn a_killed_run_resumes_to_the_same_bits() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "8", "--seed", "3"];
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    succeed(&train(&data, &whole, &settings));

    let mut arguments = train(&data, &killed, &settings);
    for done in [2, 4, 6] {
        kill_when(&arguments, || epochs(&killed).len() >= done);
        assert!(killed.join("checkpoint/last.safetensors").is_file());
        assert!(!killed.join("summary.json").exists(), "the kill came after the end");
        arguments = vec!["train", "--quiet", "--resume", text(&killed)];
    }
    succeed(&arguments);
    assert_eq!(weights(&whole), weights(&killed));
    assert_eq!(epochs(&killed), (1..=8).collect::<Vec<u64>>());
}

/// Ctrl-C stops at a step, saves the state within the epoch, and says how to go on.
#[cfg(unix)]
#[test]
fn an_interrupted_run_goes_on_within_the_epoch() {
    let test = "an_interrupted_run_goes_on_within_the_epoch";
    let kill = |arguments: &[&str]| std::process::Command::new("kill").args(arguments).output();
    if let Err(error) = kill(&["-l"]) {
        return micrograph_testkit::skip(test, &format!("no kill: {error}"));
    }
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "300", "--seed", "4"];
    let stopped = folder.path().join("stopped");
    let mut command = micrograph(&train(&data, &stopped, &settings));
    let mut child =
        command.stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
    wait_until(&mut child, || epochs(&stopped).len() >= 2);
    let id = child.id().to_string();
    kill(&["-INT", &id]).expect("it can be signaled");
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(message.contains("--resume"), "{message}");

    // The settings are cut to a few epochs more than are done, so that the test ends.
    let done = epochs(&stopped).len() + 2;
    let config = stopped.join("config.toml");
    let edited = std::fs::read_to_string(&config)
        .expect("a configuration")
        .replace("epochs = 300", &format!("epochs = {done}"));
    std::fs::write(&config, edited).expect("it can be written");
    succeed(&["train", "--quiet", "--resume", text(&stopped)]);
    let whole = folder.path().join("whole");
    let number = done.to_string();
    succeed(&train(&data, &whole, &["--epochs", &number, "--seed", "4"]));
    assert_eq!(weights(&whole), weights(&stopped));
    assert_eq!(epochs(&stopped), epochs(&whole));
}

#[test]
fn resuming_refuses_changed_data_and_a_finished_run_stays_as_it_is() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "1"]));
    let before = weights(&out);
    succeed(&["train", "--quiet", "--resume", text(&out)]);
    assert_eq!(before, weights(&out));

    let class = data.join("unilamellar");
    let mut images: Vec<_> = class
        .read_dir()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !text(path).ends_with("_mask.png"))
        .collect();
    images.sort();
    std::fs::copy(&images[0], &images[1]).expect("a copy");
    let mask = |path: &std::path::Path| text(path).replace(".png", "_mask.png");
    std::fs::copy(mask(&images[0]), mask(&images[1])).expect("a copy");
    let message = crate::support::fail(&["train", "--quiet", "--resume", text(&out)]);
    assert!(message.contains("has changed since the run began"), "{message}");
    assert_eq!(before, weights(&out));
}

/// The repair that the message names leads to the same bits.
#[test]
fn a_damaged_checkpoint_is_told_with_a_repair_that_works() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "3"]));
    let before = weights(&out);
    let checkpoint = out.join("checkpoint");
    let (last, best) = (checkpoint.join("last.safetensors"), checkpoint.join("best.safetensors"));
    let flip = |path: &std::path::Path| {
        let mut bytes = std::fs::read(path).expect("a checkpoint");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 16;
        std::fs::write(path, bytes).expect("it can be written");
    };
    let resume = ["train", "--quiet", "--resume", text(&out)];
    flip(&last);
    let message = crate::support::fail(&resume);
    let repair = format!("copy {} over it", best.display());
    assert!(message.contains(text(&last)) && message.contains(&repair), "{message}");
    std::fs::copy(&best, &last).expect("a copy");
    succeed(&resume);
    assert_eq!(before, weights(&out));

    flip(&best);
    let message = crate::support::fail(&resume);
    let repair = format!("remove the folder {}", checkpoint.display());
    assert!(message.contains(text(&best)) && message.contains(&repair), "{message}");
    std::fs::remove_dir_all(&checkpoint).expect("it can be removed");
    succeed(&resume);
    assert_eq!(before, weights(&out));
}
