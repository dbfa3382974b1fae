//! What every metric asks of its input.

use std::collections::BTreeSet;

use crate::{Error, Result};

/// Class names: at least one, and no two alike.
pub(crate) fn classes(names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Err(Error::NoClasses);
    }
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(Error::DuplicateClass { name: name.clone() }),
        None => Ok(()),
    }
}

/// At least one sample.
pub(crate) fn any_samples(n: usize) -> Result<()> {
    if n == 0 { Err(Error::NoSamples) } else { Ok(()) }
}

/// One `what` a sample.
pub(crate) fn length(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got }) }
}

/// Two images that lie on each other.
pub(crate) fn same_shape(truth: (usize, usize), predicted: (usize, usize)) -> Result<()> {
    if truth == predicted {
        Ok(())
    } else {
        Err(Error::MaskShape { expected: truth, got: predicted })
    }
}

/// Labels below the number of classes.
pub(crate) fn labels(what: &'static str, labels: &[u32], n_classes: usize) -> Result<()> {
    match labels.iter().position(|&label| label as usize >= n_classes) {
        Some(index) => Err(Error::Label { what, index, label: labels[index], n_classes }),
        None => Ok(()),
    }
}

/// One finite weight of at least 0 a sample, not all of them 0.
pub(crate) fn weights(weights: Option<&[f64]>, n_samples: usize) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    length("weights", n_samples, weights.len())?;
    if let Some(index) = weights.iter().position(|&weight| !is_amount(weight)) {
        return Err(Error::Weight { index, value: weights[index] });
    }
    let sum: f64 = weights.iter().sum();
    if n_samples > 0 && !(sum > 0.0 && sum.is_finite()) {
        return Err(Error::WeightSum { sum });
    }
    Ok(())
}

/// Whether `value` can be a weight or a count.
pub(crate) fn is_amount(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// The weight of a sample: 1 where no weights are given.
pub(crate) fn weight_of(weights: Option<&[f64]>, index: usize) -> f64 {
    weights.map_or(1.0, |weights| weights[index])
}
