//! The passes by cuDNN, by algorithms that give the same bits each time.

use crate::conv2d::plan::Plan;
use crate::conv2d::{Activation, NAME};
use crate::cuda::{Stored, change};
use crate::device_sum::shift_channels;
use crate::error::invalid;
use crate::window::positions;
use candle::backend::BackendStorage;
use candle::cuda_backend::cudarc::cudnn::sys::{
    cudnnConvolutionBwdDataAlgo_t as DataAlgorithm,
    cudnnConvolutionBwdFilterAlgo_t as FilterAlgorithm,
    cudnnConvolutionFwdAlgo_t as ForwardAlgorithm, cudnnConvolutionMode_t as Mode,
    cudnnMathType_t as MathType, cudnnTensorFormat_t as Format,
};
use candle::cuda_backend::cudarc::cudnn::{
    ConvBackwardData, ConvBackwardFilter, ConvDescriptor, ConvForward, Cudnn, CudnnDataType,
    CudnnError, FilterDescriptor, TensorDescriptor,
};
use candle::cuda_backend::cudarc::driver::{CudaSlice, CudaView, DeviceRepr};
use candle::cuda_backend::{CudaDType, CudaDevice, CudaStorageSlice, DeviceId};
use candle::{CudaStorage, DType, Result, Shape, WithDType};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Which of the three passes.
#[derive(Clone, Copy)]
enum Pass {
    Outputs,
    Inputs,
    Weight,
}

/// The forward pass of `xs`, the weight, and perhaps the bias; `None` where cuDNN has none.
pub(super) fn outputs(plan: &Plan, operands: &[Stored<'_>]) -> Result<Option<CudaStorage>> {
    let Some(ys) = pass(Pass::Outputs, plan, operands)? else { return Ok(None) };
    let rectified = plan.config.activation == Activation::Relu;
    shifted(ys, operands.get(2), plan.ys_shape(), rectified).map(Some)
}

/// From gradients of the outputs, the weight, and perhaps a bias of the inputs to the inputs.
pub(super) fn inputs(plan: &Plan, operands: &[Stored<'_>]) -> Result<Option<CudaStorage>> {
    let Some(xs) = pass(Pass::Inputs, plan, operands)? else { return Ok(None) };
    shifted(xs, operands.get(2), plan.xs_shape(), false).map(Some)
}

/// From `xs` and gradients of the outputs to the weight.
pub(super) fn weight(plan: &Plan, operands: &[Stored<'_>]) -> Result<Option<CudaStorage>> {
    pass(Pass::Weight, plan, operands)
}

/// Adds a bias and rectifies, in place.
fn shifted(
    mut ys: CudaStorage,
    bias: Option<&Stored<'_>>,
    shape: Shape,
    rectified: bool,
) -> Result<CudaStorage> {
    if bias.is_some() || rectified {
        let program = shift_channels(NAME, ys.dtype(), &shape, bias.is_some(), rectified)?;
        let operands: Vec<_> = bias.copied().into_iter().collect();
        change(&program, &mut ys, &operands)?;
    }
    Ok(ys)
}

/// cuDNN pads both sides alike. Other paddings, sizes beyond 32 bits, and what the installed version
/// refuses go to the kernels of this crate, which have their own word on what is too large.
fn suits(plan: &Plan) -> bool {
    let config = &plan.config;
    (0..2).all(|axis| {
        let before = config.padding.axes()[axis][0];
        let extent = (plan.kernel[axis] - 1) * config.dilation[axis] + 1;
        let made = positions(plan.size[axis], [before; 2], extent, config.stride[axis]);
        made == Some(plan.out_size[axis])
    })
}

fn pass(pass: Pass, plan: &Plan, operands: &[Stored<'_>]) -> Result<Option<CudaStorage>> {
    if !suits(plan) {
        return Ok(None);
    }
    let ((a, a_layout), (b, b_layout)) = (operands[0], operands[1]);
    let starts = (a_layout.start_offset(), b_layout.start_offset());
    macro_rules! computed {
        ($a:expr, $b:expr, $compute:ty) => {
            computed::<_, $compute>(
                pass,
                plan,
                &a.device,
                [$a.slice(starts.0..), $b.slice(starts.1..)],
            )
        };
    }
    // Products of bf16 and f16 are summed in f32.
    match (&a.slice, &b.slice) {
        (CudaStorageSlice::F32(a), CudaStorageSlice::F32(b)) => computed!(a, b, f32),
        (CudaStorageSlice::F64(a), CudaStorageSlice::F64(b)) => computed!(a, b, f64),
        (CudaStorageSlice::BF16(a), CudaStorageSlice::BF16(b)) => computed!(a, b, f32),
        (CudaStorageSlice::F16(a), CudaStorageSlice::F16(b)) => computed!(a, b, f32),
        _ => Ok(None),
    }
}

struct Descriptors<T, C> {
    convolution: ConvDescriptor<C>,
    xs: TensorDescriptor<T>,
    weight: FilterDescriptor<T>,
    ys: TensorDescriptor<T>,
}

impl<T: CudnnDataType + WithDType, C: CudnnDataType> Descriptors<T, C> {
    fn new(cudnn: &Arc<Cudnn>, plan: &Plan) -> Result<Self> {
        let config = &plan.config;
        let pair = |[a, b]: [usize; 2]| -> Result<[i32; 2]> { Ok([number(a)?, number(b)?]) };
        let before = config.padding.axes().map(|[before, _]| before);
        let mut convolution = cudnn.create_conv2d::<C>(
            pair(before)?,
            pair(config.stride)?,
            pair(config.dilation)?,
            Mode::CUDNN_CROSS_CORRELATION,
        )?;
        convolution.set_group_count(number(config.groups)?)?;
        // f32 is f32, without the shorter products of TF32.
        convolution.set_math_type(match T::DTYPE {
            DType::F32 | DType::F64 => MathType::CUDNN_FMA_MATH,
            _ => MathType::CUDNN_TENSOR_OP_MATH,
        })?;
        let format = Format::CUDNN_TENSOR_NCHW;
        let four = |shape: Shape| -> Result<[i32; 4]> {
            let (a, b, c, d) = shape.dims4()?;
            Ok([number(a)?, number(b)?, number(c)?, number(d)?])
        };
        Ok(Self {
            convolution,
            xs: cudnn.create_4d_tensor::<T>(format, four(plan.xs_shape())?)?,
            weight: cudnn.create_4d_filter::<T>(format, four(plan.weight_shape())?)?,
            ys: cudnn.create_4d_tensor::<T>(format, four(plan.ys_shape())?)?,
        })
    }
}

/// A size as cuDNN takes it.
fn number(size: usize) -> Result<i32> {
    i32::try_from(size).map_err(|_| invalid(NAME, format!("size {size} is too large for cuDNN")))
}

/// `None` where cuDNN cannot describe these sizes, or does not have the algorithm for them. Memory
/// that runs out is an error: another way for it would give other bits on another day.
fn computed<T, C>(
    pass: Pass,
    plan: &Plan,
    device: &CudaDevice,
    [a, b]: [CudaView<'_, T>; 2],
) -> Result<Option<CudaStorage>>
where
    T: CudnnDataType + CudaDType + DeviceRepr + WithDType,
    C: CudnnDataType,
{
    let cudnn = handle(device)?;
    let Ok(descriptors) = Descriptors::<T, C>::new(&cudnn, plan) else { return Ok(None) };
    let Descriptors { convolution, xs, weight, ys } = &descriptors;
    let scale = (T::from_f64(1.0), T::from_f64(0.0));
    let shape = match pass {
        Pass::Outputs => plan.ys_shape(),
        Pass::Inputs => plan.xs_shape(),
        Pass::Weight => plan.weight_shape(),
    };
    // SAFETY: the pass writes all of it.
    let mut made: CudaSlice<T> = unsafe { device.alloc(shape.elem_count()) }?;
    macro_rules! launch {
        ($op:expr, $algorithm:expr, $($argument:expr),+) => {{
            let (op, algorithm) = ($op, $algorithm);
            let Ok(bytes) = op.get_workspace_size(algorithm) else { return Ok(None) };
            // SAFETY: cuDNN reads of its workspace what it has written.
            let mut workspace: CudaSlice<u8> = unsafe { device.alloc(bytes.max(1)) }?;
            // SAFETY: the descriptors have the sizes of the operands, which are contiguous.
            match unsafe { op.launch(algorithm, Some(&mut workspace), scale, $($argument),+) } {
                Err(error) if is_refusal(error) => return Ok(None),
                launched => launched?,
            }
        }};
    }
    match pass {
        Pass::Outputs => launch!(
            ConvForward { conv: convolution, x: xs, w: weight, y: ys },
            ForwardAlgorithm::CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
            &a,
            &b,
            &mut made
        ),
        Pass::Inputs => launch!(
            ConvBackwardData { conv: convolution, dx: xs, w: weight, dy: ys },
            DataAlgorithm::CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,
            &mut made,
            &b,
            &a
        ),
        Pass::Weight => launch!(
            ConvBackwardFilter { conv: convolution, x: xs, dw: weight, dy: ys },
            FilterAlgorithm::CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
            &a,
            &mut made,
            &b
        ),
    }
    Ok(Some(CudaStorage::wrap_cuda_slice(made, device.clone())))
}

/// Whether cuDNN does not do this at all, rather than failed to: by the numbers of its versions 8
/// (`BAD_PARAM`, `ARCH_MISMATCH`, `NOT_SUPPORTED`) and 9 (those that begin with 2 and 3).
fn is_refusal(error: CudnnError) -> bool {
    matches!(error.0 as u32, 3 | 6 | 9 | 2000..=3999)
}

/// The handle of this thread: it must not go to another one.
fn handle(device: &CudaDevice) -> Result<Arc<Cudnn>> {
    thread_local! {
        static HANDLES: RefCell<HashMap<DeviceId, Arc<Cudnn>>> = RefCell::default();
    }
    HANDLES.with_borrow_mut(|handles| {
        if let Some(cudnn) = handles.get(&device.id()) {
            return Ok(cudnn.clone());
        }
        let cudnn = Cudnn::new(device.cuda_stream())?;
        handles.insert(device.id(), cudnn.clone());
        Ok(cudnn)
    })
}
