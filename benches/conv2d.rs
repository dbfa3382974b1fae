//! Convolutions, forward and both gradients, beside Candle and PyTorch.
//!
//! `cargo bench --bench conv2d [PART OF A NAME...]`; a name is convK_MAPS_SIZE_bBATCH, where MAPS is
//! one number or INxOUT. `ours_exact` takes plain sums where ours takes Winograd's filtering.

mod side_by_side;

use candle::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, Var};
use micrograph_ops::{Algorithm, Conv2dConfig, Padding, conv2d};
use side_by_side::{ON_CPU, Run, compare, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WORKS: [&str; 7] = [
    "conv3_32_28_b32",
    "conv3_32_14_b32",
    "conv3_64_128_b8",
    "conv5_16_256_b1",
    "conv5_32_128_b1",
    "conv5_64x128_64_b1",
    "conv5_512_8_b1",
];

fn main() {
    micrograph_ops::keep_freed_memory();
    if !serve(|implementation, work| prepare(implementation, work).expect("tensors")) {
        let implementations: &[&str] = &["ours", "ours_exact", "candle"];
        compare("conv2d", &WORKS.map(|work| (work, implementations)), &ON_CPU);
    }
}

fn prepare(implementation: &str, work: &str) -> Result<Run> {
    let [kernel, inputs, outputs, size, batch] = sizes(work).expect("a name of WORKS");
    let device = &Device::Cpu;
    let xs = Var::randn(0f32, 1.0, (batch, inputs, size, size), device)?;
    let weight = Var::randn(0f32, 0.1, (outputs, inputs, kernel, kernel), device)?;
    let grad = Tensor::randn(0f32, 1.0, (batch, outputs, size, size), device)?;
    let algorithm = if implementation == "ours_exact" { Algorithm::Exact } else { Algorithm::Fast };
    let padding = Padding::same([kernel; 2]);
    let config = Conv2dConfig { padding, algorithm, ..Conv2dConfig::DEFAULT };
    let of_candle = implementation == "candle";
    Ok(Box::new(move || {
        let ys = if of_candle {
            xs.conv2d(&weight, kernel / 2, 1, 1, 1)
        } else {
            conv2d(&xs, &weight, None, &config)
        };
        let end = ys.and_then(|ys| ys.apply_op1(Given { grad: grad.clone() }));
        let gradients = end.and_then(|end| end.backward()).expect("a backward pass");
        assert!(gradients.get(&xs).is_some() && gradients.get(&weight).is_some());
    }))
}

fn sizes(work: &str) -> Option<[usize; 5]> {
    let [kernel, maps, size, batch]: [&str; 4] =
        work.split('_').collect::<Vec<_>>().try_into().ok()?;
    let (inputs, outputs) = maps.split_once('x').unwrap_or((maps, maps));
    let numbers = [kernel.strip_prefix("conv")?, inputs, outputs, size, batch.strip_prefix('b')?];
    Some(numbers.map(|number| number.parse().expect("a number")))
}

/// A number whose gradient is given, so that only the convolution is measured.
struct Given {
    grad: Tensor,
}

impl CustomOp1 for Given {
    fn name(&self) -> &'static str {
        "given"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![0.0]), Shape::from(())))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(self.grad.clone()))
    }
}
