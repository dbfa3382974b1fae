//! Splits of samples, by group where groups are known, with errors that name the data.

use micrograph_sampling::{
    Error as SamplingError, Folds, HoldOut, stratified_group_hold_out, stratified_group_k_fold,
    stratified_hold_out, stratified_k_fold,
};

use crate::{Error, Readable, Result};

impl Readable {
    /// Holds out a `fraction` of the samples at `indices`; the split holds positions in `indices`.
    pub(crate) fn held_out(&self, indices: &[usize], fraction: f64, seed: u64) -> Result<HoldOut> {
        let labels = self.labels_of(indices);
        let held = match self.groups_of(indices) {
            Some(groups) => stratified_group_hold_out(&labels, &groups, fraction, seed),
            None => stratified_hold_out(&labels, fraction, seed),
        };
        let repair = "give the data a validation part, or train without one \
                      (validation_fraction 0)";
        held.map_err(|error| self.cannot_split(error, "a training and a validation part", repair))
    }

    /// Deals the samples at `indices` into `k` folds, which hold positions in `indices`.
    pub(crate) fn folds_of(&self, indices: &[usize], k: usize, seed: u64) -> Result<Folds> {
        let labels = self.labels_of(indices);
        let folds = match self.groups_of(indices) {
            Some(groups) => stratified_group_k_fold(&labels, &groups, k, seed),
            None => stratified_k_fold(&labels, k, seed),
        };
        let repair = "lower the number of folds (--folds)";
        folds.map_err(|error| self.cannot_split(error, &format!("{k} folds"), repair))
    }

    fn cannot_split(&self, error: SamplingError, parts: &str, repair: &str) -> Error {
        let (count, what) = match error {
            SamplingError::TooFewSamples { samples, .. } => (samples, "sample"),
            SamplingError::TooFewGroups { groups, .. } => (groups, "group"),
            other => return other.into(),
        };
        let plural = if count == 1 { "" } else { "s" };
        let problem = format!(
            "{count} {what}{plural} for {parts}: expected at least one {what} each; add {what}s, \
             or {repair}"
        );
        Error::Data { path: self.dataset().source.clone(), problem }
    }
}
