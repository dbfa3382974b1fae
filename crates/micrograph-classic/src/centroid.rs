//! Nearest centroids.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use crate::fisher::{class_means, members};
use crate::linear::{LinearModel, Parts};
use crate::saved::NoSettings;
use crate::{Fit, Result, Samples};

/// The class whose mean is nearest, by Euclidean distance.
///
/// Probabilities are those of normal classes of equal shares with one variance for all features:
/// `P(class | x)` is proportional to `exp(-|x - mean|^2 / (2 variance))`, where `variance` is the
/// mean over features of the pooled variance within classes, `sum of squares / (n - classes)`.
/// Scale the features first.
///
/// # Edge cases
/// Where no class varies, the variance of the class means stands in, and 1 where they are equal.
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`](crate::Error::OneClass) and
/// [`Error::TooLarge`](crate::Error::TooLarge).
///
/// # Source
/// Hastie, Tibshirani and Friedman 2009, equations 18.2 and 18.8, without shrinking; the class is
/// that of scikit-learn's `NearestCentroid`.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, NearestCentroid, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [2.0], [6.0], [8.0]];
/// let model = NearestCentroid.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(array![[3.9], [4.1]].view())?, [0, 1]);
/// assert_eq!(model.probabilities(array![[4.0]].view())?, array![[0.5, 0.5]]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "NoSettings", into = "NoSettings")]
pub struct NearestCentroid;

impl From<NoSettings> for NearestCentroid {
    fn from(NoSettings {}: NoSettings) -> Self {
        Self
    }
}

impl From<NearestCentroid> for NoSettings {
    fn from(NearestCentroid: NearestCentroid) -> Self {
        Self {}
    }
}

impl Fit for NearestCentroid {
    type Model = LinearModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<LinearModel> {
        let classes = samples.at_least_two_classes()?;
        let means = class_means(samples, &classes);
        let (center, x) = samples.around_mean()?;
        let (n, d, k) = (x.nrows() as f64, x.ncols() as f64, classes.len() as f64);
        let apart = &means - &center;
        let mut squares = 0.0;
        for (mean, &class) in apart.outer_iter().zip(&classes) {
            for sample in members(samples, class) {
                squares += (&x.row(sample) - &mean).mapv(|d| d * d).sum();
            }
        }
        let within = if n > k { squares / (n - k) / d } else { 0.0 };
        let between = apart.mapv(|d| d * d).sum() / k / d;
        let variance = [within, between, 1.0].into_iter().find(|v| v.is_normal()).unwrap_or(1.0);
        // `-|x - mean|^2 / 2` without the part that is the same for all classes.
        let offsets = apart.map_axis(Axis(1), |mean| -mean.dot(&mean) / (2.0 * variance));
        let weights = apart.t().mapv(|entry| entry / variance);
        let n_classes = samples.n_classes();
        Ok(LinearModel::new(Parts { center, weights, offsets, classes, n_classes }))
    }
}
