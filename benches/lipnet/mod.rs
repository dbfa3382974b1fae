//! LipNet-4 (dense 256, no dropout) of this workspace.

use super::Run;
use candle::{DType, Device, Result, Tensor};
use micrograph_nn::{
    AdamWConfig, Architecture, Dropout, LipNet, LipNetConfig, Mode, Network, Optimizer,
    OptimizerConfig,
};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};

/// A batch of images of 28x28 and their labels, of three classes.
pub(crate) fn batch(n: usize, device: &Device) -> Result<(Tensor, Tensor)> {
    let xs = Tensor::randn(0f32, 1.0, (n, 1, 28, 28), device)?;
    let labels: Vec<u32> = (0..n as u32).map(|i| i % 3).collect();
    Ok((xs, Tensor::from_vec(labels, n, device)?))
}

pub(crate) fn network(device: &Device) -> Result<LipNet> {
    let config = LipNetConfig {
        dropout: Dropout { block: 0.0, dense: 0.0 },
        ..LipNetConfig::new(Architecture::LipNet4, 1, 3)
    };
    LipNet::new(&config, 1, DType::F32, device)
}

/// One step of AdamW on `n` images, forward and backward in `dtype`.
pub(crate) fn step(n: usize, dtype: DType, device: &Device) -> Result<Run> {
    let network = network(device)?;
    let config = OptimizerConfig::AdamW(AdamWConfig::default());
    let mut optimizer = Optimizer::new(config, network.parameters())?;
    let (xs, labels) = batch(n, device)?;
    let device = device.clone();
    let mut step = move |number| -> Result<()> {
        let mode = Mode::Train { seed: 1, epoch: 0, step: number };
        let logits = network.forward(&xs.to_dtype(dtype)?, mode)?.to_dtype(DType::F32)?;
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
        optimizer.step(network.parameters(), &loss.backward()?, 1e-3)?;
        device.synchronize()
    };
    let mut number = 0;
    Ok(Box::new(move || {
        rayon::scope(|_| step(number)).expect("a step");
        number += 1;
    }))
}
