//! Scaling and classifier as one.

use micrograph_classic::{Classifier, Fit, Pipeline, Samples, Scaling};

use crate::{clouds, samples};

#[test]
fn every_name_is_fitted_saved_and_better_than_the_floor() {
    let (data, fresh) = (clouds(400, 6, 6, 1), clouds(400, 6, 6, 2));
    let balanced_accuracy = |name: &str| {
        let pipeline = Pipeline::by_name(name).unwrap();
        let settings = serde_json::to_string(&pipeline).unwrap();
        assert_eq!(serde_json::from_str::<Pipeline>(&settings).unwrap(), pipeline);
        let model = pipeline.fit(&samples(&data), 3).unwrap();
        let text = serde_json::to_string(&model).unwrap();
        assert!(serde_json::from_str::<<Pipeline as Fit>::Model>(&text).unwrap() == model);
        let probabilities = model.probabilities(fresh.0.view()).unwrap();
        assert_eq!(probabilities.dim(), (400, 3));
        let predicted = model.predict(fresh.0.view()).unwrap();
        let found = |class: u32| {
            let members: Vec<usize> = (0..400).filter(|&i| fresh.1[i] == class).collect();
            let found = members.iter().filter(|&&i| predicted[i] == class).count();
            found as f64 / members.len() as f64
        };
        (0..3).map(found).sum::<f64>() / 3.0
    };
    let floor = balanced_accuracy("dummy");
    assert_eq!(floor, 1.0 / 3.0);
    for name in Pipeline::NAMES.iter().filter(|&&name| name != "dummy") {
        let reached = balanced_accuracy(name);
        assert!(reached > floor + 0.15, "{name}: {reached}");
    }
    assert_eq!(Pipeline::by_name("resnet18"), None);
}

#[test]
fn a_pipeline_scales_as_one_would_by_hand() {
    let (data, fresh) = (clouds(100, 4, 2, 3), clouds(50, 4, 2, 4));
    let pipeline = Pipeline::by_name("svm").unwrap();
    let whole = pipeline.fit(&samples(&data), 9).unwrap().probabilities(fresh.0.view()).unwrap();
    let scaler = Scaling::Standard.fit(data.0.view()).unwrap();
    let x = scaler.transform(data.0.view()).unwrap();
    let model = pipeline.method.fit(&Samples::new(x.view(), &data.1, 3).unwrap(), 9).unwrap();
    let new = scaler.transform(fresh.0.view()).unwrap();
    assert_eq!(model.probabilities(new.view()).unwrap(), whole);
}
