//! Optimizers against PyTorch's, and what they refuse.

use std::collections::{BTreeMap, HashMap};

use candle::backprop::GradStore;
use candle::{Device, Tensor, Var};
use micrograph_nn::{
    AdaDeltaConfig, AdaGradConfig, AdamConfig, AdamWConfig, Exclusion, FtrlConfig, NadamConfig,
    Optimizer, OptimizerConfig, OptimizerStep, Parameters, Penalty, RmsPropConfig, SgdConfig,
};
use micrograph_ops::Momentum;
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

use super::{bits, values};

const WEIGHT: &str = "layer.weight";
const BIAS: &str = "layer.bias";

#[derive(Deserialize)]
struct Golden {
    start: Point,
    curvature: Point,
    minimum: Point,
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Point {
    #[serde(rename = "layer.weight")]
    weight: Vec<Vec<f64>>,
    #[serde(rename = "layer.bias")]
    bias: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    rate: f64,
    trajectory: Vec<HashMap<String, Vec<f64>>>,
}

impl Golden {
    fn read() -> Self {
        golden(env!("CARGO_MANIFEST_DIR"), "optimizers.json")
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::default();
        for (name, tensor) in self.start.tensors() {
            parameters.insert(name, Var::from_tensor(&tensor).unwrap()).unwrap();
        }
        parameters
    }

    /// Of `sum a (w - b)^2`.
    fn gradients(&self, parameters: &Parameters) -> GradStore {
        let places = self.curvature.tensors().into_iter().zip(self.minimum.tensors());
        let terms: Vec<Tensor> = places
            .map(|((name, a), (_, b))| {
                let distance = (parameters.get(name).unwrap().as_tensor() - b).unwrap();
                (a * distance.sqr().unwrap()).unwrap().sum_all().unwrap()
            })
            .collect();
        (&terms[0] + &terms[1]).unwrap().backward().unwrap()
    }

    #[track_caller]
    fn check(&self, case: &str, config: OptimizerConfig, clip_norm: Option<f64>) {
        let Case { rate, trajectory } = &self.cases[case];
        let parameters = self.parameters();
        let mut optimizer = Optimizer::new(config, &parameters).unwrap();
        for (index, expected) in trajectory.iter().enumerate() {
            let rate = rate * 0.9_f64.powi(index as i32);
            let gradients = self.gradients(&parameters);
            optimizer.step(&parameters, &gradients, OptimizerStep { rate, clip_norm }).unwrap();
            for (name, variable) in parameters.iter() {
                // Rounding alone: twelve steps of f64.
                assert_close(&values(variable), &expected[name], 1e-13, 1e-12);
            }
        }
    }
}

impl Point {
    fn tensors(&self) -> [(&'static str, Tensor); 2] {
        let weight = Tensor::new(self.weight.clone(), &Device::Cpu).unwrap();
        let bias = Tensor::new(self.bias.as_slice(), &Device::Cpu).unwrap();
        [(WEIGHT, weight), (BIAS, bias)]
    }
}

fn adam(penalty: Penalty) -> OptimizerConfig {
    OptimizerConfig::Adam(AdamConfig { penalty, ..Default::default() })
}

fn sgd(momentum: Momentum, l2: f64) -> OptimizerConfig {
    OptimizerConfig::Sgd(SgdConfig { momentum, penalty: Penalty { l2, ..Default::default() } })
}

#[test]
fn adam_is_that_of_pytorch() {
    let golden = Golden::read();
    golden.check("adam", OptimizerConfig::default(), None);
    let constants = AdamConfig { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, ..Default::default() };
    golden.check("adam_constants", OptimizerConfig::Adam(constants), None);
    golden.check("adam_l2", adam(Penalty { l2: 0.3, ..Default::default() }), None);
    golden.check("adam_l1", adam(Penalty { l1: 0.4, ..Default::default() }), None);
    golden.check("adam_clipped", OptimizerConfig::default(), Some(2.0));
}

#[test]
fn adamw_is_that_of_pytorch() {
    let golden = Golden::read();
    let decayed = AdamWConfig { weight_decay: 0.3, ..Default::default() };
    golden.check("adamw", OptimizerConfig::AdamW(decayed.clone()), None);
    let all = AdamWConfig { exclude: Exclusion(Vec::new()), ..decayed };
    golden.check("adamw_all", OptimizerConfig::AdamW(all), None);
}

#[test]
fn the_other_adaptive_ones_are_those_of_pytorch() {
    let golden = Golden::read();
    let adam = AdamConfig { beta2: 0.9, ..Default::default() };
    golden.check("amsgrad", OptimizerConfig::AmsGrad(adam), None);
    let penalty = Penalty { l2: 0.3, ..Default::default() };
    let nadam = NadamConfig { penalty, ..Default::default() };
    golden.check("nadam_l2", OptimizerConfig::Nadam(nadam), None);
    let momentum = RmsPropConfig { momentum: 0.8, ..Default::default() };
    golden.check("rmsprop_momentum", OptimizerConfig::RmsProp(momentum), None);
    let centered = RmsPropConfig { decay: 0.8, ..Default::default() };
    golden.check("centered_rmsprop", OptimizerConfig::CenteredRmsProp(centered), None);
    let ada_grad = AdaGradConfig { initial: 0.1, ..Default::default() };
    golden.check("adagrad", OptimizerConfig::AdaGrad(ada_grad), None);
    golden.check("adadelta", OptimizerConfig::AdaDelta(AdaDeltaConfig::default()), None);
}

/// Its penalty makes exact zeros of weights, and spares biases.
#[test]
fn ftrl_makes_weights_sparse() {
    let golden = Golden::read();
    let after_steps = |l1: f64| {
        let parameters = golden.parameters();
        let penalty = Penalty { l1, ..Default::default() };
        let config = OptimizerConfig::Ftrl(FtrlConfig { penalty, ..Default::default() });
        let mut optimizer = Optimizer::new(config, &parameters).unwrap();
        for _ in 0..5 {
            optimizer.step(&parameters, &golden.gradients(&parameters), 0.5).unwrap();
        }
        [WEIGHT, BIAS].map(|name| values(parameters.get(name).unwrap()))
    };
    let [plain, plain_biases] = after_steps(0.0);
    let [sparse, sparse_biases] = after_steps(100.0);
    assert!(plain.iter().all(|w| *w != 0.0), "{plain:?}");
    assert_eq!(sparse, [0.0; 6]);
    assert_eq!(sparse_biases, plain_biases);
}

#[test]
fn sgd_is_that_of_pytorch() {
    let golden = Golden::read();
    golden.check("sgd", sgd(Momentum::None, 0.0), None);
    golden.check("sgd_momentum", sgd(Momentum::Classic(0.9), 0.0), None);
    golden.check("sgd_nesterov_l2", sgd(Momentum::Nesterov(0.9), 0.3), None);
    golden.check("sgd_clipped", sgd(Momentum::Classic(0.9), 0.0), Some(1.5));
}

#[test]
fn what_is_excluded_by_name_is_not_decayed() {
    let golden = Golden::read();
    let end = |exclude: &[&str]| {
        let exclude = Exclusion(exclude.iter().map(|&pattern| pattern.to_owned()).collect());
        let config = AdamWConfig { weight_decay: 0.3, exclude, ..Default::default() };
        let parameters = golden.parameters();
        let mut optimizer = Optimizer::new(OptimizerConfig::AdamW(config), &parameters).unwrap();
        optimizer.step(&parameters, &golden.gradients(&parameters), 0.1).unwrap();
        parameters
    };
    let (decayed, spared) = (end(&["*.bias"]), end(&["*.bias", "layer.w*"]));
    let value = |parameters: &Parameters, name| values(parameters.get(name).unwrap());
    assert_ne!(value(&decayed, WEIGHT), value(&spared, WEIGHT));
    assert_eq!(value(&decayed, BIAS), value(&spared, BIAS));
    let everything = end(&["*"]);
    assert_eq!(bits(&everything), bits(&spared));
}

#[test]
fn a_pattern_that_matches_nothing_is_refused() {
    let exclude = Exclusion(vec!["*.bias".into(), "conv*".into()]);
    let config = adam(Penalty { exclude, ..Default::default() });
    let error = Optimizer::new(config, &Golden::read().parameters()).unwrap_err().to_string();
    assert!(error.starts_with(
        "exclude pattern `conv*` matches no parameter; the parameters are layer.bias, layer.weight"
    ));
}

/// Steps an optimizer that must refuse, and checks that nothing has changed.
#[track_caller]
fn check_refused(parameters: &Parameters, gradients: &GradStore, step: OptimizerStep, why: &str) {
    let made_for = Golden::read().parameters();
    let mut optimizer = Optimizer::new(OptimizerConfig::default(), &made_for).unwrap();
    let before = bits(parameters);
    let message = optimizer.step(parameters, gradients, step).unwrap_err().to_string();
    assert!(message.contains(why), "{message}");
    assert_eq!(bits(parameters), before);
    let steps = optimizer.state().remove(0);
    assert_eq!((steps.0.as_str(), steps.1.to_scalar::<i64>().unwrap()), ("steps", 0));
}

#[test]
fn a_step_that_cannot_be_taken_changes_nothing() {
    let golden = Golden::read();
    let parameters = golden.parameters();
    let rate = OptimizerStep::from(0.1);
    let of_weight = parameters.get(WEIGHT).unwrap().sqr().unwrap().sum_all().unwrap();
    let gradients = of_weight.backward().unwrap();
    check_refused(&parameters, &gradients, rate, "expected a gradient for `layer.bias`, got none");

    let mut gradients = golden.gradients(&parameters);
    check_refused(&parameters, &gradients, f64::NAN.into(), "rate = NaN");
    let no_clip = OptimizerStep { clip_norm: Some(0.0), ..rate };
    check_refused(&parameters, &gradients, no_clip, "clip_norm = 0");
    let bias = parameters.get(BIAS).unwrap();
    gradients.insert(bias, Tensor::new(&[1.0, f64::NAN], &Device::Cpu).unwrap());
    let clip = OptimizerStep { clip_norm: Some(1.0), ..rate };
    check_refused(&parameters, &gradients, clip, "the gradient of `layer.bias` is not finite");

    let mut more = golden.parameters();
    more.insert("other", Var::new(&[1.0], &Device::Cpu).unwrap()).unwrap();
    check_refused(&more, &golden.gradients(&more), rate, "got others (new `other`)");
    let mut fewer = Parameters::default();
    fewer.insert(WEIGHT, Var::new(&[1.0], &Device::Cpu).unwrap()).unwrap();
    check_refused(&fewer, &golden.gradients(&parameters), rate, "got others (no `layer.bias`)");
}

#[test]
fn the_state_of_another_optimizer_is_refused() {
    let parameters = Golden::read().parameters();
    let state = |config| -> HashMap<_, _> {
        Optimizer::new(config, &parameters).unwrap().state().into_iter().collect()
    };
    let mut optimizer = Optimizer::new(OptimizerConfig::default(), &parameters).unwrap();
    let message =
        optimizer.restore(&state(sgd(Momentum::Classic(0.9), 0.0))).unwrap_err().to_string();
    assert!(message.contains("the optimizer state does not fit"), "{message}");
    assert!(message.contains("missing `first.layer.bias`"), "{message}");
    assert!(message.contains("unexpected `velocity.layer.weight`"), "{message}");
    assert_eq!(state(sgd(Momentum::None, 0.0)).len(), 1);
}
