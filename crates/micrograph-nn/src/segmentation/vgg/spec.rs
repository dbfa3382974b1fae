//! Layers as they are counted, built and named.

use candle::{Tensor, Var};
use micrograph_ops::{
    Activation, Conv2dConfig, ConvTranspose2dConfig, Padding, conv_transpose2d, conv2d, relu,
};

use super::super::layer::Pass;
use super::super::norm::{Norm, number};
use crate::source::Source;
use crate::{Init, Result};

/// What a layer does with its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A convolution with stride 1 and so many zeros around its input.
    Convolution { padding: usize },
    /// A transposed convolution with so many lines cut off on each side.
    Transposed { stride: usize, cut: usize },
}

/// What follows the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing: upsampling.
    Nothing,
    /// A bias: logits.
    Bias,
    /// A bias and ReLU.
    BiasRelu,
    /// Batch normalization and ReLU; its shift stands for the bias.
    NormRelu,
}

/// One layer before it is built.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Rows and columns of the kernel.
    pub(super) kernel: usize,
    pub(super) tail: Tail,
    pub(super) first: Init,
}

impl Spec {
    /// The number of trainable numbers; saturates where a `usize` does not hold it.
    pub(super) fn count(&self) -> usize {
        let weight = self.inputs.saturating_mul(self.kernel * self.kernel);
        let beside = match self.tail {
            Tail::Nothing => 0,
            Tail::Bias | Tail::BiasRelu => 1,
            Tail::NormRelu => 2,
        };
        weight.saturating_add(beside).saturating_mul(self.outputs)
    }

    pub(super) fn build(self, source: &mut Source<'_>) -> Result<Built> {
        let Self { name, outputs, kernel, .. } = &self;
        let (ends, sides) = match self.kind {
            Kind::Convolution { .. } => ([*outputs, self.inputs], [*kernel; 2]),
            Kind::Transposed { .. } => ([self.inputs, *outputs], [*kernel; 2]),
        };
        let shape = [ends[0], ends[1], sides[0], sides[1]];
        let weight = source.parameter(&format!("{name}.weight"), &shape, self.first)?;
        let beside = match self.tail {
            Tail::Nothing => Beside::Nothing,
            Tail::Bias | Tail::BiasRelu => {
                Beside::Bias(source.parameter(&format!("{name}.bias"), &[*outputs], Init::Zero)?)
            }
            Tail::NormRelu => Beside::Norm(Norm::new(source, name, *outputs)?),
        };
        Ok(Built { spec: self, weight, beside })
    }
}

/// A layer with its numbers.
#[derive(Debug)]
pub(super) struct Built {
    spec: Spec,
    weight: Var,
    beside: Beside,
}

#[derive(Debug)]
enum Beside {
    Nothing,
    Bias(Var),
    Norm(Norm),
}

impl Built {
    pub(super) fn apply(&self, xs: &Tensor, pass: Pass) -> Result<Tensor> {
        let weight = number(&self.weight, xs.dtype(), pass.mode)?;
        let (bias, norm) = match &self.beside {
            Beside::Nothing => (None, None),
            Beside::Bias(bias) => (Some(number(bias, xs.dtype(), pass.mode)?), None),
            Beside::Norm(norm) => (None, Some(norm)),
        };
        let fused = self.spec.tail == Tail::BiasRelu;
        let ys = match self.spec.kind {
            Kind::Convolution { padding } => {
                let config = Conv2dConfig {
                    padding: Padding::all(padding),
                    activation: if fused { Activation::Relu } else { Activation::None },
                    algorithm: pass.algorithm,
                    ..Conv2dConfig::DEFAULT
                };
                return match norm {
                    None => conv2d(xs, &weight, bias.as_ref(), &config),
                    Some(norm) => {
                        relu(&norm.apply(&conv2d(xs, &weight, None, &config)?, pass.mode)?)
                    }
                };
            }
            Kind::Transposed { stride, cut } => {
                let config = ConvTranspose2dConfig {
                    stride: [stride; 2],
                    padding: Padding::all(cut),
                    algorithm: pass.algorithm,
                    ..Default::default()
                };
                conv_transpose2d(xs, &weight, bias.as_ref(), &config)?
            }
        };
        match norm {
            Some(norm) => relu(&norm.apply(&ys, pass.mode)?),
            None if fused => relu(&ys),
            None => Ok(ys),
        }
    }
}
