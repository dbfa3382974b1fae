//! Means over classes, with a policy for the classes that have no score.

use serde::{Deserialize, Serialize};

use crate::{ConfusionMatrix, Counts};

/// What becomes of a class whose score is undefined when a mean over classes is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyClass {
    /// It stays undefined and is left out of the mean (scikit-learn's `zero_division=nan`).
    Undefined,
    /// It counts as 0 (scikit-learn's `zero_division=0`).
    Zero,
}

/// A mean, and how many of its terms were undefined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Average {
    /// The mean; `None` when no term is left.
    pub mean: Option<f64>,
    /// The number of terms that were undefined, whether left out or counted as 0.
    pub n_undefined: usize,
}

/// The unweighted mean of a score over the classes.
///
/// `score` is a method of [`Counts`], or any other function of them.
///
/// ```
/// use micrograph_metrics::{ConfusionMatrix, Counts, EmptyClass, macro_average};
///
/// // The third class occurs once and is never predicted.
/// let classes = ["a", "b", "c"].map(String::from).to_vec();
/// let matrix = ConfusionMatrix::from_labels(classes, &[0, 0, 1, 2], &[0, 0, 1, 1], None)?;
/// let left_out = macro_average(&matrix, Counts::ppv, EmptyClass::Undefined);
/// let zero = macro_average(&matrix, Counts::ppv, EmptyClass::Zero);
/// assert_eq!((left_out.mean, left_out.n_undefined), (Some(0.75), 1)); // (1 + 1/2) / 2
/// assert_eq!((zero.mean, zero.n_undefined), (Some(0.5), 1)); // (1 + 1/2 + 0) / 3
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn macro_average(
    matrix: &ConfusionMatrix,
    score: impl Fn(&Counts) -> Option<f64>,
    policy: EmptyClass,
) -> Average {
    average(matrix.per_class().map(|(_, counts)| score(&counts)), policy)
}

/// The mean of scores under a policy.
pub(crate) fn average(
    scores: impl IntoIterator<Item = Option<f64>>,
    policy: EmptyClass,
) -> Average {
    let (mut sum, mut n_defined, mut n_undefined) = (0.0, 0_usize, 0_usize);
    for score in scores {
        match score {
            Some(score) => {
                sum += score;
                n_defined += 1;
            }
            None => n_undefined += 1,
        }
    }
    let n_terms = match policy {
        EmptyClass::Undefined => n_defined,
        EmptyClass::Zero => n_defined + n_undefined,
    };
    Average { mean: (n_terms > 0).then(|| sum / n_terms as f64), n_undefined }
}
