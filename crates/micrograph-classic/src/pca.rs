//! Principal components.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::covariance::{Covariance, product};
use crate::samples::{around_mean, check_features, check_matrix};
use crate::saved::Saved;
use crate::{Error, Result};

/// How many principal components are kept.
///
/// # Source
/// scikit-learn's `PCA(svd_solver="full")` with a whole number or a share for `n_components`.
///
/// # Example
/// ```
/// use micrograph_classic::Pca;
/// use ndarray::array;
///
/// let x = array![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]];
/// let model = Pca::Count(1).fit(x.view())?;
/// let z = model.transform(x.view())?;
/// assert!((z[[3, 0]] - 4.5_f64.sqrt()).abs() < 1e-12);
/// assert!((model.shares()[0] - 1.0).abs() < 1e-12);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pca {
    /// This number, at least 1, and fewer where samples do not vary in so many directions.
    Count(usize),
    /// The fewest that explain more than this share of the variance, above 0 and below 1.
    Share(f64),
}

/// Fitted principal components.
///
/// The largest loading of each component, the first of equals, is above 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct PcaModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    center: Array1<f64>,
    /// A feature a row, a component a column.
    loadings: Array2<f64>,
    shares: Vec<f64>,
}

impl TryFrom<Parts> for PcaModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("principal components");
        saved.must(!parts.loadings.is_empty(), "at least one component of one feature")?;
        let fits = parts.loadings.dim() == (parts.center.len(), parts.shares.len());
        saved.must(fits, "a loading for each feature and component")?;
        saved.finite(parts.center.iter().chain(&parts.loadings).chain(&parts.shares))?;
        Ok(Self(parts))
    }
}

impl Pca {
    /// Fits to the rows of `x`, `(n, d)`.
    ///
    /// # Errors
    /// [`Error::Empty`] and [`Error::NotFinite`], [`Error::Setting`], [`Error::TooLarge`], and
    /// [`Error::NoSpread`] where no feature varies.
    pub fn fit(self, x: ArrayView2<'_, f64>) -> Result<PcaModel> {
        check_matrix(x)?;
        self.validate()?;
        let (center, x) = around_mean(x)?;
        // In a unit in which no square vanishes.
        let greatest = x.iter().fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
        if greatest == 0.0 {
            return Err(Error::NoSpread);
        }
        let x = x / greatest;
        let covariance = Covariance::new(&x);
        let values = covariance.values();
        let total: f64 = values.iter().map(|value| value.max(0.0)).sum();
        let noise = values[0] * f64::EPSILON * values.len() as f64;
        let rank = values.iter().filter(|&&value| value > noise).count();
        let shares: Vec<f64> = values[..rank].iter().map(|value| value / total).collect();
        let count = self.count(&shares);
        let mut loadings = covariance.directions(count);
        for mut column in loadings.axis_iter_mut(Axis(1)) {
            let largest =
                column.iter().fold(
                    0.0,
                    |largest: f64, &value| {
                        if value.abs() > largest.abs() { value } else { largest }
                    },
                );
            if largest < 0.0 {
                column *= -1.0;
            }
        }
        Ok(PcaModel(Parts { center, loadings, shares: shares[..count].to_vec() }))
    }

    fn validate(self) -> Result<()> {
        let (field, value, expected) = match self {
            Self::Count(0) => ("count", "0".to_string(), "at least 1"),
            Self::Share(share) if !(share > 0.0 && share < 1.0) => {
                ("share", share.to_string(), "above 0 and below 1")
            }
            _ => return Ok(()),
        };
        Err(Error::Setting { field, value, expected })
    }

    fn count(self, shares: &[f64]) -> usize {
        match self {
            Self::Count(count) => count.min(shares.len()),
            Self::Share(wanted) => {
                let mut sum = 0.0;
                let enough = shares.iter().position(|share| {
                    sum += share;
                    sum > wanted
                });
                enough.map_or(shares.len(), |last| last + 1)
            }
        }
    }
}

impl PcaModel {
    /// How many features a sample must have.
    pub fn n_features(&self) -> usize {
        self.0.center.len()
    }

    /// The directions of the components, a component a row, `(components, d)`.
    pub fn components(&self) -> ArrayView2<'_, f64> {
        self.0.loadings.t()
    }

    /// The share of the variance that each component explains, falling.
    pub fn shares(&self) -> &[f64] {
        &self.0.shares
    }

    /// What was subtracted before the components were taken.
    pub fn center(&self) -> ArrayView1<'_, f64> {
        self.0.center.view()
    }

    /// The components of each row of `x`, `(n, components)`.
    ///
    /// # Errors
    /// [`Error::Features`] and [`Error::NotFinite`].
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        Ok(product((&x - &self.0.center).view(), self.0.loadings.view()))
    }
}
