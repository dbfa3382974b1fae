//! The confusion matrix: truth by prediction, by label or by name.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::count::Count;
use crate::{Counts, Error, Result, check};

/// How often each class was taken for which: rows are the truth, columns the predictions.
///
/// Cells are sums of sample weights, so whole numbers where no weights are given. A label is an
/// index into [`classes`](Self::classes). It serializes as `{"classes": [..], "confusion": [[..]]}`.
///
/// ```
/// use micrograph_metrics::ConfusionMatrix;
///
/// let classes = ["empty", "full", "uncertain"].map(String::from).to_vec();
/// let truth = [0, 0, 1, 1, 1, 2];
/// let predicted = [0, 2, 1, 1, 0, 2];
/// let matrix = ConfusionMatrix::from_labels(classes, &truth, &predicted, None)?;
///
/// assert_eq!(matrix.get_named("empty", "uncertain"), Some(1.0));
/// assert_eq!(matrix.get_named("uncertain", "empty"), Some(0.0));
/// assert_eq!(matrix.counts_named("full").and_then(|full| full.tpr()), Some(2.0 / 3.0));
/// assert_eq!(matrix.accuracy(), Some(4.0 / 6.0));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Table", try_from = "Table")]
pub struct ConfusionMatrix {
    classes: Vec<String>,
    cells: Array2<f64>, // (truth, predicted)
}

impl ConfusionMatrix {
    /// An empty matrix over `classes`, in the order of their labels.
    ///
    /// # Errors
    /// [`Error::NoClasses`], [`Error::DuplicateClass`].
    pub fn new(classes: Vec<String>) -> Result<Self> {
        check::classes(&classes)?;
        let cells = Array2::zeros((classes.len(), classes.len()));
        Ok(Self { classes, cells })
    }

    /// The matrix of `predicted` labels against true ones, each sample counted with its weight
    /// (1 when none are given).
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::Length`], [`Error::Label`], [`Error::Weight`] and
    /// [`Error::WeightSum`] for input that does not fit. No samples are no error.
    pub fn from_labels(
        classes: Vec<String>,
        truth: &[u32],
        predicted: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        let mut matrix = Self::new(classes)?;
        check::length("predicted labels", truth.len(), predicted.len())?;
        check::labels("true", truth, matrix.n_classes())?;
        check::labels("predicted", predicted, matrix.n_classes())?;
        check::weights(weights, truth.len())?;
        for (index, (&truth, &predicted)) in truth.iter().zip(predicted).enumerate() {
            matrix.cells[(truth as usize, predicted as usize)] += check::weight_of(weights, index);
        }
        Ok(matrix)
    }

    /// A matrix from its rows, one a true class, such as a published table.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::NotSquare`] when there is not one row and one column a
    /// class, [`Error::Count`] for a negative, infinite or NaN cell.
    pub fn from_rows(classes: Vec<String>, rows: &[Vec<f64>]) -> Result<Self> {
        let mut matrix = Self::new(classes)?;
        let expected = matrix.n_classes();
        if rows.len() != expected || rows.iter().any(|row| row.len() != expected) {
            let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
            return Err(Error::NotSquare { expected, rows: rows.len(), columns });
        }
        for ((truth, predicted), cell) in matrix.cells.indexed_iter_mut() {
            let value = rows[truth][predicted];
            if !check::is_amount(value) {
                return Err(Error::Count { truth, predicted, value });
            }
            *cell = value;
        }
        Ok(matrix)
    }

    /// Counts one more sample, with a weight (usually 1).
    ///
    /// # Errors
    /// [`Error::Label`] for a label without a class, [`Error::Weight`] for a negative, infinite or
    /// NaN weight (both name it sample 0); the matrix is then as it was.
    pub fn add(&mut self, truth: u32, predicted: u32, weight: f64) -> Result<()> {
        check::labels("true", &[truth], self.n_classes())?;
        check::labels("predicted", &[predicted], self.n_classes())?;
        if !check::is_amount(weight) {
            return Err(Error::Weight { index: 0, value: weight });
        }
        self.cells[(truth as usize, predicted as usize)] += weight;
        Ok(())
    }

    /// Adds all counts of another matrix, as when the parts of a cross-validation are pooled.
    ///
    /// # Errors
    /// [`Error::ClassesDiffer`] unless both have the same classes in the same order.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.classes != other.classes {
            return Err(Error::ClassesDiffer {
                expected: self.classes.clone(),
                got: other.classes.clone(),
            });
        }
        self.cells += &other.cells;
        Ok(())
    }

    /// The names of the classes, in the order of their labels.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The number of classes `k`.
    pub fn n_classes(&self) -> usize {
        self.classes.len()
    }

    /// All cells, `(k, k)`, truth by prediction.
    pub fn cells(&self) -> ArrayView2<'_, f64> {
        self.cells.view()
    }

    /// The weight of the samples of class `truth` that were taken for class `predicted`; `None`
    /// for a label without a class.
    pub fn get(&self, truth: u32, predicted: u32) -> Option<f64> {
        self.cells.get((truth as usize, predicted as usize)).copied()
    }

    /// As [`get`](Self::get), by name; `None` for a name that is not a class's.
    pub fn get_named(&self, truth: &str, predicted: &str) -> Option<f64> {
        self.get(self.label(truth)?, self.label(predicted)?)
    }

    /// The label of the class of that name.
    pub fn label(&self, name: &str) -> Option<u32> {
        (0..).zip(&self.classes).find_map(|(label, class)| (class == name).then_some(label))
    }

    /// The weight of all samples.
    pub fn total(&self) -> f64 {
        self.cells.sum()
    }

    /// The table of confusion of a class against all others; `None` for a label without a class.
    pub fn counts(&self, class: u32) -> Option<Counts> {
        let hits = self.get(class, class)?;
        let truth = self.cells.row(class as usize).sum();
        let predicted = self.cells.column(class as usize).sum();
        Some(Counts::from_margins(hits, truth, predicted, self.total()))
    }

    /// As [`counts`](Self::counts), by name; `None` for a name that is not a class's.
    pub fn counts_named(&self, name: &str) -> Option<Counts> {
        self.counts(self.label(name)?)
    }

    /// Each class's name and table of confusion, in the order of the labels.
    pub fn per_class(&self) -> impl ExactSizeIterator<Item = (&str, Counts)> {
        let total = self.total();
        self.classes.iter().enumerate().map(move |(class, name)| {
            let truth = self.cells.row(class).sum();
            let predicted = self.cells.column(class).sum();
            let hits = self.cells[(class, class)];
            (name.as_str(), Counts::from_margins(hits, truth, predicted, total))
        })
    }

    /// Each row divided by its sum, so that the diagonal shows the TPR; `None` for a class of
    /// which there is no sample.
    ///
    /// ```
    /// use micrograph_metrics::ConfusionMatrix;
    ///
    /// let classes = ["a", "b"].map(String::from).to_vec();
    /// let matrix = ConfusionMatrix::from_rows(classes, &[vec![3.0, 1.0], vec![0.0, 0.0]])?;
    /// assert_eq!(matrix.normalized(), [Some(vec![0.75, 0.25]), None]);
    /// # Ok::<(), micrograph_metrics::Error>(())
    /// ```
    pub fn normalized(&self) -> Vec<Option<Vec<f64>>> {
        self.cells
            .rows()
            .into_iter()
            .map(|row| {
                let sum = row.sum();
                (sum > 0.0).then(|| row.iter().map(|cell| cell / sum).collect())
            })
            .collect()
    }
}

/// The serialized form.
#[derive(Serialize, Deserialize)]
struct Table {
    classes: Vec<String>,
    confusion: Vec<Vec<Count>>,
}

impl From<ConfusionMatrix> for Table {
    fn from(matrix: ConfusionMatrix) -> Self {
        let rows = matrix.cells.rows();
        let confusion =
            rows.into_iter().map(|row| row.iter().copied().map(Count).collect()).collect();
        Self { classes: matrix.classes, confusion }
    }
}

impl TryFrom<Table> for ConfusionMatrix {
    type Error = Error;

    fn try_from(table: Table) -> Result<Self> {
        let rows = table.confusion.into_iter();
        let rows: Vec<Vec<f64>> =
            rows.map(|row| row.into_iter().map(|Count(count)| count).collect()).collect();
        Self::from_rows(table.classes, &rows)
    }
}
