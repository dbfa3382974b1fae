//! The values and gradients of the losses of overlapping areas.

use super::block::{Block, Implied};
use super::class_loss::{self, ClassLoss, Pixels};
use super::overlap::{ErrorWeights, NAME, OverlapClasses, OverlapConfig, OverlapScope};
use crate::cuda::cuda_fwd;
use crate::storage::Element;
use candle::{CpuStorage, CustomOp2, Error, Layout, Result, Shape, Tensor};

/// Sums over the pixels of an area.
#[derive(Debug, Clone, Copy, Default)]
struct Area {
    /// Probability on the pixels of the class.
    hit: f64,
    probability: f64,
    truth: f64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Overlap {
    pub(super) weights: ErrorWeights,
    pub(super) config: OverlapConfig,
}

impl Overlap {
    fn is_counted(&self, class: usize, classes: usize) -> bool {
        self.config.classes == OverlapClasses::All || class > 0 || classes == 1
    }

    /// The areas of each class, of each image or of all.
    fn areas<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<Vec<Vec<Area>>> {
        let classes = pixels.grid.classes;
        let size = classes.max(2);
        let known = |label: u32| self.config.ignore_index == Some(label) || (label as usize) < size;
        if let Some(&label) = pixels.labels.iter().find(|&&label| !known(label)) {
            return Err(Error::InvalidIndex { op: NAME, index: label as usize, size }.bt());
        }
        let mut sums: Vec<Vec<Area>> = Vec::new();
        for (sample, areas) in pixels.map(|block| self.block_areas(block)) {
            let group = if self.config.scope == OverlapScope::Image { sample } else { 0 };
            if group == sums.len() {
                sums.push(vec![Area::default(); classes]);
            }
            for (sum, area) in sums[group].iter_mut().zip(areas) {
                sum.hit += area.hit;
                sum.probability += area.probability;
                sum.truth += area.truth;
            }
        }
        Ok(sums)
    }

    fn block_areas<T: Element>(&self, block: &Block<'_, T>) -> (usize, Vec<Area>) {
        let logs = block.log_probabilities(implied(block.classes()));
        let area = |(class, logs): (usize, &[f64])| {
            let mut area = Area::default();
            for (&label, log) in block.labels.iter().zip(logs) {
                if self.config.ignore_index == Some(label) {
                    continue;
                }
                let (p, truth) = (log.exp(), truth(label, class, block.classes()));
                area.hit += p * truth;
                area.probability += p;
                area.truth += truth;
            }
            area
        };
        (block.sample, logs.chunks_exact(block.pixels()).enumerate().map(area).collect())
    }

    /// Numerator and denominator of the index.
    fn fraction(&self, area: &Area) -> [f64; 2] {
        let ErrorWeights { false_positives, false_negatives } = self.weights;
        let found = area.hit + self.config.smooth;
        let wrong = false_positives * (area.probability - area.hit);
        [found, found + wrong + false_negatives * (area.truth - area.hit)]
    }

    fn loss(&self, areas: &[Vec<Area>]) -> f64 {
        let counted = areas.iter().flat_map(|classes| {
            let kept = move |(class, _): &(usize, _)| self.is_counted(*class, classes.len());
            classes.iter().enumerate().filter(kept)
        });
        let indices: Vec<f64> = counted
            .map(|(_, area)| {
                let [numerator, denominator] = self.fraction(area);
                if denominator == 0.0 { 1.0 } else { numerator / denominator }
            })
            .collect();
        1.0 - indices.iter().sum::<f64>() / indices.len() as f64
    }

    /// For a class: the derivatives of the loss by the probability of a pixel outside of the class
    /// and of one inside.
    fn slopes(&self, areas: &[Vec<Area>], group: usize, class: usize) -> [f64; 2] {
        let classes = areas[group].len();
        let [numerator, denominator] = self.fraction(&areas[group][class]);
        if !self.is_counted(class, classes) || denominator == 0.0 {
            return [0.0; 2];
        }
        let counted = (0..classes).filter(|&class| self.is_counted(class, classes)).count();
        let share = 1.0 / (areas.len() * counted) as f64;
        let ErrorWeights { false_positives, false_negatives } = self.weights;
        let outside = -numerator * false_positives / (denominator * denominator);
        let inside = denominator - numerator * (1.0 - false_negatives);
        [-share * outside, -share * inside / (denominator * denominator)]
    }
}

impl ClassLoss for Overlap {
    const NAME: &'static str = NAME;

    /// For each group of images and each class the [slopes](Overlap::slopes).
    type Whole = Vec<Vec<[f64; 2]>>;

    fn value<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<f64> {
        Ok(self.loss(&self.areas(pixels)?))
    }

    fn whole<T: Element>(&self, pixels: &Pixels<'_, T>, grad: f64) -> Result<Option<Self::Whole>> {
        let areas = self.areas(pixels)?;
        let of_group = |group| {
            let slopes = |class| self.slopes(&areas, group, class).map(|slope| slope * grad);
            (0..pixels.grid.classes).map(slopes).collect()
        };
        Ok(Some((0..areas.len()).map(of_group).collect()))
    }

    /// `p_c * (slope_c - sum of slope_j * p_j)`.
    fn gradient<T: Element>(
        &self,
        block: &Block<'_, T>,
        slopes: &Self::Whole,
        out: &mut [&mut [T]],
    ) {
        let logs = block.log_probabilities(implied(out.len()));
        let group = if self.config.scope == OverlapScope::Image { block.sample } else { 0 };
        let mut terms = vec![[0.0; 2]; out.len()];
        for (pixel, &label) in block.labels.iter().enumerate() {
            if self.config.ignore_index == Some(label) {
                continue;
            }
            let row = logs[pixel..].iter().step_by(block.pixels());
            for (class, (term, log)) in terms.iter_mut().zip(row).enumerate() {
                let [outside, inside] = slopes[group][class];
                let truth = truth(label, class, block.classes());
                *term = [log.exp(), if truth > 0.0 { inside } else { outside }];
            }
            let mean: f64 = terms.iter().map(|[p, slope]| p * slope).sum();
            for (out, [p, slope]) in out.iter_mut().zip(&terms) {
                out[pixel] = T::from_f64(p * (slope - mean));
            }
        }
    }
}

fn implied(classes: usize) -> Implied {
    if classes == 1 { Implied::Zero } else { Implied::Nothing }
}

/// 1 where the label is the class; one class alone is class 1.
fn truth(label: u32, class: usize, classes: usize) -> f64 {
    let class = if classes == 1 { 1 } else { class };
    f64::from(u8::from(label as usize == class))
}

impl CustomOp2 for Overlap {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        class_loss::value(self, [(logits, logits_layout), (labels, labels_layout)], None)
    }

    cuda_fwd!(logits logits_layout, labels labels_layout);

    fn bwd(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let op = OverlapBackward { of: *self, grad: grad.clone() };
        Ok((Some(logits.apply_op2_no_bwd(labels, &op)?), None))
    }
}

pub(super) struct OverlapBackward {
    pub(super) of: Overlap,
    /// That of the loss; read where the logits are, so that no device waits for the host.
    pub(super) grad: Tensor,
}

impl CustomOp2 for OverlapBackward {
    fn name(&self) -> &'static str {
        "tversky_loss_backward"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        labels: &CpuStorage,
        labels_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let arguments = [(logits, logits_layout), (labels, labels_layout)];
        class_loss::gradient(&self.of, &self.grad, arguments, None)
    }

    cuda_fwd!(logits logits_layout, labels labels_layout);
}
