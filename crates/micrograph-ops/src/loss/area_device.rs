//! Losses of overlapping areas on a CUDA device.

use super::area::{Overlap, OverlapBackward};
use super::overlap::{NAME, OverlapClasses, OverlapScope};
use crate::cuda::{
    Arg, Launch, OnDevice, Operand, Program, blocks_of, ints, sum_blocks, threads_for,
};
use candle::{DType, Error, Result, Shape, Tensor};

const TOPIC: &str = "overlap";

/// Pixels of a plane, at least, that are worth a block of their own.
const PIXELS: usize = 4096;

/// Blocks, at most, that share a plane.
const MOST_PARTS: usize = 64;

impl Overlap {
    /// The kernels up to the loss and the slopes; both go to outputs or scratch memory as given:
    /// loss, then fault. The first scratch buffers are rows, faults, parts and the table.
    fn launches(&self, operands: &[Operand<'_>], [loss, fault]: [Arg; 2]) -> Result<Program> {
        let (logits, pixels) = (operands[0], operands[1].len());
        let (dims, dtype) = (logits.layout.dims(), logits.dtype);
        let (n, k, plane) = (dims[0], dims[1], dims[2..].iter().product::<usize>());
        let parts = plane.div_ceil(PIXELS).min(MOST_PARTS);
        let blocks = sum_blocks(pixels);
        let settings = self.settings([n, k, plane, parts])?;
        let [rows, faults, areas, table] = [0, 1, 2, 3].map(Arg::Scratch);
        let [logits_arg, labels] = [0, 1].map(Arg::In);
        let mut args = vec![logits_arg.clone(), labels.clone(), rows.clone(), faults.clone()];
        args.extend([Arg::U64(pixels), settings.clone()]);
        let of_rows = Launch::sum(TOPIC, "softmax_rows", dtype, pixels, args);
        let args = vec![logits_arg, labels.clone(), rows, areas.clone(), settings.clone()];
        let threads = threads_for(plane as u64) as u32;
        let (grid, block) = ([blocks_of(NAME, &[n, k, parts])?, 1, 1], [threads, 1, 1]);
        let (topic, kernel) = (TOPIC, "areas");
        let of_areas = Launch { topic, kernel, element: dtype, grid, block, args };
        let mut args = vec![areas, table.clone(), settings.clone(), Arg::F64(self.config.smooth)];
        let weights = [self.weights.false_positives, self.weights.false_negatives];
        args.extend(weights.map(Arg::F64));
        let images = if self.config.scope == OverlapScope::Image { n } else { 1 };
        let of_class = threads_for((n / images * parts) as u64);
        let indices =
            Launch::blocks(TOPIC, "indices", dtype, [(images * k) as u64, of_class], args);
        let args = vec![table, faults, Arg::U32(blocks as u32), labels, loss, fault, settings];
        let of_loss = Launch::one(TOPIC, "overlap_loss", dtype, blocks, args);
        Ok(Program {
            op: NAME,
            outputs: Vec::new(),
            scratch: vec![
                (DType::F64, 2 * pixels as usize),
                (DType::I64, blocks as usize),
                (DType::F64, 3 * n * k * parts),
                (DType::F64, 3 * n * k),
            ],
            constants: Vec::new(),
            launches: vec![of_rows, of_areas, indices, of_loss],
        })
    }

    fn settings(&self, sizes: [usize; 4]) -> Result<Arg> {
        let mut settings = ints(NAME, &sizes)?;
        if let Arg::Ints(settings) = &mut settings {
            let ignored = self.config.ignore_index;
            let per_image = self.config.scope == OverlapScope::Image;
            let foreground = self.config.classes == OverlapClasses::Foreground;
            settings
                .extend([i32::from(ignored.is_some()), ignored.unwrap_or_default().cast_signed()]);
            settings.extend([i32::from(per_image), i32::from(foreground)]);
        }
        Ok(settings)
    }
}

impl OnDevice for Overlap {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let mut program = self.launches(operands, [Arg::Out(0), Arg::Out(1)])?;
        program.outputs = vec![(operands[0].dtype, Shape::from(())), (DType::F64, Shape::from(2))];
        Ok(program)
    }

    /// A kernel has left pixel (-1 for none) and label.
    fn refuse(&self, operands: &[Operand<'_>], fault: &[f64]) -> Result<()> {
        if fault[0] < 0.0 {
            return Ok(());
        }
        let (index, size) = (fault[1] as usize, operands[0].layout.dims()[1].max(2));
        Err(Error::InvalidIndex { op: NAME, index, size }.bt())
    }
}

/// The third operand is the gradient of the loss.
impl OnDevice for OverlapBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let (logits, pixels) = (operands[0], operands[1].len());
        let mut program = self.of.launches(operands, [Arg::Scratch(4), Arg::Scratch(5)])?;
        let dtype = logits.dtype;
        program.scratch.extend([(dtype, 1), (DType::F64, 2)]);
        let dims = logits.layout.dims();
        let mut args: Vec<_> = [0, 1, 2].map(Arg::In).into();
        args.extend([Arg::Scratch(0), Arg::Scratch(3), Arg::Out(0), Arg::U64(pixels)]);
        args.push(self.of.settings([dims[0], dims[1], dims[2..].iter().product(), 1])?);
        program.launches.push(Launch::over(TOPIC, "overlap_gradient", dtype, pixels, args));
        program.outputs = vec![(dtype, logits.layout.shape().clone())];
        Ok(program)
    }

    fn held(&self) -> Vec<&Tensor> {
        vec![&self.grad]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, first_line};
    use crate::loss::{ErrorWeights, OverlapConfig};
    use candle::Device;

    fn labels(k: usize, [n, h, w]: [usize; 3]) -> Tensor {
        let labels = (0..n * h * w).map(|i| (i * 5 % 7 % k.max(2)) as u32).collect();
        Tensor::from_vec(labels, (n, h, w), &Device::Cpu).expect("labels")
    }

    #[test]
    fn kernels_agree_with_the_cpu() {
        let Some(device) = Emulator::or_skip("overlap::kernels_agree_with_the_cpu") else { return };
        let weights = ErrorWeights { false_positives: 0.3, false_negatives: 0.8 };
        for (dtype, [n, k, h, w]) in
            [(DType::F32, [1, 1, 1, 2]), (DType::F64, [2, 1, 5, 4]), (DType::F32, [3, 4, 7, 9])]
        {
            let logits = (drawn(1, dtype, &[n, k, h, w]) * 2.0).expect("logits");
            let labels = labels(k, [n, h, w]);
            let grad = Tensor::new(0.7, &Device::Cpu).and_then(|grad| grad.to_dtype(dtype));
            let grad = grad.expect("a gradient");
            for (scope, classes, smooth, ignore_index) in [
                (OverlapScope::Image, OverlapClasses::All, 1e-5, None),
                (OverlapScope::Batch, OverlapClasses::All, 0.5, Some(1)),
                (OverlapScope::Image, OverlapClasses::Foreground, 0.5, Some(1)),
                (OverlapScope::Batch, OverlapClasses::Foreground, 0.0, None),
            ] {
                let config = OverlapConfig { smooth, scope, classes, ignore_index };
                let op = Overlap { weights, config };
                device.twin2(&op, [&logits, &labels], Agreement::of_f64(dtype));
                let back = OverlapBackward { of: op, grad: grad.clone() };
                device.twin2(&back, [&logits, &labels], Agreement::of_f64(dtype));
            }
        }
    }

    /// A pixel that is right by a margin of 20: its classes' gradients still sum to 0.
    #[test]
    fn kernels_keep_what_is_small() {
        let test = "overlap::kernels_keep_what_is_small";
        let Some(device) = Emulator::or_skip(test) else { return };
        let weights = ErrorWeights { false_positives: 0.5, false_negatives: 0.5 };
        let op = Overlap { weights, config: OverlapConfig::default() };
        let grad = Tensor::new(1_f32, &Device::Cpu).expect("a gradient");
        let back = OverlapBackward { of: op, grad };
        let labels = Tensor::new(&[[0_u32]], &Device::Cpu).expect("a label");
        for logits in [vec![20_f32, 0.0], vec![-20.0, 20.0], vec![-20.0]] {
            let logits = Tensor::from_slice(&logits, (1, logits.len(), 1), &Device::Cpu);
            let logits = logits.expect("logits");
            device.twin2(&back, [&logits, &labels], Agreement::Each(1.0));
        }
    }

    #[test]
    fn kernels_refuse_the_label_that_the_cpu_refuses() {
        let test = "overlap::kernels_refuse_the_label_that_the_cpu_refuses";
        let Some(device) = Emulator::or_skip(test) else { return };
        let weights = ErrorWeights { false_positives: 0.5, false_negatives: 0.5 };
        let op = Overlap { weights, config: OverlapConfig::default() };
        let logits = drawn(1, DType::F32, &[2, 3, 4, 5]);
        let mut labels = vec![0_u32; 40];
        labels[31] = 3;
        let labels = Tensor::from_vec(labels, (2, 4, 5), &Device::Cpu).expect("labels");
        let got = device.run(&op, &[&logits, &labels]);
        let got = got.map(|_| ()).expect_err("the kernels refuse");
        let expected = logits.apply_op2_no_bwd(&labels, &op).expect_err("the CPU refuses");
        assert_eq!(first_line(&got), first_line(&expected));
    }
}
