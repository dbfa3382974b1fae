//! Networks whose last layer is a classical model, through the program.

use crate::support::{epochs, fail, kill_when, liposomes, run, succeed, text, train, weights};

const FUSED: [&str; 6] =
    ["--head", "logistic", "--head-features", "vironova", "--balance", "smote"];

/// A fused network learns, tells what it is, and predicts as any other model.
#[test]
fn a_fused_network_goes_all_the_way() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let fit = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        succeed(&train(&data, &out, &[&["--epochs", "2"], more].concat()));
        out
    };
    let out = fit("one", &[&FUSED[..], &["--threads", "1"]].concat());
    let two = fit("two", &[&FUSED[..], &["--threads", "2"]].concat());
    assert_eq!(weights(&out), weights(&two));
    let alone = fit("alone", &["--head", "logistic"]);
    assert_ne!(weights(&out), weights(&alone));

    let told = succeed(&["info", "--run", text(&out), "--quiet"]);
    assert!(told.contains(": lipnet1+logistic:vironova\n") && told.contains("epochs "), "{told}");
    assert!(told.contains("1 x 28 x 28, 63 features (vironova) of 1 channels"), "{told}");
    assert!(told.contains("validation_auroc"), "{told}");
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    for part in ["LipNet-1 with logistic regression", "256 numbers of the network, 63 of the set"] {
        assert!(report.contains(part), "{part}");
    }
    assert!(report.contains("oversampling; for the last layer resampling, smote"));

    // What the run said of its validation part is what its bundle says.
    let said = std::fs::read_to_string(out.join("predictions.csv")).expect("a table");
    let table = succeed(&["predict", "--run", text(&out), text(&data), "--quiet"]);
    assert_eq!(table.lines().count(), 1 + 36);
    for line in said.lines().skip(1) {
        let (id, rest) = line.split_once(',').expect("a table");
        let own = table.lines().find(|line| line.contains(id)).expect("the same image");
        let values = |line: &str| line.rsplitn(4, ',').take(3).map(str::to_owned).collect();
        let (said, now): (Vec<String>, Vec<String>) = (values(rest), values(own));
        assert_eq!(said, now, "{id}");
    }
    let turned = ["predict", "--test-time", "dihedral", "--quiet", "--run", text(&out)];
    assert_ne!(succeed(&[&turned[..], &[text(&data)]].concat()), table);

    let file = out.join("model.safetensors");
    let mut bytes = std::fs::read(&file).expect("a model");
    let middle = bytes.len() - 100;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).expect("it can be written");
    let message = fail(&["predict", "--run", text(&out), text(&data), "--quiet"]);
    assert!(message.contains("damaged or exchanged"), "{message}");
}

/// Killed after its first epoch, and after its last, when the head is still to be fitted.
#[test]
fn a_killed_run_with_a_head_resumes_to_the_same_bits() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let settings = ["--epochs", "4", "--head", "svm", "--checkpoint-every", "0"];
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    succeed(&train(&data, &whole, &settings));
    kill_when(&train(&data, &killed, &settings), || !epochs(&killed).is_empty());
    let told = succeed(&["info", "--run", text(&killed), "--quiet"]);
    assert!(told.contains("training of lipnet1+svm") && told.contains("not finished"), "{told}");
    let resume = ["train", "--quiet", "--resume", text(&killed)];
    succeed(&resume);
    assert_eq!(weights(&whole), weights(&killed));
    for name in ["model.toml", "model.safetensors", "summary.json"] {
        std::fs::remove_file(killed.join(name)).expect("it goes");
    }
    succeed(&resume);
    assert_eq!(weights(&whole), weights(&killed));
    assert_eq!(epochs(&killed), [1, 2, 3, 4]);
}

#[test]
fn networks_with_heads_meet_others_on_the_same_folds() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("comparison");
    let models = "lipnet1,lipnet1+svm,lipnet1+logistic:vironova,dummy";
    let mut arguments = vec!["compare", "--data", text(&data), "--out", text(&out), "--quiet"];
    arguments.extend(["--models", models, "--folds", "2", "--epochs", "1", "--fixed-epochs"]);
    succeed(&arguments);
    let table = std::fs::read(out.join("predictions.csv")).expect("a table");
    let header = format!("id,fold,truth,{models}\n");
    assert!(table.starts_with(header.as_bytes()), "{}", String::from_utf8_lossy(&table));
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains("28 × 28 pixels, last layer logistic with 63 features (vironova)"));
    let part = out.join("models/lipnet1+logistic-vironova");
    assert!(part.join("report.html").is_file());

    std::fs::remove_dir_all(part.join("folds/fold-2")).expect("it goes");
    std::fs::remove_file(out.join("summary.json")).expect("it goes");
    succeed(&["compare", "--resume", text(&out), "--quiet", "--threads", "1"]);
    assert_eq!(std::fs::read(out.join("predictions.csv")).expect("a table"), table);
}

#[test]
fn heads_that_mean_nothing_are_refused() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder.path().join("data"), folder.path().join("run"));
    let refused = |flags: &[&str]| {
        let run = ["train", "--data", text(&data), "--out", text(&out), "--quiet"];
        fail(&[&run[..], flags].concat())
    };
    let message = refused(&["--model", "svm", "--head", "lda"]);
    assert!(message.contains("--head: svm is a classical model"), "{message}");
    let message = refused(&["--model", "lipnet1", "--head-features", "size"]);
    assert!(message.contains("add one, such as --head logistic"), "{message}");
    let message = refused(&["--head", "dummy"]);
    assert!(message.contains("head.model = dummy: expected a classifier"), "{message}");
    let message = refused(&["--head", "svm", "--head-features", "pixels"]);
    assert!(message.contains("head.features = pixels: expected lipnet, vironova"), "{message}");
    let message = refused(&["--head", "svm", "--features", "size"]);
    assert!(message.contains("its last layer takes --head-features"), "{message}");
    let unknown = ["train", "--head", "svn", "--data", "data", "--out", "run"];
    let told = String::from_utf8(run(&unknown).stderr).expect("text");
    assert!(told.contains("`svn`") && told.contains("logistic"), "{told}");

    let compare = |models: &str, more: &[&str]| {
        let run = ["compare", "--data", text(&data), "--out", text(&out), "--models", models];
        fail(&[&run[..], more].concat())
    };
    let message = compare("lipnet1,dummy", &["--head", "svm"]);
    assert!(message.contains("--models lipnet4,lipnet4+svm"), "{message}");
    for (models, part) in [
        ("svm+lda", "a classical model has no last layer"),
        ("lipnet1+lipnet2", "no model is called `lipnet2`"),
        ("lipnet1+svm:pixels", "behind the colon a set of features"),
        ("lipnet1+dummy", "head.model = dummy"),
    ] {
        let message = compare(models, &[]);
        assert!(message.contains(part), "{models}: {message}");
    }
    assert!(!out.exists());
}
