//! The plain value that a comparison's page is rendered from.

use micrograph_metrics::Comparison;

use crate::{ClassBalance, FactGroup, PublishedModel};

/// Everything that the page of a comparison shows. Empty parts are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonReport {
    /// The heading of the page and of its window.
    pub title: String,
    /// The line below it.
    pub subtitle: String,
    /// What was measured.
    pub comparison: Comparison,
    /// What else is known of each classifier, in the order of `comparison.models`.
    pub models: Vec<ModelFacts>,
    /// What the times and the memory are of, below their table; or empty.
    pub cost_remark: String,
    /// What others have published of the same classes; also decides the order of the classes.
    pub published: Vec<PublishedModel>,
    /// What was run: data, folds, seed, command.
    pub facts: Vec<FactGroup>,
    /// The samples of each class, in the order of the labels.
    pub class_balance: Vec<ClassBalance>,
    /// Warnings.
    pub notes: Vec<String>,
}

impl ComparisonReport {
    /// A report of the comparison alone.
    #[must_use]
    pub fn new(title: &str, comparison: Comparison) -> Self {
        Self {
            title: title.to_owned(),
            subtitle: String::new(),
            comparison,
            models: Vec::new(),
            cost_remark: String::new(),
            published: Vec::new(),
            facts: Vec::new(),
            class_balance: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// What is known of a classifier besides its scores.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelFacts {
    /// What it looks at and how its training was balanced, such as `110 features, class weights`.
    pub description: String,
    /// Whether it learns from the samples, or is what all others must beat.
    pub role: Role,
    /// Wall-clock seconds of training, all folds together.
    pub train_seconds: Option<f64>,
    /// Wall-clock seconds of predicting every sample once.
    pub predict_seconds: Option<f64>,
    /// The most memory that was held during its training and prediction, in bytes.
    pub peak_bytes: Option<u64>,
}

/// The part that a classifier plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// It learns from the samples.
    #[default]
    Model,
    /// It does not look at the samples that it classifies: the floor of every table.
    Floor,
}
