//! Everything that can be wrong with what is asked of this crate.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Cross-validation needs at least two folds.
    #[error("{folds} folds: expected at least 2; for one split take a hold-out")]
    TooFewFolds {
        /// The number of folds that was asked for.
        folds: usize,
    },
    /// There are fewer samples than parts to deal them into.
    #[error(
        "{samples} samples for {parts} parts: expected at least as many samples; lower the number of folds or add samples"
    )]
    TooFewSamples {
        /// The samples there are.
        samples: usize,
        /// The parts there are to be: folds, or the two of a hold-out.
        parts: usize,
    },
    /// There are fewer groups than parts, and a group is never divided.
    #[error(
        "{groups} groups for {parts} parts: expected at least as many groups; lower the number of folds or add groups"
    )]
    TooFewGroups {
        /// The distinct groups there are.
        groups: usize,
        /// The parts there are to be: folds, or the two of a hold-out.
        parts: usize,
    },
    /// Labels and groups describe different numbers of samples.
    #[error("{labels} labels and {groups} groups: expected one group for each label")]
    Lengths {
        /// The number of labels.
        labels: usize,
        /// The number of groups.
        groups: usize,
    },
    /// A fraction lies outside its range.
    #[error("{name} = {value}: expected {expected}")]
    Fraction {
        /// Which fraction.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The range.
        expected: &'static str,
    },
    /// A label names no class.
    #[error("label {label} of sample {sample}: expected below {n_classes}, the number of classes")]
    Label {
        /// The sample's index.
        sample: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A cost matrix has another shape than classes by classes.
    #[error(
        "row {row} of the cost matrix has {columns} columns: expected {n_classes}, one for each class"
    )]
    CostShape {
        /// The row, a true class.
        row: usize,
        /// How many columns it has.
        columns: usize,
        /// How many rows the matrix has.
        n_classes: usize,
    },
    /// A cost is no cost.
    #[error(
        "cost of predicting class {predicted} for class {truth} is {cost}: expected {expected}"
    )]
    Cost {
        /// The row.
        truth: usize,
        /// The column.
        predicted: usize,
        /// The value there.
        cost: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// The parts of a class ratio cannot be divided by.
    #[error("class ratio {ratio:?}: expected {n_classes} finite parts of at least 0, not all 0")]
    Ratio {
        /// The ratio that was given.
        ratio: Vec<f64>,
        /// The number of classes of the problem.
        n_classes: usize,
    },
    /// A class index is not one of the problem's.
    #[error("class {class} of the {problem} problem: expected below {n_classes}")]
    Class {
        /// The index that was given.
        class: u32,
        /// The problem.
        problem: crate::synthetic::Problem,
        /// How many classes it has.
        n_classes: usize,
    },
    /// A name is not one of those known.
    #[error("unknown problem `{name}`: expected lamellarity or encapsulation")]
    UnknownProblem {
        /// The name that was given.
        name: String,
    },
    /// A setting of a resampler or of the synthetic micrographs is outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Setting {
        /// The field of the settings, such as [`LiposomeConfig`](crate::synthetic::LiposomeConfig).
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// There is nothing to resample.
    #[error(
        "expected at least one sample and one feature, got {samples} samples of {features} features; check the choice of part and of columns"
    )]
    NoSamples {
        /// Rows of the matrix.
        samples: usize,
        /// Columns of the matrix.
        features: usize,
    },
    /// Labels and rows differ in number.
    #[error("expected {samples} labels, one for each row of the matrix, got {labels}")]
    LabelCount {
        /// Rows of the matrix.
        samples: usize,
        /// Labels given.
        labels: usize,
    },
    /// A feature is NaN, infinite, or so large that no distance can be computed.
    #[error(
        "feature {feature} of sample {sample} is {value}: expected a number of magnitude up to 1e150; replace it, or leave the sample or the feature out"
    )]
    Feature {
        /// The row.
        sample: usize,
        /// The column.
        feature: usize,
        /// What stands there.
        value: f64,
    },
    /// A class cannot have as many samples as asked for.
    #[error("{asked} samples of class {label}, which has {count}: expected {expected}")]
    Target {
        /// The class.
        label: u32,
        /// Its samples.
        count: usize,
        /// How many were asked for.
        asked: usize,
        /// What can be asked for.
        expected: &'static str,
    },
    /// A row that is referred to does not exist.
    #[error("row {row} of a matrix of {rows} rows: expected an index below that, in its order")]
    Row {
        /// The index.
        row: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A sample of the training part stands there twice, or also in the test part.
    #[error(
        "sample {row} stands in the training part and in it or the test part once more: expected each sample in one part; divide the samples again"
    )]
    Repeated {
        /// The sample.
        row: usize,
    },
    /// SVM-SMOTE was asked for without a support vector machine.
    #[error(
        "SVM-SMOTE needs the support vectors of a machine: give one by `Labeled::with_support_vectors`, or take another resampler"
    )]
    NoMachine,
    /// The support vector machine of SVM-SMOTE could not be fitted.
    #[error("support vectors for SVM-SMOTE: {reason}")]
    Machine {
        /// What the machine says.
        reason: String,
    },
    /// The resampled features do not fit into memory.
    #[error(
        "{samples} samples of {features} features do not fit into memory: expected fewer; lower the target or the number of features"
    )]
    TooLarge {
        /// Rows to make.
        samples: usize,
        /// Columns of each.
        features: usize,
    },
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
