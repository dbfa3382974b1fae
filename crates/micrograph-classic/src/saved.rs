//! What a model that is read from a file must satisfy before it may predict.

use serde::{Deserialize, Serialize};

use crate::samples::MAX_CLASSES;
use crate::{Error, Result};

/// Looks into a saved model, named for people.
///
/// Every fitted model is read through these looks: a file that was damaged or made up gives an
/// error, and never an index out of bounds or a loop without end in a later prediction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saved(pub(crate) &'static str);

impl Saved {
    /// Refuses the model unless what was `expected` holds.
    pub(crate) fn must(self, holds: bool, expected: &'static str) -> Result<()> {
        if holds { Ok(()) } else { Err(Error::Damaged { model: self.0, expected }) }
    }

    /// Refuses NaN and infinity.
    pub(crate) fn finite<'a>(self, values: impl IntoIterator<Item = &'a f64>) -> Result<()> {
        self.must(values.into_iter().all(|value| value.is_finite()), "finite numbers")
    }

    /// Refuses a number of classes that nothing is fitted to.
    pub(crate) fn n_classes(self, n_classes: usize) -> Result<()> {
        self.must((1..=MAX_CLASSES).contains(&n_classes), "between 1 and 65536 classes")
    }

    /// Refuses classes that are not ascending, fewer than two, or not below `n_classes`.
    pub(crate) fn classes(self, classes: &[u32], n_classes: usize) -> Result<()> {
        self.n_classes(n_classes)?;
        let ascending = classes.len() >= 2 && classes.windows(2).all(|pair| pair[0] < pair[1]);
        let known = classes.iter().all(|&class| (class as usize) < n_classes);
        self.must(ascending && known, "two or more ascending classes below their number")
    }
}

/// An empty table: formats such as TOML have nothing else for settings without a field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoSettings {}
