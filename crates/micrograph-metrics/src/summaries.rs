//! What a bootstrap needs to know of each resample, in one pass.

use crate::bootstrap::Resampler;
use crate::counts::ratio;
use crate::evaluation::{first_ranked, mean_areas, rankings};
use crate::ranking::{Areas, Ranking};
use crate::{Counts, Scored, check, predicted};

/// What stays the same from resample to resample.
struct Samples<'a> {
    truth: &'a [u32],
    predicted: Vec<u32>,
    weights: Option<&'a [f64]>,
    n_classes: usize,
    rankings: Vec<Ranking>,
}

/// What a resample is reduced to: of the order of the classes, not of their square.
pub(crate) struct Summary {
    pub(crate) counts: Vec<Counts>,
    pub(crate) accuracy: Option<f64>,
    pub(crate) areas: Areas,
    /// Whether every class occurs here that occurs at all.
    pub(crate) has_all_classes: bool,
}

impl Summary {
    /// How many classes occur: TPR is undefined without a sample.
    fn n_occurring(&self) -> usize {
        self.counts.iter().filter(|counts| counts.tpr().is_some()).count()
    }
}

/// One classifier on all samples, and on each resample.
pub(crate) struct Summaries {
    pub(crate) full: Summary,
    pub(crate) resamples: Vec<Summary>,
}

impl Summaries {
    /// Of checked samples.
    pub(crate) fn new(scored: &Scored<'_>, resampler: &Resampler) -> Self {
        let samples = Samples::new(scored);
        let full = samples.summary(&vec![1.0; scored.truth.len()]);
        let n_occurring = full.n_occurring();
        let mut times = Vec::new();
        let resamples = resampler.streams().map(|stream| {
            resampler.times(stream, &mut times);
            let summary = samples.summary(&times);
            Summary { has_all_classes: summary.n_occurring() == n_occurring, ..summary }
        });
        Self { resamples: resamples.collect(), full }
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
            has_all_classes: true,
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
