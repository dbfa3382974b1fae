//! SegNet and DeconvNet: up again by the switches of the pooling.

use candle::{DType, Device, Tensor};
use micrograph_ops::{Algorithm, Pool2dConfig, max_pool2d_with_indices, max_unpool2d};
use serde::{Deserialize, Serialize};

use super::super::layer::Pass;
use super::spec::Built;
use super::{
    Blueprint, Error, Field, Init, InputShape, Kind, Result, STAGES, STRIDE, SegmentationNetwork,
    Spec, Step, Tail, convolution, down, maps_at, steps_down, validate,
};
use crate::source::{Source, check_type};
use crate::{InputSize, Mode, Network, Parameters};

/// SegNet: Badrinarayanan, Kendall and Cipolla, "SegNet: a deep convolutional encoder-decoder
/// architecture for image segmentation", 2017.
///
/// The 13 convolutions of VGG-16 down, each with batch normalization and ReLU, with maximum pooling
/// 2x2 behind each of five stages; the same up, where a stage begins with unpooling: each number goes
/// back to where the maximum was. The last convolution gives the logits. The first convolution behind
/// an unpooling, which fills the gaps, begins as bilinear interpolation; the others as He et al. The
/// published network began down with the weights of a classifier of photographs.
///
/// # Parameters
/// `encoder{s}.conv{i}`, `decoder{s}.conv{i}` for the stages `s` = 1 to 5, each with `.weight` and
/// `.norm.weight`, `.norm.bias`, and the buffers `.norm.running_mean`, `.norm.running_var`;
/// `decoder1.conv2`, the logits, with `.bias`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegNetConfig {
    /// Maps at the full resolution, at least 1; 64 as published.
    pub maps: usize,
}

impl Default for SegNetConfig {
    fn default() -> Self {
        Self { maps: 64 }
    }
}

/// DeconvNet: Noh, Hong and Han, "Learning deconvolution network for semantic segmentation", 2015.
///
/// As SegNet, with two fully connected layers at the bottom, written as convolutions of 7x7 and 1x1,
/// a transposed one of 7x7 back, and transposed convolutions of 3x3 up; a 1x1 convolution gives the
/// logits. All have batch normalization and ReLU. Weights begin as He et al.
///
/// # Parameters
/// `encoder{s}.conv{i}`, `fc6`, `fc7`, `fc6_up`, `decoder{s}.conv{i}` as of
/// [`SegNetConfig`]; `output`, with `.bias`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeconvNetConfig {
    /// Maps at the full resolution, at least 1; 64 as published.
    pub maps: usize,
    /// Units of the fully connected layers, at least 1; 4096 as published.
    pub hidden: usize,
}

impl Default for DeconvNetConfig {
    fn default() -> Self {
        Self { maps: 64, hidden: 4096 }
    }
}

/// Rows of the kernel of a layer that sees all of 224x224 pixels, halved five times.
const FULL: usize = 7;

/// A network of pooling and unpooling.
#[derive(Debug, Clone)]
pub(in crate::segmentation) struct Switches {
    pub(in crate::segmentation) in_channels: usize,
    pub(in crate::segmentation) n_classes: usize,
    pub(in crate::segmentation) maps: usize,
    /// Of DeconvNet, units between the way down and the way up.
    pub(in crate::segmentation) hidden: Option<usize>,
}

impl Switches {
    fn name(&self) -> &'static str {
        if self.hidden.is_some() { "deconvnet" } else { "segnet" }
    }

    /// The layers between the ways.
    fn bridge(&self) -> Vec<Spec> {
        let Some(hidden) = self.hidden else { return Vec::new() };
        let deep = maps_at(self.maps, STAGES.len() - 1);
        let layer = |name: &str, kind, [inputs, outputs]: [usize; 2], kernel| {
            let (name, tail, first) = (name.to_owned(), Tail::NormRelu, Init::HeNormal);
            Spec { name, kind, inputs, outputs, kernel, tail, first }
        };
        let valid = Kind::Convolution { padding: 0 };
        vec![
            layer("fc6", valid, [deep, hidden], FULL),
            layer("fc7", valid, [hidden, hidden], 1),
            layer("fc6_up", Kind::Transposed { stride: 1, cut: 0 }, [hidden, deep], FULL),
        ]
    }

    /// The convolutions up, from the highest resolution.
    fn up(&self) -> Vec<Vec<Spec>> {
        (0..STAGES.len()).map(|stage| self.up_at(stage)).collect()
    }

    fn up_at(&self, stage: usize) -> Vec<Spec> {
        let (maps, count) = (maps_at(self.maps, stage), STAGES[stage]);
        let spec = |index: usize| {
            let last = index == count;
            let outputs = match (last, stage) {
                (false, _) => maps,
                (true, 0) if self.hidden.is_none() => self.n_classes,
                (true, stage) => maps_at(self.maps, stage.saturating_sub(1)),
            };
            let logits = last && stage == 0 && self.hidden.is_none();
            let tail = if logits { Tail::Bias } else { Tail::NormRelu };
            let name = format!("decoder{}.conv{index}", stage + 1);
            let spec = convolution(name, [maps, outputs], tail);
            match (self.hidden, index) {
                (Some(_), _) => Spec { kind: Kind::Transposed { stride: 1, cut: 1 }, ..spec },
                (None, 1) => Spec { first: Init::Bilinear, ..spec },
                (None, _) => spec,
            }
        };
        (1..=count).map(spec).collect()
    }

    fn output(&self) -> Option<Spec> {
        let name = "output".to_owned();
        let spec = convolution(name, [self.maps, self.n_classes], Tail::Bias);
        self.hidden.map(|_| Spec { kernel: 1, kind: Kind::Convolution { padding: 0 }, ..spec })
    }

    fn down(&self) -> Vec<Vec<Spec>> {
        down(self.in_channels, self.maps, 1, Tail::NormRelu)
    }
}

impl Blueprint for Switches {
    fn validate(&self) -> Result<(), Error> {
        validate(self.maps, self.hidden)
    }

    fn parameter_count(&self) -> usize {
        let ways = self.down().into_iter().chain(self.up()).flatten();
        let all = ways.chain(self.bridge()).chain(self.output());
        all.fold(0, |sum, spec| sum.saturating_add(spec.count()))
    }

    fn input(&self) -> InputShape {
        let at_least = if self.hidden.is_some() { STRIDE * FULL } else { STRIDE };
        let size = InputSize::MultipleOf { step: STRIDE, at_least };
        InputShape { channels: self.in_channels, size }
    }

    fn field(&self) -> Field {
        let mut steps = steps_down();
        if self.hidden.is_some() {
            let reach = FULL as i64 - 1;
            steps.extend([Step::Window(0, reach), Step::Window(reach, 0)]);
        }
        for count in STAGES.iter().rev() {
            steps.push(Step::DOUBLE);
            steps.extend(vec![Step::Window(1, 1); *count]);
        }
        Field::of(&steps)
    }

    fn build(
        &self,
        seed: u64,
        dtype: DType,
        device: &Device,
    ) -> Result<Box<dyn SegmentationNetwork>> {
        let mut source = Source::new(self.name(), seed, (dtype, device))?;
        let mut build = |specs: Vec<Spec>| -> Result<Vec<Built>> {
            specs.into_iter().map(|spec| spec.build(&mut source)).collect()
        };
        let down = self.down().into_iter().map(&mut build).collect::<Result<_>>()?;
        let bridge = build(self.bridge())?;
        let up = self.up().into_iter().map(&mut build).collect::<Result<_>>()?;
        let output = build(self.output().into_iter().collect())?;
        Ok(Box::new(Net {
            plan: self.clone(),
            dtype,
            algorithm: Algorithm::Fast,
            parameters: source.parameters,
            down,
            bridge,
            up,
            output,
        }))
    }
}

#[derive(Debug)]
struct Net {
    plan: Switches,
    dtype: DType,
    algorithm: Algorithm,
    parameters: Parameters,
    down: Vec<Vec<Built>>,
    bridge: Vec<Built>,
    up: Vec<Vec<Built>>,
    output: Vec<Built>,
}

fn apply(layers: &[Built], xs: Tensor, pass: Pass) -> Result<Tensor> {
    layers.iter().try_fold(xs, |xs, layer| layer.apply(&xs, pass))
}

impl Network for Net {
    fn forward(&self, xs: &Tensor, mode: Mode) -> Result<Tensor> {
        self.input().check(self.plan.name(), xs.dims())?;
        check_type(self.dtype, xs.dtype())?;
        let pass = Pass { mode, algorithm: self.algorithm };
        let (mut xs, mut switches) = (xs.clone(), Vec::with_capacity(STAGES.len()));
        for stage in &self.down {
            xs = apply(stage, xs, pass)?; // (n, maps, h, w)
            let (_, _, height, width) = xs.dims4()?;
            let (pooled, indices) = max_pool2d_with_indices(&xs, &Pool2dConfig::square(2))?;
            switches.push((indices, [height, width]));
            xs = pooled; // (n, maps, h/2, w/2)
        }
        xs = apply(&self.bridge, xs, pass)?;
        for (stage, (indices, size)) in self.up.iter().zip(switches).rev() {
            xs = apply(stage, max_unpool2d(&xs, &indices, size)?, pass)?; // (n, maps, 2h, 2w)
        }
        apply(&self.output, xs, pass)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn input(&self) -> InputShape {
        Blueprint::input(&self.plan)
    }

    fn n_classes(&self) -> usize {
        self.plan.n_classes
    }
}

impl SegmentationNetwork for Net {
    fn field(&self) -> Field {
        Blueprint::field(&self.plan)
    }

    fn set_algorithm(&mut self, algorithm: Algorithm) {
        self.algorithm = algorithm;
    }
}
