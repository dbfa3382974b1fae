//! Resizing by the nearest pixel or by bilinear interpolation.

use super::Alignment;
use crate::cuda::cuda_fwd;
use crate::error::{check_size, image_dims};
use crate::parallel::*;
use crate::storage::{Element, for_float, slice, with_scratch};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

/// Resizes a batch of images by the nearest pixel: `ys[y, x] = xs[y * h / oh, x * w / ow]`, rounded
/// down, as PyTorch's mode `nearest`.
///
/// The indices are whole-number quotients; PyTorch's come from an f32 factor, which at some sizes
/// lands one pixel beside.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: `(n, c, oh, ow)`, where `size` is `[oh, ow]`; smaller than `xs` too
///
/// # Errors
/// A size of zero.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// let xs = Tensor::new(&[[[[1f32, 2.]]]], &Device::Cpu)?;
/// let ys = micrograph_ops::upsample_nearest2d(&xs, [1, 5])?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [1., 1., 1., 2., 2.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn upsample_nearest2d(xs: &Tensor, size: [usize; 2]) -> Result<Tensor> {
    upsample(xs, size, "upsample_nearest2d", nearest)
}

/// Of numbers of input and output lines, the tap of an output line.
pub(super) fn nearest(inputs: usize, outputs: usize, output: usize) -> Tap {
    let first = (output as u128 * inputs as u128 / outputs as u128) as usize;
    Tap { first, second: first, weight: 0.0 }
}

/// Resizes a batch of images by bilinear interpolation, as PyTorch's mode `bilinear`.
///
/// Output row `y` is read at row `(y + 1/2) * h / oh - 1/2`, at least 0, when edges are aligned, and
/// at `y * (h - 1) / (oh - 1)` when centers are. Nothing is smoothed before an image is made
/// smaller.
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
/// use micrograph_ops::{Alignment, upsample_bilinear2d};
/// let xs = Tensor::new(&[[[[0f32, 4.]]]], &Device::Cpu)?;
/// let ys = upsample_bilinear2d(&xs, [1, 4], Alignment::Edges)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [0., 1., 3., 4.]);
/// let ys = upsample_bilinear2d(&xs, [1, 5], Alignment::Centers)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [0., 1., 2., 3., 4.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn upsample_bilinear2d(xs: &Tensor, size: [usize; 2], alignment: Alignment) -> Result<Tensor> {
    upsample(xs, size, "upsample_bilinear2d", bilinear(alignment))
}

/// As [`nearest`].
pub(super) fn bilinear(alignment: Alignment) -> impl Fn(usize, usize, usize) -> Tap {
    move |inputs, outputs, output| {
        let at = match alignment {
            Alignment::Edges => {
                ((output as f64 + 0.5) * (inputs as f64 / outputs as f64) - 0.5).max(0.0)
            }
            Alignment::Centers if outputs == 1 => 0.0,
            Alignment::Centers => output as f64 * ((inputs - 1) as f64 / (outputs - 1) as f64),
        };
        let first = (at as usize).min(inputs - 1);
        Tap { first, second: (first + 1).min(inputs - 1), weight: at - first as f64 }
    }
}

fn upsample(
    xs: &Tensor,
    size: [usize; 2],
    name: &'static str,
    tap: impl Fn(usize, usize, usize) -> Tap,
) -> Result<Tensor> {
    let [n, c, h, w] = image_dims(name, xs)?;
    check_size(name, [n, c], size)?;
    xs.contiguous()?.apply_op1(Upsample::new(name, [h, w], size, tap))
}

/// The two input lines that an output line is between, and the share of the second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tap {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) weight: f64,
}

impl Tap {
    /// The value between; the second counts for nothing without weight, even where it is infinite.
    fn blend<T: Element>(self, first: T, second: T) -> T {
        if self.weight == 0.0 {
            return first;
        }
        let weight = T::from_f64(self.weight);
        (T::one() - weight) * first + weight * second
    }

    /// What of a gradient goes to the first and to the second.
    fn share<T: Element>(self, grad: T) -> [T; 2] {
        let second = T::from_f64(self.weight) * grad;
        [grad - second, second]
    }
}

#[derive(Clone)]
pub(super) struct Upsample {
    pub(super) name: &'static str,
    pub(super) size: [usize; 2],
    pub(super) rows: Vec<Tap>,
    pub(super) cols: Vec<Tap>,
}

impl CustomOp1 for Upsample {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let [rows, cols] = [self.rows.len(), self.cols.len()];
        for_float!(storage.dtype(), self.name, T => {
            let xs = slice::<T>(self.name, storage, layout)?;
            let mut ys = vec![0.0; n * c * rows * cols];
            let planes = ys.par_chunks_exact_mut(rows * cols).zip(xs.par_chunks_exact(h * w));
            planes.for_each(|(ys, xs)| self.enlarge(xs, ys));
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, rows, cols))))
        })
    }

    cuda_fwd!(xs layout);

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        grad.contiguous()?.apply_op1_no_bwd(&UpsampleBackward(self.clone())).map(Some)
    }
}

impl Upsample {
    pub(super) fn new(
        name: &'static str,
        size: [usize; 2],
        out_size: [usize; 2],
        tap: impl Fn(usize, usize, usize) -> Tap,
    ) -> Self {
        let taps = |axis: usize| {
            let (inputs, outputs) = (size[axis], out_size[axis]);
            (0..outputs).map(|output| tap(inputs, outputs, output)).collect()
        };
        Self { name, size, rows: taps(0), cols: taps(1) }
    }

    /// One plane: each row between two, then each pixel of it.
    fn enlarge<T: Element>(&self, xs: &[T], ys: &mut [T]) {
        let width = self.size[1];
        with_scratch(width, |between| {
            for (row, ys) in self.rows.iter().zip(ys.chunks_exact_mut(self.cols.len())) {
                let [first, second] = [row.first, row.second].map(|y| &xs[y * width..][..width]);
                for (x, (&a, &b)) in between.iter_mut().zip(first.iter().zip(second)) {
                    *x = row.blend(a, b);
                }
                for (y, col) in ys.iter_mut().zip(&self.cols) {
                    *y = col.blend(between[col.first], between[col.second]);
                }
            }
        });
    }

    /// The adjoint of `enlarge`, added to `out`.
    fn gather<T: Element>(&self, grad: &[T], out: &mut [T]) {
        let width = self.size[1];
        with_scratch(width, |between| {
            for (row, grad) in self.rows.iter().zip(grad.chunks_exact(self.cols.len())) {
                between.fill(T::zero());
                for (&g, col) in grad.iter().zip(&self.cols) {
                    let [first, second] = col.share(g);
                    between[col.first] += first;
                    between[col.second] += second;
                }
                for (x, &g) in between.iter().enumerate() {
                    let [first, second] = row.share(g);
                    out[row.first * width + x] += first;
                    out[row.second * width + x] += second;
                }
            }
        });
    }
}

pub(super) struct UpsampleBackward(pub(super) Upsample);

impl CustomOp1 for UpsampleBackward {
    fn name(&self) -> &'static str {
        "upsample2d_backward"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, rows, cols) = layout.shape().dims4()?;
        let [h, w] = self.0.size;
        for_float!(storage.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), storage, layout)?;
            let mut out = vec![0.0; n * c * h * w];
            let planes = out.par_chunks_exact_mut(h * w).zip(grad.par_chunks_exact(rows * cols));
            planes.for_each(|(out, grad)| self.0.gather(grad, out));
            Ok((T::to_cpu_storage_owned(out), Shape::from((n, c, h, w))))
        })
    }

    cuda_fwd!(grad layout);
}
