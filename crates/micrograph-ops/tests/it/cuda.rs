//! The operations on a CUDA device beside those on the CPU: forward and all gradients. Without a
//! device the tests say that they are skipped.

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    Activation, AdaDeltaStep, AdaGradStep, AdamConfig, Algorithm, Alignment, Border, Conv2dConfig,
    ConvTranspose2dConfig, CrossEntropyConfig, FtrlStep, GridSampleConfig, Interpolation,
    LabelSmoothing, Margins, Momentum, NadamStep, OverlapConfig, Padding, Pool2dConfig, RandomKey,
    RmsPropStep, Rounding, SgdStep, ada_delta_step, ada_grad_step, adam_step, adaptive_avg_pool2d,
    affine_grid, ams_grad_step, avg_pool2d, batch_norm2d, bce_with_logits, conv_transpose2d,
    conv2d, conv2d_max_pool2d, crop_or_pad, dice_loss, dropout, ftrl_step, gaussian_noise,
    grid_sample, linear, max_pool2d, max_pool2d_with_indices, max_unpool2d, nadam_step, relu,
    reverse_gradient, rms_prop_step, sgd_step, softmax, softmax_cross_entropy_weighted,
    spatial_dropout, upsample_bilinear2d, upsample_nearest2d,
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
    for (dtype, epsilon) in [(DType::F32, f64::from(f32::EPSILON)), (DType::F64, f64::EPSILON)] {
        let run = |device| with_gradients(&f, args, dtype, device).expect(what);
        let (cpu, cuda, again) = (run(&Device::Cpu), run(device), run(device));
        assert_eq!(cuda, again, "{what}: two runs");
        assert_eq!(cpu.len(), cuda.len(), "{what}: gradients");
        for (cpu, cuda) in cpu.iter().zip(&cuda) {
            let largest = cpu.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
            for (i, (c, d)) in cpu.iter().zip(cuda).enumerate() {
                let bound = factor * epsilon * largest;
                assert!((c - d).abs() <= bound, "{what} in {dtype:?} at {i}: {d} for {c}");
            }
        }
    }
}

const KEY: RandomKey = RandomKey { seed: 7, stream: 3 };

#[test]
fn elements_and_noise() {
    let Some(device) = device("cuda::elements_and_noise") else { return };
    let xs = [drawn(1, &[2, 3, 37, 11])];
    twins(&device, "relu", &xs, 0.0, |xs| relu(xs[0]));
    twins(&device, "dropout", &xs, 0.0, |xs| dropout(xs[0], 0.3, KEY));
    twins(&device, "spatial dropout", &xs, 0.0, |xs| spatial_dropout(xs[0], 0.3, KEY));
    twins(&device, "noise", &xs, 2.0, |xs| gaussian_noise(xs[0], 0.5, KEY));
    twins(&device, "reversal", &xs, 0.0, |xs| reverse_gradient(xs[0], 0.5));
    twins(&device, "softmax", &xs, 16.0, |xs| softmax(xs[0]));
    twins(&device, "transposed", &xs, 0.0, |xs| relu(&xs[0].transpose(1, 2)?));
}

#[test]
fn layers_with_weights() {
    let Some(device) = device("cuda::layers_with_weights") else { return };
    let uneven = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    let geometries =
        [([1, 1], Padding::all(1), 1), ([2, 1], Padding::all(1), 2), ([1, 2], uneven, 1)];
    for (stride, padding, groups) in geometries {
        let args = [drawn(1, &[3, 4, 17, 22]), drawn(2, &[6, 4 / groups, 3, 3]), drawn(3, &[6])];
        let algorithm = Algorithm::Exact;
        let activation = Activation::Relu;
        let config = Conv2dConfig {
            stride,
            padding,
            groups,
            activation,
            algorithm,
            ..Conv2dConfig::DEFAULT
        };
        twins(&device, "convolution", &args, 64.0, |args| {
            conv2d(args[0], args[1], Some(args[2]), &config)
        });
        twins(&device, "pooled convolution", &args, 64.0, |args| {
            conv2d_max_pool2d(args[0], args[1], Some(args[2]), &config)
        });
        let config =
            ConvTranspose2dConfig { stride, padding, groups, algorithm, ..Default::default() };
        let args = [drawn(1, &[3, 4, 9, 8]), drawn(2, &[4, 6 / groups, 3, 3]), drawn(3, &[6])];
        twins(&device, "transposed convolution", &args, 64.0, |args| {
            conv_transpose2d(args[0], args[1], Some(args[2]), &config)
        });
    }
    let args = [drawn(1, &[5, 33]), drawn(2, &[7, 33]), drawn(3, &[7])];
    twins(&device, "linear", &args, 64.0, |args| linear(args[0], args[1], Some(args[2])));
}

#[test]
fn pooling() {
    let Some(device) = device("cuda::pooling") else { return };
    let padding = Padding { top: 1, bottom: 0, left: 1, right: 2 };
    let odd = Pool2dConfig { kernel: [2, 3], stride: [1, 2], padding, rounding: Rounding::Up };
    let xs = [drawn(1, &[2, 3, 17, 22])];
    for config in [Pool2dConfig::square(2), Pool2dConfig::square(3), odd] {
        twins(&device, "maximum", &xs, 0.0, |xs| max_pool2d(xs[0], &config));
        twins(&device, "mean", &xs, 0.0, |xs| avg_pool2d(xs[0], &config));
        twins(&device, "there and back", &xs, 0.0, |xs| {
            let (ys, indices) = max_pool2d_with_indices(xs[0], &config)?;
            max_unpool2d(&ys, &indices, [17, 22])
        });
    }
    twins(&device, "even windows", &xs, 0.0, |xs| adaptive_avg_pool2d(xs[0], [5, 30]));
}

#[test]
fn resampling_and_warps() {
    let Some(device) = device("cuda::resampling_and_warps") else { return };
    let xs = [drawn(1, &[2, 3, 17, 22])];
    twins(&device, "nearest", &xs, 0.0, |xs| upsample_nearest2d(xs[0], [40, 21]));
    for alignment in [Alignment::Edges, Alignment::Centers] {
        twins(&device, "bilinear", &xs, 0.0, |xs| upsample_bilinear2d(xs[0], [40, 21], alignment));
        for border in [Border::Zero, Border::Edge, Border::Reflect] {
            let config =
                GridSampleConfig { interpolation: Interpolation::Bilinear, border, alignment };
            let args = [drawn(1, &[2, 3, 17, 22]), (drawn(2, &[2, 2, 3]) * 0.5).expect("maps")];
            twins(&device, "warp", &args, 64.0, |args| {
                grid_sample(args[0], &affine_grid(args[1], [20, 15], alignment)?, &config)
            });
        }
    }
    let margins = Margins { top: 2, bottom: -1, left: -3, right: 1 };
    twins(&device, "crop or pad", &xs, 0.0, |xs| crop_or_pad(xs[0], &margins));
}

#[test]
fn normalization_and_losses() {
    let Some(device) = device("cuda::normalization_and_losses") else { return };
    let args = [drawn(1, &[3, 4, 19, 23]), drawn(2, &[4]), drawn(3, &[4])];
    twins(&device, "batch norm", &args, 256.0, |args| {
        Ok(batch_norm2d(args[0], args[1], args[2], 1e-5)?.0)
    });
    let labels = Tensor::from_iter((0..3 * 19 * 23_u32).map(|i| i * 7 % 4), &Device::Cpu);
    let labels = labels.and_then(|labels| labels.reshape((3, 19, 23))).expect("labels");
    let config = CrossEntropyConfig {
        class_weights: Some(vec![1.0, 2.0, 0.5, 1.0]),
        smoothing: LabelSmoothing::OverAll(0.1),
        ignore_index: Some(3),
        focusing: 0.0,
    };
    let logits = [args[0].clone()];
    for focusing in [0.0, 2.0] {
        let config = CrossEntropyConfig { focusing, ..config.clone() };
        twins(&device, "cross-entropy", &logits, 64.0, |xs| {
            let (labels, dtype) = (labels.to_device(xs[0].device())?, xs[0].dtype());
            let weights = Tensor::ones(labels.shape(), dtype, xs[0].device())?;
            softmax_cross_entropy_weighted(xs[0], &labels, &weights, &config)
        });
    }
    twins(&device, "Dice", &logits, 64.0, |xs| {
        dice_loss(xs[0], &labels.to_device(xs[0].device())?, &OverlapConfig::default())
    });
    twins(&device, "binary cross-entropy", &logits, 64.0, |xs| {
        bce_with_logits(xs[0], &xs[0].detach().clamp(0.0, 1.0)?, None, 2.0)
    });
}

#[test]
fn labels_and_indices_that_do_not_exist_are_refused() {
    let test = "cuda::labels_and_indices_that_do_not_exist_are_refused";
    let Some(device) = device(test) else { return };
    let logits = drawn(1, &[2, 3]).to_device(&device).expect("logits");
    let labels = Tensor::new(&[0u32, 3], &device).expect("labels");
    let weights = Tensor::ones(2, DType::F32, &device).expect("weights");
    let config = CrossEntropyConfig::default();
    softmax_cross_entropy_weighted(&logits, &labels, &weights, &config).expect_err("no class 3");
    let xs = drawn(1, &[1, 1, 1, 1]).to_device(&device).expect("a pixel");
    let indices = Tensor::new(&[[[[4u32]]]], &device).expect("an index");
    max_unpool2d(&xs, &indices, [2, 2]).expect_err("no pixel 4");
}

/// Takes step number `t` of a variable by its gradient and states.
type Step<'a> = &'a dyn Fn(&Var, &Tensor, &[Tensor], u64) -> Result<()>;

/// Variable and state after three steps.
fn steps(states: &[usize], device: &Device, step: Step<'_>) -> Result<Vec<Vec<f64>>> {
    let var = Var::from_tensor(&drawn(1, &[1027]).to_device(device)?)?;
    let zeros = |rows: &usize| {
        let shape = if *rows == 0 { vec![1027] } else { vec![*rows, 1027] };
        Tensor::zeros(shape, DType::F32, device)
    };
    let states: Vec<_> = states.iter().map(zeros).collect::<Result<_>>()?;
    for t in 1..=3 {
        step(&var, &drawn(t + 1, &[1027]).to_device(device)?, &states, t)?;
    }
    Ok([var.as_tensor()].into_iter().chain(&states).map(numbers).collect())
}

#[test]
fn optimizers_have_the_bits_of_the_cpu() {
    let Some(device) = device("cuda::optimizers_have_the_bits_of_the_cpu") else { return };
    let twins = |states: &[usize], step: Step<'_>| {
        let run = |device| steps(states, device, step).expect("three steps");
        assert_eq!(run(&device), run(&Device::Cpu));
    };
    let (lr, epsilon, decay) = (0.03, 1e-3, 0.9);
    let adam = AdamConfig { weight_decay: 0.03, ..Default::default() };
    twins(&[0, 0], &|var, grad, state, t| {
        adam_step(var, grad, &state[0], &state[1], &adam.step(lr, t))
    });
    twins(&[3], &|var, grad, state, t| ams_grad_step(var, grad, &state[0], &adam.step(lr, t)));
    for momentum in [Momentum::Classic(0.9), Momentum::Nesterov(0.9)] {
        let step = SgdStep { lr, momentum, weight_decay: 0.01 };
        twins(&[0], &|var, grad, state, _| sgd_step(var, grad, Some(&state[0]), &step));
    }
    twins(&[2], &|var, grad, state, t| {
        let (beta1, beta2, momentum_decay) = (0.9, 0.99, 0.004);
        let step = NadamStep { lr, beta1, beta2, epsilon, momentum_decay, t };
        nadam_step(var, grad, &state[0], &step)
    });
    let rms_prop = RmsPropStep { lr, decay, epsilon, momentum: 0.5, centered: true };
    twins(&[3], &|var, grad, state, _| rms_prop_step(var, grad, &state[0], &rms_prop));
    let ada_grad = AdaGradStep { lr, epsilon };
    twins(&[1], &|var, grad, state, _| ada_grad_step(var, grad, &state[0], &ada_grad));
    let ada_delta = AdaDeltaStep { lr, decay, epsilon };
    twins(&[2], &|var, grad, state, _| ada_delta_step(var, grad, &state[0], &ada_delta));
    let ftrl = FtrlStep { lr, beta: 1.0, l1: 0.5, l2: 0.1 };
    twins(&[2], &|var, grad, state, _| ftrl_step(var, grad, &state[0], &ftrl));
}
