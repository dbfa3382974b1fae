//! The gradients of the kernels of a first layer, and of its bias.

use super::{MOST_COLUMNS, Padded, vector_at};
use crate::conv2d::Activation;
use crate::conv2d::algorithm::Operands;
use crate::conv2d::plan::Plan;
use crate::parallel::*;
use pulp::{Arch, Simd, WithSimd};

/// Rows whose products are summed before they are added to the total, so that rounding errors of
/// large images stay small.
const ROWS: usize = 32;

/// The gradients of weight and bias.
pub(super) fn gradients(plan: &Plan, operands: Operands<'_, f32>) -> (Vec<f32>, Vec<f32>) {
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
        let plane = plan.out_plane();
        // Sample by sample: the gradient of a plane, read for each row of the kernel, stays near.
        for sample in 0..plan.batch {
            let first = (sample * plan.out_channels + map) * plane;
            let relu = plan.config.activation == Activation::Relu;
            let gradient = Gated {
                grad: &grad[first..][..plane],
                gate: relu.then(|| &ys[first..][..plane]),
                size: plan.out_size,
            };
            let planes = xs.sample(sample).chunks_exact(xs.size[0] * xs.size[1]);
            for (channel, xs_of) in planes.enumerate() {
                for i in 0..plan.kernel[0] {
                    let rows = &xs_of[i * xs.size[1]..];
                    let totals = gradient.products::<S, COLUMNS>(simd, rows, xs.size[1]);
                    let first = (channel * plan.kernel[0] + i) * COLUMNS;
                    for j in 0..COLUMNS {
                        sums[first + j] += simd.reduce_sum_f32s(totals[j]);
                    }
                }
            }
            sums[plan.depth()] += gradient.sum(simd);
        }
    }
}

/// The gradient of one map of one sample, zero where the ReLU was closed.
struct Gated<'a> {
    grad: &'a [f32],
    gate: Option<&'a [f32]>,
    size: [usize; 2],
}

impl Gated<'_> {
    /// Sums of its products with `xs`, lines of `width`, moved by 0 to `COLUMNS - 1` pixels.
    #[inline(always)]
    fn products<S: Simd, const COLUMNS: usize>(
        &self,
        simd: S,
        xs: &[f32],
        width: usize,
    ) -> [S::f32s; COLUMNS] {
        let zero = simd.splat_f32s(0.0);
        let mut totals = [zero; COLUMNS];
        for rows in (0..self.size[0]).step_by(ROWS) {
            let mut part = [zero; COLUMNS];
            for y in rows..(rows + ROWS).min(self.size[0]) {
                let row = &xs[y * width..][..width];
                for x in (0..self.size[1]).step_by(S::F32_LANES) {
                    let g = self.vector(simd, y, x);
                    for j in 0..COLUMNS {
                        let xs = vector_at(simd, row, x + j);
                        part[j] = simd.mul_add_f32s(g, xs, part[j]);
                    }
                }
            }
            for j in 0..COLUMNS {
                totals[j] = simd.add_f32s(totals[j], part[j]);
            }
        }
        totals
    }

    #[inline(always)]
    fn sum<S: Simd>(&self, simd: S) -> f32 {
        let mut total = simd.splat_f32s(0.0);
        for y in 0..self.size[0] {
            let mut line = simd.splat_f32s(0.0);
            for x in (0..self.size[1]).step_by(S::F32_LANES) {
                line = simd.add_f32s(line, self.vector(simd, y, x));
            }
            total = simd.add_f32s(total, line);
        }
        simd.reduce_sum_f32s(total)
    }

    /// The pixels from `(y, x)` on, zeros behind the end of the line.
    #[inline(always)]
    fn vector<S: Simd>(&self, simd: S, y: usize, x: usize) -> S::f32s {
        let at = y * self.size[1] + x;
        let len = S::F32_LANES.min(self.size[1] - x);
        let g = some_at(simd, self.grad, at, len);
        let Some(gate) = self.gate else { return g };
        let gate = some_at(simd, gate, at, len);
        let closed = simd.less_than_or_equal_f32s(gate, simd.splat_f32s(0.0));
        simd.select_f32s(closed, simd.splat_f32s(0.0), g)
    }
}

/// The vector that begins at `place`, zeros behind its first `len` numbers.
#[inline(always)]
fn some_at<S: Simd>(simd: S, numbers: &[f32], place: usize, len: usize) -> S::f32s {
    if len == S::F32_LANES {
        vector_at(simd, numbers, place)
    } else {
        simd.partial_load_f32s(&numbers[place..][..len])
    }
}
