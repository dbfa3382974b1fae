//! Linear discriminant analysis.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::fisher::{class_means, members};
use crate::samples::check_features;
use crate::symmetric::eigen;
use crate::{Classifier, Error, Fit, Result, Samples};

/// Directions of within-class deviation below this share of a feature's own are left out.
const RANK: f64 = 1e-4;

/// Linear discriminant analysis: normal classes with one covariance and the shares of fitting.
///
/// `log P(class | x) = log share - |W (x - mean)|^2 / 2 + constant`, where `W` makes the pooled
/// covariance within classes, `sum of squares / n`, the unit matrix. Directions in which no
/// class varies are left out.
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`], and [`Error::NoSpread`] when no feature
/// varies within a class.
///
/// # Source
/// Fisher 1936; scikit-learn's `LinearDiscriminantAnalysis(solver="svd")`.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Lda, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [2.0], [4.0], [6.0]];
/// let model = Lda.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.probabilities(array![[3.0]].view())?, array![[0.5, 0.5]]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lda;

/// A fitted [`Lda`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LdaModel {
    /// From features to directions of unit variance within classes, `(d, rank)`.
    whiten: Array2<f64>,
    /// The mean of each class present in these directions, a class a row.
    means: Array2<f64>,
    log_shares: Vec<f64>,
    classes: Vec<u32>,
    n_classes: usize,
}

impl Fit for Lda {
    type Model = LdaModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<LdaModel> {
        let classes = samples.at_least_two_classes()?;
        let n = samples.labels().len() as f64;
        let means = class_means(samples, &classes);
        let counts: Vec<f64> = classes.iter().map(|&c| members(samples, c).len() as f64).collect();
        let whiten = whitening(&within(samples, &classes, &means));
        if whiten.ncols() == 0 {
            return Err(Error::NoSpread);
        }
        Ok(LdaModel {
            means: means.dot(&whiten),
            whiten,
            log_shares: counts.iter().map(|count| (count / n).ln()).collect(),
            classes,
            n_classes: samples.n_classes(),
        })
    }
}

/// The samples, each less the mean of its class.
fn within(samples: &Samples<'_>, classes: &[u32], means: &Array2<f64>) -> Array2<f64> {
    let mut x = samples.x().to_owned();
    for (mean, &class) in means.outer_iter().zip(classes) {
        for sample in members(samples, class) {
            let mut row = x.row_mut(sample);
            row -= &mean;
        }
    }
    x
}

/// The map after which `deviations` have unit covariance.
fn whitening(deviations: &Array2<f64>) -> Array2<f64> {
    let n = deviations.nrows() as f64;
    let spread = deviations.mapv(|d| d * d).sum_axis(Axis(0)).mapv(|sum| (sum / n).sqrt());
    // On features of like size, so that the rank does not depend on units.
    let scale: Array1<f64> = spread.mapv(|s| if s > 0.0 { 1.0 / s } else { 0.0 });
    let scaled = deviations * &scale;
    let (values, vectors) = eigen(scaled.t().dot(&scaled) / n);
    let kept: Vec<usize> =
        (0..values.len()).filter(|&i| values[i].max(0.0).sqrt() > RANK).collect();
    let mut whiten = vectors.select(Axis(1), &kept);
    for (mut column, &i) in whiten.axis_iter_mut(Axis(1)).zip(&kept) {
        column *= &(&scale / values[i].sqrt());
    }
    whiten
}

impl Classifier for LdaModel {
    fn n_features(&self) -> usize {
        self.whiten.nrows()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        let mut probabilities = Array2::zeros((x.nrows(), self.n_classes));
        for (z, mut row) in x.dot(&self.whiten).outer_iter().zip(probabilities.outer_iter_mut()) {
            let score = |(mean, log_share): (ndarray::ArrayView1<'_, f64>, &f64)| {
                log_share - (&z - &mean).mapv(|d| d * d).sum() / 2.0
            };
            let scores: Vec<f64> =
                self.means.outer_iter().zip(&self.log_shares).map(score).collect();
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
            for (&class, score) in self.classes.iter().zip(scores) {
                row[class as usize] = (score - highest).exp() / sum;
            }
        }
        Ok(probabilities)
    }
}
