//! Kernels, and what they make of inner products.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

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
        match self {
            Self::Scale => {
                let mean = x.sum() / x.len() as f64;
                let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
                Ok(if variance > 0.0 { 1.0 / (d * variance) } else { 1.0 })
            }
            Self::Auto => Ok(1.0 / d),
            Self::Value(gamma) if gamma.is_finite() && gamma > 0.0 => Ok(gamma),
            Self::Value(gamma) => Err(Error::Setting {
                field: "gamma",
                value: gamma.to_string(),
                expected: "a finite number above 0",
            }),
        }
    }
}

/// A kernel whose factor is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Function {
    Linear,
    Rbf { gamma: f64 },
    Polynomial { gamma: f64, coef0: f64, degree: i32 },
}

impl Kernel {
    /// The kernel as it is fitted to `x`.
    pub(crate) fn resolve(self, x: ArrayView2<'_, f64>) -> Result<Function> {
        match self {
            Self::Linear => Ok(Function::Linear),
            Self::Rbf { gamma } => Ok(Function::Rbf { gamma: gamma.resolve(x)? }),
            Self::Polynomial { degree, gamma, coef0 } => {
                let setting =
                    |field, value, expected| Err(Error::Setting { field, value, expected });
                let Some(degree) = i32::try_from(degree).ok().filter(|degree| *degree > 0) else {
                    return setting("degree", degree.to_string(), "a whole number of at least 1");
                };
                if !coef0.is_finite() {
                    return setting("coef0", coef0.to_string(), "a finite number");
                }
                Ok(Function::Polynomial { gamma: gamma.resolve(x)?, coef0, degree })
            }
        }
    }
}

impl Function {
    /// Whether the machine stays the same when all samples are moved: differences alone count,
    /// or, of inner products, what the constraint `sum of coefficients = 0` cancels.
    pub(crate) fn moves_freely(self) -> bool {
        !matches!(self, Self::Polynomial { .. })
    }

    /// The kernel of two samples by their inner product and squared lengths.
    pub(crate) fn value(self, dot: f64, square_a: f64, square_b: f64) -> f64 {
        match self {
            Self::Linear => dot,
            Self::Rbf { gamma } => (-gamma * (square_a + square_b - 2.0 * dot).max(0.0)).exp(),
            Self::Polynomial { gamma, coef0, degree } => (gamma * dot + coef0).powi(degree),
        }
    }
}
