//! Networks that come down as VGG-16 does: five stages of 3x3 convolutions, each halved at its end.

mod fcn;
mod spec;
mod switches;

use super::blueprint::Blueprint;
use super::field::Step;
use crate::error::check;
use crate::{Error, Field, Init, InputShape, Result, SegmentationNetwork};
pub(super) use fcn::Fcn;
pub use fcn::FcnConfig;
use spec::{Kind, Spec, Tail};
pub(super) use switches::Switches;
pub use switches::{DeconvNetConfig, SegNetConfig};

/// Convolutions of each stage.
const STAGES: [usize; 5] = [2, 2, 3, 3, 3];
/// 2 to the number of halvings.
const STRIDE: usize = 32;

/// Maps of a stage, counted from 0: `maps`, doubled with each stage, eightfold at most.
fn maps_at(maps: usize, stage: usize) -> usize {
    maps.saturating_mul(1 << stage.min(3))
}

/// The convolutions down, stage by stage; the zeros around the image are `border`.
fn down(in_channels: usize, maps: usize, border: usize, tail: Tail) -> Vec<Vec<Spec>> {
    let mut inputs = in_channels;
    let mut first_padding = border;
    let mut convolution = |stage: usize, index: usize| {
        let outputs = maps_at(maps, stage);
        let padding = std::mem::replace(&mut first_padding, 1);
        let name = format!("encoder{}.conv{index}", stage + 1);
        let spec = convolution(name, [inputs, outputs], tail);
        inputs = outputs;
        Spec { kind: Kind::Convolution { padding }, ..spec }
    };
    STAGES
        .iter()
        .enumerate()
        .map(|(stage, &count)| (1..=count).map(|index| convolution(stage, index)).collect())
        .collect()
}

/// A 3x3 convolution that keeps the size.
fn convolution(name: String, [inputs, outputs]: [usize; 2], tail: Tail) -> Spec {
    let (kind, first) = (Kind::Convolution { padding: 1 }, Init::HeNormal);
    Spec { name, kind, inputs, outputs, kernel: 3, tail, first }
}

/// What the convolutions down see.
fn steps_down() -> Vec<Step> {
    let stage = |count: &usize| vec![Step::Window(1, 1); *count].into_iter().chain([Step::Halve]);
    STAGES.iter().flat_map(stage).collect()
}

/// Checks what all of these have.
fn validate(maps: usize, hidden: Option<usize>) -> Result<(), Error> {
    check(maps > 0, "maps", maps, "at least 1")?;
    check(hidden.is_none_or(|hidden| hidden > 0), "hidden", hidden.unwrap_or(0), "at least 1")
}
