//! Confusion matrices of the folds of a cross-validation, averaged.

use serde::{Deserialize, Serialize};

use crate::{ConfusionMatrix, Counts, Error, Result};

/// The confusion matrices of several folds, and their means as the LipNet thesis prints them:
/// row-normalized (Tables 6 to 8) and in samples a fold (Tables 9 and 10).
///
/// It serializes as the list of its matrices.
///
/// ```
/// use micrograph_metrics::{ConfusionMatrix, FoldMatrices};
///
/// let classes = ["a", "b"].map(String::from).to_vec();
/// let first = ConfusionMatrix::from_rows(classes.clone(), &[vec![3.0, 1.0], vec![0.0, 2.0]])?;
/// let second = ConfusionMatrix::from_rows(classes, &[vec![2.0, 2.0], vec![0.0, 0.0]])?;
/// let folds = FoldMatrices::new(vec![first, second])?;
///
/// assert_eq!(folds.mean_counts(), [[2.5, 1.5], [0.0, 1.0]]);
/// let normalized = folds.mean_normalized();
/// assert_eq!(normalized[0].shares.as_deref(), Some(&[0.625, 0.375][..]));
/// // The second fold has no sample of class "b": its row is left out of the mean.
/// assert_eq!(normalized[1].shares.as_deref(), Some(&[0.0, 1.0][..]));
/// assert_eq!(normalized[1].n_undefined, 1);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<ConfusionMatrix>", try_from = "Vec<ConfusionMatrix>")]
pub struct FoldMatrices {
    folds: Vec<ConfusionMatrix>,
    pooled: ConfusionMatrix,
}

/// One row of a row-normalized matrix, averaged over folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanRow {
    /// The mean share of each predicted class; `None` when no fold has a sample of the true one.
    pub shares: Option<Vec<f64>>,
    /// The number of folds without a sample of the true class, left out of the mean.
    pub n_undefined: usize,
}

impl FoldMatrices {
    /// Takes the matrices of the folds.
    ///
    /// # Errors
    /// [`Error::NoFolds`] for none, [`Error::ClassesDiffer`] unless all have the same classes in
    /// the same order.
    pub fn new(folds: Vec<ConfusionMatrix>) -> Result<Self> {
        let (first, rest) = folds.split_first().ok_or(Error::NoFolds)?;
        let mut pooled = first.clone();
        for fold in rest {
            pooled.merge(fold)?;
        }
        Ok(Self { folds, pooled })
    }

    /// The matrix of each fold.
    pub fn folds(&self) -> &[ConfusionMatrix] {
        &self.folds
    }

    /// The sum of all folds: every sample once, as it was predicted when kept out.
    pub fn pooled(&self) -> &ConfusionMatrix {
        &self.pooled
    }

    /// The names of the classes, in the order of their labels.
    pub fn classes(&self) -> &[String] {
        self.pooled.classes()
    }

    /// The mean count of each cell, truth by prediction, in samples a fold.
    pub fn mean_counts(&self) -> Vec<Vec<f64>> {
        let n_folds = self.folds.len() as f64;
        let rows = self.pooled.cells();
        rows.rows().into_iter().map(|row| row.iter().map(|cell| cell / n_folds).collect()).collect()
    }

    /// The mean over the folds of a score of each class against all others (LipNet thesis,
    /// Figures 17 to 21); a fold in which it is undefined is left out, `None` where all are.
    ///
    /// ```
    /// use micrograph_metrics::{ConfusionMatrix, Counts, FoldMatrices};
    ///
    /// let classes = ["a", "b"].map(String::from).to_vec();
    /// let first = ConfusionMatrix::from_rows(classes.clone(), &[vec![3.0, 1.0], vec![0.0, 2.0]])?;
    /// let second = ConfusionMatrix::from_rows(classes, &[vec![2.0, 2.0], vec![0.0, 0.0]])?;
    /// let folds = FoldMatrices::new(vec![first, second])?;
    /// // TPR of a: 3/4 and 2/4; of b: 2/2, and undefined.
    /// assert_eq!(folds.mean_score(Counts::tpr), [Some(0.625), Some(1.0)]);
    /// # Ok::<(), micrograph_metrics::Error>(())
    /// ```
    pub fn mean_score(&self, score: fn(&Counts) -> Option<f64>) -> Vec<Option<f64>> {
        let of_class = |class: usize| {
            let counts = self.folds.iter().filter_map(|fold| fold.counts(class as u32));
            let defined: Vec<f64> = counts.filter_map(|counts| score(&counts)).collect();
            let n_defined = defined.len() as f64;
            (!defined.is_empty()).then(|| defined.into_iter().sum::<f64>() / n_defined)
        };
        (0..self.classes().len()).map(of_class).collect()
    }

    /// The mean of the folds' row-normalized matrices, one row a true class.
    ///
    /// A fold without a sample of a class has no such row; it is left out of that row's mean, and
    /// counted.
    pub fn mean_normalized(&self) -> Vec<MeanRow> {
        let mut sums = vec![vec![0.0; self.classes().len()]; self.classes().len()];
        let mut n_defined = vec![0_usize; self.classes().len()];
        for fold in &self.folds {
            for (class, row) in fold.normalized().into_iter().enumerate() {
                let Some(row) = row else { continue };
                n_defined[class] += 1;
                sums[class].iter_mut().zip(row).for_each(|(sum, share)| *sum += share);
            }
        }
        sums.into_iter()
            .zip(n_defined)
            .map(|(sums, n)| MeanRow {
                shares: (n > 0).then(|| sums.iter().map(|sum| sum / n as f64).collect()),
                n_undefined: self.folds.len() - n,
            })
            .collect()
    }
}

impl From<FoldMatrices> for Vec<ConfusionMatrix> {
    fn from(matrices: FoldMatrices) -> Self {
        matrices.folds
    }
}

impl TryFrom<Vec<ConfusionMatrix>> for FoldMatrices {
    type Error = Error;

    fn try_from(folds: Vec<ConfusionMatrix>) -> Result<Self> {
        Self::new(folds)
    }
}
