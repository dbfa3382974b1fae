//! Training steps and inference of whole networks, beside Candle and PyTorch.
//!
//! `cargo bench --bench training_step [PART OF A NAME...]`

mod side_by_side;
mod stemnet;

use candle::{DType, Device, Result, Tensor};
use candle_nn::{Conv2d, Linear, Module, Optimizer as _, VarBuilder, VarMap};
use micrograph_nn::{
    AdamWConfig, Architecture, Dropout, LipNet, LipNetConfig, Mode, Network, Optimizer,
    OptimizerConfig,
};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
use side_by_side::{Run, compare, serve};

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
        compare("training_step", &WORKS);
    }
}

fn prepare(implementation: &str, work: &str) -> Result<Run> {
    let size = |prefix| work.strip_prefix(prefix).and_then(|size| size.parse::<usize>().ok());
    match (implementation, size("lipnet4_infer_b"), size("stemnet7_step_")) {
        ("ours", None, None) => our_step(),
        ("ours", Some(batch), _) => our_inference(batch),
        ("ours", _, Some(size)) => stemnet::step(size),
        (_, Some(batch), _) => candle_inference(batch),
        _ => candle_step(),
    }
}

/// A batch of images of 28x28 and their labels, of three classes.
fn batch(n: usize) -> Result<(Tensor, Tensor)> {
    let xs = Tensor::randn(0f32, 1.0, (n, 1, 28, 28), &Device::Cpu)?;
    let labels: Vec<u32> = (0..n as u32).map(|i| i % 3).collect();
    Ok((xs, Tensor::from_vec(labels, n, &Device::Cpu)?))
}

fn our_network() -> Result<LipNet> {
    let config = LipNetConfig {
        dropout: Dropout { block: 0.0, dense: 0.0 },
        ..LipNetConfig::new(Architecture::LipNet4, 1, 3)
    };
    LipNet::new(&config, 1, DType::F32, &Device::Cpu)
}

fn our_step() -> Result<Run> {
    let network = our_network()?;
    let config = OptimizerConfig::AdamW(AdamWConfig::default());
    let mut optimizer = Optimizer::new(config, network.parameters())?;
    let (xs, labels) = batch(32)?;
    let mut step = move |number| -> Result<()> {
        let logits = network.forward(&xs, Mode::Train { seed: 1, epoch: 0, step: number })?;
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
        optimizer.step(network.parameters(), &loss.backward()?, 1e-3)
    };
    let mut number = 0;
    Ok(Box::new(move || {
        rayon::scope(|_| step(number)).expect("a step");
        number += 1;
    }))
}

fn our_inference(n: usize) -> Result<Run> {
    let network = our_network()?;
    let (xs, _) = batch(n)?;
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
    let (xs, labels) = batch(32)?;
    let mut step = move || -> Result<()> {
        let loss = candle_nn::loss::cross_entropy(&network.forward(&xs)?, &labels)?;
        optimizer.backward_step(&loss)
    };
    Ok(Box::new(move || step().expect("a step")))
}

fn candle_inference(n: usize) -> Result<Run> {
    let vars = VarMap::new();
    let network = CandleLipNet::new(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    let (xs, _) = batch(n)?;
    Ok(Box::new(move || {
        network.forward(&xs).expect("logits");
    }))
}
