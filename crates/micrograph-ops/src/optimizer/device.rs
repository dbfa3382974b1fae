//! Steps on a CUDA device: one kernel that reads and writes variable and state once.

#[cfg(any(feature = "cuda", test))]
use crate::cuda::{Arg, Launch, Program};
use candle::{Result, Tensor};

/// A kernel of `kernels/optimizer.cu`, and its settings in their order.
#[cfg_attr(not(any(feature = "cuda", test)), expect(dead_code, reason = "for devices alone"))]
pub(super) struct Step {
    pub(super) op: &'static str,
    pub(super) kernel: &'static str,
    pub(super) settings: Vec<f64>,
}

impl Step {
    /// Takes the step where the tensors, the variable first, are on a CUDA device; `false` where
    /// they are on the CPU.
    #[cfg(feature = "cuda")]
    pub(super) fn taken(&self, tensors: &[&Tensor]) -> Result<bool> {
        if !tensors[0].device().is_cuda() {
            return Ok(false);
        }
        crate::cuda::in_place(&self.program(tensors), tensors)?;
        Ok(true)
    }

    /// Without the feature there is only the CPU.
    #[cfg(not(feature = "cuda"))]
    pub(super) fn taken(&self, _: &[&Tensor]) -> Result<bool> {
        Ok(false)
    }

    #[cfg(any(feature = "cuda", test))]
    pub(super) fn program(&self, tensors: &[&Tensor]) -> Program {
        let len = tensors[0].elem_count() as u64;
        // Variable, gradient, and state: the gradient alone stays as it is.
        let place = |i| if i == 1 { Arg::In(i) } else { Arg::Changed(i) };
        let mut args: Vec<_> = (0..tensors.len()).map(place).collect();
        args.push(Arg::U64(len));
        args.extend(self.settings.iter().map(|&setting| Arg::Real(setting)));
        let dtype = tensors[0].dtype();
        let launch = Launch::over("optimizer", self.kernel, dtype, len.div_ceil(4), args);
        Program::in_place(self.op, launch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::emulation::{Agreement, Emulator, assert_agree, drawn};
    use crate::optimizer::ams_grad::AmsGrad;
    use crate::optimizer::rule::{Rule, apply};
    use crate::optimizer::{
        AdaDeltaStep, AdaGradStep, AdamConfig, FtrlStep, Momentum, NadamStep, RmsPropStep, SgdStep,
        adam_step, sgd_step,
    };
    use candle::{DType, Var};

    const SIZES: [usize; 3] = [1, 8, 1027];

    /// The step on the CPU and in the emulation, from the same variable, gradient and state.
    fn twins(
        device: &Emulator,
        kernel: (&'static str, Vec<f64>),
        states: &[&[usize]],
        cpu: impl Fn(&Var, &Tensor, &[Tensor]) -> Result<()>,
    ) {
        for dtype in [DType::F32, DType::F64] {
            for len in SIZES {
                let state = |(i, rows): (usize, &&[usize])| {
                    // Squares, variances and sums are not negative.
                    drawn(9 + i as u64, dtype, &[*rows, &[len]].concat()).abs()
                };
                let states: Vec<_> =
                    states.iter().enumerate().map(state).collect::<Result<_>>().expect("states");
                let (var, grad) = (drawn(1, dtype, &[len]), drawn(2, dtype, &[len]));
                let operands: Vec<_> = [&var, &grad].into_iter().chain(&states).collect();
                let (kernel, settings) = kernel.clone();
                let program = Step { op: "step", kernel, settings }.program(&operands);
                let ran = device.run_program(&program, &operands).expect("a program");
                let on_cpu = Var::from_tensor(&var.copy().expect("a copy")).expect("a variable");
                cpu(&on_cpu, &grad, &states).expect("a step on the CPU");
                let after = [on_cpu.as_tensor(), &grad].into_iter().chain(&states);
                for (got, expected) in ran.operands.iter().zip(after) {
                    assert_agree(got, expected, Agreement::Bits);
                }
            }
        }
    }

    fn rule<const STATES: usize>(device: &Emulator, rule: &impl Rule<STATES>) {
        twins(device, rule.kernel(), &[&[STATES]], |var, grad, states| {
            apply("step", var, grad, &states[0], rule)
        });
    }

    #[test]
    fn kernels_take_the_steps_of_the_cpu() {
        let test = "kernels_take_the_steps_of_the_cpu";
        let Some(device) = &Emulator::or_skip(test) else { return };
        let momenta =
            [(Momentum::Classic(0.9), "sgd_classic"), (Momentum::Nesterov(0.9), "sgd_nesterov")];
        for (momentum, kernel) in momenta {
            let step = SgdStep { lr: 0.1, momentum, weight_decay: 0.01 };
            twins(device, (kernel, vec![0.1, 0.01, 0.9]), &[&[]], |var, grad, states| {
                sgd_step(var, grad, Some(&states[0]), &step)
            });
        }
        let step = SgdStep { lr: 0.1, momentum: Momentum::None, weight_decay: 0.01 };
        twins(device, ("sgd", vec![0.1, 0.01]), &[], |var, grad, _| {
            sgd_step(var, grad, None, &step)
        });
        let step = AdamConfig { weight_decay: 0.03, ..Default::default() }.step(0.01, 3);
        twins(device, ("adam", step.settings()), &[&[], &[]], |var, grad, states| {
            adam_step(var, grad, &states[0], &states[1], &step)
        });
        rule(device, &AmsGrad::of(&step));
        let (lr, epsilon, decay) = (0.03, 1e-3, 0.9);
        let (beta1, beta2, momentum_decay) = (0.9, 0.99, 0.004);
        rule(device, &NadamStep { lr, beta1, beta2, epsilon, momentum_decay, t: 7 }.rule());
        rule(device, &AdaGradStep { lr, epsilon });
        rule(device, &AdaDeltaStep { lr, decay, epsilon });
        rule(device, &FtrlStep { lr, beta: 1.0, l1: 0.5, l2: 0.1 });
        let rms_prop = |momentum, centered| RmsPropStep { lr, decay, epsilon, momentum, centered };
        rule::<1>(device, &rms_prop(0.0, false));
        rule::<2>(device, &rms_prop(0.5, false));
        rule::<2>(device, &rms_prop(0.0, true));
        rule::<3>(device, &rms_prop(0.5, true));
    }
}
