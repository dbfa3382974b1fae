//! The kernels in the emulation beside the CPU.

use super::super::backward::gradients;
use super::super::conv2d;
use super::super::plan::Plan;
use super::super::{Activation, Algorithm, Conv2dConfig};
use super::{OnInputs, OnOutputs, OnWeight};
use crate::cuda::emulation::{Agreement, Emulator, assert_agree, drawn};
use crate::cuda::{OnDevice, Operand};
use crate::layer::Wanted;
use crate::window::Padding;
use candle::{DType, Tensor};

/// Batch, channels, rows, columns; maps, rows and columns of the kernel.
struct Case {
    xs: [usize; 4],
    weight: [usize; 3],
    config: Conv2dConfig,
}

const PLAIN: Conv2dConfig = Conv2dConfig { algorithm: Algorithm::Exact, ..Conv2dConfig::DEFAULT };
const UNEVEN: Padding = Padding { top: 2, bottom: 1, left: 0, right: 3 };

fn cases() -> [Case; 10] {
    let case = |xs, weight, config| Case { xs, weight, config };
    let steps = |stride, dilation| Conv2dConfig { stride, dilation, padding: UNEVEN, ..PLAIN };
    let grouped = |groups, config| Conv2dConfig { groups, ..config };
    let same = Conv2dConfig { padding: Padding::all(1), ..PLAIN };
    [
        case([1, 1, 1, 1], [1, 1, 1], PLAIN),
        case([2, 3, 5, 7], [5, 3, 3], same),
        // Planes of whole runs, and more maps and kernel elements than a tile has.
        case([2, 9, 8, 8], [70, 3, 3], same),
        case([1, 33, 4, 4], [36, 1, 1], PLAIN),
        case([2, 2, 9, 8], [3, 3, 4], steps([2, 3], [1, 1])),
        // Strides and dilations with and without a common divisor; residues without any tap.
        case([1, 2, 12, 11], [2, 3, 2], steps([4, 2], [2, 3])),
        case([2, 1, 7, 10], [2, 1, 1], steps([3, 4], [1, 1])),
        // Strides beyond the image, as large as sizes get.
        case([2, 1, 2, 3], [2, 2, 2], steps([9, i32::MAX as usize], [1, 1])),
        case([2, 6, 5, 6], [4, 2, 3], grouped(2, steps([1, 2], [2, 1]))),
        // Each channel alone; a whole batch of pixels in two parts.
        case([3, 2, 12, 15], [2, 3, 3], grouped(2, same)),
    ]
}

impl Case {
    /// Input, weight, bias and the gradient of the outputs.
    fn tensors(&self, dtype: DType) -> (Plan, [Tensor; 4]) {
        let [n, c, h, w] = self.xs;
        let [o, kh, kw] = self.weight;
        let xs = drawn(1, dtype, &[n, c, h, w]);
        let weight = drawn(2, dtype, &[o, c / self.config.groups, kh, kw]);
        let bias = drawn(3, dtype, &[o]);
        let plan = Plan::new(&as_cpu(&xs), &as_cpu(&weight), None, &self.config).unwrap();
        let grad = drawn(4, dtype, plan.ys_shape().dims());
        (plan, [xs, weight, bias, grad])
    }
}

/// The CPU has f32 and f64 alone.
fn as_cpu(tensor: &Tensor) -> Tensor {
    match tensor.dtype() {
        DType::BF16 | DType::F16 => tensor.to_dtype(DType::F32).unwrap(),
        _ => tensor.clone(),
    }
}

/// In f32 and f64 sums in another order; in bf16 and f16 the last rounding may be another.
fn near(dtype: DType) -> Agreement {
    Agreement::Epsilons(if matches!(dtype, DType::F32 | DType::F64) { 8.0 } else { 2.0 })
}

const TYPES: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];

/// All cases in f32 and bf16; f64 and f16 are the same code in another type, and take some, on tiles
/// of each size.
fn runs() -> impl Iterator<Item = (Case, DType)> {
    let all = [DType::F32, DType::BF16].map(|dtype| cases().map(|case| (case, dtype)));
    let some = [DType::F64, DType::F16].map(|dtype| {
        let [_, second, third, fourth, _, sixth, ..] = cases();
        [second, third, fourth, sixth].map(|case| (case, dtype))
    });
    all.into_iter().flatten().chain(some.into_iter().flatten())
}

#[test]
fn kernels_convolve_as_the_cpu() {
    let Some(device) = Emulator::or_skip("kernels_convolve_as_the_cpu") else { return };
    for (case, dtype) in runs() {
        let (plan, [xs, weight, bias, _]) = case.tensors(dtype);
        let config = Conv2dConfig { activation: Activation::Relu, ..plan.config };
        let op = OnOutputs { plan: Plan { config, ..plan } };
        device.twin(&op, &[&xs, &weight, &bias], near(dtype), |args| {
            conv2d(&args[0], &args[1], Some(&args[2]), &config)
        });
    }
    for dtype in TYPES {
        let (plan, [xs, weight, ..]) = cases()[1].tensors(dtype);
        device.twin(&OnOutputs { plan }, &[&xs, &weight], near(dtype), |args| {
            conv2d(&args[0], &args[1], None, &plan.config)
        });
    }
}

#[test]
fn kernels_go_back_as_the_cpu() {
    let Some(device) = Emulator::or_skip("kernels_go_back_as_the_cpu") else { return };
    for (case, dtype) in runs() {
        let (plan, [xs, weight, _, grad]) = case.tensors(dtype);
        let cpu = [&xs, &weight, &grad, &grad].map(as_cpu);
        let wanted = Wanted { xs: true, weight: true, bias: true };
        let expected = gradients(&plan, cpu.each_ref(), wanted).unwrap();
        let [of_xs, of_weight, of_bias] = expected.map(Option::unwrap);
        let ran = device.run(&OnInputs { plan }, &[&grad, &weight]).unwrap();
        assert_agree(&ran.outputs[0], &of_xs, near(dtype));
        let ran = device.run(&OnWeight { plan }, &[&xs, &grad]).unwrap();
        assert_agree(&ran.outputs[0], &of_weight, near(dtype));
        let program = crate::device_sum::channel_sum(
            dtype,
            [plan.batch, plan.out_channels, plan.out_plane()],
        )
        .unwrap();
        let ran = device.run_program(&program, &[&grad]).unwrap();
        assert_agree(&ran.outputs[0], &of_bias, near(dtype));
    }
}

#[test]
fn the_bias_of_a_transposed_convolution_is_added_by_its_kernel() {
    let name = "the_bias_of_a_transposed_convolution_is_added_by_its_kernel";
    let Some(device) = Emulator::or_skip(name) else { return };
    for dtype in TYPES {
        let (plan, [xs, weight, _, grad]) = cases()[4].tensors(dtype);
        let bias = drawn(5, dtype, &[plan.in_channels]);
        let wanted = Wanted { xs: true, weight: false, bias: false };
        let cpu = [&xs, &weight, &grad, &grad].map(as_cpu);
        let [expected, ..] = gradients(&plan, cpu.each_ref(), wanted).unwrap();
        let shift = as_cpu(&bias).reshape((1, (), 1, 1)).unwrap();
        let expected = expected.unwrap().broadcast_add(&shift).unwrap();
        let ran = device.run(&OnInputs { plan }, &[&grad, &weight, &bias]).unwrap();
        assert_agree(&ran.outputs[0], &expected, near(dtype));
    }
}

#[test]
fn outputs_that_are_not_numbers_stay_what_they_are() {
    let name = "outputs_that_are_not_numbers_stay_what_they_are";
    let Some(device) = Emulator::or_skip(name) else { return };
    for dtype in TYPES {
        let values = [f64::NAN, 1.0, f64::INFINITY, -1.0, f64::NEG_INFINITY, 2.0];
        let xs = Tensor::new(&values, &candle::Device::Cpu).unwrap();
        let xs = xs.reshape((1, 1, 2, 3)).and_then(|xs| xs.to_dtype(dtype)).unwrap();
        let weight = Tensor::ones((1, 1, 1, 1), dtype, xs.device()).unwrap();
        let config = Conv2dConfig { activation: Activation::Relu, ..PLAIN };
        let plan = Plan::new(&as_cpu(&xs), &as_cpu(&weight), None, &config).unwrap();
        device.twin(&OnOutputs { plan }, &[&xs, &weight], Agreement::Bits, |args| {
            conv2d(&args[0], &args[1], None, &config)
        });
    }
}

#[test]
fn a_batch_that_kernels_cannot_count_is_refused() {
    let (plan, [xs, weight, ..]) = cases()[1].tensors(DType::F32);
    let operands = [&xs, &weight].map(|t| Operand { dtype: t.dtype(), layout: t.layout() });
    // Lines that wrap around in 32 bits, of which a stride leaves few.
    let padding = Padding { bottom: 1 << 33, ..Padding::ZERO };
    let config = Conv2dConfig { padding, stride: [1 << 30, 1], ..plan.config };
    for plan in [Plan { batch: 1 << 31, ..plan }, Plan { config, ..plan }] {
        let error = OnOutputs { plan }.program(&operands).unwrap_err();
        assert!(error.to_string().contains("on a CUDA device"), "{error}");
    }
}

/// 2^31 products in one sum, where a count of 32 bits is negative, and the last that can be counted.
#[test]
fn sums_that_kernels_cannot_count_are_refused() {
    let (plan, [xs, weight, ..]) = cases()[1].tensors(DType::F32);
    for dtype in TYPES {
        let operands = [&xs, &weight].map(|tensor| Operand { dtype, layout: tensor.layout() });
        let sums_of = |channels| {
            let plan = Plan { kernel: [4, 4], ..plan };
            let (inputs, outputs) = (plan.in_channels, plan.out_channels);
            [[channels, outputs], [inputs, channels]].map(|[inputs, outputs]| {
                let plan = Plan { in_channels: inputs, out_channels: outputs, ..plan };
                let passes: [&dyn OnDevice; 3] =
                    [&OnOutputs { plan }, &OnInputs { plan }, &OnWeight { plan }];
                passes.map(|pass| pass.program(&operands).map(|_| ()).map_err(|e| e.to_string()))
            })
        };
        for refused in sums_of(1 << 27).concat() {
            let message = refused.expect_err("2^31 products");
            assert!(message.contains("sums of 2147483648 products"), "{message}");
        }
        assert!(sums_of((1 << 27) - 128).concat().iter().all(Result::is_ok));
    }
}

#[test]
fn a_stride_beyond_the_image_starts_no_block_without_pixels() {
    let (plan, [_, weight, _, grad]) = cases()[1].tensors(DType::F32);
    let operands = [&grad, &weight].map(|t| Operand { dtype: t.dtype(), layout: t.layout() });
    let config = Conv2dConfig { stride: [1 << 16; 2], ..plan.config };
    let plan = Plan { config, out_size: [1, 1], ..plan };
    let program = OnInputs { plan }.program(&operands).unwrap();
    assert_eq!(program.launches[1].grid, [35, 1, 1]); // one a pixel of the plane
}
