//! The outputs: for each band of each sample, the weights times the im2col matrix.

use super::im2col::with_columns;
use crate::conv2d::Activation;
use crate::conv2d::plan::Plan;
use crate::matrix::{Destination, MatMut, MatRef, gemm};
use crate::parallel::*;
use crate::relu::rectified;
use crate::storage::Element;
use std::ops::Range;

pub(in super::super) fn forward<T: Element>(
    plan: &Plan,
    xs: &[T],
    weight: &[T],
    bias: Option<&[T]>,
) -> Vec<T> {
    let (maps, pixels) = (plan.out_channels, plan.out_plane());
    let mut ys = vec![T::zero(); plan.batch * maps * pixels];
    let tasks: Vec<_> = ys
        .chunks_exact_mut(maps * pixels)
        .zip(xs.chunks_exact(plan.in_channels * plan.plane()))
        .flat_map(|(ys, sample)| {
            let groups = MatMut::row_major(ys, maps, pixels).into_row_blocks(plan.group_outputs());
            let images = sample.chunks_exact(plan.group_inputs() * plan.plane());
            groups.zip(images).enumerate().flat_map(|(group, (ys, image))| {
                Task::all(plan, group * plan.group_outputs(), ys, image)
            })
        })
        .collect();
    tasks.into_par_iter().for_each(|Task { first_map, image, band, mut block }| {
        let rows = first_map..first_map + block.rows();
        let weight = &weight[rows.start * plan.depth()..rows.end * plan.depth()];
        let weight = MatRef::row_major(weight, rows.len(), plan.depth());
        let destination = start_from(bias.map(|bias| &bias[rows]), &mut block);
        with_columns(plan, image, &band, |columns| gemm(&mut block, weight, columns, destination));
        if plan.config.activation == Activation::Relu {
            block.rows_mut().flatten().for_each(|y| *y = rectified(*y));
        }
    });
    ys
}

/// Maps, at most, of one task: enough to be worth an im2col matrix, few enough to share the kernels
/// of one small image out among threads.
const TASK_MAPS: usize = 256;

/// Some maps of one group in a band of a sample.
struct Task<'a, T> {
    first_map: usize,
    image: &'a [T],
    band: Range<usize>,
    block: MatMut<'a, T>,
}

impl<'a, T: Element> Task<'a, T> {
    /// The tasks of one group of a sample.
    fn all(plan: &Plan, first_map: usize, ys: MatMut<'a, T>, image: &'a [T]) -> Vec<Self> {
        let width = plan.pixels(&(0..plan.band_rows(plan.depth()))).len();
        let maps = ys.into_row_blocks(TASK_MAPS).enumerate();
        let tasks = maps.flat_map(|(index, ys)| {
            let first_map = first_map + index * TASK_MAPS;
            let blocks = plan.bands(plan.depth()).zip(ys.into_column_blocks(width));
            blocks.map(move |(band, block)| Task { first_map, image, band, block })
        });
        tasks.collect()
    }
}

/// Writes the bias, if there is one, where the products are to be added.
fn start_from<T: Element>(bias: Option<&[T]>, block: &mut MatMut<'_, T>) -> Destination {
    let Some(bias) = bias else { return Destination::Overwrite };
    for (row, &bias) in block.rows_mut().zip(bias) {
        row.fill(bias);
    }
    Destination::Add
}
