//! The outputs: for each band of each sample, the weights times the im2col matrix.

use super::im2col::with_columns;
use crate::conv2d::Activation;
use crate::conv2d::plan::Plan;
use crate::matrix::{Destination, MatMut, MatRef, gemm};
use crate::relu::rectified;
use crate::storage::Element;
use rayon::prelude::*;

pub(in super::super) fn forward<T: Element>(
    plan: &Plan,
    xs: &[T],
    weight: &[T],
    bias: Option<&[T]>,
) -> Vec<T> {
    let (maps, pixels) = (plan.out_channels, plan.out_plane());
    let mut ys = vec![T::zero(); plan.batch * maps * pixels];
    let width = plan.pixels(&(0..plan.band_rows())).len();
    let tasks: Vec<_> = ys
        .chunks_exact_mut(maps * pixels)
        .zip(xs.chunks_exact(plan.in_channels * plan.plane()))
        .flat_map(|(ys, sample)| {
            let blocks = MatMut::row_major(ys, maps, pixels).into_column_blocks(width);
            plan.bands().zip(blocks).map(move |(band, block)| (sample, band, block))
        })
        .collect();
    tasks.into_par_iter().for_each(|(sample, band, mut block)| {
        let destination = start_from(bias, &mut block);
        let images = sample.chunks_exact(plan.group_inputs() * plan.plane());
        let weights = weight.chunks_exact(plan.group_outputs() * plan.depth());
        let blocks = block.into_row_blocks(plan.group_outputs());
        for ((image, weight), mut block) in images.zip(weights).zip(blocks) {
            let weight = MatRef::row_major(weight, plan.group_outputs(), plan.depth());
            with_columns(plan, image, &band, |columns| {
                gemm(&mut block, weight, columns, destination);
            });
            if plan.config.activation == Activation::Relu {
                block.rows_mut().flatten().for_each(|y| *y = rectified(*y));
            }
        }
    });
    ys
}

/// Writes the bias, if there is one, where the products are to be added.
fn start_from<T: Element>(bias: Option<&[T]>, block: &mut MatMut<'_, T>) -> Destination {
    let Some(bias) = bias else { return Destination::Overwrite };
    for (row, &bias) in block.rows_mut().zip(bias) {
        row.fill(bias);
    }
    Destination::Add
}
