//! Support vector machines as in LIBSVM.

mod expansion;
mod gram;
mod kernel;
mod model;
mod nu;
mod one_class;
mod pair;
mod panels;
mod platt;
mod solver;
mod train;

use micrograph_sampling::SupportVectors;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

pub use kernel::{Gamma, Kernel};
pub use model::SvmModel;
pub use nu::NuSvmConfig;
pub use one_class::{OneClassConfig, OneClassModel};

use pair::Margin;
use solver::Limits;

use crate::{ClassWeights, Error, Fit, Result, Samples};

/// A support vector machine with soft margin, one machine for each pair of classes.
///
/// For each pair it minimizes `|w|^2 / 2 + sum c weight(class) slack`, in its dual form: working
/// sets of two by second-order information, shrinking, and rows of the kernel matrix kept in
/// memory. Scale the features first ([`Scaling`](crate::Scaling)).
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`]; [`Error::NotConverged`] when `max_iterations`
/// are used up; [`Error::KernelRange`] for features so large or small that the 32-bit rows of the
/// kernel matrix cannot hold what comes of them.
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

/// Whether a support vector machine gets probabilities, and by them its classes.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Pipeline, Samples};
/// use ndarray::{Array2, array};
///
/// // One of ten samples is rare, and beside the others.
/// let x = Array2::from_shape_fn((20, 1), |(i, _)| i as f64 + if i < 18 { 0.0 } else { 1.0 });
/// let labels: Vec<u32> = (0..20).map(|i| u32::from(i >= 18)).collect();
/// let svm = Pipeline::by_name("svm").expect("a name of `Pipeline::NAMES`");
/// let model = svm.fit(&Samples::new(x.view(), &labels, 2)?, 0)?;
/// let p = model.probabilities(array![[2.0], [20.0]].view())?;
/// assert!(p[[0, 0]] > 0.5 && p[[1, 1]] > 0.5);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Probability {
    /// The votes of pairs alone.
    #[default]
    None,
    /// A sigmoid of the decision values of each pair, fitted out of fold, and pairs coupled
    /// (Platt 1999; Wu, Lin and Weng 2004); the class is the most probable one.
    ///
    /// `P(first | f) = 1 / (1 + exp(slope f + offset))` minimizes
    /// `sum of u(class) (-t ln P - (1 - t) ln(1 - P))`, with `t = (N1 + 1) / (N1 + 2)` for samples
    /// of the first class and `1 / (N2 + 2)` for those of the second. Here `u(class)` is the weight
    /// `w` of a class, brought to the effective number of samples:
    /// `u = w (sum w) / (sum w^2)` over the samples of the pair, and `N1` and `N2` are the sums of
    /// `u`. Where all samples weigh the same, this is Platt's and LIBSVM's formula.
    ///
    /// The folds are stratified and follow from the seed; a pair with fewer samples than folds has
    /// a fold for each. A class of a single sample cannot be held out: the sigmoids of its pairs
    /// are fitted to the decision values of fitting, where LIBSVM would count the sample as decided
    /// for the other class. So are sigmoids that would rise where decision values fall, as those
    /// out of fold may ask for where samples are few: LIBSVM turns the probabilities round.
    Platt {
        /// How many folds, at least 2; LIBSVM takes 5.
        folds: usize,
        /// What samples weigh in the sigmoids; what they weigh in the machine by default.
        #[serde(default)]
        weights: SigmoidWeights,
    },
}

impl Probability {
    /// Sigmoids from so many folds, in which samples weigh what they weigh in the machine.
    pub const fn platt(folds: usize) -> Self {
        Self::Platt { folds, weights: SigmoidWeights::Classes }
    }
}

/// What samples weigh in the sigmoids of [`Probability::Platt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SigmoidWeights {
    /// What their class weighs in the machine: probabilities are those of classes of which samples
    /// are as frequent as they weigh, under balanced weights equally frequent.
    #[default]
    Classes,
    /// All the same, as in LIBSVM and scikit-learn: probabilities are those of the frequencies in
    /// fitting, so that a rare class is seldom the most probable one, whatever it weighs in the
    /// machine.
    None,
}

/// What all machines have.
struct Training {
    kernel: Kernel,
    probability: Probability,
    cache_mb: usize,
    limits: Limits,
}

impl Training {
    fn new(
        kernel: Kernel,
        probability: Probability,
        cache_mb: usize,
        limits: Limits,
    ) -> Result<Self> {
        above_0("tolerance", limits.tolerance)?;
        match probability {
            Probability::Platt { folds, .. } if folds < 2 => {
                let value = folds.to_string();
                Err(Error::Setting { field: "folds", value, expected: "at least 2" })
            }
            _ => Ok(Self { kernel, probability, cache_mb, limits }),
        }
    }
}

/// Refuses a `value` that is not finite and above 0.
pub(crate) fn above_0(field: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    let expected = "a finite number above 0";
    Err(Error::Setting { field, value: value.to_string(), expected })
}

impl Fit for SvmConfig {
    type Model = SvmModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<SvmModel> {
        above_0("c", self.c)?;
        let limits = Limits { tolerance: self.tolerance, max_iterations: self.max_iterations };
        let training = Training::new(self.kernel, self.probability, self.cache_mb, limits)?;
        let weights = self.class_weights.of(samples)?;
        let margin = |labels: &[u32]| {
            let bound = |&label: &u32| (self.c * weights[label as usize]).min(f64::MAX);
            Margin::Bounds(labels.iter().map(bound).collect())
        };
        train::fit(&training, &margin, &weights, samples, seed)
    }
}

/// What SVM-SMOTE asks: the machine of these settings, without probabilities. That of
/// imbalanced-learn is `SvmConfig::default()`.
///
/// # Example
/// ```
/// use micrograph_classic::SvmConfig;
/// use micrograph_sampling::{Labeled, Resampler};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((30, 2), |(i, j)| if j == 0 { i as f64 } else { (i % 7) as f64 });
/// let labels: Vec<u32> = (0..30).map(|i| u32::from(i >= 20)).collect();
/// let machine = SvmConfig::default();
/// let samples = Labeled::new(x.view(), &labels, 2)?.with_support_vectors(&machine);
/// let smote = Resampler::by_name("svm_smote").expect("a name of `Resampler::NAMES`");
/// assert_eq!(smote.resample_labeled(&samples, 1)?.labels.len(), 40);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
impl SupportVectors for SvmConfig {
    fn support_vectors(
        &self,
        x: ArrayView2<'_, f64>,
        labels: &[u32],
        n_classes: usize,
        seed: u64,
    ) -> Result<Vec<usize>, String> {
        let machine = Self { probability: Probability::None, ..self.clone() };
        let samples = Samples::new(x, labels, n_classes).map_err(|error| error.to_string())?;
        let model = machine.fit(&samples, seed).map_err(|error| error.to_string())?;
        Ok(model.support().to_vec())
    }
}
