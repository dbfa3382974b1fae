//! Binary cross-entropy on a CUDA device.

use super::binary::{Backward, BinaryCrossEntropy, NAME, check_target};
use super::check_weight;
use crate::cuda::{Arg, Launch, OnDevice, Operand, Program, sum_blocks};
use candle::{DType, Result, Shape, Tensor};

const TOPIC: &str = "bce";

impl BinaryCrossEntropy {
    /// The kernel that sums, into the scratch buffers 0 and 1.
    fn launch_sums(&self, operands: &[Operand<'_>]) -> Launch {
        let (len, weighted) = (operands[0].len(), weighted(operands));
        let mut args: Vec<_> = [0, 1, 2].map(Arg::In).into();
        args.extend([Arg::Scratch(0), Arg::Scratch(1), Arg::U64(len), weighted]);
        args.push(Arg::F64(self.positive_weight));
        Launch::sum(TOPIC, "bce_sums", operands[0].dtype, len, args)
    }
}

fn weighted(operands: &[Operand<'_>]) -> Arg {
    Arg::U32(u32::from(operands[2].is_given()))
}

fn scratch(blocks: u64) -> Vec<(DType, usize)> {
    vec![(DType::F64, 2 * blocks as usize), (DType::I64, blocks as usize)]
}

impl OnDevice for BinaryCrossEntropy {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let logits = operands[0];
        let blocks = sum_blocks(logits.len());
        let args = vec![
            Arg::In(1),
            Arg::In(2),
            Arg::Scratch(0),
            Arg::Scratch(1),
            Arg::U32(blocks as u32),
            weighted(operands),
            Arg::Out(0),
            Arg::Out(1),
        ];
        let loss = Launch::one(TOPIC, "bce_loss", logits.dtype, blocks, args);
        Ok(Program {
            op: NAME,
            outputs: vec![(logits.dtype, Shape::from(())), (DType::F64, Shape::from(3))],
            scratch: scratch(blocks),
            constants: Vec::new(),
            launches: vec![self.launch_sums(operands), loss],
        })
    }

    /// A kernel has left place (-1 for none), target and weight.
    fn refuse(&self, _: &[Operand<'_>], fault: &[f64]) -> Result<()> {
        if fault[0] < 0.0 {
            return Ok(());
        }
        check_weight(NAME, fault[2])?;
        check_target(fault[1]).map(|_| ())
    }
}

/// The fourth operand is the gradient of the loss.
impl OnDevice for Backward {
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program> {
        let logits = operands[0];
        let (len, blocks) = (logits.len(), sum_blocks(logits.len()));
        let mut args: Vec<_> = [0, 1, 2, 3].map(Arg::In).into();
        args.extend([Arg::Scratch(0), Arg::U32(blocks as u32), Arg::Out(0), Arg::U64(len)]);
        args.extend([weighted(operands), Arg::F64(self.of.positive_weight)]);
        let gradient = Launch::over(TOPIC, "bce_gradient", logits.dtype, len, args);
        let mut program =
            Program::single(NAME, (logits.dtype, logits.layout.shape().clone()), gradient);
        program.launches.insert(0, self.of.launch_sums(operands));
        program.scratch = scratch(blocks);
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
    use candle::Device;

    #[test]
    fn kernels_agree_with_the_cpu() {
        let Some(device) = Emulator::or_skip("bce::kernels_agree_with_the_cpu") else { return };
        let op = BinaryCrossEntropy { positive_weight: 2.5 };
        for (dtype, shape) in
            [(DType::F32, vec![1]), (DType::F64, vec![3, 5]), (DType::F32, vec![2, 1, 17, 23])]
        {
            let logits = (drawn(1, dtype, &shape) * 20.0).expect("logits");
            let targets = drawn(2, dtype, &shape).clamp(0.0, 1.0).expect("targets");
            let weights = drawn(3, dtype, &shape).abs().expect("weights");
            let none = Tensor::zeros(0, dtype, &Device::Cpu).expect("no weights");
            let grad = Tensor::new(0.7, &Device::Cpu).and_then(|grad| grad.to_dtype(dtype));
            let grad = grad.expect("a gradient");
            for weights in [&weights, &none] {
                device.twin3(&op, [&logits, &targets, weights], Agreement::of_f64(dtype));
                let back = Backward { of: op, grad: grad.clone() };
                device.twin3(&back, [&logits, &targets, weights], Agreement::of_f64(dtype));
            }
        }
    }

    /// One logit at a time, so that no large loss hides a small one.
    #[test]
    fn kernels_keep_what_is_small() {
        let Some(device) = Emulator::or_skip("bce::kernels_keep_what_is_small") else { return };
        let op = BinaryCrossEntropy { positive_weight: 1.0 };
        let [one, none] = [1, 0].map(|len| Tensor::ones(len, DType::F32, &Device::Cpu));
        let (target, none) = (one.expect("a target"), none.expect("no weights"));
        let back = Backward { of: op, grad: target.get(0).expect("a gradient") };
        for logit in [20_f32, 100.0, 1e4, -20.0, -1e4] {
            let logit = Tensor::new(&[logit], &Device::Cpu).expect("a logit");
            device.twin3(&op, [&logit, &target, &none], Agreement::Each(1.0));
            device.twin3(&back, [&logit, &target, &none], Agreement::Each(1.0));
        }
    }

    #[test]
    fn kernels_refuse_what_the_cpu_refuses() {
        let test = "bce::kernels_refuse_what_the_cpu_refuses";
        let Some(device) = Emulator::or_skip(test) else { return };
        let (op, logits) =
            (BinaryCrossEntropy { positive_weight: 1.0 }, drawn(1, DType::F32, &[600]));
        for (place, target, weight) in
            [(599, 255.0, 1.0), (0, f32::NAN, 1.0), (300, 0.5, f32::INFINITY), (7, -0.5, -1.0)]
        {
            let (mut targets, mut weights) = (vec![1_f32; 600], vec![1_f32; 600]);
            (targets[place], weights[place]) = (target, weight);
            let [targets, weights] =
                [targets, weights].map(|x| Tensor::new(x, &Device::Cpu).expect("numbers"));
            let got = device.run(&op, &[&logits, &targets, &weights]);
            let got = got.map(|_| ()).expect_err("the kernels refuse");
            let expected =
                logits.apply_op3_no_bwd(&targets, &weights, &op).expect_err("the CPU refuses");
            assert_eq!(first_line(&got), first_line(&expected));
        }
    }
}
