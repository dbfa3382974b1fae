//! A weight with its bias or normalization, and what one forward pass makes of it.

use candle::{Tensor, Var};
use micrograph_ops::{
    Activation, Algorithm, Conv2dConfig, ConvTranspose2dConfig, Padding, conv_transpose2d, conv2d,
    dropout, relu,
};

use super::norm::{Norm, number};
use crate::source::Source;
use crate::{Init, Mode, Result};

/// First values of a weight and of its bias.
#[derive(Debug, Clone, Copy)]
pub(super) struct Initial {
    pub(super) weight: Init,
    /// `None` where batch normalization follows, whose shift stands for the bias.
    pub(super) bias: Option<Init>,
}

/// A weight and what is beside it; the variables are those of the network's parameters.
#[derive(Debug)]
pub(super) struct Layer {
    name: String,
    weight: Var,
    beside: Beside,
}

#[derive(Debug)]
enum Beside {
    Bias(Var),
    Norm(Norm),
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
        let beside = match initial.bias {
            Some(init) => {
                Beside::Bias(source.parameter(&format!("{name}.bias"), &[outputs], init)?)
            }
            None => Beside::Norm(Norm::new(source, &name, outputs)?),
        };
        Ok(Self { name, weight, beside })
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
    /// before a bias is added, or before they are normalized.
    pub(super) fn convolve(
        &self,
        layer: &Layer,
        xs: &Tensor,
        (padding, activation): (Padding, Activation),
        dropped: f64,
    ) -> Result<Tensor> {
        let config = Conv2dConfig { padding, algorithm: self.algorithm, ..Conv2dConfig::DEFAULT };
        let weight = number(&layer.weight, xs.dtype(), self.mode)?;
        let sums = || self.dropout(&layer.name, conv2d(xs, &weight, None, &config)?, dropped);
        let ys = match &layer.beside {
            Beside::Norm(norm) => norm.apply(&sums()?, self.mode)?,
            Beside::Bias(bias) => {
                let bias = number(bias, xs.dtype(), self.mode)?;
                if self.mode == Mode::Evaluate || dropped == 0.0 {
                    let config = Conv2dConfig { activation, ..config };
                    return conv2d(xs, &weight, Some(&bias), &config);
                }
                sums()?.broadcast_add(&bias.reshape((1, (), 1, 1))?)?
            }
        };
        if activation == Activation::Relu { relu(&ys) } else { Ok(ys) }
    }

    /// A transposed convolution of 2x2 with stride 2, with ReLU: twice the rows and columns.
    pub(super) fn double(&self, layer: &Layer, xs: &Tensor) -> Result<Tensor> {
        let config = ConvTranspose2dConfig {
            stride: [2, 2],
            algorithm: self.algorithm,
            ..Default::default()
        };
        let weight = number(&layer.weight, xs.dtype(), self.mode)?;
        let up = |bias: Option<&Tensor>| conv_transpose2d(xs, &weight, bias, &config);
        relu(&match &layer.beside {
            Beside::Bias(bias) => up(Some(&number(bias, xs.dtype(), self.mode)?))?,
            Beside::Norm(norm) => norm.apply(&up(None)?, self.mode)?,
        })
    }

    /// Dropout of pixels in training; the place `name` has its own stream.
    pub(super) fn dropout(&self, name: &str, xs: Tensor, probability: f64) -> Result<Tensor> {
        match self.mode.key(name) {
            Some(key) if probability > 0.0 => dropout(&xs, probability, key),
            _ => Ok(xs),
        }
    }
}
