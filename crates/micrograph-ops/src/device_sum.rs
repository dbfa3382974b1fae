//! Sums over channels and over parts, as programs of kernels.

use crate::cuda::{Arg, Launch, Program, blocks_of, real_type, threads_for};
use candle::{DType, Result, Shape};

/// So many elements, each in so many parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) elements: usize,
    pub(crate) parts: usize,
}

/// The launch that makes output 0, of `dtype`, from scratch buffer 0, `(parts, elements)`.
pub(crate) fn sum_of_parts(dtype: DType, Parts { elements, parts }: Parts) -> Launch {
    let args =
        vec![Arg::Scratch(0), Arg::Out(0), Arg::U64(elements as u64), Arg::U64(parts as u64)];
    Launch::over("channel_sum", "sum_parts", dtype, elements as u64, args)
}

/// Elements of a part of a channel, at least, and parts, at most.
const PART: usize = 4096;
const MOST_PARTS: usize = 64;

/// From `(samples, channels, plane)` to `(channels)`.
pub(crate) fn channel_sum(dtype: DType, [samples, channels, plane]: [usize; 3]) -> Result<Program> {
    let of_channel = samples * plane;
    let part = of_channel.div_ceil(MOST_PARTS).max(PART);
    let parts = of_channel.div_ceil(part);
    let sizes = [samples, channels, plane, part].map(|size| Arg::U64(size as u64));
    let mut args = vec![Arg::In(0), Arg::Scratch(0)];
    args.extend(sizes);
    let sums = Launch {
        topic: "channel_sum",
        kernel: "channel_sum",
        element: dtype,
        grid: [blocks_of("channel_sum", &[channels, parts])?, 1, 1],
        block: [threads_for(part.min(of_channel) as u64) as u32, 1, 1],
        args,
    };
    Ok(Program {
        op: "channel_sum",
        outputs: vec![(dtype, Shape::from(channels))],
        scratch: vec![(real_type(dtype), parts * channels)],
        constants: Vec::new(),
        launches: vec![sums, sum_of_parts(dtype, Parts { elements: channels, parts })],
    })
}

/// Adds operand 1, `(channels)`, to operand 0, `(samples, channels, ...)`, and rectifies it, in
/// place, as far as is asked for.
pub(crate) fn shift_channels(
    op: &'static str,
    dtype: DType,
    shape: &Shape,
    biased: bool,
    rectified: bool,
) -> Result<Program> {
    let elements = shape.elem_count() as u64;
    let channels = shape.dim(1)?;
    let plane: usize = shape.dims()[2..].iter().product();
    let args = vec![
        Arg::Changed(0),
        if biased { Arg::In(1) } else { Arg::Changed(0) },
        Arg::U64(elements),
        Arg::U64(channels as u64),
        Arg::U64(plane as u64),
        Arg::U32(u32::from(biased)),
        Arg::U32(u32::from(rectified)),
    ];
    let launch = Launch::over("channel_sum", "shift_channels", dtype, elements, args);
    Ok(Program::in_place(op, launch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, assert_agree, drawn};

    #[test]
    fn kernels_shift_and_rectify_channels() {
        let name = "kernels_shift_and_rectify_channels";
        let Some(device) = Emulator::or_skip(name) else { return };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            for dims in [&[3, 5][..], &[2, 3, 4, 5]] {
                let (ys, bias) = (drawn(1, dtype, dims), drawn(2, dtype, &[dims[1]]));
                let wide = DType::F64;
                let mut shape = vec![1; dims.len()];
                shape[1] = dims[1];
                let shift = bias.to_dtype(wide).and_then(|bias| bias.reshape(shape)).unwrap();
                let plain = ys.to_dtype(wide).unwrap();
                let shifted = plain.broadcast_add(&shift).unwrap();
                let runs = [
                    (true, false, shifted.clone()),
                    (true, true, shifted.relu().unwrap()),
                    (false, true, plain.relu().unwrap()),
                ];
                for (biased, rectified, expected) in runs {
                    let program = shift_channels("test", dtype, ys.shape(), biased, rectified);
                    let ran = device.run_program(&program.unwrap(), &[&ys, &bias]).unwrap();
                    assert_agree(&ran.operands[0], &expected, Agreement::Epsilons(1.0));
                }
            }
        }
    }

    #[test]
    fn long_channels_are_summed_in_parts() {
        let name = "long_channels_are_summed_in_parts";
        let Some(device) = Emulator::or_skip(name) else { return };
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let xs = drawn(3, dtype, &[3, 2, 61, 53]);
            let expected = xs.to_dtype(DType::F64).and_then(|xs| xs.sum((0, 2, 3))).unwrap();
            let program = channel_sum(dtype, [3, 2, 61 * 53]).unwrap();
            assert_eq!(program.launches[0].grid[0], 6);
            let ran = device.run_program(&program, &[&xs]).unwrap();
            // Narrow types are summed in f32, and rounded once.
            let near = if dtype.size_in_bytes() == 2 { 2.0 } else { 8.0 };
            assert_agree(&ran.outputs[0], &expected, Agreement::Epsilons(near));
        }
    }
}
