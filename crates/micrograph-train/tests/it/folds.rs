//! Runs in folders: what folds take over from the run that picked their number of epochs, and what
//! is gone on with.

use std::path::Path;

use micrograph_image::{Dataset, DatasetOptions, Depth, write_png};
use micrograph_nn::{Architecture, Schedule};
use micrograph_train::{
    EpochRecord, Existing, FoldEpochs, FoldPlan, Readable, RunConfig, RunFolder, Start,
    Surroundings, TrainConfig, Unreadable, cross_validate, fit,
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

fn create(path: &Path, config: &TrainConfig) -> RunFolder {
    let config = RunConfig { train: config.clone(), ..RunConfig::default() };
    RunFolder::create(path, Existing::Keep, &config).unwrap()
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
        model: Architecture::LipNet1.into(),
        epochs: Some(4),
        learning_rate: 1.0,
        schedule: Schedule::Cosine { end: 0.0 },
        ..TrainConfig::default()
    };
    let around = Surroundings::default();
    let dataset = Dataset::open(&data, &DatasetOptions::default()).unwrap();
    let readable = Readable::open(dataset, &config, Unreadable::Refuse, &around).unwrap();
    let plan = FoldPlan { folds: 2, epochs: FoldEpochs::EarlyStopping };
    let run = create(&folder.path().join("run"), &config);
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

    // A fold of another number of epochs, as it is left when early stopping picks anew.
    let fixed = TrainConfig { epochs: Some(epochs % 2 + 1), ..config.clone() };
    let other = create(&folder.path().join("other"), &fixed);
    let as_configured = FoldPlan { epochs: FoldEpochs::AsConfigured, ..plan };
    let start = |run| Some((run, Start::Resume));
    cross_validate(&readable, &fixed, as_configured, start(&other), &around).unwrap();
    let result = |run: &RunFolder| run.path().join("folds/fold-2/result.json");
    std::fs::copy(result(&other), result(&run)).unwrap();
    let error = cross_validate(&readable, &config, plan, start(&run), &around).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("fold-2: was trained for") && message.contains("remove"), "{message}");
}

/// Killed between the checkpoint of the best epoch and that of the last step, and then told to stop
/// before that epoch: its weights are no other epoch's.
#[test]
fn the_weights_of_a_later_epoch_are_not_taken_for_those_of_an_earlier_one() {
    let folder = micrograph_testkit::temporary_folder();
    let data = folder.path().join("data");
    images(&data);
    let epochs = |epochs| TrainConfig {
        model: Architecture::LipNet1.into(),
        epochs: Some(epochs),
        validation_fraction: 0.0, // every epoch is better than the one before
        ..TrainConfig::default()
    };
    let around = Surroundings::default();
    let dataset = Dataset::open(&data, &DatasetOptions::default()).unwrap();
    let readable = Readable::open(dataset, &epochs(1), Unreadable::Refuse, &around).unwrap();
    let prepared = readable.prepare(&epochs(1), &around).unwrap();
    let run = create(&folder.path().join("run"), &epochs(1));
    let go_on = |n| {
        let fitted = fit(&prepared, &epochs(n), Some((&run, Start::Resume)), &around);
        fitted.map_err(|error| error.to_string())
    };
    let checkpoint = |name| run.path().join("checkpoint").join(name);
    let [last, best, first] = ["last.safetensors", "best.safetensors", "first"].map(checkpoint);
    go_on(1).unwrap();
    std::fs::copy(&last, &first).unwrap();
    go_on(2).unwrap();

    std::fs::copy(&first, &last).unwrap();
    let fitted = go_on(1).unwrap();
    assert_eq!(fitted.history.epochs.len(), 2);
    assert_eq!(fitted.classifier.manifest().training.epochs, 2);

    std::fs::copy(&best, &last).unwrap();
    std::fs::copy(&first, &best).unwrap();
    let message = go_on(2).unwrap_err();
    assert!(message.contains("is of epoch 1, but the best is 2"), "{message}");
}
