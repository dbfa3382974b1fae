//! Optimizers: the trajectories of PyTorch, and that of Keras's formula for FTRL.

use crate::refused::{refused, zeros};
use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    AdaDeltaStep, AdaGradStep, AdamConfig, FtrlStep, Momentum, NadamStep, RmsPropStep, SgdStep,
    ada_delta_step, ada_grad_step, adam_step, ams_grad_step, ftrl_step, nadam_step, philox4x32,
    rms_prop_step, sgd_step,
};
use micrograph_testkit::{assert_close, golden};
use rayon::ThreadPoolBuilder;
use serde::Deserialize;
use std::collections::BTreeMap;

const NADAM: NadamStep =
    NadamStep { lr: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum_decay: 0.004, t: 1 };
const RMS_PROP: RmsPropStep =
    RmsPropStep { lr: 0.05, decay: 0.9, epsilon: 1e-8, momentum: 0.0, centered: false };
const ADA_DELTA: AdaDeltaStep = AdaDeltaStep { lr: 0.5, decay: 0.9, epsilon: 1e-6 };
const FTRL: FtrlStep = FtrlStep { lr: 0.3, beta: 0.0, l1: 0.4, l2: 0.5 };

#[derive(Deserialize)]
struct Trajectories {
    start: Vec<f64>,
    gradients: Vec<Vec<f64>>,
    paths: BTreeMap<String, Vec<Vec<f64>>>,
}

/// Follows the path of that name with `step(var, gradient, two states, number of the step)`.
fn follow(name: &str, step: impl Fn(&Var, &Tensor, &[Tensor; 2], u64) -> Result<()>) -> Result<()> {
    let golden: Trajectories = golden(env!("CARGO_MANIFEST_DIR"), "optimizers.json");
    let var = Var::new(golden.start, &Device::Cpu)?;
    let states = [var.zeros_like()?, var.zeros_like()?];
    for (t, (gradient, expected)) in (1..).zip(golden.gradients.iter().zip(&golden.paths[name])) {
        step(&var, &Tensor::new(gradient.as_slice(), &Device::Cpu)?, &states, t)?;
        // All goldens are in f64: what differs is the order of sums.
        assert_close(&var.to_vec1::<f64>()?, expected, 1e-12, 1e-12);
    }
    Ok(())
}

/// As [`follow`], with one state of `k` numbers an element, whose first begins as `begin`.
fn follow_stacked(
    name: &str,
    (k, begin): (usize, f64),
    step: impl Fn(&Var, &Tensor, &Tensor, u64) -> Result<()>,
) -> Result<()> {
    let state = Tensor::zeros((k, 5), DType::F64, &Device::Cpu)?;
    state.slice_set(&Tensor::full(begin, (1, 5), &Device::Cpu)?, 0, 0)?;
    follow(name, |var, gradient, _, t| step(var, gradient, &state, t))
}

#[test]
fn adam_and_adamw() -> Result<()> {
    let default = AdamConfig::default();
    let other = AdamConfig { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, ..default };
    let decay = AdamConfig { weight_decay: 0.1, ..default };
    let paths = [("adam", default, 0.05), ("adam_other_betas", other, 0.1), ("adamw", decay, 0.05)];
    for (name, config, lr) in paths {
        follow(name, |var, gradient, [first, second], t| {
            adam_step(var, gradient, first, second, &config.step(lr, t))
        })?;
    }
    Ok(())
}

#[test]
fn sgd_with_and_without_momentum() -> Result<()> {
    let paths = [
        ("sgd", Momentum::None, 0.0),
        ("sgd_decay", Momentum::None, 0.05),
        ("sgd_momentum", Momentum::Classic(0.9), 0.05),
        ("sgd_nesterov", Momentum::Nesterov(0.9), 0.05),
    ];
    for (name, momentum, weight_decay) in paths {
        let step = SgdStep { lr: 0.1, momentum, weight_decay };
        follow(name, |var, gradient, [velocity, _], _| {
            let velocity = (momentum != Momentum::None).then_some(velocity);
            sgd_step(var, gradient, velocity, &step)
        })?;
    }
    Ok(())
}

#[test]
fn ams_grad() -> Result<()> {
    let config = AdamConfig { beta2: 0.9, weight_decay: 0.1, ..Default::default() };
    follow_stacked("ams_grad", (3, 0.0), |var, gradient, state, t| {
        ams_grad_step(var, gradient, state, &config.step(0.05, t))
    })
}

#[test]
fn nadam() -> Result<()> {
    let other = NadamStep { beta1: 0.6, epsilon: 1e-3, momentum_decay: 3.0, ..NADAM };
    for (name, step) in [("nadam", NADAM), ("nadam_other_decay", other)] {
        follow_stacked(name, (2, 0.0), |var, gradient, state, t| {
            nadam_step(var, gradient, state, &NadamStep { t, ..step })
        })?;
    }
    Ok(())
}

#[test]
fn rms_prop() -> Result<()> {
    let (centered, momentum) = (true, 0.8);
    let paths = [
        ("rms_prop", RMS_PROP),
        ("rms_prop_centered", RmsPropStep { centered, ..RMS_PROP }),
        ("rms_prop_momentum", RmsPropStep { momentum, ..RMS_PROP }),
        ("rms_prop_centered_momentum", RmsPropStep { centered, momentum, ..RMS_PROP }),
    ];
    for (name, step) in paths {
        follow_stacked(name, (step.states(), 0.0), |var, gradient, state, _| {
            rms_prop_step(var, gradient, state, &step)
        })?;
    }
    Ok(())
}

#[test]
fn ada_grad_ada_delta_and_ftrl() -> Result<()> {
    follow_stacked("ada_grad", (1, 0.1), |var, gradient, state, _| {
        ada_grad_step(var, gradient, state, &AdaGradStep { lr: 0.2, epsilon: 1e-10 })
    })?;
    follow_stacked("ada_delta", (2, 0.0), |var, gradient, state, _| {
        ada_delta_step(var, gradient, state, &ADA_DELTA)
    })?;
    for (name, beta) in [("ftrl", 0.0), ("ftrl_beta", 1.0)] {
        follow_stacked(name, (2, 0.1), |var, gradient, state, _| {
            ftrl_step(var, gradient, state, &FtrlStep { beta, ..FTRL })
        })?;
    }
    Ok(())
}

type Step = fn(&Var, &Tensor, &Tensor, u64) -> Result<()>;

/// Each optimizer with its number of states.
const STEPS: [(&str, usize, Step); 6] = [
    ("ams_grad_step", 3, |v, g, s, t| ams_grad_step(v, g, s, &AdamConfig::default().step(0.1, t))),
    ("nadam_step", 2, |v, g, s, t| nadam_step(v, g, s, &NadamStep { t, ..NADAM })),
    ("rms_prop_step", 1, |v, g, s, _| rms_prop_step(v, g, s, &RMS_PROP)),
    ("ada_grad_step", 1, |v, g, s, _| {
        ada_grad_step(v, g, s, &AdaGradStep { lr: 0.1, epsilon: 1e-10 })
    }),
    ("ada_delta_step", 2, |v, g, s, _| ada_delta_step(v, g, s, &ADA_DELTA)),
    ("ftrl_step", 2, |v, g, s, _| ftrl_step(v, g, s, &FTRL)),
];

/// Many chunks, the last not whole; the variable is a matrix and the gradient a transposed view.
#[test]
fn steps_have_the_same_bits_for_any_number_of_threads_and_are_close_in_f32() -> Result<()> {
    let (rows, cols) = (211, 317);
    let draw = |i: u32| philox4x32([i, 0, 0, 0], [1, 0])[0] as f64 / 2_f64.powi(31) - 1.0;
    let draw = |first: u32, n: usize| (first..first + n as u32).map(draw).collect::<Vec<_>>();
    let gradient = Tensor::from_vec(draw(0, rows * cols), (cols, rows), &Device::Cpu)?.t()?;
    let start = Tensor::from_vec(draw(1 << 20, rows * cols), (rows, cols), &Device::Cpu)?;
    for (name, k, step) in STEPS {
        let run = |dtype: DType, threads: usize| -> Result<Vec<f64>> {
            let var = Var::from_tensor(&start.to_dtype(dtype)?)?;
            let state = Tensor::zeros((k, rows, cols), dtype, &Device::Cpu)?;
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                (1..=3).try_for_each(|t| step(&var, &gradient.to_dtype(dtype)?, &state, t))
            })?;
            var.to_dtype(DType::F64)?.flatten_all()?.to_vec1()
        };
        let one = run(DType::F32, 1)?;
        assert!(one == run(DType::F32, 2)?, "{name}, two threads");
        assert!(one == run(DType::F32, 4)?, "{name}, four threads");
        assert_close(&one, &run(DType::F64, 2)?, 1e-4, 1e-4);
    }
    Ok(())
}

#[test]
fn what_cannot_be_stepped_is_refused() {
    let var = Var::zeros(3, DType::F32, &Device::Cpu).unwrap();
    let grad = zeros(&[3]);
    for (name, k, step) in STEPS {
        let wide = zeros(&[k + 1, 3]);
        refused(step(&var, &grad, &wide, 1), &[name, &format!("{k} times"), &format!("[{k}, 3]")]);
        refused(step(&var, &zeros(&[4]), &zeros(&[k, 3]), 1), &[name, "[3]", "[4]"]);
        let double = zeros(&[k, 3]).to_dtype(DType::F64).unwrap();
        refused(step(&var, &grad, &double, 1), &[name, "F32", "F64"]);
        let transposed = zeros(&[3, k + 1]).t().unwrap().narrow(0, 0, k).unwrap();
        refused(step(&var, &grad, &transposed, 1), &[name, "contiguous"]);
        let empty = Var::zeros(0, DType::F32, &Device::Cpu).unwrap();
        step(&empty, &zeros(&[0]), &zeros(&[k, 0]), 1).unwrap();
    }
    let state = zeros(&[2, 3]);
    refused(nadam_step(&var, &grad, &state, &NadamStep { t: 0, ..NADAM }), &["from t = 1"]);
    refused(nadam_step(&var, &grad, &state, &NadamStep { beta1: 1.0, ..NADAM }), &["beta1 1"]);
    let step = RmsPropStep { decay: -0.1, ..RMS_PROP };
    refused(rms_prop_step(&var, &grad, &state, &step), &["decay -0.1", "[0, 1)"]);
    let step = AdaDeltaStep { epsilon: 0.0, ..ADA_DELTA };
    refused(ada_delta_step(&var, &grad, &state, &step), &["above 0"]);
    refused(ftrl_step(&var, &grad, &state, &FtrlStep { lr: 0.0, ..FTRL }), &["learning rate 0"]);
    refused(ftrl_step(&var, &grad, &state, &FtrlStep { l1: -1.0, ..FTRL }), &["l1 -1"]);
}
