//! Which samples a run reads, and what it learns from which.

use std::path::Path;

use micrograph_image::{
    Dataset, DatasetOptions, Depth, InputMode, Normalization, Normalizer, ResizeMode,
    write_mask_png, write_png,
};
use micrograph_model::{Classifier, Manifest, ModelConfig, bundle};
use micrograph_nn::Architecture;
use micrograph_sampling::Split;
use micrograph_train::{
    Balance, ClassicalView, DataConfig, FoldEpochs, FoldPlan, HeadSettings, Readable, RunConfig,
    Surroundings, TrainConfig, Unreadable, cross_validate, predict_samples, train_and_test,
};
use ndarray::{Array2, Array3, array};
use ndarray_npy::NpzWriter;

fn flat_image(path: &Path, value: f32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_png(path, Array3::from_elem((1, 8, 8), value).view(), Depth::U8).unwrap();
}

fn config() -> TrainConfig {
    let mut config =
        TrainConfig { model: Architecture::LipNet1.into(), epochs: Some(1), ..Default::default() };
    config.input.normalization = Normalization::DatasetZScore;
    config
}

fn open(path: &Path, config: &TrainConfig) -> Readable {
    let dataset = Dataset::open(path, &DatasetOptions::default()).unwrap();
    let around = Surroundings::default();
    Readable::open(dataset, config, Unreadable::Refuse, &around).unwrap()
}

/// Training pixels are 10 and 30, validation pixels 200: the mean is that of training alone.
#[test]
fn the_normalizer_sees_training_samples_alone() {
    let folder = micrograph_testkit::temporary_folder();
    for (name, value) in [("train/a/1", 10.0), ("train/b/1", 30.0), ("val/a/1", 200.0)] {
        flat_image(&folder.path().join(format!("{name}.png")), value);
    }
    let config = config();
    let prepared = open(folder.path(), &config).prepare(&config, &Surroundings::default()).unwrap();
    let expected = Normalizer::DatasetZScore { mean: vec![20.0], std: vec![10.0] };
    assert_eq!(prepared.preprocessing.normalizer, expected);
    assert_eq!((prepared.train.len(), prepared.validation.len()), (2, 1));
}

/// Objects of 10 and 30, twice as high as wide, padded to squares: what the sums are over is what the
/// network will see, so that the ground around an object is its own mean.
#[test]
fn the_normalizer_sees_what_the_network_sees() {
    let folder = micrograph_testkit::temporary_folder();
    for (name, value) in [("a/1", 10.0), ("b/1", 30.0)] {
        let path = folder.path().join(format!("{name}.png"));
        flat_image(&path, value);
        let object = Array2::from_shape_fn((8, 8), |(_, x)| (2..6).contains(&x));
        write_mask_png(&folder.path().join(format!("{name}_mask.png")), object.view()).unwrap();
    }
    let mut config = TrainConfig { validation_fraction: 0.0, ..config() };
    config.input.resize = ResizeMode::Fit;
    let prepared = open(folder.path(), &config).prepare(&config, &Surroundings::default()).unwrap();
    let expected = Normalizer::DatasetZScore { mean: vec![20.0], std: vec![10.0] };
    assert_eq!(prepared.preprocessing.normalizer, expected);
    assert_eq!(prepared.sizes, [(0, 8, 4), (1, 8, 4)]);
}

/// Pixel sums and sizes are of what one network sees, which is not what another sees.
#[test]
fn data_that_was_read_for_one_input_is_refused_for_another() {
    let folder = micrograph_testkit::temporary_folder();
    for name in ["a/1", "a/2", "b/1", "b/2"] {
        flat_image(&folder.path().join(format!("{name}.png")), 50.0);
    }
    let (config, around) = (config(), Surroundings::default());
    let readable = open(folder.path(), &config);
    let (mut cropped, mut larger, mut scaled) = (config.clone(), config.clone(), config);
    cropped.input.mode = InputMode::Crop;
    larger.model = Architecture::LipNet6.into(); // 32 pixels, not 28
    scaled.input.normalization = Normalization::UnitRange;
    for other in [&cropped, &larger] {
        let message = readable.prepare(other, &around).unwrap_err().to_string();
        assert!(message.contains("read it again"), "{message}");
    }
    readable.prepare(&scaled, &around).unwrap();
}

#[test]
fn samples_that_do_not_exist_or_were_not_read_are_refused() {
    let folder = micrograph_testkit::temporary_folder();
    for name in ["train/a/1", "train/b/1", "test/a/1", "test/b/1"] {
        flat_image(&folder.path().join(format!("{name}.png")), 50.0);
    }
    let (config, around) = (config(), Surroundings::default());
    let readable = open(folder.path(), &config);
    let test = (0..4).find(|&index| !readable.usable().contains(&index)).unwrap();
    for (index, reason) in [(4, "has no sample 4: expected indices below 4"), (test, "not read")] {
        let train = || [readable.usable(), vec![index]].concat();
        let message = readable.prepare_with(train(), vec![], &config).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
        let split = Split { train: train(), test: vec![index] };
        let message = train_and_test(&readable, split, &config, &around).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
}

/// The test part holds a file that no decoder reads: training does not notice.
#[test]
fn a_test_part_is_never_read() {
    let folder = micrograph_testkit::temporary_folder();
    for name in ["train/a/1", "train/b/1", "val/a/1", "val/b/1"] {
        flat_image(&folder.path().join(format!("{name}.png")), 50.0);
    }
    let test = folder.path().join("test/a");
    std::fs::create_dir_all(&test).unwrap();
    std::fs::write(test.join("broken.png"), b"no image").unwrap();
    let config = config();
    let prepared = open(folder.path(), &config).prepare(&config, &Surroundings::default()).unwrap();
    assert_eq!(prepared.train.len() + prepared.validation.len(), 4);
}

/// Of an archive, too: neither what the test part holds nor how many classes it has matters.
#[test]
fn the_test_part_of_an_archive_is_never_read() {
    let folder = micrograph_testkit::temporary_folder();
    let path = folder.path().join("data.npz");
    let mut archive = NpzWriter::new(std::fs::File::create(&path).unwrap());
    archive.add_array("train_images", &Array3::<u8>::zeros((8, 8, 8))).unwrap();
    archive.add_array("train_labels", &array![0_u8, 1, 0, 1, 0, 1, 0, 1]).unwrap();
    archive.add_array("test_images", &Array3::<f64>::zeros((1, 8, 8))).unwrap();
    archive.add_array("test_labels", &array![5_u8]).unwrap();
    archive.finish().unwrap();
    let data = DataConfig { path, ..DataConfig::default() };
    let config = RunConfig { data, train: config(), crossval: None, compare: None };
    let around = Surroundings::default();
    let prepared = config.read(&around).unwrap().prepare(&config.train, &around).unwrap();
    assert_eq!((prepared.dataset.samples.len(), prepared.dataset.classes.len()), (8, 2));
}

/// One picture under two classes teaches nothing: it is told once, with both names.
#[test]
fn an_image_in_two_classes_is_told() {
    let folder = micrograph_testkit::temporary_folder();
    let images = [("a/1", 10.0), ("a/2", 20.0), ("b/3", 30.0), ("b/4", 20.0), ("b/5", 30.0)];
    for (name, value) in images {
        flat_image(&folder.path().join(format!("{name}.png")), value);
    }
    let told = open(folder.path(), &config()).notices().to_vec();
    let expected = "1 image stands in two classes, such as a/2.png and b/4.png: no model can be \
        right on both; keep each in one class";
    assert_eq!(told, [expected]);
}

fn grouped_table(folder: &Path, split: impl Fn(usize) -> &'static str) -> std::path::PathBuf {
    let mut table = "path,label,group,split\n".to_owned();
    for i in 0..24 {
        flat_image(&folder.join(format!("{i}.png")), 10.0 * i as f32);
        table += &format!("{i}.png,{},patient{},{}\n", ["a", "b"][i % 2], i / 4, split(i));
    }
    let path = folder.join("table.csv");
    std::fs::write(&path, table).unwrap();
    path
}

#[test]
fn groups_stay_together_in_folds_and_keep_their_numbers() {
    let folder = micrograph_testkit::temporary_folder();
    let table = grouped_table(folder.path(), |_| "");
    let config = config();
    let readable = open(&table, &config);
    let plan = FoldPlan { folds: 3, epochs: FoldEpochs::AsConfigured };
    let around = Surroundings::default();
    let result = cross_validate(&readable, &config, plan, None, &around).unwrap();
    let pooled = &result.out_of_fold;
    assert_eq!(pooled.truth.len(), 24);
    let groups = pooled.groups.as_ref().unwrap();
    for (i, &sample) in pooled.samples.iter().enumerate() {
        for (j, &other) in pooled.samples.iter().enumerate() {
            assert_eq!(groups[i] == groups[j], sample / 4 == other / 4, "{sample} and {other}");
        }
    }
}

#[test]
fn a_group_in_two_parts_is_refused_even_if_one_is_the_test_part() {
    let folder = micrograph_testkit::temporary_folder();
    let table = grouped_table(folder.path(), |i| match i {
        0..18 => "train",
        _ => "test",
    });
    let config = config();
    // No pixel is needed to tell, and none is read.
    std::fs::remove_file(folder.path().join("0.png")).unwrap();
    let dataset = Dataset::open(&table, &DatasetOptions::default()).unwrap();
    let around = Surroundings::default();
    let error = Readable::open(dataset, &config, Unreadable::Refuse, &around).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with(&format!("{}: 1 groups", table.display())), "{message}");
    assert!(message.contains("patient4"), "{message}");
    flat_image(&folder.path().join("0.png"), 0.0);
    let options = DatasetOptions { split_column: "none".to_owned(), ..DatasetOptions::default() };
    let dataset = Dataset::open(&table, &options).unwrap();
    let readable = Readable::open(dataset, &config, Unreadable::Refuse, &around).unwrap();
    readable.prepare(&config, &around).unwrap();
}

/// Nothing of a fold's test part reaches the scaler, the new rows or the machine of that fold.
#[test]
fn a_classical_fold_does_not_see_its_test_part() {
    let mut config = config();
    config.model = "svm".parse().unwrap();
    config.balance = Balance::Resample;
    config.classical.input = ClassicalView::Pixels;
    config.input.size = Some(8);
    check_the_test_part_is_not_seen(&config);
}

/// Nor the network, nor the classical model that ends it, nor the rows that are made for that.
#[test]
fn a_fold_of_a_fused_network_does_not_see_its_test_part() {
    check_the_test_part_is_not_seen(&fused());
}

/// A small network whose last layer, fitted to new rows as well, also takes features.
fn fused() -> TrainConfig {
    let mut config = config();
    config.head = Some(HeadSettings::new("logistic".parse().unwrap(), Some("vironova")));
    config.balance = Balance::Resample;
    config.input.size = Some(8);
    config.network.dense = Some(8);
    config
}

/// What was saved predicts with the same bits; what does not fit its manifest is refused.
#[test]
fn a_saved_fused_network_is_the_fitted_one() {
    let folder = micrograph_testkit::temporary_folder();
    let table = grouped_table(folder.path(), |_| "");
    let (config, around) = (fused(), Surroundings::default());
    let readable = open(&table, &config);
    let split = Split { train: (0..15).collect(), test: (15..24).collect() };
    let (fitted, said) = train_and_test(&readable, split, &config, &around).unwrap();
    let (out, classifier) = (folder.path(), &fitted.classifier);
    let save = |manifest: &Manifest| {
        bundle::save(out, manifest, classifier.predictor(), classifier.seen()).unwrap();
        Classifier::load(out)
    };
    let loaded = save(classifier.manifest()).unwrap();
    assert_eq!(loaded.manifest().model, classifier.manifest().model);
    let dataset = readable.dataset();
    let samples = &said.samples;
    let now = predict_samples(&loaded, dataset, samples, Unreadable::Refuse, &around).unwrap();
    assert_eq!(now.probabilities, said.probabilities);

    let mut manifest = classifier.manifest().clone();
    let ModelConfig::Headed(headed) = &mut manifest.model else { panic!("no head") };
    headed.head.features = None;
    let message = save(&manifest).unwrap_err().to_string();
    assert!(message.contains("a model of 71 features, the manifest has 8"), "{message}");
    let ModelConfig::Headed(headed) = manifest.model.clone() else { panic!("no head") };
    manifest.model = ModelConfig::Network(headed.network);
    let message = save(&manifest).unwrap_err().to_string();
    assert!(message.contains("unexpected `pipeline`"), "{message}");
}

#[track_caller]
fn check_the_test_part_is_not_seen(config: &TrainConfig) {
    let folder = micrograph_testkit::temporary_folder();
    let table = grouped_table(folder.path(), |_| "");
    let around = Surroundings::default();
    let weights = || {
        let split = Split { train: (0..15).collect(), test: (15..24).collect() };
        let readable = open(&table, config);
        let (fitted, predictions) = train_and_test(&readable, split, config, &around).unwrap();
        (fitted.classifier.manifest().weights_sha256.clone(), predictions.probabilities)
    };
    let before = weights();
    assert_eq!(before, weights());
    for i in 15..24 {
        flat_image(&folder.path().join(format!("{i}.png")), 255.0 - 5.0 * i as f32);
    }
    let after = weights();
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
}
