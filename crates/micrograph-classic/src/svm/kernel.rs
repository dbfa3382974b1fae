//! Kernels, and what they make of inner products.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::saved::Saved;
use crate::{Error, Result};

/// The similarity of two samples `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kernel {
    /// `a . b`
    Linear,
    /// `exp(-gamma |a - b|^2)`
    Rbf {
        /// The inverse width.
        gamma: Gamma,
    },
    /// `(gamma a . b + coef0)^degree`
    Polynomial {
        /// The power, at least 1.
        degree: u32,
        /// The factor of the inner product.
        gamma: Gamma,
        /// What is added to the product.
        coef0: f64,
    },
}

impl Default for Kernel {
    fn default() -> Self {
        Self::Rbf { gamma: Gamma::Scale }
    }
}

/// The factor `gamma` of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gamma {
    /// `1 / (d * variance of all entries)`, scikit-learn's default; 1 where nothing varies.
    #[default]
    Scale,
    /// `1 / d`, LIBSVM's default.
    Auto,
    /// This number, above 0.
    Value(f64),
}

impl Gamma {
    fn resolve(self, x: ArrayView2<'_, f64>) -> Result<f64> {
        let d = x.ncols() as f64;
        let gamma = match self {
            Self::Scale => {
                let mean = x.sum() / x.len() as f64;
                let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
                if variance == 0.0 { 1.0 } else { 1.0 / (d * variance) }
            }
            Self::Auto => 1.0 / d,
            Self::Value(gamma) if gamma.is_finite() && gamma > 0.0 => gamma,
            Self::Value(gamma) => {
                let (value, expected) = (gamma.to_string(), "a finite number above 0");
                return Err(Error::Setting { field: "gamma", value, expected });
            }
        };
        if gamma.is_finite() && gamma > 0.0 {
            return Ok(gamma);
        }
        // The variance overflowed, or nearly vanished.
        Err(Error::KernelRange { value: if gamma.is_infinite() { 0.0 } else { f64::INFINITY } })
    }
}

/// A kernel of samples in the units of a [`Space`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Function {
    Linear,
    Rbf,
    Polynomial { coef0: f64, degree: i32 },
}

impl Function {
    /// The kernel of two samples by their inner product and squared lengths.
    pub(crate) fn value(self, dot: f64, square_a: f64, square_b: f64) -> f64 {
        match self {
            Self::Linear => dot,
            Self::Rbf => {
                let square = square_a + square_b - 2.0 * dot;
                // Of finite samples, only those too far away for a number have NaN.
                if square.is_nan() { 0.0 } else { (-square.max(0.0)).exp() }
            }
            Self::Polynomial { coef0, degree } => (dot + coef0).powi(degree),
        }
    }
}

/// What samples are moved and multiplied by before their kernel is taken: `gamma` is multiplied in
/// beforehand, so that no inner product of large features overflows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Space {
    pub(crate) function: Function,
    /// Zeros for polynomials. Others stay the same machine when all samples are moved: differences
    /// alone count, or, of inner products, what the constraint on the sum of coefficients cancels.
    center: Array1<f64>,
    /// The square root of `gamma`.
    scale: f64,
}

impl Space {
    /// The space of `kernel` for the samples `x`.
    pub(crate) fn fit(kernel: Kernel, x: ArrayView2<'_, f64>) -> Result<Self> {
        let middle = || x.mean_axis(Axis(0)).unwrap_or_default();
        let (function, center, gamma) = match kernel {
            Kernel::Linear => (Function::Linear, middle(), 1.0),
            Kernel::Rbf { gamma } => (Function::Rbf, middle(), gamma.resolve(x)?),
            Kernel::Polynomial { degree, gamma, coef0 } => {
                let setting =
                    |field, value, expected| Err(Error::Setting { field, value, expected });
                let Some(degree) = i32::try_from(degree).ok().filter(|degree| *degree > 0) else {
                    return setting("degree", degree.to_string(), "a whole number of at least 1");
                };
                if !coef0.is_finite() {
                    return setting("coef0", coef0.to_string(), "a finite number");
                }
                let function = Function::Polynomial { coef0, degree };
                (function, Array1::zeros(x.ncols()), gamma.resolve(x)?)
            }
        };
        Ok(Self { function, center, scale: gamma.sqrt() })
    }

    /// The same for a machine whose coefficients do not sum to 0: inner products stay as they are.
    pub(crate) fn around_the_origin(mut self) -> Self {
        if self.function == Function::Linear {
            self.center.fill(0.0);
        }
        self
    }

    pub(crate) fn n_features(&self) -> usize {
        self.center.len()
    }

    /// Samples in the units of the space.
    pub(crate) fn map(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        (&x - &self.center) * self.scale
    }

    /// Refuses a space that cannot have been fitted.
    pub(crate) fn check(&self, saved: Saved) -> Result<()> {
        saved.must(!self.center.is_empty(), "at least one feature")?;
        saved.must(self.scale > 0.0, "a gamma above 0")?;
        saved.finite(self.center.iter().chain([&self.scale]))?;
        match self.function {
            Function::Polynomial { coef0, degree } => {
                saved.must(degree > 0 && coef0.is_finite(), "a polynomial of degree 1 or more")
            }
            Function::Linear | Function::Rbf => Ok(()),
        }
    }
}
