//! A weight with its bias, and what one forward pass makes of it.

use candle::{Tensor, Var};
use micrograph_ops::{Conv2dConfig, conv2d, conv2d_max_pool2d, dropout, gaussian_noise, linear};

use super::LipNetConfig;
use crate::source::Source;
use crate::{Init, Mode, Result};

/// A weight and a bias; the variables are those of the network's [`Parameters`].
#[derive(Debug)]
pub(super) struct Layer {
    weight_name: String,
    weight: Var,
    bias: Var,
}

impl Layer {
    /// The layer `name` with a weight of `shape` drawn from `init` and a bias of zeros.
    pub(super) fn new(
        source: &mut Source<'_>,
        name: &str,
        shape: &[usize],
        init: Init,
    ) -> Result<Self> {
        let outputs = shape.first().copied().unwrap_or_default();
        let weight_name = format!("{name}.weight");
        let weight = source.parameter(&weight_name, shape, init)?;
        let bias = source.parameter(&format!("{name}.bias"), &[outputs], Init::Zero)?;
        Ok(Self { weight_name, weight, bias })
    }
}

/// One forward pass: the layers as mode and configuration alter them.
pub(super) struct Pass<'a> {
    pub(super) config: &'a LipNetConfig,
    pub(super) mode: Mode,
}

impl Pass<'_> {
    pub(super) fn convolve(
        &self,
        layer: &Layer,
        xs: &Tensor,
        config: &Conv2dConfig,
    ) -> Result<Tensor> {
        let [weight, bias] = self.numbers(layer, xs)?;
        conv2d(xs, &weight, Some(&bias), config)
    }

    /// [`Pass::convolve`], then 2x2 maximum pooling.
    pub(super) fn convolve_and_pool(
        &self,
        layer: &Layer,
        xs: &Tensor,
        config: &Conv2dConfig,
    ) -> Result<Tensor> {
        let [weight, bias] = self.numbers(layer, xs)?;
        conv2d_max_pool2d(xs, &weight, Some(&bias), config)
    }

    pub(super) fn connect(&self, layer: &Layer, xs: &Tensor) -> Result<Tensor> {
        let [weight, bias] = self.numbers(layer, xs)?;
        linear(xs, &weight, Some(&bias))
    }

    /// Dropout with its initial `probability`, decayed; the place `name` has its own stream.
    pub(super) fn dropout(&self, name: &str, xs: Tensor, probability: f64) -> Result<Tensor> {
        let Mode::Train { epoch, .. } = self.mode else { return Ok(xs) };
        let probability = probability * self.config.dropout_decay.fraction(epoch);
        match self.mode.key(name) {
            Some(key) if probability > 0.0 => dropout(&xs, probability, key),
            _ => Ok(xs),
        }
    }

    /// Weight and bias in the type of `xs`, which may be narrower than that of the parameters.
    fn numbers(&self, layer: &Layer, xs: &Tensor) -> Result<[Tensor; 2]> {
        let numbers = match self.mode {
            Mode::Evaluate => [layer.weight.detach(), layer.bias.detach()],
            Mode::Train { .. } => [self.weight(layer)?, layer.bias.as_tensor().clone()],
        };
        let [weight, bias] = numbers;
        Ok([weight.to_dtype(xs.dtype())?, bias.to_dtype(xs.dtype())?])
    }

    fn weight(&self, layer: &Layer) -> Result<Tensor> {
        match self.mode.key(&layer.weight_name) {
            Some(key) if self.config.weight_noise > 0.0 => {
                gaussian_noise(&layer.weight, self.config.weight_noise, key)
            }
            _ => Ok(layer.weight.as_tensor().clone()),
        }
    }
}
