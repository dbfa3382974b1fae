//! Warps on a CUDA device.

use super::Alignment;
use super::affine_grid::{AffineGrid, AffineGridBackward};
use super::grid_sample::{Border, Interpolation};
use super::sampler::{GridGradient, GridSample, Scatter};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, ints, threads_for};
use crate::error::invalid;
use candle::{DType, Result, Shape};

const NAME: &str = "grid_sample";
const BACKWARD: &str = "grid_sample_backward";
const TOPIC: &str = "warp";

impl AffineGrid {
    fn ints(&self) -> Result<Arg> {
        let [rows, cols] = self.size;
        ints("affine_grid", &[rows, cols, number(self.alignment)])
    }
}

/// As `Alignment` in `kernels/warp.cu`.
fn number(alignment: Alignment) -> usize {
    match alignment {
        Alignment::Edges => 0,
        Alignment::Centers => 1,
    }
}

impl OnDevice for AffineGrid {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let theta = operands[0];
        let (n, [rows, cols]) = (theta.layout.dim(0)?, self.size);
        let args = vec![Arg::In(0), Arg::Out(0), Arg::U64(n as u64), self.ints()?];
        let items = (n * rows * cols) as u64;
        let launch = Launch::over(TOPIC, "affine_grid", theta.dtype, items, args);
        Ok(Program::single("affine_grid", (theta.dtype, Shape::from((n, rows, cols, 2))), launch))
    }
}

impl OnDevice for AffineGridBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let grad = operands[0];
        let n = grad.layout.dim(0)?;
        let args = vec![Arg::In(0), Arg::Out(0), Arg::U64(n as u64), self.of.ints()?];
        let points = self.of.size[0] * self.of.size[1];
        let blocks = [n as u64, threads_for(points as u64)];
        let launch = Launch::blocks(TOPIC, "affine_grid_backward", grad.dtype, blocks, args);
        Ok(Program::single("affine_grid_backward", (grad.dtype, Shape::from((n, 2, 3))), launch))
    }
}

/// What the kernels of a warp take last: samples and sizes.
fn sampling(
    of: &GridSample,
    [n, c, h, w]: [usize; 4],
    [rows, cols]: [usize; 2],
) -> Result<[Arg; 2]> {
    let interpolation = match of.config.interpolation {
        Interpolation::Nearest => 0,
        Interpolation::Bilinear => 1,
    };
    let border = match of.config.border {
        Border::Zero => 0,
        Border::Edge => 1,
        Border::Reflect => 2,
    };
    let alignment = number(of.config.alignment);
    let sizes = [h, w, rows, cols, c, interpolation, border, alignment];
    Ok([Arg::U64(n as u64), ints(NAME, &sizes)?])
}

impl OnDevice for GridSample {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (xs, grid) = (operands[0], operands[1]);
        let (n, c, h, w) = xs.layout.shape().dims4()?;
        let (_, rows, cols, _) = grid.layout.shape().dims4()?;
        let mut args = vec![Arg::In(0), Arg::In(1), Arg::Out(0)];
        args.extend(sampling(self, [n, c, h, w], [rows, cols])?);
        let shape = Shape::from((n, c, rows, cols));
        let items = shape.elem_count() as u64;
        let launch = Launch::over(TOPIC, NAME, xs.dtype, items, args);
        Ok(Program::single(NAME, (xs.dtype, shape), launch))
    }
}

impl OnDevice for GridGradient {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (xs, grid) = (operands[0], operands[1]);
        let (n, c, h, w) = xs.layout.shape().dims4()?;
        let (_, rows, cols, _) = grid.layout.shape().dims4()?;
        let mut args: Vec<_> = [0, 1, 2].map(Arg::In).into();
        args.push(Arg::Out(0));
        args.extend(sampling(&self.of, [n, c, h, w], [rows, cols])?);
        let items = (n * rows * cols) as u64;
        let launch = Launch::over(TOPIC, "grid_gradient", xs.dtype, items, args);
        Ok(Program::single(BACKWARD, (xs.dtype, grid.layout.shape().clone()), launch))
    }
}

/// The reads of a sample are sorted by pixel, so that each pixel gathers its own in their order.
impl OnDevice for Scatter {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let grad = operands[0];
        let (n, c, rows, cols) = grad.layout.shape().dims4()?;
        let [h, w] = self.size;
        let (plane, reads) = (h * w, 4 * rows * cols);
        if u32::try_from(plane.max(reads)).is_err() {
            let message = format!(
                "images of {h}x{w} and grids of {rows}x{cols} are too large for a CUDA device; cut \
                 tiles, or run it on the CPU"
            );
            return Err(invalid(BACKWARD, message));
        }
        let sizes = sampling(&self.of, [n, c, h, w], [rows, cols])?;
        let mut args = vec![Arg::In(1)];
        args.extend([0, 1, 2, 3].map(Arg::Scratch));
        args.extend(sizes.clone());
        let sort = Launch::blocks(
            TOPIC,
            "sort_reads",
            grad.dtype,
            [n as u64, threads_for(reads as u64)],
            args,
        );
        let mut args = vec![Arg::In(0)];
        args.extend([0, 2, 3].map(Arg::Scratch));
        args.push(Arg::Out(0));
        args.extend(sizes);
        let shape = Shape::from((n, c, h, w));
        let items = shape.elem_count() as u64;
        let gather = Launch::over(TOPIC, "gather_reads", grad.dtype, items, args);
        let mut program = Program::single(BACKWARD, (grad.dtype, shape), sort);
        program.launches.push(gather);
        let words = [n * (plane + 1), n * plane, n * reads].map(|len| (DType::U32, len));
        program.scratch = [&words[..], &[(DType::F64, n * reads)]].concat();
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, with_nan};
    use crate::resample::GridSampleConfig;

    #[test]
    fn kernels_make_the_grids_of_the_cpu() {
        let test = "kernels_make_the_grids_of_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        for (size, alignment) in [
            ([1, 1], Alignment::Centers),
            ([5, 7], Alignment::Edges),
            ([31, 40], Alignment::Centers),
        ] {
            let op = AffineGrid { size, alignment };
            for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
                device.twin1(&op, &drawn(1, dtype, &[2, 2, 3]), Agreement::Bits);
                let grad = drawn(2, dtype, &[2, size[0], size[1], 2]);
                let backward = AffineGridBackward { of: op };
                // Another order of the sums.
                device.twin1(&backward, &grad, Agreement::Epsilons(64.0));
            }
        }
    }

    #[test]
    fn kernels_warp_and_go_back_as_the_cpu() {
        let test = "kernels_warp_and_go_back_as_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        for interpolation in [Interpolation::Nearest, Interpolation::Bilinear] {
            for border in [Border::Zero, Border::Edge, Border::Reflect] {
                for alignment in [Alignment::Edges, Alignment::Centers] {
                    let of = GridSample {
                        config: GridSampleConfig { interpolation, border, alignment },
                    };
                    for (dtype, [h, w], [rows, cols]) in [
                        (DType::F32, [1, 3], [4, 2]),
                        (DType::F64, [6, 5], [3, 7]),
                        (DType::F32, [17, 20], [12, 11]),
                        (DType::BF16, [6, 5], [3, 7]),
                        (DType::F16, [5, 4], [7, 3]),
                    ] {
                        let xs = drawn(1, dtype, &[2, 2, h, w]);
                        let grid = with_nan(&drawn(2, dtype, &[2, rows, cols, 2]));
                        device.twin2(&of, [&xs, &grid], Agreement::Bits);
                        let grad = drawn(3, dtype, &[2, 2, rows, cols]);
                        device.twin3(&GridGradient { of }, [&xs, &grid, &grad], Agreement::Bits);
                        let scatter = Scatter { of, size: [h, w] };
                        device.twin2(&scatter, [&grad, &grid], Agreement::Bits);
                    }
                }
            }
        }
    }
}
