//! Maximum pooling of 2x2 windows side by side, the case of nearly all networks: no indices are
//! kept, the backward pass finds the winners again.

use super::Plan;
use crate::cuda::cuda_fwd;
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use crate::window::Padding;
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};
use pulp::{Arch, Simd, WithSimd};
use std::mem::MaybeUninit;

/// Whether a pooling is of this kind.
pub(super) fn fits(plan: &Plan) -> bool {
    let config = plan.config;
    config.kernel == [2, 2]
        && config.stride == [2, 2]
        && config.padding == Padding::ZERO
        && [0, 1].map(|axis| plan.size[axis] / 2) == plan.out_size
}

/// See [`max_pool2d`](super::max_pool2d); `size` is that of the input's planes.
pub(super) struct MaxPool2x2 {
    pub(super) size: [usize; 2],
}

impl CustomOp1 for MaxPool2x2 {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, height, width) = layout.shape().dims4()?;
        for_float!(storage.dtype(), self.name(), T => {
            let ys = maxima(slice::<T>(self.name(), storage, layout)?, self.size);
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, height / 2, width / 2))))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, xs: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let op = MaxPool2x2Backward { size: self.size, rectified: false };
        grad.contiguous()?.apply_op2_no_bwd(xs, &op).map(Some)
    }
}

/// The maximum of each 2x2 window of planes of `height x width`.
pub(crate) fn maxima<T: Element>(xs: &[T], [height, width]: [usize; 2]) -> Vec<T> {
    let windows = (height / 2) * (width / 2);
    let len = xs.len() / (height * width) * windows;
    let mut ys = Vec::with_capacity(len);
    let outputs = ys.spare_capacity_mut()[..len].par_chunks_exact_mut(windows);
    outputs.zip(xs.par_chunks_exact(height * width)).for_each(|(ys, plane)| {
        Arch::new().dispatch(Maxima::<T> { plane, width, ys });
    });
    // SAFETY: each plane is written whole.
    unsafe { ys.set_len(len) };
    ys
}

/// The larger of two numbers, where NaN is larger than all.
#[inline(always)]
fn larger<T: Element>(a: T, b: T) -> T {
    if b > a || b.is_nan() { b } else { a }
}

/// The maximum of each 2x2 window of a plane.
struct Maxima<'a, T> {
    plane: &'a [T],
    width: usize,
    ys: &'a mut [MaybeUninit<T>],
}

impl<T: Element> WithSimd for Maxima<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.plane.chunks_exact(2 * self.width);
        for (ys, rows) in self.ys.chunks_exact_mut(self.width / 2).zip(rows) {
            let (upper, lower) = rows.split_at(self.width);
            let windows = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            for (y, (upper, lower)) in ys.iter_mut().zip(windows) {
                y.write(larger(larger(upper[0], upper[1]), larger(lower[0], lower[1])));
            }
        }
    }
}

/// From the gradient of the maxima and the input, planes of `size`, to the gradient of the input.
pub(crate) struct MaxPool2x2Backward {
    pub(crate) size: [usize; 2],
    /// Whether the input came out of a ReLU whose gate is to be applied: a winner that is not above
    /// zero gets nothing.
    pub(crate) rectified: bool,
}

impl CustomOp2 for MaxPool2x2Backward {
    fn name(&self) -> &'static str {
        "max_pool2d_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        xs: &CpuStorage,
        xs_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let Self { size: [height, width], rectified } = *self;
        let (plane, windows) = (height * width, (height / 2) * (width / 2));
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let xs = slice::<T>(self.name(), xs, xs_layout)?;
            let mut out = Vec::with_capacity(xs.len());
            let planes = out.spare_capacity_mut()[..xs.len()].par_chunks_exact_mut(plane);
            let inputs = xs.par_chunks_exact(plane).zip(grad.par_chunks_exact(windows));
            planes.zip(inputs).for_each(|(out, (xs, grad))| {
                let (out, rest) = out.split_at_mut(height / 2 * 2 * width);
                Arch::new().dispatch(GiveBack::<T> { xs, grad, width, rectified, out });
                rest.fill(MaybeUninit::new(0.0));
            });
            // SAFETY: `GiveBack` writes its rows whole, and what is left is filled.
            unsafe { out.set_len(xs.len()) };
            Ok((T::to_cpu_storage_owned(out), xs_layout.shape().clone()))
        })
    }

    cuda_fwd!(grad grad_layout, xs xs_layout);
}

/// Each gradient to the first winner of its window, zeros elsewhere.
struct GiveBack<'a, T> {
    xs: &'a [T],
    grad: &'a [T],
    width: usize,
    rectified: bool,
    out: &'a mut [MaybeUninit<T>],
}

impl<T: Element> WithSimd for GiveBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pair = 2 * self.width;
        let inputs = self.xs.chunks_exact(pair).zip(self.grad.chunks_exact(self.width / 2));
        for (out, (xs, grad)) in self.out.chunks_exact_mut(pair).zip(inputs) {
            if self.rectified {
                give_back::<T, true>(xs, grad, self.width, out);
            } else {
                give_back::<T, false>(xs, grad, self.width, out);
            }
        }
    }
}

/// Windows that are computed side by side.
const WINDOWS: usize = 8;

#[inline(always)]
fn give_back<T: Element, const RECTIFIED: bool>(
    xs: &[T],
    grad: &[T],
    width: usize,
    out: &mut [MaybeUninit<T>],
) {
    let (upper, lower) = xs.split_at(width);
    let (out_upper, out_lower) = out.split_at_mut(width);
    if width % 2 == 1 {
        out_upper[width - 1].write(T::zero());
        out_lower[width - 1].write(T::zero());
    }
    let windows = grad.len();
    if windows < WINDOWS {
        for i in 0..windows {
            give_back_some::<T, 1, RECTIFIED>(
                [upper, lower],
                grad,
                i,
                [&mut *out_upper, &mut *out_lower],
            );
        }
        return;
    }
    for first in (0..windows).step_by(WINDOWS) {
        // The last may overlap its neighbor, and writes the same there.
        let first = first.min(windows - WINDOWS);
        let out = [&mut *out_upper, &mut *out_lower];
        give_back_some::<T, WINDOWS, RECTIFIED>([upper, lower], grad, first, out);
    }
}

/// `N` windows from `first` on.
#[inline(always)]
fn give_back_some<T: Element, const N: usize, const RECTIFIED: bool>(
    rows: [&[T]; 2],
    grad: &[T],
    first: usize,
    out: [&mut [MaybeUninit<T>]; 2],
) {
    let rows = rows.map(|row| &row[2 * first..][..2 * N]);
    let grad = &grad[first..][..N];
    let mut given = [[T::zero(); N]; 4];
    for i in 0..N {
        let [upper, lower] = rows.map(|row| [row[2 * i], row[2 * i + 1]]);
        let right = [above(upper[1], upper[0]), above(lower[1], lower[0])];
        let maxima = [larger(upper[0], upper[1]), larger(lower[0], lower[1])];
        let below = above(maxima[1], maxima[0]);
        let closed = RECTIFIED && larger(maxima[0], maxima[1]) <= T::zero();
        let gradient = if closed { T::zero() } else { grad[i] };
        let wins = [!below & !right[0], !below & right[0], below & !right[1], below & right[1]];
        for place in 0..4 {
            given[place][i] = if wins[place] { gradient } else { T::zero() };
        }
    }
    for (row, out) in out.into_iter().enumerate() {
        let out = &mut out[2 * first..][..2 * N];
        for i in 0..N {
            out[2 * i].write(given[2 * row][i]);
            out[2 * i + 1].write(given[2 * row + 1][i]);
        }
    }
}

/// Whether `b` wins over `a`, which comes first.
#[inline(always)]
fn above<T: Element>(b: T, a: T) -> bool {
    (b > a) | (b.is_nan() & !a.is_nan())
}
