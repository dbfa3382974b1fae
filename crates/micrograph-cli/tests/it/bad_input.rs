//! Bad input: one line that names the file and the repair, a non-zero exit, nothing lost.

use std::path::{Path, PathBuf};

use crate::support::{fail, liposomes, run, succeed, text, train, weights};

struct Case {
    folder: tempfile::TempDir,
    data: PathBuf,
    image: PathBuf,
}

/// A data set and one image of it, without a mask.
fn case() -> Case {
    let folder = micrograph_testkit::temporary_folder();
    let data = liposomes(folder.path());
    let mut images: Vec<PathBuf> = data
        .join("unilamellar")
        .read_dir()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    images.sort();
    let image = images.remove(0);
    std::fs::remove_file(text(&image).replace(".png", "_mask.png")).expect("the mask goes");
    Case { folder, data, image }
}

/// Trains on a data set with one bad file: the error names it; with `--skip-unreadable` it is
/// listed and left out.
#[track_caller]
fn check_bad_image(name: &str, content: &[u8], expected: &str) {
    let Case { folder, data, image } = case();
    let bad = image.with_file_name(name);
    std::fs::remove_file(&image).expect("the image goes");
    std::fs::write(&bad, content).expect("a bad file");
    let out = folder.path().join("run");
    let message = fail(&train(&data, &out, &["--epochs", "1"]));
    assert!(message.contains(name) && message.contains(expected), "{message}");
    assert!(!out.exists(), "a failed start leaves no run");

    let output = run(&train(&data, &out, &["--epochs", "1", "--skip-unreadable"]));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains(name), "what is left out is listed: {told}");
}

#[test]
fn an_empty_file() {
    check_bad_image("empty.png", b"", "empty");
}

#[test]
fn text_renamed_to_png() {
    check_bad_image(
        "notes.png",
        b"dear diary, this is no image",
        "convert the file to one of them",
    );
}

#[test]
fn a_truncated_jpeg() {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    let picture = image::GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * y) as u8]));
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("a JPEG");
    let whole = jpeg.into_inner();
    check_bad_image("half.jpg", &whole[..whole.len() / 2], "copy or export it again");
}

/// A PNG whose header says `width` x `height`, with nothing behind it.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(13u32.to_be_bytes());
    png.extend(&chunk);
    png.extend(crc32(&chunk).to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 },
        )
    })
}

#[test]
fn a_header_without_pixels() {
    check_bad_image("zero.png", &png_header(0, 16), "export it again");
}

#[test]
fn a_header_of_ten_billion_pixels() {
    check_bad_image("huge.png", &png_header(100_000, 100_000), "--max-pixels");
}

#[test]
fn a_mask_of_another_size() {
    let Case { folder, data, image } = case();
    let mask = PathBuf::from(text(&image).replace(".png", "_mask.png"));
    image::GrayImage::from_pixel(3, 2, image::Luma([255])).save(&mask).expect("a mask");
    let message = fail(&train(&data, &folder.path().join("run"), &[]));
    assert!(message.contains(text(&mask)) && message.contains(text(&image)), "{message}");
    assert!(message.contains("export the mask at the image's size"), "{message}");
}

#[test]
fn a_table_without_a_label() {
    let Case { folder, data, image } = case();
    let table = data.join("table.csv");
    let relative = image.strip_prefix(&data).expect("below the data").display().to_string();
    std::fs::write(&table, format!("path,label\n{relative},\n")).expect("a table");
    let message = fail(&train(&table, &folder.path().join("run"), &[]));
    assert!(message.contains("table.csv") && message.contains("label"), "{message}");
}

#[test]
fn a_set_of_one_class() {
    let Case { folder, data, .. } = case();
    std::fs::remove_dir_all(data.join("uncertain")).expect("a class goes");
    std::fs::remove_dir_all(data.join("multilamellar")).expect("a class goes");
    let message = fail(&train(&data, &folder.path().join("run"), &[]));
    assert!(message.contains("only one class, `unilamellar`"), "{message}");
}

#[test]
fn fewer_samples_than_folds() {
    let Case { folder, data, .. } = case();
    let out = folder.path().join("folds");
    let message = fail(&["crossval", "--data", text(&data), "--out", text(&out), "--folds", "100"]);
    assert!(message.contains("100") && message.contains("36"), "{message}");
}

#[test]
fn a_path_component_that_is_a_file() {
    let Case { folder, data, image } = case();
    let message = fail(&train(&image.join("below"), &folder.path().join("run"), &[]));
    let repair = format!("but {} is a file; correct the path", text(&image));
    assert!(message.contains("below") && message.contains(&repair), "{message}");
    let file = folder.path().join("file");
    std::fs::write(&file, "notes").expect("a file");
    let message = fail(&train(&data, &file.join("run"), &["--epochs", "1"]));
    let repair = format!("{} on the way to it is a file; choose another folder", text(&file));
    assert!(message.contains(text(&file.join("run"))) && message.contains(&repair), "{message}");
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let Case { folder, data, .. } = case();
    let class = data.join("uncertain");
    let allow = |mode| std::fs::set_permissions(&class, std::fs::Permissions::from_mode(mode));
    allow(0o000).expect("permissions change");
    if class.read_dir().is_ok() {
        allow(0o755).expect("permissions change");
        let reason = "this user may read any folder (root)";
        return micrograph_testkit::skip("a_folder_without_permission", reason);
    }
    let message = fail(&train(&data, &folder.path().join("run"), &[]));
    allow(0o755).expect("permissions change");
    assert!(message.contains("uncertain"), "{message}");
}

/// With a file-size limit below that of a checkpoint, the run fails in one line, and the checkpoint
/// of the last good state stays and can be resumed without the limit.
#[cfg(unix)]
#[test]
fn a_file_size_limit_while_checkpointing() {
    let Case { folder, data, .. } = case();
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "1"]));
    let before = std::fs::read(out.join("checkpoint/last.safetensors")).expect("a checkpoint");
    let config = out.join("config.toml");
    let more = std::fs::read_to_string(&config).expect("a configuration");
    std::fs::write(&config, more.replace("epochs = 1", "epochs = 2")).expect("two epochs");

    let program = env!("CARGO_BIN_EXE_micrograph");
    let script = format!("ulimit -f 100; exec {program} train --quiet --resume {}", text(&out));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let message = crate::support::error_of(&output);
    assert!(message.contains("checkpoint"), "{message}");
    let after = std::fs::read(out.join("checkpoint/last.safetensors")).expect("a checkpoint");
    assert!(before == after, "the old checkpoint is untouched");
    let names: Vec<_> = out.join("checkpoint").read_dir().expect("a folder").collect();
    assert_eq!(names.len(), 2, "no temporary file is left: {names:?}");
    succeed(&["train", "--quiet", "--resume", text(&out)]);
    assert_eq!(crate::support::epochs(&out), [1, 2]);
}

#[test]
fn a_bundle_cut_in_half_and_a_foreign_one() {
    let Case { folder, data, image } = case();
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "1"]));
    let file = out.join("model.safetensors");
    let whole = std::fs::read(&file).expect("weights");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("half of it");
    let message = fail(&["predict", "--run", text(&out), text(&image)]);
    assert!(message.contains("model.safetensors") && message.contains("damaged"), "{message}");
    std::fs::write(&file, &whole).expect("all of it");
    succeed(&["predict", "--run", text(&out), text(&image)]);

    std::fs::write(out.join("model.toml"), "[package]\nname = \"x\"\n").expect("a foreign file");
    let message = fail(&["predict", "--run", text(&out), text(&image)]);
    assert!(message.contains("model.toml"), "{message}");
    assert!(!weights(&out).is_empty());
}

#[test]
fn classes_that_the_model_does_not_know() {
    let Case { folder, data, .. } = case();
    let out = folder.path().join("run");
    succeed(&train(&data, &out, &["--epochs", "1"]));
    std::fs::rename(data.join("uncertain"), data.join("doubtful")).expect("a new name");
    let message = fail(&["evaluate", "--run", text(&out), "--data", text(&data)]);
    assert!(message.contains("doubtful") && message.contains("uncertain"), "{message}");
    std::fs::remove_dir_all(data.join("doubtful")).expect("a class goes");
    succeed(&["evaluate", "--run", text(&out), "--data", text(&data)]);
}

#[test]
fn a_run_folder_that_is_not_one() {
    let Case { folder, data, .. } = case();
    let out: &Path = folder.path();
    let message = fail(&train(&data, out, &["--overwrite"]));
    assert!(message.contains("is not a run of micrograph"), "{message}");
    assert!(data.exists(), "nothing is removed");
    let message = fail(&["train", "--resume", text(&data)]);
    assert!(message.contains("is not a run of micrograph"), "{message}");
}
