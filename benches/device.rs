//! Training steps and convolutions on a GPU, in f32 and bf16, beside PyTorch with cuDNN.
//!
//! `cargo bench -p micrograph --bench device --features cudnn [PART OF A NAME...]`; a name is
//! convK_MAPS_SIZE_bBATCH or convKsSTRIDE_..., where MAPS is one number or INxOUT. PyTorch's f32 is
//! without TF32, as ours is, and once with it. Memory is the host's. Without a GPU, or in a build
//! without the feature, it says so and ends.

mod lipnet;
mod side_by_side;
mod stemnet;

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{Conv2dConfig, Padding, conv2d};
use side_by_side::{ON_CUDA, Run, compare, serve};

/// Steps of LipNet-4 and StemNet, and the convolutions of ResNet-18 at 224x224.
const WORKS: [&str; 8] = [
    "lipnet4_step_b256",
    "stemnet7_step_512_b4",
    "conv7s2_3x64_224_b32",
    "conv3_64_56_b32",
    "conv3s2_64x128_56_b32",
    "conv3_128_28_b32",
    "conv3_256_14_b32",
    "conv3_512_7_b32",
];

fn main() {
    let device = match Device::new_cuda_with_stream(0) {
        Ok(device) => device,
        Err(error) => {
            println!(
                "skipped: no GPU to measure on ({error}); build with --features cudnn or cuda on a \
                 machine that has one"
            );
            return;
        }
    };
    let ready = |implementation: &str, work: &str| {
        let dtype = if implementation == "ours_bf16" { DType::BF16 } else { DType::F32 };
        prepare(work, dtype, &device).expect("a work")
    };
    if !serve(ready) {
        let implementations: &[&str] = &["ours", "ours_bf16"];
        compare("device", &WORKS.map(|work| (work, implementations)), &ON_CUDA);
    }
}

fn prepare(work: &str, dtype: DType, device: &Device) -> Result<Run> {
    match work {
        "lipnet4_step_b256" => lipnet::step(256, dtype, device),
        "stemnet7_step_512_b4" => stemnet::step([4, 512], dtype, device),
        _ => convolution(work, dtype, device),
    }
}

/// Forward and both gradients.
fn convolution(work: &str, dtype: DType, device: &Device) -> Result<Run> {
    let [kernel, stride, inputs, outputs, size, batch] = sizes(work).expect("a name of WORKS");
    let variable = |deviation: f32, shape: [usize; 4]| {
        Var::from_tensor(&Tensor::randn(0f32, deviation, &shape, device)?.to_dtype(dtype)?)
    };
    let xs = variable(1.0, [batch, inputs, size, size])?;
    let weight = variable(0.1, [outputs, inputs, kernel, kernel])?;
    let padding = Padding::all(kernel / 2);
    let config = Conv2dConfig { padding, stride: [stride; 2], ..Conv2dConfig::DEFAULT };
    let device = device.clone();
    let run = move || -> Result<()> {
        let gradients = conv2d(&xs, &weight, None, &config)?.backward()?;
        assert!(gradients.get(&xs).is_some() && gradients.get(&weight).is_some());
        device.synchronize()
    };
    Ok(Box::new(move || run().expect("a backward pass")))
}

fn sizes(work: &str) -> Option<[usize; 6]> {
    let [kernel, maps, size, batch]: [&str; 4] =
        work.split('_').collect::<Vec<_>>().try_into().ok()?;
    let kernel = kernel.strip_prefix("conv")?;
    let (kernel, stride) = kernel.split_once('s').unwrap_or((kernel, "1"));
    let (inputs, outputs) = maps.split_once('x').unwrap_or((maps, maps));
    let numbers = [kernel, stride, inputs, outputs, size, batch.strip_prefix('b')?];
    Some(numbers.map(|number| number.parse().expect("a number")))
}
