//! One parameter's part of an optimizer.

use candle::{Tensor, Var};
use micrograph_ops::{AdamStep, Momentum, SgdStep, adam_step, sgd_step};

use super::config::OptimizerConfig;
use super::penalty::Coupled;
use super::stacked::{Stacked, Step};
use crate::Result;

/// What an optimizer keeps for one parameter.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    penalty: Coupled,
    rule: Rule,
}

/// The constants of a step, whose rate and number are yet to be filled in, and its memory.
#[derive(Debug)]
enum Rule {
    Adam { step: AdamStep, first: Tensor, second: Tensor },
    Sgd { step: SgdStep, velocity: Option<Tensor> },
    Stacked(Stacked),
}

impl Slot {
    /// A slot without memory of any gradient.
    pub(super) fn new(config: &OptimizerConfig, name: &str, variable: &Var) -> Result<Self> {
        let zeros = || Tensor::zeros(variable.shape(), variable.dtype(), variable.device());
        let adam = |beta1, beta2, epsilon, weight_decay| {
            let step = AdamStep { lr: 0.0, beta1, beta2, epsilon, weight_decay, t: 0 };
            Ok(Rule::Adam { step, first: zeros()?, second: zeros()? })
        };
        let stacked = |penalty, step, initial| -> Result<_> {
            let stacked = Stacked::new(step, variable, initial)?;
            Ok((Coupled::of(penalty, name), Rule::Stacked(stacked)))
        };
        let (penalty, rule) = match config {
            OptimizerConfig::Adam(config) => {
                let rule: Result<_> = adam(config.beta1, config.beta2, config.epsilon, 0.0);
                (Coupled::of(&config.penalty, name), rule?)
            }
            OptimizerConfig::AdamW(config) => {
                let decay = if config.exclude.contains(name) { 0.0 } else { config.weight_decay };
                let rule = adam(config.beta1, config.beta2, config.epsilon, decay);
                (Coupled::default(), rule?)
            }
            OptimizerConfig::Sgd(config) => {
                let momentum = config.momentum;
                let velocity = (momentum != Momentum::None).then(zeros).transpose()?;
                let step = SgdStep { lr: 0.0, momentum, weight_decay: 0.0 };
                (Coupled::of(&config.penalty, name), Rule::Sgd { step, velocity })
            }
            OptimizerConfig::AmsGrad(config) => {
                stacked(&config.penalty, Step::ams_grad(config), 0.0)?
            }
            OptimizerConfig::Nadam(config) => stacked(&config.penalty, Step::nadam(config), 0.0)?,
            OptimizerConfig::RmsProp(config) => {
                stacked(&config.penalty, Step::rms_prop(config, false), 0.0)?
            }
            OptimizerConfig::CenteredRmsProp(config) => {
                stacked(&config.penalty, Step::rms_prop(config, true), 0.0)?
            }
            OptimizerConfig::AdaGrad(config) => {
                stacked(&config.penalty, Step::ada_grad(config), config.initial)?
            }
            OptimizerConfig::AdaDelta(config) => {
                stacked(&config.penalty, Step::ada_delta(config), 0.0)?
            }
            OptimizerConfig::Ftrl(config) => {
                // The rule has the penalty in it; the gradient stays without.
                let step = Step::ftrl(config, Coupled::of(&config.penalty, name));
                let stacked = Stacked::new(step, variable, config.initial)?;
                (Coupled::default(), Rule::Stacked(stacked))
            }
        };
        Ok(Self { name: name.to_owned(), penalty, rule })
    }

    /// Changes `variable` by step `number`, from 1, at the learning rate `lr`.
    pub(super) fn apply(
        &self,
        variable: &Var,
        gradient: Tensor,
        lr: f64,
        number: u64,
    ) -> Result<()> {
        let gradient = self.penalty.add(gradient, variable)?;
        match &self.rule {
            Rule::Adam { step, first, second } => {
                let step = AdamStep { lr, t: number, ..*step };
                adam_step(variable, &gradient, first, second, &step)
            }
            Rule::Sgd { step, velocity } => {
                sgd_step(variable, &gradient, velocity.as_ref(), &SgdStep { lr, ..*step })
            }
            Rule::Stacked(stacked) => stacked.apply(variable, &gradient, lr, number),
        }
    }

    /// The memory with its names in a saved state.
    pub(super) fn memory(&self) -> Vec<(String, &Tensor)> {
        let named = |kind: &str| format!("{kind}.{}", self.name);
        match &self.rule {
            Rule::Adam { first, second, .. } => {
                vec![(named("first"), first), (named("second"), second)]
            }
            Rule::Sgd { velocity, .. } => {
                velocity.iter().map(|velocity| (named("velocity"), velocity)).collect()
            }
            Rule::Stacked(stacked) => vec![(named("memory"), &stacked.memory)],
        }
    }

    /// As [`memory`](Self::memory), to be replaced.
    pub(super) fn memory_mut(&mut self) -> Vec<(String, &mut Tensor)> {
        let named = |kind: &str| format!("{kind}.{}", self.name);
        match &mut self.rule {
            Rule::Adam { first, second, .. } => {
                vec![(named("first"), first), (named("second"), second)]
            }
            Rule::Sgd { velocity, .. } => {
                velocity.iter_mut().map(|velocity| (named("velocity"), velocity)).collect()
            }
            Rule::Stacked(stacked) => vec![(named("memory"), &mut stacked.memory)],
        }
    }
}
