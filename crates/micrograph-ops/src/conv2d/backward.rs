//! The gradients of the input and of the weight.

use super::im2col::{col2im, with_columns};
use super::plan::Plan;
use crate::matrix::{Destination, MatMut, MatRef, gemm};
use crate::storage::{Element, for_float, slice, with_scratch};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, Layout, Result, Shape, WithDType};
use rayon::prelude::*;
use std::ops::{Range, RangeInclusive};

/// From the gradient of the outputs and the weight to the gradient of the input.
pub(super) struct BackwardData {
    pub(super) plan: Plan,
}

impl CustomOp2 for BackwardData {
    fn name(&self) -> &'static str {
        "conv2d_backward_data"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let weight = slice::<T>(self.name(), weight, weight_layout)?;
            let grad_xs = backward_data(&self.plan, grad, weight);
            Ok((T::to_cpu_storage_owned(grad_xs), self.plan.xs_shape()))
        })
    }
}

/// From the gradient of the outputs and the input to the gradient of the weight.
pub(super) struct BackwardWeight {
    pub(super) plan: Plan,
}

impl CustomOp2 for BackwardWeight {
    fn name(&self) -> &'static str {
        "conv2d_backward_weight"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        xs: &CpuStorage,
        xs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let xs = slice::<T>(self.name(), xs, xs_layout)?;
            let grad_weight = backward_weight(&self.plan, grad, xs);
            Ok((T::to_cpu_storage_owned(grad_weight), self.plan.weight_shape()))
        })
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
