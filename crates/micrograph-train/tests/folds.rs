//! What folds take over from the run that picked their number of epochs.

use std::path::Path;

use micrograph_image::{Dataset, DatasetOptions, Depth, write_png};
use micrograph_nn::{Architecture, Schedule};
use micrograph_train::{
    EpochRecord, Existing, FoldEpochs, FoldPlan, Readable, RunConfig, RunFolder, Start,
    Surroundings, TrainConfig, Unreadable, cross_validate,
};
use ndarray::Array3;

/// Flat images whose gray says nothing about the class.
fn images(folder: &Path) {
    for (number, class) in ["a", "b"].into_iter().cycle().take(24).enumerate() {
        let path = folder.join(class).join(format!("{number}.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let pixels = Array3::from_elem((1, 8, 8), (number * 7 % 12) as f32 * 20.0);
        write_png(&path, pixels.view(), Depth::U8).unwrap();
    }
}

fn rates(run: &RunFolder, phase: &str) -> Vec<f64> {
    let path = run.path().join("folds").join(phase).join("metrics.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let rate = |line| serde_json::from_str::<EpochRecord>(line).unwrap().learning_rate;
    text.lines().map(rate).collect()
}

/// A cosine over 4 epochs begins with `(1 + cos(pi t / 4)) / 2`, whatever number is picked.
#[test]
fn folds_train_with_the_rates_of_the_run_that_picked_their_epochs() {
    let folder = micrograph_testkit::temporary_folder();
    let data = folder.path().join("data");
    images(&data);
    let config = TrainConfig {
        model: Architecture::LipNet1,
        epochs: Some(4),
        learning_rate: 1.0,
        schedule: Schedule::Cosine { end: 0.0 },
        ..TrainConfig::default()
    };
    let around = Surroundings::default();
    let dataset = Dataset::open(&data, &DatasetOptions::default()).unwrap();
    let readable = Readable::open(dataset, &config, Unreadable::Refuse, &around).unwrap();
    let plan = FoldPlan { folds: 2, epochs: FoldEpochs::EarlyStopping };
    let run = RunFolder::create(
        &folder.path().join("run"),
        Existing::Keep,
        &RunConfig { train: config.clone(), ..RunConfig::default() },
    )
    .unwrap();
    let result = cross_validate(&readable, &config, plan, Some((&run, Start::New)), &around);
    let epochs = result.unwrap().epochs;
    let cosine = |t: usize| (1.0 + (std::f64::consts::PI * t as f64 / 4.0).cos()) / 2.0;
    for phase in ["fold-1", "fold-2"] {
        let rates = rates(&run, phase);
        assert_eq!(rates.len(), epochs);
        for (t, rate) in rates.into_iter().enumerate() {
            assert!((rate - cosine(t)).abs() < 1e-12, "{phase}, epoch {}: {rate}", t + 1);
        }
    }
    assert!(epochs < 4, "the data leave nothing to learn: all {epochs} epochs were picked");
}
