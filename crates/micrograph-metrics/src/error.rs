//! Everything that can be wrong with the input.

/// What a metric cannot be computed from.
///
/// A score that is merely undefined (0/0) is no error: it is `None`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The list of classes is empty.
    #[error("expected at least one class, got none; name the classes in the order of their labels")]
    NoClasses,
    /// Two classes have one name, so that a name does not tell which is meant.
    #[error("expected distinct class names, got {name:?} more than once; rename one of them")]
    DuplicateClass {
        /// The name that occurs again.
        name: String,
    },
    /// Two matrices are not over the same classes in the same order.
    #[error("expected the classes {expected:?}, got {got:?}; map them by name first")]
    ClassesDiffer {
        /// The classes of the first matrix.
        expected: Vec<String>,
        /// The classes of the other.
        got: Vec<String>,
    },
    /// The matrix does not have one row and one column a class.
    #[error(
        "expected {expected} rows of {expected} counts, got {rows} rows, the longest of {columns}"
    )]
    NotSquare {
        /// The number of classes.
        expected: usize,
        /// The number of rows given.
        rows: usize,
        /// The length of the longest row given.
        columns: usize,
    },
    /// A count is negative, infinite or NaN.
    #[error(
        "expected finite counts of at least 0, got {value} at truth {truth}, prediction {predicted}"
    )]
    Count {
        /// The row.
        truth: usize,
        /// The column.
        predicted: usize,
        /// The number found there.
        value: f64,
    },
    /// There is nothing to compute from.
    #[error("expected at least one sample, got none; check the choice of part and the filters")]
    NoSamples,
    /// Two inputs that belong together differ in length.
    #[error("expected {expected} {what}, one a sample, got {got}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// The number of samples.
        expected: usize,
        /// The length given.
        got: usize,
    },
    /// The probabilities do not have one column a class.
    #[error("expected {expected} columns of probabilities, one a class, got {got}")]
    Columns {
        /// The number of classes.
        expected: usize,
        /// The number of columns given.
        got: usize,
    },
    /// A label is not the index of a class.
    #[error(
        "expected {what} labels below {n_classes}, the number of classes, got {label} at sample {index}"
    )]
    Label {
        /// `"true"` or `"predicted"`.
        what: &'static str,
        /// The sample.
        index: usize,
        /// The label found there.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A probability is negative, infinite or NaN.
    #[error(
        "expected finite probabilities of at least 0, got {value} at sample {row}, class {column}; were they logits?"
    )]
    Probability {
        /// The sample.
        row: usize,
        /// The class.
        column: usize,
        /// The number found there.
        value: f64,
    },
    /// The probabilities of a sample do not sum to 1.
    #[error(
        "expected probabilities that sum to 1 in each row, got a sum of {sum} at sample {row}; apply a softmax or divide by the sum"
    )]
    RowSum {
        /// The sample.
        row: usize,
        /// The sum found there.
        sum: f64,
    },
    /// A score is infinite or NaN, so that it has no rank.
    #[error("expected finite scores, got {value} at sample {index}")]
    Score {
        /// The sample.
        index: usize,
        /// The number found there.
        value: f64,
    },
    /// A weight is negative, infinite or NaN.
    #[error("expected finite weights of at least 0, got {value} at sample {index}")]
    Weight {
        /// The sample.
        index: usize,
        /// The number found there.
        value: f64,
    },
    /// All weights are 0 (or their sum is infinite).
    #[error(
        "expected weights with a positive, finite sum, got {sum}; leave them out to count each sample once"
    )]
    WeightSum {
        /// The sum found.
        sum: f64,
    },
    /// A curve needs samples that are not there.
    #[error(
        "expected samples of both outcomes for a {curve} curve, got a weight of {positive} positive and {negative} negative"
    )]
    OneOutcome {
        /// `"ROC"` or `"precision-recall"` (the latter needs only positives).
        curve: &'static str,
        /// The weight of the positive samples.
        positive: f64,
        /// The weight of the negative samples.
        negative: f64,
    },
    /// There are no folds to average over.
    #[error("expected the matrix of at least one fold, got none")]
    NoFolds,
    /// The confidence level is not between 0 and 1.
    #[error("expected a confidence level between 0 and 1 (0.95 is usual), got {level}")]
    Level {
        /// The level given.
        level: f64,
    },
    /// Too few folds to see how a difference scatters.
    #[error("expected the differences of at least 2 folds, got {got}; use more folds")]
    FewFolds {
        /// The number of differences given.
        got: usize,
    },
    /// The ratio of test to training samples is negative, infinite or NaN.
    #[error(
        "expected a ratio of test to training samples of at least 0 (1 / (k - 1) for k folds), got {value}"
    )]
    TestToTrain {
        /// The number given.
        value: f64,
    },
    /// A p value is not a probability.
    #[error("expected p values between 0 and 1, got {value} at test {index}")]
    PValue {
        /// The position of the test.
        index: usize,
        /// The number found there.
        value: f64,
    },
    /// Classifiers that are compared were not measured on the same samples.
    #[error(
        "expected the same {what} for all classifiers, got others at position {index}; measure them on the same samples in the same order"
    )]
    NotPaired {
        /// What differs: `"classes"`, `"true labels"`, `"weights"` or `"groups"`.
        what: &'static str,
        /// The first classifier that differs from that at position 0.
        index: usize,
    },
    /// There is no classifier to measure.
    #[error("expected at least one classifier, got none")]
    NoModels,
    /// Two classifiers have one name, so that a result does not tell whose it is.
    #[error("expected distinct names of classifiers, got {name:?} more than once; rename one")]
    DuplicateModel {
        /// The name that occurs again.
        name: String,
    },
    /// A prediction does not lie on its truth.
    #[error(
        "expected a prediction of {} x {} pixels, as the truth has, got {} x {}; resize or crop it to the truth",
        expected.0, expected.1, got.0, got.1
    )]
    MaskShape {
        /// Height and width of the truth.
        expected: (usize, usize),
        /// Height and width of the prediction.
        got: (usize, usize),
    },
    /// A threshold of intersection over union is not in its range.
    #[error(
        "expected an intersection over union above 0 and at most 1 (0.5 is usual), got {value}"
    )]
    IouThreshold {
        /// The threshold given.
        value: f64,
    },
    /// A distance or a tolerance is negative or NaN.
    #[error("expected distances of at least 0, got {value} at position {index}")]
    Distance {
        /// The position in its list.
        index: usize,
        /// The number found there.
        value: f64,
    },
    /// A percentile is not in its range.
    #[error("expected a percentile from 0 to 100 (95 is usual), got {value}")]
    Percentile {
        /// The number given.
        value: f64,
    },
    /// No resamples were asked for.
    #[error("expected at least one bootstrap resample (1000 is usual), got none")]
    NoResamples,
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
