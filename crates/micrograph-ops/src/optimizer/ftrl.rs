//! Follow the regularized leader.

use super::check_not_negative;
use super::rule::{Rule, apply};
use crate::error::invalid;
use crate::storage::Element;
use candle::{Result, Tensor, Var};

const NAME: &str = "ftrl_step";

/// One step of [`ftrl_step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FtrlStep {
    /// Learning rate, above 0: `alpha` in the paper.
    pub lr: f64,
    /// Smoothing of the rates, not negative; 0 in Keras, 1 in the paper.
    pub beta: f64,
    /// Below it an element is zero, not negative: `lambda1`.
    pub l1: f64,
    /// Shrinks elements, not negative: `lambda2` in the paper, twice the `l2` of Keras.
    pub l2: f64,
}

/// One step of FTRL-proximal, in place: it makes sparse models, exact zeros, of rare features.
///
/// ```text
/// new     = sum + grad^2
/// linear += grad - (sqrt(new) - sqrt(sum)) / lr * var
/// sum     = new
/// var     = 0                                                                 |linear| <= l1
/// var     = (sign(linear) * l1 - linear) / ((beta + sqrt(sum)) / lr + l2)     else
/// ```
///
/// The variable is computed anew in each step: where it began is forgotten as far as the sum did not
/// begin at zero, and where no gradient ever came it becomes 0.
///
/// # Shapes
/// `var` and `grad` have one shape, f32 or f64; `state` is `(2, ...)`, sum and linear: zeros, or in
/// Keras sums of 0.1.
///
/// # Errors
/// Shapes or types that do not agree; variable or state that is not contiguous, or shares its
/// memory; settings outside of their ranges.
///
/// # Source
/// McMahan et al., "Ad click prediction: a view from the trenches", 2013, algorithm 1.
///
/// # Example
/// ```
/// use candle::{Device, Tensor, Var};
/// use micrograph_ops::{FtrlStep, ftrl_step};
/// let var = Var::new(&[1f64, 1.], &Device::Cpu)?;
/// let grad = Tensor::new(&[3f64, 0.25], &Device::Cpu)?;
/// let state = Tensor::new(&[[16f64, 0.], [0., 0.]], &Device::Cpu)?;
/// ftrl_step(&var, &grad, &state, &FtrlStep { lr: 1.0, beta: 1.0, l1: 0.5, l2: 2.0 })?;
/// // linear: 3 - (5 - 4) and 0.25 - 0.25
/// assert_eq!(var.to_vec1::<f64>()?, [-1.5 / 8.0, 0.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn ftrl_step(var: &Var, grad: &Tensor, state: &Tensor, step: &FtrlStep) -> Result<()> {
    let FtrlStep { lr, beta, l1, l2 } = *step;
    check_not_negative(NAME, &[("learning rate", lr), ("beta", beta), ("l1", l1), ("l2", l2)])?;
    if lr == 0.0 {
        return Err(invalid(NAME, "learning rate 0 must be above 0"));
    }
    apply(NAME, var, grad, state, step)
}

impl Rule<2> for FtrlStep {
    fn remember<T: Element>(&self, [sum, linear]: [T; 2], grad: T, var: T) -> [T; 2] {
        let new = sum + grad * grad;
        let sigma = (new.sqrt() - sum.sqrt()) / T::from_f64(self.lr);
        [new, linear + grad - sigma * var]
    }

    fn descend<T: Element>(&self, _: T, _: T, [sum, linear]: [T; 2]) -> T {
        let l1 = T::from_f64(self.l1);
        let negative = linear < T::zero();
        let size = if negative { T::zero() - linear } else { linear };
        if size <= l1 {
            return T::zero();
        }
        let rate = (T::from_f64(self.beta) + sum.sqrt()) / T::from_f64(self.lr);
        let var = (size - l1) / (rate + T::from_f64(self.l2));
        if negative { var } else { T::zero() - var }
    }

    fn kernel(&self) -> (&'static str, Vec<f64>) {
        ("ftrl", vec![self.lr, self.beta, self.l1, self.l2])
    }
}
