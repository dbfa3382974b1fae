//! The JSON form of an evaluation, on which other programs build.

use micrograph_metrics::{
    BootstrapConfig, ConfusionMatrix, Evaluation, FoldMatrices, Scored, evaluate, intervals,
};
use ndarray::array;
use serde_json::{Value, json};

fn evaluation(weights: Option<&[f64]>) -> Evaluation {
    let classes = ["empty", "full"].map(String::from);
    let probabilities = array![[0.75, 0.25], [0.25, 0.75], [0.25, 0.75]];
    let truth = [0, 0, 0];
    evaluate(&Scored { weights, ..Scored::new(&classes, &truth, probabilities.view()) }).unwrap()
}

#[test]
fn keys_are_those_of_schema_1_and_undefined_is_null() {
    let json = serde_json::to_string(&evaluation(None)).unwrap();
    let mut value: Value = serde_json::from_str(&json).unwrap();
    let third = 1.0 / 3.0;
    for score in ["log_loss", "brier"] {
        assert!(value[score].take().as_f64().is_some_and(|score| score > 0.0));
    }
    let expected = json!({
        "schema": 1,
        "classes": ["empty", "full"],
        "confusion": [[1, 2], [0, 0]],
        "accuracy": third,
        "balanced_accuracy": third,
        "auroc": null,
        "auprc": null,
        "log_loss": null,
        "brier": null,
        "mcc": null,
        "kappa": 0.0,
        "macro_f1": 0.25,
        "per_class": [
            {
                "name": "empty", "support": 3, "tpr": third, "tnr": null, "ppv": 1.0, "npv": 0.0,
                "f1": 0.5, "f1_tpr_tnr": null, "auroc": null,
            },
            {
                "name": "full", "support": 0, "tpr": null, "tnr": third, "ppv": 0.0, "npv": 1.0,
                "f1": 0.0, "f1_tpr_tnr": null, "auroc": null,
            },
        ],
    });
    assert_eq!(value, expected);
}

#[test]
fn an_evaluation_comes_back_as_it_was() {
    for weights in [None, Some(&[0.5, 2.0, 0.25][..])] {
        let evaluation = evaluation(weights);
        let json = serde_json::to_string(&evaluation).unwrap();
        let mut back: Evaluation = serde_json::from_str(&json).unwrap();
        // serde_json reads some numbers one unit in the last place off.
        assert!((back.log_loss - evaluation.log_loss).abs() < 1e-15);
        assert!((back.accuracy - evaluation.accuracy).abs() < 1e-15);
        assert_eq!(back.confusion, evaluation.confusion);
        assert_eq!(back.per_class.len(), 2);
        back.schema = 2;
        let json = serde_json::to_string(&back).unwrap();
        let error = serde_json::from_str::<Evaluation>(&json).unwrap_err().to_string();
        assert!(error.contains("expected an evaluation of schema 1, got schema 2"), "{error}");
    }
}

#[test]
fn a_damaged_matrix_is_refused_when_read() {
    let read = |json| serde_json::from_value::<ConfusionMatrix>(json).map_err(|e| e.to_string());
    assert!(read(json!({"classes": ["a", "b"], "confusion": [[1, 0], [0.5, 2]]})).is_ok());
    let error = read(json!({"classes": ["a", "b"], "confusion": [[1, 0]]})).unwrap_err();
    assert!(error.contains("expected 2 rows of 2 counts"), "{error}");
    let error = read(json!({"classes": ["a", "a"], "confusion": [[1, 0], [0, 2]]})).unwrap_err();
    assert!(error.contains("distinct class names"), "{error}");
}

#[test]
fn folds_and_intervals_come_back_as_they_were() {
    let matrix = evaluation(None).confusion;
    let folds = FoldMatrices::new(vec![matrix.clone(), matrix]).unwrap();
    let json = serde_json::to_string(&folds).unwrap();
    assert_eq!(serde_json::from_str::<FoldMatrices>(&json).unwrap(), folds);
    assert!(serde_json::from_str::<FoldMatrices>("[]").is_err());

    let classes = ["a", "b"].map(String::from);
    let probabilities = array![[0.75, 0.25], [0.25, 0.75]];
    let scored = Scored::new(&classes, &[0, 1], probabilities.view());
    let intervals = intervals(&scored, BootstrapConfig::new(3)).unwrap();
    let json = serde_json::to_string(&intervals).unwrap();
    assert_eq!(serde_json::from_str::<micrograph_metrics::Intervals>(&json).unwrap(), intervals);
    let config: BootstrapConfig = serde_json::from_str(r#"{"seed": 9}"#).unwrap();
    assert_eq!(config, BootstrapConfig { resamples: 1000, level: 0.95, seed: 9 });
}
