//! Batch normalization on a CUDA device.

use super::NAME;
use super::normalize::{BackwardData, BatchNorm, Mode, Sums};
use super::statistics::{Blend, Statistics};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, blocks_of, ints, threads_for};
use candle::{DType, Result, Shape, Tensor};

const TOPIC: &str = "batch_norm";

/// Pixels of a channel, at least, that are worth a block of their own.
const PIXELS: usize = 4096;

/// Blocks, at most, that share a channel.
const MOST_PARTS: usize = 64;

struct Sizes {
    channels: usize,
    /// Blocks of the kernels that sum.
    blocks: u32,
    /// Threads of each.
    threads: u64,
    ints: Arg,
}

impl Sizes {
    fn of(xs: Operand<'_>) -> Result<Self> {
        let (n, channels, h, w) = xs.layout.shape().dims4()?;
        let parts = (n * h * w).div_ceil(PIXELS).min(MOST_PARTS);
        ints(NAME, &[n * h * w])?; // kernels count the pixels of a channel
        let sizes = ints(NAME, &[n, channels, h * w, parts])?;
        let blocks = blocks_of(NAME, &[channels, parts])?;
        let threads = threads_for((n * h * w) as u64);
        Ok(Self { channels, blocks, threads, ints: sizes })
    }

    fn launch(&self, kernel: &'static str, xs: Operand<'_>, mut args: Vec<Arg>) -> Launch {
        args.push(self.ints.clone());
        Launch::over(TOPIC, kernel, xs.dtype, self.channels as u64, args)
    }

    /// One block a part of a channel.
    fn sum(&self, kernel: &'static str, xs: Operand<'_>, mut args: Vec<Arg>) -> Launch {
        args.push(self.ints.clone());
        let grid = [self.blocks, 1, 1];
        let (topic, element, block) = (TOPIC, xs.dtype, [self.threads as u32, 1, 1]);
        Launch { topic, kernel, element, grid, block, args }
    }
}

impl OnDevice for Statistics {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let sizes = Sizes::of(xs)?;
        let (parts, statistics) = (Arg::Scratch(0), Arg::Out(0));
        let finish = |kernel| sizes.launch(kernel, xs, vec![parts.clone(), statistics.clone()]);
        let sums = sizes.sum("channel_sums", xs, vec![Arg::In(0), parts.clone()]);
        let args = vec![Arg::In(0), statistics.clone(), parts.clone()];
        let squares = sizes.sum("channel_squares", xs, args);
        let output = (DType::F64, Shape::from((2, sizes.channels)));
        let mut program = Program::single(NAME, output, sums);
        program.launches.extend([finish("means"), squares, finish("variances")]);
        program.scratch = vec![(DType::F64, sizes.blocks as usize)];
        Ok(program)
    }
}

/// The fourth operand are the numbers of the channels.
impl OnDevice for BatchNorm {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let mut args: Vec<_> = [0, 1, 2, 3].map(Arg::In).into();
        args.extend([Arg::Out(0), Sizes::of(xs)?.ints]);
        let launch = Launch::over(TOPIC, "normalize", xs.dtype, xs.len(), args);
        Ok(Program::single(NAME, (xs.dtype, xs.layout.shape().clone()), launch))
    }

    fn held(&self) -> Vec<&Tensor> {
        vec![&self.numbers]
    }
}

/// The third operand are the numbers of the channels.
impl OnDevice for Sums {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[1];
        let sizes = Sizes::of(xs)?;
        let args = vec![Arg::In(0), Arg::In(1), Arg::In(2), Arg::Scratch(0)];
        let parts = sizes.sum("gradient_parts", xs, args);
        let sums = sizes.launch("gradient_sums", xs, vec![Arg::Scratch(0), Arg::Out(0)]);
        let output = (DType::F64, Shape::from((2, sizes.channels)));
        let mut program = Program::single("batch_norm2d_backward", output, parts);
        program.launches.push(sums);
        program.scratch = vec![(DType::F64, 2 * sizes.blocks as usize)];
        Ok(program)
    }

    fn held(&self) -> Vec<&Tensor> {
        vec![&self.0.numbers]
    }
}

/// Further operands are the weight, the numbers of the channels and the sums.
impl OnDevice for BackwardData {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[1];
        let divisor = match self.of.mode {
            Mode::Training { count } => count as f64,
            Mode::Evaluation => 0.0,
        };
        let mut args: Vec<_> = [0, 1, 2, 3, 4].map(Arg::In).into();
        args.extend([Arg::Out(0), Sizes::of(xs)?.ints, Arg::F64(divisor)]);
        let launch = Launch::over(TOPIC, "normalize_backward", xs.dtype, xs.len(), args);
        let output = (xs.dtype, xs.layout.shape().clone());
        Ok(Program::single("batch_norm2d_backward", output, launch))
    }

    fn held(&self) -> Vec<&Tensor> {
        vec![&self.weight, &self.of.numbers, &self.sums]
    }
}

impl Blend {
    pub(super) fn program(&self, running: &Tensor) -> Program {
        let len = running.elem_count() as u64;
        let mut args = vec![Arg::Changed(0), Arg::In(1), Arg::U64(len)];
        args.extend([Arg::Real(1.0 - self.momentum), Arg::Real(self.momentum)]);
        let launch = Launch::over("elementwise", "running_mean", running.dtype(), len, args);
        Program::in_place(NAME, launch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch_norm::{ChannelStatistics, batch_norm2d_eval};
    use crate::cuda::emulation::{Agreement, Emulator, assert_agree, drawn};
    use candle::Device;

    #[test]
    fn kernels_normalize_as_the_cpu() {
        let test = "kernels_normalize_as_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        for (dtype, shape) in [
            (DType::F32, [2, 1, 1, 1]),
            (DType::F64, [1, 3, 5, 4]),
            (DType::F32, [3, 2, 53, 61]),
            (DType::BF16, [2, 5, 3, 7]),
            (DType::F16, [2, 5, 3, 7]),
        ] {
            let xs = drawn(1, dtype, &shape);
            // Sums in another order.
            device.twin1(&Statistics, &xs, Agreement::Epsilons(64.0));
            let channels = shape[1];
            let mean = drawn(2, DType::F64, &[channels]);
            let variance = drawn(3, DType::F64, &[channels]).sqr().expect("variances");
            let [weight, bias] = [4, 5].map(|seed| drawn(seed, dtype, &[channels]));
            let grad = drawn(6, dtype, &shape);
            for mode in [Mode::Evaluation, Mode::Training { count: xs.elem_count() / channels }] {
                let op = BatchNorm::new(mode, &mean, &variance, 1e-3).expect("numbers");
                device.twin3(&op, [&xs, &weight, &bias], Agreement::Bits);
                let sums_op = Sums(op.clone());
                device.twin2(&sums_op, [&grad, &xs], Agreement::Epsilons(64.0));
                let sums = drawn(7, DType::F64, &[2, channels]);
                let back = BackwardData { of: op.clone(), weight: weight.clone(), sums };
                device.twin2(&back, [&grad, &xs], Agreement::Bits);
            }
        }
    }

    #[test]
    fn statistics_of_narrow_types_are_in_f32() {
        let new = |dtype| ChannelStatistics::new(3, dtype, &Device::Cpu).expect("statistics");
        for dtype in [DType::F32, DType::BF16, DType::F16] {
            let ChannelStatistics { mean, variance } = new(dtype);
            assert_eq!([mean.dtype(), variance.dtype()], [DType::F32; 2]);
        }
        assert_eq!(new(DType::F64).mean.dtype(), DType::F64);
        let xs = drawn(1, DType::F32, &[1, 3, 2, 2]);
        let (weight, bias) = (drawn(2, DType::F32, &[3]), drawn(3, DType::F32, &[3]));
        let error = batch_norm2d_eval(&xs, &weight, &bias, &new(DType::F64), 1e-5);
        let error = error.expect_err("statistics of another type").to_string();
        assert!(error.contains("statistics are f32"), "{error}");
    }

    #[test]
    fn kernels_blend_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_blend_as_the_cpu") else { return };
        for dtype in [DType::F32, DType::F64] {
            let (running, batch) = (drawn(1, dtype, &[37]), drawn(2, dtype, &[37]));
            let op = Blend { momentum: 0.1 };
            let ran = device.run_program(&op.program(&running), &[&running, &batch]);
            running.inplace_op2(&batch, &op).expect("the CPU");
            assert_agree(&ran.expect("a kernel").operands[0], &running, Agreement::Bits);
        }
    }
}
