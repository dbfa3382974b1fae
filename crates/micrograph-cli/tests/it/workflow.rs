//! Train, evaluate, predict and look, as a user would.

use crate::support::{fail, liposomes, run, succeed, text, train};

#[test]
fn train_evaluate_predict_and_info() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    // The largest seed, which many readers of TOML do not know.
    succeed(&train(&data, &out, &["--epochs", "2", "--seed", "18446744073709551615"]));
    succeed(&["train", "--quiet", "--resume", text(&out)]);
    for name in ["config.toml", "model.toml", "metrics.jsonl", "summary.json", "report.html"] {
        assert!(out.join(name).is_file(), "{name} is missing");
    }

    let json = folder.path().join("measures.json");
    succeed(&["evaluate", "--run", text(&out), "--data", text(&data), "--json", text(&json)]);
    let measures: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).expect("measures")).expect("JSON");
    assert_eq!(measures["schema"], 1);
    assert_eq!(measures["classes"].as_array().map(Vec::len), Some(3));
    assert_eq!(measures["confusion"].as_array().map(Vec::len), Some(3));
    let keys = ["accuracy", "balanced_accuracy", "auroc", "auprc", "log_loss", "per_class"];
    for key in keys {
        assert!(measures.get(key).is_some(), "{key} is missing");
    }
    let class = &measures["per_class"][0];
    for key in ["name", "support", "tpr", "tnr", "ppv", "npv", "f1", "f1_tpr_tnr", "auroc"] {
        assert!(class.get(key).is_some(), "per_class {key} is missing");
    }

    let table = folder.path().join("predictions.csv");
    succeed(&["predict", "--run", text(&out), text(&data), "--out", text(&table), "--quiet"]);
    let predictions = std::fs::read_to_string(&table).expect("predictions");
    assert_eq!(predictions.lines().count(), 1 + 36, "masks are no images to predict");
    assert!(predictions.starts_with("path,class,probability,p:multilamellar"));

    let told = succeed(&["info", "--data", text(&data), "--run", text(&out), "--quiet"]);
    assert!(told.contains("unilamellar") && told.contains("lipnet1"), "{told}");
    assert!(told.contains("seed 18446744073709551615"), "{told}");

    let message = fail(&train(&data, &out, &[]));
    assert!(message.contains("--overwrite"), "{message}");
    succeed(&train(&data, &out, &["--overwrite", "--epochs", "1"]));
}

#[test]
fn cross_validation_predicts_every_sample_once() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("folds");
    let told = succeed(&[
        "crossval",
        "--data",
        text(&data),
        "--out",
        text(&out),
        "--model",
        "lipnet1",
        "--folds",
        "2",
        "--epochs",
        "2",
        "--quiet",
    ]);
    assert!(told.contains("macro F1"), "{told}");
    let table = std::fs::read_to_string(out.join("predictions.csv")).expect("predictions");
    let mut ids: Vec<&str> = table.lines().skip(1).filter_map(|l| l.split(',').next()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 36);
}

#[test]
fn a_time_limit_ends_an_epoch_and_its_number_repeats_the_run() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (limited, repeated) = (folder.path().join("limited"), folder.path().join("repeated"));
    succeed(&train(&data, &limited, &["--max-minutes", "0.01"]));
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(limited.join("summary.json")).expect("a summary"))
            .expect("JSON");
    assert_eq!(summary["ended"], "max_minutes");
    let epochs = summary["epochs"].to_string();
    succeed(&train(&data, &repeated, &["--epochs", &epochs]));
    assert_eq!(crate::support::weights(&limited), crate::support::weights(&repeated));
}

#[test]
fn help_teaches_and_a_wrong_command_line_exits_with_2() {
    let help = succeed(&["--help"]);
    assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
    assert_eq!(run(&["train"]).status.code(), Some(2));
    assert!(succeed(&["completions", "bash"]).contains("micrograph"));
    let message = fail(&["train", "--data", "x", "--out", "y", "--model", "lipnet9"]);
    assert!(message.contains("lipnet9") && message.contains("lipnet4c"), "{message}");
}

#[test]
fn info_counts_samples_and_groups() {
    let folder = micrograph_testkit::temporary_folder();
    let mut table = "path,label,group,split\n".to_owned();
    for (index, (class, group, split)) in
        [("a", "p1", "train"), ("a", "p1", "train"), ("a", "p2", "test"), ("b", "p2", "train")]
            .iter()
            .enumerate()
    {
        let name = format!("{index}.png");
        image::GrayImage::new(4, 3).save(folder.path().join(&name)).expect("an image");
        table += &format!("{name},{class},{group},{split}\n");
    }
    std::fs::write(folder.path().join("table.csv"), table).expect("a table");
    let told = succeed(&["info", "--data", text(folder.path()), "--quiet"]);
    assert!(told.contains("groups 2 (4 samples), in more than one part 1"), "{told}");
    let row = told.lines().find(|line| line.starts_with("a ")).expect("a row of class a");
    let columns: Vec<&str> = row.split_whitespace().take(3).collect();
    assert_eq!(columns, ["a", "2/1", "1/1"]);
}

#[test]
fn info_tells_of_folds_and_of_what_is_not_finished() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (folds, run) = (folder.path().join("folds"), folder.path().join("run"));
    succeed(&crate::support::crossval(
        &data,
        &folds,
        &["--epochs", "1", "--folds", "2", "--fixed-epochs", "--monitor", "balanced_accuracy"],
    ));
    let info = |path| succeed(&["info", "--quiet", "--run", text(path)]);
    let told = info(&folds);
    assert!(told.contains("cross-validation of lipnet1"), "{told}");
    assert!(told.contains("folds 2, of 1 epochs") && told.contains("out_of_fold_auroc"), "{told}");
    std::fs::remove_file(folds.join("summary.json")).expect("it goes");
    std::fs::remove_file(folds.join("folds/fold-2/result.json")).expect("it goes");
    let told = info(&folds);
    let repair =
        format!("folds done 1 of 2: go on with `micrograph crossval --resume {}`", text(&folds));
    assert!(told.contains(&repair), "{told}");

    // A settings file names the measure as the flag does, or as the file is written.
    let settings = folder.path().join("settings.toml");
    std::fs::write(&settings, "[train]\nmonitor = \"balanced-accuracy\"\n").expect("settings");
    succeed(&train(&data, &run, &["--epochs", "1", "--config", text(&settings)]));
    std::fs::remove_file(run.join("model.toml")).expect("it goes");
    let told = info(&run);
    let repair = format!("epochs done 1: go on with `micrograph train --resume {}`", text(&run));
    assert!(told.contains("training of lipnet1") && told.contains(&repair), "{told}");

    let message = fail(&["info", "--quiet", "--run", text(&data)]);
    assert!(message.contains("is not a run of micrograph"), "{message}");
}

#[test]
fn synth_refuses_what_no_disk_holds() {
    let folder = micrograph_testkit::temporary_folder();
    let out = folder.path().join("out");
    for count in ["0", "10000000000000000000"] {
        let message = fail(&["synth", "lamellarity", "--count", count, "--out", text(&out)]);
        assert!(message.contains(count) && message.contains("expected 1 to"), "{message}");
    }
    assert!(!out.exists());
    // A place that it could not take at the end: nothing is drawn.
    std::fs::create_dir(&out).expect("a folder");
    let mut here =
        crate::support::micrograph(&["synth", "lamellarity", "--count", "9999999", "--out", "."]);
    let message =
        crate::support::error_of(&here.current_dir(&out).output().expect("the program starts"));
    assert!(message.contains("give a folder in it: ./images"), "{message}");
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 1, "nothing is left beside it");
}

/// Everything to look at is in one file, whichever command wrote it.
#[test]
fn each_report_has_its_curves_counts_sizes_and_pictures() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let path = |name| folder.path().join(name);
    let (run, stopped, fixed) = (path("run"), path("stopped"), path("fixed"));
    let folds = ["--folds", "2", "--epochs", "2"];
    succeed(&train(&data, &run, &["--epochs", "2"]));
    succeed(&crate::support::crossval(&data, &stopped, &folds));
    succeed(&crate::support::crossval(
        &data,
        &fixed,
        &[folds.as_slice(), &["--fixed-epochs"]].concat(),
    ));
    let measured = path("measured.html");
    let evaluate = ["evaluate", "--quiet", "--run", text(&run), "--data", text(&data)];
    succeed(&[evaluate.as_slice(), &["--report", text(&measured)]].concat());

    let everywhere = ["<h3>Classes</h3>", "<h3>Sizes</h3>", "<h3>Samples</h3>", "of samples"];
    let training = ["<h2>Training</h2>", "<h3>Augmentation</h3>"];
    for run in [&run, &stopped, &fixed] {
        let report = std::fs::read_to_string(run.join("report.html")).expect("a report");
        for part in everywhere.iter().chain(&training) {
            assert!(report.contains(part), "{part} is not in the report of {}", run.display());
        }
    }
    let report = std::fs::read_to_string(measured).expect("a report");
    for part in everywhere {
        assert!(report.contains(part), "{part} is not in the report of an evaluation");
    }
}
