//! Resizing and cropping on a CUDA device.

use super::crop_or_pad::CropOrPad;
use super::upsample::{Tap, Upsample, UpsampleBackward};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, Table, ints, real_type, table};
use candle::{Result, Shape};

const TOPIC: &str = "upsample";

impl Upsample {
    fn ints(&self) -> Result<Arg> {
        let [h, w] = self.size;
        ints(self.name, &[h, w, self.rows.len(), self.cols.len()])
    }
}

/// The two lines of each tap, and the shares of the second.
fn tap_tables(taps: &[Tap]) -> [Table; 2] {
    let lines = taps.iter().map(|tap| tap.first).chain(taps.iter().map(|tap| tap.second));
    [table(lines), Table::F64(taps.iter().map(|tap| tap.weight).collect())]
}

/// For each of so many input lines the first output beside it, then the ends of these ranges.
fn beside(taps: &[Tap], lines: usize) -> Table {
    let (mut first, mut end) = (vec![0; lines], vec![0; lines]);
    for (output, tap) in taps.iter().enumerate().rev() {
        for line in [tap.first, tap.second] {
            first[line] = output;
            end[line] = end[line].max(output + 1);
        }
    }
    table(first.into_iter().chain(end))
}

impl OnDevice for Upsample {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let xs = operands[0];
        let (n, c, _, _) = xs.layout.shape().dims4()?;
        let mut args = vec![Arg::In(0), Arg::Out(0)];
        args.extend([0, 1, 2, 3].map(Arg::Constant));
        args.extend([Arg::U64((n * c) as u64), self.ints()?]);
        let shape = Shape::from((n, c, self.rows.len(), self.cols.len()));
        let items = shape.elem_count() as u64;
        let launch = Launch::over(TOPIC, "upsample", xs.dtype, items, args);
        let mut program = Program::single(self.name, (xs.dtype, shape), launch);
        program.constants =
            [tap_tables(&self.rows), tap_tables(&self.cols)].into_iter().flatten().collect();
        Ok(program)
    }
}

/// Along the columns, then along the rows.
impl OnDevice for UpsampleBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (grad, of) = (operands[0], &self.0);
        let (n, c, rows, _) = grad.layout.shape().dims4()?;
        let ([h, w], planes) = (of.size, Arg::U64((n * c) as u64));
        let between = n * c * rows * w;
        let mut args = vec![Arg::In(0), Arg::Scratch(0)];
        args.extend([0, 1, 2].map(Arg::Constant));
        args.extend([planes.clone(), of.ints()?]);
        let cols = Launch::over(TOPIC, "gather_cols", grad.dtype, between as u64, args);
        let mut args = vec![Arg::Scratch(0), Arg::Out(0)];
        args.extend([3, 4, 5].map(Arg::Constant));
        args.extend([planes, of.ints()?]);
        let shape = Shape::from((n, c, h, w));
        let items = shape.elem_count() as u64;
        let of_rows = Launch::over(TOPIC, "gather_rows", grad.dtype, items, args);
        let mut program = Program::single("upsample2d_backward", (grad.dtype, shape), cols);
        program.launches.push(of_rows);
        program.scratch = vec![(real_type(grad.dtype), between)];
        program.constants.extend(tap_tables(&of.cols));
        program.constants.push(beside(&of.cols, w));
        program.constants.extend(tap_tables(&of.rows));
        program.constants.push(beside(&of.rows, h));
        Ok(program)
    }
}

impl OnDevice for CropOrPad {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        const NAME: &str = "crop_or_pad";
        let xs = operands[0];
        let (n, c, h, w) = xs.layout.shape().dims4()?;
        let [rows, cols] = self.out_size([h, w]);
        let mut sizes = ints(NAME, &[h, w, rows, cols])?;
        if let Arg::Ints(sizes) = &mut sizes {
            // No margin is larger than the larger of the two sizes.
            sizes.extend([self.margins.top as i32, self.margins.left as i32]);
        }
        let args = vec![Arg::In(0), Arg::Out(0), Arg::U64((n * c) as u64), sizes];
        let shape = Shape::from((n, c, rows, cols));
        let items = shape.elem_count() as u64;
        let launch = Launch::over(TOPIC, NAME, xs.dtype, items, args);
        Ok(Program::single(NAME, (xs.dtype, shape), launch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn};
    use crate::resample::Alignment;
    use crate::resample::Margins;
    use crate::resample::upsample::{bilinear, nearest};
    use candle::DType;

    const TYPES: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];

    #[test]
    fn kernels_resize_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_resize_as_the_cpu") else { return };
        for (from, to) in [([1, 1], [3, 2]), ([3, 5], [7, 5]), ([8, 9], [4, 20]), ([5, 4], [10, 3])]
        {
            for dtype in TYPES {
                let xs = drawn(1, dtype, &[2, 2, from[0], from[1]]);
                let grad = drawn(2, dtype, &[2, 2, to[0], to[1]]);
                for op in [
                    Upsample::new("upsample", from, to, nearest),
                    Upsample::new("upsample", from, to, bilinear(Alignment::Edges)),
                    Upsample::new("upsample", from, to, bilinear(Alignment::Centers)),
                ] {
                    device.twin1(&op, &xs, Agreement::Bits);
                    device.twin1(&UpsampleBackward(op), &grad, Agreement::Bits);
                }
            }
        }
    }

    #[test]
    fn kernels_crop_and_pad_as_the_cpu() {
        let Some(device) = Emulator::or_skip("kernels_crop_and_pad_as_the_cpu") else { return };
        for (top, bottom, left, right) in [(0, 0, 0, 0), (2, -1, -3, 1), (-2, 0, 4, 0)] {
            let op = CropOrPad { margins: Margins { top, bottom, left, right } };
            for dtype in TYPES {
                device.twin1(&op, &drawn(1, dtype, &[2, 3, 5, 6]), Agreement::Bits);
            }
        }
    }
}
