//! FCN-32s, -16s and -8s: a classifier made convolutional.

use candle::{DType, Device, Tensor};
use micrograph_ops::{Algorithm, Padding, Pool2dConfig, Rounding, max_pool2d};
use serde::{Deserialize, Serialize};

use super::super::layer::Pass;
use super::spec::Built;
use super::{
    Blueprint, Error, Field, Init, InputShape, Kind, Result, STAGES, SegmentationNetwork, Spec,
    Step, Tail, down, maps_at, steps_down, validate,
};
use crate::error::check;
use crate::source::{Source, check_type};
use crate::{InputSize, Mode, Network, Parameters};

/// FCN: Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation", 2015.
///
/// VGG-16 with its fully connected layers as convolutions of 7x7 and 1x1, a 1x1 convolution for the
/// classes, and transposed convolutions up: by 32 at once, or by 2 to where the scores of the fourth
/// (16s) and of the third stage (8s) are added. The image has 100 zeros around it, and what is too
/// much is cropped, as published, so that it takes any size. Pooling sees the last row of an odd
/// number. Upsampling begins as bilinear interpolation and is trained; scores begin at zero.
///
/// The published networks began with the weights of a classifier of photographs; FCN-16s with those of
/// FCN-32s, FCN-8s with those of FCN-16s.
///
/// # Parameters
/// `encoder{s}.conv{i}` for the stages `s` = 1 to 5, `fc6`, `fc7`, `score`, `score_pool4`,
/// `score_pool3`, each with `.weight` and `.bias`; `up2`, `up_pool4`, `up` with `.weight`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FcnConfig {
    /// Pixels from one to the next of the finest scores: 32, 16 or 8; 8.
    pub stride: usize,
    /// Maps at the full resolution, at least 1; 64 as published.
    pub maps: usize,
    /// Units of the fully connected layers, at least 1; 4096 as published.
    pub hidden: usize,
    /// Probability with which these units are dropped in training, in `[0, 1)`; 0.5 as published.
    pub dropout: f64,
}

impl Default for FcnConfig {
    fn default() -> Self {
        Self { stride: 8, maps: 64, hidden: 4096, dropout: 0.5 }
    }
}

/// Zeros around the image.
const FRAME: usize = 100;
/// Rows of the kernel of a layer that sees all of 224x224 pixels, halved five times.
const FULL: usize = 7;

/// An FCN with its sizes.
#[derive(Debug, Clone)]
pub(in crate::segmentation) struct Fcn {
    pub(in crate::segmentation) config: FcnConfig,
    pub(in crate::segmentation) in_channels: usize,
    pub(in crate::segmentation) n_classes: usize,
}

impl Fcn {
    /// The rows that are cut off before the first of the last upsampling.
    fn cut(&self) -> usize {
        match self.config.stride {
            32 => 19,
            16 => 27,
            _ => 31,
        }
    }

    fn down(&self) -> Vec<Vec<Spec>> {
        down(self.in_channels, self.config.maps, FRAME, Tail::BiasRelu)
    }

    fn full(&self, name: &str, inputs: usize, kernel: usize) -> Spec {
        let (kind, outputs) = (Kind::Convolution { padding: 0 }, self.config.hidden);
        let (tail, first) = (Tail::BiasRelu, Init::HeNormal);
        Spec { name: name.to_owned(), kind, inputs, outputs, kernel, tail, first }
    }

    fn score(&self, name: &str, inputs: usize) -> Spec {
        let (kind, outputs) = (Kind::Convolution { padding: 0 }, self.n_classes);
        let (tail, first) = (Tail::Bias, Init::Zero);
        Spec { name: name.to_owned(), kind, inputs, outputs, kernel: 1, tail, first }
    }

    fn upsampling(&self, name: &str, stride: usize) -> Spec {
        let (kind, outputs) = (Kind::Transposed { stride, cut: 0 }, self.n_classes);
        let (inputs, kernel) = (outputs, 2 * stride);
        let (tail, first) = (Tail::Nothing, Init::Bilinear);
        Spec { name: name.to_owned(), kind, inputs, outputs, kernel, tail, first }
    }

    /// Doubling to the scores of a stage, and these scores: the lowest first.
    fn rungs(&self) -> Vec<Rung<Spec>> {
        let rung = |up: &str, score: &str, stage: usize, cut| Rung {
            up: self.upsampling(up, 2),
            score: self.score(score, maps_at(self.config.maps, stage)),
            stage,
            cut,
        };
        let pool4 = rung("up2", "score_pool4", 3, 5);
        let pool3 = rung("up_pool4", "score_pool3", 2, 9);
        match self.config.stride {
            32 => Vec::new(),
            16 => vec![pool4],
            _ => vec![pool4, pool3],
        }
    }

    /// The layers behind the stages.
    fn head(&self) -> [Spec; 4] {
        let deep = maps_at(self.config.maps, STAGES.len() - 1);
        [
            self.full("fc6", deep, FULL),
            self.full("fc7", self.config.hidden, 1),
            self.score("score", self.config.hidden),
            self.upsampling("up", self.config.stride),
        ]
    }
}

/// Where the scores of a stage are added.
#[derive(Debug, Clone)]
struct Rung<T> {
    up: T,
    score: T,
    /// The stage, counted from 0, whose pooled maps are scored.
    stage: usize,
    /// Rows of the scores before the first that is added.
    cut: usize,
}

impl Blueprint for Fcn {
    fn validate(&self) -> Result<(), Error> {
        let FcnConfig { stride, maps, hidden, dropout } = self.config;
        check([32, 16, 8].contains(&stride), "stride", stride, "32, 16 or 8")?;
        validate(maps, Some(hidden))?;
        let inside = (0.0..1.0).contains(&dropout);
        check(inside, "dropout", dropout, "a probability from 0 to below 1")
    }

    fn parameter_count(&self) -> usize {
        let rungs = self.rungs().into_iter().flat_map(|rung| [rung.up, rung.score]);
        let all = self.down().into_iter().flatten().chain(self.head()).chain(rungs);
        all.fold(0, |sum, spec| sum.saturating_add(spec.count()))
    }

    fn input(&self) -> InputShape {
        let size = InputSize::MultipleOf { step: 1, at_least: 1 };
        InputShape { channels: self.in_channels, size }
    }

    fn field(&self) -> Field {
        let (mut steps, frame) = (steps_down(), FRAME as i64);
        if let Some(first) = steps.first_mut() {
            *first = Step::Window(frame, 2 - frame);
        }
        steps.push(Step::Window(0, FULL as i64 - 1));
        for _ in self.rungs() {
            steps.push(Step::Spread { kernel: 4, stride: 2, cut: 0 });
        }
        let (stride, cut) = (self.config.stride as i64, self.cut() as i64);
        steps.push(Step::Spread { kernel: 2 * stride, stride, cut });
        Field::of(&steps)
    }

    fn build(
        &self,
        seed: u64,
        dtype: DType,
        device: &Device,
    ) -> Result<Box<dyn SegmentationNetwork>> {
        let mut source = Source::new("fcn", seed, (dtype, device))?;
        let mut build = |spec: Spec| spec.build(&mut source);
        let down = self.down().into_iter().map(|stage| stage.into_iter().map(&mut build).collect());
        let down = down.collect::<Result<_>>()?;
        let [fc6, fc7, score, up] = self.head();
        let head = [build(fc6)?, build(fc7)?, build(score)?, build(up)?];
        let mut rungs = Vec::new();
        for Rung { up, score, stage, cut } in self.rungs() {
            rungs.push(Rung { up: build(up)?, score: build(score)?, stage, cut });
        }
        let (algorithm, parameters) = (Algorithm::Fast, source.parameters);
        Ok(Box::new(Net { plan: self.clone(), dtype, algorithm, parameters, down, head, rungs }))
    }
}

#[derive(Debug)]
struct Net {
    plan: Fcn,
    dtype: DType,
    algorithm: Algorithm,
    parameters: Parameters,
    down: Vec<Vec<Built>>,
    /// The two full layers, the scores, and the last upsampling.
    head: [Built; 4],
    rungs: Vec<Rung<Built>>,
}

/// Pooling that sees the last row of an odd number, as Caffe's.
const POOL: Pool2dConfig =
    Pool2dConfig { kernel: [2, 2], stride: [2, 2], padding: Padding::ZERO, rounding: Rounding::Up };

impl Network for Net {
    fn forward(&self, xs: &Tensor, mode: Mode) -> Result<Tensor> {
        self.input().check("fcn", xs.dims())?;
        check_type(self.dtype, xs.dtype())?;
        let pass = Pass { mode, algorithm: self.algorithm };
        let (mut pooled, mut maps) = (Vec::with_capacity(STAGES.len()), xs.clone());
        for stage in &self.down {
            maps = stage.iter().try_fold(maps, |maps, layer| layer.apply(&maps, pass))?;
            maps = max_pool2d(&maps, &POOL)?; // (n, maps, h/2, w/2)
            pooled.push(maps.clone());
        }
        let [fc6, fc7, score, up] = &self.head;
        let dropped = self.plan.config.dropout;
        maps = pass.dropout("fc6.dropout", fc6.apply(&maps, pass)?, dropped)?;
        maps = pass.dropout("fc7.dropout", fc7.apply(&maps, pass)?, dropped)?;
        let mut scores = score.apply(&maps, pass)?; // (n, k, h/32, w/32)
        for rung in &self.rungs {
            scores = rung.up.apply(&scores, pass)?;
            let across = rung.score.apply(&pooled[rung.stage], pass)?;
            let (_, _, height, width) = scores.dims4()?;
            let across = across.narrow(2, rung.cut, height)?.narrow(3, rung.cut, width)?;
            scores = (scores + across)?;
        }
        let (_, _, height, width) = xs.dims4()?;
        let cut = self.plan.cut();
        up.apply(&scores, pass)?.narrow(2, cut, height)?.narrow(3, cut, width)?.contiguous()
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
