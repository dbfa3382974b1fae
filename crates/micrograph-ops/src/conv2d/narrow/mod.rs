//! Convolutions of images with few channels, in f32: the first layer of most networks. Their im2col
//! matrix would be larger than all else; here each vector of neighboring outputs reads the padded
//! input where it stands.

mod weight;

use super::algorithm::{Gradients, Operands, Wanted};
use super::plan::Plan;
use super::vectors::{load, store};
use super::{Activation, direct};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Vectors of outputs that share the loading of one weight.
const VECTORS: usize = 4;
/// Elements of the longest vector of any machine.
const MOST_LANES: usize = 16;
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
                    if ys.len() >= S::F32_LANES {
                        // SAFETY: the slice has room for a vector.
                        unsafe { store::<S>(ys.as_mut_ptr(), y) };
                    } else {
                        simd.partial_store_f32s(ys, y);
                    }
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
    let (weight, bias) =
        (wanted.weight || wanted.bias).then(|| weight::gradients(plan, operands)).unzip();
    Gradients {
        xs: grad_xs,
        weight: weight.filter(|_| wanted.weight),
        bias: bias.filter(|_| wanted.bias),
    }
}
