//! What a trained model says of data it knows, of masks, of other channels, of bad files.

use std::path::{Path, PathBuf};

use crate::support::{fail, liposomes, run, succeed, text, train};

struct Case {
    folder: tempfile::TempDir,
    data: PathBuf,
    run: PathBuf,
}

/// A model of objects cut out by masks, trained on all of the data but its validation part.
fn case() -> Case {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let run = folder.path().join("run");
    succeed(&train(&data, &run, &["--epochs", "1", "--seed", "1"]));
    Case { folder, data, run }
}

/// Standard output and standard error of a run that succeeds.
#[track_caller]
fn both(arguments: &[&str]) -> (String, String) {
    let output = run(arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?} failed: {told}");
    (String::from_utf8_lossy(&output.stdout).into_owned(), told)
}

/// Images and masks of a class, in pairs.
fn pairs(data: &Path, class: &str) -> Vec<(PathBuf, PathBuf)> {
    let entries = data.join(class).read_dir().expect("a folder");
    let mut images: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    images.retain(|path| !text(path).ends_with("_mask.png"));
    images.sort();
    let mask = |image: &PathBuf| PathBuf::from(text(image).replace(".png", "_mask.png"));
    images.iter().map(|image| (image.clone(), mask(image))).collect()
}

/// Class and probabilities of each row of a prediction, without its path.
fn answers(table: &str) -> Vec<String> {
    table.lines().skip(1).filter_map(|row| Some(row.split_once(',')?.1.to_owned())).collect()
}

#[test]
fn data_that_was_trained_on_is_known_again_and_new_data_is_not() {
    let Case { folder, data, run } = case();
    let (_, told) = both(&["evaluate", "--run", text(&run), "--data", text(&data), "--quiet"]);
    assert!(told.contains("of 36 samples were trained on"), "{told}");
    assert!(told.contains("picked the epoch"), "{told}");
    let (_, told) = both(&["predict", "--run", text(&run), text(&data), "--quiet"]);
    assert_eq!(told, "", "a prediction is no measure");

    let new = folder.path().join("new");
    let seed = ["--seed", "6", "--ratio", "balanced", "--count", "9", "--quiet"];
    succeed(&[["synth", "lamellarity", "--out", text(&new)].as_slice(), &seed].concat());
    let (_, told) = both(&["evaluate", "--run", text(&run), "--data", text(&new), "--quiet"]);
    assert_eq!(told, "");
}

#[test]
fn bad_files_are_left_out_in_one_pass_and_listed() {
    let Case { folder: _kept, data, run } = case();
    let pairs = pairs(&data, "uncertain");
    std::fs::write(&pairs[0].0, b"no image").expect("a bad image");
    let size = image::image_dimensions(&pairs[1].0).expect("an image");
    image::GrayImage::new(size.0, size.1).save(&pairs[1].1).expect("an empty mask");
    let commands: [&[&str]; 2] = [
        &["evaluate", "--run", text(&run), "--data", text(&data), "--quiet"],
        &["predict", "--run", text(&run), text(&data), "--quiet"],
    ];
    for command in commands {
        fail(command);
        let (table, told) = both(&[command, &["--skip-unreadable"]].concat());
        assert_eq!(told.matches("left out: ").count(), 2, "{told}");
        let mask = text(&pairs[1].0).rsplit('/').next().expect("a name");
        assert!(told.contains(mask) && told.contains("is empty"), "{told}");
        assert!(command[0] == "evaluate" || table.lines().count() == 1 + 34, "{table}");
    }
    let bad = text(&pairs[0].0);
    let message = fail(&["predict", "--run", text(&run), bad, "--skip-unreadable", "--quiet"]);
    assert!(message.contains("none of 1 images"), "{message}");
}

#[test]
fn masks_come_from_beside_from_a_template_and_from_a_table() {
    let Case { folder, data, run } = case();
    let (table, _) = both(&["predict", "--run", text(&run), text(&data.join("uncertain"))]);
    let expected = answers(&table);

    let (images, masks) = (folder.path().join("images"), folder.path().join("masks"));
    std::fs::create_dir_all(&images).expect("a folder");
    std::fs::create_dir_all(&masks).expect("a folder");
    let mut manifest = "path,mask\n".to_owned();
    for (image, mask) in pairs(&data, "uncertain") {
        let name = text(&image).rsplit('/').next().expect("a name").to_owned();
        std::fs::copy(&image, images.join(&name)).expect("a copy");
        std::fs::copy(&mask, masks.join(&name)).expect("a copy");
        manifest += &format!("images/{name},masks/{name}\n");
    }
    let predict = ["predict", "--run", text(&run), "--quiet"];
    let (table, told) = both(&[&predict[..], &[text(&images)]].concat());
    assert_ne!(answers(&table), expected, "whole images look other");
    assert!(told.contains("12 of 12 images have no mask"), "{told}");

    let by_template = ["--mask-template", "../masks/{stem}.png", text(folder.path())];
    let images_of = [&predict[..], &by_template[..2], &[text(&images)]].concat();
    let (table, told) = both(&images_of);
    assert_eq!((answers(&table), told.as_str()), (expected.clone(), ""));

    let path = folder.path().join("table.csv");
    std::fs::write(&path, manifest).expect("a table");
    let (table, told) = both(&[&predict[..], &[text(&path)]].concat());
    assert_eq!((answers(&table), told.as_str()), (expected, ""));
    assert!(table.contains(text(&images)), "paths lead to the files: {table}");

    let wrong = ["--mask-template", "{image ID}.png", text(&images)];
    let message = fail(&[&predict[..], &wrong].concat());
    assert!(message.contains("image ID") && message.contains("{stem}"), "{message}");
}

#[test]
fn gray_images_stored_in_colors_are_the_same_images() {
    let Case { folder: _kept, data, run } = case();
    let class = data.join("uncertain");
    let predict = ["predict", "--run", text(&run), "--quiet", text(&class)];
    let (expected, _) = both(&predict);
    let pairs = pairs(&data, "uncertain");
    for (image, _) in &pairs {
        let colored = image::open(image).expect("an image").to_rgb8();
        colored.save(image).expect("the same in colors");
    }
    assert_eq!(both(&predict), (expected, String::new()));
    let mut tinted = image::open(&pairs[0].0).expect("an image").to_rgb8();
    tinted.put_pixel(0, 0, image::Rgb([255, 0, 0]));
    tinted.save(&pairs[0].0).expect("a red pixel");
    let (_, told) = both(&predict);
    assert!(told.contains("turned into gray") && told.contains("(1 images)"), "{told}");
}

#[test]
fn a_digit_of_the_manifest_is_missed() {
    let Case { folder: _kept, data, run } = case();
    let file = run.join("model.toml");
    let whole = std::fs::read_to_string(&file).expect("a manifest");
    let changed = whole.replace("surround_px = 50", "surround_px = 51");
    assert_ne!(changed, whole);
    std::fs::write(&file, &changed).expect("another digit");
    let arguments = ["predict", "--run", text(&run), text(&data), "--quiet"];
    let message = fail(&arguments);
    assert!(message.contains("model.toml") && message.contains("changed by hand"), "{message}");
    // The message tells the checksum by which a change that is meant is accepted.
    let accepted = message.split("checksum ").nth(1).and_then(|rest| rest.get(..64));
    let accepted = format!("checksum = \"{}\"", accepted.expect("a checksum"));
    let rest = changed.split_once('\n').expect("a first line").1;
    std::fs::write(&file, format!("{accepted}\n{rest}")).expect("an accepted change");
    succeed(&arguments);
}

/// Alpha is dropped with a notice, and an image named twice is predicted once.
#[test]
fn alpha_is_told_of_and_each_image_stands_once() {
    let Case { folder, data, run } = case();
    let (image, mask) = pairs(&data, "uncertain").remove(0);
    let gray = image::open(&image).expect("an image").to_luma_alpha8();
    let (alpha, beside) = (folder.path().join("a.png"), folder.path().join("a_mask.png"));
    gray.save(&alpha).expect("an image with alpha");
    std::fs::copy(&mask, &beside).expect("its mask");
    let again = folder.path().join("data/../a.png");
    let inputs = [text(&alpha), text(&alpha), text(&again)];
    let command = ["predict", "--quiet", "--run", text(&run)];
    let (table, told) = both(&[command.as_slice(), &inputs].concat());
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(told.contains("alpha") && told.contains("(1 images)"), "{told}");
    let (plain, _) = both(&[command.as_slice(), &[text(&image)]].concat());
    assert_eq!(answers(&plain), answers(&table));
}
