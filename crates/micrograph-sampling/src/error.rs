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
    /// A setting of the synthetic micrographs is outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Setting {
        /// The field of [`LiposomeConfig`](crate::synthetic::LiposomeConfig).
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
