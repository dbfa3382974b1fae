//! Frames with masks to a segmenter, its measures and its predictions.

use std::path::{Path, PathBuf};

use micrograph::image::{Depth, write_mask_png, write_png, write_tiff};
use ndarray::{Array2, Array3};

use crate::support::{epochs, fail, kill_when, succeed, text, weights};

/// Eight frames of 48 x 64 pixels with five bright disks that wander, and their masks.
fn frames(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    for name in ["frames", "masks"] {
        std::fs::create_dir_all(data.join(name)).expect("a folder");
    }
    for index in 0..8 {
        let inside = |y: usize, x: usize| {
            (0..5).any(|disk| {
                let (row, column) =
                    (8 + (disk * 13 + index) % 32, 8 + (disk * 29 + 3 * index) % 48);
                y.abs_diff(row).pow(2) + x.abs_diff(column).pow(2) < 36
            })
        };
        let pixels = Array3::from_shape_fn((1, 48, 64), |(_, y, x)| {
            let noise = (y * 7919 + x * 104_729 + index * 31) % 1009 * 613 % 41;
            noise as f32 + if inside(y, x) { 140.0 } else { 90.0 }
        });
        let file = |kind: &str| data.join(kind).join(format!("t{index:03}.png"));
        write_png(&file("frames"), pixels.view(), Depth::U8).expect("written");
        let mask = Array2::from_shape_fn((48, 64), |(y, x)| inside(y, x));
        write_mask_png(&file("masks"), mask.view()).expect("written");
    }
    data
}

/// Settings of a network of a thousand weights, with batch normalization; they are averaged by default.
fn settings(folder: &Path) -> PathBuf {
    let path = folder.join("small.toml");
    let text = "task = \"segment\"\n[segment]\nmodel = { unet = { levels = 2, maps = 4, batch_norm = true } }\n\
                batch_size = 2\n[segment.crop]\nsize = 32\n";
    std::fs::write(&path, text).expect("written");
    path
}

fn train<'a>(data: &'a Path, config: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "--data", text(data), "--config", text(config), "--quiet"];
    arguments.extend(["--out", text(out)]);
    arguments.extend(more);
    arguments
}

#[test]
fn from_frames_to_masks() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, config) = (frames(folder.path()), settings(folder.path()));
    let (out, json) = (folder.path().join("run"), folder.path().join("measures.json"));
    let told =
        succeed(&train(&data, &config, &out, &["--epochs", "30", "--learning-rate", "0.01"]));
    assert!(told.contains("error rate") && told.contains("F1"), "{told}");
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    for curve in ["Precision and recall", "White-pixel accuracy", "False white", "Error rate"] {
        assert!(report.contains(curve), "{curve}");
    }
    assert!(report.contains("Outlines") && report.contains("Probability of the foreground"));

    let evaluate = ["evaluate", "--run", text(&out), "--data", text(&data), "--quiet"];
    succeed(&[&evaluate[..], &["--json", text(&json)]].concat());
    let measured: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).expect("measures")).expect("JSON");
    assert_eq!((&measured["schema"], &measured["part"]), (&1.into(), &"all frames".into()));
    let number = |name: &str| measured[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    assert!(number("error_rate") < 0.05, "{}", number("error_rate"));
    assert!((number("dice") - number("f1")).abs() < 1e-12);
    assert!((number("iou") - number("f1") / (2.0 - number("f1"))).abs() < 1e-12);
    for name in ["f1_frame_mean", "false_white", "white_pixel_accuracy_frame_mean"] {
        assert!((0.0..=1.0).contains(&number(name)), "{name}");
    }
    let per_frame = measured["per_frame"].as_array().expect("a list");
    assert_eq!(per_frame.len(), 8);
    // One name, one meaning: with `_pooled` of all pixels together, with `_frame_mean` of the frames'.
    let of_frames = per_frame.iter().filter_map(|frame| frame["white_pixel_accuracy"].as_f64());
    let mean = of_frames.sum::<f64>() / 8.0;
    assert!((number("white_pixel_accuracy_frame_mean") - mean).abs() < 1e-12);
    assert!((number("white_pixel_accuracy_pooled") - number("recall")).abs() < 1e-12);

    let masks = folder.path().join("predicted");
    let predict = ["predict", "--run", text(&out), "--quiet", "--out", text(&masks)];
    let told = succeed(&[&predict[..], &[text(&data.join("frames"))]].concat());
    assert!(told.starts_with("8 frames, "), "{told}");
    for file in ["masks/t007.png", "probabilities/t000.tif", "instances/t003.tif", "objects.csv"] {
        assert!(masks.join(file).is_file(), "{file}");
    }
    let message = fail(&[&predict[..], &[text(&data.join("frames"))]].concat());
    assert!(message.contains("exists already"), "{message}");

    let lean = folder.path().join("lean");
    let predict = ["predict", "--run", text(&out), "--quiet", "--out", text(&lean)];
    let images = data.join("frames");
    let flags = ["--no-probabilities", "--no-instances", text(&images)];
    let told = succeed(&[&predict[..], &flags].concat());
    assert_eq!(told.trim_end(), format!("8 frames: masks are in {}", lean.display()));
    assert_eq!(std::fs::read_dir(&lean).expect("a folder").count(), 1);
    let mask = |folder: &Path| std::fs::read(folder.join("masks/t003.png")).expect("a mask");
    assert_eq!(mask(&lean), mask(&masks));

    what_cannot_be_written_is_told(folder.path(), &out);
    let told = succeed(&["info", "--run", text(&out)]);
    assert!(told.contains("unet, which segments") && told.contains("validation_f1"), "{told}");
    let told = succeed(&["info", "--data", text(&data)]);
    assert!(told.contains("frames 8, with masks 8, in 1 sequence"), "{told}");
}

/// Nothing is made before all is checked, and no failure to write is taken for an image that cannot be
/// read.
fn what_cannot_be_written_is_told(folder: &Path, run: &Path) {
    let (image, out) = (folder.join("data/frames/t000.png"), folder.join("elsewhere"));
    let predict = ["predict", "--run", text(run), "--quiet", "--skip-unreadable"];
    let predict = [&predict[..], &["--order", "independent", "--out", text(&out)]].concat();
    std::fs::create_dir_all(out.join("masks")).expect("a folder");
    std::fs::write(out.join("masks/t000.png"), "a mask").expect("written");
    let message = fail(&[&predict[..], &[text(&image)]].concat());
    assert!(message.contains("exists already"), "{message}");
    assert!(!out.join("instances").exists());
    if cfg!(unix) {
        // The file of a page has a longer name than its stack, and this is the longest there is.
        let stack = folder.join(format!("{}.tif", "n".repeat(251)));
        let page = Array3::from_elem((1, 48, 64), 9.0);
        write_tiff(&stack, &[page.view(), page.view()], Depth::U8, None).expect("written");
        let message = fail(&[&predict[..], &[text(&stack)]].concat());
        assert!(message.contains("nnn_0000.png: "), "{message}");
    }
}

/// Masks are read as those of the training were, or not at all.
#[test]
fn a_model_keeps_what_the_values_of_masks_stand_for() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, config) = (frames(folder.path()), settings(folder.path()));
    let (out, json) = (folder.path().join("run"), folder.path().join("measures.json"));
    let inverted = "255=background,0=hole";
    succeed(&train(&data, &config, &out, &["--epochs", "1", "--classes", inverted]));
    assert!(succeed(&["info", "--run", text(&out)]).contains(inverted));
    let evaluate = ["evaluate", "--run", text(&out), "--data", text(&data), "--quiet"];
    succeed(&[&evaluate[..], &["--json", text(&json)]].concat());
    let measured: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).expect("measures")).expect("JSON");
    assert_eq!(measured["classes"], serde_json::json!(["background", "hole"]));
    let support = |class: usize| measured["per_class"][class]["support"].as_u64();
    assert!(support(0) < support(1), "disks are the background here: {measured}");

    let message = fail(&[&evaluate[..], &["--classes", "0=background,255=hole"]].concat());
    assert!(message.contains("0=background,255=hole") && message.contains(inverted), "{message}");
}

/// A StemNet that sees three frames and drops sums, with windows that end where the sequence does.
fn settings_of_windows(folder: &Path) -> PathBuf {
    let path = folder.join("windows.toml");
    let text = "task = \"segment\"\n[segment]\nmodel = { stemnet = { levels = 2, maps = 2 } }\n\
                batch_size = 2\n[segment.crop]\nsize = 32\n[segment.window]\nwidth = 3\n\
                ends = \"drop\"\n";
    std::fs::write(&path, text).expect("written");
    path
}

#[test]
fn threads_kills_and_resumes_leave_the_weights_of_a_segmenter() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, config) = (frames(folder.path()), settings_of_windows(folder.path()));
    let fit = |name: &str, threads: &str| {
        let out = folder.path().join(name);
        succeed(&train(&data, &config, &out, &["--epochs", "4", "--threads", threads]));
        weights(&out)
    };
    let whole = fit("one", "1");
    assert_eq!(whole, fit("two", "2"));

    let killed = folder.path().join("killed");
    let more = ["--epochs", "4", "--checkpoint-every", "0"];
    let arguments = train(&data, &config, &killed, &more);
    kill_when(&arguments, || epochs(&killed).len() >= 2);
    succeed(&["train", "--quiet", "--resume", text(&killed)]);
    assert_eq!(whole, weights(&killed));

    // The first and the last frame have no whole window: that is told, and is no failure.
    let told = succeed(&["evaluate", "--run", text(&killed), "--data", text(&data), "--quiet"]);
    assert!(told.contains("6 frames (2 more without a whole window)"), "{told}");
    let masks = folder.path().join("predicted");
    let predict = ["predict", "--run", text(&killed), "--quiet", "--out", text(&masks)];
    let told = succeed(&[&predict[..], &[text(&data.join("frames"))]].concat());
    assert!(told.starts_with("6 frames (2 more were left out), "), "{told}");
    assert!(masks.join("masks/t001.png").is_file() && !masks.join("masks/t000.png").exists());
}

#[test]
fn what_does_not_fit_a_segmentation_is_told_in_one_line() {
    let folder = micrograph_testkit::temporary_folder();
    let (data, config) = (frames(folder.path()), settings(folder.path()));
    let out = folder.path().join("run");
    let message = |more: &[&str]| fail(&train(&data, &config, &out, more));
    assert!(message(&["--task", "classify", "--model", "unet"]).contains("to segment"));
    assert!(message(&["--task", "segment", "--model", "lipnet4"]).contains("to classify"));
    assert!(message(&["--balance", "over"]).contains("--balance"));
    assert!(message(&["--input-size", "28"]).contains("--crop-size"));
    assert!(message(&["--window", "2"]).contains('2'));
    assert!(message(&["--monitor", "auroc"]).contains("expected f1, error-rate or loss"));
    assert!(!out.exists());

    std::fs::remove_file(data.join("masks/t003.png")).expect("it goes");
    assert!(message(&[]).contains("t003"));
    for index in 0..8 {
        let nothing = Array2::from_elem((48, 64), false);
        let mask = data.join(format!("masks/t{index:03}.png"));
        write_mask_png(&mask, nothing.view()).expect("written");
    }
    assert!(message(&["--classes", "0=background,255=cell"]).contains("one class alone"));
}
