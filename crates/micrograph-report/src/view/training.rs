//! The section of the training: its curves, and every number in a table.

use crate::format::{UNDEFINED, duration, plural, quantity, rate, score};
use crate::plot::{Figure, history};
use crate::{EpochRecord, RunReport};

/// What the training shows.
pub(super) struct Training {
    pub(super) sentence: String,
    pub(super) figures: Vec<Figure>,
    pub(super) rows: Vec<EpochRow>,
}

/// A row of the table of epochs.
pub(super) struct EpochRow {
    pub(super) epoch: usize,
    pub(super) is_best: bool,
    pub(super) cells: Vec<String>,
}

/// The section; `None` without an epoch.
pub(super) fn training(report: &RunReport) -> Option<Training> {
    if report.history.is_empty() {
        return None;
    }
    Some(Training {
        sentence: sentence(report),
        figures: history(&report.history, report.best_epoch),
        rows: report.history.iter().map(|epoch| row(epoch, report.best_epoch)).collect(),
    })
}

fn sentence(report: &RunReport) -> String {
    let epochs = plural(report.history.len(), "epoch", "epochs");
    let mut seconds: Vec<f64> =
        report.history.iter().map(|epoch| epoch.seconds).filter(|s| s.is_finite()).collect();
    seconds.sort_by(f64::total_cmp);
    let total = duration(seconds.iter().sum());
    let pace = match seconds.get(seconds.len() / 2) {
        Some(_) if report.history.len() == 1 => format!(" in {total}"),
        Some(&median) => format!(" in {total}, {} each (median)", duration(median)),
        None => String::new(),
    };
    let kept = match report.best_epoch {
        Some(best) => format!(" The weights of epoch {best} were kept; the dashed line marks it."),
        None => String::new(),
    };
    let kept = if report.history.len() == 1 { "" } else { &kept };
    format!("{epochs}{pace}.{kept}")
}

fn row(epoch: &EpochRecord, best: Option<usize>) -> EpochRow {
    let loss = |value: Option<f64>| value.map_or(UNDEFINED.into(), quantity);
    EpochRow {
        epoch: epoch.epoch,
        is_best: Some(epoch.epoch) == best,
        cells: vec![
            loss(Some(epoch.train_loss)),
            loss(epoch.validation_loss),
            score(epoch.train_accuracy),
            score(epoch.validation_accuracy),
            score(epoch.validation_auroc),
            rate(epoch.learning_rate),
            duration(epoch.seconds),
        ],
    }
}
