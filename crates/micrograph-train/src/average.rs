//! The running average of the weights, which is what a run measures and keeps.

use std::collections::HashMap;

use candle::Tensor;
use micrograph_nn::Parameters;

use crate::Result;

/// Exponential moving average of all numbers that a network holds.
///
/// After step `n`, counted from 1, `average += (1 - d) * (weights - average)` with
/// `d = min(decay, n / (n + 9))`, so that the first weights do not linger where few steps were taken.
/// Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
#[derive(Debug)]
pub(crate) struct Average {
    decay: f64,
    tensors: Vec<(String, Tensor)>,
}

impl Average {
    /// Of weights that no step has changed yet.
    pub(crate) fn new(decay: f64, parameters: &Parameters) -> Result<Self> {
        Ok(Self { decay, tensors: parameters.snapshot()? })
    }

    /// Takes the weights after step `number`, counted from 1, into account.
    pub(crate) fn step(&mut self, parameters: &Parameters, number: u64) -> Result<()> {
        let number = number as f64;
        let part = 1.0 - self.decay.min(number / (number + 9.0));
        for ((_, average), (_, now)) in self.tensors.iter_mut().zip(parameters.to_tensors()) {
            *average = (&*average + ((now - &*average)? * part)?)?;
        }
        Ok(())
    }

    /// All of it, in the order of the names.
    pub(crate) fn tensors(&self) -> &[(String, Tensor)] {
        &self.tensors
    }

    /// Does `work` while `parameters` hold the average.
    pub(crate) fn within<R>(&self, parameters: &Parameters, work: impl FnOnce() -> R) -> Result<R> {
        let own: HashMap<_, _> = parameters.snapshot()?.into_iter().collect();
        self.put(parameters)?;
        let result = work();
        parameters.load(&own)?;
        Ok(result)
    }

    /// Writes the average over `parameters`.
    pub(crate) fn put(&self, parameters: &Parameters) -> Result<()> {
        Ok(parameters.load(&self.tensors.iter().cloned().collect())?)
    }

    /// Takes over a saved average of `parameters`; nothing has changed after an error.
    pub(crate) fn restore(
        &mut self,
        saved: &HashMap<String, Tensor>,
        parameters: &Parameters,
    ) -> Result<()> {
        let own: HashMap<_, _> = parameters.snapshot()?.into_iter().collect();
        parameters.load(saved)?;
        self.tensors = parameters.snapshot()?;
        Ok(parameters.load(&own)?)
    }
}
