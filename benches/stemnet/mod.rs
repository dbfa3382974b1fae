//! The network of the StemNet thesis's appendix, from operations: seven levels, 5x5 kernels, 16 to
//! 1024 maps, 37,744,002 parameters.

use super::Run;
use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    Activation, Conv2dConfig, ConvTranspose2dConfig, CrossEntropyConfig, Momentum, Padding,
    Pool2dConfig, RandomKey, SgdStep, conv_transpose2d, conv2d, dropout, max_pool2d, relu,
    sgd_step, softmax_cross_entropy,
};

const LEVELS: usize = 7;
const MAPS: usize = 16;

/// A kernel and its bias.
type Layer = [Var; 2];

struct StemNet {
    down: Vec<Layer>,
    up: Vec<Layer>,
    merge: Vec<Layer>,
    out: Layer,
}

fn layer(shape: [usize; 4], maps: usize, device: &Device) -> Result<Layer> {
    let deviation = (2.0 / (shape[1] * shape[2] * shape[3]) as f32).sqrt();
    let weight = Var::randn(0f32, deviation, &shape, device)?;
    Ok([weight, Var::zeros(maps, DType::F32, device)?])
}

impl StemNet {
    fn new(device: &Device) -> Result<Self> {
        let layer = |shape, maps| layer(shape, maps, device);
        let maps = |level: usize| MAPS << level;
        let inputs = |level: usize| if level == 0 { 1 } else { maps(level - 1) };
        let decoder = 0..LEVELS - 1;
        Ok(Self {
            down: (0..LEVELS)
                .map(|i| layer([maps(i), inputs(i), 5, 5], maps(i)))
                .collect::<Result<_>>()?,
            up: decoder
                .clone()
                .map(|i| layer([maps(i + 1), maps(i), 2, 2], maps(i)))
                .collect::<Result<_>>()?,
            merge: decoder
                .map(|i| layer([maps(i), maps(i + 1), 5, 5], maps(i)))
                .collect::<Result<_>>()?,
            out: layer([2, MAPS, 1, 1], 2)?,
        })
    }

    fn parameters(&self) -> Vec<Var> {
        let layers = self.down.iter().chain(&self.up).chain(&self.merge).chain([&self.out]);
        layers.flatten().cloned().collect()
    }

    /// Kernel and bias in the type of `xs`.
    fn cast([weight, bias]: &Layer, xs: &Tensor) -> Result<[Tensor; 2]> {
        Ok([weight.to_dtype(xs.dtype())?, bias.to_dtype(xs.dtype())?])
    }

    /// Logits of two classes for each pixel of `(n, 1, h, w)`; both sizes divisible by 64.
    fn forward(&self, xs: &Tensor, seed: u64) -> Result<Tensor> {
        let convolve = |xs: &Tensor, layer: &Layer, stream: u64| {
            let [weight, bias] = &Self::cast(layer, xs)?;
            let padding = Padding::same([5, 5]);
            // Dropout is scaling by zero or a positive number: it and ReLU may change places.
            let config =
                Conv2dConfig { padding, activation: Activation::Relu, ..Conv2dConfig::DEFAULT };
            dropout(&conv2d(xs, weight, Some(bias), &config)?, 0.25, RandomKey { seed, stream })
        };
        let mut kept = Vec::new();
        let mut xs = xs.clone();
        for (level, down) in self.down.iter().enumerate() {
            xs = convolve(&xs, down, level as u64)?;
            if level < LEVELS - 1 {
                kept.push(xs.clone());
                xs = max_pool2d(&xs, &Pool2dConfig::square(2))?;
            }
        }
        let config = ConvTranspose2dConfig { stride: [2, 2], ..Default::default() };
        for level in (0..LEVELS - 1).rev() {
            let [weight, bias] = &Self::cast(&self.up[level], &xs)?;
            let up = relu(&conv_transpose2d(&xs, weight, Some(bias), &config)?)?;
            let both = Tensor::cat(&[&kept[level], &up], 1)?;
            xs = convolve(&both, &self.merge[level], (LEVELS + level) as u64)?;
        }
        let [weight, bias] = &Self::cast(&self.out, &xs)?;
        conv2d(&xs, weight, Some(bias), &Conv2dConfig::DEFAULT)
    }
}

/// One step of SGD with momentum on `n` images of `size x size`, forward and backward in `dtype`.
pub(crate) fn step([n, size]: [usize; 2], dtype: DType, device: &Device) -> Result<Run> {
    let network = StemNet::new(device)?;
    let parameters = network.parameters();
    let count: usize = parameters.iter().map(|var| var.elem_count()).sum();
    assert_eq!(count, 37_744_002);
    let velocities = parameters.iter().map(|var| var.zeros_like()).collect::<Result<Vec<_>>>()?;
    let xs = Tensor::randn(0f32, 1.0, (n, 1, size, size), device)?;
    let labels: Vec<u32> = (0..(n * size * size) as u32).map(|i| i / 7 % 2).collect();
    let labels = Tensor::from_vec(labels, (n, size, size), device)?;
    let config =
        CrossEntropyConfig { class_weights: Some(vec![1.0, 2.0]), ..CrossEntropyConfig::default() };
    let device = device.clone();
    let step = move |seed| -> Result<()> {
        let logits = network.forward(&xs.to_dtype(dtype)?, seed)?.to_dtype(DType::F32)?;
        let loss = softmax_cross_entropy(&logits, &labels, &config)?;
        let gradients = loss.backward()?;
        let step = SgdStep { lr: 0.01, momentum: Momentum::Classic(0.2), weight_decay: 0.0 };
        for (var, velocity) in parameters.iter().zip(&velocities) {
            let gradient = gradients.get(var).expect("every parameter is used");
            sgd_step(var, gradient, Some(velocity), &step)?;
        }
        device.synchronize()
    };
    let mut seed = 0;
    Ok(Box::new(move || {
        step(seed).expect("a step");
        seed += 1;
    }))
}
