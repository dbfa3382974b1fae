//! The gradients of input, weight and bias.

use super::im2col::{col2im, with_columns};
use crate::channel_sum::sums;
use crate::conv2d::Activation;
use crate::conv2d::algorithm::{Gradients, Operands};
use crate::conv2d::plan::Plan;
use crate::elementwise::CHUNK;
use crate::layer::Wanted;
use crate::matrix::{Destination, MatMut, MatRef, filled, gemm};
use crate::parallel::*;
use crate::relu::relu_backward;
use crate::storage::{Element, with_scratch};
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
    for band in plan.bands(rows) {
        let pixels = plan.pixels(&band);
        with_scratch(rows * pixels.len(), |columns| {
            let mut dst = MatMut::row_major(columns, rows, pixels.len());
            gemm(&mut dst, weight, grad.columns(pixels), Destination::Overwrite);
            col2im(plan, columns, &band, images);
        });
    }
}

/// The gradient of the weight. The tasks of layers with many channels take some of them each, others
/// some bands: partial sums of many kernels would take more time and memory than the products.
fn backward_weight<T: Element>(plan: &Plan, grad: &[T], xs: &[T]) -> Vec<T> {
    let work = WeightGradient { plan, grad, xs };
    if plan.config.groups * plan.depth() >= *PARTS.start() * TASK_ROWS {
        work.by_channels()
    } else {
        work.by_bands()
    }
}

/// Parts, at most, into which the bands of a batch fall for the gradient of the weight, and the
/// elements that their partial sums may have together (64 MiB of `f32`) beyond the least number.
const PARTS: RangeInclusive<usize> = 4..=16;
const PARTIAL_ELEMENTS: usize = 1 << 24;

struct WeightGradient<'a, T> {
    plan: &'a Plan,
    grad: &'a [T],
    xs: &'a [T],
}

impl<T: Element> WeightGradient<'_, T> {
    /// The gradient times the transposed im2col matrix of some channels, which is where it belongs.
    fn by_channels(&self) -> Vec<T> {
        let plan = self.plan;
        let (outputs, depth) = (plan.group_outputs(), plan.depth());
        let block = TASK_ROWS.div_ceil(plan.taps()).min(plan.group_inputs());
        let bands = &self.bands(block * plan.taps());
        let fill = |whole: MatMut<'_, T>| {
            let groups = whole.into_row_blocks(outputs).enumerate();
            let tasks: Vec<_> = groups
                .flat_map(|(group, matrix)| {
                    let blocks = matrix.into_column_blocks(block * plan.taps()).enumerate();
                    blocks.map(move |(index, dst)| (group, index * block, dst))
                })
                .collect();
            tasks.into_par_iter().for_each(|(group, channel, mut dst)| {
                let channels = channel..(channel + block).min(plan.group_inputs());
                let mut destination = Destination::Overwrite;
                for (n, band) in bands {
                    let image = &self.group_of(self.xs, *n, group)
                        [channels.start * plan.plane()..channels.end * plan.plane()];
                    let grad = self.gradients(*n, group, band);
                    with_columns(plan, image, band, |columns| {
                        gemm(&mut dst, grad, columns.transposed(), destination);
                    });
                    destination = Destination::Add;
                }
            });
        };
        // SAFETY: the blocks cover the matrix, and each is overwritten first.
        unsafe { filled(plan.out_channels, depth, fill) }
    }

    /// The im2col matrix times the transposed gradient, summed over samples and bands: first within
    /// each of a fixed number of parts, then over the parts in their order.
    ///
    /// This is the gradient of the weight, transposed: with few maps the product is faster that way
    /// around (docs/convolution.md).
    fn by_bands(&self) -> Vec<T> {
        let plan = self.plan;
        let size = plan.out_channels * plan.depth();
        let bands = self.bands(plan.depth());
        let parts = (PARTIAL_ELEMENTS / size).clamp(*PARTS.start(), *PARTS.end());
        let parts: Vec<_> = bands.chunks(bands.len().div_ceil(parts)).collect();
        let mut partial = vec![T::zero(); parts.len() * size];
        partial.par_chunks_exact_mut(size).zip(parts).for_each(|(sum, bands)| {
            for (n, band) in bands {
                self.add_products(*n, band, sum);
            }
        });
        let (sum, rest) = partial.split_at_mut(size);
        for part in rest.chunks_exact(size) {
            sum.par_chunks_mut(CHUNK).zip(part.par_chunks(CHUNK)).for_each(|(sum, part)| {
                sum.iter_mut().zip(part).for_each(|(sum, &x)| *sum += x);
            });
        }
        groups_transposed(plan, sum)
    }

    /// The bands of all samples.
    fn bands(&self, matrix_rows: usize) -> Vec<(usize, Range<usize>)> {
        let of_sample = |n| self.plan.bands(matrix_rows).map(move |band| (n, band));
        (0..self.plan.batch).flat_map(of_sample).collect()
    }

    /// Adds what one band of one sample contributes, for each group `depth x outputs`.
    fn add_products(&self, n: usize, band: &Range<usize>, sum: &mut [T]) {
        let plan = self.plan;
        let (outputs, depth) = (plan.group_outputs(), plan.depth());
        for (group, sum) in sum.chunks_exact_mut(outputs * depth).enumerate() {
            let image = self.group_of(self.xs, n, group);
            let mut dst = MatMut::row_major(sum, depth, outputs);
            with_columns(plan, image, band, |columns| {
                let grad = self.gradients(n, group, band);
                gemm(&mut dst, columns, grad.transposed(), Destination::Add);
            });
        }
    }

    /// The gradients of the outputs of a band, `outputs x pixels`.
    fn gradients(&self, n: usize, group: usize, band: &Range<usize>) -> MatRef<'_, T> {
        let grad = self.group_of(self.grad, n, group);
        let grad = MatRef::row_major(grad, self.plan.group_outputs(), self.plan.out_plane());
        grad.columns(self.plan.pixels(band))
    }

    /// The planes of one group of a sample.
    fn group_of<'b>(&self, data: &'b [T], n: usize, group: usize) -> &'b [T] {
        let groups = self.plan.config.groups;
        let len = data.len() / (self.plan.batch * groups);
        &data[(n * groups + group) * len..][..len]
    }
}

/// From `depth x outputs` to `outputs x depth` in each group.
fn groups_transposed<T: Element>(plan: &Plan, matrices: &[T]) -> Vec<T> {
    const MAPS: usize = 8;
    let (outputs, depth) = (plan.group_outputs(), plan.depth());
    let mut out = vec![T::zero(); matrices.len()];
    for (out, group) in
        out.chunks_exact_mut(outputs * depth).zip(matrices.chunks_exact(outputs * depth))
    {
        out.par_chunks_mut(MAPS * depth).enumerate().for_each(|(block, out)| {
            let maps = out.len() / depth;
            for (tap, row) in group.chunks_exact(outputs).enumerate() {
                for (map, &x) in row[block * MAPS..][..maps].iter().enumerate() {
                    out[map * depth + tap] = x;
                }
            }
        });
    }
    out
}
