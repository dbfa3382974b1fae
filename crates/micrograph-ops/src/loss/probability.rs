//! Costs of probabilities other than cross-entropy: those that the StemNet thesis names, and Dice
//! with squares.

use super::probability_cost::Costs;
use super::{check_labels, given_weights, pixel_shape};
use crate::error::invalid;
use candle::{Result, Tensor};
use serde::{Deserialize, Serialize};

pub(super) const NAME: &str = "probability_loss";

/// What [`probability_loss`] makes of the probabilities `p` of a pixel, where `y` is 1 for its class
/// and 0 for the others, and `t` its class. All are 0 where `p = y`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProbabilityCost {
    /// `sum of (p - y)^2 / 2`.
    Quadratic,
    /// `tau * (exp(sum of (p - y)^2 / tau) - 1)`: the exponential cost, moved to end at 0.
    Exponential {
        /// From 0.05 on; the smaller, the more the worst pixels count.
        tau: f64,
    },
    /// Hellinger's distance `sqrt(sum of (sqrt(p) - sqrt(y))^2 / 2) = sqrt(1 - sqrt(p_t))`.
    Hellinger,
    /// Yamano's generalization of the Kullback-Leibler divergence,
    /// `(r^(1 - order) - r^(1 - 1 / order)) / (order - 1 / order)` with `r = p_t + 1e-7`; as `order`
    /// goes to 1 it becomes the Kullback-Leibler divergence, here the cross-entropy `-ln p_t`.
    GeneralizedKullbackLeibler {
        /// Above 1, at most 2.
        order: f64,
    },
    /// The Itakura-Saito distance `sum of r - ln r - 1` over the classes, with
    /// `r = (y + epsilon) / (p + epsilon)`.
    ItakuraSaito {
        /// From 1e-6 to 1: no cost of a pixel is above about `1 / epsilon`.
        epsilon: f64,
    },
    /// `1 - 2 * sum of p * y / (sum of p^2 + sum of y^2 + epsilon)`, each sum over all pixels of the
    /// batch and all classes at once: Dice as in V-Net and in StemNet's appendix.
    SquaredDice {
        /// Not negative; 1e-5 in the appendix.
        epsilon: f64,
    },
}

/// A cost, and what [`probability_loss`] weighs and leaves out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbabilityLossConfig {
    /// The cost.
    pub cost: ProbabilityCost,
    /// One weight a class, finite and not negative; `None` is 1 for each.
    #[serde(default)]
    pub class_weights: Option<Vec<f32>>,
    /// A label whose pixels count for nothing.
    #[serde(default)]
    pub ignore_index: Option<u32>,
}

impl From<ProbabilityCost> for ProbabilityLossConfig {
    /// Nothing is weighed, nothing left out.
    fn from(cost: ProbabilityCost) -> Self {
        Self { cost, class_weights: None, ignore_index: None }
    }
}

/// The mean over pixels of a cost of their probabilities, weighted as in
/// [`softmax_cross_entropy_weighted`](crate::softmax_cross_entropy_weighted); of
/// [`SquaredDice`](ProbabilityCost::SquaredDice) one number for all, whose sums have these weights.
///
/// Everything is computed in f64 from the logarithms of the probabilities: logits of +-10,000 give
/// finite losses and gradients.
///
/// # Shapes
/// - `logits`: `(n, k)` or `(n, k, h, w)`, f32 or f64, in any memory layout; `p` is their softmax
/// - `labels`: `(n)` or `(n, h, w)`, u32, below `k`, or what is ignored
/// - `weights`: perhaps one a pixel, of the shape of the labels and the type of the logits
/// - returns: a scalar of the type of the logits; only the logits have a gradient
///
/// # Edge cases
/// When all weights are zero, loss and gradient are 0; of Dice without any pixel as well.
///
/// # Errors
/// Shapes or types that do not agree; a label that is no class; weights that are negative or not
/// finite; a constant outside of its range. There is no CUDA kernel.
///
/// # Source
/// Isaksson, "StemNet", 2017, section 7.2 (the names) and 18.1.4 (Dice); Amaral, "Using different
/// cost functions to train stacked auto-encoders", 2013 (exponential); Yamano, "A generalization of
/// the Kullback-Leibler divergence and its properties", 2009; Milletari et al., "V-Net", 2016.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{ProbabilityCost, probability_loss};
/// let logits = Tensor::new(&[[0f64, 3f64.ln()]], &Device::Cpu)?; // 1/4 and 3/4
/// let labels = Tensor::new(&[1u32], &Device::Cpu)?;
/// let of = |cost: ProbabilityCost| {
///     probability_loss(&logits, &labels, None, &cost.into())?.to_scalar::<f64>()
/// };
/// assert!((of(ProbabilityCost::Quadratic)? - 0.0625).abs() < 1e-15);
/// assert!((of(ProbabilityCost::Hellinger)? - (1.0 - 0.75f64.sqrt()).sqrt()).abs() < 1e-15);
/// let dice = of(ProbabilityCost::SquaredDice { epsilon: 0.0 })?;
/// assert!((dice - (1.0 - 2.0 * 0.75 / (0.0625 + 0.5625 + 1.0))).abs() < 1e-15);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn probability_loss(
    logits: &Tensor,
    labels: &Tensor,
    weights: Option<&Tensor>,
    config: &ProbabilityLossConfig,
) -> Result<Tensor> {
    check_labels(NAME, logits, labels)?;
    let ProbabilityLossConfig { cost, ignore_index, .. } = *config;
    check_cost(cost)?;
    let class_weights = check_class_weights(config.class_weights.as_deref(), logits.dim(1)?)?;
    let op = Costs { cost, class_weights, ignore_index };
    let weights = given_weights(NAME, logits, weights, &pixel_shape(logits))?;
    logits.contiguous()?.apply_op3(&labels.contiguous()?, &weights, op)
}

fn check_cost(cost: ProbabilityCost) -> Result<()> {
    let (name, value, [least, most], above) = match cost {
        ProbabilityCost::Quadratic | ProbabilityCost::Hellinger => return Ok(()),
        ProbabilityCost::Exponential { tau } => ("tau", tau, [0.05, f64::MAX], "from 0.05 on"),
        ProbabilityCost::GeneralizedKullbackLeibler { order } => {
            ("order", order, [1.0 + f64::EPSILON, 2.0], "above 1, at most 2")
        }
        ProbabilityCost::ItakuraSaito { epsilon } => {
            ("epsilon", epsilon, [1e-6, 1.0], "from 1e-6 to 1")
        }
        ProbabilityCost::SquaredDice { epsilon } => {
            ("epsilon", epsilon, [0.0, f64::MAX], "finite and not negative")
        }
    };
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(invalid(NAME, format!("{name} {value} must be {above}")))
}

fn check_class_weights(weights: Option<&[f32]>, classes: usize) -> Result<Vec<f64>> {
    let Some(weights) = weights else { return Ok(vec![1.0; classes]) };
    if weights.len() != classes {
        let got = weights.len();
        return Err(invalid(NAME, format!("{classes} classes need as many weights, got {got}")));
    }
    weights.iter().map(|&weight| super::check_weight(NAME, weight)).collect()
}
