//! Intervals of the usual scores, in one pass over the resamples.

use serde::{Deserialize, Serialize};

use crate::average::average;
use crate::bootstrap::{BootstrapConfig, Interval, Resampler};
use crate::summaries::{Summaries, Summary};
use crate::{Counts, EmptyClass, Result, Scored};

/// Bootstrap percentile intervals of the scores of an [`Evaluation`](crate::Evaluation), which
/// says what each score is.
///
/// All come from the same resamples. What compares all classes (`balanced_accuracy`, `macro_f1`,
/// `auroc`, `auprc`) is taken from the resamples in which every class occurs that occurs at all: a mean
/// over the classes that happen to be drawn is another quantity where the hard class is the rare
/// one. The others count as undefined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// Of the share of samples whose class was predicted.
    pub accuracy: Interval,
    /// Of the mean TPR.
    pub balanced_accuracy: Interval,
    /// Of the mean F1 of PPV and TPR.
    pub macro_f1: Interval,
    /// Of the area under the ROC curve.
    pub auroc: Interval,
    /// Of average precision.
    pub auprc: Interval,
    /// Of the scores of each class against all others, in the order of the labels.
    pub per_class: Vec<ClassIntervals>,
}

/// The intervals of one class against all others; see [`Counts`] for the scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassIntervals {
    /// The name of the class.
    pub name: String,
    /// Of sensitivity, recall.
    pub tpr: Interval,
    /// Of specificity.
    pub tnr: Interval,
    /// Of precision.
    pub ppv: Interval,
    /// Of the negative predictive value.
    pub npv: Interval,
    /// Of the harmonic mean of PPV and TPR.
    pub f1: Interval,
    /// Of the harmonic mean of TPR and TNR.
    pub f1_tpr_tnr: Interval,
}

/// Bootstrap percentile intervals of all usual scores, clustered by group where
/// [`Scored::groups`] are given.
///
/// The resamples are those of [`bootstrap`](crate::bootstrap) with the same config, so that its
/// intervals agree with these. Samples are sorted by score once, not once a resample: the time
/// grows with `n * k * resamples` (`n * resamples` for two classes), the memory with
/// `k * resamples`.
///
/// # Errors
/// As [`Scored::validate`] and [`BootstrapConfig::validate`].
///
/// # Example
/// ```
/// use micrograph_metrics::{BootstrapConfig, Scored, intervals};
/// use ndarray::array;
///
/// let classes = ["empty", "full"].map(String::from);
/// let probabilities = array![[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]];
/// let truth = [0, 0, 1, 1];
/// let patients = [3, 3, 8, 5];
/// let scored = Scored {
///     groups: Some(&patients),
///     ..Scored::new(&classes, &truth, probabilities.view())
/// };
/// let intervals = intervals(&scored, BootstrapConfig::new(1))?;
///
/// assert_eq!(intervals.accuracy.estimate, Some(0.75));
/// assert_eq!(intervals.accuracy.low, Some(0.5)); // only patient 3 drawn
/// assert_eq!(intervals.accuracy.high, Some(1.0)); // only the others
/// assert!(intervals.auroc.n_undefined > 0); // as there both classes are needed
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn intervals(scored: &Scored<'_>, config: BootstrapConfig) -> Result<Intervals> {
    scored.validate()?;
    let resampler = Resampler::new(scored.truth.len(), scored.groups, config)?;
    let summaries = Summaries::new(scored, &resampler);
    Ok(assemble(scored.classes, |score| {
        resampler.interval(score(&summaries.full), summaries.resamples.iter().map(score))
    }))
}

/// The intervals of all scores; `interval` makes that of one, which it may take from the summaries
/// of one classifier or of two.
pub(crate) fn assemble(
    classes: &[String],
    interval: impl Fn(&dyn Fn(&Summary) -> Option<f64>) -> Interval,
) -> Intervals {
    let of_class = |class: usize| {
        let interval = |score: fn(&Counts) -> Option<f64>| {
            interval(&|summary: &Summary| score(&summary.counts[class]))
        };
        ClassIntervals {
            name: classes[class].clone(),
            tpr: interval(Counts::tpr),
            tnr: interval(Counts::tnr),
            ppv: interval(Counts::ppv),
            npv: interval(Counts::npv),
            f1: interval(Counts::f1),
            f1_tpr_tnr: interval(Counts::f1_tpr_tnr),
        }
    };
    let of_all_classes = |score: &dyn Fn(&Summary) -> Option<f64>| {
        interval(&|summary| score(summary).filter(|_| summary.has_all_classes))
    };
    let mean = |score: fn(&Counts) -> Option<f64>| {
        of_all_classes(&move |summary| {
            average(summary.counts.iter().map(score), EmptyClass::Undefined).mean
        })
    };
    Intervals {
        accuracy: interval(&|summary| summary.accuracy),
        balanced_accuracy: mean(Counts::tpr),
        macro_f1: mean(Counts::f1),
        auroc: of_all_classes(&|summary| summary.areas.auroc),
        auprc: of_all_classes(&|summary| summary.areas.average_precision),
        per_class: (0..classes.len()).map(of_class).collect(),
    }
}
