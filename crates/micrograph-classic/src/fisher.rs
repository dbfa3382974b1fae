//! How well a feature alone tells classes apart.

use ndarray::{Array1, Array2, Axis};

use crate::samples::unit_of;
use crate::{Result, Samples};

/// The Fisher score of each feature: `sum over classes of (class mean - mean of all samples)^2 /
/// (k - 1)`, over the mean of the classes' variances, each `sum of squares / (n - 1)`.
///
/// Classes without samples do not count, and `k` is the number of the others.
///
/// # Edge cases
/// A class of one sample has variance 0. A feature that is constant in every class but differs
/// between them scores infinity (where wndchrm takes 1e-6 for the variance), one that is the same
/// everywhere 0.
///
/// # Errors
/// [`Error::OneClass`](crate::Error::OneClass).
///
/// # Source
/// The program wndchrm (Orlov et al. 2008; Shamir et al. 2008) in its later C++ and Python sources
/// (`SetFisherScores`, `FisherFeatureWeights`): the mean of all training samples. Its first
/// versions took the mean of the class means, which is another one for classes of unequal size.
///
/// # Example
/// ```
/// use micrograph_classic::{Samples, fisher_scores};
/// use ndarray::array;
///
/// // Means 1 and 5, of all 3; variances 2 and 2. The second feature has means 2 and 2.
/// let x = array![[0.0, 1.0], [2.0, 3.0], [4.0, 0.0], [6.0, 4.0]];
/// let scores = fisher_scores(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?)?;
/// assert_eq!(scores, [4.0, 0.0]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
pub fn fisher_scores(samples: &Samples<'_>) -> Result<Vec<f64>> {
    let classes = samples.at_least_two_classes()?;
    // Scores do not depend on units.
    let x = &samples.x() / &samples.x().map_axis(Axis(0), unit_of);
    let samples = &samples.with_x(x.view())?;
    let means = class_means(samples, &classes);
    let k = classes.len() as f64;
    let mut within = Array1::<f64>::zeros(samples.x().ncols());
    for (row, &class) in means.outer_iter().zip(&classes) {
        let members = members(samples, class);
        let freedom = members.len().max(2) as f64 - 1.0;
        for sample in members {
            let deviation = &samples.x().row(sample) - &row;
            within += &(&deviation * &deviation / (freedom * k));
        }
    }
    let middle = samples.x().map_axis(Axis(0), |feature| mean(feature.iter().copied()));
    let between = (&means - &middle).mapv(|d| d * d).sum_axis(Axis(0)) / (k - 1.0);
    let score =
        |(&between, &within): (&f64, &f64)| if between > 0.0 { between / within } else { 0.0 };
    Ok(between.iter().zip(&within).map(score).collect())
}

/// The features in falling order of their Fisher scores, of equals the first first.
///
/// Select on training samples alone: a selection that has seen the test part is a leak.
///
/// # Errors
/// [`Error::OneClass`](crate::Error::OneClass).
pub fn rank_by_fisher(samples: &Samples<'_>) -> Result<Vec<usize>> {
    let scores = fisher_scores(samples)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    Ok(order)
}

/// The rows of `class`.
pub(crate) fn members(samples: &Samples<'_>, class: u32) -> Vec<usize> {
    (0..samples.labels().len()).filter(|&sample| samples.labels()[sample] == class).collect()
}

/// The mean of each of `classes`, all of which have samples; a class a row.
pub(crate) fn class_means(samples: &Samples<'_>, classes: &[u32]) -> Array2<f64> {
    let x = samples.x();
    let mut means = Array2::zeros((classes.len(), x.ncols()));
    for (mut row, &class) in means.outer_iter_mut().zip(classes) {
        let members = members(samples, class);
        for (column, value) in row.iter_mut().enumerate() {
            *value = mean(members.iter().map(|&sample| x[[sample, column]]));
        }
    }
    means
}

/// The mean; of equal numbers that number, without the rounding of their sum.
fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let mut others = values.clone();
    let first = others.next();
    if let Some(first) = first.filter(|&first| others.all(|value| value == first)) {
        return first;
    }
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}
