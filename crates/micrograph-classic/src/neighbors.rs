//! Nearest neighbors, and WND-CHARM's weighted neighbor distances.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fisher::{fisher_scores, rank_by_fisher};
use crate::samples::check_features;
use crate::{Classifier, Error, Fit, Result, Samples};

/// The share of each class among the `k` nearest samples of fitting, by Euclidean distance.
///
/// Of equally distant samples the first of fitting is nearer. Scale the features first.
///
/// # Source
/// Fix and Hodges 1951; scikit-learn's `KNeighborsClassifier(algorithm="brute")`.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, NearestNeighbors, Samples};
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [9.0]];
/// let model = NearestNeighbors { k: 3 }.fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// assert_eq!(model.predict(array![[0.4], [8.0]].view())?, [0, 1]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearestNeighbors {
    /// How many neighbors; 5 by default, and all samples where there are fewer.
    pub k: usize,
}

impl Default for NearestNeighbors {
    fn default() -> Self {
        Self { k: 5 }
    }
}

/// Weighted neighbor distances (WND-5): classes are weighed by the inverse fifth powers of the
/// weighted squared distances to all their samples.
///
/// `similarity(x, class) = mean over the class's samples t of
/// (sum over features of score^2 (x - t)^2)^-5`; features are scaled to `[0, 1]` over the samples
/// of fitting, weighted by their [Fisher scores](fisher_scores), and only the best are taken.
/// Probabilities are the similarities divided by their sum. A sample that coincides with one of
/// fitting belongs to that one's class; one that coincides with several, to theirs in equal parts.
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

/// Samples that are kept, features last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    x: Array2<f64>,
    labels: Vec<u32>,
    n_classes: usize,
}

impl Kept {
    /// The squared distance of `x` to each sample.
    fn squares(&self, x: &[f64]) -> Vec<f64> {
        let square = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter().zip(x).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        self.x.outer_iter().map(square).collect()
    }

    /// Probabilities by row, each computed from the squared distances to all samples.
    fn each(
        &self,
        x: ArrayView2<'_, f64>,
        weigh: impl Fn(&[f64], &mut [f64]) + Sync,
    ) -> Array2<f64> {
        let mut weights = vec![0.0; x.nrows() * self.n_classes];
        let rows: Vec<Vec<f64>> = x.outer_iter().map(|row| row.to_vec()).collect();
        weights.par_chunks_mut(self.n_classes.max(1)).zip(rows).for_each(|(weights, row)| {
            weigh(&self.squares(&row), weights);
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= sum);
        });
        Array2::from_shape_fn((x.nrows(), self.n_classes), |(row, class)| {
            weights[row * self.n_classes + class]
        })
    }
}

/// Fitted [`NearestNeighbors`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearestNeighborsModel {
    kept: Kept,
    k: usize,
}

impl Fit for NearestNeighbors {
    type Model = NearestNeighborsModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<NearestNeighborsModel> {
        if self.k == 0 {
            let value = self.k.to_string();
            return Err(Error::Setting { field: "k", value, expected: "at least 1" });
        }
        let (x, labels) =
            (samples.x().as_standard_layout().into_owned(), samples.labels().to_vec());
        let k = self.k.min(labels.len());
        Ok(NearestNeighborsModel { kept: Kept { x, labels, n_classes: samples.n_classes() }, k })
    }
}

impl Classifier for NearestNeighborsModel {
    fn n_features(&self) -> usize {
        self.kept.x.ncols()
    }

    fn n_classes(&self) -> usize {
        self.kept.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features())?;
        Ok(self.kept.each(x, |squares, weights| {
            let mut order: Vec<usize> = (0..squares.len()).collect();
            let nearer = |a: &usize, b: &usize| squares[*a].total_cmp(&squares[*b]).then(a.cmp(b));
            order.select_nth_unstable_by(self.k - 1, nearer);
            order[..self.k].iter().for_each(|&t| weights[self.kept.labels[t] as usize] += 1.0);
        }))
    }
}

/// A fitted [`Wnd`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WndModel {
    /// The features that are taken, the best first, and what each is multiplied by.
    features: Vec<(usize, f64)>,
    n_features: usize,
    kept: Kept,
    counts: Vec<usize>,
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
        let taken = ((self.fraction * d as f64).round() as usize).clamp(1, d);
        let factor = |feature: usize| {
            let column = x.index_axis(Axis(1), feature);
            let least = column.iter().copied().fold(f64::INFINITY, f64::min);
            let range = column.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
            (feature, if range > 0.0 { scores[feature].min(greatest) / range } else { 0.0 })
        };
        let features: Vec<_> =
            rank_by_fisher(samples)?.into_iter().take(taken).map(factor).collect();
        let labels = samples.labels().to_vec();
        let kept = Kept { x: weighted(x, &features), labels, n_classes: samples.n_classes() };
        Ok(WndModel { features, n_features: d, kept, counts: samples.counts() })
    }
}

fn weighted(x: ArrayView2<'_, f64>, features: &[(usize, f64)]) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), features.len()), |(row, place)| {
        let (feature, factor) = features[place];
        x[[row, feature]] * factor
    })
}

impl WndModel {
    /// The features that are taken, the best first.
    pub fn features(&self) -> impl ExactSizeIterator<Item = usize> {
        self.features.iter().map(|&(feature, _)| feature)
    }
}

impl Classifier for WndModel {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.kept.n_classes
    }

    fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.n_features)?;
        Ok(self.kept.each(weighted(x, &self.features).view(), |squares, weights| {
            // Relative to the nearest, so that no power overflows.
            let nearest = squares.iter().copied().fold(f64::INFINITY, f64::min);
            for (&square, &label) in squares.iter().zip(&self.kept.labels) {
                let ratio = if square > nearest { nearest / square } else { 1.0 };
                weights[label as usize] += ratio.powi(5) / self.counts[label as usize] as f64;
            }
            if nearest == 0.0 {
                weights.iter_mut().for_each(|weight| *weight = f64::from(*weight > 0.0));
            }
        }))
    }
}
