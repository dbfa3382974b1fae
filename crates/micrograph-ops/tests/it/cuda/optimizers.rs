//! Steps of optimizers.

use super::*;

/// Takes step number `t` of a variable by its gradient and states.
type Step<'a> = &'a dyn Fn(&Var, &Tensor, &[Tensor], u64) -> Result<()>;

/// Variable and state after three steps.
fn steps(states: &[usize], device: &Device, step: Step<'_>) -> Result<Vec<Vec<f64>>> {
    let var = Var::from_tensor(&drawn(1, &[1027]).to_device(device)?)?;
    let zeros = |rows: &usize| {
        let shape = if *rows == 0 { vec![1027] } else { vec![*rows, 1027] };
        Tensor::zeros(shape, DType::F32, device)
    };
    let states: Vec<_> = states.iter().map(zeros).collect::<Result<_>>()?;
    for t in 1..=3 {
        step(&var, &drawn(t + 1, &[1027]).to_device(device)?, &states, t)?;
    }
    Ok([var.as_tensor()].into_iter().chain(&states).map(numbers).collect())
}

#[test]
fn optimizers_have_the_bits_of_the_cpu() {
    let Some(device) = device("cuda::optimizers_have_the_bits_of_the_cpu") else { return };
    let twins = |states: &[usize], step: Step<'_>| {
        let run = |device| steps(states, device, step).expect("three steps");
        assert_eq!(run(&device), run(&Device::Cpu));
    };
    let (lr, epsilon, decay) = (0.03, 1e-3, 0.9);
    let adam = AdamConfig { weight_decay: 0.03, ..Default::default() };
    twins(&[0, 0], &|var, grad, state, t| {
        adam_step(var, grad, &state[0], &state[1], &adam.step(lr, t))
    });
    twins(&[3], &|var, grad, state, t| ams_grad_step(var, grad, &state[0], &adam.step(lr, t)));
    for momentum in [Momentum::Classic(0.9), Momentum::Nesterov(0.9)] {
        let step = SgdStep { lr, momentum, weight_decay: 0.01 };
        twins(&[0], &|var, grad, state, _| sgd_step(var, grad, Some(&state[0]), &step));
    }
    let plain = SgdStep { lr, momentum: Momentum::None, weight_decay: 0.01 };
    twins(&[], &|var, grad, _, _| sgd_step(var, grad, None, &plain));
    twins(&[2], &|var, grad, state, t| {
        let (beta1, beta2, momentum_decay) = (0.9, 0.99, 0.004);
        let step = NadamStep { lr, beta1, beta2, epsilon, momentum_decay, t };
        nadam_step(var, grad, &state[0], &step)
    });
    for (states, momentum, centered) in
        [(1, 0.0, false), (2, 0.5, false), (2, 0.0, true), (3, 0.5, true)]
    {
        let step = RmsPropStep { lr, decay, epsilon, momentum, centered };
        twins(&[states], &|var, grad, state, _| rms_prop_step(var, grad, &state[0], &step));
    }
    let ada_grad = AdaGradStep { lr, epsilon };
    twins(&[1], &|var, grad, state, _| ada_grad_step(var, grad, &state[0], &ada_grad));
    let ada_delta = AdaDeltaStep { lr, decay, epsilon };
    twins(&[2], &|var, grad, state, _| ada_delta_step(var, grad, &state[0], &ada_delta));
    let ftrl = FtrlStep { lr, beta: 1.0, l1: 0.5, l2: 0.1 };
    twins(&[2], &|var, grad, state, _| ftrl_step(var, grad, &state[0], &ftrl));
}
