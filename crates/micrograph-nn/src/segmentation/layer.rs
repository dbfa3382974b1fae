//! A weight with its bias, and what one forward pass makes of it.

use candle::{DType, Tensor, Var};
use micrograph_ops::{
    Activation, Algorithm, Conv2dConfig, ConvTranspose2dConfig, Padding, conv_transpose2d, conv2d,
    dropout, relu,
};

use crate::source::Source;
use crate::{Init, Mode, Result};

/// First values of a weight and of its bias.
#[derive(Debug, Clone, Copy)]
pub(super) struct Initial {
    pub(super) weight: Init,
    pub(super) bias: Init,
}

/// A weight and a bias; the variables are those of the network's parameters.
#[derive(Debug)]
pub(super) struct Layer {
    name: String,
    weight: Var,
    bias: Var,
}

impl Layer {
    /// The layer `name` with `outputs` maps.
    pub(super) fn new(
        source: &mut Source<'_>,
        name: String,
        (shape, outputs): ([usize; 4], usize),
        initial: Initial,
    ) -> Result<Self> {
        let weight = source.parameter(&format!("{name}.weight"), &shape, initial.weight)?;
        let bias = source.parameter(&format!("{name}.bias"), &[outputs], initial.bias)?;
        Ok(Self { name, weight, bias })
    }
}

/// One forward pass: the layers as mode and settings alter them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub(super) mode: Mode,
    pub(super) algorithm: Algorithm,
}

impl Pass {
    /// A convolution with stride 1; `dropped` is the probability with which its sums are dropped
    /// before the bias is added.
    pub(super) fn convolve(
        &self,
        layer: &Layer,
        xs: &Tensor,
        (padding, activation): (Padding, Activation),
        dropped: f64,
    ) -> Result<Tensor> {
        let config = Conv2dConfig { padding, algorithm: self.algorithm, ..Conv2dConfig::DEFAULT };
        let [weight, bias] = self.numbers(layer, xs.dtype())?;
        match self.mode.key(&layer.name) {
            Some(key) if dropped > 0.0 => {
                let sums = dropout(&conv2d(xs, &weight, None, &config)?, dropped, key)?;
                let ys = sums.broadcast_add(&bias.reshape((1, (), 1, 1))?)?;
                if activation == Activation::Relu { relu(&ys) } else { Ok(ys) }
            }
            _ => conv2d(xs, &weight, Some(&bias), &Conv2dConfig { activation, ..config }),
        }
    }

    /// A transposed convolution of 2x2 with stride 2, with ReLU: twice the rows and columns.
    pub(super) fn double(&self, layer: &Layer, xs: &Tensor) -> Result<Tensor> {
        let config = ConvTranspose2dConfig {
            stride: [2, 2],
            algorithm: self.algorithm,
            ..Default::default()
        };
        let [weight, bias] = self.numbers(layer, xs.dtype())?;
        relu(&conv_transpose2d(xs, &weight, Some(&bias), &config)?)
    }

    /// Dropout of pixels in training; the place `name` has its own stream.
    pub(super) fn dropout(&self, name: &str, xs: Tensor, probability: f64) -> Result<Tensor> {
        match self.mode.key(name) {
            Some(key) if probability > 0.0 => dropout(&xs, probability, key),
            _ => Ok(xs),
        }
    }

    /// Weight and bias in the type of the input. In evaluation they are constants, so that nothing
    /// between input and logits is kept for a way back.
    fn numbers(&self, layer: &Layer, dtype: DType) -> Result<[Tensor; 2]> {
        let of = |variable: &Var| match self.mode {
            Mode::Evaluate => variable.as_detached_tensor().to_dtype(dtype),
            Mode::Train { .. } => variable.to_dtype(dtype),
        };
        Ok([of(&layer.weight)?, of(&layer.bias)?])
    }
}
