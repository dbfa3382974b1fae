//! Unpooling: pixels go back to where the maxima were.

use super::max::{Pick, PutBack};
use crate::error::{check_size, image_dims, unexpected_shape};
use crate::storage::slice;
use candle::{CpuStorage, CustomOp2, DType, Error, Layout, Result, Shape, Tensor};

const NAME: &str = "max_unpool2d";

/// Puts each pixel at the place that its index names in a larger plane, and zero elsewhere: with
/// the indices of [`max_pool2d_with_indices`](crate::max_pool2d_with_indices), what deconvolution
/// networks and SegNet do instead of upsampling.
///
/// Pixels whose indices are equal, from windows that overlap, are added, so that the operation is
/// the adjoint of the pooling (PyTorch keeps any one of them). Without overlap it is PyTorch's
/// `max_unpool2d`.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `indices`: the same, u32: `y * ow + x` in the plane of the result
/// - returns: `(n, c, oh, ow)`, where `size` is `[oh, ow]`; only `xs` has a gradient
///
/// # Errors
/// Shapes or types that do not agree; a size of zero; an index of `oh * ow` or more.
///
/// # Source
/// Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{Pool2dConfig, max_pool2d_with_indices, max_unpool2d};
/// let xs = Tensor::new(&[[[[1f32, 5., 2., 2.], [7., 3., 2., 4.]]]], &Device::Cpu)?;
/// let (ys, indices) = max_pool2d_with_indices(&xs, &Pool2dConfig::square(2))?;
/// let back = max_unpool2d(&ys, &indices, [2, 4])?;
/// assert_eq!(back.squeeze(0)?.to_vec3::<f32>()?, [[[0., 0., 0., 0.], [7., 0., 0., 4.]]]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn max_unpool2d(xs: &Tensor, indices: &Tensor, size: [usize; 2]) -> Result<Tensor> {
    let [n, c, ..] = image_dims(NAME, xs)?;
    check_size(NAME, [n, c], size)?;
    if indices.dtype() != DType::U32 {
        let (expected, got) = (DType::U32, indices.dtype());
        let msg = "max_unpool2d: indices are those of max_pool2d_with_indices";
        return Err(Error::UnexpectedDType { msg, expected, got }.bt());
    }
    if indices.shape() != xs.shape() {
        let message = "there must be one index for each pixel of xs";
        return Err(unexpected_shape(NAME, message, xs.shape(), indices.shape()));
    }
    let op = Unpool { shape: Shape::from((n, c, size[0], size[1])) };
    xs.contiguous()?.apply_op2(&indices.contiguous()?, op)
}

/// What a device finds out about indices.
#[cfg(any(feature = "cuda", test))]
pub(super) struct LargestIndex;

struct Unpool {
    shape: Shape,
}

impl CustomOp2 for Unpool {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        indices: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.check(slice::<u32>(NAME, indices, layout)?.iter().max().copied())?;
        PutBack { shape: self.shape.clone(), windows: None }.cpu_fwd(xs, xs_layout, indices, layout)
    }

    /// Waits for the largest index: an index beyond the plane would write elsewhere.
    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        xs: &candle::CudaStorage,
        xs_layout: &Layout,
        indices: &candle::CudaStorage,
        layout: &Layout,
    ) -> Result<(candle::CudaStorage, Shape)> {
        let (largest, _) = crate::cuda::forward(&LargestIndex, &[(indices, layout)])?;
        self.check(crate::cuda::numbers::<u32>(&largest)?.first().copied())?;
        let op = PutBack { shape: self.shape.clone(), windows: None };
        crate::cuda::forward(&op, &[(xs, xs_layout), (indices, layout)])
    }

    fn bwd(
        &self,
        _: &Tensor,
        indices: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(grad.contiguous()?.apply_op2_no_bwd(indices, &Pick { windows: None })?), None))
    }
}

impl Unpool {
    /// Refuses a largest index outside of the planes.
    fn check(&self, largest: Option<u32>) -> Result<()> {
        let size: usize = self.shape.dims()[2..].iter().product();
        let index = largest.unwrap_or(0) as usize;
        if index >= size {
            return Err(Error::InvalidIndex { op: NAME, index, size }.bt());
        }
        Ok(())
    }
}
