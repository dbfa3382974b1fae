//! Machines whose errors are bounded by a share of samples.

use serde::{Deserialize, Serialize};

use super::model::SvmModel;
use super::pair::Margin;
use super::solver::Limits;
use super::{Kernel, Probability, Training, train};
use crate::{Error, Fit, Result, Samples};

/// A nu-SVM: a support vector machine where `nu` takes the place of `c`.
///
/// At most a share `nu` of the samples of a pair of classes lies within the margin or beyond it,
/// and at least that share supports the machine. A pair whose rarer class has fewer than
/// `nu n / 2` samples takes nine tenths of the greatest `nu` that it can, `2 * rarer / n`, where
/// LIBSVM refuses.
///
/// # Errors
/// Those of [`SvmConfig`](crate::SvmConfig), and [`Error::Setting`] where `nu` leaves a margin
/// without width.
///
/// # Source
/// Schoelkopf et al. 2000, "New support vector algorithms"; scikit-learn's `NuSVC`, which wraps
/// LIBSVM.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, NuSvmConfig, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [7.0], [8.0], [9.0]];
/// let samples = Samples::new(x.view(), &[0, 0, 0, 1, 1, 1], 2)?;
/// let model = NuSvmConfig::default().fit(&samples, 0)?;
/// assert_eq!(model.predict(array![[3.0], [6.0]].view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NuSvmConfig {
    /// The share, above 0 and up to 1; 0.5 by default, as in LIBSVM.
    pub nu: f64,
    /// Radial basis functions with `gamma = scale` by default.
    pub kernel: Kernel,
    /// Whether probabilities are fitted.
    pub probability: Probability,
    /// The violation of the optimality conditions at which fitting stops; 1e-3 by default.
    pub tolerance: f64,
    /// Memory for rows of the kernel matrix in megabytes; 400 by default.
    pub cache_mb: usize,
    /// Steps of a machine after which fitting fails; 10 million by default, as in LIBSVM.
    pub max_iterations: usize,
}

impl Default for NuSvmConfig {
    fn default() -> Self {
        Self {
            nu: 0.5,
            kernel: Kernel::default(),
            probability: Probability::default(),
            tolerance: 1e-3,
            cache_mb: 400,
            max_iterations: 10_000_000,
        }
    }
}

/// Refuses a `nu` that is no share.
pub(super) fn check_nu(nu: f64) -> Result<()> {
    if nu > 0.0 && nu <= 1.0 {
        return Ok(());
    }
    let (value, expected) = (nu.to_string(), "above 0 and at most 1");
    Err(Error::Setting { field: "nu", value, expected })
}

impl Fit for NuSvmConfig {
    type Model = SvmModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<SvmModel> {
        check_nu(self.nu)?;
        let limits = Limits { tolerance: self.tolerance, max_iterations: self.max_iterations };
        let training = Training::new(self.kernel, self.probability, self.cache_mb, limits)?;
        let margin = |_: &[u32]| Margin::Share(self.nu);
        train::fit(&training, &margin, &vec![1.0; samples.n_classes()], samples, seed)
    }
}
