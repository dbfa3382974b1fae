//! The floor of every table: predictions that look at no feature.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};
use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Classifier, Error, Fit, Result, Samples};

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
    /// The draw follows from the seed of fitting and the bits of the sample's features, so that a
    /// sample gets the same class wherever it stands, and equal samples get equal classes.
    Stratified,
}

impl Fit for Dummy {
    type Model = DummyModel;

    fn fit(&self, samples: &Samples<'_>, seed: u64) -> Result<DummyModel> {
        let n = samples.labels().len() as f64;
        let shares = samples.counts().into_iter().map(|count| count as f64 / n).collect();
        let n_features = samples.x().ncols();
        Ok(DummyModel(Parts { kind: *self, shares, n_features, seed }))
    }
}

/// A fitted [`Dummy`]; its probabilities are 0 and 1, as in scikit-learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct DummyModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    kind: Dummy,
    shares: Vec<f64>,
    n_features: usize,
    seed: u64,
}

impl TryFrom<Parts> for DummyModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("dummy");
        saved.n_classes(parts.shares.len())?;
        let shares = parts.shares.iter().all(|share| (0.0..=1.0).contains(share));
        saved.must(shares, "shares between 0 and 1")?;
        saved.must(parts.n_features > 0, "at least one feature")?;
        Ok(Self(parts))
    }
}

impl DummyModel {
    /// The share of each class in fitting.
    pub fn shares(&self) -> &[f64] {
        &self.0.shares
    }

    fn class_of(&self, row: ArrayView1<'_, f64>) -> usize {
        match self.0.kind {
            Dummy::Majority => crate::classifier::first_largest(self.0.shares.iter()) as usize,
            Dummy::Stratified => {
                let mut rng = stream(Purpose::Stratified, self.0.seed, digest(row), 0);
                let mut left: f64 = rng.random();
                let last = self.0.shares.iter().rposition(|&share| share > 0.0).unwrap_or(0);
                self.0.shares[..last]
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

/// FNV-1a over the bits of a sample: the same wherever it stands.
fn digest(row: ArrayView1<'_, f64>) -> u64 {
    row.iter()
        .flat_map(|value| value.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

impl Classifier for DummyModel {
    fn n_features(&self) -> usize {
        self.0.n_features
    }

    fn n_classes(&self) -> usize {
        self.0.shares.len()
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.0.n_features)?;
        let mut probabilities = Array2::zeros((x.nrows(), self.0.shares.len()));
        for (row, mut probabilities) in x.outer_iter().zip(probabilities.outer_iter_mut()) {
            probabilities[self.class_of(row)] = 1.0;
        }
        Ok(probabilities)
    }
}
