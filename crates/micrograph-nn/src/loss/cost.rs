//! What the logits of pixels cost.

use candle::Tensor;
use micrograph_ops::{
    CrossEntropyConfig, ErrorWeights, OverlapConfig, ProbabilityCost, ProbabilityLossConfig,
    dice_loss, probability_loss, softmax_cross_entropy, softmax_cross_entropy_weighted,
    tversky_loss,
};
use serde::{Deserialize, Serialize};

use super::PixelLoss;
use crate::Result;
use crate::error::check;

/// The cost of the logits of pixels, by which a network is trained.
///
/// In a file of settings a name, `"dice"`, or a table, `{ focal = { gamma = 1.5 } }`, in which what
/// is left out is the default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum PixelCost {
    /// The mean of `-ln p` of the true classes ([`softmax_cross_entropy`]); with labels that are
    /// sure, it is the Kullback-Leibler divergence, too.
    #[default]
    CrossEntropy,
    /// The mean over classes of one minus their Dice index ([`dice_loss`]).
    Dice(OverlapConfig),
    /// Dice of squares, all classes and images in one fraction
    /// ([`ProbabilityCost::SquaredDice`]): that of the appendix of the StemNet thesis.
    SquaredDice {
        /// Not negative; 1e-5 as published.
        #[serde(default = "appendix_epsilon")]
        epsilon: f64,
    },
    /// Cross-entropy, and a multiple of Dice: steady steps, and no class forgotten.
    DiceCrossEntropy {
        /// What Dice is multiplied by, 0 or more; 1.
        #[serde(default = "one")]
        dice: f64,
        /// Areas, and how they are averaged.
        #[serde(default)]
        areas: OverlapConfig,
    },
    /// Cross-entropy times `(1 - p)^gamma` (Lin et al., "Focal loss for dense object detection",
    /// 2017).
    Focal {
        /// 0 or more; 2.
        #[serde(default = "two")]
        gamma: f64,
    },
    /// Dice whose false positives and false negatives have weights ([`tversky_loss`]).
    Tversky {
        /// Weight of false positives, 0 or more; 0.3.
        #[serde(default = "alpha")]
        false_positives: f64,
        /// Weight of false negatives, 0 or more; 0.7.
        #[serde(default = "beta")]
        false_negatives: f64,
        /// Areas, and how they are averaged.
        #[serde(default)]
        areas: OverlapConfig,
    },
    /// `sum of (p - y)^2 / 2` ([`ProbabilityCost::Quadratic`]; StemNet thesis, equation 4).
    Quadratic,
    /// `tau * (exp(sum of (p - y)^2 / tau) - 1)` ([`ProbabilityCost::Exponential`]).
    Exponential {
        /// From 0.05 on; 1.
        #[serde(default = "one")]
        tau: f64,
    },
    /// `sqrt(1 - sqrt p)` ([`ProbabilityCost::Hellinger`]).
    Hellinger,
    /// The same number as cross-entropy, by the name that the StemNet thesis has for it.
    KullbackLeibler,
    /// Yamano's generalization ([`ProbabilityCost::GeneralizedKullbackLeibler`]).
    GeneralizedKullbackLeibler {
        /// Above 1, at most 2; 1.5.
        #[serde(default = "one_and_a_half")]
        order: f64,
    },
    /// `sum of r - ln r - 1` ([`ProbabilityCost::ItakuraSaito`]).
    ItakuraSaito {
        /// From 1e-6 to 1; 0.01.
        #[serde(default = "hundredth")]
        epsilon: f64,
    },
}

const fn appendix_epsilon() -> f64 {
    1e-5
}
const fn one() -> f64 {
    1.0
}
const fn two() -> f64 {
    2.0
}
const fn one_and_a_half() -> f64 {
    1.5
}
const fn hundredth() -> f64 {
    0.01
}
const fn alpha() -> f64 {
    0.3
}
const fn beta() -> f64 {
    0.7
}

impl PixelCost {
    /// Whether single pixels and classes can weigh more than others.
    #[must_use]
    pub const fn takes_weights(&self) -> bool {
        !matches!(self, Self::Dice(_) | Self::Tversky { .. })
    }

    pub(super) fn validate(&self) -> Result<(), crate::Error> {
        let not_negative = |name, value: f64| {
            check(value.is_finite() && value >= 0.0, name, value, "finite and 0 or more")
        };
        match *self {
            Self::CrossEntropy | Self::Quadratic | Self::Hellinger | Self::KullbackLeibler => {
                Ok(())
            }
            Self::Dice(areas) => not_negative("cost.smooth", areas.smooth),
            Self::SquaredDice { epsilon } => not_negative("cost.epsilon", epsilon),
            Self::DiceCrossEntropy { dice, areas } => {
                not_negative("cost.dice", dice)?;
                not_negative("cost.areas.smooth", areas.smooth)
            }
            Self::Focal { gamma } => not_negative("cost.gamma", gamma),
            Self::Tversky { false_positives, false_negatives, areas } => {
                not_negative("cost.false_positives", false_positives)?;
                not_negative("cost.false_negatives", false_negatives)?;
                not_negative("cost.areas.smooth", areas.smooth)
            }
            Self::Exponential { tau } => {
                check(tau.is_finite() && tau >= 0.05, "cost.tau", tau, "0.05 or more, finite")
            }
            Self::GeneralizedKullbackLeibler { order } => {
                check(order > 1.0 && order <= 2.0, "cost.order", order, "above 1, at most 2")
            }
            Self::ItakuraSaito { epsilon } => {
                let inside = (1e-6..=1.0).contains(&epsilon);
                check(inside, "cost.epsilon", epsilon, "from 1e-6 to 1")
            }
        }
    }

    /// The cost of logits, with the weights of `of` and of pixels.
    pub(super) fn loss(
        &self,
        of: &PixelLoss,
        [logits, labels]: [&Tensor; 2],
        weights: Option<&Tensor>,
    ) -> Result<Tensor> {
        let entropy = |focusing: f64| {
            let (class_weights, ignore_index) = (of.class_weights.clone(), of.ignore_index);
            let config =
                CrossEntropyConfig { class_weights, ignore_index, focusing, ..Default::default() };
            match weights {
                None => softmax_cross_entropy(logits, labels, &config),
                Some(weights) => softmax_cross_entropy_weighted(logits, labels, weights, &config),
            }
        };
        let cost = |cost: ProbabilityCost| {
            let (class_weights, ignore_index) = (of.class_weights.clone(), of.ignore_index);
            let config = ProbabilityLossConfig { cost, class_weights, ignore_index };
            probability_loss(logits, labels, weights, &config)
        };
        let areas = |areas: OverlapConfig| OverlapConfig {
            ignore_index: of.ignore_index.or(areas.ignore_index),
            ..areas
        };
        match *self {
            Self::CrossEntropy | Self::KullbackLeibler => entropy(0.0),
            Self::Focal { gamma } => entropy(gamma),
            Self::Dice(config) => dice_loss(logits, labels, &areas(config)),
            Self::DiceCrossEntropy { dice, areas: config } => {
                entropy(0.0)? + (dice_loss(logits, labels, &areas(config))? * dice)?
            }
            Self::Tversky { false_positives, false_negatives, areas: config } => {
                let errors = ErrorWeights { false_positives, false_negatives };
                tversky_loss(logits, labels, &errors, &areas(config))
            }
            Self::SquaredDice { epsilon } => cost(ProbabilityCost::SquaredDice { epsilon }),
            Self::Quadratic => cost(ProbabilityCost::Quadratic),
            Self::Exponential { tau } => cost(ProbabilityCost::Exponential { tau }),
            Self::Hellinger => cost(ProbabilityCost::Hellinger),
            Self::GeneralizedKullbackLeibler { order } => {
                cost(ProbabilityCost::GeneralizedKullbackLeibler { order })
            }
            Self::ItakuraSaito { epsilon } => cost(ProbabilityCost::ItakuraSaito { epsilon }),
        }
    }
}
