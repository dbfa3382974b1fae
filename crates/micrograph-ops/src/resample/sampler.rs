//! The values and gradients of reading images at points.

use super::Alignment;
use super::grid_sample::{Border, GridSampleConfig, Interpolation};
use crate::cuda::cuda_fwd;
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

/// The two lines that a point is between along one axis.
#[derive(Debug, Clone, Copy)]
struct Taps {
    /// `None` outside of the image.
    lines: [Option<usize>; 2],
    weights: [f64; 2],
    /// The derivative of the second weight by the coordinate; the first has the opposite.
    slope: f64,
}

impl GridSampleConfig {
    fn taps(&self, coordinate: f64, size: usize) -> Taps {
        let (at, slope) = self.place(coordinate, size as f64);
        let line = |at: f64| (at > -1.0 && at < size as f64).then_some(at as usize);
        // NaN is outside of no image: it is read somewhere, with NaN for a weight.
        let line = |at: f64| if at.is_nan() { Some(0) } else { line(at) };
        match self.interpolation {
            Interpolation::Nearest => {
                let weight = if at.is_nan() { at } else { 1.0 };
                let lines = [line(at.round_ties_even()), None];
                Taps { lines, weights: [weight, 0.0], slope: 0.0 }
            }
            Interpolation::Bilinear => {
                let first = at.floor();
                let weight = at - first;
                let lines = [line(first), line(first + 1.0)];
                Taps { lines, weights: [1.0 - weight, weight], slope }
            }
        }
    }

    /// The position in pixels, and its derivative by the coordinate.
    fn place(&self, coordinate: f64, size: f64) -> (f64, f64) {
        let (at, slope, low, high) = match self.alignment {
            Alignment::Edges => {
                (((coordinate + 1.0) * size - 1.0) / 2.0, size / 2.0, -0.5, size - 0.5)
            }
            Alignment::Centers => {
                ((coordinate + 1.0) / 2.0 * (size - 1.0), (size - 1.0) / 2.0, 0.0, size - 1.0)
            }
        };
        let clamped = |(at, slope): (f64, f64)| {
            let inside = at > 0.0 && at < size - 1.0;
            (at.clamp(0.0, size - 1.0), if inside { slope } else { 0.0 })
        };
        match self.border {
            Border::Zero => (at, slope),
            Border::Edge => clamped((at, slope)),
            Border::Reflect if low == high => (if at.is_nan() { at } else { 0.0 }, 0.0),
            Border::Reflect => {
                let (distance, span) = ((at - low).abs(), high - low);
                let (flips, extra) = ((distance / span).floor(), distance % span);
                let forward = if at < low { -slope } else { slope };
                clamped(if flips % 2.0 == 0.0 {
                    (low + extra, forward)
                } else {
                    (low + span - extra, -forward)
                })
            }
        }
    }

    /// The points of one sample, as taps of rows and columns.
    fn points<T: Element>(&self, grid: &[T], size: [usize; 2]) -> impl Iterator<Item = [Taps; 2]> {
        grid.chunks_exact(2).map(move |point| {
            [self.taps(point[1].to_f64(), size[0]), self.taps(point[0].to_f64(), size[1])]
        })
    }
}

/// Calls `f` with each pixel inside of the image around a point, and the sides that it is on.
fn around([rows, cols]: &[Taps; 2], width: usize, mut f: impl FnMut(usize, [usize; 2])) {
    for (row, y) in rows.lines.iter().enumerate() {
        for (col, x) in cols.lines.iter().enumerate() {
            if let (Some(y), Some(x)) = (y, x) {
                f(y * width + x, [row, col]);
            }
        }
    }
}

/// The arguments are `xs` and the grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct GridSample {
    pub(super) config: GridSampleConfig,
}

impl GridSample {
    fn read<T: Element>(&self, plane: &[T], size: [usize; 2], grid: &[T], ys: &mut [T]) {
        for (y, point) in ys.iter_mut().zip(self.config.points(grid, size)) {
            let mut sum = 0.0;
            around(&point, size[1], |pixel, [row, col]| {
                let weight = point[0].weights[row] * point[1].weights[col];
                // What has no weight does not count, even where it is infinite.
                if weight != 0.0 {
                    sum += weight * plane[pixel].to_f64();
                }
            });
            *y = T::from_f64(sum);
        }
    }
}

impl CustomOp2 for GridSample {
    fn name(&self) -> &'static str {
        "grid_sample"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        grid: &CpuStorage,
        grid_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = xs_layout.shape().dims4()?;
        let (_, rows, cols, _) = grid_layout.shape().dims4()?;
        for_float!(xs.dtype(), CustomOp2::name(self), T => {
            let xs = slice::<T>(CustomOp2::name(self), xs, xs_layout)?;
            let grid = slice::<T>(CustomOp2::name(self), grid, grid_layout)?;
            let mut ys = vec![0.0; n * c * rows * cols];
            let planes = ys.par_chunks_exact_mut(rows * cols).zip(xs.par_chunks_exact(h * w));
            planes.enumerate().for_each(|(plane, (ys, xs))| {
                let grid = &grid[plane / c * rows * cols * 2..][..rows * cols * 2];
                self.read(xs, [h, w], grid, ys);
            });
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, rows, cols))))
        })
    }

    cuda_fwd!(xs xs_layout, grid grid_layout);

    fn bwd(
        &self,
        xs: &Tensor,
        grid: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let size = [xs.dim(2)?, xs.dim(3)?];
        let grad_xs = || grad.apply_op2_no_bwd(grid, &Scatter { of: *self, size });
        let grad_grid = || xs.apply_op3_no_bwd(grid, &grad, &GridGradient { of: *self });
        Ok((xs.track_op().then(grad_xs).transpose()?, grid.track_op().then(grad_grid).transpose()?))
    }
}

/// The gradient of `xs`: each gradient goes to the pixels that were read.
pub(super) struct Scatter {
    pub(super) of: GridSample,
    pub(super) size: [usize; 2],
}

impl CustomOp2 for Scatter {
    fn name(&self) -> &'static str {
        "grid_sample_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        grid: &CpuStorage,
        grid_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, c, rows, cols) = grad_layout.shape().dims4()?;
        let [h, w] = self.size;
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let grid = slice::<T>(self.name(), grid, grid_layout)?;
            let mut out = vec![0.0; n * c * h * w];
            let planes = out.par_chunks_exact_mut(h * w).zip(grad.par_chunks_exact(rows * cols));
            planes.enumerate().for_each(|(plane, (out, grad))| {
                let grid = &grid[plane / c * rows * cols * 2..][..rows * cols * 2];
                for (g, point) in grad.iter().zip(self.of.config.points(grid, self.size)) {
                    around(&point, w, |pixel, [row, col]| {
                        let weight = point[0].weights[row] * point[1].weights[col];
                        out[pixel] += (weight * g.to_f64()) as T;
                    });
                }
            });
            Ok((T::to_cpu_storage_owned(out), Shape::from((n, c, h, w))))
        })
    }

    cuda_fwd!(grad grad_layout, grid grid_layout);
}

/// The gradient of the grid, from `xs`, grid and the gradient of the result.
pub(super) struct GridGradient {
    pub(super) of: GridSample,
}

impl CustomOp3 for GridGradient {
    fn name(&self) -> &'static str {
        "grid_sample_backward"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        grid: &CpuStorage,
        grid_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, c, h, w) = xs_layout.shape().dims4()?;
        let (_, rows, cols, _) = grid_layout.shape().dims4()?;
        for_float!(xs.dtype(), self.name(), T => {
            let xs = slice::<T>(self.name(), xs, xs_layout)?;
            let grid = slice::<T>(self.name(), grid, grid_layout)?;
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let mut out = vec![0.0; grid.len()];
            // A task is one row of points.
            let lines = out.par_chunks_exact_mut(cols * 2).zip(grid.par_chunks_exact(cols * 2));
            lines.enumerate().for_each(|(line, (out, grid))| {
                let (sample, first) = (line / rows, line % rows * cols);
                let planes = &xs[sample * c * h * w..][..c * h * w];
                let grad = &grad[sample * c * rows * cols..][..c * rows * cols];
                let points = self.of.config.points(grid, [h, w]);
                for (index, (out, point)) in out.chunks_exact_mut(2).zip(points).enumerate() {
                    let grads = grad[first + index..].iter().step_by(rows * cols);
                    let [y, x] = slopes(&point, planes.chunks_exact(h * w).zip(grads), w);
                    (out[0], out[1]) = (x as T, y as T);
                }
            });
            Ok((T::to_cpu_storage_owned(out), grid_layout.shape().clone()))
        })
    }

    cuda_fwd!(xs xs_layout, grid grid_layout, grad grad_layout);
}

/// The derivatives by the coordinates of one point, summed over channels.
fn slopes<'a, T: Element>(
    point: &[Taps; 2],
    channels: impl Iterator<Item = (&'a [T], &'a T)>,
    width: usize,
) -> [f64; 2] {
    let [rows, cols] = point;
    let signed = |taps: &Taps, side: usize| if side == 0 { -taps.slope } else { taps.slope };
    let mut sums = [0.0; 2];
    for (plane, grad) in channels {
        around(point, width, |pixel, [row, col]| {
            let product = plane[pixel].to_f64() * grad.to_f64();
            sums[0] += product * signed(rows, row) * cols.weights[col];
            sums[1] += product * signed(cols, col) * rows.weights[row];
        });
    }
    sums
}
