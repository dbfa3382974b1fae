//! The optimizers whose memory of a parameter is one tensor.

use candle::{Tensor, Var};
use micrograph_ops::{
    AdaDeltaStep, AdaGradStep, AdamStep, FtrlStep, NadamStep, RmsPropStep, ada_delta_step,
    ada_grad_step, ams_grad_step, ftrl_step, nadam_step, rms_prop_step,
};

use super::adaptive::{AdaDeltaConfig, AdaGradConfig, FtrlConfig, NadamConfig, RmsPropConfig};
use super::config::AdamConfig;
use super::penalty::Coupled;
use crate::Result;

/// A rule and its memory, `(k, ...)` for a parameter of `(...)`.
#[derive(Debug)]
pub(super) struct Stacked {
    step: Step,
    pub(super) memory: Tensor,
}

/// The constants of a step, whose rate and number are yet to be filled in.
#[derive(Debug)]
pub(super) enum Step {
    AmsGrad(AdamStep),
    Nadam(NadamStep),
    RmsProp(RmsPropStep),
    AdaGrad(AdaGradStep),
    AdaDelta(AdaDeltaStep),
    Ftrl(FtrlStep),
}

impl Stacked {
    /// A memory of zeros, but for the first numbers, which begin as `initial`.
    pub(super) fn new(step: Step, variable: &Var, initial: f64) -> Result<Self> {
        let numbers = step.numbers();
        let zeros = Tensor::zeros(variable.shape(), variable.dtype(), variable.device())?;
        let mut parts = vec![zeros; numbers];
        parts[0] = parts[0].affine(1.0, initial)?;
        Ok(Self { step, memory: Tensor::stack(&parts, 0)? })
    }

    pub(super) fn apply(&self, var: &Var, grad: &Tensor, lr: f64, t: u64) -> Result<()> {
        let memory = &self.memory;
        match &self.step {
            Step::AmsGrad(step) => ams_grad_step(var, grad, memory, &AdamStep { lr, t, ..*step }),
            Step::Nadam(step) => nadam_step(var, grad, memory, &NadamStep { lr, t, ..*step }),
            Step::RmsProp(step) => rms_prop_step(var, grad, memory, &RmsPropStep { lr, ..*step }),
            Step::AdaGrad(step) => ada_grad_step(var, grad, memory, &AdaGradStep { lr, ..*step }),
            Step::AdaDelta(step) => {
                ada_delta_step(var, grad, memory, &AdaDeltaStep { lr, ..*step })
            }
            Step::Ftrl(step) => ftrl_step(var, grad, memory, &FtrlStep { lr, ..*step }),
        }
    }
}

impl Step {
    pub(super) fn ams_grad(config: &AdamConfig) -> Self {
        let AdamConfig { beta1, beta2, epsilon, .. } = *config;
        Self::AmsGrad(AdamStep { lr: 0.0, beta1, beta2, epsilon, weight_decay: 0.0, t: 0 })
    }

    pub(super) fn nadam(config: &NadamConfig) -> Self {
        let NadamConfig { beta1, beta2, epsilon, momentum_decay, .. } = *config;
        Self::Nadam(NadamStep { lr: 0.0, beta1, beta2, epsilon, momentum_decay, t: 0 })
    }

    pub(super) fn rms_prop(config: &RmsPropConfig, centered: bool) -> Self {
        let RmsPropConfig { decay, epsilon, momentum, .. } = *config;
        Self::RmsProp(RmsPropStep { lr: 0.0, decay, epsilon, momentum, centered })
    }

    pub(super) fn ada_grad(config: &AdaGradConfig) -> Self {
        Self::AdaGrad(AdaGradStep { lr: 0.0, epsilon: config.epsilon })
    }

    pub(super) fn ada_delta(config: &AdaDeltaConfig) -> Self {
        let AdaDeltaConfig { decay, epsilon, .. } = *config;
        Self::AdaDelta(AdaDeltaStep { lr: 0.0, decay, epsilon })
    }

    pub(super) fn ftrl(config: &FtrlConfig, Coupled { l1, l2 }: Coupled) -> Self {
        Self::Ftrl(FtrlStep { lr: 0.0, beta: config.beta, l1, l2 })
    }

    /// What is remembered of each weight.
    fn numbers(&self) -> usize {
        match self {
            Self::AmsGrad(_) => 3,
            Self::Nadam(_) | Self::AdaDelta(_) | Self::Ftrl(_) => 2,
            Self::RmsProp(step) => step.states(),
            Self::AdaGrad(_) => 1,
        }
    }
}
