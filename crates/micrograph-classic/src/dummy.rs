//! The floor of every table: predictions that look at no feature.

use ndarray::{Array2, ArrayView2};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};
use crate::samples::check_features;
use crate::{Classifier, Fit, Result, Samples};

/// How a classifier guesses that looks at no feature.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Dummy, Fit, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0]];
/// let model = Dummy::Majority.fit(&Samples::new(x.view(), &[1, 0, 1], 2)?, 0)?;
/// assert_eq!(model.predict(x.view())?, [1, 1, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dummy {
    /// The most frequent class, the first of equals.
    #[default]
    Majority,
    /// A class drawn with the shares of the classes in fitting.
    ///
    /// The draw of a row follows from the seed of fitting and the row's index.
    Stratified,
}

impl Fit for Dummy {
    type Model = DummyModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<DummyModel> {
        let n = samples.labels().len() as f64;
        let shares = samples.counts().into_iter().map(|count| count as f64 / n).collect();
        Ok(DummyModel { kind: *self, shares, n_features: samples.x().ncols(), seed })
    }
}

/// A fitted [`Dummy`]; its probabilities are 0 and 1, as in scikit-learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DummyModel {
    kind: Dummy,
    shares: Vec<f64>,
    n_features: usize,
    seed: u64,
}

impl DummyModel {
    /// The share of each class in fitting.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    fn class_of(&self, row: usize) -> usize {
        match self.kind {
            Dummy::Majority => crate::classifier::first_largest(self.shares.iter()) as usize,
            Dummy::Stratified => {
                let mut rng = stream(Purpose::Stratified, self.seed, row as u64, 0);
                let mut left: f64 = rng.random();
                let last = self.shares.iter().rposition(|&share| share > 0.0).unwrap_or(0);
                self.shares[..last]
                    .iter()
                    .position(|share| {
                        left -= share;
                        left < 0.0
                    })
                    .unwrap_or(last)
            }
        }
    }
}

impl Classifier for DummyModel {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.shares.len()
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features)?;
        let mut probabilities = Array2::zeros((x.nrows(), self.shares.len()));
        for row in 0..x.nrows() {
            probabilities[[row, self.class_of(row)]] = 1.0;
        }
        Ok(probabilities)
    }
}
