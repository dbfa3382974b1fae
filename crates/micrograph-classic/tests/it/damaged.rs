//! A model whose file was damaged, or made up, is an error; it never panics or runs forever.

use micrograph_classic::{
    Classifier, Error, Fit, Method, Pca, Pipeline, PipelineModel, Reduction, Selection,
};
use ndarray::Array2;
use serde_json::{Value, json};

use crate::{clouds, samples};

/// Every value below `value`, by its path.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_string());
    match value {
        Value::Array(items) => {
            let places = items.iter().enumerate().take(4);
            places.for_each(|(i, item)| paths(item, &format!("{path}/{i}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| paths(item, &format!("{path}/{name}"), found));
        }
        _ => {}
    }
}

/// What could stand in place of a value.
fn damages(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => {
            let mut fewer = items.clone();
            fewer.pop();
            let mut more = items.clone();
            more.extend(items.first().cloned());
            vec![json!([]), json!(fewer), json!(more)]
        }
        Value::Number(_) => [0.0, -1.0, 3.0, 1e300]
            .map(|value| json!(value))
            .into_iter()
            .chain([json!(0), json!(1), json!(3), json!(70_000), json!(u32::MAX), json!(u64::MAX)])
            .collect(),
        _ => vec![Value::Null],
    }
}

/// Counts the damages that were found, of all; whatever passes predicts without a panic.
fn damage_everywhere(mut pipeline: Pipeline) -> (usize, usize) {
    let data = clouds(20, 3, 2, 0);
    if let Method::Forest(config) = &mut pipeline.method {
        config.trees = 2;
    }
    let whole = serde_json::to_value(pipeline.fit(&samples(&data), 0).unwrap()).unwrap();
    let mut found = Vec::new();
    paths(&whole, "", &mut found);
    let probe = Array2::from_shape_fn((3, 3), |(i, j)| (i as f64 - 1.0) * 1e150 + j as f64);
    let (mut refused, mut all) = (0, 0);
    for path in found {
        for damage in damages(whole.pointer(&path).unwrap()) {
            let mut text = whole.clone();
            *text.pointer_mut(&path).unwrap() = damage;
            all += 1;
            match serde_json::from_value::<PipelineModel>(text) {
                Err(_) => refused += 1,
                Ok(model) => {
                    let _ = model.predict(probe.view());
                    let _ = model.probabilities(probe.view());
                }
            }
        }
    }
    (refused, all)
}

#[test]
fn damaged_models_never_panic() {
    let reductions =
        [Reduction::Pca(Pca::Count(2)), Reduction::Select(Selection::Fisher { count: 2 })];
    for (place, name) in Pipeline::NAMES.into_iter().enumerate() {
        let mut pipeline = Pipeline::by_name(name).unwrap();
        pipeline.reduction = reductions.get(place % 3).cloned();
        let (refused, all) = damage_everywhere(pipeline);
        assert!(refused * 3 > all, "{name}: {refused} of {all} damages found");
    }
}

#[test]
fn errors_say_what_is_damaged() {
    let data = clouds(20, 3, 2, 0);
    let model = Pipeline::by_name("tree").unwrap().fit(&samples(&data), 0).unwrap();
    let mut value = serde_json::to_value(&model).unwrap();
    // A node that leads to itself would be walked forever.
    *value.pointer_mut("/model/tree/tree/nodes/1/left").unwrap() = json!(1);
    let error = serde_json::from_value::<PipelineModel>(value).unwrap_err();
    let expected = Error::Damaged { model: "tree", expected: "nodes that lead down to leaves" };
    assert_eq!(error.to_string(), expected.to_string());
    assert!(expected.to_string().ends_with("restore the file, or fit again"));
}
