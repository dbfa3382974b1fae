//! Grids of affine maps.

use super::Alignment;
use crate::cuda::cuda_fwd;
use crate::error::{check_size, float, not_empty, rank, unexpected_shape};
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

const NAME: &str = "affine_grid";

/// The points that an affine map of each sample reads, for [`grid_sample`](crate::grid_sample): as
/// PyTorch's `affine_grid`.
///
/// `grid[n, i, j] = theta[n] * (x_j, y_i, 1)`, where `x_j` and `y_i` are the places of the result's
/// pixels between -1 and 1. The map goes from the result to the image: `x` doubled shows twice as
/// much at half the size.
///
/// # Shapes
/// - `theta`: `(n, 2, 3)`, f32 or f64, in any memory layout
/// - returns: `(n, oh, ow, 2)`, where `size` is `[oh, ow]`
///
/// # Errors
/// Another shape or type; a size of zero.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{Alignment, GridSampleConfig, affine_grid, grid_sample};
/// let xs = Tensor::new(&[[[[1f32, 2., 3., 4.]]]], &Device::Cpu)?;
/// let mirror = Tensor::new(&[[[-1f32, 0., 0.], [0., 1., 0.]]], &Device::Cpu)?;
/// let grid = affine_grid(&mirror, [1, 4], Alignment::Edges)?;
/// let ys = grid_sample(&xs, &grid, &GridSampleConfig::default())?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [4., 3., 2., 1.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn affine_grid(theta: &Tensor, size: [usize; 2], alignment: Alignment) -> Result<Tensor> {
    float(NAME, theta)?;
    rank(NAME, "theta is (n, 2, 3)", 3, theta)?;
    not_empty(NAME, "theta", theta)?;
    let (n, rows, cols) = theta.dims3()?;
    if (rows, cols) != (2, 3) {
        let message = "theta must have two rows of three numbers for each sample";
        return Err(unexpected_shape(NAME, message, (n, 2, 3), theta.shape()));
    }
    check_size(NAME, [n, 2], size)?;
    theta.contiguous()?.apply_op1(AffineGrid { size, alignment })
}

#[derive(Debug, Clone, Copy)]
pub(super) struct AffineGrid {
    pub(super) size: [usize; 2],
    pub(super) alignment: Alignment,
}

impl AffineGrid {
    /// The pixels of the result, row by row, as `(x, y, 1)`.
    fn pixels(&self) -> impl Iterator<Item = [f64; 3]> {
        let [rows, cols] = self.size;
        (0..rows * cols).map(move |i| [self.place(i % cols, cols), self.place(i / cols, rows), 1.0])
    }

    fn place(&self, line: usize, lines: usize) -> f64 {
        match self.alignment {
            Alignment::Edges => (2 * line + 1) as f64 / lines as f64 - 1.0,
            Alignment::Centers if lines == 1 => 0.0,
            Alignment::Centers => (2 * line) as f64 / (lines - 1) as f64 - 1.0,
        }
    }

    /// The sums of `grad * (x, y, 1)`: the gradient of one sample's six numbers.
    fn moments<T: Element>(&self, grad: &[T], theta: &mut [T]) {
        let mut sums = [0.0; 6];
        for (grad, pixel) in grad.chunks_exact(2).zip(self.pixels()) {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum += grad[i / 3].to_f64() * pixel[i % 3];
            }
        }
        theta.iter_mut().zip(sums).for_each(|(theta, sum)| *theta = T::from_f64(sum));
    }
}

impl CustomOp1 for AffineGrid {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, [rows, cols]) = (layout.dim(0)?, self.size);
        for_float!(storage.dtype(), NAME, T => {
            let theta = slice::<T>(NAME, storage, layout)?;
            let mut grid = vec![0.0; n * rows * cols * 2];
            let samples = grid.par_chunks_exact_mut(rows * cols * 2).zip(theta.par_chunks_exact(6));
            samples.for_each(|(grid, theta)| {
                for (point, pixel) in grid.chunks_exact_mut(2).zip(self.pixels()) {
                    for (coordinate, row) in point.iter_mut().zip(theta.chunks_exact(3)) {
                        let terms = row.iter().zip(pixel).map(|(t, p)| t.to_f64() * p);
                        *coordinate = terms.sum::<f64>() as T;
                    }
                }
            });
            Ok((T::to_cpu_storage_owned(grid), Shape::from((n, rows, cols, 2))))
        })
    }

    cuda_fwd!(theta layout);

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(&AffineGridBackward { of: *self }).map(Some)
    }
}

pub(super) struct AffineGridBackward {
    pub(super) of: AffineGrid,
}

impl CustomOp1 for AffineGridBackward {
    fn name(&self) -> &'static str {
        "affine_grid_backward"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, points) = (layout.dim(0)?, self.of.size[0] * self.of.size[1]);
        for_float!(storage.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), storage, layout)?;
            let mut out = vec![0.0; n * 6];
            let samples = out.par_chunks_exact_mut(6).zip(grad.par_chunks_exact(points * 2));
            samples.for_each(|(theta, grad)| self.of.moments(grad, theta));
            Ok((T::to_cpu_storage_owned(out), Shape::from((n, 2, 3))))
        })
    }

    cuda_fwd!(grad layout);
}
