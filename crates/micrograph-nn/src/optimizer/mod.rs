//! Steps down the gradient.

mod adaptive;
mod clip;
mod config;
mod loss_scale;
mod penalty;
mod slot;
mod stacked;

use std::collections::HashMap;

use candle::backprop::GradStore;
use candle::{Device, Tensor, Var};

pub use adaptive::{AdaDeltaConfig, AdaGradConfig, FtrlConfig, NadamConfig, RmsPropConfig};
pub use config::{AdamConfig, AdamWConfig, OptimizerConfig, SgdConfig};
pub use loss_scale::{LossScale, Stepped};
pub use penalty::{Exclusion, Penalty};

use crate::error::check;
use crate::tensors::check_tensors;
use crate::{Error, Parameters, Result};
use slot::Slot;

/// The name of the number of steps in a saved state.
const STEPS: &str = "steps";

/// How far one step goes.
///
/// ```
/// use micrograph_nn::OptimizerStep;
/// assert_eq!(OptimizerStep::from(1e-3), OptimizerStep { rate: 1e-3, clip_norm: None });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizerStep {
    /// The learning rate, 0 or more.
    pub rate: f64,
    /// Above this global norm, all gradients of the loss are scaled down to it; above 0.
    ///
    /// The norm is summed in f64 in the order of the names, so it is the same for any number of
    /// threads. A penalty is added afterwards, as in PyTorch.
    pub clip_norm: Option<f64>,
}

impl From<f64> for OptimizerStep {
    fn from(rate: f64) -> Self {
        Self { rate, clip_norm: None }
    }
}

/// An optimizer with its memory of earlier gradients.
///
/// ```
/// use candle::{Device, Var};
/// use micrograph_nn::{Optimizer, OptimizerConfig, Parameters, SgdConfig};
///
/// let mut parameters = Parameters::default();
/// parameters.insert("w", Var::new(&[1.0, -2.0], &Device::Cpu)?)?;
/// let config = OptimizerConfig::Sgd(SgdConfig::default());
/// let mut optimizer = Optimizer::new(config, &parameters)?;
///
/// let w = parameters.get("w").expect("inserted above");
/// let loss = w.sqr()?.sum_all()?; // gradient 2 w
/// optimizer.step(&parameters, &loss.backward()?, 0.25)?;
/// assert_eq!(w.to_vec1::<f64>()?, [0.5, -1.0]);
/// # Ok::<(), candle::Error>(())
/// ```
#[derive(Debug)]
pub struct Optimizer {
    config: OptimizerConfig,
    /// Steps taken, a scalar of i64, kept as it is saved.
    steps: Tensor,
    /// In the order of the names.
    slots: Vec<Slot>,
}

impl Optimizer {
    /// An optimizer for `parameters` that has seen no gradient yet.
    ///
    /// # Errors
    /// [`Error::Config`] when a constant is outside its range, [`Error::UnmatchedPattern`] when
    /// an exclusion matches nothing, and when the device has no memory left.
    pub fn new(config: OptimizerConfig, parameters: &Parameters) -> Result<Self> {
        config.validate()?;
        config.exclusion().map_or(Ok(()), |exclusion| exclusion.check(parameters))?;
        let slots = parameters
            .iter()
            .map(|(name, variable)| Slot::new(&config, name, variable))
            .collect::<Result<_>>()?;
        Ok(Self { config, steps: Tensor::new(0_i64, &Device::Cpu)?, slots })
    }

    /// The configuration it was made from.
    pub fn config(&self) -> &OptimizerConfig {
        &self.config
    }

    /// Changes `parameters`, in place, against the gradients of a loss.
    ///
    /// In this order: clipping, penalty, moments, update. `step` is an [`OptimizerStep`], or the
    /// learning rate alone.
    ///
    /// # Errors
    /// [`Error::MissingGradient`] when the loss does not depend on some parameter,
    /// [`Error::NotFinite`] when a gradient to be clipped is NaN or infinite,
    /// [`Error::OtherParameters`] and [`Error::Config`]. All are found before anything changes.
    pub fn step(
        &mut self,
        parameters: &Parameters,
        gradients: &GradStore,
        step: impl Into<OptimizerStep>,
    ) -> Result<()> {
        let step = step.into();
        let rate = step.rate;
        check(rate >= 0.0 && rate.is_finite(), "rate", rate, "0 or more, finite")?;
        let variables = self.variables(parameters)?;
        let mut gradients = self.gradients(&variables, gradients)?;
        if let Some(limit) = step.clip_norm {
            check(limit > 0.0, "clip_norm", limit, "a positive number")?;
            clip::clip(&mut gradients, limit)?;
        }
        let number = self.steps.to_scalar::<i64>()? + 1;
        for ((slot, variable), (_, gradient)) in self.slots.iter().zip(variables).zip(gradients) {
            slot.apply(variable, gradient, rate, number.unsigned_abs())?;
        }
        self.steps = Tensor::new(number, &Device::Cpu)?;
        Ok(())
    }

    /// All that a later step depends on, by name: `steps`, and for each parameter `first.NAME` and
    /// `second.NAME` (Adam), `velocity.NAME` (SGD with momentum) or `memory.NAME` (all others).
    ///
    /// The tensors share memory with the optimizer and follow every later step: write them to a
    /// file at once.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let memory = self.slots.iter().flat_map(Slot::memory);
        let steps = std::iter::once((STEPS.to_owned(), &self.steps));
        steps.chain(memory).map(|(name, tensor)| (name, tensor.clone())).collect()
    }

    /// Takes over a saved [`state`](Self::state), bit for bit: the next step is the one that the
    /// saved optimizer would have taken.
    ///
    /// # Errors
    /// [`Error::Mismatch`] with every name that is missing, unexpected, or of another shape or
    /// type; nothing has changed then.
    pub fn restore(&mut self, state: &HashMap<String, Tensor>) -> Result<()> {
        let current = self.state();
        let expected = current.iter().map(|(name, tensor)| (name.as_str(), tensor));
        check_tensors("optimizer state", expected, state)?;
        let memory = self.slots.iter_mut().flat_map(Slot::memory_mut);
        for (name, tensor) in std::iter::once((STEPS.to_owned(), &mut self.steps)).chain(memory) {
            if let Some(saved) = state.get(&name) {
                *tensor = saved.detach().to_device(tensor.device())?.contiguous()?.copy()?;
            }
        }
        Ok(())
    }

    /// The variables of the slots, in their order.
    fn variables<'a>(&self, parameters: &'a Parameters) -> Result<Vec<&'a Var>, Error> {
        let mut variables = Vec::with_capacity(self.slots.len());
        let mut given = parameters.iter();
        for slot in &self.slots {
            match given.next() {
                Some((name, variable)) if name == slot.name => variables.push(variable),
                _ => {
                    return Err(Error::OtherParameters {
                        difference: format!("no `{}`", slot.name),
                    });
                }
            }
        }
        match given.next() {
            None => Ok(variables),
            Some((name, _)) => Err(Error::OtherParameters { difference: format!("new `{name}`") }),
        }
    }

    /// The gradient of each variable, with the name of its slot.
    fn gradients<'a>(
        &'a self,
        variables: &[&Var],
        gradients: &GradStore,
    ) -> Result<Vec<(&'a str, Tensor)>, Error> {
        let of = |(slot, variable): (&'a Slot, &&Var)| {
            let missing = || Error::MissingGradient { name: slot.name.clone() };
            let gradient = gradients.get(variable.as_tensor()).ok_or_else(missing)?;
            Ok((slot.name.as_str(), gradient.clone()))
        };
        self.slots.iter().zip(variables).map(of).collect()
    }
}
