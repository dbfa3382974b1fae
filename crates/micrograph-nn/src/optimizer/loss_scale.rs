//! Loss scaling: gradients that survive the narrow range of f16.

use candle::backprop::GradStore;
use candle::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Optimizer, OptimizerStep};
use crate::{Error, Parameters, Result};

/// The factor of a new [`LossScale`], as in PyTorch's `GradScaler`: 2^16.
const FIRST: f64 = 65_536.0;
/// Good steps after which the factor doubles, as there.
const GROWTH_STEPS: u32 = 2000;
/// At most, so that factor and loss stay far from the end of f32: 2^24.
const LARGEST: f64 = 16_777_216.0;

/// Dynamic loss scaling for training in f16, whose numbers below 6e-8 are zero.
///
/// The loss is multiplied by a factor before the backward pass, and the gradients, once they are
/// f32 again, are divided by it. Where a gradient has left the range of f16 (above 65,504) the step
/// is skipped and the factor halved; after 2000 good steps in a row the factor doubles, up to
/// 2^24. It begins with 2^16 and is a power of two always, so that scaling rounds nothing.
///
/// bf16 has the range of f32 and needs none: [`LossScale::NONE`] leaves losses and gradients as
/// they are, at no cost.
///
/// # Source
/// Micikevicius et al., "Mixed precision training", 2018, section 3.2; PyTorch's `GradScaler`.
///
/// # Example
/// ```
/// use candle::{Device, Var};
/// use micrograph_nn::{LossScale, Optimizer, OptimizerConfig, Parameters, SgdConfig, Stepped};
///
/// let mut parameters = Parameters::default();
/// parameters.insert("w", Var::new(&[1f32, 3e38], &Device::Cpu)?)?;
/// let sgd = OptimizerConfig::Sgd(SgdConfig::default());
/// let mut optimizer = Optimizer::new(sgd, &parameters)?;
/// let mut scale = LossScale::dynamic();
///
/// let w = parameters.get("w").expect("inserted above").as_tensor().clone();
/// let mut gradients = scale.scaled(&w.sqr()?.sum_all()?)?.backward()?; // 2^17 * 3e38 is infinite
/// let stepped = scale.step(&mut optimizer, &parameters, &mut gradients, 0.25)?;
/// assert_eq!((stepped, scale.factor()), (Stepped::Skipped, 32768.0));
/// assert_eq!(w.to_vec1::<f32>()?, [1.0, 3e38]);
///
/// let mut gradients = scale.scaled(&w.get(0)?.sqr()?)?.backward()?;
/// let stepped = scale.step(&mut optimizer, &parameters, &mut gradients, 0.25)?;
/// assert_eq!((stepped, w.to_vec1::<f32>()?), (Stepped::Taken, vec![0.5, 3e38]));
/// # Ok::<(), candle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossScale {
    factor: f64,
    /// Good steps since the factor last changed; `None`: it never changes.
    good_steps: Option<u32>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// The parameters were changed.
    Taken,
    /// A gradient was not finite: nothing was changed but the factor.
    Skipped,
}

impl Default for LossScale {
    fn default() -> Self {
        Self::NONE
    }
}

impl LossScale {
    /// No scaling: what every type but f16 needs.
    pub const NONE: Self = Self { factor: 1.0, good_steps: None };

    /// Scaling that follows the gradients, from 2^16.
    #[must_use]
    pub const fn dynamic() -> Self {
        Self { factor: FIRST, good_steps: Some(0) }
    }

    /// What the loss is multiplied by.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// The loss whose gradients [`step`](Self::step) takes.
    ///
    /// # Errors
    /// When the device has no memory left.
    pub fn scaled(&self, loss: &Tensor) -> Result<Tensor> {
        if self.good_steps.is_none() { Ok(loss.clone()) } else { loss * self.factor }
    }

    /// Divides the gradients of a [`scaled`](Self::scaled) loss by the factor and lets the
    /// optimizer step, unless one of them is not finite.
    ///
    /// A skipped step does not count among the optimizer's.
    ///
    /// # Errors
    /// [`Error::NoScale`] where gradients are not finite at the factor 1 either: the training has
    /// diverged. And as [`Optimizer::step`].
    pub fn step(
        &mut self,
        optimizer: &mut Optimizer,
        parameters: &Parameters,
        gradients: &mut GradStore,
        step: impl Into<OptimizerStep>,
    ) -> Result<Stepped> {
        let Some(good_steps) = self.good_steps else {
            optimizer.step(parameters, gradients, step)?;
            return Ok(Stepped::Taken);
        };
        if self.divide(parameters, gradients)? {
            optimizer.step(parameters, gradients, step)?;
            let good_steps = good_steps.saturating_add(1);
            self.good_steps = Some(good_steps);
            if good_steps >= GROWTH_STEPS && self.factor < LARGEST {
                *self = Self { factor: self.factor * 2.0, good_steps: Some(0) };
            }
            return Ok(Stepped::Taken);
        }
        if self.factor <= 1.0 {
            return Err(Error::NoScale.into());
        }
        *self = Self { factor: self.factor / 2.0, good_steps: Some(0) };
        Ok(Stepped::Skipped)
    }

    /// Divides the gradients; whether all are finite, in one answer of the device.
    fn divide(&self, parameters: &Parameters, gradients: &mut GradStore) -> Result<bool> {
        let mut zeros = Vec::new();
        for (_, variable) in parameters.iter() {
            // A gradient that is missing is the optimizer's to tell.
            let Some(gradient) = gradients.remove(variable.as_tensor()) else { continue };
            let gradient = (gradient / self.factor)?;
            // Zero of a finite number, NaN of any other.
            zeros.push((&gradient * 0.0)?.sum_all()?.to_dtype(DType::F32)?);
            gradients.insert(variable.as_tensor(), gradient);
        }
        if zeros.is_empty() {
            return Ok(true);
        }
        let sum = Tensor::stack(&zeros, 0)?.sum_all()?.to_device(&Device::Cpu)?;
        Ok(sum.to_scalar::<f32>()? == 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OptimizerConfig, SgdConfig};
    use candle::Var;

    /// `w = 1` with SGD, and the loss `w * slope`.
    fn stepped(scale: &mut LossScale, slope: f32) -> Result<(Stepped, f32)> {
        let mut parameters = Parameters::default();
        parameters.insert("w", Var::new(1f32, &Device::Cpu)?)?;
        let mut optimizer =
            Optimizer::new(OptimizerConfig::Sgd(SgdConfig::default()), &parameters)?;
        let w = parameters.get("w").unwrap().as_tensor();
        let loss = (w * f64::from(slope))?;
        let mut gradients = scale.scaled(&loss)?.backward()?;
        let stepped = scale.step(&mut optimizer, &parameters, &mut gradients, 0.5)?;
        Ok((stepped, w.to_scalar()?))
    }

    #[test]
    fn the_factor_halves_on_a_gradient_that_is_not_finite_and_doubles_after_good_steps() {
        let mut scale = LossScale::dynamic();
        assert_eq!(stepped(&mut scale, 1e36).unwrap(), (Stepped::Skipped, 1.0));
        assert_eq!(stepped(&mut scale, f32::NAN).unwrap(), (Stepped::Skipped, 1.0));
        assert_eq!(scale.factor(), FIRST / 4.0);
        for _ in 0..GROWTH_STEPS {
            assert_eq!(scale.factor(), FIRST / 4.0);
            assert_eq!(stepped(&mut scale, 0.25).unwrap(), (Stepped::Taken, 0.875));
        }
        assert_eq!(scale, LossScale { factor: FIRST / 2.0, good_steps: Some(0) });
    }

    #[test]
    fn a_skipped_step_begins_the_count_anew_and_the_factor_is_bounded() {
        let mut scale = LossScale { factor: LARGEST, good_steps: Some(GROWTH_STEPS - 1) };
        assert_eq!(stepped(&mut scale, 0.25).unwrap().0, Stepped::Taken);
        assert_eq!(scale.factor(), LARGEST);
        assert_eq!(stepped(&mut scale, f32::INFINITY).unwrap().0, Stepped::Skipped);
        assert_eq!(scale, LossScale { factor: LARGEST / 2.0, good_steps: Some(0) });
    }

    #[test]
    fn below_the_factor_1_the_training_has_diverged() {
        let mut scale = LossScale { factor: 2.0, good_steps: Some(0) };
        assert_eq!(stepped(&mut scale, f32::NAN).unwrap().0, Stepped::Skipped);
        let message = stepped(&mut scale, f32::NAN).unwrap_err().to_string();
        assert!(message.contains("diverged"), "{message}");
    }

    #[test]
    fn without_scaling_nothing_is_divided_and_nothing_skipped() {
        let mut scale = LossScale::NONE;
        assert_eq!(stepped(&mut scale, 0.25).unwrap(), (Stepped::Taken, 0.875));
        assert_eq!(scale, LossScale::NONE);
    }

    #[test]
    fn it_goes_through_json_bit_for_bit() {
        let scale = LossScale { factor: 8192.0, good_steps: Some(17) };
        let text = serde_json::to_string(&scale).unwrap();
        assert_eq!(serde_json::from_str::<LossScale>(&text).unwrap(), scale);
    }
}
