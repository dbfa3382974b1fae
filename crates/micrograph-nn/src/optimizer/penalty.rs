//! Which weights are kept small, how, and which are left alone.

use candle::{Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::error::check;
use crate::{Error, Parameters, Result};

/// A penalty on the size of weights, added to the loss: coupled, as the thesis's Keras has it.
///
/// `penalty = l1 * sum |w| + l2 / 2 * sum w^2`, so that its gradient is `l1 * sign(w) + l2 * w`.
/// `l2` is what PyTorch calls `weight_decay` in `Adam` and `SGD`, and twice the `l` of Keras's
/// `regularizers.l2`. The gradient goes through the optimizer's moments; for decay beside them,
/// see [`AdamWConfig`](crate::AdamWConfig).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Penalty {
    /// Weight of the absolute values, 0 or more; 0.
    pub l1: f64,
    /// Weight of the squares, 0 or more; 0.
    pub l2: f64,
    /// Parameters without penalty; biases.
    pub exclude: Exclusion,
}

impl Penalty {
    pub(super) fn validate(&self) -> Result<(), Error> {
        for (field, value) in [("penalty.l1", self.l1), ("penalty.l2", self.l2)] {
            check(value >= 0.0 && value.is_finite(), field, value, "0 or more, finite")?;
        }
        Ok(())
    }
}

/// The two factors of a [`Penalty`] as they hold for one parameter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Coupled {
    pub(super) l1: f64,
    pub(super) l2: f64,
}

impl Coupled {
    pub(super) fn of(penalty: &Penalty, name: &str) -> Self {
        if penalty.exclude.contains(name) {
            return Self::default();
        }
        Self { l1: penalty.l1, l2: penalty.l2 }
    }

    /// `gradient + l1 * sign(w) + l2 * w`, where the sign of 0 is 0.
    pub(super) fn add(self, gradient: Tensor, variable: &Var) -> Result<Tensor> {
        let weight = variable.as_detached_tensor();
        let mut sum = gradient;
        if self.l1 > 0.0 {
            sum = (sum + (weight.sign()? * self.l1)?)?;
        }
        if self.l2 > 0.0 {
            sum = (sum + (&weight * self.l2)?)?;
        }
        Ok(sum)
    }
}

/// Parameters that are neither penalized nor decayed, by patterns of their names.
///
/// In a pattern `*` stands for any characters, also none; everything else stands for itself. The
/// default is `*.bias`. The thesis saw decay on convolutions leave dead filters (section 5.1); to
/// spare the convolutions of every LipNet, add `block*`.
///
/// ```
/// use micrograph_nn::Exclusion;
///
/// let biases = Exclusion::default();
/// assert!(biases.contains("head.dense.bias"));
/// assert!(!biases.contains("block1.conv1.weight"));
///
/// let also_convolutions = Exclusion(vec!["*.bias".into(), "block*".into()]);
/// assert!(also_convolutions.contains("block1.conv1.weight"));
/// assert!(!also_convolutions.contains("head.dense.weight"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exclusion(pub Vec<String>);

const BIASES: &str = "*.bias";

impl Default for Exclusion {
    fn default() -> Self {
        Self(vec![BIASES.to_owned()])
    }
}

impl Exclusion {
    /// Whether the parameter `name` is excluded.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, name))
    }

    /// A pattern that matches nothing is an error; that for biases may, in a network without.
    pub(super) fn check(&self, parameters: &Parameters) -> Result<(), Error> {
        let names = || parameters.iter().map(|(name, _)| name);
        let idle = |pattern: &&String| *pattern != BIASES && !names().any(|n| matches(pattern, n));
        match self.0.iter().find(idle) {
            None => Ok(()),
            Some(pattern) => Err(Error::UnmatchedPattern {
                pattern: pattern.clone(),
                names: names().collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

/// Whether `pattern` with its `*` covers all of `name`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let mut pieces = tail.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        // The leftmost place leaves the most for the pieces that follow.
        let Some(start) = rest.find(piece) else { return false };
        rest = &rest[start + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_matches(pattern: &str, name: &str, expected: bool) {
        assert_eq!(matches(pattern, name), expected, "`{pattern}` on `{name}`");
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        check_matches("*.bias", "block1.conv1.bias", true);
        check_matches("*.bias", "bias", false);
        check_matches("block*", "block1.conv1.weight", true);
        check_matches("*conv*.weight", "block2.conv1.weight", true);
        check_matches("*conv*.weight", "head.dense.weight", false);
        check_matches("block1.conv1.weight", "block1.conv1.weight", true);
        check_matches("block1", "block1.conv1.weight", false);
        check_matches("*", "", true);
        check_matches("**a", "ba", true);
        check_matches("", "a", false);
        // The last piece must not reuse characters of the one before.
        check_matches("a*aba", "aba", false);
        check_matches("*ab*ab", "ab", false);
        check_matches("*ab*ab", "abab", true);
    }

    #[test]
    fn the_default_is_written_out() {
        let json = serde_json::to_string(&Penalty::default()).unwrap();
        assert_eq!(json, r#"{"l1":0.0,"l2":0.0,"exclude":["*.bias"]}"#);
        assert_eq!(serde_json::from_str::<Penalty>("{}").unwrap(), Penalty::default());
    }
}
