//! WND-CHARM's weighted neighbor distances.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::fisher::{fisher_scores, rank_by_fisher};
use crate::neighbors::Kept;
use crate::samples::check_features;
use crate::saved::Saved;
use crate::{Classifier, Error, Fit, Result, Samples};

/// Weighted neighbor distances (WND-5): classes are weighed by the inverse fifth powers of the
/// weighted squared distances to all their samples.
///
/// `similarity(x, class) = mean over the class's samples t of
/// (sum over features of score^2 (x - t)^2)^-5`; features are scaled to `[0, 1]` over the samples
/// of fitting, weighted by their [Fisher scores](fisher_scores), and only the best are taken.
/// Probabilities are the similarities divided by their sum. A sample that coincides with one of
/// fitting belongs to that one's class; one that coincides with several, to theirs in equal parts.
/// The farther a sample lies from all others, the more equal are the classes.
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`].
///
/// # Source
/// Orlov et al. 2008, "WND-CHARM", equations 1 to 3; the fraction of 0.15 is the default of the
/// program wndchrm (Shamir et al. 2008). Feature scores of infinity count as the greatest finite.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Samples, Wnd};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [4.0], [5.0]];
/// let model = Wnd::default().fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(array![[2.0], [3.5]].view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wnd {
    /// The share of features that are taken, above 0 and up to 1; at least one feature is.
    pub fraction: f64,
}

impl Default for Wnd {
    fn default() -> Self {
        Self { fraction: 0.15 }
    }
}

/// A feature that is taken: `(x - least) / range`, times its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Taken {
    feature: usize,
    least: f64,
    range: f64,
    /// Its score, of the greatest.
    weight: f64,
}

impl Taken {
    /// 0 for a feature that was constant in fitting.
    fn of(&self, value: f64) -> f64 {
        if self.weight > 0.0 { (value - self.least) / self.range * self.weight } else { 0.0 }
    }
}

/// A fitted [`Wnd`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct WndModel(Parts);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parts {
    /// The best first.
    taken: Vec<Taken>,
    n_features: usize,
    /// Of the features that are taken.
    kept: Kept,
}

impl TryFrom<Parts> for WndModel {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("weighted neighbors");
        parts.kept.check(saved)?;
        saved.must(parts.taken.len() == parts.kept.x.ncols(), "the features that are taken")?;
        let fits = |taken: &Taken| {
            taken.feature < parts.n_features
                && taken.least.is_finite()
                && taken.range > 0.0
                && taken.range.is_finite()
                && (0.0..=1.0).contains(&taken.weight)
        };
        saved.must(parts.taken.iter().all(fits), "features with range and weight")?;
        Ok(Self(parts))
    }
}

impl Fit for Wnd {
    type Model = WndModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<WndModel> {
        if !(self.fraction > 0.0 && self.fraction <= 1.0) {
            let (value, expected) = (self.fraction.to_string(), "above 0 and at most 1");
            return Err(Error::Setting { field: "fraction", value, expected });
        }
        let (x, d) = (samples.x(), samples.x().ncols());
        let scores = fisher_scores(samples)?;
        let finite = scores.iter().copied().filter(|score| score.is_finite()).fold(0.0, f64::max);
        let greatest = if finite > 0.0 { finite } else { 1.0 };
        let count = ((self.fraction * d as f64).round() as usize).clamp(1, d);
        let take = |feature: usize| {
            let column = x.index_axis(Axis(1), feature);
            let least = column.iter().copied().fold(f64::INFINITY, f64::min);
            let range = column.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
            if range.is_normal() {
                let weight = scores[feature].min(greatest) / greatest;
                Taken { feature, least, range, weight }
            } else {
                Taken { feature, least, range: 1.0, weight: 0.0 }
            }
        };
        let taken: Vec<_> = rank_by_fisher(samples)?.into_iter().take(count).map(take).collect();
        let labels = samples.labels().to_vec();
        let kept = Kept { x: weighted(x, &taken), labels, n_classes: samples.n_classes() };
        Ok(WndModel(Parts { taken, n_features: d, kept }))
    }
}

fn weighted(x: ArrayView2<'_, f64>, taken: &[Taken]) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), taken.len()), |(row, place)| {
        taken[place].of(x[[row, taken[place].feature]])
    })
}

impl WndModel {
    /// The features that are taken, the best first.
    pub fn features(&self) -> impl ExactSizeIterator<Item = usize> {
        self.0.taken.iter().map(|taken| taken.feature)
    }
}

impl Classifier for WndModel {
    fn n_features(&self) -> usize {
        self.0.n_features
    }

    fn n_classes(&self) -> usize {
        self.0.kept.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.0.n_features)?;
        let kept = &self.0.kept;
        let mut counts = vec![0.0; kept.n_classes];
        kept.labels.iter().for_each(|&label| counts[label as usize] += 1.0);
        Ok(kept.each(weighted(x, &self.0.taken).view(), |squares, weights| {
            // Relative to the nearest, so that no power overflows; a square that did is as far as
            // any other that did.
            let nearest = squares.iter().copied().fold(f64::INFINITY, f64::min);
            for (&square, &label) in squares.iter().zip(&kept.labels) {
                let ratio = if square > nearest { nearest / square } else { 1.0 };
                weights[label as usize] += ratio.powi(5) / counts[label as usize];
            }
            if nearest == 0.0 {
                weights.iter_mut().for_each(|weight| *weight = f64::from(*weight > 0.0));
            }
        }))
    }
}
