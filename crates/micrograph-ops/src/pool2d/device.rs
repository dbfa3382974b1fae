//! Maximum pooling and unpooling on a CUDA device.

use super::Plan;
use super::max::{ArgMax, Pick, PutBack};
use super::pairs::{MaxPool2x2, MaxPool2x2Backward};
use super::unpool::LargestIndex;
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, ints, sum_blocks, threads_for};
use crate::error::invalid;
use candle::{DType, Result, Shape};

const NAME: &str = "max_pool2d";
const TOPIC: &str = "max_pool";
const BACKWARD: &str = "max_pool2d_backward";

impl Plan {
    /// The sizes as the kernels' `Windows`.
    pub(super) fn ints(&self) -> Result<Arg> {
        let ([h, w], [rows, cols], config) = (self.size, self.out_size, self.config);
        let ([ky, kx], [sy, sx]) = (config.kernel, config.stride);
        let padding = config.padding;
        ints(NAME, &[h, w, rows, cols, ky, kx, sy, sx, padding.top, padding.left])
    }
}

fn planes(layout: &candle::Layout) -> Result<(usize, usize, u64)> {
    let (n, c, h, w) = layout.shape().dims4()?;
    Ok((n, c, (h * w) as u64))
}

impl OnDevice for ArgMax {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (n, c, _) = planes(operands[0].layout)?;
        let [rows, cols] = self.plan.out_size;
        let count = (n * c) as u64;
        let args = vec![Arg::In(0), Arg::Out(0), Arg::U64(count), self.plan.ints()?];
        let outputs = count * self.plan.out_plane() as u64;
        let launch = Launch::over(TOPIC, "arg_max", operands[0].dtype, outputs, args);
        Ok(Program::single(NAME, (DType::U32, Shape::from((n, c, rows, cols))), launch))
    }
}

impl OnDevice for Pick {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (xs, indices) = (operands[0], operands[1]);
        let (n, c, plane) = planes(xs.layout)?;
        let (.., out_plane) = planes(indices.layout)?;
        let args = vec![
            Arg::In(0),
            Arg::In(1),
            Arg::Out(0),
            Arg::U64((n * c) as u64),
            Arg::U64(plane),
            Arg::U64(out_plane),
        ];
        let launch = Launch::over(TOPIC, "pick", xs.dtype, indices.len(), args);
        Ok(Program::single(NAME, (xs.dtype, indices.layout.shape().clone()), launch))
    }
}

impl OnDevice for PutBack {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let grad = operands[0];
        let (n, c, out_plane) = planes(grad.layout)?;
        let (pixels, output) = (self.shape.elem_count(), (grad.dtype, self.shape.clone()));
        if let Some(plan) = self.windows {
            let mut args = vec![Arg::In(0), Arg::In(1), Arg::Out(0)];
            args.extend([Arg::U64((n * c) as u64), plan.ints()?]);
            let launch = Launch::over(TOPIC, "give_back", grad.dtype, pixels as u64, args);
            return Ok(Program::single(BACKWARD, output, launch));
        }
        let plane = pixels / (n * c);
        if u32::try_from(out_plane).is_err() {
            let message = "planes of 2^32 pixels are too large for a CUDA device; cut tiles";
            return Err(invalid(BACKWARD, message));
        }
        let sizes = [(n * c) as u64, plane as u64, out_plane].map(Arg::U64);
        let mut args = vec![Arg::In(1)];
        args.extend([0, 1, 2].map(Arg::Scratch));
        args.extend(sizes.clone());
        let blocks = [(n * c) as u64, threads_for(out_plane)];
        let sort = Launch::blocks(TOPIC, "sort_indices", grad.dtype, blocks, args);
        let mut args = vec![Arg::In(0), Arg::Scratch(0), Arg::Scratch(2), Arg::Out(0)];
        args.extend(sizes);
        let add = Launch::over(TOPIC, "put_back", grad.dtype, pixels as u64, args);
        let mut program = Program::single(BACKWARD, output, sort);
        program.launches.push(add);
        let words = [n * c * (plane + 1), pixels, grad.len() as usize];
        program.scratch = words.map(|len| (DType::U32, len)).into();
        Ok(program)
    }
}

/// A scalar: the largest number of a tensor of u32.
impl OnDevice for LargestIndex {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (len, dtype) = (operands[0].len(), DType::F32);
        let blocks = sum_blocks(len);
        let args = vec![Arg::In(0), Arg::U64(len), Arg::Scratch(0)];
        let some = Launch::sum(TOPIC, "largest_index", dtype, len, args);
        let args = vec![Arg::Scratch(0), Arg::U64(blocks), Arg::Out(0)];
        let all = Launch::one(TOPIC, "largest_index", dtype, blocks, args);
        let mut program = Program::single("max_unpool2d", (DType::U32, Shape::from(())), some);
        program.scratch = vec![(DType::U32, blocks as usize)];
        program.launches.push(all);
        Ok(program)
    }
}

impl OnDevice for MaxPool2x2 {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let (n, c, _) = planes(xs.layout)?;
        let [h, w] = self.size;
        let count = (n * c) as u64;
        let args = vec![Arg::In(0), Arg::Out(0), Arg::U64(count), ints(NAME, &[h, w])?];
        let shape = Shape::from((n, c, h / 2, w / 2));
        let items = shape.elem_count() as u64;
        let launch = Launch::over(TOPIC, "max_pool_2x2", xs.dtype, items, args);
        Ok(Program::single(NAME, (xs.dtype, shape), launch))
    }
}

impl OnDevice for MaxPool2x2Backward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[1];
        let (n, c, _) = planes(xs.layout)?;
        let [h, w] = self.size;
        let args = vec![
            Arg::In(0),
            Arg::In(1),
            Arg::Out(0),
            Arg::U64((n * c) as u64),
            ints(NAME, &[h, w])?,
            Arg::U32(u32::from(self.rectified)),
        ];
        let items = (n * c * h.div_ceil(2) * w.div_ceil(2)) as u64;
        let launch = Launch::over(TOPIC, "max_pool_2x2_backward", xs.dtype, items, args);
        Ok(Program::single(BACKWARD, (xs.dtype, xs.layout.shape().clone()), launch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, with_nan};
    use crate::pool2d::{Pool2dConfig, Rounding};
    use crate::window::Padding;
    use candle::Tensor;

    const TYPES: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];

    #[test]
    fn kernels_pool_and_go_back_as_the_cpu() {
        let test = "kernels_pool_and_go_back_as_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        let padding = Padding { top: 1, bottom: 0, left: 1, right: 2 };
        let odd = Pool2dConfig { kernel: [2, 3], stride: [1, 2], padding, rounding: Rounding::Up };
        let overlapping =
            Pool2dConfig { kernel: [3, 3], stride: [2, 2], ..Pool2dConfig::square(1) };
        for (config, shape) in [
            (Pool2dConfig::square(2), [1, 1, 2, 2]),
            (Pool2dConfig::square(3), [2, 2, 7, 10]),
            (odd, [1, 3, 6, 9]),
            (overlapping, [2, 1, 23, 17]),
        ] {
            for dtype in TYPES {
                let xs = with_nan(&drawn(1, dtype, &shape));
                let plan = Plan::new(NAME, &drawn(1, DType::F32, &shape), &config).expect("a plan");
                device.twin1(&ArgMax { plan }, &xs, Agreement::Bits);
                let of = drawn(1, DType::F64, &shape);
                let indices = of.apply_op1_no_bwd(&ArgMax { plan }).expect("indices");
                device.twin2(&Pick { windows: None }, [&xs, &indices], Agreement::Bits);
                let grad = drawn(2, dtype, indices.dims());
                let of_any = PutBack { shape: xs.shape().clone(), windows: None };
                let of_windows = PutBack { windows: Some(plan), ..of_any.clone() };
                // The CPU rounds sums of f32 once, the kernels as well.
                let half = matches!(dtype, DType::BF16 | DType::F16);
                let agreement = if half { Agreement::Epsilons(4.0) } else { Agreement::Bits };
                for back in [of_any, of_windows] {
                    device.twin2(&back, [&grad, &indices], agreement);
                }
            }
        }
    }

    #[test]
    fn kernels_add_many_gradients_of_one_pixel() {
        let test = "kernels_add_many_gradients_of_one_pixel";
        let Some(device) = Emulator::or_skip(test) else { return };
        let back = PutBack { shape: Shape::from((1, 2, 3, 5)), windows: None };
        for (len, pixels) in [(700_u32, 1), (700, 15), (3, 15)] {
            let indices: Vec<_> = (0..2 * len).map(|i| i * 7 % pixels).collect();
            let indices = Tensor::from_vec(indices, (1, 2, 1, len as usize), &candle::Device::Cpu);
            let indices = indices.expect("indices");
            for dtype in [DType::F32, DType::F64] {
                let grad = drawn(1, dtype, indices.dims());
                device.twin2(&back, [&grad, &indices], Agreement::Bits);
            }
        }
    }

    #[test]
    fn kernels_of_pairs_are_those_of_the_cpu() {
        let test = "kernels_of_pairs_are_those_of_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        for (h, w) in [(2, 2), (3, 5), (8, 6), (17, 34)] {
            for dtype in TYPES {
                let xs = with_nan(&drawn(3, dtype, &[2, 3, h, w]));
                device.twin1(&MaxPool2x2 { size: [h, w] }, &xs, Agreement::Bits);
                let grad = drawn(4, dtype, &[2, 3, h / 2, w / 2]);
                for rectified in [false, true] {
                    let op = MaxPool2x2Backward { size: [h, w], rectified };
                    device.twin2(&op, [&grad, &xs], Agreement::Bits);
                }
            }
        }
    }

    #[test]
    fn kernels_find_the_largest_index() {
        let test = "kernels_find_the_largest_index";
        let Some(device) = Emulator::or_skip(test) else { return };
        for (count, at) in [(1, 0), (700, 699), (20_000, 13_107)] {
            let mut indices = vec![3_u32; count];
            indices[at] = 4_000_000_000;
            let indices = Tensor::new(indices, &candle::Device::Cpu).expect("indices");
            let ran = device.run(&LargestIndex, &[&indices]).expect("kernels");
            let largest = ran.outputs[0].to_scalar::<u32>().expect("one");
            assert_eq!(largest, 4_000_000_000);
        }
    }
}
