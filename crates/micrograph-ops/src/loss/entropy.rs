//! The values and gradients of cross-entropy and focal loss.

use super::block::{Block, Grid, Implied};
use super::check_weight;
use super::cross_entropy::NAME;
use crate::cuda::cuda_fwd;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp3, DType, Error, Layout, Result, Shape, Tensor, WithDType};

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

    /// The sum of the weights of all pixels, which divides the loss.
    fn total<T: Element>(&self, labels: &[u32], weights: &[T]) -> Result<f64> {
        let size = self.weights.len();
        let mut total = 0.0;
        for (pixel, &label) in labels.iter().enumerate() {
            if self.ignore_index == Some(label) {
                continue;
            }
            let index = label as usize;
            let invalid = || Error::InvalidIndex { op: NAME, index, size }.bt();
            let weight =
                weights.get(pixel).map_or(Ok(1.0), |&weight| check_weight(NAME, weight))?;
            total += weight * self.weights.get(index).ok_or_else(invalid)?;
        }
        Ok(total)
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

    /// `scale * (slope_c - p_c * sum of slopes)`.
    fn gradient<T: Element>(&self, block: &Block<'_, T>, scale: f64, out: &mut [&mut [T]]) {
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
        let labels = slice::<u32>(NAME, labels, labels_layout)?;
        for_float!(logits.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, logits, logits_layout)?;
            let weights = slice::<T>(NAME, weights, weights_layout)?;
            let total = self.total(labels, weights)?;
            let grid = Grid::of(logits_layout);
            let sums = grid.map(logits, labels, weights, |block| self.loss(block));
            let loss = if total > 0.0 { sums.iter().sum::<f64>() / total } else { 0.0 };
            Ok((T::to_cpu_storage_owned(vec![loss as T]), Shape::from(())))
        })
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
        let labels = slice::<u32>(NAME, labels, labels_layout)?;
        for_float!(logits.dtype(), NAME, T => {
            let logits = slice::<T>(NAME, logits, logits_layout)?;
            let weights = slice::<T>(NAME, weights, weights_layout)?;
            let total = self.of.total(labels, weights)?;
            let grad = self.grad.to_dtype(DType::F64)?.to_scalar::<f64>()?;
            let scale = if total > 0.0 { grad / total } else { 0.0 };
            let mut out = vec![0.0; logits.len()];
            let grid = Grid::of(logits_layout);
            grid.fill([logits, weights], labels, &mut out, |block, out| {
                self.of.gradient(block, scale, out);
            });
            Ok((T::to_cpu_storage_owned(out), logits_layout.shape().clone()))
        })
    }

    cuda_fwd!(logits logits_layout, labels labels_layout, weights weights_layout);
}
