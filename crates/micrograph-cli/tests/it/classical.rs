//! Classical models through the program: the same commands, files and refusals as for networks.

use std::path::{Path, PathBuf};

use micrograph::image::{Depth, PixelSize, write_mask_png, write_png, write_tiff};
use ndarray::{Array2, Array3};

use crate::support::{fail, liposomes, run, succeed, text, weights};

/// Arguments of a training run of a classical model.
fn train<'a>(data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "--data", text(data), "--out", text(out), "--quiet"];
    arguments.extend(more);
    arguments
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn a_forest_on_features_and_a_machine_on_pixels_go_all_the_way() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let cases = [
        (
            "forest",
            vec!["--model", "forest"],
            "Random forest",
            " features (lipnet) of 1 channels, lengths in pixels",
        ),
        (
            "svm",
            vec!["--model", "svm", "--classical-input", "pixels"],
            "Support vector machine",
            "1 x 28 x 28",
        ),
    ];
    for (name, flags, title, input) in cases {
        let out = folder.path().join(name);
        succeed(&train(&data, &out, &flags));
        let summary = json(&out.join("summary.json"));
        assert_eq!((&summary["ended"], &summary["epochs"]), (&"fitted".into(), &0.into()));
        assert!(summary["validation"]["accuracy"].as_f64() > Some(0.0), "{summary}");
        assert!(out.join("predictions.csv").is_file() && !out.join("checkpoint").exists());
        let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
        assert!(report.contains(title) && !report.contains("<h2>Training</h2>"), "{name}");
        assert_eq!(report.contains("most important features"), name == "forest");

        let measures = folder.path().join(format!("{name}.json"));
        let evaluate = ["evaluate", "--run", text(&out), "--data", text(&data), "--quiet"];
        let told = run(&[&evaluate[..], &["--json", text(&measures)]].concat());
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(
            told.contains("of 36 samples were trained on") && !told.contains("epoch"),
            "{told}"
        );
        assert_eq!(json(&measures)["schema"], 1);

        let table = succeed(&["predict", "--run", text(&out), text(&data), "--quiet"]);
        assert_eq!(table.lines().count(), 1 + 36);
        let told = succeed(&["info", "--run", text(&out), "--quiet"]);
        assert!(told.contains(&format!(": {name}\n")) && told.contains(input), "{told}");
    }
    let told = String::from_utf8(
        run(&[
            "predict",
            "--run",
            text(&folder.path().join("forest")),
            "--test-time",
            "flip",
            text(&data),
        ])
        .stderr,
    );
    let told = told.expect("text");
    assert!(told.contains("error: --test-time turns and flips pixels"), "{told}");
}

/// The lock of a finished run is free, and a run that lost its model is fitted again.
#[test]
fn the_bits_depend_on_the_seed_alone() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    for flags in [["--model", "forest"], ["--model", "svm"]] {
        let fit = |name: &str, more: &[&str]| {
            let out = folder.path().join(format!("{}-{name}", flags[1]));
            succeed(&train(&data, &out, &[&flags[..], &["--features", "vironova"], more].concat()));
            (weights(&out), out)
        };
        let (one, out) = fit("one", &["--threads", "1", "--seed", "1"]);
        let (three, _) = fit("three", &["--threads", "3", "--seed", "1"]);
        let (other, _) = fit("other", &["--seed", "2"]);
        assert_eq!(one, three);
        assert_ne!(one, other);
        let report = std::fs::read(out.join("predictions.csv")).expect("a table");
        for name in ["model.toml", "model.safetensors", "summary.json"] {
            std::fs::remove_file(out.join(name)).expect("it goes");
        }
        let told = succeed(&["info", "--run", text(&out), "--quiet"]);
        assert!(told.contains("go on with `micrograph train --resume"), "{told}");
        succeed(&["train", "--quiet", "--resume", text(&out)]);
        assert_eq!(weights(&out), one);
        assert_eq!(std::fs::read(out.join("predictions.csv")).expect("a table"), report);
    }
}

#[test]
fn names_and_flags_that_mean_nothing_are_refused() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, out) = (folder.path().join("data"), folder.path().join("run"));
    let refused = |flags: &[&str]| fail(&train(&data, &out, flags));
    let message = refused(&["--model", "randomforest"]);
    assert!(message.contains("`randomforest`") && message.contains("lipnet4c"), "{message}");
    assert!(message.contains("forest, tree, lda"), "{message}");
    let message = refused(&["--model", "svm", "--features", "hog"]);
    assert!(
        message.contains("features = hog") && message.contains("lipnet, vironova"),
        "{message}"
    );
    let message = refused(&["--model", "svm", "--epochs", "3"]);
    assert!(message.contains("--epochs: svm is fitted in one go"), "{message}");
    let message = refused(&["--model", "lipnet1", "--features", "shape"]);
    assert!(message.contains("--features: lipnet1 is a network"), "{message}");
    let message = refused(&["--model", "svm", "--input-size", "32"]);
    assert!(message.contains("--classical-input pixels"), "{message}");
    let settings = folder.path().join("settings.toml");
    let refused = |setting: &str| {
        let file = format!("[train]\nmodel = \"svm\"\n[train.classical]\n{setting}\n");
        std::fs::write(&settings, file).expect("settings");
        fail(&train(&data, &out, &["--config", text(&settings)]))
    };
    let message = refused("pipeline = { method = { forest = { trees = 10 } } }");
    assert!(message.contains("another method than svm"), "{message}");
    let message = refused("pipeline = { method = { svm = { c = 10.0 } } }");
    assert!(message.contains("platt"), "{message}");
    assert!(!out.exists());
}

/// Images of one gray each, `(class, number, gray)`.
fn flat(folder: &Path, images: &[(&str, usize, f32)]) -> PathBuf {
    for (class, number, gray) in images {
        let path = folder.join("flat").join(class).join(format!("{number}.png"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        write_png(&path, Array3::from_elem((1, 9, 9), *gray).view(), Depth::U8).expect("an image");
    }
    folder.join("flat")
}

#[test]
fn constant_features_and_classes_of_one_sample() {
    let folder = micrograph_testkit::temporary_folder();
    let mut images: Vec<(&str, usize, f32)> = (0..6).map(|n| ("a", n, 10.0)).collect();
    images.extend((6..12).map(|n| ("b", n, 20.0)));
    images.push(("c", 12, 30.0));
    let data = flat(folder.path(), &images);
    let fit = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let flags = ["--model", name, "--validation-fraction", "0", "--overwrite"];
        (
            train(&data, &out, &[&flags[..], more].concat())
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
            out,
        )
    };
    // Within each class all are equal: no direction in which a class varies.
    let (arguments, _) = fit("lda", &[]);
    let message = fail(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(message.contains("a feature that varies within a class"), "{message}");
    for name in ["svm", "forest", "neighbors", "wnd", "dummy"] {
        let (arguments, out) = fit(name, &[]);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let table = succeed(&["predict", "--quiet", "--run", text(&out), text(&data)]);
        assert_eq!(table.lines().count(), 1 + 13, "{name}: {table}");
        assert!(!table.contains("NaN"), "{name}: {table}");
    }
    let (arguments, _) = fit("lda", &["--balance", "weights"]);
    let message = fail(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(message.contains("lda knows no weights"), "{message}");
    // A class of one sample is copied, and that is told.
    let (mut arguments, _) = fit("forest", &["--balance", "smote"]);
    arguments.retain(|argument| argument != "--quiet");
    let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.contains("note: resampling: "), "{told}");
    let out = folder.path().join("network");
    let smote = ["--model", "lipnet1", "--balance", "smote"];
    let message = fail(&train(&data, &out, &smote));
    assert!(message.contains("mixed pixel by pixel"), "{message}");
}

#[test]
fn a_damaged_bundle_and_images_of_another_depth() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--model", "tree", "--features", "vironova"]));
    let file = out.join("model.safetensors");
    let whole = std::fs::read(&file).expect("a model");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(&file, &flipped).expect("it can be written");
    let message = fail(&["predict", "--run", text(&out), text(&data), "--quiet"]);
    assert!(message.contains("damaged or exchanged"), "{message}");
    std::fs::write(&file, &whole).expect("it can be written");

    // A manifest that was changed on purpose: the columns no longer are those of the set.
    let manifest = out.join("model.toml");
    let saved = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(&manifest, saved.replace("\"area_px2\"", "\"surface\"")).expect("a change");
    let message = fail(&["predict", "--run", text(&out), text(&data), "--quiet"]);
    let accepted = message.split("checksum ").nth(1).and_then(|rest| rest.get(..64));
    let changed = saved.replace("\"area_px2\"", "\"surface\"");
    let rest = changed.split_once('\n').expect("a first line").1;
    let changed = format!("checksum = \"{}\"\n{rest}", accepted.expect("a checksum"));
    std::fs::write(&manifest, changed).expect("an accepted change");
    let message = fail(&["predict", "--run", text(&out), text(&data), "--quiet"]);
    assert!(message.contains("where `surface` is now `area_px2`"), "{message}");
    std::fs::write(&manifest, saved).expect("it can be written");

    let deep = folder.path().join("deep.png");
    write_png(&deep, Array3::from_elem((1, 9, 9), 700.0).view(), Depth::U16).expect("an image");
    let message = fail(&["predict", "--run", text(&out), text(&deep), "--quiet"]);
    assert!(message.contains("deep.png") && message.contains("were U8"), "{message}");
}

#[test]
fn folds_are_those_of_networks_and_go_on_where_they_were_cut() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let crossval = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut arguments = vec!["crossval", "--data", text(&data), "--out", text(&out), "--quiet"];
        arguments.extend(["--folds", "3", "--seed", "4"]);
        arguments.extend(more);
        succeed(&arguments);
        out
    };
    let samples = |out: &Path, fold: usize| {
        let result = json(&out.join(format!("folds/fold-{fold}/result.json")));
        result["result"]["samples"].clone()
    };
    let svm = crossval("svm", &["--model", "svm", "--features", "shape"]);
    let lda = crossval("lda", &["--model", "lda", "--features", "vironova"]);
    let network = crossval("network", &["--model", "lipnet1", "--epochs", "1", "--fixed-epochs"]);
    for fold in 1..=3 {
        assert_eq!(samples(&svm, fold), samples(&network, fold));
        assert_eq!(samples(&lda, fold), samples(&network, fold));
    }
    assert_eq!(json(&svm.join("summary.json"))["epochs"], 0);
    let told = succeed(&["info", "--run", text(&svm), "--quiet"]);
    assert!(told.contains("folds 3\n") && told.contains("out_of_fold_auroc"), "{told}");
    let report = std::fs::read_to_string(svm.join("report.html")).expect("a report");
    assert!(report.contains("Time of a fold") && !report.contains("Curves of training"));

    let table = std::fs::read(svm.join("predictions.csv")).expect("a table");
    std::fs::remove_dir_all(svm.join("folds/fold-2")).expect("it goes");
    std::fs::remove_file(svm.join("summary.json")).expect("it goes");
    succeed(&["crossval", "--resume", text(&svm), "--quiet", "--threads", "1"]);
    assert_eq!(std::fs::read(svm.join("predictions.csv")).expect("a table"), table);
    let out = folder.path().join("no");
    let fixed = ["crossval", "--data", text(&data), "--out", text(&out), "--fixed-epochs"];
    let message = fail(&[&fixed[..], &["--model", "svm"]].concat());
    assert!(message.contains("svm knows no epochs"), "{message}");
}

#[test]
fn features_are_a_table_with_units_in_its_names() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let out = folder.path().join("features.csv");
    let features = ["features", "--data", text(&data), "--quiet", "--out", text(&out)];
    let told = succeed(&[&features[..], &["--features", "vironova"]].concat());
    assert!(told.contains("36 samples, 63 features"), "{told}");
    let table = std::fs::read_to_string(&out).expect("a table");
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    assert_eq!(header[..5], ["id", "label", "group", "part", "area_px2"]);
    assert_eq!((header.len(), table.lines().count()), (4 + 63, 1 + 36));
    // The area of the first is the number of pixels of its mask.
    let row: Vec<&str> = table.lines().nth(1).expect("a row").split(',').collect();
    let mask = data.join(row[0].replace(".png", "_mask.png"));
    let object = image::open(mask).expect("a mask").to_luma8();
    let area = object.pixels().filter(|pixel| pixel[0] > 0).count();
    assert_eq!(row[4].parse::<f64>().expect("a number"), area as f64);
    assert_eq!(row[1], row[0].split('/').next().expect("a folder"));

    let message = fail(&features);
    assert!(message.contains("--overwrite"), "{message}");
    let bad = data.join("uncertain/bad.png");
    std::fs::write(&bad, b"no image").expect("a bad file");
    let again = [&features[..], &["--overwrite"]].concat();
    let message = fail(&again);
    assert!(message.contains("bad.png"), "{message}");
    assert_eq!(std::fs::read_to_string(&out).expect("the older table"), table);
    let output = run(&[&again[..], &["--skip-unreadable", "--threads", "1"]].concat());
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("left out: "));
    let names = fail(&[&features[..], &["--overwrite", "--features", "hog"]].concat());
    assert!(names.contains("\"hog\"") && names.contains("lipnet, vironova"), "{names}");
}

#[test]
fn an_ensemble_is_the_mean_of_its_runs() {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let (svm, forest) = (folder.path().join("svm"), folder.path().join("forest"));
    succeed(&train(&data, &svm, &["--model", "svm", "--classical-input", "pixels"]));
    succeed(&train(&data, &forest, &["--model", "forest", "--features", "shape"]));
    let images = text(&data);
    let rows = |models: &[&str]| {
        let table = succeed(&[&["predict", images, "--quiet"], models].concat());
        let row = |line: &str| -> Vec<f64> {
            line.split(',').skip(3).map(|cell| cell.parse().expect("a number")).collect()
        };
        table.lines().skip(1).map(row).collect::<Vec<_>>()
    };
    let (one, two) = (rows(&["--run", text(&svm)]), rows(&["--run", text(&forest)]));
    let mean = rows(&["--ensemble", text(&svm), text(&forest)]);
    for (row, (one, two)) in mean.iter().zip(one.iter().zip(&two)) {
        for (value, (a, b)) in row.iter().zip(one.iter().zip(two)) {
            assert!((value - (a + b) / 2.0).abs() < 2e-6, "{value} of {a} and {b}");
        }
    }
    let report = folder.path().join("report.html");
    let evaluate = ["evaluate", "--data", images, "--quiet", "--report", text(&report)];
    succeed(&[&evaluate[..], &["--ensemble", text(&svm), text(&forest)]].concat());
    let report = std::fs::read_to_string(report).expect("a report");
    assert!(report.contains("Ensemble of 2 models"));

    // Of another problem: its classes are others.
    let other = folder.path().join("other");
    let count = ["--ratio", "balanced", "--count", "18", "--quiet", "--out", text(&other)];
    succeed(&[&["synth", "encapsulation"], &count[..]].concat());
    let run = folder.path().join("encapsulation");
    succeed(&train(&other, &run, &["--model", "tree", "--features", "shape"]));
    let message = fail(&["predict", images, "--quiet", "--ensemble", text(&svm), text(&run)]);
    assert!(message.contains("multilamellar") && message.contains("full"), "{message}");
}

/// Squares of two sizes in TIFF files, of which `sized` tell the size of a pixel.
fn squares(folder: &Path, sized: impl Fn(usize) -> bool) -> PathBuf {
    for number in 0..16 {
        let path = folder.join(["small", "large"][number % 2]).join(format!("{number}.tif"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        let side = 4 + 4 * (number % 2);
        let inside = |y, x| (2..2 + side).contains(&y) && (2..2 + side).contains(&x);
        let pixels = Array3::from_shape_fn((1, 14, 14), |(_, y, x)| {
            if inside(y, x) { 150.0 + number as f32 } else { 20.0 }
        });
        let mask = Array2::from_shape_fn((14, 14), |(y, x)| inside(y, x));
        let size = sized(number).then_some(PixelSize { y_nm: 3.0, x_nm: 3.0 });
        write_tiff(&path, &[pixels.view()], Depth::U8, size).expect("an image");
        let beside = path.with_file_name(format!("{number}_mask.png"));
        write_mask_png(&beside, mask.view()).expect("a mask");
    }
    folder.to_path_buf()
}

#[test]
fn lengths_are_in_nanometers_where_all_files_tell_the_size_of_a_pixel() {
    let folder = micrograph_testkit::temporary_folder();
    let known = squares(&folder.path().join("known"), |_| true);
    let mixed = squares(&folder.path().join("mixed"), |number| number > 3);
    let fit = |data: &Path, name: &str| {
        let out = folder.path().join(name);
        let output = run(&train(data, &out, &["--model", "tree", "--features", "shape"]));
        assert!(output.status.success(), "{output:?}");
        (out, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let info = |run: &Path| succeed(&["info", "--quiet", "--run", text(run)]);
    let (of_known, told) = fit(&known, "of-known");
    assert!(
        info(&of_known).contains("lengths in nanometers") && !told.contains("size of a pixel"),
        "{told}"
    );
    let (of_mixed, told) = fit(&mixed, "of-mixed");
    assert!(info(&of_mixed).contains("lengths in pixels"));
    let expected = "4 of 16 images do not tell the size of a pixel, such as large/1.tif";
    assert!(told.contains(expected), "{told}");

    // In pixels any image will do; in nanometers one without a size is refused by its name.
    succeed(&["predict", "--quiet", "--run", text(&of_mixed), text(&known)]);
    let message = fail(&["predict", "--quiet", "--run", text(&of_known), text(&mixed)]);
    assert!(message.contains("1.tif: its file tells no size of a pixel"), "{message}");
    let table = folder.path().join("table.csv");
    let features =
        ["features", "--features", "shape", "--overwrite", "--quiet", "--out", text(&table)];
    for (data, area) in [(&known, "area_nm2"), (&mixed, "area_px2")] {
        succeed(&[&features[..], &["--data", text(data)]].concat());
        let table = std::fs::read_to_string(&table).expect("a table");
        assert!(table.starts_with(&format!("id,label,group,part,{area},")), "{table}");
    }
}
