//! Several models on the same folds through the program.

use std::path::Path;

use crate::support::{fail, liposomes, run, succeed, text};

/// Arguments of a small comparison of cheap models.
fn compare<'a>(data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["compare", "--data", text(data), "--out", text(out), "--quiet"];
    arguments.extend(["--folds", "3", "--seed", "2"]);
    arguments.extend(more);
    arguments
}

const CHEAP: [&str; 2] = ["--models", "dummy,lda,forest:vironova,lda:pixels"];

fn summary(run: &Path) -> serde_json::Value {
    let text = std::fs::read(run.join("summary.json")).expect("a summary");
    serde_json::from_slice(&text).expect("JSON")
}

/// All that does not depend on time.
fn lasting(run: &Path) -> (serde_json::Value, Vec<u8>) {
    let mut summary = summary(run);
    summary.as_object_mut().expect("an object").remove("costs");
    (summary, std::fs::read(run.join("predictions.csv")).expect("a table"))
}

/// The samples that each fold of a model kept out.
fn tested(run: &Path, model: &str) -> Vec<serde_json::Value> {
    let of_fold = |fold: usize| {
        let path = run.join("models").join(model).join(format!("folds/fold-{fold}/result.json"));
        let record: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("a result")).expect("JSON");
        record["result"]["samples"].clone()
    };
    (1..=3).map(of_fold).collect()
}

#[test]
fn models_meet_on_the_same_folds_with_the_same_bits_on_any_threads() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (one, three) = (folder.path().join("one"), folder.path().join("three"));
    let told = succeed(&compare(&data, &one, &[&CHEAP[..], &["--threads", "1"]].concat()));
    succeed(&compare(&data, &three, &[&CHEAP[..], &["--threads", "3"]].concat()));
    assert_eq!(lasting(&one), lasting(&three));

    let models = ["dummy", "lda", "forest-vironova", "lda-pixels"];
    let folds = tested(&one, "dummy");
    assert!(models.iter().all(|model| tested(&one, model) == folds));
    let summary = summary(&one);
    assert_eq!(summary["schema"], 1);
    let names: Vec<_> = summary["models"].as_array().expect("models").iter().collect();
    let names: Vec<_> = names.iter().map(|model| model["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["dummy", "lda", "forest:vironova", "lda:pixels"]);
    assert_eq!(summary["models"][0]["evaluation"]["balanced_accuracy"], 1.0 / 3.0);
    assert_eq!(summary["pairs"].as_array().map(Vec::len), Some(6));
    let costs = summary["costs"].as_array().expect("costs");
    assert!(costs.iter().all(|cost| cost["train_seconds"].as_f64() > Some(0.0)), "{costs:?}");

    let table = std::fs::read_to_string(one.join("predictions.csv")).expect("a table");
    assert!(table.starts_with("id,fold,truth,dummy,lda,forest:vironova,lda:pixels\n"), "{table}");
    assert_eq!(table.lines().count(), 1 + 36);
    let report = std::fs::read_to_string(one.join("report.html")).expect("a report");
    for part in ["thesis: LipNet-4", "dummy, which does not look", "Corrected resampled t"] {
        assert!(report.contains(part), "{part}");
    }
    assert!(told.contains("3 folds, the same for all") && told.contains("dummy, which"), "{told}");
    for model in models {
        let own = one.join("models").join(model);
        assert!(own.join("report.html").is_file() && own.join("summary.json").is_file());
    }
    let told = succeed(&["info", "--run", text(&one), "--quiet"]);
    assert!(told.contains("forest:vironova: folds done 3 of 3"), "{told}");
}

#[test]
fn a_comparison_goes_on_where_it_was_cut() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    let models = ["--models", "dummy,forest:shape,lipnet1", "--epochs", "1", "--fixed-epochs"];
    let models = [&models[..], &["--batch-size", "8"]].concat();
    succeed(&compare(&data, &whole, &models));
    succeed(&compare(&data, &cut, &models));
    // As a kill in the second fold of the last model leaves it.
    let network = cut.join("models/lipnet1");
    for fold in ["fold-2", "fold-3"] {
        std::fs::remove_dir_all(network.join("folds").join(fold)).expect("it goes");
    }
    for file in ["summary.json", "predictions.csv", "report.html"] {
        std::fs::remove_file(network.join(file)).expect("it goes");
        std::fs::remove_file(cut.join(file)).expect("it goes");
    }
    let told = succeed(&["info", "--run", text(&cut), "--quiet"]);
    assert!(told.contains("lipnet1: folds done 1 of 3\nnot finished"), "{told}");
    let kept = std::fs::read(cut.join("models/forest-shape/folds/fold-1/result.json")).unwrap();
    for command in ["train", "crossval"] {
        let message = fail(&[command, "--quiet", "--resume", text(&cut)]);
        assert!(message.contains("`micrograph compare --resume "), "{message}");
    }
    let output = run(&["compare", "--resume", text(&cut)]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("forest:shape, fold 1 of 3: done before"), "{told}");
    assert!(told.contains("lipnet1, fold 2 of 3\n"), "{told}");
    assert_eq!(lasting(&whole), lasting(&cut));
    let again = std::fs::read(cut.join("models/forest-shape/folds/fold-1/result.json")).unwrap();
    assert_eq!(kept, again);

    let message = fail(&compare(&data, &cut, &models));
    assert!(message.contains("--overwrite"), "{message}");
    succeed(&compare(&data, &cut, &["--models", "dummy", "--overwrite"]));
    assert!(!cut.join("models/lipnet1").exists());
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_written() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    let refused = |flags: &[&str]| fail(&compare(&data, &out, flags));
    let message = refused(&["--models", "dummy,lda,dummy"]);
    assert!(message.contains("dummy") && message.contains("each model once"), "{message}");
    let message = refused(&["--models", "lipnet1:pixels"]);
    assert!(
        message.contains("behind the colon of a network how images come to its size"),
        "{message}"
    );
    let message = refused(&["--models", "svm:hog7"]);
    assert!(message.contains("svm:hog7") && message.contains("pixels, features"), "{message}");
    let message = refused(&["--models", "svn,dummy"]);
    assert!(message.contains("`svn`") && message.contains("svm"), "{message}");
    let message = refused(&["--models", "lda,dummy", "--epochs", "3"]);
    assert!(message.contains("--epochs: lda is fitted in one go"), "{message}");
    let message = refused(&["--models", "lda,dummy", "--model", "svm"]);
    assert!(message.contains("name them with --models"), "{message}");
    let message = refused(&["--models", "lda,dummy", "--fixed-epochs"]);
    assert!(message.contains("no network is compared"), "{message}");
    assert!(!out.exists());
}
