//! The best settings of a pipeline for some samples, and what they are worth, in one call.

use std::collections::{BTreeMap, BTreeSet};

use micrograph_sampling::{Folds, stratified_group_k_fold, stratified_k_fold};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::candidates::{Values, combinations, draws, write_all};
use crate::random::{Purpose, stream};
use crate::search::{NestedFold, mean};
use crate::{Error, Pipeline, Range, Result, Samples, Score, Search, Setting};

/// The most candidates.
const MOST: usize = 10_000;

/// What is tried when a pipeline is [tuned](Pipeline::tuned).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Candidates {
    /// The grid of the method ([`Pipeline::default_grid`]).
    #[default]
    Default,
    /// All combinations of these values.
    Grid(BTreeMap<Setting, Vec<f64>>),
    /// Values drawn from ranges.
    Random {
        /// How many draws.
        count: usize,
        /// Where each setting is drawn from.
        ranges: BTreeMap<Setting, Range>,
    },
}

/// How a pipeline is [tuned](Pipeline::tuned).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// What is tried.
    pub candidates: Candidates,
    /// What is made as large as possible; the balanced accuracy by default.
    pub score: Score,
    /// On how many folds candidates compete, at least 2; 5 by default.
    pub inner_folds: usize,
    /// In how many folds the choice is tested on samples that had no say in it; 5 by default. With
    /// 0 it is not tested, which takes about one sixth of the time.
    pub outer_folds: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        let (candidates, score) = (Candidates::default(), Score::default());
        Self { candidates, score, inner_folds: 5, outer_folds: 5 }
    }
}

impl Tuning {
    /// Checks the numbers of folds.
    ///
    /// # Errors
    /// [`Error::Setting`] for fewer than two inner folds, or one outer fold.
    pub fn validate(&self) -> Result<()> {
        let (inner, outer) = (self.inner_folds, self.outer_folds);
        check_folds("inner_folds", inner, inner >= 2, "at least 2")?;
        check_folds("outer_folds", outer, outer != 1, "0, or 2 or more")
    }

    /// At most so many fits choose among that many candidates: fewer where one cannot be fitted, or
    /// samples allow fewer folds.
    ///
    /// ```
    /// // Six candidates on five folds, and in each of five outer ones so again, with the winner.
    /// assert_eq!(micrograph_classic::Tuning::default().fits(6), 30 + 5 * (30 + 1));
    /// ```
    #[must_use]
    pub fn fits(&self, candidates: usize) -> usize {
        let inner = candidates.saturating_mul(self.inner_folds);
        inner.saturating_add(self.outer_folds.saturating_mul(inner.saturating_add(1)))
    }
}

/// What was tried, and how it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The values of settings.
    pub values: BTreeMap<Setting, f64>,
    /// The mean score over the folds; `None` where it could not be fitted.
    pub score: Option<f64>,
    /// Why it could not be fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A pipeline with the best settings of those that were tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The pipeline, still to be fitted to all samples.
    pub pipeline: Pipeline,
    /// Everything that was tried on all samples.
    pub tried: Vec<Tried>,
    /// The place of the best in `tried`, the first of equals.
    pub best: usize,
    /// Choice and score of each outer fold; empty where there was none.
    pub nested: Vec<NestedFold>,
}

impl Tuned {
    /// The mean score of a choice made in this way on samples that had no say in it: what to expect
    /// of the pipeline. `None` without outer folds. The score of the best in `tried` is too good.
    pub fn worth(&self) -> Option<f64> {
        let scores: Vec<f64> = self.nested.iter().map(|fold| fold.outer).collect();
        (!scores.is_empty()).then(|| mean(&scores))
    }
}

impl Pipeline {
    /// The best settings of this pipeline for `samples`: candidates compete by cross-validation on
    /// all samples, and a nested cross-validation tells what such a choice is worth.
    ///
    /// Folds are stratified; no group of the samples ([`Samples::with_groups`]) is divided, neither
    /// by outer nor by inner folds. Where there are too few samples or groups,
    /// folds are fewer, and at least two. All stages see training parts alone. Fit the result to
    /// all samples.
    ///
    /// # Errors
    /// [`Error::Setting`] for fewer than two inner folds, one outer fold, and what [`grid`](crate::grid) and
    /// [`random_candidates`](crate::random_candidates) refuse; [`Error::Folds`] where samples or
    /// groups cannot be divided in two; the error of the first candidate where none can be fitted.
    ///
    /// # Source
    /// Varma and Simon 2006 for the nested cross-validation.
    ///
    /// # Example
    /// ```
    /// use micrograph_classic::{Fit, Pipeline, Samples, Setting, Tuning};
    /// use ndarray::Array2;
    ///
    /// // Two rings, and three images of each of twenty patients.
    /// let x = Array2::from_shape_fn((60, 2), |(i, j)| {
    ///     let (angle, radius) = (i as f64 * 0.7, if i % 2 == 0 { 1.0 } else { 2.0 });
    ///     radius * if j == 0 { angle.sin() } else { angle.cos() }
    /// });
    /// let labels: Vec<u32> = (0..60).map(|i| i % 2).collect();
    /// let patients: Vec<u64> = (0..60).map(|i| i / 3).collect();
    /// let samples = Samples::new(x.view(), &labels, 2)?.with_groups(&patients)?;
    ///
    /// let neighbors = Pipeline::by_name("neighbors").expect("a name of `Pipeline::NAMES`");
    /// let tuned = neighbors.tuned(&samples, &Tuning::default(), 7)?;
    /// assert_eq!(tuned.tried.len(), 6);
    /// // Of many neighbors, too many lie on the other ring.
    /// assert!(tuned.tried[tuned.best].values[&Setting::Neighbors] < 10.0);
    /// assert!(tuned.worth().expect("outer folds") > 0.9);
    /// let model = tuned.pipeline.fit(&samples, 7)?;
    /// # Ok::<(), micrograph_classic::Error>(())
    /// ```
    pub fn tuned(&self, samples: &Samples<'_>, tuning: &Tuning, seed: u64) -> Result<Tuned> {
        self.tuned_watched(samples, tuning, seed, &mut || true)
    }

    /// As [`tuned`](Self::tuned); `go_on` is asked before each of the fits that
    /// [`Tuning::fits`] counts.
    ///
    /// # Errors
    /// Those of [`tuned`](Self::tuned), and [`Error::Stopped`] once `go_on` says no.
    pub fn tuned_watched(
        &self,
        samples: &Samples<'_>,
        tuning: &Tuning,
        seed: u64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Tuned> {
        let (values, candidates): (Vec<_>, Vec<_>) =
            self.candidates(tuning, samples.x().ncols(), seed)?.into_iter().unzip();
        let seed_of = |step: u64| stream(Purpose::Tuning, seed, step, 0).random();
        let search = Search { candidates: &candidates, score: tuning.score, seed: seed_of(0) };
        let folds = divide(samples, tuning.inner_folds, seed_of(1))?;
        let found = search.run_watched(samples, &folds, go_on)?;
        let nested = if tuning.outer_folds == 0 {
            Vec::new()
        } else {
            let outer = divide(samples, tuning.outer_folds, seed_of(2))?;
            search.nested_watched(samples, &outer, tuning.inner_folds, go_on)?
        };
        let tried = values.into_iter().zip(&found.scores).map(|(values, scores)| Tried {
            values,
            score: scores.as_ref().ok().map(|scores| mean(scores)),
            error: scores.as_ref().err().map(Error::to_string),
        });
        let pipeline = candidates[found.best].clone();
        Ok(Tuned { pipeline, tried: tried.collect(), best: found.best, nested })
    }

    /// What [`tuned`](Self::tuned) would try for `n_features`: settings, and this pipeline with them.
    ///
    /// # Errors
    /// As [`tuned`](Self::tuned), but for what samples decide.
    pub fn candidates(
        &self,
        tuning: &Tuning,
        n_features: usize,
        seed: u64,
    ) -> Result<Vec<(BTreeMap<Setting, f64>, Pipeline)>> {
        tuning.validate()?;
        let values = match &tuning.candidates {
            Candidates::Default => all(&self.default_grid(n_features))?,
            Candidates::Grid(axes) => all(axes)?,
            Candidates::Random { count, ranges } => {
                let ranges: Vec<_> = ranges.clone().into_iter().collect();
                draws(&ranges, at_most(*count)?, seed)?
            }
        };
        let with =
            |values: Values| Ok((values.iter().copied().collect(), write_all(self, &values)?));
        values.into_iter().map(with).collect()
    }
}

/// All combinations.
fn all(axes: &BTreeMap<Setting, Vec<f64>>) -> Result<Vec<Values>> {
    at_most(axes.values().fold(1, |product: usize, values| product.saturating_mul(values.len())))?;
    Ok(combinations(&axes.clone().into_iter().collect::<Vec<_>>()))
}

/// Refuses more candidates than anybody waits for.
fn at_most(count: usize) -> Result<usize> {
    if count <= MOST {
        return Ok(count);
    }
    let (field, value) = ("candidates", count.to_string());
    Err(Error::Setting { field, value, expected: "at most 10000" })
}

fn check_folds(
    field: &'static str,
    folds: usize,
    fits: bool,
    expected: &'static str,
) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::Setting { field, value: folds.to_string(), expected }) }
}

/// Stratified folds, grouped where there are groups; fewer than asked for where there are too few
/// samples or groups, so that none is empty.
pub(crate) fn divide(samples: &Samples<'_>, folds: usize, seed: u64) -> Result<Folds> {
    divide_labels(samples.labels(), samples.groups(), folds, seed)
}

/// As [`divide`].
pub(crate) fn divide_labels(
    labels: &[u32],
    groups: Option<&[u64]>,
    folds: usize,
    seed: u64,
) -> Result<Folds> {
    let units = groups.map_or(labels.len(), |groups| groups.iter().collect::<BTreeSet<_>>().len());
    // The greedy division of groups may leave folds empty.
    let mut folds = folds.min(units).max(2);
    loop {
        let divided = match groups {
            Some(groups) => stratified_group_k_fold(labels, groups, folds, seed)?,
            None => stratified_k_fold(labels, folds, seed)?,
        };
        if folds == 2 || divided.iter().all(|split| !split.test.is_empty()) {
            return Ok(divided);
        }
        folds -= 1;
    }
}
