//! The best of several pipelines by cross-validation, and what it is worth by a nested one.

use micrograph_sampling::{Folds, Split};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};
use crate::samples::rows;
use crate::tune::divide;
use crate::{Classifier, Error, Fit, Pipeline, Result, Samples};

/// What a search makes as large as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Score {
    /// The share of test samples that are predicted rightly.
    Accuracy,
    /// The mean over the classes with test samples of that share.
    #[default]
    BalancedAccuracy,
}

impl Score {
    fn of(self, predicted: &[u32], truth: &[u32], n_classes: usize) -> f64 {
        let (mut right, mut all) = (vec![0.0; n_classes], vec![0.0; n_classes]);
        for (&predicted, &truth) in predicted.iter().zip(truth) {
            all[truth as usize] += 1.0;
            right[truth as usize] += f64::from(u8::from(predicted == truth));
        }
        match self {
            Self::Accuracy => right.iter().sum::<f64>() / truth.len() as f64,
            Self::BalancedAccuracy => {
                let shares = right.iter().zip(&all).filter(|(_, all)| **all > 0.0);
                let shares: Vec<f64> = shares.map(|(right, all)| right / all).collect();
                shares.iter().sum::<f64>() / shares.len() as f64
            }
        }
    }
}

/// How the candidates of a search did.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// For each candidate its score in each fold, or why it could not be fitted.
    pub scores: Vec<Result<Vec<f64>>>,
    /// The candidate with the highest mean score, the first of equals.
    pub best: usize,
}

impl SearchResult {
    /// The mean score of a candidate; `None` where it could not be fitted, or is none.
    pub fn mean(&self, candidate: usize) -> Option<f64> {
        self.scores.get(candidate)?.as_ref().ok().map(|scores| mean(scores))
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What one outer fold of a nested search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NestedFold {
    /// The candidate that won the search within the training part.
    pub best: usize,
    /// Its mean score there, which is too good: it was chosen by it.
    pub inner: f64,
    /// The score on the test part of the candidate, fitted to the whole training part.
    pub outer: f64,
}

/// Several pipelines of which the best is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search<'a> {
    /// The pipelines, such as those of [`grid`](crate::grid).
    pub candidates: &'a [Pipeline],
    /// What is made as large as possible.
    pub score: Score,
    /// What everything drawn follows from; all candidates have the same in a fold.
    pub seed: u64,
}

impl Search<'_> {
    /// Fits every candidate to the training part of each of `folds` and scores it on the test
    /// part.
    ///
    /// `folds` come from `micrograph_sampling`, grouped where samples belong together. All stages
    /// of a pipeline, scaling and selection too, see training parts alone. A candidate that cannot
    /// be fitted loses, and its error is kept.
    ///
    /// # Errors
    /// [`Error::Setting`] where the folds are not of these samples or there is no candidate, and
    /// the error of the first candidate where none can be fitted.
    ///
    /// # Example
    /// ```
    /// use micrograph_classic::{Pipeline, Samples, Score, Search, Setting, grid};
    /// use micrograph_sampling::stratified_k_fold;
    /// use ndarray::array;
    ///
    /// let x = array![[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]];
    /// let labels = [0, 0, 0, 1, 1, 1];
    /// let base = Pipeline::by_name("neighbors").expect("a name of `Pipeline::NAMES`");
    /// // Of five neighbors among four samples, none is near.
    /// let candidates = grid(&base, &[(Setting::Neighbors, vec![5.0, 1.0])])?;
    /// let folds = stratified_k_fold(&labels, 3, 0)?;
    /// let samples = Samples::new(x.view(), &labels, 2)?;
    /// let search = Search { candidates: &candidates, score: Score::Accuracy, seed: 0 };
    /// let result = search.run(&samples, &folds)?;
    /// assert_eq!((result.best, result.mean(1)), (1, Some(1.0)));
    /// # Ok::<(), micrograph_classic::Error>(())
    /// ```
    pub fn run(&self, samples: &Samples<'_>, folds: &Folds) -> Result<SearchResult> {
        self.run_watched(samples, folds, &mut || true)
    }

    /// As [`run`](Self::run); `go_on` is asked before each fit.
    ///
    /// # Errors
    /// Those of [`run`](Self::run), and [`Error::Stopped`] once `go_on` says no.
    pub fn run_watched(
        &self,
        samples: &Samples<'_>,
        folds: &Folds,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<SearchResult> {
        let splits = splits(folds, samples)?;
        if self.candidates.is_empty() {
            let (field, value) = ("candidates", "none".to_string());
            return Err(Error::Setting { field, value, expected: "at least one pipeline" });
        }
        let mut of_candidate = |pipeline: &Pipeline| {
            let of_fold = |(fold, split): (usize, &Split)| {
                asked(go_on)?;
                let seed = stream(Purpose::Search, self.seed, fold as u64, 0).random();
                let predicted = predict(pipeline, samples, split, seed)?;
                Ok(self.score.of(&predicted, &labels_of(samples, &split.test), samples.n_classes()))
            };
            splits.iter().enumerate().map(of_fold).collect::<Result<Vec<f64>>>()
        };
        let mut scores: Vec<Result<Vec<f64>>> = Vec::with_capacity(self.candidates.len());
        for pipeline in self.candidates {
            scores.push(match of_candidate(pipeline) {
                Err(Error::Stopped) => return Err(Error::Stopped),
                scores => scores,
            });
        }
        let mut best: Option<(usize, f64)> = None;
        for (candidate, scores) in scores.iter().enumerate() {
            if let Ok(scores) = scores
                && best.is_none_or(|best| mean(scores) > best.1)
            {
                best = Some((candidate, mean(scores)));
            }
        }
        match (best, scores.first()) {
            (None, Some(Err(error))) => Err(error.clone()),
            (best, _) => Ok(SearchResult { best: best.map_or(0, |best| best.0), scores }),
        }
    }

    /// The worth of a search: in each outer fold candidates compete on inner folds of the training
    /// part alone, and the winner is scored on the test part, which had no say in the choice.
    ///
    /// `inner_folds`, at least 2, are stratified, and grouped where the samples have groups; there
    /// are fewer of a training part with too few samples or groups.
    ///
    /// # Errors
    /// Those of [`run`](Self::run), and [`Error::Folds`] where a training part cannot be divided.
    ///
    /// # Source
    /// Varma and Simon 2006, "Bias in error estimation when using cross-validation for model
    /// selection".
    pub fn nested(
        &self,
        samples: &Samples<'_>,
        outer: &Folds,
        inner_folds: usize,
    ) -> Result<Vec<NestedFold>> {
        self.nested_watched(samples, outer, inner_folds, &mut || true)
    }

    /// As [`nested`](Self::nested); `go_on` is asked before each fit.
    ///
    /// # Errors
    /// Those of [`nested`](Self::nested), and [`Error::Stopped`] once `go_on` says no.
    pub fn nested_watched(
        &self,
        samples: &Samples<'_>,
        outer: &Folds,
        inner_folds: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<NestedFold>> {
        let of_fold = |(fold, split): (usize, &Split)| {
            let seed: u64 = stream(Purpose::Search, self.seed, fold as u64, 1).random();
            let train = samples.part(&split.train);
            let train = train.samples()?;
            let folds = divide(&train, inner_folds, seed)?;
            let found = Search { seed, ..*self }.run_watched(&train, &folds, go_on)?;
            asked(go_on)?;
            let predicted = predict(&self.candidates[found.best], samples, split, seed)?;
            let outer =
                self.score.of(&predicted, &labels_of(samples, &split.test), samples.n_classes());
            let inner = found.mean(found.best).unwrap_or_default();
            Ok(NestedFold { best: found.best, inner, outer })
        };
        splits(outer, samples)?.iter().enumerate().map(of_fold).collect()
    }
}

/// The splits of `folds`, which must be of as many samples and have no empty part.
fn splits(folds: &Folds, samples: &Samples<'_>) -> Result<Vec<Split>> {
    let splits: Vec<Split> = folds.iter().collect();
    let n = samples.labels().len();
    let fits = |split: &Split| {
        split.train.len() + split.test.len() == n
            && !split.train.is_empty()
            && !split.test.is_empty()
    };
    if !splits.is_empty() && splits.iter().all(fits) {
        return Ok(splits);
    }
    let value = format!("{} folds", splits.len());
    let expected = "a division of these samples, with training and test samples in each fold";
    Err(Error::Setting { field: "folds", value, expected })
}

fn asked(go_on: &mut dyn FnMut() -> bool) -> Result<()> {
    if go_on() { Ok(()) } else { Err(Error::Stopped) }
}

fn labels_of(samples: &Samples<'_>, part: &[usize]) -> Vec<u32> {
    part.iter().map(|&sample| samples.labels()[sample]).collect()
}

/// Fits to the training part and predicts the test part.
fn predict(
    pipeline: &Pipeline,
    samples: &Samples<'_>,
    split: &Split,
    seed: u64,
) -> Result<Vec<u32>> {
    let train = samples.part(&split.train);
    pipeline.fit(&train.samples()?, seed)?.predict(rows(samples.x(), &split.test).view())
}
