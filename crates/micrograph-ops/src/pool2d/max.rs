//! The largest pixel of each window, and where it was.

use super::{Plan, Pool2dConfig, pairs};
use crate::cuda::cuda_fwd;
use crate::error::invalid;
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};
use std::ops::Range;

const NAME: &str = "max_pool2d";

/// The largest pixel of each window.
///
/// The whole gradient of a window goes to the pixel that won it. Of equal pixels the first wins, in
/// reading order, and NaN wins over all numbers (the first NaN), so that it is never hidden.
/// Padding never wins. The result has `(h + top + bottom - kernel) / stride + 1` rows, rounded as
/// configured.
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
/// use candle::{Device, Var};
/// use micrograph_ops::{Pool2dConfig, max_pool2d};
/// let xs = Var::new(&[[[[1f32, 5., 2.], [7., 3., 2.]]]], &Device::Cpu)?;
/// let config = Pool2dConfig { kernel: [1, 2], stride: [1, 1], ..Pool2dConfig::square(1) };
/// let ys = max_pool2d(&xs, &config)?;
/// assert_eq!(ys.squeeze(0)?.to_vec3::<f32>()?, [[[5., 5.], [7., 3.]]]);
/// let gradient = ys.backward()?.get(&xs).unwrap().squeeze(0)?.to_vec3::<f32>()?;
/// assert_eq!(gradient, [[[0., 2., 0.], [1., 1., 0.]]]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn max_pool2d(xs: &Tensor, config: &Pool2dConfig) -> Result<Tensor> {
    let plan = Plan::new(NAME, xs, config)?;
    if pairs::fits(&plan) {
        return xs.contiguous()?.apply_op1(pairs::MaxPool2x2 { size: plan.size });
    }
    Ok(max_pool2d_with_indices(xs, config)?.0)
}

/// [`max_pool2d`], with the place of each winner: `y * w + x` in its plane, u32.
///
/// The indices are the switches of deconvolution networks and of SegNet; they carry no gradient.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`
/// - returns: two tensors of `(n, c, oh, ow)`
///
/// # Errors
/// Those of [`max_pool2d`]; planes of 2^32 pixels and more.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{Pool2dConfig, max_pool2d_with_indices};
/// let xs = Tensor::new(&[[[[1f32, 5., 2., 2.], [7., 3., 2., 2.]]]], &Device::Cpu)?;
/// let (ys, indices) = max_pool2d_with_indices(&xs, &Pool2dConfig::square(2))?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [7., 2.]);
/// assert_eq!(indices.flatten_all()?.to_vec1::<u32>()?, [4, 2]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn max_pool2d_with_indices(xs: &Tensor, config: &Pool2dConfig) -> Result<(Tensor, Tensor)> {
    let plan = Plan::new(NAME, xs, config)?;
    if u32::try_from(plan.plane()).is_err() {
        let [h, w] = plan.size;
        return Err(invalid(NAME, format!("planes of {h}x{w} pixels are too large; cut tiles")));
    }
    let xs = xs.contiguous()?;
    let indices = xs.apply_op1_no_bwd(&ArgMax { plan })?;
    let maxima = xs.apply_op2(&indices, Pick { windows: Some(plan) })?;
    Ok((maxima, indices))
}

/// The index of the largest pixel of each window.
pub(super) struct ArgMax {
    pub(super) plan: Plan,
}

impl CustomOp1 for ArgMax {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, _, _) = layout.shape().dims4()?;
        let [rows, cols] = self.plan.out_size;
        for_float!(storage.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, storage, layout)?;
            let mut indices = vec![0_u32; n * c * rows * cols];
            let planes = xs.par_chunks_exact(self.plan.plane());
            indices.par_chunks_exact_mut(self.plan.out_plane()).zip(planes).for_each(
                |(indices, plane)| {
                    for (index, (rows, cols)) in indices.iter_mut().zip(self.plan.windows()) {
                        *index = arg_max(plane, self.plan.size[1], rows, cols) as u32;
                    }
                },
            );
            Ok((CpuStorage::U32(indices), Shape::from((n, c, rows, cols))))
        })
    }

    cuda_fwd!(xs layout);
}

/// The index of the largest pixel of one window.
fn arg_max<T: Element>(plane: &[T], width: usize, rows: Range<usize>, cols: Range<usize>) -> usize {
    let mut best = rows.start * width + cols.start;
    let mut maximum = plane[best];
    for y in rows {
        let first = y * width + cols.start;
        for (offset, &x) in plane[first..][..cols.len()].iter().enumerate() {
            if x > maximum || (x.is_nan() && !maximum.is_nan()) {
                (best, maximum) = (first + offset, x);
            }
        }
    }
    best
}

/// The pixels at given indices of each plane, `xs[n, c, indices[n, c, ..]]`. The gradient of each
/// goes back to its place.
pub(super) struct Pick {
    /// Those whose winners the indices are.
    pub(super) windows: Option<Plan>,
}

impl CustomOp2 for Pick {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        indices: &CpuStorage,
        indices_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (plane, out_plane) = (plane_of(xs_layout)?, plane_of(indices_layout)?);
        let indices = slice::<u32>(NAME, indices, indices_layout)?;
        for_float!(xs.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, xs, xs_layout)?;
            let mut ys = vec![0.0; indices.len()];
            let inputs = indices.par_chunks_exact(out_plane).zip(xs.par_chunks_exact(plane));
            ys.par_chunks_exact_mut(out_plane).zip(inputs).for_each(|(ys, (indices, xs))| {
                ys.iter_mut().zip(indices).for_each(|(y, &index)| *y = xs[index as usize]);
            });
            Ok((T::to_cpu_storage_owned(ys), indices_layout.shape().clone()))
        })
    }

    cuda_fwd!(xs xs_layout, indices indices_layout);

    fn bwd(
        &self,
        xs: &Tensor,
        indices: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let shape = xs.shape().clone();
        let op = PutBack { shape, windows: self.windows };
        let grad_xs = grad.contiguous()?.apply_op2_no_bwd(indices, &op)?;
        Ok((Some(grad_xs), None))
    }
}

/// The adjoint of [`Pick`]: adds each gradient to the pixel at its index, in planes of `shape`.
#[derive(Debug, Clone)]
pub(super) struct PutBack {
    pub(super) shape: Shape,
    /// Those whose winners the indices are: a device then finds them without sorting.
    #[cfg_attr(not(any(feature = "cuda", test)), expect(dead_code, reason = "for devices alone"))]
    pub(super) windows: Option<Plan>,
}

impl CustomOp2 for PutBack {
    fn name(&self) -> &'static str {
        "max_pool2d_backward"
    }

    fn cpu_fwd(
        &self,
        grad: &CpuStorage,
        grad_layout: &Layout,
        indices: &CpuStorage,
        indices_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let plane: usize = self.shape.dims()[2..].iter().product();
        let out_plane = plane_of(indices_layout)?;
        let indices = slice::<u32>(self.name(), indices, indices_layout)?;
        for_float!(grad.dtype(), self.name(), T => {
            let grad = slice::<T>(self.name(), grad, grad_layout)?;
            let mut out = vec![0.0; self.shape.elem_count()];
            let inputs = indices.par_chunks_exact(out_plane).zip(grad.par_chunks_exact(out_plane));
            out.par_chunks_exact_mut(plane).zip(inputs).for_each(|(out, (indices, grad))| {
                indices.iter().zip(grad).for_each(|(&index, &g)| out[index as usize] += g);
            });
            Ok((T::to_cpu_storage_owned(out), self.shape.clone()))
        })
    }

    cuda_fwd!(grad grad_layout, indices indices_layout);
}

/// Pixels of one plane of `(n, c, h, w)`.
fn plane_of(layout: &Layout) -> Result<usize> {
    let (_, _, h, w) = layout.shape().dims4()?;
    Ok(h * w)
}
