//! Several classifiers on the same samples: scores, intervals, tests.

use std::collections::BTreeSet;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::paired::pairs;
use crate::{
    BootstrapConfig, ConfusionMatrix, Error, Evaluation, FoldMatrices, Intervals, McNemar,
    McNemarMethod, PairedDifference, PairedIntervals, ResampledT, Result, Scored, check,
    corrected_resampled_t, evaluate, holm, mcnemar, paired_intervals, predicted,
};

/// Samples of known class, and what several classifiers said of each.
#[derive(Debug, Clone, Copy)]
pub struct Contest<'a> {
    /// The names of the `k` classes, in the order of the labels.
    pub classes: &'a [String],
    /// The true label of each of the `n` samples.
    pub truth: &'a [u32],
    /// What each sample belongs to (a patient, a specimen); resamples draw these as wholes.
    pub groups: Option<&'a [usize]>,
    /// In which fold of a cross-validation each sample was kept out, the same for all
    /// classifiers, as any numbers; `None` where the samples are one test part.
    pub folds: Option<&'a [usize]>,
    /// The classifiers: names, which must be distinct, and probabilities, `(n, k)`.
    pub entries: &'a [(&'a str, ArrayView2<'a, f64>)],
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// How the intervals were drawn.
    pub bootstrap: BootstrapConfig,
    /// How many groups were drawn as wholes; `None` where samples were.
    pub n_groups: Option<usize>,
    /// The classifiers, in the order given.
    pub models: Vec<ModelScores>,
    /// Every two of them, `(0, 1), (0, 2), ..., (1, 2), ...`.
    pub pairs: Vec<PairScores>,
}

/// The scores of one classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelScores {
    /// The name given.
    pub name: String,
    /// Measures of all samples together.
    pub evaluation: Evaluation,
    /// How far these may be trusted.
    pub intervals: Intervals,
    /// The confusion matrix of each fold; empty where there are none.
    pub folds: Option<FoldMatrices>,
}

/// The difference between two classifiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairScores {
    /// The name of the first.
    pub first: String,
    /// The name of the second.
    pub second: String,
    /// Intervals of each score of the first minus that of the second.
    pub difference: Intervals,
    /// Whether one is right more often.
    pub mcnemar: McNemar,
    /// Its p value after Holm's correction for all pairs.
    pub mcnemar_holm: Option<f64>,
    /// Whether their balanced accuracies differ over the folds; `None` without folds.
    pub resampled_t: Option<ResampledT>,
    /// Its p value after Holm's correction for all pairs.
    pub resampled_t_holm: Option<f64>,
}

/// Compares classifiers that were measured on the same samples.
///
/// Each gets its [`Evaluation`] and [`Intervals`]; each pair the intervals of its differences
/// ([`paired_intervals`]), [`mcnemar`] on which samples are right, and, of a cross-validation,
/// [`corrected_resampled_t`] on the balanced accuracies of the folds, with the mean size of a test
/// part by that of a training part. Both tests are corrected for the number of pairs by [`holm`].
///
/// # Errors
/// [`Error::NoModels`], [`Error::DuplicateModel`], [`Error::Length`] unless there is one fold a
/// sample, [`Error::FewFolds`] for a single fold, and as [`paired_intervals`].
///
/// # Example
/// ```
/// use micrograph_metrics::{BootstrapConfig, Contest, compare};
/// use ndarray::array;
///
/// let classes = ["empty", "full"].map(String::from);
/// let good = array![[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]];
/// let floor = array![[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]];
/// let comparison = compare(
///     &Contest {
///         classes: &classes,
///         truth: &[0, 0, 1, 1],
///         groups: None,
///         folds: Some(&[0, 1, 0, 1]),
///         entries: &[("svm", good.view()), ("dummy", floor.view())],
///     },
///     BootstrapConfig::new(1),
/// )?;
/// assert_eq!(comparison.models[0].evaluation.balanced_accuracy, 1.0);
/// let pair = &comparison.pairs[0];
/// assert_eq!(pair.difference.balanced_accuracy.estimate, Some(0.5));
/// assert_eq!(pair.mcnemar.only_first, 2);
/// assert_eq!(pair.mcnemar_holm, Some(0.5)); // 2 / 2^2, two-sided; one test, nothing to correct
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn compare(contest: &Contest<'_>, config: BootstrapConfig) -> Result<Comparison> {
    let Contest { classes, truth, groups, folds, entries } = *contest;
    let mut names = BTreeSet::new();
    if let Some((name, _)) = entries.iter().find(|(name, _)| !names.insert(*name)) {
        return Err(Error::DuplicateModel { name: (*name).to_owned() });
    }
    let scored: Vec<Scored<'_>> = (entries.iter())
        .map(|(_, probabilities)| Scored { groups, ..Scored::new(classes, truth, *probabilities) })
        .collect();
    let PairedIntervals { each, pairs: differences } = paired_intervals(&scored, config)?;
    let folds = folds.map(|folds| Folds::new(folds, truth.len())).transpose()?;
    let said: Vec<Vec<u32>> = scored.iter().map(|model| predicted(model.probabilities)).collect();
    let matrices =
        said.iter().map(|said| folds.as_ref().map(|folds| folds.matrices(contest, said)));
    let matrices: Vec<Option<FoldMatrices>> =
        matrices.map(Option::transpose).collect::<Result<_>>()?;
    let pairs = tests(contest, &said, (folds.as_ref(), &matrices), differences)?;
    let models = scored.iter().zip(entries).zip(each.into_iter().zip(matrices)).map(
        |((scored, (name, _)), (intervals, folds))| {
            let evaluation = evaluate(scored)?;
            Ok(ModelScores { name: (*name).to_owned(), evaluation, intervals, folds })
        },
    );
    Ok(Comparison {
        bootstrap: config,
        n_groups: groups.map(|groups| groups.iter().collect::<BTreeSet<_>>().len()),
        models: models.collect::<Result<_>>()?,
        pairs,
    })
}

/// Tests every pair, and corrects for their number.
fn tests(
    contest: &Contest<'_>,
    said: &[Vec<u32>],
    (folds, matrices): (Option<&Folds>, &[Option<FoldMatrices>]),
    differences: Vec<PairedDifference>,
) -> Result<Vec<PairScores>> {
    let name = |index: usize| contest.entries[index].0.to_owned();
    let automatic = McNemarMethod::Automatic;
    let mcnemars = pairs(said.len())
        .map(|(first, second)| mcnemar(contest.truth, &said[first], &said[second], automatic))
        .collect::<Result<Vec<_>>>()?;
    let over_folds = pairs(said.len())
        .map(|(first, second)| match (folds, &matrices[first], &matrices[second]) {
            (Some(folds), Some(first), Some(second)) => folds.t_test(first, second).map(Some),
            _ => Ok(None),
        })
        .collect::<Result<Vec<_>>>()?;
    let p_values: Vec<_> = mcnemars.iter().map(|test| test.p_value).collect();
    let mcnemar_holm = holm(&p_values)?;
    let p_values: Vec<_> = over_folds.iter().map(|test| test.and_then(|t| t.p_value)).collect();
    let resampled_t_holm = holm(&p_values)?;
    let rows = differences.into_iter().enumerate().map(|(index, pair)| PairScores {
        first: name(pair.first),
        second: name(pair.second),
        difference: pair.difference,
        mcnemar: mcnemars[index],
        mcnemar_holm: mcnemar_holm[index],
        resampled_t: over_folds[index],
        resampled_t_holm: resampled_t_holm[index],
    });
    Ok(rows.collect())
}

/// The samples of each fold.
struct Folds {
    samples: Vec<Vec<usize>>,
    n: usize,
}

impl Folds {
    fn new(fold_of: &[usize], n: usize) -> Result<Self> {
        check::length("folds", n, fold_of.len())?;
        let numbers: Vec<usize> =
            fold_of.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if numbers.len() < 2 {
            return Err(Error::FewFolds { got: numbers.len() });
        }
        let of = |number| (0..n).filter(|&sample| fold_of[sample] == number).collect();
        Ok(Self { samples: numbers.into_iter().map(of).collect(), n })
    }

    fn matrices(&self, contest: &Contest<'_>, said: &[u32]) -> Result<FoldMatrices> {
        let of_fold = |samples: &Vec<usize>| {
            let pick = |labels: &[u32]| samples.iter().map(|&i| labels[i]).collect::<Vec<_>>();
            let (truth, said) = (pick(contest.truth), pick(said));
            ConfusionMatrix::from_labels(contest.classes.to_vec(), &truth, &said, None)
        };
        FoldMatrices::new(self.samples.iter().map(of_fold).collect::<Result<_>>()?)
    }

    fn t_test(&self, first: &FoldMatrices, second: &FoldMatrices) -> Result<ResampledT> {
        let scores = |matrices: &FoldMatrices| {
            matrices.folds().iter().map(ConfusionMatrix::balanced_accuracy).collect::<Vec<_>>()
        };
        let differences: Vec<f64> = (scores(first).into_iter().zip(scores(second)))
            .filter_map(|(a, b)| Some(a? - b?))
            .collect();
        let tested = self.n as f64 / self.samples.len() as f64;
        corrected_resampled_t(&differences, tested / (self.n as f64 - tested))
    }
}
