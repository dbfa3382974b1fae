//! A fitted support vector machine.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::expansion::Expansion;
use super::platt::{Sigmoid, couple};
use crate::classifier::{first_largest, most_probable};
use crate::saved::Saved;
use crate::{Classifier, Error, Result};

/// The least probability that a pair may have, as in LIBSVM.
const LEAST: f64 = 1e-7;

/// A fitted [`SvmConfig`](crate::SvmConfig) or [`NuSvmConfig`](crate::NuSvmConfig).
///
/// [`predict`](Classifier::predict) takes the most probable class where probabilities were fitted,
/// as LIBSVM's `svm_predict_probability` does; else that with the most votes of pairs, the first of
/// equals, as scikit-learn does in either case ([`votes`](Self::votes)).
///
/// # Errors
/// Besides those of [`Classifier`]: [`Error::Overflow`] where a linear or polynomial kernel
/// with a sample is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct SvmModel(Parts);

/// What a machine consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    pub(super) expansion: Expansion,
    pub(super) sigmoids: Option<Vec<Sigmoid>>,
    pub(super) classes: Vec<u32>,
    pub(super) n_classes: usize,
}

impl TryFrom<Parts> for SvmModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("support vector machine");
        saved.classes(&parts.classes, parts.n_classes)?;
        let pairs = parts.classes.len() * (parts.classes.len() - 1) / 2;
        parts.expansion.check(pairs, saved)?;
        if let Some(sigmoids) = &parts.sigmoids {
            saved.must(sigmoids.len() == pairs, "a sigmoid for each pair of classes")?;
            saved.must(sigmoids.iter().all(|s| s.is_finite()), "finite numbers")?;
        }
        Ok(Self(parts))
    }
}

impl SvmModel {
    pub(super) fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// How many samples of fitting the decision rests on.
    pub fn n_support(&self) -> usize {
        self.0.expansion.vectors.nrows()
    }

    /// Which samples of fitting these are, ascending.
    pub fn support(&self) -> &[usize] {
        &self.0.expansion.support
    }

    /// The classes that had samples in fitting, ascending: pairs are formed of these.
    pub fn classes(&self) -> &[u32] {
        &self.0.classes
    }

    /// `sum of coefficient K(vector, x) - rho` for each pair of [`classes`](Self::classes) in the
    /// order (0,1), (0,2), ..., (1,2), ...; `(n, pairs)`. Above 0 is a vote for the first.
    ///
    /// # Errors
    /// [`Error::Features`], [`Error::NotFinite`] and [`Error::Overflow`].
    pub fn decision_values(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.0.expansion.decide(x)
    }

    /// The class with the most votes of pairs for each sample, the first of equals.
    ///
    /// # Errors
    /// Those of [`decision_values`](Self::decision_values).
    pub fn votes(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        let decisions = self.decision_values(x)?;
        let winner = |decisions: ArrayView1<'_, f64>| {
            let mut votes = vec![0.0; self.0.classes.len()];
            for ((a, b), &value) in self.pairs().zip(decisions) {
                votes[if value > 0.0 { a } else { b }] += 1.0;
            }
            self.0.classes[first_largest(votes.iter()) as usize]
        };
        Ok(decisions.outer_iter().map(winner).collect())
    }

    /// The normals of the planes of a linear machine, `(d, pairs)`; `None` for other kernels.
    pub fn normals(&self) -> Option<Array2<f64>> {
        self.0.expansion.normals()
    }

    /// The pairs of places in [`classes`](Self::classes), in the order of the machines.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let k = self.0.classes.len();
        (0..k).flat_map(move |a| (a + 1..k).map(move |b| (a, b)))
    }
}

impl Classifier for SvmModel {
    fn n_features(&self) -> usize {
        self.0.expansion.space.n_features()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let sigmoids = self.0.sigmoids.as_ref().ok_or(Error::NoProbabilities)?;
        let decisions = self.decision_values(x)?;
        let mut probabilities = Array2::zeros((x.nrows(), self.0.n_classes));
        let k = self.0.classes.len();
        for (decisions, mut row) in decisions.outer_iter().zip(probabilities.outer_iter_mut()) {
            let mut pairwise = Array2::zeros((k, k));
            for (((a, b), sigmoid), &value) in self.pairs().zip(sigmoids).zip(decisions) {
                let p = sigmoid.probability(value).clamp(LEAST, 1.0 - LEAST);
                (pairwise[[a, b]], pairwise[[b, a]]) = (p, 1.0 - p);
            }
            let coupled = couple(&pairwise);
            self.0.classes.iter().zip(coupled).for_each(|(&class, p)| row[class as usize] = p);
        }
        Ok(probabilities)
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<u32>> {
        if self.0.sigmoids.is_none() {
            return self.votes(x);
        }
        Ok(most_probable(self.probabilities(x)?.view()))
    }
}
