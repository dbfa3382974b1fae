//! Winograd's minimal filtering for kernels of 3x3 and 5x5 with stride 1, in f32.
//!
//! Tiles of 6x6 inputs become 4x4 outputs (3x3) or 2x2 (5x5). At 36 pairs of points the channels of
//! all tiles of a block meet the kernels in one small matrix product each. Blocks are cut by sizes
//! alone and fit a core's cache.
//!
//! Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", 2016; the points are
//! those of `transform`.

mod block;
mod correlate;
mod filter;
mod product;
mod transform;
mod transpose;
mod weight;

use super::Activation;
use super::algorithm::{Gradients, Operands};
use super::plan::Plan;
use crate::layer::Wanted;
use crate::parallel::*;
use crate::storage::with_scratch;
use block::{Block, Planes, SharedPlanes};
use correlate::{Correlate, PAIRS, padded};
use filter::{Collect, Reading, SharedMatrices, Transform};
use pulp::{Arch, Simd, WithSimd};
use std::ops::RangeInclusive;
use weight::Accumulate;

/// Numbers of the transformed domain, inputs and products together, that a block aims at: 512 KiB, a
/// core's second-level cache. Half of it took up to a quarter longer, more made no difference.
const BLOCK_NUMBERS: usize = 1 << 17;
/// Tiles of a block: fewer leave the kernels no use, more leave the cache.
const BLOCK_TILES: RangeInclusive<usize> = 24..=96;
/// Kernels that are worth the waking of a thread to transform them.
const KERNELS_OF_TASK: usize = 2048;
/// Parts, at most, of the sum over a batch in the gradient of the kernels, and the numbers that
/// they may have together beyond the least number (64 MiB).
const PARTS: RangeInclusive<usize> = 4..=16;
const PARTIAL_NUMBERS: usize = 1 << 24;

/// Outputs along one axis of a tile, by the taps of the kernel.
pub(super) fn tile_outputs(kernel: [usize; 2]) -> Option<usize> {
    match kernel {
        [3, 3] => Some(4),
        [5, 5] => Some(2),
        _ => None,
    }
}

/// Convolution, bias, ReLU; where `pooled`, the maximum of each 2x2 window of it.
pub(super) fn forward(
    plan: &Plan,
    xs: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    pooled: bool,
) -> Vec<f32> {
    let [[top, _], [left, _]] = plan.config.padding.axes();
    by_kernel(&Correlation {
        batch: plan.batch,
        xs: Planes { data: xs, channels: plan.in_channels, size: plan.size, gate: None },
        before: [top, left],
        weight,
        reading: Reading::Forward,
        bias,
        activation: plan.config.activation,
        pooled,
        out_channels: plan.out_channels,
        out_size: plan.out_size,
    })
}

/// The gradients that are wanted; those of weight and bias come together.
pub(super) fn backward(plan: &Plan, operands: Operands<'_, f32>, wanted: Wanted) -> Gradients<f32> {
    let Operands { xs, weight, ys, grad } = operands;
    let gate = (plan.config.activation == Activation::Relu).then_some(ys);
    let grad = Planes { data: grad, channels: plan.out_channels, size: plan.out_size, gate };
    let grad_xs = wanted.xs.then(|| backward_data(plan, grad, weight));
    let (weight, bias) = (wanted.weight || wanted.bias)
        .then(|| {
            let xs = Planes { data: xs, channels: plan.in_channels, size: plan.size, gate: None };
            match plan.kernel[0] {
                3 => weight_gradients::<4, 3>(plan, xs, grad),
                _ => weight_gradients::<2, 5>(plan, xs, grad),
            }
        })
        .unzip();
    Gradients {
        xs: grad_xs,
        weight: weight.filter(|_| wanted.weight),
        bias: bias.filter(|_| wanted.bias),
    }
}

fn backward_data(plan: &Plan, grad: Planes<'_>, weight: &[f32]) -> Vec<f32> {
    let [[top, _], [left, _]] = plan.config.padding.axes();
    by_kernel(&Correlation {
        batch: plan.batch,
        xs: grad,
        before: [plan.kernel[0] - 1 - top, plan.kernel[1] - 1 - left],
        weight,
        reading: Reading::Backward,
        bias: None,
        activation: Activation::None,
        pooled: false,
        out_channels: plan.in_channels,
        out_size: plan.size,
    })
}

/// A correlation with stride 1, forward or backward.
struct Correlation<'a> {
    batch: usize,
    xs: Planes<'a>,
    /// Zeros above and to the left.
    before: [usize; 2],
    weight: &'a [f32],
    reading: Reading,
    bias: Option<&'a [f32]>,
    activation: Activation,
    pooled: bool,
    out_channels: usize,
    /// Before pooling.
    out_size: [usize; 2],
}

fn by_kernel(work: &Correlation<'_>) -> Vec<f32> {
    match work.weight.len() / (work.xs.channels * work.out_channels) {
        9 => correlate::<4, 3>(work),
        _ => correlate::<2, 5>(work),
    }
}

fn correlate<const M: usize, const R: usize>(work: &Correlation<'_>) -> Vec<f32> {
    let channels = work.out_channels;
    let both = padded([work.xs.channels, channels], lanes());
    let kernels = transformed::<R>(work, both[1]);
    let grid = work.out_size.map(|size| size.div_ceil(M));
    let blocks = Block::all(work.batch, grid, block_tiles(both));
    let size = work.out_size.map(|size| if work.pooled { size / 2 } else { size });
    let len = work.batch * channels * size[0] * size[1];
    let mut ys = Vec::with_capacity(len);
    let shared = SharedPlanes { data: ys.as_mut_ptr(), channels, size };
    blocks.par_iter().for_each(|block| {
        with_scratch(correlate::scratch_len::<M>(block, both), |scratch| {
            Arch::new().dispatch(Correlate::<M> {
                xs: work.xs,
                before: work.before,
                kernels: &kernels,
                bias: work.bias,
                relu: work.activation == Activation::Relu,
                pooled: work.pooled,
                ys: shared,
                block,
                scratch,
            });
        });
    });
    // SAFETY: the blocks cover the outputs of every sample, and each has written its region.
    unsafe { ys.set_len(len) };
    ys
}

fn block_tiles(channels: [usize; 2]) -> usize {
    let tiles = BLOCK_NUMBERS / (PAIRS * (channels[0] + channels[1]));
    tiles.clamp(*BLOCK_TILES.start(), *BLOCK_TILES.end())
}

/// The kernels in the transformed domain.
fn transformed<const R: usize>(work: &Correlation<'_>, columns: usize) -> Vec<f32> {
    let channels = [work.xs.channels, work.out_channels];
    let len = PAIRS * channels[0] * columns;
    let mut out = Vec::with_capacity(len);
    let shared = SharedMatrices(out.as_mut_ptr());
    let few = KERNELS_OF_TASK.div_ceil(columns);
    (0..channels[0]).into_par_iter().for_each_of_few(few, |input| {
        with_scratch(R * R * columns, |scratch| {
            Arch::new().dispatch(Transform::<R> {
                weight: work.weight,
                channels,
                reading: work.reading,
                input,
                columns,
                scratch,
                out: shared,
            });
        });
    });
    // SAFETY: each input has written its row of every matrix.
    unsafe { out.set_len(len) };
    out
}

fn weight_gradients<const M: usize, const R: usize>(
    plan: &Plan,
    xs: Planes<'_>,
    grad: Planes<'_>,
) -> (Vec<f32>, Vec<f32>) {
    let channels = [plan.in_channels, plan.out_channels];
    let both = padded(channels, lanes());
    let grid = plan.out_size.map(|size| size.div_ceil(M));
    let blocks = Block::all(plan.batch, grid, block_tiles(both));
    let part_len = weight::part_len(channels[0], both[1]);
    let parts = (PARTIAL_NUMBERS / part_len).clamp(*PARTS.start(), *PARTS.end());
    let parts: Vec<_> = blocks.chunks(blocks.len().div_ceil(parts)).collect();
    let mut sums = vec![0.0; parts.len() * part_len];
    let [[top, _], [left, _]] = plan.config.padding.axes();
    sums.par_chunks_exact_mut(part_len).zip(parts).for_each(|(sums, blocks)| {
        let lens = blocks.iter().map(|block| weight::scratch_len::<M>(block, both));
        with_scratch(lens.max().unwrap_or_default(), |scratch| {
            let before = [top, left];
            Arch::new().dispatch(Accumulate::<M> { xs, before, grad, blocks, scratch, sums });
        });
    });
    collected::<R>(&sums, channels, both[1])
}

/// The sum of all parts, back from the transformed domain: `(o, c, r, r)` and `(o)`.
fn collected<const R: usize>(
    parts: &[f32],
    [inputs, outputs]: [usize; 2],
    columns: usize,
) -> (Vec<f32>, Vec<f32>) {
    let part_len = weight::part_len(inputs, columns);
    let mut by_input = vec![0.0; inputs * R * R * columns];
    by_input.par_chunks_exact_mut(R * R * columns).enumerate().for_each(|(input, out)| {
        Arch::new().dispatch(Collect::<R> { parts, part_len, inputs, input, columns, out });
    });
    let mut weight = vec![0.0; outputs * inputs * R * R];
    weight.par_chunks_exact_mut(inputs * R * R).enumerate().for_each(|(output, kernels)| {
        for (kernel, of_input) in
            kernels.chunks_exact_mut(R * R).zip(by_input.chunks_exact(R * R * columns))
        {
            for (tap, of_tap) in kernel.iter_mut().zip(of_input.chunks_exact(columns)) {
                *tap = of_tap[output];
            }
        }
    });
    let mut bias = vec![0.0; outputs];
    for part in parts.chunks_exact(part_len) {
        let sums = &part[part_len - columns..];
        bias.iter_mut().zip(sums).for_each(|(bias, sum)| *bias += sum);
    }
    (weight, bias)
}

/// Elements of a vector on this machine.
fn lanes() -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    Arch::new().dispatch(Lanes)
}
