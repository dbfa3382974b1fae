//! Stratified k-fold, after scikit-learn's `StratifiedKFold(shuffle=True)`.

use rand::seq::SliceRandom;

use super::{Folds, check_counts, encode};
use crate::random::{Purpose, stream};
use crate::{Result, Warning};

/// Deals the samples into `k` folds of equal class shares.
///
/// For every class, and for the folds as a whole, the counts of two folds differ by at most one.
/// The samples of a class are dealt at random by `seed`.
///
/// # Edge cases
/// A class with fewer samples than folds is absent from some of them: a [`Warning::RareClass`].
/// A single class is divided like any other data.
///
/// # Errors
/// [`Error::TooFewFolds`](crate::Error::TooFewFolds) when `k < 2`, and
/// [`Error::TooFewSamples`](crate::Error::TooFewSamples) when there are fewer samples than folds.
///
/// # Source
/// The allocation of scikit-learn 1.9: labels sorted, then dealt in turn. Only the shuffle differs.
///
/// # Example
/// ```
/// use micrograph_sampling::{Warning, stratified_k_fold};
///
/// let folds = stratified_k_fold(&[0, 0, 0, 0, 1, 2, 2, 2], 2, 0)?;
/// assert_eq!(folds.split(0).test.len(), 4);
/// assert_eq!(folds.warnings, [Warning::RareClass { label: 1, count: 1, parts: 2 }]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn stratified_k_fold(labels: &[u32], k: usize, seed: u64) -> Result<Folds> {
    check_counts(labels.len(), k)?;
    let classes = encode(labels);
    let mut test_fold = vec![0; labels.len()];
    for (class, quota) in quotas(&classes.index, classes.counts.len(), k).into_iter().enumerate() {
        let mut fold_of_member: Vec<usize> =
            quota.iter().enumerate().flat_map(|(fold, &n)| std::iter::repeat_n(fold, n)).collect();
        let label = u64::from(*classes.values[class]);
        fold_of_member.shuffle(&mut stream(Purpose::Folds, seed, label, 0));
        let members = classes.index.iter().enumerate().filter(|&(_, &c)| c == class);
        for ((sample, _), fold) in members.zip(fold_of_member) {
            test_fold[sample] = fold;
        }
    }
    Ok(Folds::new(test_fold, k, Warning::rare_classes(&classes, k)))
}

/// How many samples of each class go into each fold: `[class][fold]`.
///
/// The samples, sorted by class, are dealt in turn, so both classes and folds come out even.
/// Classes are sorted by first appearance, as scikit-learn does.
fn quotas(classes: &[usize], n_classes: usize, k: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = Vec::with_capacity(n_classes);
    let mut counts = vec![0; n_classes];
    for &class in classes {
        if counts[class] == 0 {
            order.push(class);
        }
        counts[class] += 1;
    }
    let mut quotas = vec![vec![0; k]; n_classes];
    let dealt = order.iter().flat_map(|&class| std::iter::repeat_n(class, counts[class]));
    for (turn, class) in dealt.enumerate() {
        quotas[class][turn % k] += 1;
    }
    quotas
}
