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

#[cfg(test)]
mod tests {
    use candle::{Device, Var};

    use super::*;

    fn value(parameters: &Parameters) -> f32 {
        parameters.get("w").unwrap().to_scalar().unwrap()
    }

    /// Weights 1, 2 and 3 after a beginning at 0, by hand: the ramp has d = 1/10, then 2/11, then
    /// the decay.
    #[test]
    fn it_follows_its_formula_and_leaves_the_weights_alone() {
        let mut parameters = Parameters::default();
        let w = Var::new(0f32, &Device::Cpu).unwrap();
        parameters.insert("w", w.clone()).unwrap();
        let mut average = Average::new(0.2, &parameters).unwrap();
        for step in 1..=3_u8 {
            w.set(&Tensor::new(f32::from(step), &Device::Cpu).unwrap()).unwrap();
            average.step(&parameters, step.into()).unwrap();
        }
        let first = 0.9;
        let second = first + (1.0 - 2.0 / 11.0) * (2.0 - first);
        let third = second + 0.8 * (3.0 - second);
        let held = average.within(&parameters, || value(&parameters)).unwrap();
        assert!((held - third).abs() < 1e-6, "{held}, expected {third}");
        assert_eq!(value(&parameters), 3.0);
        average.put(&parameters).unwrap();
        assert_eq!(value(&parameters), held);
    }

    #[test]
    fn what_is_restored_must_have_the_same_names() {
        let mut parameters = Parameters::default();
        parameters.insert("w", Var::new(5f32, &Device::Cpu).unwrap()).unwrap();
        let mut average = Average::new(0.5, &parameters).unwrap();
        let one = Tensor::new(1f32, &Device::Cpu).unwrap();
        let saved = HashMap::from([("v".to_owned(), one.clone())]);
        let message = average.restore(&saved, &parameters).unwrap_err().to_string();
        assert!(message.contains("missing `w`"), "{message}");
        let saved = HashMap::from([("w".to_owned(), one)]);
        average.restore(&saved, &parameters).unwrap();
        assert_eq!(value(&parameters), 5.0);
        assert_eq!(average.within(&parameters, || value(&parameters)).unwrap(), 1.0);
    }
}
