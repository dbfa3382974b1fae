//! Class weights for losses.

use crate::{Error, Result};

/// How the weight of a class follows from its share of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassWeighting {
    /// `n / (k * count)`: every class has the same total weight, and all of them `n`.
    Balanced,
    /// `median of the counts / count`: the class of median frequency has weight 1.
    MedianFrequency,
}

/// Weights that make up for unequal class counts, one for each of `n_classes`.
///
/// With `n` samples, of which `count` have the class, and `k` classes that occur: `n / (k * count)`
/// for [`ClassWeighting::Balanced`], `median(counts) / count` for
/// [`ClassWeighting::MedianFrequency`].
///
/// # Edge cases
/// An absent class has weight 0 and does not count in `k` or in the median; no labels: all 0.
///
/// # Errors
/// [`Error::Label`] when a label is not below `n_classes`.
///
/// # Source
/// scikit-learn's `compute_class_weight("balanced")`; Badrinarayanan et al., "SegNet" (2017),
/// section 3.2, after Eigen and Fergus (2015). There a frequency counts pixels only in images that
/// have the class; with one label an image this is the count, up to a factor common to all.
///
/// # Example
/// ```
/// use micrograph_sampling::{ClassWeighting, class_weights};
///
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
/// let balanced = class_weights(&labels, 3, ClassWeighting::Balanced)?;
/// assert_eq!(balanced, [10.0 / 18.0, 10.0 / 9.0, 10.0 / 3.0]);
/// let median = class_weights(&labels, 3, ClassWeighting::MedianFrequency)?;
/// assert_eq!(median, [0.5, 1.0, 3.0]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn class_weights(
    labels: &[u32],
    n_classes: usize,
    weighting: ClassWeighting,
) -> Result<Vec<f64>> {
    let mut counts = vec![0_usize; n_classes];
    for (sample, &label) in labels.iter().enumerate() {
        let count = usize::try_from(label).ok().and_then(|class| counts.get_mut(class));
        *count.ok_or(Error::Label { sample, label, n_classes })? += 1;
    }
    let mut present: Vec<usize> = counts.iter().copied().filter(|&count| count > 0).collect();
    present.sort_unstable();
    let weight = |&count: &usize| match (count, weighting) {
        (0, _) => 0.0,
        (_, ClassWeighting::Balanced) => labels.len() as f64 / (present.len() * count) as f64,
        (_, ClassWeighting::MedianFrequency) => median(&present) / count as f64,
    };
    Ok(counts.iter().map(weight).collect())
}

/// The median of ascending counts; 0 of none.
fn median(sorted: &[usize]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted {
        [] => 0.0,
        _ if sorted.len() % 2 == 1 => sorted[middle] as f64,
        _ => (sorted[middle - 1] + sorted[middle]) as f64 / 2.0,
    }
}
