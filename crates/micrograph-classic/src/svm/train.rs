//! One machine for each pair of classes, over one kernel matrix.

use ndarray::{Array2, ArrayView2};
use rand::RngExt as _;

use super::expansion::{Expansion, Fitted};
use super::gram::{Gram, Precision};
use super::kernel::Space;
use super::model::{Parts, SvmModel};
use super::pair::{Margin, Pair};
use super::solver::Limits;
use super::{Probability, SigmoidWeights, Training};
use crate::random::{Purpose, stream};
use crate::samples::rows;
use crate::{Result, Samples};

/// What machines are fitted with: samples in the units of the kernel, and room for its rows.
pub(super) struct Ground {
    pub(super) space: Space,
    pub(super) x: Array2<f64>,
    precision: Precision,
    cache_mb: usize,
}

impl Ground {
    pub(super) fn new(space: Space, x: ArrayView2<'_, f64>, cache_mb: usize) -> Result<Self> {
        let x = space.map(x);
        let precision = Precision::choose(x.view(), space.function)?;
        Ok(Self { space, x, precision, cache_mb })
    }

    /// The kernel matrix of all samples.
    pub(super) fn gram(&self) -> Gram {
        self.gram_of(self.x.view())
    }

    fn gram_of(&self, x: ArrayView2<'_, f64>) -> Gram {
        Gram::new(x, self.space.function, self.precision, self.cache_mb)
    }
}

/// What the machines of a pair are fitted with.
pub(super) struct Bench<'a> {
    pub(super) gram: &'a mut Gram,
    /// Where each sample of the pair stands in `gram`.
    pub(super) columns: Vec<usize>,
    pub(super) limits: Limits,
}

/// Fits all pairs of the classes that are present; a sample of a class has one of `weights` in
/// `margin`.
pub(super) fn fit(
    training: &Training,
    margin: &dyn Fn(&[u32]) -> Margin,
    weights: &[f64],
    samples: &Samples<'_>,
    seed: u64,
) -> Result<SvmModel> {
    let classes = samples.at_least_two_classes()?;
    let space = Space::fit(training.kernel, samples.x())?;
    let ground = Ground::new(space, samples.x(), training.cache_mb)?;
    let limits = training.limits;
    // All pairs share one matrix where it can be kept whole; else each has its own, without the
    // columns that it does not need.
    let n = samples.labels().len();
    let whole = classes.len() == 2 || n.saturating_mul(n * 4) <= training.cache_mb << 20;
    let mut shared = whole.then(|| ground.gram());
    let (mut fitted, mut sigmoids) = (Vec::new(), Vec::new());
    for (a, &first) in classes.iter().enumerate() {
        for &second in &classes[a + 1..] {
            let pair = Pair::new(samples, [first, second], margin);
            let mut own;
            let mut bench = if let Some(gram) = &mut shared {
                Bench { gram, columns: pair.samples.clone(), limits }
            } else {
                own = ground.gram_of(rows(ground.x.view(), &pair.samples).view());
                Bench { gram: &mut own, columns: (0..pair.samples.len()).collect(), limits }
            };
            let machine = pair.solve_all(&mut bench)?;
            if let Probability::Platt { folds, weights: kind } = training.probability {
                let seed = stream(Purpose::Platt, seed, first.into(), second.into()).random();
                let weights = match kind {
                    SigmoidWeights::Classes => [second, first].map(|c| weights[c as usize]),
                    SigmoidWeights::None => [1.0; 2],
                };
                sigmoids.push(pair.sigmoid(&machine, &mut bench, (folds, weights), seed)?);
            }
            fitted.push(Fitted { samples: pair.samples, beta: machine.beta, rho: machine.rho });
        }
    }
    let sigmoids = (training.probability != Probability::None).then_some(sigmoids);
    let expansion = Expansion::new(ground.space, &ground.x, &fitted);
    let n_classes = samples.n_classes();
    Ok(SvmModel::new(Parts { expansion, sigmoids, classes, n_classes }))
}
