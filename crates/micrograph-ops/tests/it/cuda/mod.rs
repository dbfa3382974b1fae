//! The operations on a CUDA device beside those on the CPU: forward and all gradients. Without a
//! device the tests say that they are skipped.

mod losses;
mod operations;
mod optimizers;
mod views;

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    Activation, AdaDeltaStep, AdaGradStep, AdamConfig, Algorithm, Alignment, Border,
    ChannelStatistics, Conv2dConfig, ConvTranspose2dConfig, CrossEntropyConfig, ErrorWeights,
    FtrlStep, GridSampleConfig, Interpolation, LabelSmoothing, Margins, Momentum, NadamStep,
    OverlapConfig, Padding, Pool2dConfig, RandomKey, RmsPropStep, Rounding, SgdStep,
    ada_delta_step, ada_grad_step, adam_step, adaptive_avg_pool2d, affine_grid, ams_grad_step,
    avg_pool2d, batch_norm2d, batch_norm2d_eval, bce_with_logits, conv_transpose2d, conv2d,
    conv2d_max_pool2d, crop_or_pad, dice_loss, dropout, ftrl_step, gaussian_noise,
    global_avg_pool2d, grid_sample, linear, max_pool2d, max_pool2d_with_indices, max_unpool2d,
    nadam_step, relu, reverse_gradient, rms_prop_step, sgd_step, softmax, softmax_cross_entropy,
    softmax_cross_entropy_weighted, spatial_dropout, tversky_loss, upsample_bilinear2d,
    upsample_nearest2d,
};

fn device(test: &str) -> Option<Device> {
    match Device::new_cuda_with_stream(0) {
        Ok(device) => Some(device),
        Err(error) => {
            micrograph_testkit::skip(test, &format!("no CUDA device: {error}"));
            None
        }
    }
}

/// Numbers in `-2..2`, some of them equal, the same on each device.
fn drawn(seed: u64, shape: &[usize]) -> Tensor {
    let zeros = Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros");
    let noise = gaussian_noise(&zeros, 1.0, RandomKey { seed, stream: 0 }).expect("noise");
    let steps = (noise * 16.0).and_then(|x| x.round()).expect("steps");
    (steps / 16.0).and_then(|x| x.clamp(-2.0, 2.0)).expect("numbers")
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten_all().and_then(|flat| flat.to_dtype(DType::F64));
    flat.and_then(|flat| flat.to_vec1()).expect("numbers")
}

/// The value of `f` and the gradients of its weighted sum by all arguments.
fn with_gradients(
    f: &dyn Fn(&[&Tensor]) -> Result<Tensor>,
    args: &[Tensor],
    dtype: DType,
    device: &Device,
) -> Result<Vec<Vec<f64>>> {
    let var = |arg: &Tensor| Var::from_tensor(&arg.to_dtype(dtype)?.to_device(device)?);
    let vars: Vec<_> = args.iter().map(var).collect::<Result<_>>()?;
    let tensors: Vec<_> = vars.iter().map(Var::as_tensor).collect();
    let value = f(&tensors)?;
    let weights = drawn(99, value.dims()).to_dtype(dtype)?.to_device(device)?;
    let gradients = (&value * weights)?.sum_all()?.backward()?;
    let mut results = vec![numbers(&value)];
    results.extend(vars.iter().filter_map(|var| gradients.get(var)).map(numbers));
    Ok(results)
}

/// Compares the devices in f32 and f64, within `factor` times epsilon of the largest number, and
/// two runs of the CUDA device by their bits.
fn twins(
    device: &Device,
    what: &str,
    args: &[Tensor],
    factor: f64,
    f: impl Fn(&[&Tensor]) -> Result<Tensor>,
) {
    for dtype in [DType::F32, DType::F64] {
        twins_in(device, (what, dtype), args, factor, &f);
    }
}

/// The same of what is computed in f64 on both sides: in f32 the last rounding may be another.
fn twins_of_f64(
    device: &Device,
    what: &str,
    args: &[Tensor],
    factor: f64,
    f: impl Fn(&[&Tensor]) -> Result<Tensor>,
) {
    twins_in(device, (what, DType::F32), args, 2.0, &f);
    twins_in(device, (what, DType::F64), args, factor, &f);
}

/// Compares bf16 and f16 on the CUDA device with f32 on the CPU; all numbers of `args` are exact in
/// all three.
fn narrow_twins(
    device: &Device,
    what: &str,
    args: &[Tensor],
    factor: f64,
    f: impl Fn(&[&Tensor]) -> Result<Tensor>,
) {
    for dtype in [DType::BF16, DType::F16] {
        twins_in(device, (what, dtype), args, factor, &f);
    }
}

fn twins_in(
    device: &Device,
    (what, dtype): (&str, DType),
    args: &[Tensor],
    factor: f64,
    f: &dyn Fn(&[&Tensor]) -> Result<Tensor>,
) {
    let (epsilon, on_cpu) = match dtype {
        DType::F64 => (f64::EPSILON, DType::F64),
        DType::BF16 => (2_f64.powi(-8), DType::F32),
        DType::F16 => (2_f64.powi(-11), DType::F32),
        _ => (f64::from(f32::EPSILON), DType::F32),
    };
    let cpu = with_gradients(f, args, on_cpu, &Device::Cpu).expect(what);
    let run = || with_gradients(f, args, dtype, device).expect(what);
    let (cuda, again) = (run(), run());
    let bits = |all: &[Vec<f64>]| all.concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&cuda), bits(&again), "{what}: two runs");
    assert_eq!(cpu.len(), cuda.len(), "{what}: gradients");
    for (cpu, cuda) in cpu.iter().zip(&cuda) {
        let finite = cpu.iter().filter(|x| x.is_finite());
        let largest = finite.fold(0.0, |largest: f64, x| largest.max(x.abs()));
        for (i, (c, d)) in cpu.iter().zip(cuda).enumerate() {
            let near = (c - d).abs() <= factor * epsilon * largest;
            let same = c == d || (c.is_nan() && d.is_nan());
            assert!(near || same, "{what} in {dtype:?} at {i}: {d} for {c}");
        }
    }
}

/// The tensor with NaN for its middle number.
fn with_nan(tensor: &Tensor) -> Tensor {
    let mut numbers = numbers(tensor);
    let middle = numbers.len() / 2;
    numbers[middle] = f64::NAN;
    let numbers = Tensor::from_vec(numbers, tensor.shape(), &Device::Cpu);
    numbers.and_then(|numbers| numbers.to_dtype(DType::F32)).expect("numbers")
}

const KEY: RandomKey = RandomKey { seed: 7, stream: 3 };
