//! Linear discriminant analysis.

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::covariance::Covariance;
use crate::fisher::{class_means, members};
use crate::linear::{LinearModel, Parts};
use crate::saved::NoSettings;
use crate::{Error, Fit, Result, Samples};

/// Directions of within-class deviation below this share of a feature's own are left out.
const RANK: f64 = 1e-4;

/// Linear discriminant analysis: normal classes with one covariance and the shares of fitting.
///
/// `log P(class | x) = log share - (x - mean)' C^-1 (x - mean) / 2 + constant`, where `C` is the
/// pooled covariance within classes, `sum of squares / n`. Directions in which no class varies are
/// left out. The time grows with the cube of the features, or of the samples where they are fewer.
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`], and [`Error::NoSpread`] when no feature
/// varies within a class, and [`Error::TooLarge`].
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
#[serde(from = "NoSettings", into = "NoSettings")]
pub struct Lda;

impl From<NoSettings> for Lda {
    fn from(NoSettings {}: NoSettings) -> Self {
        Self
    }
}

impl From<Lda> for NoSettings {
    fn from(Lda: Lda) -> Self {
        Self {}
    }
}

impl Fit for Lda {
    type Model = LinearModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<LinearModel> {
        let classes = samples.at_least_two_classes()?;
        let n = samples.labels().len() as f64;
        let means = class_means(samples, &classes);
        let counts: Vec<f64> = classes.iter().map(|&c| members(samples, c).len() as f64).collect();
        let mut x = within(samples, &classes, &means);
        let spread = spread(&x)?;
        // On features of like size, so that the rank does not depend on units.
        let scale: Array1<f64> = spread.mapv(|s| if s > 0.0 { 1.0 / s } else { 0.0 });
        x *= &scale;
        let covariance = Covariance::new(&x);
        let rank = covariance.values().iter().filter(|value| value.max(0.0).sqrt() > RANK).count();
        if rank == 0 {
            return Err(Error::NoSpread);
        }
        let center = means.mean_axis(Axis(0)).unwrap_or_default();
        let apart = (&means - &center) * &scale;
        let weights = covariance.solve(rank, &apart.t().to_owned());
        let length = |class: usize| apart.row(class).dot(&weights.column(class));
        let offsets = counts.iter().enumerate();
        let offsets = offsets.map(|(class, count)| (count / n).ln() - length(class) / 2.0);
        Ok(LinearModel::new(Parts {
            center,
            offsets: offsets.collect(),
            weights: weights * &scale.insert_axis(Axis(1)),
            classes,
            n_classes: samples.n_classes(),
        }))
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

/// The standard deviation of each column around 0.
fn spread(deviations: &Array2<f64>) -> Result<Array1<f64>> {
    let n = deviations.nrows() as f64;
    let spread = deviations.mapv(|d| d * d).sum_axis(Axis(0)).mapv(|sum| (sum / n).sqrt());
    match spread.iter().position(|spread| !spread.is_finite()) {
        Some(feature) => Err(Error::TooLarge { feature }),
        None => Ok(spread),
    }
}
