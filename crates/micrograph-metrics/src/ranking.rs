//! Samples sorted by score once, and what a walk down that order gives under any weights.

/// Samples in descending order of score, in runs of equal scores.
///
/// The order does not depend on the weights, so that a bootstrap sorts once and walks often.
pub(crate) struct Ranking {
    ranked: Vec<Ranked>,
    runs: Vec<RunEnd>,
}

struct Ranked {
    sample: usize,
    is_positive: bool,
}

struct RunEnd {
    end: usize,
    score: f64,
}

/// The weight that a run of equal scores holds.
pub(crate) struct Run {
    pub(crate) score: f64,
    pub(crate) positive: f64,
    pub(crate) negative: f64,
}

/// The two areas that summarize a ranking; `None` where the samples they need are absent.
#[derive(Clone, Copy)]
pub(crate) struct Areas {
    pub(crate) auroc: Option<f64>,
    pub(crate) average_precision: Option<f64>,
}

impl Ranking {
    /// Ranks samples of finite scores.
    pub(crate) fn new(
        scores: impl Iterator<Item = f64>,
        is_positive: impl Fn(usize) -> bool,
    ) -> Self {
        let mut order: Vec<(usize, f64)> = scores.enumerate().collect();
        order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        // `!=` and not the order's comparison: 0.0 and -0.0 are one score.
        let last_of_run =
            |rank: usize| order.get(rank + 1).is_none_or(|next| next.1 != order[rank].1);
        let runs = (0..order.len())
            .filter(|&rank| last_of_run(rank))
            .map(|rank| RunEnd { end: rank + 1, score: order[rank].1 })
            .collect();
        let ranked = order
            .into_iter()
            .map(|(sample, _)| Ranked { sample, is_positive: is_positive(sample) })
            .collect();
        Self { ranked, runs }
    }

    /// The runs from the highest score to the lowest; those without weight are passed over.
    pub(crate) fn runs(&self, weight: impl Fn(usize) -> f64) -> impl Iterator<Item = Run> {
        let mut start = 0;
        let runs = self.runs.iter().map(move |run| {
            let mut by_outcome = [0.0; 2]; // negative, positive
            for ranked in &self.ranked[start..run.end] {
                by_outcome[usize::from(ranked.is_positive)] += weight(ranked.sample);
            }
            start = run.end;
            Run { score: run.score, positive: by_outcome[1], negative: by_outcome[0] }
        });
        runs.filter(|run| run.positive + run.negative > 0.0)
    }

    /// Both areas in one walk.
    pub(crate) fn areas(&self, weight: impl Fn(usize) -> f64) -> Areas {
        let (mut positive, mut negative) = (0.0, 0.0);
        let (mut pairs, mut precision) = (0.0, 0.0);
        for run in self.runs(weight) {
            // Half of a tie is ranked right: the trapezoid under the run's slanted segment.
            pairs += run.negative * (positive + run.positive / 2.0);
            positive += run.positive;
            negative += run.negative;
            precision += run.positive * positive / (positive + negative);
        }
        let has_positives = positive > 0.0;
        Areas {
            auroc: (has_positives && negative > 0.0).then(|| pairs / (positive * negative)),
            average_precision: has_positives.then(|| precision / positive),
        }
    }
}
