//! Which kernel computes a convolution on a device: a fixed table over types and sizes.

use super::super::NAME;
use super::super::plan::Plan;
use crate::error::invalid;
use candle::{DType, Result};

/// A kernel and the tile that one of its blocks computes.
pub(super) struct Tiles {
    pub(super) topic: &'static str,
    pub(super) pack: &'static str,
    pub(super) kernel: &'static str,
    pub(super) maps: usize,
    /// Pixels; of the weight's gradient, kernel elements.
    pub(super) pixels: usize,
    pub(super) threads: u32,
    /// Whether it runs on the tensor cores.
    pub(super) tensor: bool,
}

impl Tiles {
    /// For sums over gathered pixels that make so many maps of a group.
    pub(super) fn of(dtype: DType, maps: usize) -> Self {
        let tensor = is_narrow(dtype);
        let (topic, pack) = if tensor {
            ("conv2d_tensor", "conv2d_tensor_pack")
        } else {
            ("conv2d", "conv2d_pack")
        };
        let (kernel, maps, threads) = match (tensor, maps) {
            (false, ..=32) => ("conv2d_32", 32, 128),
            (false, ..=64) => ("conv2d_64", 64, 128),
            (false, _) => ("conv2d_128", 128, 256),
            (true, ..=32) => ("conv2d_tensor_32", 32, 128),
            (true, ..=64) => ("conv2d_tensor_64", 64, 128),
            (true, _) => ("conv2d_tensor_128", 128, 256),
        };
        Self { topic, pack, kernel, maps, pixels: 128, threads, tensor }
    }

    /// For the gradient of a weight of so many maps and elements a map, of a group.
    pub(super) fn of_weight(dtype: DType, [maps, elements]: [usize; 2]) -> Self {
        let tensor = is_narrow(dtype);
        let large = maps > 64 && elements > 64;
        let topic = if tensor { "conv2d_weight_tensor" } else { "conv2d_weight" };
        let (kernel, side, threads) = match (tensor, large) {
            (false, false) => ("conv2d_weight_64", 64, 128),
            (false, true) => ("conv2d_weight_128", 128, 256),
            (true, false) => ("conv2d_weight_tensor_64", 64, 128),
            (true, true) => ("conv2d_weight_tensor_128", 128, 256),
        };
        Self { topic, pack: "", kernel, maps: side, pixels: side, threads, tensor }
    }
}

fn is_narrow(dtype: DType) -> bool {
    matches!(dtype, DType::BF16 | DType::F16)
}

/// Pixels of a batch, at most, and terms of a sum: the kernels count them in 32 bits, and a tile
/// beyond the end.
const MOST_PIXELS: usize = i32::MAX as usize - 1024;

/// Refuses batches whose pixels the kernels cannot count, images whose padded lines they cannot, and
/// kernels whose elements they cannot: those of a map, over which the outputs are summed, and those
/// of a channel, over which the gradient of the input is.
pub(super) fn check_sizes(plan: &Plan) -> Result<()> {
    let padding = plan.config.padding.axes();
    for axis in 0..2 {
        let [before, after] = padding[axis];
        let lines = plan.size[axis].saturating_add(before).saturating_add(after);
        if lines > MOST_PIXELS {
            let message = format!(
                "{lines} padded lines are above {MOST_PIXELS}, the most on a CUDA device; pad less"
            );
            return Err(invalid(NAME, message));
        }
    }
    let channels = plan.group_inputs().max(plan.group_outputs());
    // The tensor cores take channels in eights.
    let terms = channels.next_multiple_of(8).saturating_mul(plan.taps());
    if terms > MOST_PIXELS {
        let message = format!(
            "sums of {terms} products, {channels} channels of {} kernel elements, are above \
             {MOST_PIXELS}, the most on a CUDA device; take more groups or a smaller kernel",
            plan.taps()
        );
        return Err(invalid(NAME, message));
    }
    let pixels = plan.batch.saturating_mul(plan.plane().max(plan.out_plane()));
    if pixels <= MOST_PIXELS {
        return Ok(());
    }
    Err(invalid(
        NAME,
        format!(
            "a batch of {pixels} pixels is above {MOST_PIXELS}, the most on a CUDA device; cut it"
        ),
    ))
}
