//! The optimizers and their constants.

use micrograph_ops::Momentum;
use serde::{Deserialize, Serialize};

use super::adaptive::{
    AdaDeltaConfig, AdaGradConfig, Constant, FtrlConfig, NadamConfig, RmsPropConfig,
};
use super::penalty::{Exclusion, Penalty};
use crate::error::check;
use crate::written::momentum;
use crate::{Error, Result};

/// An optimizer and its constants; the learning rate comes with each step.
///
/// The thesis limits itself to Adam and SGD (section 4.5); the others are there to compare with.
/// In a file of settings it is a name, `"adamw"`, or a table with constants, `{ sgd = { momentum = 0.9 } }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum OptimizerConfig {
    /// Adam with a penalty that goes through its moments.
    Adam(AdamConfig),
    /// Adam with decay beside its moments; `adamw`.
    #[serde(rename = "adamw")]
    AdamW(AdamWConfig),
    /// Stochastic gradient descent, with or without momentum.
    Sgd(SgdConfig),
    /// Adam whose rates never grow; `amsgrad`.
    #[serde(rename = "amsgrad")]
    AmsGrad(AdamConfig),
    /// Adam with Nesterov's momentum.
    Nadam(NadamConfig),
    /// Gradients over the root of their mean square; `rmsprop`.
    #[serde(rename = "rmsprop")]
    RmsProp(RmsPropConfig),
    /// Gradients over their deviation; `centered_rmsprop`.
    #[serde(rename = "centered_rmsprop")]
    CenteredRmsProp(RmsPropConfig),
    /// Gradients over the root of the sum of their squares; `adagrad`.
    #[serde(rename = "adagrad")]
    AdaGrad(AdaGradConfig),
    /// Steps that scale themselves; `adadelta`.
    #[serde(rename = "adadelta")]
    AdaDelta(AdaDeltaConfig),
    /// Sparse weights.
    Ftrl(FtrlConfig),
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self::Adam(AdamConfig::default())
    }
}

impl OptimizerConfig {
    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Config`] for the first field outside its range.
    pub fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Adam(adam) | Self::AmsGrad(adam) => {
                validate_moments(adam.beta1, adam.beta2, adam.epsilon)?;
                adam.penalty.validate()
            }
            Self::AdamW(adam) => {
                validate_moments(adam.beta1, adam.beta2, adam.epsilon)?;
                let decay = adam.weight_decay;
                check(decay >= 0.0 && decay.is_finite(), "weight_decay", decay, "0 or more, finite")
            }
            Self::Sgd(sgd) => {
                let momentum = match sgd.momentum {
                    Momentum::None => 0.0,
                    Momentum::Classic(momentum) | Momentum::Nesterov(momentum) => momentum,
                };
                let inside = (0.0..1.0).contains(&momentum);
                check(inside, "momentum", momentum, "from 0 to below 1")?;
                sgd.penalty.validate()
            }
            Self::AdaDelta(AdaDeltaConfig { decay: 0.0, .. }) => {
                check(false, "decay", 0.0, "from above 0 to below 1")
            }
            _ => {
                self.constants().iter().try_for_each(Constant::validate)?;
                self.penalty().map_or(Ok(()), Penalty::validate)
            }
        }
    }

    /// The name as it is usually written.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Adam(_) => "Adam",
            Self::AdamW(_) => "AdamW",
            Self::Sgd(_) => "SGD",
            Self::AmsGrad(_) => "AMSGrad",
            Self::Nadam(_) => "Nadam",
            Self::RmsProp(_) => "RMSprop",
            Self::CenteredRmsProp(_) => "centered RMSprop",
            Self::AdaGrad(_) => "AdaGrad",
            Self::AdaDelta(_) => "AdaDelta",
            Self::Ftrl(_) => "FTRL",
        }
    }

    /// The constants of the optimizers beyond Adam and SGD.
    pub(crate) fn constants(&self) -> Vec<Constant> {
        match self {
            Self::Adam(_) | Self::AmsGrad(_) | Self::AdamW(_) | Self::Sgd(_) => Vec::new(),
            Self::Nadam(config) => config.constants(),
            Self::RmsProp(config) | Self::CenteredRmsProp(config) => config.constants(),
            Self::AdaGrad(config) => config.constants(),
            Self::AdaDelta(config) => config.constants(),
            Self::Ftrl(config) => config.constants(),
        }
    }

    /// The penalty; `None` of AdamW, which decays.
    pub(crate) fn penalty(&self) -> Option<&Penalty> {
        match self {
            Self::Adam(config) | Self::AmsGrad(config) => Some(&config.penalty),
            Self::AdamW(_) => None,
            Self::Sgd(config) => Some(&config.penalty),
            Self::Nadam(config) => Some(&config.penalty),
            Self::RmsProp(config) | Self::CenteredRmsProp(config) => Some(&config.penalty),
            Self::AdaGrad(config) => Some(&config.penalty),
            Self::AdaDelta(config) => Some(&config.penalty),
            Self::Ftrl(config) => Some(&config.penalty),
        }
    }

    /// The parameters that neither penalty nor decay touches.
    pub(super) fn exclusion(&self) -> Option<&Exclusion> {
        match self {
            Self::AdamW(adam) => Some(&adam.exclude),
            other => other.penalty().map(|penalty| &penalty.exclude),
        }
    }
}

/// Adam (Kingma & Ba 2015, algorithm 1; PyTorch's `Adam`).
///
/// With gradient `g` (penalty included) at step `t`, from 1:
/// `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g^2`,
/// `w -= rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)`.
///
/// The first step therefore moves each weight by the rate, whatever the size of its gradient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamConfig {
    /// Memory of the gradient's mean, in `[0, 1)`; 0.9.
    pub beta1: f64,
    /// Memory of its mean square, in `[0, 1)`; 0.999.
    pub beta2: f64,
    /// Keeps the division finite, above 0; 1e-8.
    pub epsilon: f64,
    /// Penalty on weights; none.
    pub penalty: Penalty,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, penalty: Penalty::default() }
    }
}

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2; PyTorch's `AdamW`).
///
/// As [`AdamConfig`], but `w` is first multiplied by `1 - rate * weight_decay`, and the moments see
/// the gradient of the loss alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamWConfig {
    /// Memory of the gradient's mean, in `[0, 1)`; 0.9.
    pub beta1: f64,
    /// Memory of its mean square, in `[0, 1)`; 0.999.
    pub beta2: f64,
    /// Keeps the division finite, above 0; 1e-8.
    pub epsilon: f64,
    /// Decay as a multiple of the learning rate, 0 or more; 0.01 as in PyTorch.
    pub weight_decay: f64,
    /// Parameters without decay; biases.
    pub exclude: Exclusion,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        let exclude = Exclusion::default();
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, exclude }
    }
}

/// Stochastic gradient descent (PyTorch's `SGD` without dampening).
///
/// With gradient `g` (penalty included): plain, `w -= rate * g`; with momentum `mu`,
/// `u = mu * u + g` and `w -= rate * u`, or, after Nesterov, `w -= rate * (g + mu * u)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SgdConfig {
    /// The momentum, in `[0, 1)`, and its kind; none. In a file a number alone is Polyak's.
    #[serde(deserialize_with = "momentum")]
    pub momentum: Momentum,
    /// Penalty on weights; none.
    pub penalty: Penalty,
}

fn validate_moments(beta1: f64, beta2: f64, epsilon: f64) -> Result<(), Error> {
    for (field, beta) in [("beta1", beta1), ("beta2", beta2)] {
        check((0.0..1.0).contains(&beta), field, beta, "from 0 to below 1")?;
    }
    check(epsilon > 0.0 && epsilon.is_finite(), "epsilon", epsilon, "a positive number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_held() {
        let penalty = Penalty { l2: -1.0, ..Default::default() };
        let bad = [
            OptimizerConfig::Adam(AdamConfig { beta1: 1.0, ..Default::default() }),
            OptimizerConfig::Adam(AdamConfig { epsilon: 0.0, ..Default::default() }),
            OptimizerConfig::Adam(AdamConfig { penalty: penalty.clone(), ..Default::default() }),
            OptimizerConfig::AdamW(AdamWConfig { beta2: -0.1, ..Default::default() }),
            OptimizerConfig::AdamW(AdamWConfig { weight_decay: f64::NAN, ..Default::default() }),
            OptimizerConfig::Sgd(SgdConfig { penalty, ..Default::default() }),
            OptimizerConfig::Sgd(SgdConfig {
                momentum: Momentum::Nesterov(1.0),
                ..Default::default()
            }),
            OptimizerConfig::AmsGrad(AdamConfig { beta1: 1.0, ..Default::default() }),
            OptimizerConfig::Nadam(NadamConfig { momentum_decay: -1.0, ..Default::default() }),
            OptimizerConfig::RmsProp(RmsPropConfig { momentum: 1.0, ..Default::default() }),
            OptimizerConfig::CenteredRmsProp(RmsPropConfig { decay: 1.0, ..Default::default() }),
            OptimizerConfig::AdaGrad(AdaGradConfig {
                initial: f64::INFINITY,
                ..Default::default()
            }),
            OptimizerConfig::AdaDelta(AdaDeltaConfig { decay: 0.0, ..Default::default() }),
            OptimizerConfig::Ftrl(FtrlConfig { initial: 0.0, ..Default::default() }),
        ];
        for config in bad {
            assert!(config.validate().is_err(), "{config:?}");
        }
        OptimizerConfig::default().validate().unwrap();
    }

    #[test]
    fn fields_left_out_have_their_defaults() {
        let read = |json| serde_json::from_str::<OptimizerConfig>(json).unwrap();
        assert_eq!(read(r#"{"adam":{}}"#), OptimizerConfig::default());
        assert_eq!(read(r#"{"adamw":{}}"#), OptimizerConfig::AdamW(AdamWConfig::default()));
        let momentum = Momentum::Nesterov(0.9);
        let sgd = SgdConfig { momentum, ..Default::default() };
        assert_eq!(read(r#"{"sgd":{"momentum":{"nesterov":0.9}}}"#), OptimizerConfig::Sgd(sgd));
        let decay = RmsPropConfig { decay: 0.5, ..Default::default() };
        assert_eq!(read(r#"{"rmsprop":{"decay":0.5}}"#), OptimizerConfig::RmsProp(decay));
        for bad in [r#"{"adam":{"beta":0.9}}"#, r#"{"nadam":{"beta":0.9}}"#] {
            assert!(serde_json::from_str::<OptimizerConfig>(bad).is_err());
        }
    }
}
