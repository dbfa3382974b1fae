//! The three passes of a convolution as programs of kernels; `cuda` runs them on a device, and
//! `cudnn` what cuDNN can do instead.

mod tiles;

#[cfg(feature = "cuda")]
mod cuda;
#[cfg(feature = "cudnn")]
mod cudnn;
#[cfg(test)]
mod tests;

#[cfg(feature = "cuda")]
pub(super) use cuda::{backward, forward, forward_transposed};

use super::plan::Plan;
use super::{Activation, NAME};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, blocks_of, real_type};
use crate::device_sum::{Parts, sum_of_parts};
use candle::{Result, Shape};
use tiles::{Tiles, check_sizes};

/// The forward pass: `xs`, the weight, and perhaps the bias.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnOutputs {
    pub(super) plan: Plan,
}

/// From gradients of outputs to those of inputs: gradients, the weight, and perhaps a bias of the
/// inputs, as the transposed convolution has. Of a plan without activation.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnInputs {
    pub(super) plan: Plan,
}

/// From gradients of outputs and inputs to those of the weight. Of a plan without activation.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnWeight {
    pub(super) plan: Plan,
}

impl OnDevice for OnOutputs {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let plan = &self.plan;
        let gather = Gather {
            channels: plan.group_inputs(),
            maps: plan.group_outputs(),
            src: plan.size,
            dst: plan.out_size,
            backward: false,
            rectified: plan.config.activation == Activation::Relu,
        };
        gather.program(plan, operands, plan.ys_shape())
    }
}

impl OnDevice for OnInputs {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let plan = &self.plan;
        let gather = Gather {
            channels: plan.group_outputs(),
            maps: plan.group_inputs(),
            src: plan.out_size,
            dst: plan.size,
            backward: true,
            rectified: false,
        };
        gather.program(plan, operands, plan.xs_shape())
    }
}

/// The sums over gathered pixels of `kernels/conv2d.cuh`.
struct Gather {
    /// Of one group, as are `maps`: what is summed over, and what is made.
    channels: usize,
    maps: usize,
    src: [usize; 2],
    dst: [usize; 2],
    backward: bool,
    rectified: bool,
}

impl Gather {
    fn program(&self, plan: &Plan, operands: &[Operand<'_>], shape: Shape) -> Result<Program> {
        let dtype = operands[0].dtype;
        let tiles = Tiles::of(dtype, self.maps);
        let padded_maps = self.maps.next_multiple_of(tiles.maps);
        // The tensor cores take channels in eights.
        let padded_channels = if tiles.tensor { self.channels.next_multiple_of(8) } else { 0 };
        let rows = if tiles.tensor { padded_channels } else { self.channels };
        let packed = plan.config.groups * plan.taps() * rows * padded_maps;
        let sizes = self.sizes(plan, operands.len() > 2, [padded_maps, padded_channels])?;
        let pack = Launch::over(
            tiles.topic,
            tiles.pack,
            dtype,
            packed as u64,
            vec![Arg::In(1), Arg::Scratch(0), sizes.clone(), Arg::U64(packed as u64)],
        );
        let bias = Arg::In(if operands.len() > 2 { 2 } else { 1 });
        let sums = Launch {
            topic: tiles.topic,
            kernel: tiles.kernel,
            element: dtype,
            grid: [self.blocks(plan, &tiles)?, 1, 1],
            block: [tiles.threads, 1, 1],
            args: vec![Arg::In(0), Arg::Scratch(0), bias, Arg::Out(0), sizes],
        };
        Ok(Program {
            op: NAME,
            outputs: vec![(dtype, shape)],
            scratch: vec![(dtype, packed)],
            constants: Vec::new(),
            launches: vec![pack, sums],
        })
    }

    /// `struct Gather`.
    fn sizes(&self, plan: &Plan, biased: bool, [maps, channels]: [usize; 2]) -> Result<Arg> {
        let config = &plan.config;
        let [[top, _], [left, _]] = config.padding.axes();
        let flag = usize::from;
        let mut sizes = vec![plan.batch, config.groups, self.channels, self.maps];
        for pair in [self.src, self.dst, plan.kernel, config.stride, config.dilation] {
            sizes.extend(pair);
        }
        sizes.extend([top, left, flag(self.backward), flag(biased), flag(self.rectified)]);
        sizes.extend([maps, channels]);
        crate::cuda::ints(NAME, &sizes)
    }

    /// A block for each tile of maps, group, residue of the destination, and tile of pixels.
    fn blocks(&self, plan: &Plan, tiles: &Tiles) -> Result<u32> {
        check_sizes(plan)?;
        let residues = |axis: usize| plan.config.stride[axis].min(self.dst[axis]);
        let phases = if self.backward { [0, 1].map(residues) } else { [1, 1] };
        let places = [0, 1].map(|axis| self.dst[axis].div_ceil(phases[axis]));
        let pixels = plan.batch * places[0] * places[1];
        let sizes = [
            self.maps.div_ceil(tiles.maps),
            plan.config.groups,
            phases[0],
            phases[1],
            pixels.div_ceil(tiles.pixels),
        ];
        blocks_of(NAME, &sizes)
    }
}

/// Blocks that keep a large GPU busy; with fewer tiles, pixels are cut into parts.
const BUSY: usize = 512;
/// Pixels of a part, at least, and what they are a multiple of: a stage of the largest kernel.
const PART_PIXELS: usize = 512;
const STAGE_PIXELS: usize = 32;

impl OnDevice for OnWeight {
    /// `xs`, then gradients.
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (plan, dtype) = (&self.plan, operands[0].dtype);
        check_sizes(plan)?;
        let tiles = Tiles::of_weight(dtype, [plan.group_outputs(), plan.depth()]);
        let across = [
            plan.group_outputs().div_ceil(tiles.maps),
            plan.depth().div_ceil(tiles.pixels),
            plan.config.groups,
        ];
        // By sizes alone, so that sums have the same bits on every GPU.
        let pixels = plan.batch * plan.out_plane();
        let most = pixels.div_ceil(PART_PIXELS);
        let parts = BUSY.div_ceil(across.iter().product()).clamp(1, most);
        let part_pixels = pixels.div_ceil(parts).next_multiple_of(STAGE_PIXELS);
        let parts = pixels.div_ceil(part_pixels);
        let elements = plan.weight_shape().elem_count();
        let [a, b, c] = across;
        let products = Launch {
            topic: tiles.topic,
            kernel: tiles.kernel,
            element: dtype,
            grid: [blocks_of(NAME, &[a, b, c, parts])?, 1, 1],
            block: [tiles.threads, 1, 1],
            args: vec![Arg::In(0), Arg::In(1), Arg::Scratch(0), weight_sizes(plan, part_pixels)?],
        };
        let total = sum_of_parts(dtype, Parts { elements, parts });
        Ok(Program {
            op: NAME,
            outputs: vec![(dtype, plan.weight_shape())],
            scratch: vec![(real_type(dtype), parts * elements)],
            constants: Vec::new(),
            launches: vec![products, total],
        })
    }
}

/// `struct WeightGather`.
fn weight_sizes(plan: &Plan, part_pixels: usize) -> Result<Arg> {
    let config = &plan.config;
    let [[top, _], [left, _]] = config.padding.axes();
    let mut sizes = vec![plan.batch, config.groups, plan.group_inputs(), plan.group_outputs()];
    for pair in [plan.size, plan.out_size, plan.kernel, config.stride, config.dilation] {
        sizes.extend(pair);
    }
    sizes.extend([top, left, part_pixels]);
    crate::cuda::ints(NAME, &sizes)
}
