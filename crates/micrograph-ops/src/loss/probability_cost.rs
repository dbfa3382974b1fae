//! The values and gradients of costs of probabilities.

use super::block::{Block, Implied};
use super::class_loss::{self, ClassLoss, Pixels};
use super::probability::{NAME, ProbabilityCost};
use crate::storage::Element;
use candle::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

/// What is added to a probability before its logarithm is taken in Yamano's divergence.
const FLOOR: f64 = 1e-7;

/// The arguments are logits, labels, and the weights of the pixels (or no number).
#[derive(Debug, Clone)]
pub(super) struct Costs {
    pub(super) cost: ProbabilityCost,
    pub(super) class_weights: Vec<f64>,
    pub(super) ignore_index: Option<u32>,
}

/// Weighted sums over pixels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Of the costs; of Dice of `p * y`.
    cost: f64,
    /// Of Dice of `p^2`.
    squares: f64,
}

/// What the loss is made of, and with it what a pixel's gradient is multiplied by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    sums: Sums,
    /// Of the weights.
    weights: f64,
}

impl Costs {
    /// The weight of a pixel with its class; `None` when it is ignored.
    fn weight<T: Element>(&self, block: &Block<'_, T>, pixel: usize) -> Option<(f64, usize)> {
        let label = block.labels[pixel];
        if self.ignore_index == Some(label) {
            return None;
        }
        let class = label as usize;
        Some((block.weight(pixel) * self.class_weights[class], class))
    }

    fn totals<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<Totals> {
        let weights = pixels.total_weight(NAME, &self.class_weights, self.ignore_index)?;
        let sums = pixels.map(|block| self.sums(block));
        let sums = sums.iter().fold(Sums::default(), |a, b| Sums {
            cost: a.cost + b.cost,
            squares: a.squares + b.squares,
        });
        Ok(Totals { sums, weights })
    }

    fn sums<T: Element>(&self, block: &Block<'_, T>) -> Sums {
        let logs = block.log_probabilities(Implied::Nothing);
        let mut sums = Sums::default();
        for pixel in 0..block.pixels() {
            let Some((weight, class)) = self.weight(block, pixel) else { continue };
            let row = || logs[pixel..].iter().step_by(block.pixels()).copied();
            sums.cost += weight * self.value(row(), class);
            if matches!(self.cost, ProbabilityCost::SquaredDice { .. }) {
                sums.squares += weight * row().map(|log| (2.0 * log).exp()).sum::<f64>();
            }
        }
        sums
    }

    /// The cost of a pixel from the logarithms of its probabilities; of Dice `p * y`.
    fn value(&self, logs: impl Iterator<Item = f64> + Clone, class: usize) -> f64 {
        let own = || logs.clone().nth(class).unwrap_or(0.0);
        let errors = || -> f64 {
            let error = |(k, log): (usize, f64)| if k == class { -log.exp_m1() } else { log.exp() };
            logs.clone().enumerate().map(|term| error(term).powi(2)).sum()
        };
        match self.cost {
            ProbabilityCost::Quadratic => errors() / 2.0,
            ProbabilityCost::Exponential { tau } => tau * (errors() / tau).exp_m1(),
            ProbabilityCost::Hellinger => (-(own() / 2.0).exp_m1()).max(0.0).sqrt(),
            ProbabilityCost::GeneralizedKullbackLeibler { order } => {
                let log = (own().exp() + FLOOR).ln();
                let power = |exponent: f64| (exponent * log).exp();
                let inverse = 1.0 / order;
                (power(1.0 - order) - power(1.0 - inverse)) / (order - inverse)
            }
            ProbabilityCost::ItakuraSaito { epsilon } => {
                let term = |(k, log): (usize, f64)| {
                    let truth = if k == class { 1.0 } else { 0.0 };
                    let ratio = (truth + epsilon) / (log.exp() + epsilon);
                    ratio - ratio.ln() - 1.0
                };
                logs.clone().enumerate().map(term).sum()
            }
            ProbabilityCost::SquaredDice { .. } => own().exp(),
        }
    }

    /// The loss, and what the gradient of each pixel is multiplied by besides its weight.
    fn loss(&self, totals: Totals) -> f64 {
        let Totals { sums, weights } = totals;
        match self.cost {
            ProbabilityCost::SquaredDice { epsilon } if weights > 0.0 => {
                1.0 - 2.0 * sums.cost / (sums.squares + weights + epsilon)
            }
            _ if weights > 0.0 => sums.cost / weights,
            _ => 0.0,
        }
    }

    /// The derivatives of the loss by the logarithms of a pixel's probabilities, but for its weight.
    fn slopes(
        &self,
        logs: impl Iterator<Item = f64> + Clone,
        class: usize,
        totals: Totals,
        out: &mut [f64],
    ) {
        let mean = 1.0 / totals.weights;
        let own = logs.clone().nth(class).unwrap_or(0.0);
        let of_own = |out: &mut [f64], slope: f64| {
            out.fill(0.0);
            out[class] = slope * mean;
        };
        let truth = |k: usize| if k == class { 1.0 } else { 0.0 };
        let mut of_each = |slope: &dyn Fn(usize, f64) -> f64| {
            for ((k, log), out) in logs.clone().enumerate().zip(out.iter_mut()) {
                *out = slope(k, log.exp());
            }
        };
        match self.cost {
            ProbabilityCost::Quadratic => of_each(&|k, p| mean * p * (p - truth(k))),
            ProbabilityCost::Exponential { tau } => {
                // The cost is `tau * (e - 1)`.
                let e = self.value(logs.clone(), class) / tau + 1.0;
                of_each(&|k, p| mean * p * 2.0 * e * (p - truth(k)));
            }
            ProbabilityCost::Hellinger => {
                let cost = self.value(logs, class);
                let slope = if cost > 0.0 { -(own / 2.0).exp() / (4.0 * cost) } else { 0.0 };
                of_own(out, slope);
            }
            ProbabilityCost::GeneralizedKullbackLeibler { order } => {
                let (p, inverse) = (own.exp(), 1.0 / order);
                let log = (p + FLOOR).ln();
                let power = |exponent: f64| exponent * (exponent * log).exp();
                let slope = (power(1.0 - order) - power(1.0 - inverse)) / (order - inverse);
                of_own(out, slope * p / (p + FLOOR));
            }
            ProbabilityCost::ItakuraSaito { epsilon } => {
                of_each(&|k, p| mean * p * (p - truth(k)) / (p + epsilon).powi(2));
            }
            ProbabilityCost::SquaredDice { epsilon } => {
                let area = totals.sums.squares + totals.weights + epsilon;
                let both = totals.sums.cost;
                of_each(&|k, p| p * (4.0 * both * p / area - 2.0 * truth(k)) / area);
            }
        }
    }
}

impl ClassLoss for Costs {
    const NAME: &'static str = NAME;

    /// With the gradient of the loss.
    type Whole = (Totals, f64);

    fn value<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<f64> {
        Ok(self.loss(self.totals(pixels)?))
    }

    fn whole<T: Element>(&self, pixels: &Pixels<'_, T>, grad: f64) -> Result<Option<Self::Whole>> {
        let totals = self.totals(pixels)?;
        Ok((totals.weights > 0.0).then_some((totals, grad)))
    }

    fn gradient<T: Element>(
        &self,
        block: &Block<'_, T>,
        &(totals, grad): &Self::Whole,
        out: &mut [&mut [T]],
    ) {
        let logs = block.log_probabilities(Implied::Nothing);
        let mut slopes = vec![0.0; out.len()];
        for pixel in 0..block.pixels() {
            let Some((weight, class)) = self.weight(block, pixel) else { continue };
            let row = || logs[pixel..].iter().step_by(block.pixels()).copied();
            self.slopes(row(), class, totals, &mut slopes);
            let sum = slopes.iter().sum::<f64>();
            for ((out, slope), log) in out.iter_mut().zip(&slopes).zip(row()) {
                out[pixel] = T::from_f64(grad * weight * (slope - log.exp() * sum));
            }
        }
    }
}

impl CustomOp3 for Costs {
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

    fn bwd(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let op = CostsBackward { of: self.clone(), grad: grad.clone() };
        Ok((Some(logits.apply_op3_no_bwd(labels, weights, &op)?), None, None))
    }
}

/// The gradient of the logits, in closed form.
struct CostsBackward {
    of: Costs,
    grad: Tensor,
}

impl CustomOp3 for CostsBackward {
    fn name(&self) -> &'static str {
        "probability_loss_backward"
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
}
