//! Every classifier behind linfa's traits (feature `linfa`).
//!
//! linfa 0.8 stands on `ndarray` 0.16, the rest of this crate on 0.17: records whose rows lie one
//! after the other are seen in place, others are copied. linfa's models panic where something does
//! not fit; these give errors.
//!
//! ```
//! use linfa::Dataset;
//! use linfa::traits::{Fit as _, Predict as _};
//! use micrograph_classic::ForestConfig;
//! use micrograph_classic::linfa::ForLinfa;
//! use ndarray16::array;
//!
//! let x = array![[0.0], [0.1], [0.2], [1.0], [1.1], [1.2]];
//! let data = Dataset::new(x, array![0, 0, 0, 1, 1, 1]);
//! let model = ForLinfa { config: ForestConfig::default(), seed: 7 }.fit(&data)?;
//! assert_eq!(model.predict(&data)?, array![0, 0, 0, 1, 1, 1]);
//! # Ok::<(), micrograph_classic::linfa::LinfaError>(())
//! ```

use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit as LinfaFit, Predict};
use ndarray::{ArrayView2, CowArray, Ix2};
use ndarray16::{Array1, Array2, ArrayBase, Data, Ix2 as LinfaIx2};

use crate::{Classifier, Fit, Samples};

/// Settings of a classifier, as linfa fits them: classes are `usize`, from 0 to the greatest target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForLinfa<C> {
    /// The settings, a [`Pipeline`](crate::Pipeline) among them.
    pub config: C,
    /// What everything drawn follows from.
    pub seed: u64,
}

/// A classifier that was fitted through linfa; it predicts from records and data sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinfaModel<M>(pub M);

/// What can go wrong in fitting and predicting through linfa's traits.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinfaError {
    /// An error of this crate.
    #[error(transparent)]
    Classic(#[from] crate::Error),
    /// An error of linfa.
    #[error(transparent)]
    Linfa(#[from] linfa::error::Error),
}

impl<C, D, T> LinfaFit<ArrayBase<D, LinfaIx2>, T, LinfaError> for ForLinfa<C>
where
    C: Fit,
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = usize>,
{
    type Object = LinfaModel<C::Model>;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, LinfaIx2>, T>,
    ) -> Result<Self::Object, LinfaError> {
        let targets = dataset.as_single_targets();
        let n_classes = targets.iter().max().map_or(0, |&greatest| greatest.saturating_add(1));
        // `Samples` refuses more classes than a `u32` counts.
        let labels: Vec<u32> = targets.iter().map(|&target| target as u32).collect();
        let x = seen(dataset.records());
        let samples = Samples::new(x.view(), &labels, n_classes)?;
        Ok(LinfaModel(self.config.fit(&samples, self.seed)?))
    }
}

impl<M: Classifier> LinfaModel<M> {
    /// The probability of each class, `(n, k)`.
    ///
    /// # Errors
    /// Those of [`Classifier::probabilities`].
    pub fn probabilities<D>(&self, x: &ArrayBase<D, LinfaIx2>) -> crate::Result<Array2<f64>>
    where
        D: Data<Elem = f64>,
    {
        let probabilities = self.0.probabilities(seen(x).view())?;
        Ok(Array2::from_shape_fn(probabilities.dim(), |place| probabilities[place]))
    }

    fn classes<D>(&self, x: &ArrayBase<D, LinfaIx2>) -> crate::Result<Array1<usize>>
    where
        D: Data<Elem = f64>,
    {
        Ok(self.0.predict(seen(x).view())?.into_iter().map(|class| class as usize).collect())
    }
}

impl<M, D> Predict<ArrayBase<D, LinfaIx2>, crate::Result<Array1<usize>>> for LinfaModel<M>
where
    M: Classifier,
    D: Data<Elem = f64>,
{
    fn predict(&self, x: ArrayBase<D, LinfaIx2>) -> crate::Result<Array1<usize>> {
        self.classes(&x)
    }
}

impl<M, D, T> Predict<&DatasetBase<ArrayBase<D, LinfaIx2>, T>, crate::Result<Array1<usize>>>
    for LinfaModel<M>
where
    M: Classifier,
    D: Data<Elem = f64>,
    T: AsSingleTargets,
{
    fn predict(
        &self,
        dataset: &DatasetBase<ArrayBase<D, LinfaIx2>, T>,
    ) -> crate::Result<Array1<usize>> {
        self.classes(dataset.records())
    }
}

/// The records as an array of this crate's version.
fn seen<D: Data<Elem = f64>>(x: &ArrayBase<D, LinfaIx2>) -> CowArray<'_, f64, Ix2> {
    let in_place = x.as_slice().and_then(|all| ArrayView2::from_shape(x.dim(), all).ok());
    match in_place {
        Some(view) => view.into(),
        None => ndarray::Array2::from_shape_fn(x.dim(), |place| x[place]).into(),
    }
}
