//! What a run that goes on accepts, what it refuses, and what it says.

use std::path::Path;

use crate::support::{
    crossval, epochs, fail, kill_when, liposomes, run, succeed, text, train, weights,
};

/// Removes an image and its mask.
fn remove_an_image(data: &Path) {
    let mut images: Vec<_> = data
        .join("uncertain")
        .read_dir()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    images.sort();
    images[..2].iter().for_each(|path| std::fs::remove_file(path).expect("it goes"));
}

/// The repair of a damaged checkpoint is to remove it; other data must still be noticed.
#[test]
fn without_a_checkpoint_changed_data_or_settings_are_refused_all_the_same() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "1"]));
    let before = weights(&out);
    std::fs::remove_dir_all(out.join("checkpoint")).expect("it goes");
    let resume = ["train", "--quiet", "--resume", text(&out)];

    let config = std::fs::read_to_string(out.join("config.toml")).expect("settings");
    std::fs::write(out.join("config.toml"), config.replace("seed = 0", "seed = 1"))
        .expect("edited");
    let message = fail(&resume);
    assert!(message.contains("settings have changed"), "{message}");
    std::fs::write(out.join("config.toml"), config).expect("as it was");

    let origin = std::fs::read_to_string(out.join("origin.json")).expect("an origin");
    let on_a_gpu = origin.replace("\"processor\": \"cpu\"", "\"processor\": \"cuda\"");
    assert_ne!(origin, on_a_gpu);
    std::fs::write(out.join("origin.json"), on_a_gpu).expect("edited");
    let message = fail(&resume);
    assert!(message.contains("go on with --device cuda:0"), "{message}");
    std::fs::write(out.join("origin.json"), origin).expect("as it was");

    remove_an_image(&data);
    let message = fail(&resume);
    assert!(message.contains("has changed since the run began"), "{message}");
    assert_eq!(before, weights(&out));
}

#[test]
fn moved_data_and_another_length_are_flags() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (whole, out) = (folder.path().join("whole"), folder.path().join("run"));
    succeed(&train(&data, &whole, &["--epochs", "3"]));
    succeed(&train(&data, &out, &["--epochs", "1"]));
    let moved = folder.path().join("moved");
    std::fs::rename(&data, &moved).expect("it moves");

    let resume = ["train", "--quiet", "--resume", text(&out)];
    let message = fail(&resume);
    assert!(message.contains(text(&data)) && message.contains("--data"), "{message}");
    let with = |more: &[&str]| run(&[&resume, more].concat()).status.code();
    assert_eq!(with(&["--data", text(&moved), "--seed", "2"]), Some(2), "the seed stays");
    assert_eq!(with(&["--data", text(&moved), "--max-pixels", "9"]), Some(2));
    assert_eq!(with(&["--data", text(&moved), "--epochs", "2"]), Some(0));
    // The run remembers where its data is now.
    assert_eq!(with(&["--epochs", "3"]), Some(0));
    assert_eq!(epochs(&out), [1, 2, 3]);
    assert_eq!(weights(&whole), weights(&out));

    remove_an_image(&moved);
    let other = folder.path().join("other");
    std::fs::rename(&moved, &other).expect("it moves");
    let message = fail(&[resume.as_slice(), &["--data", text(&other)]].concat());
    assert!(message.contains("has changed since the run began"), "{message}");
    let config = std::fs::read_to_string(out.join("config.toml")).expect("settings");
    assert!(config.contains(text(&moved)), "what was refused is not remembered");
}

#[test]
fn a_cross_validation_finds_moved_data_too() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("folds");
    succeed(&crossval(&data, &out, &["--epochs", "1", "--folds", "2", "--fixed-epochs"]));
    let moved = folder.path().join("moved");
    std::fs::rename(&data, &moved).expect("it moves");
    let resume = ["crossval", "--quiet", "--resume", text(&out)];
    let message = fail(&resume);
    assert!(message.contains("--data"), "{message}");
    succeed(&[resume.as_slice(), &["--data", text(&moved)]].concat());
    let epochs = run(&[resume.as_slice(), &["--epochs", "2"]].concat());
    assert_eq!(epochs.status.code(), Some(2), "nothing else may change");
}

/// Killed while the first epoch is under way, with a checkpoint of some of its steps.
#[test]
fn a_run_killed_within_an_epoch_resumes_to_the_same_bits() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "2", "--checkpoint-every", "0"];
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    // A step for each image: an epoch takes longer than a look at its first checkpoint.
    let single = |out| {
        let mut arguments = train(&data, out, &settings);
        let size = arguments.iter().position(|it| *it == "8").expect("a batch size");
        arguments[size] = "1";
        arguments
    };
    succeed(&single(&whole));
    let checkpoint = killed.join("checkpoint/last.safetensors");
    kill_when(&single(&killed), || checkpoint.exists());
    assert!(epochs(&killed).is_empty(), "not within the first epoch");

    succeed(&["train", "--quiet", "--resume", text(&killed)]);
    assert_eq!(weights(&whole), weights(&killed));
    assert_eq!(epochs(&killed), [1, 2]);
}
