//! Features that are selected before a classifier is fitted.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::covariance::product;
use crate::fisher::{members, rank_by_fisher};
use crate::samples::{around_mean, check_features, unit_of};
use crate::saved::Saved;
use crate::svm::{Kernel, SvmConfig};
use crate::{ClassWeights, Error, Fit, Result, Samples};

/// Which features are kept; select on training samples alone.
///
/// # Example
/// ```
/// use micrograph_classic::{Samples, Selection};
/// use ndarray::array;
///
/// let x = array![[5.0, 0.0], [3.0, 0.1], [4.0, 0.9], [5.0, 1.0]];
/// let samples = Samples::new(x.view(), &[0, 0, 1, 1], 2)?;
/// let selected = Selection::Fisher { count: 1 }.fit(&samples)?;
/// assert_eq!(selected.features(), [1]);
/// assert_eq!(selected.transform(x.view())?, array![[0.0], [0.1], [0.9], [1.0]]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Selection {
    /// The features with the highest [Fisher scores](crate::fisher_scores), each looked at alone.
    Fisher {
        /// How many, at least 1; all where there are fewer.
        count: usize,
    },
    /// Features that lower Wilks' lambda most, one after the other: the determinant of the sums of
    /// squares within classes over that of all samples, so that a feature which repeats others
    /// adds nothing. It ends early when no further feature varies apart from those taken, or when
    /// these tell the classes apart without error.
    ///
    /// Source: Rao 1973, "Linear statistical inference"; the greedy order of stepwise discriminant
    /// analysis, as in Huang, Velliste and Murphy 2003.
    Wilks {
        /// How many, at least 1; all where there are fewer.
        count: usize,
    },
    /// Those that remain when linear machines drop, round by round, the features with the least
    /// sum over pairs of classes of squared weights. Scale the features first.
    ///
    /// Source: Guyon et al. 2002, "Gene selection for cancer classification using support vector
    /// machines"; scikit-learn's `RFE(SVC(kernel="linear"))`.
    SvmRfe {
        /// How many, at least 1; all where there are fewer.
        count: usize,
        /// The share of the remaining features that a round drops, at least one; from 0 to below 1.
        share: f64,
        /// The price of an error, above 0.
        c: f64,
        /// Factors of `c` for the samples of a class.
        class_weights: ClassWeights,
    },
}

/// The features that were selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Selected(Parts);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    /// The best first.
    features: Vec<usize>,
    n_features: usize,
}

impl TryFrom<Parts> for Selected {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let saved = Saved("selection");
        let known = parts.features.iter().all(|&feature| feature < parts.n_features);
        saved.must(known && !parts.features.is_empty(), "one or more of the features")?;
        Ok(Self(parts))
    }
}

impl Selection {
    /// Selects features of `samples`.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::OneClass`], [`Error::NoSpread`] and [`Error::TooLarge`], and
    /// for [`Selection::SvmRfe`] those of [`SvmConfig`].
    pub fn fit(&self, samples: &Samples<'_>) -> Result<Selected> {
        let (Self::Fisher { count } | Self::Wilks { count } | Self::SvmRfe { count, .. }) = self;
        if *count == 0 {
            let (field, value) = ("count", count.to_string());
            return Err(Error::Setting { field, value, expected: "at least 1" });
        }
        let n_features = samples.x().ncols();
        let count = (*count).min(n_features);
        let features = match self {
            Self::Fisher { .. } => {
                let mut order = rank_by_fisher(samples)?;
                order.truncate(count);
                order
            }
            Self::Wilks { .. } => by_wilks(samples, count)?,
            Self::SvmRfe { share, c, class_weights, .. } => {
                let class_weights = class_weights.clone();
                let config = SvmConfig {
                    kernel: Kernel::Linear,
                    c: *c,
                    class_weights,
                    ..SvmConfig::default()
                };
                by_elimination(samples, count, *share, &config)?
            }
        };
        Ok(Selected(Parts { features, n_features }))
    }
}

/// Takes the feature of least partial lambda until there are `count`.
fn by_wilks(samples: &Samples<'_>, count: usize) -> Result<Vec<usize>> {
    const LEAST: f64 = 1e-10;
    let classes = samples.at_least_two_classes()?;
    let x = &samples.x() / &samples.x().map_axis(Axis(0), unit_of);
    let (_, mut x) = around_mean(x.view())?;
    // On features of length 1, so that what is left of one can be told from rounding.
    for mut column in x.axis_iter_mut(Axis(1)) {
        let length = column.dot(&column).sqrt();
        column /= if length > 0.0 { length } else { 1.0 };
    }
    let mut total = product(x.t(), x.view());
    for &class in &classes {
        let members = members(samples, class);
        let mean = x.select(Axis(0), &members).mean_axis(Axis(0)).unwrap_or_default();
        members.iter().for_each(|&sample| {
            let mut row = x.row_mut(sample);
            row -= &mean;
        });
    }
    let mut within = product(x.t(), x.view());
    let mut taken: Vec<usize> = Vec::new();
    while taken.len() < count {
        let varies = |&feature: &usize| total[[feature, feature]] > LEAST;
        let lambda = |feature: usize| within[[feature, feature]] / total[[feature, feature]];
        let best = (0..x.ncols()).filter(varies).min_by(|&a, &b| lambda(a).total_cmp(&lambda(b)));
        let Some(best) = best else { break };
        taken.push(best);
        if within[[best, best]] <= LEAST {
            break;
        }
        leave_out(&mut total, best);
        leave_out(&mut within, best);
    }
    if taken.is_empty() { Err(Error::NoSpread) } else { Ok(taken) }
}

/// What remains of sums of squares when `feature` is known.
fn leave_out(squares: &mut Array2<f64>, feature: usize) {
    let row = squares.row(feature).to_owned();
    let own = row[feature];
    for (mut entries, factor) in squares.outer_iter_mut().zip(&row) {
        entries.scaled_add(-factor / own, &row);
    }
    squares[[feature, feature]] = 0.0;
}

/// Drops features of least weight until there are `count`, which stand in falling order of it.
fn by_elimination(
    samples: &Samples<'_>,
    count: usize,
    share: f64,
    config: &SvmConfig,
) -> Result<Vec<usize>> {
    if !(0.0..1.0).contains(&share) {
        let (field, value) = ("share", share.to_string());
        return Err(Error::Setting { field, value, expected: "from 0 to below 1" });
    }
    let mut left: Vec<usize> = (0..samples.x().ncols()).collect();
    loop {
        let x = samples.x().select(Axis(1), &left);
        let part = samples.with_x(x.view())?;
        let normals = config.fit(&part, 0)?.normals().unwrap_or_default();
        let weights = normals.mapv(|w| w * w).sum_axis(Axis(1));
        let mut order: Vec<usize> = (0..left.len()).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        if left.len() <= count {
            return Ok(order.into_iter().map(|place| left[place]).collect());
        }
        let dropped = ((share * left.len() as f64) as usize).clamp(1, left.len() - count);
        order.truncate(left.len() - dropped);
        order.sort_unstable();
        left = order.into_iter().map(|place| left[place]).collect();
    }
}

impl Selected {
    /// The features, the best first.
    pub fn features(&self) -> &[usize] {
        &self.0.features
    }

    /// How many features a sample must have.
    pub fn n_features(&self) -> usize {
        self.0.n_features
    }

    /// The selected columns of `x`, the best feature first.
    ///
    /// # Errors
    /// [`Error::Features`] and [`Error::NotFinite`].
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.0.n_features)?;
        Ok(x.select(Axis(1), &self.0.features))
    }
}
