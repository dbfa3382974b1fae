//! Epoch by epoch: what was measured, which epoch was best, when to stop.

use serde::{Deserialize, Serialize};

/// One line of `metrics.jsonl`; `V` is what the task measures on the validation part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord<V = ValidationRecord> {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean loss over the epoch's training batches, augmented and balanced as they were trained on.
    pub train_loss: f64,
    /// Share of these samples, or of their pixels, that were right at their step, in `[0, 1]`.
    pub train_accuracy: f64,
    /// Measures on the validation part after the epoch, when there is one.
    pub validation: Option<V>,
    /// Learning rate of the epoch's first step.
    pub learning_rate: f64,
    /// Wall-clock seconds of training and validation.
    pub seconds: f64,
}

/// Measures on the validation part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValidationRecord {
    /// Mean cross-entropy, without smoothing and class weights.
    pub loss: f64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean recall of the classes that occur.
    pub balanced_accuracy: f64,
    /// Area under the ROC curve (two classes: of class 1; more: macro, one against the rest).
    pub auroc: Option<f64>,
}

/// Which measure picks the best epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Monitor {
    /// The least validation loss.
    Loss,
    /// The greatest area under the ROC curve; where it is undefined, the least loss.
    #[default]
    Auroc,
    /// The greatest balanced accuracy.
    #[serde(alias = "balanced-accuracy")]
    BalancedAccuracy,
    /// The greatest accuracy.
    Accuracy,
}

impl std::str::FromStr for Monitor {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "loss" => Ok(Self::Loss),
            "auroc" => Ok(Self::Auroc),
            "balanced-accuracy" | "balanced_accuracy" => Ok(Self::BalancedAccuracy),
            "accuracy" => Ok(Self::Accuracy),
            other => {
                Err(format!("expected loss, auroc, balanced-accuracy or accuracy, got `{other}`"))
            }
        }
    }
}

impl Monitor {
    /// Whether `new` is better than `old`; equal measures are settled by the loss, and a tie in
    /// both keeps the older epoch.
    #[must_use]
    pub fn improves(self, new: &ValidationRecord, old: &ValidationRecord) -> bool {
        let score = |record: &ValidationRecord| match self {
            Self::Loss => None,
            Self::Auroc => record.auroc,
            Self::BalancedAccuracy => Some(record.balanced_accuracy),
            Self::Accuracy => Some(record.accuracy),
        };
        match (score(new), score(old)) {
            (Some(a), Some(b)) if a != b => a > b,
            _ => new.loss < old.loss,
        }
    }
}

/// The epochs of a run so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History<V = ValidationRecord> {
    /// In order; `epochs[i].epoch == i + 1`.
    pub epochs: Vec<EpochRecord<V>>,
    /// Index into `epochs` of the best one by the monitor, when there is a validation part.
    pub best: Option<usize>,
}

impl<V> Default for History<V> {
    fn default() -> Self {
        Self { epochs: Vec::new(), best: None }
    }
}

impl<V> History<V> {
    /// Adds a record; true when it is the best so far (always, without a validation part), as
    /// `improves` says of new measures and those of the best.
    pub fn push(&mut self, record: EpochRecord<V>, improves: impl FnOnce(&V, &V) -> bool) -> bool {
        let best = self.best.and_then(|index| self.epochs.get(index)?.validation.as_ref());
        let better = match (&record.validation, best) {
            (Some(new), Some(old)) => improves(new, old),
            _ => true,
        };
        self.epochs.push(record);
        if better {
            self.best = Some(self.epochs.len() - 1);
        }
        better
    }

    /// The best epoch, counted from 1.
    #[must_use]
    pub fn best_epoch(&self) -> Option<usize> {
        self.best.map(|index| index + 1)
    }

    /// Whether the best epoch lies `patience` epochs or more in the past.
    #[must_use]
    pub fn is_stale(&self, patience: Option<usize>) -> bool {
        let (Some(patience), Some(best)) = (patience, self.best_epoch()) else { return false };
        self.epochs.len() - best >= patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(loss: f64, auroc: Option<f64>) -> EpochRecord {
        let validation =
            Some(ValidationRecord { loss, accuracy: 0.5, balanced_accuracy: 0.5, auroc });
        EpochRecord {
            epoch: 0,
            train_loss: 1.0,
            train_accuracy: 0.5,
            validation,
            learning_rate: 1e-3,
            seconds: 1.0,
        }
    }

    #[test]
    fn the_greatest_auroc_wins_and_the_loss_settles_ties() {
        let mut history = History::default();
        let mut push = |record| history.push(record, |a, b| Monitor::Auroc.improves(a, b));
        assert!(push(record(0.5, Some(0.90))));
        assert!(!push(record(0.1, Some(0.89))));
        assert!(push(record(0.4, Some(0.90))));
        assert!(!push(record(0.4, Some(0.90))));
        assert_eq!(history.best_epoch(), Some(3));
    }

    #[test]
    fn patience_counts_epochs_since_the_best() {
        let mut history = History::default();
        for loss in [0.5, 0.6, 0.7] {
            history.push(record(loss, None), |a, b| Monitor::Loss.improves(a, b));
        }
        assert!(history.is_stale(Some(2)));
        assert!(!history.is_stale(Some(3)));
        assert!(!history.is_stale(None));
    }
}
