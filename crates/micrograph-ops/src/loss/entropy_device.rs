//! Cross-entropy on a CUDA device.

use super::check_weight;
use super::cross_entropy::NAME;
use super::entropy::{CrossEntropy, CrossEntropyBackward};
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, Table, ints, sum_blocks};
use candle::{DType, Error, Result, Shape, Tensor};

const TOPIC: &str = "cross_entropy";

/// The sizes that all kernels take.
struct Sizes {
    pixels: u64,
    blocks: u64,
    settings: Arg,
    dtype: DType,
}

impl CrossEntropy {
    fn sizes(&self, operands: &[Operand<'_>]) -> Result<Sizes> {
        let [logits, labels, weights] = [operands[0], operands[1], operands[2]];
        let dims = logits.layout.dims();
        let plane = dims[2..].iter().product();
        let weighted = weights.is_given();
        let mut settings = ints(NAME, &[dims[1], plane])?;
        if let Arg::Ints(settings) = &mut settings {
            let ignored = self.ignore_index.unwrap_or_default().cast_signed();
            settings.extend([i32::from(self.ignore_index.is_some()), ignored, i32::from(weighted)]);
        }
        let pixels = labels.len();
        Ok(Sizes { pixels, blocks: sum_blocks(pixels), settings, dtype: logits.dtype })
    }

    /// The last three arguments of the kernels that see logits.
    fn target_args(&self) -> [Arg; 3] {
        let [own, other] = self.smoothed;
        [own, other, self.focusing].map(Arg::F64)
    }
}

impl OnDevice for CrossEntropy {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let Sizes { pixels, blocks, settings, dtype } = self.sizes(operands)?;
        let mut args: Vec<_> = [0, 1, 2].map(Arg::In).into();
        args.extend([Arg::Constant(0), Arg::Scratch(0), Arg::Scratch(1), Arg::U64(pixels)]);
        args.push(settings.clone());
        args.extend(self.target_args());
        let sums = Launch::sum(TOPIC, "cross_entropy_sums", dtype, pixels, args);
        let mut args = vec![Arg::In(1), Arg::In(2), Arg::Scratch(0), Arg::Scratch(1)];
        args.extend([Arg::U32(blocks as u32), Arg::Out(0), Arg::Out(1), settings]);
        let loss = Launch::one(TOPIC, "cross_entropy_loss", dtype, blocks, args);
        Ok(Program {
            op: NAME,
            outputs: vec![(dtype, Shape::from(())), (DType::F64, Shape::from(3))],
            scratch: vec![(DType::F64, 2 * blocks as usize), (DType::I64, blocks as usize)],
            constants: vec![Table::F64(self.weights.clone())],
            launches: vec![sums, loss],
        })
    }

    /// A kernel has left pixel (-1 for none), label and weight.
    fn refuse(&self, _: &[Operand<'_>], fault: &[f64]) -> Result<()> {
        if fault[0] < 0.0 {
            return Ok(());
        }
        check_weight(NAME, fault[2])?;
        let (index, size) = (fault[1] as usize, self.weights.len());
        Err(Error::InvalidIndex { op: NAME, index, size }.bt())
    }
}

/// The fourth operand is the gradient of the loss.
impl OnDevice for CrossEntropyBackward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let Sizes { pixels, blocks, settings, dtype } = self.of.sizes(operands)?;
        let args = vec![
            Arg::In(1),
            Arg::In(2),
            Arg::Constant(0),
            Arg::Scratch(0),
            Arg::U64(pixels),
            settings.clone(),
        ];
        let totals = Launch::sum(TOPIC, "cross_entropy_totals", dtype, pixels, args);
        let mut args: Vec<_> = [0, 1, 2, 3].map(Arg::In).into();
        args.extend([Arg::Constant(0), Arg::Scratch(0), Arg::U32(blocks as u32), Arg::Out(0)]);
        args.extend([Arg::U64(pixels), settings]);
        args.extend(self.of.target_args());
        let gradient = Launch::over(TOPIC, "cross_entropy_gradient", dtype, pixels, args);
        Ok(Program {
            op: NAME,
            outputs: vec![(dtype, operands[0].layout.shape().clone())],
            scratch: vec![(DType::F64, 2 * blocks as usize)],
            constants: vec![Table::F64(self.of.weights.clone())],
            launches: vec![totals, gradient],
        })
    }

    fn held(&self) -> Vec<&Tensor> {
        vec![&self.grad]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, drawn, first_line};
    use candle::Device;

    fn op(k: usize, smoothed: [f64; 2], focusing: f64) -> CrossEntropy {
        let weights: Vec<f64> = (0..k).map(|class| 0.5 + class as f64).collect();
        let target =
            |label: usize, class: usize| weights[class] * smoothed[usize::from(class != label)];
        let targets =
            (0..k).map(|label| (0..k).map(|class| target(label, class)).collect()).collect();
        CrossEntropy { targets, weights, smoothed, ignore_index: Some(1), focusing }
    }

    /// Labels below `k`, in the shape of the logits without their second axis.
    fn labels(k: usize, shape: &[usize]) -> Tensor {
        let shape: Vec<_> =
            shape.iter().copied().enumerate().filter(|(i, _)| *i != 1).map(|(_, n)| n).collect();
        let count: usize = shape.iter().product();
        let labels = (0..count).map(|i| (i * 7 % 11 % k) as u32).collect();
        Tensor::from_vec(labels, shape, &Device::Cpu).expect("labels")
    }

    #[test]
    fn kernels_agree_with_the_cpu() {
        let test = "cross_entropy::kernels_agree_with_the_cpu";
        let Some(device) = Emulator::or_skip(test) else { return };
        for dtype in [DType::F32, DType::F64] {
            for (shape, smoothed, focusing) in [
                (vec![1, 1], [1.0, 0.0], 0.0),
                (vec![6, 3], [1.0, 0.0], 2.0),
                (vec![2, 2, 5, 3], [0.95, 0.05], 0.0),
                (vec![3, 4, 17, 11], [0.9, 0.1 / 3.0], 1.5),
            ] {
                let op = op(shape[1], smoothed, focusing);
                let logits = (drawn(1, dtype, &shape) * 3.0).expect("logits");
                let labels = labels(shape[1], &shape);
                let weights = drawn(2, dtype, labels.dims()).abs().expect("weights");
                let none = Tensor::zeros(0, dtype, &Device::Cpu).expect("no weights");
                for weights in [&weights, &none] {
                    let operands = [&logits, &labels, weights];
                    device.twin3(&op, operands, Agreement::of_f64(dtype));
                    let grad = Tensor::new(0.7, &Device::Cpu).and_then(|g| g.to_dtype(dtype));
                    let grad = grad.expect("a gradient");
                    let back = CrossEntropyBackward { of: op.clone(), grad: grad.clone() };
                    device.twin3(&back, operands, Agreement::of_f64(dtype));
                }
            }
        }
    }

    /// One row at a time, so that no large loss hides a small one: float would leave 0 of many.
    #[test]
    fn kernels_keep_what_is_small() {
        let test = "cross_entropy::kernels_keep_what_is_small";
        let Some(device) = Emulator::or_skip(test) else { return };
        let grad = Tensor::new(1_f32, &Device::Cpu).expect("a gradient");
        let none = Tensor::zeros(0, DType::F32, &Device::Cpu).expect("no weights");
        let label = Tensor::new(&[0_u32], &Device::Cpu).expect("a label");
        for logits in [[12_f32, 0.0], [20.0, 0.0], [-20.0, 20.0], [1e4, -1e4], [-1e4, 1e4]] {
            let row = Tensor::new(&[logits], &Device::Cpu).expect("logits");
            for focusing in [0.0, 0.5] {
                let op = op(2, [1.0, 0.0], focusing);
                device.twin3(&op, [&row, &label, &none], Agreement::Each(1.0));
                let back = CrossEntropyBackward { of: op, grad: grad.clone() };
                device.twin3(&back, [&row, &label, &none], Agreement::Each(1.0));
            }
            if logits[0] == 20.0 {
                let op = op(2, [1.0, 0.0], 0.0);
                let loss = device.run(&op, &[&row, &label, &none]).expect("a loss");
                let loss = loss.outputs[0].to_scalar::<f32>().expect("a number");
                let expected = (-20_f64).exp().ln_1p() as f32; // 2.06e-9
                assert!((loss / expected - 1.0).abs() < 1e-6, "{loss} for {expected}");
            }
        }
    }

    #[test]
    fn kernels_refuse_what_the_cpu_refuses() {
        let test = "cross_entropy::kernels_refuse_what_the_cpu_refuses";
        let Some(device) = Emulator::or_skip(test) else { return };
        let op = op(3, [1.0, 0.0], 0.0);
        let logits = drawn(1, DType::F32, &[600, 3]);
        for (pixel, label, weight) in
            [(599, 3, 1.0), (0, u32::MAX, 1.0), (300, 0, f32::NAN), (7, 2, -1.0)]
        {
            let (mut labels, mut weights) = (vec![2_u32; 600], vec![1_f32; 600]);
            (labels[pixel], weights[pixel]) = (label, weight);
            let labels = Tensor::new(labels, &Device::Cpu).expect("labels");
            let weights = Tensor::new(weights, &Device::Cpu).expect("weights");
            let got = device.run(&op, &[&logits, &labels, &weights]);
            let got = got.map(|_| ()).expect_err("the kernels refuse");
            let expected =
                logits.apply_op3_no_bwd(&labels, &weights, &op).expect_err("the CPU refuses");
            assert_eq!(first_line(&got), first_line(&expected));
        }
    }
}
