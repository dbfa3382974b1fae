//! Logits in blocks of pixels: what one task works on, and the order in which sums are taken.

use crate::elementwise::CHUNK;
use crate::parallel::*;
use crate::storage::Element;
use candle::Layout;

/// Pixels of a block, at most: the log-probabilities of a few classes fit a core's cache.
const PIXELS: usize = 1 << 10;

/// The sizes of logits `(n, k, ...)`: samples of `classes` planes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) classes: usize,
    plane: usize,
}

/// Some pixels of one sample.
pub(super) struct Block<'a, T> {
    /// All classes of the sample.
    logits: &'a [T],
    grid: Grid,
    /// The sample, and the block's first pixel in its plane.
    pub(super) sample: usize,
    start: usize,
    pub(super) labels: &'a [u32],
    /// None, or one a pixel.
    weights: &'a [T],
}

impl Grid {
    pub(super) fn of(logits: &Layout) -> Self {
        let dims = logits.dims();
        Self { classes: dims[1], plane: dims[2..].iter().product() }
    }

    /// The results for all blocks, in their order. `weights` may be empty.
    pub(super) fn map<T: Element, R: Send>(
        self,
        logits: &[T],
        labels: &[u32],
        weights: &[T],
        f: impl Fn(&Block<'_, T>) -> R + Sync + Send,
    ) -> Vec<R> {
        let blocks = self.blocks(logits, labels, weights);
        blocks.par_iter().map_to_vec_of_few(self.blocks_per_task(), f)
    }

    /// Calls `f` with each block, and the block of `out` in each class.
    pub(super) fn fill<T: Element>(
        self,
        [logits, weights]: [&[T]; 2],
        labels: &[u32],
        out: &mut [T],
        f: impl Fn(&Block<'_, T>, &mut [&mut [T]]) + Sync + Send,
    ) {
        let blocks = self.blocks(logits, labels, weights);
        let mut pieces = Vec::with_capacity(blocks.len());
        for sample in out.chunks_exact_mut(self.classes * self.plane) {
            let mut planes: Vec<_> =
                sample.chunks_exact_mut(self.plane).map(|plane| plane.chunks_mut(PIXELS)).collect();
            for _ in 0..self.plane.div_ceil(PIXELS) {
                pieces.push(planes.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>());
            }
        }
        let tasks = blocks.par_iter().zip(pieces);
        tasks.for_each_of_few(self.blocks_per_task(), |(block, mut pieces)| f(block, &mut pieces));
    }

    fn blocks<'a, T>(
        self,
        logits: &'a [T],
        labels: &'a [u32],
        weights: &'a [T],
    ) -> Vec<Block<'a, T>> {
        let samples = logits.chunks_exact(self.classes * self.plane).enumerate();
        samples
            .flat_map(|(sample, logits)| {
                (0..self.plane).step_by(PIXELS).map(move |start| {
                    let first = sample * self.plane + start;
                    let pixels = first..first + PIXELS.min(self.plane - start);
                    let weights = weights.get(pixels.clone()).unwrap_or_default();
                    let labels = &labels[pixels];
                    Block { logits, grid: self, sample, start, labels, weights }
                })
            })
            .collect()
    }

    /// Small blocks are worked on together.
    fn blocks_per_task(self) -> usize {
        (CHUNK / (self.classes * self.plane.min(PIXELS))).max(1)
    }
}

impl<T: Element> Block<'_, T> {
    pub(super) fn pixels(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn classes(&self) -> usize {
        self.grid.classes
    }

    pub(super) fn weight(&self, pixel: usize) -> f64 {
        self.weights.get(pixel).map_or(1.0, |weight| weight.to_f64())
    }

    fn class(&self, class: usize) -> impl Iterator<Item = f64> {
        let first = class * self.grid.plane + self.start;
        self.logits[first..][..self.pixels()].iter().map(|x| x.to_f64())
    }

    /// The logarithm of the softmax, class after class. With `Implied::Zero` there is one class
    /// more, whose logit is 0 and whose probability is not returned.
    pub(super) fn log_probabilities(&self, implied: Implied) -> Vec<f64> {
        let mut largest = vec![implied.logit(); self.pixels()];
        let mut sums = vec![0.0; self.pixels()];
        let mut logs: Vec<f64> =
            (0..self.grid.classes).flat_map(|class| self.class(class)).collect();
        for row in logs.chunks_exact(self.pixels()) {
            largest.iter_mut().zip(row).for_each(|(largest, &x)| *largest = largest.max(x));
        }
        if implied == Implied::Zero {
            sums.iter_mut().zip(&largest).for_each(|(sum, largest)| *sum = (-largest).exp());
        }
        for row in logs.chunks_exact(self.pixels()) {
            for ((sum, largest), &x) in sums.iter_mut().zip(&largest).zip(row) {
                *sum += (x - largest).exp();
            }
        }
        sums.iter_mut().for_each(|sum| *sum = sum.ln());
        for row in logs.chunks_exact_mut(self.pixels()) {
            for ((x, largest), log_sum) in row.iter_mut().zip(&largest).zip(&sums) {
                *x = (*x - largest) - log_sum;
            }
        }
        logs
    }
}

/// Whether a class without a logit takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Implied {
    Nothing,
    /// The other class of one logit: its softmax is the sigmoid.
    Zero,
}

impl Implied {
    fn logit(self) -> f64 {
        match self {
            Self::Nothing => f64::NEG_INFINITY,
            Self::Zero => 0.0,
        }
    }
}
