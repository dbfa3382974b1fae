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

/// Images of noise in two classes of 60 and 20.
fn noise(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("noise");
    for (class, n) in [("a", 60), ("b", 20)] {
        std::fs::create_dir_all(data.join(class)).expect("a folder");
        for i in 0..n {
            let mut state = u64::from(class == "b") << 32 | i;
            let image = image::GrayImage::from_fn(12, 12, |_, _| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                image::Luma([(state >> 56) as u8])
            });
            image.save(data.join(class).join(format!("{i}.png"))).expect("a file");
        }
    }
    data
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
    let summary = json(&folds.join("summary.json"));
    let chosen = summary["tuned"].as_array().expect("the folds' searches");
    assert!(chosen.len() == 2 && chosen.iter().all(|fold| fold["nested"] == serde_json::json!([])));
    let report = std::fs::read_to_string(folds.join("report.html")).expect("a report");
    assert!(report.contains("Settings that were chosen") && report.contains("Each fold chose"));
    let out = folder.path().join("network");
    let message = fail(&command("train", &data, &out, &["--model", "lipnet1", "--tune"]));
    assert!(message.contains("--tune: lipnet1 is a network"), "{message}");
}

/// Mixed rows take no part in the search: among labels that mean nothing, a choice is worth a toss.
#[test]
fn what_a_choice_is_worth_is_measured_on_rows_as_they_are() {
    let folder = micrograph_testkit::temporary_folder();
    let data = noise(folder.path());
    let out = folder.path().join("run");
    let flags = ["--model", "neighbors", "--features", "vironova", "--balance", "smote", "--tune"];
    succeed(&command("train", &data, &out, &flags));
    let tuned = &json(&out.join("summary.json"))["tuned"];
    let worths = tuned["nested"].as_array().expect("folds");
    let worth = worths.iter().map(|fold| fold["outer"].as_f64().expect("a score")).sum::<f64>();
    assert!((worth / worths.len() as f64 - 0.5).abs() < 0.15, "{worths:?}");
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

    let grid = "tuning.candidates = { grid = { trees = [10] } }";
    std::fs::write(&settings, format!("[train]\nmodel = \"neighbors\"\n{grid}\n")).expect("a file");
    let message = fail(&command("train", &data, &out, &again));
    assert!(message.contains("Trees: expected a setting that this pipeline has"), "{message}");
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
