//! Settings that are searched for, and settings that are refused in time, through the program.

use std::path::Path;

use crate::support::{fail, liposomes, run, succeed, text, weights};

const LOGISTIC: [&str; 5] = ["--model", "logistic", "--features", "vironova", "--tune"];

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

fn command<'a>(name: &'a str, data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let front = [name, "--data", text(data), "--out", text(out), "--quiet"];
    [&front[..], more].concat()
}

#[test]
fn settings_are_chosen_for_the_training_rows_and_the_run_tells_how() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let fit = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        succeed(&command("train", &data, &out, more));
        out
    };
    let one = fit("one", &[&LOGISTIC[..], &["--threads", "1"]].concat());
    let three = fit("three", &[&LOGISTIC[..], &["--threads", "3"]].concat());
    assert_eq!(weights(&one), weights(&three));

    let tuned = &json(&one.join("summary.json"))["tuned"];
    let tried = tuned["tried"].as_array().expect("what was tried");
    assert_eq!((tried.len(), tuned["nested"].as_array().map(Vec::len)), (7, Some(5)));
    let best = &tried[tuned["best"].as_u64().expect("a place") as usize];
    let of = |tried: &serde_json::Value| tried["score"].as_f64().expect("a score");
    assert!(tried.iter().all(|other| of(other) <= of(best)));
    let chosen = best["values"]["c"].as_f64().expect("a value");
    let model = std::fs::read_to_string(one.join("model.toml")).expect("a manifest");
    assert!(model.contains(&format!("c = {chosen:?}\n")), "{chosen}: {model}");
    let report = std::fs::read_to_string(one.join("report.html")).expect("a report");
    assert!(report.contains("Settings that were tried") && report.contains("had no say in it"));

    // In folds it is the folds that test a choice.
    let folds = folder.path().join("folds");
    succeed(&command("crossval", &data, &folds, &[&LOGISTIC[..], &["--folds", "2"]].concat()));
    assert!(json(&folds.join("summary.json"))["out_of_fold"]["accuracy"].as_f64() > Some(0.0));
    let out = folder.path().join("network");
    let message = fail(&command("train", &data, &out, &["--model", "lipnet1", "--tune"]));
    assert!(message.contains("--tune: lipnet1 is a network"), "{message}");
}

/// An older run stands until all that can be refused has not been.
#[test]
fn samples_that_cannot_be_had_are_refused_before_an_older_run_is_moved() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    succeed(&command("train", &data, &out, &["--model", "centroid"]));
    let before = weights(&out);
    let settings = folder.path().join("settings.toml");
    let smote = "balance = \"smote\"\nclassical.resampler = { smote = { target = { counts = [1, 1, 1] } } }";
    std::fs::write(&settings, format!("[train]\nmodel = \"centroid\"\n{smote}\n")).expect("a file");
    let again = ["--config", text(&settings), "--overwrite"];
    let message = fail(&command("train", &data, &out, &again));
    assert!(message.contains("at least as many as there are"), "{message}");
    assert_eq!(weights(&out), before);
    assert!(!out.join("replaced").exists());
}

#[test]
fn a_comparison_tells_which_models_costs_do_not_reach() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = folder.path().join("settings.toml");
    let costs = "[train]\ncosts = [[0, 1, 1], [5, 0, 1], [1, 1, 0]]\n";
    std::fs::write(&settings, costs).expect("a file");
    let out = folder.path().join("run");
    let models = ["--models", "logistic:vironova,lda:vironova,centroid:vironova", "--folds", "2"];
    let told = run(&command(
        "compare",
        &data,
        &out,
        &[&models[..], &["--config", text(&settings)]].concat(),
    ));
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    let notice = "classes have no weights in lda:vironova, centroid:vironova";
    assert!(told.contains(notice), "{told}");
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains(notice));
}
