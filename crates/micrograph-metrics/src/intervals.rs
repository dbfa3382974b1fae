//! Intervals of the usual scores, in one pass over the resamples.

use serde::{Deserialize, Serialize};

use crate::average::average;
use crate::bootstrap::{BootstrapConfig, Interval, Resampler};
use crate::counts::ratio;
use crate::evaluation::{first_ranked, mean_areas, rankings};
use crate::ranking::{Areas, Ranking};
use crate::{Counts, EmptyClass, Result, Scored, check, predicted};

/// Bootstrap percentile intervals of the scores of an [`Evaluation`](crate::Evaluation), which
/// says what each score is.
///
/// All come from the same resamples. What compares all classes (`balanced_accuracy`, `auroc`,
/// `auprc`) is taken from the resamples in which every class occurs that occurs at all: a mean
/// over the classes that happen to be drawn is another quantity where the hard class is the rare
/// one. The others count as undefined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// Of the share of samples whose class was predicted.
    pub accuracy: Interval,
    /// Of the mean TPR.
    pub balanced_accuracy: Interval,
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
    let samples = Samples::new(scored);
    let full = samples.summary(&vec![1.0; scored.truth.len()]);
    let mut times = Vec::new();
    let resamples: Vec<Summary> = resampler
        .streams()
        .map(|stream| {
            resampler.times(stream, &mut times);
            samples.summary(&times)
        })
        .collect();
    let interval = |score: &dyn Fn(&Summary) -> Option<f64>| {
        resampler.interval(score(&full), resamples.iter().map(score))
    };
    let of_class = |class: usize| {
        let interval = |score: fn(&Counts) -> Option<f64>| {
            interval(&|summary: &Summary| score(&summary.counts[class]))
        };
        ClassIntervals {
            name: scored.classes[class].clone(),
            tpr: interval(Counts::tpr),
            tnr: interval(Counts::tnr),
            ppv: interval(Counts::ppv),
            npv: interval(Counts::npv),
            f1: interval(Counts::f1),
            f1_tpr_tnr: interval(Counts::f1_tpr_tnr),
        }
    };
    let of_all_classes = |score: fn(&Summary) -> Option<f64>| {
        interval(&|summary| score(summary).filter(|_| summary.has_classes_of(&full)))
    };
    Ok(Intervals {
        accuracy: interval(&|summary| summary.accuracy),
        balanced_accuracy: of_all_classes(|summary| {
            average(summary.counts.iter().map(Counts::tpr), EmptyClass::Undefined).mean
        }),
        auroc: of_all_classes(|summary| summary.areas.auroc),
        auprc: of_all_classes(|summary| summary.areas.average_precision),
        per_class: (0..scored.classes.len()).map(of_class).collect(),
    })
}

/// What stays the same from resample to resample.
struct Samples<'a> {
    truth: &'a [u32],
    predicted: Vec<u32>,
    weights: Option<&'a [f64]>,
    n_classes: usize,
    rankings: Vec<Ranking>,
}

/// What a resample is reduced to: of the order of the classes, not of their square.
struct Summary {
    counts: Vec<Counts>,
    accuracy: Option<f64>,
    areas: Areas,
}

impl Summary {
    /// Whether every class of `full` occurs here too: TPR is undefined without a sample.
    fn has_classes_of(&self, full: &Self) -> bool {
        let mut classes = full.counts.iter().zip(&self.counts);
        classes.all(|(all, here)| all.tpr().is_none() || here.tpr().is_some())
    }
}

impl<'a> Samples<'a> {
    fn new(scored: &Scored<'a>) -> Self {
        Self {
            truth: scored.truth,
            predicted: predicted(scored.probabilities),
            weights: scored.weights,
            n_classes: scored.classes.len(),
            rankings: rankings(scored, first_ranked(scored.classes.len())).collect(),
        }
    }

    /// Scores the resample in which each sample occurs so many `times`.
    fn summary(&self, times: &[f64]) -> Summary {
        let weight = |sample: usize| times[sample] * check::weight_of(self.weights, sample);
        let mut margins = vec![Margins::default(); self.n_classes];
        for (sample, (&truth, &predicted)) in self.truth.iter().zip(&self.predicted).enumerate() {
            let weight = weight(sample);
            margins[truth as usize].truth += weight;
            margins[predicted as usize].predicted += weight;
            if truth == predicted {
                margins[truth as usize].hits += weight;
            }
        }
        let total = margins.iter().map(|margin| margin.truth).sum();
        let hits: f64 = margins.iter().map(|margin| margin.hits).sum();
        let counts =
            margins.iter().map(|of| Counts::from_margins(of.hits, of.truth, of.predicted, total));
        let areas: Vec<Areas> = self.rankings.iter().map(|ranking| ranking.areas(weight)).collect();
        Summary {
            counts: counts.collect(),
            accuracy: ratio(hits, total),
            areas: mean_areas(&areas),
        }
    }
}

/// The weights of what is of a class, what is said to be of it, and what is both.
#[derive(Clone, Copy, Default)]
struct Margins {
    truth: f64,
    predicted: f64,
    hits: f64,
}
