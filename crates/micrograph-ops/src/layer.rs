//! The frame of operations on `xs`, a weight, and perhaps a bias.

#[cfg(feature = "cuda")]
use crate::cuda::Stored;
use crate::error::{same_dtype, unexpected_shape};
use crate::storage::{for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

/// An operation with known sizes.
pub(crate) trait Layer: Send + Sync + 'static {
    const NAME: &'static str;

    fn ys_shape(&self) -> Shape;

    /// The forward pass on a CUDA device: `xs`, the weight, and perhaps the bias, contiguous.
    #[cfg(feature = "cuda")]
    fn on_cuda(&self, operands: &[Stored<'_>]) -> Result<candle::CudaStorage>;

    /// The gradients from `[xs, weight, ys, gradient of ys]`; those that nobody wants may be `None`.
    fn gradients(&self, tensors: [&Tensor; 4], wanted: Wanted) -> Result<[Option<Tensor>; 3]>;
}

/// The forward pass of a layer.
pub(crate) trait Forward<T>: Layer {
    fn forward(&self, xs: &[T], weight: &[T], bias: Option<&[T]>) -> Result<Vec<T>>;
}

/// The gradients that somebody wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) xs: bool,
    pub(crate) weight: bool,
    pub(crate) bias: bool,
}

/// The layer's outputs, as a tensor that takes part in `backward`.
pub(crate) fn apply<L: Forward<f32> + Forward<f64>>(
    layer: L,
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor> {
    let (xs, weight) = (xs.contiguous()?, weight.contiguous()?);
    match bias {
        None => xs.apply_op2(&weight, Applied(layer)),
        Some(bias) => xs.apply_op3(&weight, &bias.contiguous()?, Applied(layer)),
    }
}

/// [`apply`] without bias and outside of any graph, to contiguous tensors.
pub(crate) fn apply_no_bwd<L: Forward<f32> + Forward<f64>>(
    layer: L,
    xs: &Tensor,
    weight: &Tensor,
) -> Result<Tensor> {
    xs.apply_op2_no_bwd(weight, &Applied(layer))
}

/// Refuses a bias that has not one number of the type of `xs` for each output.
pub(crate) fn check_bias(
    op: &'static str,
    xs: &Tensor,
    bias: Option<&Tensor>,
    outputs: usize,
) -> Result<()> {
    let Some(bias) = bias else { return Ok(()) };
    same_dtype(op, xs, bias)?;
    if bias.dims() == [outputs] {
        return Ok(());
    }
    let message = format!("the bias must have one number for each of {outputs} outputs");
    Err(unexpected_shape(op, message, outputs, bias.shape()))
}

struct Applied<L>(L);

type OnCpu<'a> = (&'a CpuStorage, &'a Layout);

impl<L: Forward<f32> + Forward<f64>> Applied<L> {
    fn forward(
        &self,
        xs: OnCpu<'_>,
        weight: OnCpu<'_>,
        bias: Option<OnCpu<'_>>,
    ) -> Result<(CpuStorage, Shape)> {
        for_float!(xs.0.dtype(), L::NAME, T => {
            let elements = |(storage, layout)| slice::<T>(L::NAME, storage, layout);
            let bias = bias.map(elements).transpose()?;
            let ys = self.0.forward(elements(xs)?, elements(weight)?, bias)?;
            Ok((T::to_cpu_storage_owned(ys), self.0.ys_shape()))
        })
    }
}

impl<L: Forward<f32> + Forward<f64>> CustomOp2 for Applied<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.forward((xs, xs_layout), (weight, weight_layout), None)
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        xs: &candle::CudaStorage,
        xs_layout: &Layout,
        weight: &candle::CudaStorage,
        weight_layout: &Layout,
    ) -> Result<(candle::CudaStorage, Shape)> {
        let operands = [(xs, xs_layout), (weight, weight_layout)];
        Ok((self.0.on_cuda(&operands)?, self.0.ys_shape()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        ys: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let wanted = Wanted { xs: xs.track_op(), weight: weight.track_op(), bias: false };
        let tensors = [xs, weight, ys, &grad.contiguous()?];
        let [grad_xs, grad_weight, _] = self.0.gradients(tensors, wanted)?;
        Ok((grad_xs, grad_weight))
    }
}

impl<L: Forward<f32> + Forward<f64>> CustomOp3 for Applied<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.forward((xs, xs_layout), (weight, weight_layout), Some((bias, bias_layout)))
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        xs: &candle::CudaStorage,
        xs_layout: &Layout,
        weight: &candle::CudaStorage,
        weight_layout: &Layout,
        bias: &candle::CudaStorage,
        bias_layout: &Layout,
    ) -> Result<(candle::CudaStorage, Shape)> {
        let operands = [(xs, xs_layout), (weight, weight_layout), (bias, bias_layout)];
        Ok((self.0.on_cuda(&operands)?, self.0.ys_shape()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        ys: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let wanted = Wanted { xs: xs.track_op(), weight: weight.track_op(), bias: bias.track_op() };
        let tensors = [xs, weight, ys, &grad.contiguous()?];
        let [grad_xs, grad_weight, grad_bias] = self.0.gradients(tensors, wanted)?;
        Ok((grad_xs, grad_weight, grad_bias))
    }
}
