//! Which algorithm computes a convolution: a fixed table over sizes, never a measurement.

use super::plan::Plan;
use super::{Algorithm, direct, narrow, winograd};
use crate::layer::Wanted;
use crate::pool2d::pairs::maxima;
use crate::storage::Element;

/// The gradients of a convolution's arguments.
#[derive(Debug)]
pub(super) struct Gradients<T> {
    pub(super) xs: Option<Vec<T>>,
    pub(super) weight: Option<Vec<T>>,
    pub(super) bias: Option<Vec<T>>,
}

/// What the backward pass reads; `ys` are the outputs of the forward pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operands<'a, T> {
    pub(super) xs: &'a [T],
    pub(super) weight: &'a [T],
    pub(super) ys: &'a [T],
    pub(super) grad: &'a [T],
}

/// The element types, each with its algorithms.
pub(super) trait Convolve: Element {
    fn forward(plan: &Plan, xs: &[Self], weight: &[Self], bias: Option<&[Self]>) -> Vec<Self>;

    /// `forward`, then the maximum of each 2x2 window.
    fn forward_pooled(
        plan: &Plan,
        xs: &[Self],
        weight: &[Self],
        bias: Option<&[Self]>,
    ) -> Vec<Self> {
        maxima(&Self::forward(plan, xs, weight, bias), plan.out_size)
    }

    fn backward(plan: &Plan, operands: Operands<'_, Self>, wanted: Wanted) -> Gradients<Self>;
}

impl Convolve for f64 {
    fn forward(plan: &Plan, xs: &[f64], weight: &[f64], bias: Option<&[f64]>) -> Vec<f64> {
        direct::forward(plan, xs, weight, bias)
    }

    fn backward(plan: &Plan, operands: Operands<'_, f64>, wanted: Wanted) -> Gradients<f64> {
        direct::backward(plan, operands, wanted)
    }
}

impl Convolve for f32 {
    fn forward(plan: &Plan, xs: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        match Choice::of(plan) {
            Choice::Direct => direct::forward(plan, xs, weight, bias),
            Choice::Narrow => narrow::forward(plan, xs, weight, bias),
            Choice::Winograd => winograd::forward(plan, xs, weight, bias, false),
        }
    }

    fn forward_pooled(plan: &Plan, xs: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        match Choice::of(plan) {
            Choice::Winograd => winograd::forward(plan, xs, weight, bias, true),
            _ => maxima(&Self::forward(plan, xs, weight, bias), plan.out_size),
        }
    }

    fn backward(plan: &Plan, operands: Operands<'_, f32>, wanted: Wanted) -> Gradients<f32> {
        match Choice::of(plan) {
            Choice::Direct => direct::backward(plan, operands, wanted),
            Choice::Narrow => narrow::backward(plan, operands, wanted),
            Choice::Winograd => winograd::backward(plan, operands, wanted),
        }
    }
}

enum Choice {
    Direct,
    Narrow,
    Winograd,
}

impl Choice {
    fn of(plan: &Plan) -> Self {
        let config = &plan.config;
        if config.stride != [1, 1] || config.dilation != [1, 1] || config.groups != 1 {
            Self::Direct
        } else if plan.in_channels <= narrow::MOST_CHANNELS
            && plan.kernel[1] <= narrow::MOST_COLUMNS
            && !plan.is_pointwise()
        {
            Self::Narrow
        } else if config.algorithm == Algorithm::Fast && winograd_pays(plan) {
            Self::Winograd
        } else {
            Self::Direct
        }
    }
}

/// Channels on each side from which on Winograd's transforms pay.
const WINOGRAD_CHANNELS: usize = 8;
/// Channel pairs, at most, for each tile of a sample: beyond, transforming the kernels and reading
/// them back costs more than the products save.
const CHANNEL_PAIRS_PER_TILE: usize = 256;

/// It depends on the sizes of one sample alone, so that a sample's result is the same in any batch.
fn winograd_pays(plan: &Plan) -> bool {
    let Some(outputs) = winograd::tile_outputs(plan.kernel) else { return false };
    let [[top, bottom], [left, right]] = plan.config.padding.axes();
    let reach = plan.kernel[0] - 1;
    let tiles: usize = plan.out_size.iter().map(|size| size.div_ceil(outputs)).product();
    [top, bottom, left, right].iter().all(|&padding| padding <= reach)
        && plan.in_channels.min(plan.out_channels) >= WINOGRAD_CHANNELS
        && plan.in_channels * plan.out_channels <= CHANNEL_PAIRS_PER_TILE * tiles
}
