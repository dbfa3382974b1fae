//! The gradients of input, weight and bias.

use super::im2col::{col2im, with_columns};
use crate::channel_sum::sums;
use crate::conv2d::Activation;
use crate::conv2d::algorithm::{Gradients, Operands, Wanted};
use crate::conv2d::plan::Plan;
use crate::matrix::{Destination, MatMut, MatRef, gemm};
use crate::relu::relu_backward;
use crate::storage::{Element, with_scratch};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

/// The gradients that are wanted.
pub(in super::super) fn backward<T: Element>(
    plan: &Plan,
    operands: Operands<'_, T>,
    wanted: Wanted,
) -> Gradients<T> {
    let Operands { xs, weight, ys, grad } = operands;
    let grad: Cow<'_, [T]> = match plan.config.activation {
        Activation::None => grad.into(),
        Activation::Relu => relu_backward(grad, ys).into(),
    };
    Gradients {
        xs: wanted.xs.then(|| backward_data(plan, &grad, weight)),
        weight: wanted.weight.then(|| backward_weight(plan, &grad, xs)),
        bias: wanted.bias.then(|| sums(&grad, plan.out_channels, plan.out_plane())),
    }
}

/// Rows of the transposed weight, at least, that one task multiplies: enough for the product to
/// run at speed, few enough to share one large image out among threads.
const TASK_ROWS: usize = 256;

/// The transposed weight times the gradient, scattered back (the adjoint of im2col). A task owns
/// the planes of a block of input channels of one sample.
fn backward_data<T: Element>(plan: &Plan, grad: &[T], weight: &[T]) -> Vec<T> {
    let (plane, depth) = (plan.plane(), plan.depth());
    let (inputs, outputs) = (plan.group_inputs(), plan.group_outputs());
    let block = inputs.div_ceil((depth / TASK_ROWS).max(1));
    let mut grad_xs = vec![T::zero(); plan.batch * plan.in_channels * plane];
    let groups = grad_xs.chunks_exact_mut(inputs * plane);
    let groups = groups.zip(grad.chunks_exact(outputs * plan.out_plane()));
    let tasks: Vec<_> = groups
        .zip(weight.chunks_exact(outputs * depth).cycle())
        .flat_map(|((images, grad), weight)| {
            let grad = MatRef::row_major(grad, outputs, plan.out_plane());
            let weight = MatRef::row_major(weight, outputs, depth).transposed();
            images.chunks_mut(block * plane).enumerate().map(move |(index, images)| {
                let first = index * block * plan.taps();
                let rows = first..first + images.len() / plane * plan.taps();
                (images, weight.rows(rows), grad)
            })
        })
        .collect();
    tasks.into_par_iter().for_each(|(images, weight, grad)| {
        backward_data_block(plan, images, weight, grad);
    });
    grad_xs
}

fn backward_data_block<T: Element>(
    plan: &Plan,
    images: &mut [T],
    weight: MatRef<'_, T>,
    grad: MatRef<'_, T>,
) {
    let rows = images.len() / plan.plane() * plan.taps();
    if plan.is_pointwise() {
        let mut dst = MatMut::row_major(images, rows, plan.plane());
        return gemm(&mut dst, weight, grad, Destination::Overwrite);
    }
    for band in plan.bands() {
        let pixels = plan.pixels(&band);
        with_scratch(rows * pixels.len(), |columns| {
            let mut dst = MatMut::row_major(columns, rows, pixels.len());
            gemm(&mut dst, weight, grad.columns(pixels), Destination::Overwrite);
            col2im(plan, columns, &band, images);
        });
    }
}

/// Parts, at most, into which the bands of a batch fall for the gradient of the weight, and the
/// elements that their partial sums may have together (64 MiB of `f32`) beyond the least number.
const PARTS: RangeInclusive<usize> = 4..=16;
const PARTIAL_ELEMENTS: usize = 1 << 24;

/// The im2col matrix times the transposed gradient, summed over samples and bands: first within each
/// of a fixed number of parts, then over the parts in their order.
///
/// This is the gradient of the weight, transposed: the product runs at 90 to 100 GFLOP/s that way
/// around, where the gradient times the transposed matrix runs at 50 to 60 (32 maps, AVX2).
fn backward_weight<T: Element>(plan: &Plan, grad: &[T], xs: &[T]) -> Vec<T> {
    let size = plan.out_channels * plan.depth();
    let bands: Vec<_> =
        (0..plan.batch).flat_map(|n| plan.bands().map(move |band| (n, band))).collect();
    let parts = (PARTIAL_ELEMENTS / size).clamp(*PARTS.start(), *PARTS.end());
    let parts: Vec<_> = bands.chunks(bands.len().div_ceil(parts)).collect();
    let mut partial = vec![T::zero(); parts.len() * size];
    let (inputs, outputs) = (plan.in_channels * plan.plane(), plan.out_channels * plan.out_plane());
    partial.par_chunks_exact_mut(size).zip(parts).for_each(|(sum, bands)| {
        for (n, band) in bands {
            let (grad, sample) = (&grad[n * outputs..][..outputs], &xs[n * inputs..][..inputs]);
            add_weight_products(plan, grad, sample, band, sum);
        }
    });
    let (sum, rest) = partial.split_at_mut(size);
    for part in rest.chunks_exact(size) {
        sum.iter_mut().zip(part).for_each(|(sum, &x)| *sum += x);
    }
    groups_transposed(plan, sum)
}

/// Adds what one band of one sample contributes, for each group `depth x outputs`.
fn add_weight_products<T: Element>(
    plan: &Plan,
    grad: &[T],
    sample: &[T],
    band: &Range<usize>,
    sum: &mut [T],
) {
    let (outputs, depth) = (plan.group_outputs(), plan.depth());
    let images = sample.chunks_exact(plan.group_inputs() * plan.plane());
    let grads = grad.chunks_exact(outputs * plan.out_plane());
    let sums = sum.chunks_exact_mut(outputs * depth);
    for ((image, grad), sum) in images.zip(grads).zip(sums) {
        let grad = MatRef::row_major(grad, outputs, plan.out_plane()).columns(plan.pixels(band));
        let mut dst = MatMut::row_major(sum, depth, outputs);
        with_columns(plan, image, band, |columns| {
            gemm(&mut dst, columns, grad.transposed(), Destination::Add);
        });
    }
}

/// From `depth x outputs` to `outputs x depth` in each group.
fn groups_transposed<T: Element>(plan: &Plan, matrices: &[T]) -> Vec<T> {
    let (outputs, depth) = (plan.group_outputs(), plan.depth());
    let groups = matrices.chunks_exact(outputs * depth);
    groups
        .flat_map(|group| {
            (0..outputs).flat_map(move |map| group[map..].iter().step_by(outputs).copied())
        })
        .collect()
}
