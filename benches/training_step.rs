//! Training steps and inference of whole networks, beside Candle and PyTorch.
//!
//! `cargo bench --bench training_step [PART OF A NAME...]`

mod lipnet;
mod side_by_side;
mod stemnet;

use candle::{DType, Device, Result, Tensor};
use candle_nn::{Conv2d, Linear, Module, Optimizer as _, VarBuilder, VarMap};
use micrograph_nn::{Mode, Network};
use side_by_side::{ON_CPU, Run, compare, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Candle cannot train StemNet: its pooling and transposed convolution have wrong gradients or none.
const WORKS: [(&str, &[&str]); 5] = [
    ("lipnet4_step_b32", &["ours", "candle"]),
    ("lipnet4_infer_b1", &["ours", "candle"]),
    ("lipnet4_infer_b32", &["ours", "candle"]),
    ("stemnet7_step_256", &["ours"]),
    ("stemnet7_step_1024", &["ours"]),
];

fn main() {
    micrograph_ops::keep_freed_memory();
    if !serve(|implementation, work| prepare(implementation, work).expect("a network")) {
        compare("training_step", &WORKS, &ON_CPU);
    }
}

fn prepare(implementation: &str, work: &str) -> Result<Run> {
    let size = |prefix| work.strip_prefix(prefix).and_then(|size| size.parse::<usize>().ok());
    match (implementation, size("lipnet4_infer_b"), size("stemnet7_step_")) {
        ("ours", None, None) => lipnet::step(32, DType::F32, &Device::Cpu),
        ("ours", Some(batch), _) => our_inference(batch),
        ("ours", _, Some(size)) => stemnet::step([1, size], DType::F32, &Device::Cpu),
        (_, Some(batch), _) => candle_inference(batch),
        _ => candle_step(),
    }
}

fn our_inference(n: usize) -> Result<Run> {
    let network = lipnet::network(&Device::Cpu)?;
    let (xs, _) = lipnet::batch(n, &Device::Cpu)?;
    Ok(Box::new(move || {
        network.forward(&xs, Mode::Evaluate).expect("logits");
    }))
}

/// LipNet-4 as Candle's user would write it. Its gradients are wrong: see `candle_defects.rs`.
struct CandleLipNet {
    convolutions: Vec<Conv2d>,
    dense: Linear,
    output: Linear,
}

impl CandleLipNet {
    fn new(vars: VarBuilder<'_>) -> Result<Self> {
        let config = candle_nn::Conv2dConfig { padding: 1, ..Default::default() };
        let convolutions = (0..4)
            .map(|i| {
                let inputs = if i == 0 { 1 } else { 32 };
                candle_nn::conv2d(inputs, 32, 3, config, vars.pp(format!("conv{i}")))
            })
            .collect::<Result<_>>()?;
        let dense = candle_nn::linear(32 * 49, 256, vars.pp("dense"))?;
        let output = candle_nn::linear(256, 3, vars.pp("output"))?;
        Ok(Self { convolutions, dense, output })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let mut xs = xs.clone();
        for pair in self.convolutions.chunks(2) {
            xs = pair[0].forward(&xs)?.relu()?;
            xs = pair[1].forward(&xs)?.relu()?.max_pool2d(2)?;
        }
        self.output.forward(&self.dense.forward(&xs.flatten_from(1)?)?.relu()?)
    }
}

fn candle_step() -> Result<Run> {
    let vars = VarMap::new();
    let network = CandleLipNet::new(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    let mut optimizer = candle_nn::AdamW::new(vars.all_vars(), candle_nn::ParamsAdamW::default())?;
    let (xs, labels) = lipnet::batch(32, &Device::Cpu)?;
    let mut step = move || -> Result<()> {
        let loss = candle_nn::loss::cross_entropy(&network.forward(&xs)?, &labels)?;
        optimizer.backward_step(&loss)
    };
    Ok(Box::new(move || step().expect("a step")))
}

fn candle_inference(n: usize) -> Result<Run> {
    let vars = VarMap::new();
    let network = CandleLipNet::new(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    let (xs, _) = lipnet::batch(n, &Device::Cpu)?;
    Ok(Box::new(move || {
        network.forward(&xs).expect("logits");
    }))
}
