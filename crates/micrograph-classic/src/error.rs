//! Everything that can be wrong with samples and settings.

/// What nothing can be fitted to, or predicted from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to fit to.
    #[error(
        "expected at least one sample and one feature, got {samples} samples of {features} features; check the choice of part and of columns"
    )]
    Empty {
        /// Rows of the matrix.
        samples: usize,
        /// Columns of the matrix.
        features: usize,
    },
    /// Labels and rows differ in number.
    #[error("expected {samples} labels, one for each row of the matrix, got {labels}")]
    Labels {
        /// Rows of the matrix.
        samples: usize,
        /// Labels given.
        labels: usize,
    },
    /// A label names no class.
    #[error("label {label} of sample {sample}: expected below {n_classes}, the number of classes")]
    Label {
        /// The sample's row.
        sample: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A feature is NaN or infinite.
    #[error(
        "feature {feature} of sample {sample} is {value}: expected a finite number; replace it, or leave the sample or the feature out"
    )]
    NotFinite {
        /// The row.
        sample: usize,
        /// The column.
        feature: usize,
        /// What stands there.
        value: f64,
    },
    /// Too few classes have samples.
    #[error(
        "expected samples of at least two classes, got {present}; check the labels, or take the majority dummy"
    )]
    OneClass {
        /// How many classes have a sample.
        present: usize,
    },
    /// Within each class all samples are equal.
    #[error("expected a feature that varies within a class, got none; add samples, or take a tree")]
    NoSpread,
    /// The samples have other features than those that the model was fitted to.
    #[error(
        "expected {expected} features, as in fitting, got {got}; give the same columns in the same order"
    )]
    Features {
        /// Features in fitting.
        expected: usize,
        /// Features given.
        got: usize,
    },
    /// A search was told to stop.
    #[error("the search was stopped; begin it again for its result")]
    Stopped,
    /// A setting lies outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Setting {
        /// The field of the settings.
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Probabilities are asked of a model that was fitted without them.
    #[error(
        "this support vector machine was fitted without probabilities; set `probability` to `Probability::Platt` and fit again, or take the decision values"
    )]
    NoProbabilities,
    /// Kernel values leave the range of the 32-bit numbers that their rows are kept in.
    #[error(
        "kernel values reach {value:e}: expected between 1e-31 and 3e38 where features vary; scale the features"
    )]
    KernelRange {
        /// The greatest kernel value.
        value: f64,
    },
    /// A feature is too large for its square to be a number.
    #[error(
        "feature {feature} is too large to be squared: expected below 1e150; scale the features"
    )]
    TooLarge {
        /// The column.
        feature: usize,
    },
    /// A score is too large for a number.
    #[error(
        "the score of sample {sample} is not finite: expected features of the size of those in fitting; scale the features, or leave the sample out"
    )]
    Overflow {
        /// The sample's row.
        sample: usize,
    },
    /// A model that was read does not fit together.
    #[error("the saved {model} is damaged: expected {expected}; restore the file, or fit again")]
    Damaged {
        /// What was read.
        model: &'static str,
        /// What does not hold.
        expected: &'static str,
    },
    /// The optimizer ran out of iterations.
    #[error(
        "not converged after {iterations} iterations: {quantity} is {value:e}, expected at most {tolerance:e}; scale the features, or raise `tolerance` or `max_iterations`"
    )]
    NotConverged {
        /// Iterations done.
        iterations: usize,
        /// What must become small.
        quantity: &'static str,
        /// Its value at the end.
        value: f64,
        /// What it must not exceed.
        tolerance: f64,
    },
    /// Probabilities cannot be combined.
    #[error("ensemble: expected {expected}")]
    Ensemble {
        /// What does not hold.
        expected: &'static str,
    },
    /// Samples could not be divided into folds.
    #[error("folds: {0}")]
    Folds(#[from] micrograph_sampling::Error),
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
