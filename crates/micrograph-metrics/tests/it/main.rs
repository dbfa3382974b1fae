//! The behaviour of micrograph-metrics through its public interface.

mod classification;
mod comparison;
mod curves;
mod errors;
mod folds;
mod intervals;
mod json;
mod laws;
mod published;
mod rare_classes;
mod segmentation;

/// Class names "0", "1", ...
fn names(n_classes: usize) -> Vec<String> {
    (0..n_classes).map(|class| class.to_string()).collect()
}

/// Asserts that both are undefined, or both defined and within 1e-9.
#[track_caller]
fn assert_score(what: &str, got: Option<f64>, expected: Option<f64>) {
    let agree = match (got, expected) {
        (Some(got), Some(expected)) => (got - expected).abs() <= 1e-9,
        (None, None) => true,
        _ => false,
    };
    assert!(agree, "{what}: got {got:?}, expected {expected:?}");
}

#[test]
fn values_can_be_sent_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<micrograph_metrics::ConfusionMatrix>();
    check::<micrograph_metrics::Evaluation>();
    check::<micrograph_metrics::Intervals>();
    check::<micrograph_metrics::Comparison>();
    check::<micrograph_metrics::Error>();
}
