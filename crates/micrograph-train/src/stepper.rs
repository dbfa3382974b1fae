//! What a step changes besides the parameters themselves: the memory of the optimizer and the running
//! average.

use std::collections::HashMap;

use candle::Tensor;
use candle::backprop::GradStore;
use micrograph_nn::{LossScale, Optimizer, OptimizerStep, Parameters};

use crate::Result;
use crate::average::Average;

/// The optimizer of a run, and the average of its weights where there is one.
#[derive(Debug)]
pub(crate) struct Stepper {
    optimizer: Optimizer,
    average: Option<Average>,
}

impl Stepper {
    /// Without a step; `decay` is that of the average.
    pub(crate) fn new(
        optimizer: Optimizer,
        decay: Option<f64>,
        parameters: &Parameters,
    ) -> Result<Self> {
        let average = decay.map(|decay| Average::new(decay, parameters)).transpose()?;
        Ok(Self { optimizer, average })
    }

    /// Step `number`, counted from 1, against the gradients of a loss times `scale`.
    pub(crate) fn step(
        &mut self,
        parameters: &Parameters,
        (scale, gradients): (&mut LossScale, &mut GradStore),
        (step, number): (OptimizerStep, u64),
    ) -> Result<()> {
        scale.step(&mut self.optimizer, parameters, gradients, step)?;
        self.average.as_mut().map_or(Ok(()), |average| average.step(parameters, number))
    }

    /// Does `work` while `parameters` hold what is measured and kept.
    pub(crate) fn kept<R>(&self, parameters: &Parameters, work: impl FnOnce() -> R) -> Result<R> {
        match &self.average {
            Some(average) => average.within(parameters, work),
            None => Ok(work()),
        }
    }

    /// Writes what is measured and kept over `parameters`, after the last step.
    pub(crate) fn put(&self, parameters: &Parameters) -> Result<()> {
        self.average.as_ref().map_or(Ok(()), |average| average.put(parameters))
    }

    /// A copy of what is measured and kept.
    pub(crate) fn snapshot(&self, parameters: &Parameters) -> Result<Vec<(String, Tensor)>> {
        match &self.average {
            Some(average) => Ok(average.tensors().to_vec()),
            None => Ok(parameters.snapshot()?),
        }
    }

    /// Everything with the prefix under which a file has it.
    pub(crate) fn state(&self) -> Vec<(&'static str, Vec<(String, Tensor)>)> {
        let average = self.average.iter().map(|average| (AVERAGE, average.tensors().to_vec()));
        std::iter::once((OPTIMIZER, self.optimizer.state())).chain(average).collect()
    }

    /// Takes over a saved [`state`](Self::state).
    pub(crate) fn restore(
        &mut self,
        mut saved: HashMap<String, HashMap<String, Tensor>>,
        parameters: &Parameters,
    ) -> Result<()> {
        let mut part = |name| saved.remove(name).unwrap_or_default();
        self.optimizer.restore(&part(OPTIMIZER))?;
        match &mut self.average {
            Some(average) => average.restore(&part(AVERAGE), parameters),
            None => Ok(()),
        }
    }
}

const OPTIMIZER: &str = "optimizer";
const AVERAGE: &str = "average";
