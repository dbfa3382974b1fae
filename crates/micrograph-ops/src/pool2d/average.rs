//! The mean of each window, or of each plane.

use super::{Plan, Pool2dConfig};
use crate::cuda::cuda_fwd;
use crate::error::{check_size, image_dims};
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use std::ops::Range;

const NAME: &str = "avg_pool2d";

/// The mean of each window, over the pixels of the image alone: padding is not counted (PyTorch's
/// `count_include_pad=False`).
///
/// The result has `(h + top + bottom - kernel) / stride + 1` rows, rounded as configured.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: `(n, c, oh, ow)`
///
/// # Errors
/// A size, kernel or stride of zero; padding as wide as the kernel; a window larger than the padded
/// image.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{Padding, Pool2dConfig, avg_pool2d};
/// let xs = Tensor::new(&[[[[1f32, 3., 8.]]]], &Device::Cpu)?;
/// let padding = Padding { left: 1, ..Padding::ZERO };
/// let config = Pool2dConfig { kernel: [1, 2], stride: [1, 2], padding, ..Pool2dConfig::square(1) };
/// let ys = avg_pool2d(&xs, &config)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [1., 5.5]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn avg_pool2d(xs: &Tensor, config: &Pool2dConfig) -> Result<Tensor> {
    let plan = Plan::new(NAME, xs, config)?;
    xs.contiguous()?.apply_op1(Average::of_plan(&plan))
}

/// The means of `size` windows that cover the image evenly: one output size for any input size.
///
/// The rows of window `i` are those from `i * h / oh`, rounded down, to `(i + 1) * h / oh`, rounded
/// up, as in PyTorch. Neighbors share a row where `oh` does not divide `h`; where it is larger, a
/// row is in several windows.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: `(n, c, oh, ow)`, where `size` is `[oh, ow]`
///
/// # Errors
/// A size of zero.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// let xs = Tensor::new(&[[[[1f32, 2., 6.]]]], &Device::Cpu)?;
/// let ys = micrograph_ops::adaptive_avg_pool2d(&xs, [1, 2])?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [1.5, 4.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn adaptive_avg_pool2d(xs: &Tensor, size: [usize; 2]) -> Result<Tensor> {
    const NAME: &str = "adaptive_avg_pool2d";
    let [n, c, h, w] = image_dims(NAME, xs)?;
    check_size(NAME, [n, c], size)?;
    xs.contiguous()?.apply_op1(Average::even([h, w], size))
}

/// The mean of each plane.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: `(n, c)`
///
/// # Errors
/// A size of zero.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// let xs = Tensor::new(&[[[[1f32, 3.], [0., 0.]], [[5., 5.], [5., 5.]]]], &Device::Cpu)?;
/// let ys = micrograph_ops::global_avg_pool2d(&xs)?;
/// assert_eq!(ys.to_vec2::<f32>()?, [[1., 5.]]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn global_avg_pool2d(xs: &Tensor) -> Result<Tensor> {
    let [n, c, ..] = image_dims("global_avg_pool2d", xs)?;
    adaptive_avg_pool2d(xs, [1, 1])?.reshape((n, c))
}

#[derive(Clone)]
pub(super) struct Average {
    pub(super) size: [usize; 2],
    /// The input rows of each row of windows, and the input columns of each column.
    pub(super) windows: [Vec<Range<usize>>; 2],
}

impl Average {
    pub(super) fn of_plan(plan: &Plan) -> Self {
        let windows =
            |axis| (0..plan.out_size[axis]).map(|output| plan.covered(axis, output)).collect();
        Self { size: plan.size, windows: [windows(0), windows(1)] }
    }

    /// Windows that cover an image evenly.
    pub(super) fn even([h, w]: [usize; 2], out_size: [usize; 2]) -> Self {
        let windows = |size: usize, outputs: usize| {
            let start = move |output: usize| (output as u128 * size as u128, outputs as u128);
            (0..outputs)
                .map(|output| {
                    let ((first, n), (end, _)) = (start(output), start(output + 1));
                    (first / n) as usize..end.div_ceil(n) as usize
                })
                .collect()
        };
        Self { size: [h, w], windows: [windows(h, out_size[0]), windows(w, out_size[1])] }
    }

    fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    fn out_size(&self) -> [usize; 2] {
        [self.windows[0].len(), self.windows[1].len()]
    }

    /// The windows of a plane, row by row.
    fn windows(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let [rows, cols] = &self.windows;
        rows.iter().flat_map(move |rows| cols.iter().map(move |cols| (rows.clone(), cols.clone())))
    }
}

impl CustomOp1 for Average {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, _, _) = layout.shape().dims4()?;
        let [rows, cols] = self.out_size();
        for_float!(storage.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, storage, layout)?;
            let mut ys = vec![0.0; n * c * rows * cols];
            let planes = xs.par_chunks_exact(self.plane());
            ys.par_chunks_exact_mut(rows * cols).zip(planes).for_each(|(ys, plane)| {
                for (y, (rows, cols)) in ys.iter_mut().zip(self.windows()) {
                    *y = mean::<T>(plane, self.size[1], rows, cols);
                }
            });
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, rows, cols))))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(&Spread(self.clone())).map(Some)
    }
}

/// The mean of a part of a plane, summed in f64.
fn mean<T: Element>(plane: &[T], width: usize, rows: Range<usize>, cols: Range<usize>) -> T {
    let count = rows.len() * cols.len();
    let row_sums = rows.map(|y| {
        let row = &plane[y * width..][cols.clone()];
        row.iter().map(|x| x.to_f64()).sum::<f64>()
    });
    T::from_f64(row_sums.sum::<f64>() / count as f64)
}

/// The adjoint of [`Average`]: each gradient, shared out evenly over its window.
pub(super) struct Spread(pub(super) Average);

impl CustomOp1 for Spread {
    fn name(&self) -> &'static str {
        "avg_pool2d_backward"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, _, _) = layout.shape().dims4()?;
        let [h, w] = self.0.size;
        let [rows, cols] = self.0.out_size();
        for_float!(storage.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), storage, layout)?;
            let mut out = vec![0.0; n * c * h * w];
            let planes = grad.par_chunks_exact(rows * cols);
            out.par_chunks_exact_mut(h * w).zip(planes).for_each(|(out, grad)| {
                for (&g, (rows, cols)) in grad.iter().zip(self.0.windows()) {
                    let share = g / (rows.len() * cols.len()) as T;
                    for y in rows {
                        out[y * w..][cols.clone()].iter_mut().for_each(|x| *x += share);
                    }
                }
            });
            Ok((T::to_cpu_storage_owned(out), Shape::from((n, c, h, w))))
        })
    }

    cuda_fwd!(grad layout);
}
