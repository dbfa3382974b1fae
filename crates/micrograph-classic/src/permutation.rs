//! What a classifier loses when a feature no longer belongs to its sample.

use ndarray::Axis;
use rand::seq::SliceRandom as _;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};
use crate::{Classifier, Error, Result, Samples};

/// How much accuracy depends on a feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PermutationImportance {
    /// The mean loss of accuracy over repetitions; below 0 where permuting helped.
    pub mean: f64,
    /// The standard deviation of the losses, of the population.
    pub deviation: f64,
}

/// The loss of accuracy when the values of a feature are dealt anew among `samples`, for each
/// feature, over `repeats` shuffles that follow from `seed`.
///
/// Take samples that the model was not fitted to. Features that tell the same stand in for each
/// other, so that both may look unimportant.
///
/// # Errors
/// [`Error::Setting`] when `repeats` is 0, and the errors of [`Classifier::predict`].
///
/// # Source
/// Breiman 2001, section 10; scikit-learn's `permutation_importance`.
///
/// # Example
/// ```
/// use micrograph_classic::{Fit, Samples, TreeConfig, permutation_importances};
/// use ndarray::array;
///
/// let x = array![[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]];
/// let samples = Samples::new(x.view(), &[0, 0, 1, 1], 2)?;
/// let model = TreeConfig::default().fit(&samples, 0)?;
/// let importances = permutation_importances(&model, &samples, 20, 0)?;
/// assert!(importances[0].mean > 0.2);
/// assert_eq!((importances[1].mean, importances[1].deviation), (0.0, 0.0));
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
pub fn permutation_importances(
    model: &(impl Classifier + Sync),
    samples: &Samples<'_>,
    repeats: usize,
    seed: u64,
) -> Result<Vec<PermutationImportance>> {
    if repeats == 0 {
        let (field, value) = ("repeats", repeats.to_string());
        return Err(Error::Setting { field, value, expected: "at least 1" });
    }
    let whole = accuracy(&model.predict(samples.x())?, samples.labels());
    let of_feature = |feature: usize| {
        let mut x = samples.x().to_owned();
        let losses = (0..repeats).map(|repeat| {
            let mut rng = stream(Purpose::Permutation, seed, feature as u64, repeat as u64);
            let mut values = samples.x().index_axis(Axis(1), feature).to_vec();
            values.shuffle(&mut rng);
            x.index_axis_mut(Axis(1), feature).assign(&ndarray::Array1::from(values));
            Ok(whole - accuracy(&model.predict(x.view())?, samples.labels()))
        });
        let losses: Vec<f64> = losses.collect::<Result<_>>()?;
        let n = repeats as f64;
        let mean = losses.iter().sum::<f64>() / n;
        let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / n;
        Ok(PermutationImportance { mean, deviation: variance.sqrt() })
    };
    (0..samples.x().ncols()).into_par_iter().map(of_feature).collect()
}

fn accuracy(predicted: &[u32], truth: &[u32]) -> f64 {
    let correct = predicted.iter().zip(truth).filter(|(p, t)| p == t).count();
    correct as f64 / truth.len() as f64
}
