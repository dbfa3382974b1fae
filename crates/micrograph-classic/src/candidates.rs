//! Pipelines that differ in a few settings: a grid of them, or a random draw.

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};
use crate::svm::{Gamma, Kernel};
use crate::{Error, Method, Pipeline, Result};

/// A number among the settings of a [`Pipeline`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Setting {
    /// `c` of a support vector machine or of logistic regression.
    C,
    /// `nu` of a nu-SVM.
    Nu,
    /// `gamma` of the kernel of a machine.
    Gamma,
    /// How many nearest neighbors.
    Neighbors,
    /// The share of features of weighted neighbor distances.
    Fraction,
    /// How many trees a forest has.
    Trees,
    /// How deep a tree, or the trees of a forest, may be.
    MaxDepth,
    /// The least samples of a leaf.
    MinLeaf,
    /// How many features or components the reduction keeps.
    Kept,
}

impl Setting {
    /// Writes `value` into `pipeline`.
    fn write(self, value: f64, pipeline: &mut Pipeline) -> Result<()> {
        if let Some(place) = self.number(pipeline) {
            *place = value;
            return Ok(());
        }
        let whole = whole(value);
        let count = whole.unwrap_or_default();
        if let (Self::MaxDepth, Method::Tree(_) | Method::Forest(_)) = (self, &pipeline.method) {
            match &mut pipeline.method {
                Method::Tree(config) => config.max_depth = Some(count),
                Method::Forest(config) => config.max_depth = Some(count),
                _ => {}
            }
        } else if let Some(place) = self.count(pipeline) {
            *place = count;
        } else {
            let expected = "a setting that this pipeline has";
            return Err(Error::Setting { field: "setting", value: format!("{self:?}"), expected });
        }
        match whole {
            Some(_) => Ok(()),
            None => {
                let (field, value) = ("value", format!("{value} for {self:?}"));
                Err(Error::Setting { field, value, expected: "a whole number from 0" })
            }
        }
    }

    /// Where a real number stands.
    fn number(self, pipeline: &mut Pipeline) -> Option<&mut f64> {
        match (self, &mut pipeline.method) {
            (Self::C, Method::Svm(config)) => Some(&mut config.c),
            (Self::C, Method::Logistic(config)) => Some(&mut config.c),
            (Self::Nu, Method::NuSvm(config)) => Some(&mut config.nu),
            (Self::Gamma, Method::Svm(config)) => gamma(&mut config.kernel),
            (Self::Gamma, Method::NuSvm(config)) => gamma(&mut config.kernel),
            (Self::Fraction, Method::Wnd(config)) => Some(&mut config.fraction),
            _ => None,
        }
    }

    /// Where a whole number stands.
    fn count(self, pipeline: &mut Pipeline) -> Option<&mut usize> {
        if self == Self::Kept {
            return pipeline.reduction.as_mut()?.count();
        }
        match (self, &mut pipeline.method) {
            (Self::Neighbors, Method::Neighbors(config)) => Some(&mut config.k),
            (Self::Trees, Method::Forest(config)) => Some(&mut config.trees),
            (Self::MinLeaf, Method::Forest(config)) => Some(&mut config.min_leaf),
            (Self::MinLeaf, Method::Tree(config)) => Some(&mut config.min_leaf),
            _ => None,
        }
    }
}

/// The number of `gamma`, which becomes one.
fn gamma(kernel: &mut Kernel) -> Option<&mut f64> {
    let (Kernel::Rbf { gamma } | Kernel::Polynomial { gamma, .. }) = kernel else { return None };
    *gamma = Gamma::Value(1.0);
    match gamma {
        Gamma::Value(value) => Some(value),
        _ => None,
    }
}

fn whole(value: f64) -> Option<usize> {
    let whole = value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0;
    whole.then_some(value as usize)
}

/// All combinations of values, the last setting changing fastest.
///
/// # Errors
/// [`Error::Setting`] for a setting that the pipeline does not have, and for a value that is not a
/// whole number where one is needed.
///
/// # Example
/// ```
/// use micrograph_classic::{Pipeline, Setting, grid};
///
/// let base = Pipeline::by_name("svm").expect("a name of `Pipeline::NAMES`");
/// let axes = [(Setting::C, vec![0.1, 1.0, 10.0]), (Setting::Gamma, vec![0.01, 0.1])];
/// assert_eq!(grid(&base, &axes)?.len(), 6);
/// assert!(grid(&base, &[(Setting::Trees, vec![10.0])]).is_err());
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
pub fn grid(base: &Pipeline, axes: &[(Setting, Vec<f64>)]) -> Result<Vec<Pipeline>> {
    combinations(axes).iter().map(|values| write_all(base, values)).collect()
}

/// Values of settings.
pub(crate) type Values = Vec<(Setting, f64)>;

/// All combinations of values, the last setting changing fastest.
pub(crate) fn combinations(axes: &[(Setting, Vec<f64>)]) -> Vec<Values> {
    axes.iter().fold(vec![Vec::new()], |all, (setting, values)| {
        let extended = |before: &Values| -> Vec<Values> {
            let with = |&value: &f64| [before.as_slice(), &[(*setting, value)]].concat();
            values.iter().map(with).collect()
        };
        all.iter().flat_map(extended).collect()
    })
}

/// `base` with other values.
pub(crate) fn write_all(base: &Pipeline, values: &[(Setting, f64)]) -> Result<Pipeline> {
    let mut candidate = base.clone();
    values.iter().try_for_each(|(setting, value)| setting.write(*value, &mut candidate))?;
    Ok(candidate)
}

/// Where a random search draws a value from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Range {
    /// Any number from the first to the second, all alike.
    Uniform(f64, f64),
    /// Any number from the first, above 0, to the second, orders of magnitude alike.
    Logarithmic(f64, f64),
    /// A whole number from the first to the second, both included.
    Whole(usize, usize),
    /// One of these.
    OneOf(Vec<f64>),
}

impl Range {
    fn draw(&self, rng: &mut impl rand::Rng) -> Result<f64> {
        let expected = "finite bounds in rising order, above 0 for `Logarithmic`, or some values";
        let wrong = || Error::Setting { field: "range", value: format!("{self:?}"), expected };
        match *self {
            Self::Uniform(low, high) if low <= high && (high - low).is_finite() => {
                Ok(low + (high - low) * rng.random::<f64>())
            }
            Self::Logarithmic(low, high) if 0.0 < low && low <= high && high.is_finite() => {
                let exponent = low.ln() + (high.ln() - low.ln()) * rng.random::<f64>();
                Ok(exponent.exp().clamp(low, high))
            }
            Self::Whole(low, high) if low <= high => Ok(rng.random_range(low..=high) as f64),
            Self::OneOf(ref values) if !values.is_empty() => {
                Ok(values[rng.random_range(0..values.len())])
            }
            _ => Err(wrong()),
        }
    }
}

/// `count` pipelines with values drawn from `axes`; each draw follows from `seed` and its number.
///
/// # Errors
/// Those of [`grid`], and [`Error::Setting`] for a range without values.
///
/// # Source
/// Bergstra and Bengio 2012, "Random search for hyper-parameter optimization".
///
/// # Example
/// ```
/// use micrograph_classic::{Pipeline, Range, Setting, random_candidates};
///
/// let base = Pipeline::by_name("logistic").expect("a name of `Pipeline::NAMES`");
/// let axes = [(Setting::C, Range::Logarithmic(1e-3, 1e3))];
/// assert_eq!(random_candidates(&base, &axes, 5, 1)?.len(), 5);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
pub fn random_candidates(
    base: &Pipeline,
    axes: &[(Setting, Range)],
    count: usize,
    seed: u64,
) -> Result<Vec<Pipeline>> {
    draws(axes, count, seed)?.iter().map(|values| write_all(base, values)).collect()
}

/// Values drawn from `axes`; each draw follows from `seed` and its number.
pub(crate) fn draws(axes: &[(Setting, Range)], count: usize, seed: u64) -> Result<Vec<Values>> {
    let draw = |number: usize| {
        let mut rng = stream(Purpose::Candidates, seed, number as u64, 0);
        axes.iter().map(|(setting, range)| Ok((*setting, range.draw(&mut rng)?))).collect()
    };
    (0..count).map(draw).collect()
}
