//! Where samples lie, without classes.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::expansion::{Expansion, Fitted};
use super::kernel::Space;
use super::nu::check_nu;
use super::solver::{Limits, Problem, solve};
use super::train::Ground;
use super::{Kernel, above_0};
use crate::samples::check_matrix;
use crate::saved::Saved;
use crate::{Error, Result};

/// A one-class machine: the region where samples lie, without labels, to find those that do not
/// belong.
///
/// At most a share `nu` of the samples of fitting lies outside, and at least that share supports
/// the machine. Scale the features first.
///
/// # Source
/// Schoelkopf et al. 2001, "Estimating the support of a high-dimensional distribution";
/// scikit-learn's `OneClassSVM`, which wraps LIBSVM.
///
/// # Example
/// ```
/// use micrograph_classic::{Gamma, Kernel, OneClassConfig};
/// use ndarray::array;
///
/// let x = array![[0.0], [0.1], [0.2], [0.3], [0.4], [0.5]];
/// let kernel = Kernel::Rbf { gamma: Gamma::Value(1.0) };
/// let model = OneClassConfig { nu: 0.2, kernel, ..OneClassConfig::default() }.fit(x.view())?;
/// assert_eq!(model.contains(array![[0.25], [5.0]].view())?, [true, false]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneClassConfig {
    /// The share, above 0 and up to 1; 0.5 by default, as in LIBSVM.
    pub nu: f64,
    /// Radial basis functions with `gamma = scale` by default.
    pub kernel: Kernel,
    /// The violation of the optimality conditions at which fitting stops; 1e-3 by default.
    pub tolerance: f64,
    /// Memory for rows of the kernel matrix in megabytes; 400 by default.
    pub cache_mb: usize,
    /// Steps after which fitting fails; 10 million by default, as in LIBSVM.
    pub max_iterations: usize,
}

impl Default for OneClassConfig {
    fn default() -> Self {
        Self {
            nu: 0.5,
            kernel: Kernel::default(),
            tolerance: 1e-3,
            cache_mb: 400,
            max_iterations: 10_000_000,
        }
    }
}

impl OneClassConfig {
    /// Fits to the rows of `x`, `(n, d)`.
    ///
    /// # Errors
    /// [`Error::Empty`] and [`Error::NotFinite`], [`Error::Setting`], [`Error::NotConverged`] and
    /// [`Error::KernelRange`].
    pub fn fit(&self, x: ArrayView2<'_, f64>) -> Result<OneClassModel> {
        check_matrix(x)?;
        check_nu(self.nu)?;
        above_0("tolerance", self.tolerance)?;
        let space = Space::fit(self.kernel, x)?.around_the_origin();
        let ground = Ground::new(space, x, self.cache_mb)?;
        let n = x.nrows();
        let total = self.nu * n as f64;
        let problem = Problem {
            columns: (0..n).collect(),
            linear: vec![0.0; n],
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            // The first ones begin as 1, as in LIBSVM.
            beta: (0..n).map(|t| (total - t as f64).clamp(0.0, 1.0)).collect(),
            group: Vec::new(),
        };
        let limits = Limits { tolerance: self.tolerance, max_iterations: self.max_iterations };
        let solution = solve(problem, &mut ground.gram(), limits)?;
        let (beta, rho) = (solution.beta, -solution.levels[0]);
        let fitted = [Fitted { samples: (0..n).collect(), beta, rho }];
        Ok(OneClassModel(Expansion::new(ground.space, &ground.x, &fitted)))
    }
}

/// A fitted [`OneClassConfig`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Expansion")]
pub struct OneClassModel(Expansion);

impl TryFrom<Expansion> for OneClassModel {
    type Error = Error;

    fn try_from(expansion: Expansion) -> Result<Self> {
        expansion.check(1, Saved("one-class machine"))?;
        Ok(Self(expansion))
    }
}

impl OneClassModel {
    /// How many samples of fitting the region rests on.
    pub fn n_support(&self) -> usize {
        self.0.vectors.nrows()
    }

    /// Which samples of fitting these are, ascending.
    pub fn support(&self) -> &[usize] {
        &self.0.support
    }

    /// `sum of coefficient K(vector, x) - rho` for each row of `x`: above 0 inside.
    ///
    /// # Errors
    /// [`Error::Features`], [`Error::NotFinite`] and [`Error::Overflow`].
    pub fn decision_values(&self, x: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        Ok(self.0.decide(x)?.into_raw_vec_and_offset().0)
    }

    /// Whether each row of `x` lies inside.
    ///
    /// # Errors
    /// Those of [`decision_values`](Self::decision_values).
    pub fn contains(&self, x: ArrayView2<'_, f64>) -> Result<Vec<bool>> {
        Ok(self.decision_values(x)?.into_iter().map(|value| value > 0.0).collect())
    }
}
