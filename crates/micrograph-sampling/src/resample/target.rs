//! How many samples a class is to have, and which classes are cleaned.

use serde::{Deserialize, Serialize};

use super::labeled::Class;
use crate::{Error, Result};

/// How many samples each class is to have.
///
/// Classes without samples stay without, whatever the target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Target {
    /// As many as the largest class, or in undersampling as the smallest that has samples.
    #[default]
    Even,
    /// In `(0, 1]`. In oversampling at least `floor(ratio * largest)`, in undersampling at most
    /// `floor(smallest / ratio)`; classes that are there already stay as they are.
    Ratio(f64),
    /// A count for each class: no less than there are in oversampling, no more in undersampling.
    Counts(Vec<usize>),
}

/// The classes of which a cleaning method leaves samples out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cleaned {
    /// All but the smallest that has samples, of equal ones the first.
    #[default]
    NotMinority,
    /// All of them.
    All,
}

impl Cleaned {
    /// For each of `classes` whether it is cleaned.
    pub(super) fn of(self, classes: &[Class]) -> Vec<bool> {
        let smallest = smallest(classes);
        (0..classes.len()).map(|class| self == Self::All || Some(class) != smallest).collect()
    }
}

/// The place of the smallest class, of equal ones the first.
pub(super) fn smallest(classes: &[Class]) -> Option<usize> {
    (0..classes.len()).min_by_key(|&class| classes[class].rows.len())
}

impl Target {
    /// How many samples each of `classes` lacks.
    pub(super) fn lacking(&self, classes: &[Class], n_classes: usize) -> Result<Vec<usize>> {
        let most = classes.iter().map(|class| class.rows.len()).max().unwrap_or(0);
        let expected = "at least as many as there are; take undersampling for fewer";
        let asked = self.asked(classes, n_classes, most, |ratio| most as f64 * ratio)?;
        let lacks = |(class, asked): (&Class, usize)| match asked.checked_sub(class.rows.len()) {
            Some(lacking) => Ok(lacking),
            None if matches!(self, Self::Counts(_)) => Err(class.misses(asked, expected)),
            None => Ok(0),
        };
        classes.iter().zip(asked).map(lacks).collect()
    }

    /// How many samples each of `classes` keeps.
    pub(super) fn kept(&self, classes: &[Class], n_classes: usize) -> Result<Vec<usize>> {
        let least = classes.iter().map(|class| class.rows.len()).min().unwrap_or(0);
        let expected = "at most as many as there are; take oversampling for more";
        let asked = self.asked(classes, n_classes, least, |ratio| least as f64 / ratio)?;
        let keeps = |(class, asked): (&Class, usize)| {
            if asked > class.rows.len() && matches!(self, Self::Counts(_)) {
                return Err(class.misses(asked, expected));
            }
            Ok(asked.min(class.rows.len()))
        };
        classes.iter().zip(asked).map(keeps).collect()
    }

    fn asked(
        &self,
        classes: &[Class],
        n_classes: usize,
        even: usize,
        by_ratio: impl Fn(f64) -> f64,
    ) -> Result<Vec<usize>> {
        match self {
            Self::Even => Ok(vec![even; classes.len()]),
            Self::Ratio(ratio) if *ratio > 0.0 && *ratio <= 1.0 => {
                Ok(vec![by_ratio(*ratio) as usize; classes.len()])
            }
            Self::Ratio(ratio) => Err(Error::Fraction {
                name: "ratio",
                value: *ratio,
                expected: "above 0 and at most 1, the smaller class by the larger",
            }),
            Self::Counts(counts) if counts.len() == n_classes => {
                let present = |label: usize| classes.iter().any(|c| c.label as usize == label);
                let absent = (0..n_classes).find(|&label| counts[label] > 0 && !present(label));
                if let Some(label) = absent {
                    let class = Class { label: label as u32, rows: Vec::new() };
                    return Err(class.misses(counts[label], "0: there is nothing to draw from"));
                }
                Ok(classes.iter().map(|class| counts[class.label as usize]).collect())
            }
            Self::Counts(counts) => Err(Error::Setting {
                field: "counts",
                value: format!("{counts:?}"),
                expected: "one count for each class",
            }),
        }
    }
}

impl Class {
    fn misses(&self, asked: usize, expected: &'static str) -> Error {
        Error::Target { label: self.label, count: self.rows.len(), asked, expected }
    }
}
