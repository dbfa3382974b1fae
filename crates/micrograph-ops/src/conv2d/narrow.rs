//! Convolutions of images with few channels, in f32: the first layer of most networks. Their im2col
//! matrix would be larger than all else; here each vector of neighboring outputs reads the padded
//! input where it stands.

use super::algorithm::{Gradients, Operands, Wanted};
use super::plan::Plan;
use super::vectors::load;
use super::{Activation, direct};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Vectors of outputs that share the loading of one weight.
const VECTORS: usize = 4;
/// Elements of the longest vector of any machine.
const MOST_LANES: usize = 16;
/// Rows whose products are summed before they are added to the total, so that rounding errors of
/// large images stay small.
const ROWS: usize = 32;
/// Columns of a kernel whose sums stay in registers.
pub(super) const MOST_COLUMNS: usize = 7;
/// Input channels that count as few.
pub(super) const MOST_CHANNELS: usize = 4;

/// The input with its zeros around it.
struct Padded {
    data: Vec<f32>,
    channels: usize,
    /// Rows and columns of a plane; the columns have room for a vector beyond the last.
    size: [usize; 2],
}

impl Padded {
    fn new(plan: &Plan, xs: &[f32]) -> Self {
        let [[top, bottom], [left, right]] = plan.config.padding.axes();
        let [height, width] = plan.size;
        let size = [height + top + bottom, width + left + right + MOST_LANES];
        let mut data = vec![0.0; plan.batch * plan.in_channels * size[0] * size[1]];
        let planes = xs.par_chunks_exact(plan.plane());
        data.par_chunks_exact_mut(size[0] * size[1]).zip(planes).for_each(|(padded, plane)| {
            let rows = padded.chunks_exact_mut(size[1]).skip(top);
            for (padded, row) in rows.zip(plane.chunks_exact(width)) {
                padded[left..][..width].copy_from_slice(row);
            }
        });
        Self { data, channels: plan.in_channels, size }
    }

    fn sample(&self, n: usize) -> &[f32] {
        let len = self.channels * self.size[0] * self.size[1];
        &self.data[n * len..][..len]
    }
}

/// Convolution, bias, activation.
pub(super) fn forward(plan: &Plan, xs: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let xs = Padded::new(plan, xs);
    let mut ys = vec![0.0; plan.batch * plan.out_channels * plan.out_plane()];
    ys.par_chunks_exact_mut(plan.out_plane()).enumerate().for_each(|(plane, ys)| {
        let (sample, map) = (plane / plan.out_channels, plane % plan.out_channels);
        Arch::new().dispatch(Plane {
            plan,
            xs: xs.sample(sample),
            size: xs.size,
            weight: &weight[map * plan.depth()..][..plan.depth()],
            bias: bias.map_or(0.0, |bias| bias[map]),
            ys,
        });
    });
    ys
}

/// One map of one sample.
struct Plane<'a> {
    plan: &'a Plan,
    xs: &'a [f32],
    size: [usize; 2],
    weight: &'a [f32],
    bias: f32,
    ys: &'a mut [f32],
}

impl WithSimd for Plane<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { plan, xs, size, weight, bias, ys } = self;
        let [kernel_rows, kernel_columns] = plan.kernel;
        let (zero, bias) = (simd.splat_f32s(0.0), simd.splat_f32s(bias));
        let columns = plan.out_size[1];
        for (y, ys) in ys.chunks_exact_mut(columns).enumerate() {
            for first in (0..columns).step_by(VECTORS * S::F32_LANES) {
                let mut places = [0; VECTORS];
                for vector in 0..VECTORS {
                    places[vector] = (first + vector * S::F32_LANES).min(columns - 1);
                }
                let mut sums = [bias; VECTORS];
                let mut tap = 0;
                for channel in 0..plan.in_channels {
                    for i in 0..kernel_rows {
                        let row = &xs[(channel * size[0] + y + i) * size[1]..][..size[1]];
                        for j in 0..kernel_columns {
                            let factor = simd.splat_f32s(weight[tap]);
                            for vector in 0..VECTORS {
                                let xs = vector_at(simd, row, places[vector] + j);
                                sums[vector] = simd.mul_add_f32s(factor, xs, sums[vector]);
                            }
                            tap += 1;
                        }
                    }
                }
                for vector in 0..VECTORS {
                    let mut y = sums[vector];
                    if plan.config.activation == Activation::Relu {
                        let negative = simd.less_than_or_equal_f32s(y, zero);
                        y = simd.select_f32s(negative, zero, y);
                    }
                    let ys = &mut ys[places[vector]..];
                    let len = ys.len().min(S::F32_LANES);
                    simd.partial_store_f32s(&mut ys[..len], y);
                }
            }
        }
    }
}

/// The vector that begins at `place`.
#[inline(always)]
fn vector_at<S: Simd>(_: S, row: &[f32], place: usize) -> S::f32s {
    let vector = &row[place..place + S::F32_LANES];
    // SAFETY: the slice is one vector long.
    unsafe { load::<S>(vector.as_ptr()) }
}

/// The gradients that are wanted. That of the input, which a first layer has no use for, is left to
/// the general way.
pub(super) fn backward(plan: &Plan, operands: Operands<'_, f32>, wanted: Wanted) -> Gradients<f32> {
    let of_xs = Wanted { weight: false, bias: false, ..wanted };
    let grad_xs = wanted.xs.then(|| direct::backward(plan, operands, of_xs).xs).flatten();
    let (weight, bias) = (wanted.weight || wanted.bias).then(|| of_layer(plan, operands)).unzip();
    Gradients {
        xs: grad_xs,
        weight: weight.filter(|_| wanted.weight),
        bias: bias.filter(|_| wanted.bias),
    }
}

/// The gradients of weight and bias.
fn of_layer(plan: &Plan, operands: Operands<'_, f32>) -> (Vec<f32>, Vec<f32>) {
    let Operands { xs, ys, grad, .. } = operands;
    let xs = Padded::new(plan, xs);
    let mut sums = vec![0.0; plan.out_channels * (plan.depth() + 1)];
    sums.par_chunks_exact_mut(plan.depth() + 1).enumerate().for_each(|(map, sums)| {
        let task = Map { plan, xs: &xs, grad, ys, map, sums };
        match plan.kernel[1] {
            1 => Arch::new().dispatch(task.of_columns::<1>()),
            2 => Arch::new().dispatch(task.of_columns::<2>()),
            3 => Arch::new().dispatch(task.of_columns::<3>()),
            4 => Arch::new().dispatch(task.of_columns::<4>()),
            5 => Arch::new().dispatch(task.of_columns::<5>()),
            6 => Arch::new().dispatch(task.of_columns::<6>()),
            _ => Arch::new().dispatch(task.of_columns::<MOST_COLUMNS>()),
        }
    });
    let maps = sums.chunks_exact(plan.depth() + 1);
    let bias = maps.clone().map(|map| map[plan.depth()]).collect();
    let weight = maps.flat_map(|map| &map[..plan.depth()]).copied().collect();
    (weight, bias)
}

/// The gradients of one map's kernel, then of its bias.
struct Map<'a> {
    plan: &'a Plan,
    xs: &'a Padded,
    grad: &'a [f32],
    ys: &'a [f32],
    map: usize,
    sums: &'a mut [f32],
}

struct MapOfColumns<'a, const COLUMNS: usize>(Map<'a>);

impl<'a> Map<'a> {
    fn of_columns<const COLUMNS: usize>(self) -> MapOfColumns<'a, COLUMNS> {
        MapOfColumns(self)
    }
}

impl<const COLUMNS: usize> WithSimd for MapOfColumns<'_, COLUMNS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Map { plan, xs, grad, ys, map, sums } = self.0;
        let zero = simd.splat_f32s(0.0);
        let (out_plane, columns) = (plan.out_plane(), plan.out_size[1]);
        for channel in 0..plan.in_channels {
            for i in 0..plan.kernel[0] {
                let mut totals = [zero; COLUMNS];
                let mut bias_total = zero;
                for sample in 0..plan.batch {
                    let first = (sample * plan.out_channels + map) * out_plane;
                    let (grad, xs_of) = (&grad[first..][..out_plane], xs.sample(sample));
                    let gate = match plan.config.activation {
                        Activation::None => None,
                        Activation::Relu => Some(&ys[first..][..out_plane]),
                    };
                    for rows in (0..plan.out_size[0]).step_by(ROWS) {
                        let mut part = [zero; COLUMNS];
                        let mut bias_part = zero;
                        for y in rows..(rows + ROWS).min(plan.out_size[0]) {
                            let row = (channel * xs.size[0] + y + i) * xs.size[1];
                            let row = &xs_of[row..][..xs.size[1]];
                            for x in (0..columns).step_by(S::F32_LANES) {
                                let len = S::F32_LANES.min(columns - x);
                                let at = y * columns + x;
                                let mut g = simd.partial_load_f32s(&grad[at..][..len]);
                                if let Some(gate) = gate {
                                    let gate = simd.partial_load_f32s(&gate[at..][..len]);
                                    let closed = simd.less_than_or_equal_f32s(gate, zero);
                                    g = simd.select_f32s(closed, zero, g);
                                }
                                bias_part = simd.add_f32s(bias_part, g);
                                for j in 0..COLUMNS {
                                    let xs = vector_at(simd, row, x + j);
                                    part[j] = simd.mul_add_f32s(g, xs, part[j]);
                                }
                            }
                        }
                        for j in 0..COLUMNS {
                            totals[j] = simd.add_f32s(totals[j], part[j]);
                        }
                        bias_total = simd.add_f32s(bias_total, bias_part);
                    }
                }
                for j in 0..COLUMNS {
                    sums[(channel * plan.kernel[0] + i) * COLUMNS + j] =
                        simd.reduce_sum_f32s(totals[j]);
                }
                sums[plan.depth()] = simd.reduce_sum_f32s(bias_total);
            }
        }
    }
}
