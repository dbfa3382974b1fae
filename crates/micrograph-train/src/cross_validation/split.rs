//! Which samples train and which test: folds, and one hold-out.

use micrograph_sampling::{
    Folds, Split, stratified_group_hold_out, stratified_group_k_fold, stratified_hold_out,
    stratified_k_fold,
};

use super::FoldPlan;
use crate::{Error, Readable, Result, TrainConfig};

/// One stratified hold-out (by group where groups are known) of all readable samples, as indices
/// into the data set.
///
/// # Errors
/// When `fraction` leaves a side empty.
pub fn hold_out(readable: &Readable, fraction: f64, seed: u64) -> Result<Split> {
    let usable = readable.usable();
    let labels = readable.labels_of(&usable);
    let held = match readable.groups_of(&usable) {
        Some(groups) => stratified_group_hold_out(&labels, &groups, fraction, seed)?,
        None => stratified_hold_out(&labels, fraction, seed)?,
    };
    let pick = |positions: &[usize]| positions.iter().map(|&p| usable[p]).collect();
    Ok(Split { train: pick(&held.split.train), test: pick(&held.split.test) })
}

/// The readable samples and their folds, each of which can be trained and tested; called before
/// work that takes time.
///
/// # Errors
/// When there are fewer samples or groups than folds, or a fold leaves nothing to train or test on.
pub fn check_folds(
    readable: &Readable,
    config: &TrainConfig,
    plan: FoldPlan,
) -> Result<(Vec<usize>, Folds)> {
    let usable = readable.usable();
    let folds = make_folds(readable, &usable, plan.folds, config.seed)?;
    for (number, split) in folds.iter().enumerate() {
        let train: Vec<usize> = split.train.iter().map(|&position| usable[position]).collect();
        if split.test.is_empty() {
            let problem = format!(
                "fold {} of {} has nothing to test on, for want of groups; use fewer folds",
                number + 1,
                plan.folds
            );
            return Err(Error::Data { path: readable.dataset().root.clone(), problem });
        }
        readable.prepare_with(train, Vec::new(), config)?;
    }
    Ok((usable, folds))
}

fn make_folds(readable: &Readable, usable: &[usize], k: usize, seed: u64) -> Result<Folds> {
    let labels = readable.labels_of(usable);
    Ok(match readable.groups_of(usable) {
        Some(groups) => stratified_group_k_fold(&labels, &groups, k, seed)?,
        None => stratified_k_fold(&labels, k, seed)?,
    })
}
