//! The values and gradients of cross-entropy and focal loss.

use super::block::{Block, Implied};
use super::class_loss::{self, ClassLoss, Pixels};
use super::cross_entropy::NAME;
use crate::cuda::cuda_fwd;
use crate::storage::Element;
use candle::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

/// The arguments are logits, labels, and the weights of the pixels (or no number).
#[derive(Debug, Clone)]
pub(super) struct CrossEntropy {
    /// For each label: weight times target probability of each class.
    pub(super) targets: Vec<Vec<f64>>,
    /// The weight of each label.
    pub(super) weights: Vec<f64>,
    /// The target probability of the true class and of each other.
    #[cfg_attr(not(any(feature = "cuda", test)), expect(dead_code, reason = "for devices alone"))]
    pub(super) smoothed: [f64; 2],
    pub(super) ignore_index: Option<u32>,
    pub(super) focusing: f64,
}

impl CrossEntropy {
    /// The targets of a pixel; `None` when it is ignored.
    fn targets(&self, label: u32) -> Option<&[f64]> {
        let ignored = self.ignore_index == Some(label);
        (!ignored).then(|| self.targets[label as usize].as_slice())
    }

    fn total<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<f64> {
        pixels.total_weight(NAME, &self.weights, self.ignore_index)
    }

    fn loss<T: Element>(&self, block: &Block<'_, T>) -> f64 {
        let logs = block.log_probabilities(Implied::Nothing);
        let mut sum = 0.0;
        for (pixel, &label) in block.labels.iter().enumerate() {
            let Some(targets) = self.targets(label) else { continue };
            let row = logs[pixel..].iter().step_by(block.pixels());
            // A class without a share costs nothing, even at a logit of negative infinity.
            let terms = targets.iter().zip(row).filter(|(target, _)| **target > 0.0);
            let loss: f64 = terms.map(|(target, &log)| target * self.cost(log)).sum();
            sum += block.weight(pixel) * loss;
        }
        sum
    }

    /// `-(1 - p)^focusing * log p`.
    fn cost(&self, log: f64) -> f64 {
        if self.focusing == 0.0 { -log } else { -(-log.exp_m1()).powf(self.focusing) * log }
    }

    /// The derivative of [`cost`](Self::cost) by `log p`.
    fn slope(&self, log: f64) -> f64 {
        let (gamma, other) = (self.focusing, -log.exp_m1());
        if gamma == 0.0 {
            return -1.0;
        }
        if other <= 0.0 {
            return 0.0;
        }
        gamma * log.exp() * other.powf(gamma - 1.0) * log - other.powf(gamma)
    }
}

impl ClassLoss for CrossEntropy {
    const NAME: &'static str = NAME;

    /// The gradient of the loss by the total weight.
    type Whole = f64;

    fn value<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<f64> {
        let total = self.total(pixels)?;
        let sums = pixels.map(|block| self.loss(block));
        Ok(if total > 0.0 { sums.iter().sum::<f64>() / total } else { 0.0 })
    }

    fn whole<T: Element>(&self, pixels: &Pixels<'_, T>, grad: f64) -> Result<Option<f64>> {
        let total = self.total(pixels)?;
        Ok((total > 0.0).then(|| grad / total))
    }

    /// `scale * (slope_c - p_c * sum of slopes)`.
    fn gradient<T: Element>(&self, block: &Block<'_, T>, scale: &f64, out: &mut [&mut [T]]) {
        let logs = block.log_probabilities(Implied::Nothing);
        let mut slopes = vec![0.0; out.len()];
        for (pixel, &label) in block.labels.iter().enumerate() {
            let Some(targets) = self.targets(label) else { continue };
            let row = || logs[pixel..].iter().step_by(block.pixels());
            for ((slope, target), &log) in slopes.iter_mut().zip(targets).zip(row()) {
                *slope = if *target > 0.0 { target * self.slope(log) } else { 0.0 };
            }
            let (scale, sum) = (scale * block.weight(pixel), slopes.iter().sum::<f64>());
            for ((out, slope), log) in out.iter_mut().zip(&slopes).zip(row()) {
                out[pixel] = T::from_f64(scale * (slope - log.exp() * sum));
            }
        }
    }
}

impl CustomOp3 for CrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let arguments = [(logits, logits_layout), (labels, labels_layout)];
        class_loss::value(self, arguments, Some((weights, weights_layout)))
    }

    cuda_fwd!(logits logits_layout, labels labels_layout, weights weights_layout);

    fn bwd(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let op = CrossEntropyBackward { of: self.clone(), grad: grad.clone() };
        Ok((Some(logits.apply_op3_no_bwd(labels, weights, &op)?), None, None))
    }
}

/// The gradient of the logits, in closed form.
pub(super) struct CrossEntropyBackward {
    pub(super) of: CrossEntropy,
    /// That of the loss; read where the logits are, so that no device waits for the host.
    pub(super) grad: Tensor,
}

impl CustomOp3 for CrossEntropyBackward {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy_backward"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let arguments = [(logits, logits_layout), (labels, labels_layout)];
        class_loss::gradient(&self.of, &self.grad, arguments, Some((weights, weights_layout)))
    }

    cuda_fwd!(logits logits_layout, labels labels_layout, weights weights_layout);
}
