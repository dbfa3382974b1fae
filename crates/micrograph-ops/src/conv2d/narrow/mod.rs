//! Convolutions of images with few channels, in f32: the first layer of most networks. Their im2col
//! matrix would be larger than all else; here each vector of neighboring outputs reads the padded
//! input where it stands.

mod weight;

use super::algorithm::{Gradients, Operands};
use super::plan::Plan;
use super::vectors::{load, rectified, store};
use super::{Activation, direct};
use crate::layer::Wanted;
use crate::parallel::*;
use pulp::{Arch, Simd, WithSimd};
use std::mem::MaybeUninit;

/// Vectors of outputs that share the loading of one weight, and maps that share that of the input.
const VECTORS: usize = 4;
const MAPS: usize = 2;
/// Pixels that are worth the waking of a thread to copy them.
const COPIED_BY_TASK: usize = 1 << 15;
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
        let few = COPIED_BY_TASK.div_ceil(plan.plane());
        let copies = data.par_chunks_exact_mut(size[0] * size[1]).zip(planes);
        copies.for_each_of_few(few, |(padded, plane)| {
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
    let padded = Padded::new(plan, xs);
    let (maps, plane) = (plan.out_channels, plan.out_plane());
    let len = plan.batch * maps * plane;
    let mut ys = Vec::with_capacity(len);
    let tasks: Vec<_> = ys.spare_capacity_mut()[..len]
        .chunks_exact_mut(maps * plane)
        .enumerate()
        .flat_map(|(sample, ys)| {
            let blocks = ys.chunks_mut(MAPS * plane).enumerate();
            blocks.map(move |(block, ys)| (sample, block * MAPS, ys))
        })
        .collect();
    tasks.into_par_iter().for_each(|(sample, map, ys)| {
        let xs = padded.sample(sample);
        let task = Maps { plan, xs, size: padded.size, weight, bias, map, ys };
        match task.ys.len() / plane {
            MAPS => Arch::new().dispatch(MapsOf::<MAPS>(task)),
            _ => Arch::new().dispatch(MapsOf::<1>(task)),
        }
    });
    // SAFETY: the tasks have all planes, and each writes every line of its own.
    unsafe { ys.set_len(len) };
    ys
}

/// Some maps of one sample.
struct Maps<'a> {
    plan: &'a Plan,
    xs: &'a [f32],
    size: [usize; 2],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    /// The first of them.
    map: usize,
    ys: &'a mut [MaybeUninit<f32>],
}

/// `N` maps, which share the reading of the input.
struct MapsOf<'a, const N: usize>(Maps<'a>);

impl<const N: usize> WithSimd for MapsOf<'_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Maps { plan, xs, size, weight, bias, map, ys } = self.0;
        let depth = plan.depth();
        let weight = &weight[map * depth..][..N * depth];
        let [height, columns] = plan.out_size;
        let plane = plan.out_plane();
        let mut start = [simd.splat_f32s(0.0); N];
        if let Some(bias) = bias {
            for n in 0..N {
                start[n] = simd.splat_f32s(bias[map + n]);
            }
        }
        for y in 0..height {
            for first in (0..columns).step_by(VECTORS * S::F32_LANES) {
                let mut places = [0; VECTORS];
                for vector in 0..VECTORS {
                    places[vector] = (first + vector * S::F32_LANES).min(columns - 1);
                }
                let lines = Lines { xs, size, channels: plan.in_channels, y, places };
                let sums = lines.sums::<S, N>(simd, plan.kernel, weight, start);
                for n in 0..N {
                    let line = &mut ys[n * plane + y * columns..][..columns];
                    for vector in 0..VECTORS {
                        let y = match plan.config.activation {
                            Activation::None => sums[n][vector],
                            Activation::Relu => rectified(simd, sums[n][vector]),
                        };
                        write::<S>(&mut line[places[vector]..], y);
                    }
                }
            }
        }
    }
}

/// The input under some vectors of an output row.
struct Lines<'a> {
    xs: &'a [f32],
    size: [usize; 2],
    channels: usize,
    y: usize,
    places: [usize; VECTORS],
}

impl Lines<'_> {
    #[inline(always)]
    fn sums<S: Simd, const N: usize>(
        &self,
        simd: S,
        [kernel_rows, kernel_columns]: [usize; 2],
        weight: &[f32],
        start: [S::f32s; N],
    ) -> [[S::f32s; VECTORS]; N] {
        let mut sums = start.map(|bias| [bias; VECTORS]);
        let depth = weight.len() / N;
        let mut tap = 0;
        for channel in 0..self.channels {
            for i in 0..kernel_rows {
                let row = (channel * self.size[0] + self.y + i) * self.size[1];
                let row = &self.xs[row..][..self.size[1]];
                for j in 0..kernel_columns {
                    let mut xs = [simd.splat_f32s(0.0); VECTORS];
                    for vector in 0..VECTORS {
                        xs[vector] = vector_at(simd, row, self.places[vector] + j);
                    }
                    for n in 0..N {
                        let factor = simd.splat_f32s(weight[n * depth + tap]);
                        for vector in 0..VECTORS {
                            sums[n][vector] =
                                simd.mul_add_f32s(factor, xs[vector], sums[n][vector]);
                        }
                    }
                    tap += 1;
                }
            }
        }
        sums
    }
}

/// Writes as much of a vector as there is room for.
#[inline(always)]
fn write<S: Simd>(to: &mut [MaybeUninit<f32>], vector: S::f32s) {
    if to.len() >= S::F32_LANES {
        // SAFETY: the slice has room for a vector.
        unsafe { store::<S>(to.as_mut_ptr().cast(), vector) };
        return;
    }
    let mut numbers = [0.0; MOST_LANES];
    // SAFETY: there is room for the longest vector.
    unsafe { store::<S>(numbers.as_mut_ptr(), vector) };
    for (to, number) in to.iter_mut().zip(numbers) {
        to.write(number);
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
