//! The mean of each window, or of each plane.

use super::{Plan, Pool2dConfig};
use crate::error::{float, not_empty, rank};
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;
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
    xs.contiguous()?.apply_op1(Average { plan })
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
    const NAME: &str = "global_avg_pool2d";
    float(NAME, xs)?;
    rank(NAME, "xs is (n, c, h, w)", 4, xs)?;
    not_empty(NAME, "xs", xs)?;
    let (n, c, h, w) = xs.dims4()?;
    let config = Pool2dConfig { kernel: [h, w], ..Pool2dConfig::square(1) };
    avg_pool2d(xs, &config)?.reshape((n, c))
}

struct Average {
    plan: Plan,
}

impl CustomOp1 for Average {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, _, _) = layout.shape().dims4()?;
        let [rows, cols] = self.plan.out_size;
        for_float!(storage.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, storage, layout)?;
            let mut ys = vec![0.0; n * c * rows * cols];
            let planes = xs.par_chunks_exact(self.plan.plane());
            ys.par_chunks_exact_mut(self.plan.out_plane()).zip(planes).for_each(|(ys, plane)| {
                for (y, (rows, cols)) in ys.iter_mut().zip(self.plan.windows()) {
                    *y = mean::<T>(plane, self.plan.size[1], rows, cols);
                }
            });
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, rows, cols))))
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(&Spread { plan: self.plan }).map(Some)
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
struct Spread {
    plan: Plan,
}

impl CustomOp1 for Spread {
    fn name(&self) -> &'static str {
        "avg_pool2d_backward"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, _, _) = layout.shape().dims4()?;
        let [h, w] = self.plan.size;
        for_float!(storage.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), storage, layout)?;
            let mut out = vec![0.0; n * c * h * w];
            let planes = grad.par_chunks_exact(self.plan.out_plane());
            out.par_chunks_exact_mut(self.plan.plane()).zip(planes).for_each(|(out, grad)| {
                for (&g, (rows, cols)) in grad.iter().zip(self.plan.windows()) {
                    let share = g / (rows.len() * cols.len()) as T;
                    for y in rows {
                        out[y * w..][cols.clone()].iter_mut().for_each(|x| *x += share);
                    }
                }
            });
            Ok((T::to_cpu_storage_owned(out), Shape::from((n, c, h, w))))
        })
    }
}
