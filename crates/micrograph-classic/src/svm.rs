//! Support vector machines as in LIBSVM.

mod gram;
mod kernel;
mod model;
mod panels;
mod platt;
mod solver;
mod train;

use serde::{Deserialize, Serialize};

pub use kernel::{Gamma, Kernel};
pub use model::SvmModel;

use crate::{ClassWeights, Error, Fit, Result, Samples};

/// A support vector machine with soft margin, one machine for each pair of classes.
///
/// For each pair it minimizes `|w|^2 / 2 + sum c weight(class) slack`, in its dual form: working
/// sets of two by second-order information, shrinking, and rows of the kernel matrix kept in
/// memory. Scale the features first ([`Scaling`](crate::Scaling)).
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`]; [`Error::NotConverged`] when `max_iterations`
/// are used up.
///
/// # Source
/// Chang and Lin 2011, "LIBSVM"; Fan, Chen and Lin 2005 for the working set. Predictions agree
/// with scikit-learn's `SVC`, which wraps LIBSVM, up to the tolerance at which both stop.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Kernel, Samples, SvmConfig};
/// use ndarray::array;
///
/// // Two samples, one apart: the plane stands halfway, with w = 2.
/// let x = array![[0.0], [1.0]];
/// let config = SvmConfig { c: 10.0, kernel: Kernel::Linear, ..SvmConfig::default() };
/// let model = config.fit(&Samples::new(x.view(), &[0, 1], 2)?, 0)?;
/// let values = model.decision_values(array![[0.0], [0.5], [2.0]].view())?;
/// assert_eq!(values, array![[1.0], [0.0], [-3.0]]);
/// assert_eq!(model.predict(x.view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SvmConfig {
    /// The price of an error, above 0; 1 by default.
    pub c: f64,
    /// Radial basis functions with `gamma = scale` by default.
    pub kernel: Kernel,
    /// Factors of `c` for the samples of a class.
    pub class_weights: ClassWeights,
    /// Whether probabilities are fitted.
    pub probability: Probability,
    /// The violation of the optimality conditions at which fitting stops; 1e-3 by default.
    pub tolerance: f64,
    /// Memory for rows of the kernel matrix in megabytes; 400 by default.
    pub cache_mb: usize,
    /// Steps of a machine after which fitting fails; 10 million by default, as in LIBSVM.
    pub max_iterations: usize,
}

impl Default for SvmConfig {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: Kernel::default(),
            class_weights: ClassWeights::default(),
            probability: Probability::default(),
            tolerance: 1e-3,
            cache_mb: 400,
            max_iterations: 10_000_000,
        }
    }
}

/// Whether a support vector machine gets probabilities beside its votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Probability {
    /// Votes alone.
    #[default]
    None,
    /// A sigmoid of the decision values of each pair, fitted out of fold, and pairs coupled
    /// (Platt 1999; Wu, Lin and Weng 2004). The folds are stratified and follow from the seed.
    Platt {
        /// How many folds, at least 2; LIBSVM takes 5.
        folds: usize,
    },
}

impl SvmConfig {
    fn validate(&self) -> Result<()> {
        let positive = "a finite number above 0";
        for (field, value) in [("c", self.c), ("tolerance", self.tolerance)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Setting { field, value: value.to_string(), expected: positive });
            }
        }
        Ok(())
    }
}

impl Fit for SvmConfig {
    type Model = SvmModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<SvmModel> {
        self.validate()?;
        train::fit(self, samples, seed)
    }
}
