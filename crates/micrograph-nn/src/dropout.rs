//! How much is dropped, and how that changes over the epochs.

use serde::{Deserialize, Serialize};

use crate::error::check;
use crate::{Error, Result};

/// The probabilities with which units are dropped in training, before any decay.
///
/// The LipNet thesis uses dropout in all experiments (section 5.3) without giving a number; the
/// defaults are those of `cifar10_cnn`, the example of Keras that has the layers of LipNet-4.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dropout {
    /// After each convolution block, in `[0, 1)`; 0.25.
    pub block: f64,
    /// After the hidden fully connected layer, in `[0, 1)`; 0.5. LipNet-4c has no such layer.
    pub dense: f64,
}

impl Default for Dropout {
    fn default() -> Self {
        Self { block: 0.25, dense: 0.5 }
    }
}

impl Dropout {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        for (field, value) in [("dropout.block", self.block), ("dropout.dense", self.dense)] {
            check((0.0..1.0).contains(&value), field, value, "a probability from 0 to below 1")?;
        }
        Ok(())
    }
}

/// What becomes of the dropout probabilities over the epochs.
///
/// "Dropout may be more aggressive in the beginning of the training and smaller later when the
/// model becomes trained" (LipNet thesis, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum DropoutDecay {
    /// They stay as they are.
    #[default]
    Constant,
    /// They fall on a straight line and then stay.
    Linear {
        /// Epochs until the end of the line, at least 1.
        epochs: u64,
        /// What is left then, as a fraction of the beginning, in `[0, 1]`.
        end: f64,
    },
    /// They are multiplied by one factor each epoch.
    Exponential {
        /// The factor, in `(0, 1]`.
        factor: f64,
    },
}

impl DropoutDecay {
    /// The fraction of the initial probability that is left in `epoch`, counted from 0.
    ///
    /// - linear: `1 - (1 - end) * min(epoch / epochs, 1)`
    /// - exponential: `factor^epoch`
    ///
    /// ```
    /// use micrograph_nn::DropoutDecay;
    ///
    /// let linear = DropoutDecay::Linear { epochs: 4, end: 0.5 };
    /// let left: Vec<f64> = (0..6).map(|epoch| linear.fraction(epoch)).collect();
    /// assert_eq!(left, [1.0, 0.875, 0.75, 0.625, 0.5, 0.5]);
    ///
    /// let exponential = DropoutDecay::Exponential { factor: 0.5 };
    /// assert_eq!([0, 1, 2].map(|epoch| exponential.fraction(epoch)), [1.0, 0.5, 0.25]);
    /// ```
    #[must_use]
    pub fn fraction(&self, epoch: u64) -> f64 {
        match *self {
            Self::Constant => 1.0,
            Self::Linear { epochs, end } => {
                1.0 - (1.0 - end) * (epoch as f64 / epochs.max(1) as f64).min(1.0)
            }
            Self::Exponential { factor } => factor.powf(epoch as f64),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        match *self {
            Self::Constant => Ok(()),
            Self::Linear { epochs, end } => {
                check(epochs > 0, "dropout_decay.linear.epochs", epochs, "at least 1")?;
                let inside = (0.0..=1.0).contains(&end);
                check(inside, "dropout_decay.linear.end", end, "a fraction from 0 to 1")
            }
            Self::Exponential { factor } => {
                let inside = factor > 0.0 && factor <= 1.0;
                check(inside, "dropout_decay.exponential.factor", factor, "above 0, at most 1")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_held() {
        assert!(Dropout { block: 0.0, dense: 0.99 }.validate().is_ok());
        assert!(Dropout { block: 1.0, dense: 0.5 }.validate().is_err());
        assert!(Dropout { block: 0.5, dense: f64::NAN }.validate().is_err());
        assert!(DropoutDecay::Linear { epochs: 0, end: 0.5 }.validate().is_err());
        assert!(DropoutDecay::Linear { epochs: 1, end: 1.5 }.validate().is_err());
        assert!(DropoutDecay::Exponential { factor: 0.0 }.validate().is_err());
        assert!(DropoutDecay::Exponential { factor: 1.0 }.validate().is_ok());
    }
}
