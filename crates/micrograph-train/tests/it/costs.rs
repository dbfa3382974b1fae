//! What costs do to training.

use std::path::Path;

use micrograph_augment::Recipe;
use micrograph_image::{Dataset, DatasetOptions, Depth, write_png};
use micrograph_nn::{Architecture, Dropout};
use micrograph_ops::LabelSmoothing;
use micrograph_sampling::CostMatrix;
use micrograph_train::{
    Balance, Existing, NetworkConfig, Readable, RunConfig, RunFolder, Surroundings, TrainConfig,
    Unreadable, evaluation_report, finish_run, fit, predict_samples,
};
use ndarray::Array3;

/// Equal images of two classes, three to one: nothing but the class ratio can be learned.
fn open(folder: &Path, config: &TrainConfig) -> Readable {
    for number in 0..32 {
        let class = if number % 4 == 0 { "b" } else { "a" };
        let path = folder.join(class).join(format!("{number}.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_png(&path, Array3::from_elem((1, 8, 8), 100.0).view(), Depth::U8).unwrap();
    }
    let dataset = Dataset::open(folder, &DatasetOptions::default()).unwrap();
    Readable::open(dataset, config, Unreadable::Refuse, &Surroundings::default()).unwrap()
}

fn config(costs: Vec<Vec<f64>>, balance: Balance) -> TrainConfig {
    let network = NetworkConfig {
        maps: Some(2),
        dense: Some(4),
        dropout: Some(Dropout { block: 0.0, dense: 0.0 }),
        ..NetworkConfig::default()
    };
    TrainConfig {
        model: Architecture::LipNet1.into(),
        network,
        epochs: Some(300),
        learning_rate: 0.02,
        label_smoothing: LabelSmoothing::None,
        validation_fraction: 0.0,
        augment: Recipe::none(),
        costs: Some(CostMatrix::new(costs).unwrap()),
        balance,
        ..TrainConfig::default()
    }
}

/// With class ratios 3:1 and costs 1:12 the network sees classes 3:12, so that it says `b`, with
/// 0.8, where it would have said `a` with 0.75. Balanced by weights it sees 1:12.
#[test]
fn the_network_learns_probabilities_weighted_by_costs() {
    for (balance, expected) in [(Balance::None, 12.0 / 15.0), (Balance::Weights, 12.0 / 13.0)] {
        let folder = micrograph_testkit::temporary_folder();
        let config = config(vec![vec![0.0, 1.0], vec![12.0, 0.0]], balance);
        let around = Surroundings::default();
        let prepared = open(folder.path(), &config).prepare(&config, &around).unwrap();
        let fitted = fit(&prepared, &config, None, &around).unwrap();
        let dataset = &prepared.dataset;
        let said = predict_samples(&fitted.classifier, dataset, &[0], Unreadable::Refuse, &around)
            .unwrap();
        let probability = said.probabilities[[0, 1]];
        assert!((probability - expected).abs() < 0.01, "{balance:?}: {probability}");
    }
}

#[test]
fn costs_of_other_classes_are_refused_and_right_ones_are_recorded() {
    let folder = micrograph_testkit::temporary_folder();
    let three = vec![vec![0.0, 1.0, 1.0], vec![1.0, 0.0, 1.0], vec![1.0, 1.0, 0.0]];
    let wrong = config(three, Balance::None);
    let readable = open(folder.path(), &wrong);
    let around = Surroundings::default();
    let message = readable.prepare(&wrong, &around).unwrap_err().to_string();
    let expected = "costs has 3 rows: expected one row and one column for each class, in this \
                    order: a, b";
    assert_eq!(message, expected);

    let costs = vec![vec![0.0, 1.0], vec![3.0, 0.0]];
    let config = TrainConfig {
        epochs: Some(1),
        validation_fraction: 0.25,
        ..config(costs.clone(), Balance::None)
    };
    let prepared = readable.prepare(&config, &around).unwrap();
    let told = prepared.notices.join("\n");
    assert!(told.contains("a 0.50, b 1.50"), "{told}");
    let fitted = fit(&prepared, &config, None, &around).unwrap();
    let run = RunFolder::create(
        &folder.path().join("run"),
        Existing::Keep,
        &RunConfig { train: config.clone(), ..RunConfig::default() },
    )
    .unwrap();
    let summary = finish_run(&prepared, &config, &fitted, &run, &around).unwrap();
    assert_eq!(summary.costs.map(Vec::from), Some(costs));
    assert_eq!(summary.class_weights, Some(vec![0.5, 1.5]));
    // 8 validation samples, 2 of them `b`: all taken for `a` cost 6, for `b` also 6.
    assert_eq!(summary.mean_cost, Some(6.0 / 8.0));

    let predict = |indices: &[usize]| {
        let (classifier, refuse) = (&fitted.classifier, Unreadable::Refuse);
        let predicted = predict_samples(classifier, readable.dataset(), indices, refuse, &around);
        predicted.map_err(|error| error.to_string())
    };
    let message = predict(&[0, 32]).unwrap_err();
    assert!(message.contains("has no sample 32: expected indices below 32"), "{message}");
    let mut shorter = predict(&[0, 1]).unwrap();
    shorter.ids.pop();
    let part = ("all", &shorter);
    let error =
        evaluation_report(std::slice::from_ref(&fitted.classifier), readable.dataset(), part)
            .unwrap_err();
    assert!(error.to_string().contains("2 samples, 1 names"), "{error}");
}
