//! Average pooling on a CUDA device.

use super::average::{Average, Spread};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, Table, ints, table};
use candle::{Result, Shape};
use std::ops::Range;

const NAME: &str = "avg_pool2d";
const TOPIC: &str = "avg_pool";

/// Pixels of a mean window, at least, that are worth a block of threads.
const LARGE: usize = 512;

impl Average {
    fn ints(&self) -> Result<Arg> {
        let ([h, w], [rows, cols]) = (self.size, self.windows.each_ref().map(Vec::len));
        ints(NAME, &[h, w, rows, cols])
    }

    /// The first lines of the windows, then their ends, along each axis.
    fn tables(&self) -> Vec<Table> {
        let lines = |windows: &Vec<Range<usize>>| {
            let (starts, ends) = (windows.iter().map(|w| w.start), windows.iter().map(|w| w.end));
            table(starts.chain(ends))
        };
        self.windows.iter().map(lines).collect()
    }

    /// For each line of the image the first window that covers it, then the ends of these ranges.
    fn covering(&self, axis: usize) -> Table {
        let windows = &self.windows[axis];
        let first = |line| windows.partition_point(|window| window.end <= line);
        let end = |line| windows.partition_point(|window| window.start <= line);
        let lines = 0..self.size[axis];
        table(lines.clone().map(first).chain(lines.map(|line| end(line).max(first(line)))))
    }
}

impl OnDevice for Average {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let (n, c, _, _) = xs.layout.shape().dims4()?;
        let [rows, cols] = self.windows.each_ref().map(Vec::len);
        let mut args = vec![Arg::In(0), Arg::Out(0), Arg::Constant(0), Arg::Constant(1)];
        args.extend([Arg::U64((n * c) as u64), self.ints()?]);
        let shape = Shape::from((n, c, rows, cols));
        let items = shape.elem_count() as u64;
        let ([h, w], pixels) = (self.size, LARGE * rows * cols);
        let launch = if h * w >= pixels {
            Launch::blocks(TOPIC, "average_of_blocks", xs.dtype, [items, 256], args)
        } else {
            Launch::over(TOPIC, "average", xs.dtype, items, args)
        };
        let mut program = Program::single(NAME, (xs.dtype, shape), launch);
        program.constants = self.tables();
        Ok(program)
    }
}

impl OnDevice for Spread {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let grad = operands[0];
        let (n, c, _, _) = grad.layout.shape().dims4()?;
        let [h, w] = self.0.size;
        let mut args = vec![Arg::In(0), Arg::Out(0)];
        args.extend([0, 1, 2, 3].map(Arg::Constant));
        args.extend([Arg::U64((n * c) as u64), self.0.ints()?]);
        let shape = Shape::from((n, c, h, w));
        let items = shape.elem_count() as u64;
        let launch = Launch::over(TOPIC, "spread", grad.dtype, items, args);
        let mut program = Program::single("avg_pool2d_backward", (grad.dtype, shape), launch);
        program.constants = self.0.tables();
        program.constants.extend([self.0.covering(0), self.0.covering(1)]);
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use crate::pool2d::{Plan, Pool2dConfig, Rounding};
    use crate::window::Padding;
    use candle::DType;

    #[test]
    fn blocks_average_large_windows() {
        let Some(device) = Emulator::or_skip("blocks_average_large_windows") else { return };
        for (size, windows) in [([41, 37], [1, 1]), ([40, 61], [2, 2])] {
            let op = Average::even(size, windows);
            for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
                let xs = drawn(1, dtype, &[2, 1, size[0], size[1]]);
                device.twin1(&op, &xs, Agreement::Epsilons(4.0)); // sums in another order
            }
        }
    }

    #[test]
    fn kernels_average_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_average_as_the_cpu") else { return };
        let padding = Padding { top: 1, bottom: 0, left: 1, right: 2 };
        let odd = Pool2dConfig { kernel: [2, 3], stride: [1, 2], padding, rounding: Rounding::Up };
        // A stride that leaves lines out.
        let apart = Pool2dConfig { kernel: [2, 1], stride: [3, 2], ..Pool2dConfig::square(1) };
        for (n, c, h, w) in [(1, 1, 4, 3), (2, 3, 7, 11)] {
            let of = drawn(1, DType::F32, &[n, c, h, w]);
            let plan = |config| Plan::new(NAME, &of, &config).expect("a plan");
            let plans = [Pool2dConfig::square(2), odd, apart].map(plan);
            let even = [[1, 1], [2, 3], [9, 5]].map(|size| Average::even([h, w], size));
            for op in plans.iter().map(Average::of_plan).chain(even) {
                for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
                    device.twin1(&op, &drawn(1, dtype, &[n, c, h, w]), Agreement::Bits);
                    let [rows, cols] = op.windows.each_ref().map(Vec::len);
                    let grad = drawn(2, dtype, &[n, c, rows, cols]);
                    device.twin1(&Spread(op.clone()), &grad, Agreement::Bits);
                }
            }
        }
    }
}
