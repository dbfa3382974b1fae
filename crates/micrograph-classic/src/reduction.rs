//! Fewer features for a classifier: some of them, or mixtures.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{Pca, PcaModel, Result, Samples, Selected, Selection};

/// How features become fewer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reduction {
    /// Some of them are kept.
    Select(Selection),
    /// They are mixed to principal components.
    Pca(Pca),
}

/// A fitted [`Reduction`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reduced {
    /// The features that are kept.
    Select(Selected),
    /// The components.
    Pca(PcaModel),
}

impl Reduction {
    /// Fits to `samples`, which should be training samples alone.
    ///
    /// # Errors
    /// Those of [`Selection::fit`] and [`Pca::fit`].
    pub fn fit(&self, samples: &Samples<'_>) -> Result<Reduced> {
        Ok(match self {
            Self::Select(selection) => Reduced::Select(selection.fit(samples)?),
            Self::Pca(pca) => Reduced::Pca(pca.fit(samples.x())?),
        })
    }

    /// How many features or components are kept; `None` for a share of the variance.
    pub(crate) fn count(&mut self) -> Option<&mut usize> {
        match self {
            Self::Select(
                Selection::Fisher { count }
                | Selection::Wilks { count }
                | Selection::SvmRfe { count, .. },
            )
            | Self::Pca(Pca::Count(count)) => Some(count),
            Self::Pca(Pca::Share(_)) => None,
        }
    }
}

impl Reduced {
    /// How many features a sample must have.
    pub fn n_features(&self) -> usize {
        match self {
            Self::Select(selected) => selected.n_features(),
            Self::Pca(model) => model.n_features(),
        }
    }

    /// How many features or components remain.
    pub fn n_kept(&self) -> usize {
        match self {
            Self::Select(selected) => selected.features().len(),
            Self::Pca(model) => model.shares().len(),
        }
    }

    /// What remains of each row of `x`.
    ///
    /// # Errors
    /// [`Error::Features`](crate::Error::Features) and
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        match self {
            Self::Select(selected) => selected.transform(x),
            Self::Pca(model) => model.transform(x),
        }
    }
}
