//! Which frames a segmentation reads, and what it learns from which.

use std::path::Path;

use micrograph_image::{
    Channels, Depth, Ends, Normalization, Normalizer, SegmentationDataset, SegmentationOptions,
    TemporalWindow, write_mask_png, write_png, write_tiff,
};
use micrograph_model::SeenSamples;
use micrograph_nn::{ClassWeights, SegmentationLoss, UNetConfig};
use micrograph_train::{
    CropConfig, SegmentationConfig, SegmentationData, SegmentationPlace, SegmentationRun,
    Surroundings, Unreadable, fit_segmenter,
};
use ndarray::{Array2, Array3};

/// A network of a few hundred weights over single frames; nothing validates unless a part does.
fn config() -> SegmentationConfig {
    SegmentationConfig {
        model: UNetConfig { levels: 1, maps: 2, ..UNetConfig::default() }.into(),
        epochs: Some(1), // of which the best is no choice
        batch_size: 2,
        validation_fraction: 0.0,
        normalization: Normalization::DatasetZScore,
        crop: CropConfig { size: 16, ..CropConfig::default() },
        ..SegmentationConfig::default()
    }
}

/// Frames of 16 x 16 with a square of another gray, and their masks, below `part`.
fn frames(root: &Path, part: &str, count: usize, gray: f32) {
    for kind in ["image", "label"] {
        std::fs::create_dir_all(root.join(part).join(kind)).unwrap();
    }
    for index in 0..count {
        let inside = |y: usize, x: usize| (4..9).contains(&y) && (2 + index..8).contains(&x);
        let pixels = Array3::from_shape_fn((1, 16, 16), |(_, y, x)| {
            gray + if inside(y, x) { 60.0 } else { 0.0 }
        });
        let file = |kind: &str| root.join(part).join(kind).join(format!("{index}.png"));
        write_png(&file("image"), pixels.view(), Depth::U8).unwrap();
        let mask = Array2::from_shape_fn((16, 16), |(y, x)| inside(y, x));
        write_mask_png(&file("label"), mask.view()).unwrap();
    }
}

fn read(root: &Path, config: &SegmentationConfig) -> SegmentationData {
    let data = SegmentationPlace { path: root.into(), ..SegmentationPlace::default() };
    let run = SegmentationRun { data, segment: config.clone(), ..SegmentationRun::default() };
    run.read(&Surroundings::default()).unwrap()
}

/// The input, the weights of classes and those of the network after the last epoch are the same
/// whatever the validation frames are, and a test part that no decoder reads is not noticed.
#[test]
fn a_segmenter_is_fitted_to_training_frames_alone() {
    let folder = micrograph_testkit::temporary_folder();
    let root = folder.path();
    frames(root, "train", 3, 40.0);
    let test = root.join("test/image");
    std::fs::create_dir_all(&test).unwrap();
    std::fs::create_dir_all(root.join("test/label")).unwrap();
    std::fs::write(test.join("0.png"), b"no image").unwrap();
    std::fs::write(root.join("test/label/0.png"), b"no mask").unwrap();
    let loss = SegmentationLoss {
        class_weights: ClassWeights::MedianFrequency,
        ..SegmentationLoss::default()
    };
    let config = SegmentationConfig { loss, ..config() };
    let fitted = |gray: f32, frames_of_validation: usize| {
        std::fs::remove_dir_all(root.join("val")).ok();
        frames(root, "val", frames_of_validation, gray);
        let data = read(root, &config);
        assert_eq!((data.train.len(), data.validation.len()), (3, frames_of_validation));
        let fitted = fit_segmenter(&data, &config, None, &Surroundings::default()).unwrap();
        let weights = fitted.segmenter.to_bytes(&SeenSamples::default()).unwrap();
        let loss = fitted.history.epochs[0].validation.as_ref().unwrap().loss;
        (data.input.normalizer, data.class_pixels, weights, loss)
    };
    let (normalizer, class_pixels, weights, loss) = fitted(40.0, 1);
    let Normalizer::DatasetZScore { mean, .. } = &normalizer else { panic!("{normalizer:?}") };
    assert!(mean[0] > 40.0 && mean[0] < 50.0, "{mean:?}");
    let other = fitted(180.0, 2);
    assert_eq!((&normalizer, &class_pixels, &weights), (&other.0, &other.1, &other.2));
    assert!((loss - other.3).abs() > 1e-6, "{loss}");
}

/// Eight frames in the Cell Tracking Challenge's layout, of which the third and the sixth have masks.
fn tracked(root: &Path) {
    std::fs::create_dir_all(root.join("01")).unwrap();
    std::fs::create_dir_all(root.join("01_GT/SEG")).unwrap();
    for index in 0..8 {
        let pixels = Array3::from_shape_fn((1, 16, 16), |(_, y, x)| (index * 7 + y + x) as f32);
        write_tiff(&root.join(format!("01/t{index:03}.tif")), &[pixels.view()], Depth::U8, None)
            .unwrap();
    }
    for index in [2, 5] {
        let mask = Array3::from_shape_fn((1, 16, 16), |(_, y, _)| if y < 5 { 3.0 } else { 0.0 });
        let path = root.join(format!("01_GT/SEG/man_seg{index:03}.tif"));
        write_tiff(&path, &[mask.view()], Depth::U16, None).unwrap();
    }
}

/// Windows show frames that have no masks: they are part of the data.
#[test]
fn what_windows_show_is_read_checked_and_counted() {
    let folder = micrograph_testkit::temporary_folder();
    let root = folder.path();
    tracked(root);
    let window = TemporalWindow { width: 3, ..TemporalWindow::default() };
    let config = SegmentationConfig { window, ..config() };
    let before = read(root, &config);
    assert_eq!(before.train, [2, 5]);
    let rewrite = |index: usize| {
        let pixels = Array3::from_elem((1, 16, 16), 200.0);
        let path = root.join(format!("01/t{index:03}.tif"));
        write_tiff(&path, &[pixels.view()], Depth::U8, None).unwrap();
    };
    rewrite(0); // No window shows it.
    assert_eq!(before.fingerprint, read(root, &config).fingerprint);
    rewrite(3);
    let after = read(root, &config);
    assert_ne!(before.fingerprint, after.fingerprint);
    assert_eq!(before.input.normalizer, after.input.normalizer, "it is no training frame");

    // A neighbor that cannot be read is found before the first epoch, and leaves its frames out.
    let broken = root.join("01/t001.tif");
    let bytes = std::fs::read(&broken).unwrap();
    let dataset = || SegmentationDataset::open(root, &SegmentationOptions::default()).unwrap();
    let opened = [dataset(), dataset()];
    std::fs::write(&broken, &bytes[..bytes.len() - 100]).unwrap();
    let open = |dataset, unreadable| {
        SegmentationData::open(dataset, &config, unreadable, &Surroundings::default())
    };
    let [first, second] = opened;
    let message = open(first, Unreadable::Refuse).unwrap_err().to_string();
    assert!(message.contains("t001.tif"), "{message}");
    let skipped = open(second, Unreadable::Skip).unwrap();
    assert_eq!(skipped.train, [5]);
    let told = |part: &str| skipped.notices.iter().any(|notice| notice.contains(part));
    assert!(told("t001.tif") && told("1 of the frames is left out"), "{:?}", skipped.notices);
}

#[test]
fn frames_without_a_whole_window_are_told() {
    let folder = micrograph_testkit::temporary_folder();
    tracked(folder.path());
    let window = TemporalWindow { width: 5, ends: Ends::Drop, ..TemporalWindow::default() };
    let data = read(folder.path(), &SegmentationConfig { window, ..config() });
    assert_eq!(data.train, [2, 5]);
    let window = TemporalWindow { width: 7, ..window };
    let config = SegmentationConfig { window, ..config() };
    let dataset =
        SegmentationDataset::open(folder.path(), &SegmentationOptions::default()).unwrap();
    let around = Surroundings::default();
    let error = SegmentationData::open(dataset, &config, Unreadable::Refuse, &around).unwrap_err();
    assert!(error.to_string().contains("2 frames are left out"), "{error}");
}

#[test]
fn percentiles_are_refused_before_anything_is_read() {
    let normalization = Normalization::PercentileClip { low: 1.0, high: 99.0 };
    let config = SegmentationConfig { normalization, channels: Channels::Gray, ..config() };
    let message = config.validate().unwrap_err().to_string();
    assert!(message.contains("normalization") && message.contains("image_z_score"), "{message}");
}
