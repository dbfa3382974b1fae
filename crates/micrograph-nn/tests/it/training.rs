//! Networks and optimizers together.

use std::collections::HashMap;

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    AdamWConfig, Architecture, Dropout, DropoutDecay, InputSize, LipNet, LipNetConfig, Mode,
    NadamConfig, Network, Optimizer, OptimizerConfig, OptimizerStep, Parameters, RmsPropConfig,
    SgdConfig,
};
use micrograph_ops::{CrossEntropyConfig, Momentum, softmax_cross_entropy};
use micrograph_testkit::temporary_folder;

use super::{bits, first_step, new, small, values, waves};

/// The loss over sixteen waves, labelled in turn.
fn loss(network: &LipNet, mode: Mode) -> Tensor {
    let k = network.n_classes() as u32;
    let labels = Tensor::from_vec((0..16).map(|i| i % k).collect(), 16, &Device::Cpu).unwrap();
    let logits = network.forward(&waves(network, 16), mode).unwrap();
    softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default()).unwrap()
}

fn train(network: &LipNet, optimizer: &mut Optimizer, seed: u64, steps: std::ops::Range<u64>) {
    for step in steps {
        let mode = Mode::Train { seed, epoch: step / 4, step };
        let gradients = loss(network, mode).backward().unwrap();
        let step = OptimizerStep { rate: 1e-2, clip_norm: Some(1.0) };
        optimizer.step(network.parameters(), &gradients, step).unwrap();
    }
}

fn noisy() -> LipNetConfig {
    LipNetConfig {
        dropout_decay: DropoutDecay::Exponential { factor: 0.8 },
        weight_noise: 0.01,
        ..small(Architecture::LipNet4)
    }
}

fn started(config: &LipNetConfig, seed: u64, method: &OptimizerConfig) -> (LipNet, Optimizer) {
    let network = new(config, seed, DType::F32);
    let optimizer = Optimizer::new(method.clone(), network.parameters()).unwrap();
    (network, optimizer)
}

#[test]
fn sixteen_samples_are_learned_by_heart() {
    for architecture in Architecture::ALL {
        let dropout = Dropout { block: 0.0, dense: 0.0 };
        let config = LipNetConfig { dropout, maps: 8, dense: 32, ..small(architecture) };
        let (network, mut optimizer) = started(&config, 3, &OptimizerConfig::default());
        train(&network, &mut optimizer, 3, 0..100);
        let end = loss(&network, Mode::Evaluate).to_scalar::<f32>().unwrap();
        assert!(end < 0.01, "{architecture}: {end}");
    }
}

#[test]
fn a_new_network_is_undecided() {
    for (architecture, k) in Architecture::ALL.into_iter().zip([2, 3, 2, 3, 5]) {
        let first_loss = |seed| {
            let network = new(&LipNetConfig::new(architecture, 1, k), seed, DType::F32);
            f64::from(loss(&network, Mode::Evaluate).to_scalar::<f32>().unwrap())
        };
        let mean = (0..5).map(first_loss).sum::<f64>() / 5.0;
        let expected = (k as f64).ln();
        assert!((mean - expected).abs() < 0.05, "{architecture}: {mean}, ln k = {expected}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let run = |seed| {
        let (network, mut optimizer) = started(&noisy(), 1, &OptimizerConfig::default());
        train(&network, &mut optimizer, seed, 0..4);
        bits(network.parameters())
    };
    assert_eq!(run(1), run(1));
    // The weights begin alike: dropout and noise alone tell these runs apart.
    assert_ne!(run(1), run(2));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let config =
                LipNetConfig { input_size: InputSize::square(28), maps: 32, dense: 64, ..noisy() };
            let (network, mut optimizer) = started(&config, 1, &OptimizerConfig::default());
            train(&network, &mut optimizer, 1, 0..2);
            bits(network.parameters())
        })
    };
    let one = run(1);
    assert_eq!(run(2), one);
    assert_eq!(run(3), one);
}

#[test]
fn dropout_and_noise_change_with_the_step_and_fade_with_the_epoch() {
    let logits = |config: &LipNetConfig, mode| {
        let network = new(config, 1, DType::F32);
        values(&network.forward(&waves(&network, 4), mode).unwrap())
    };
    let mode = |epoch, step| Mode::Train { seed: 1, epoch, step };
    let none = Dropout { block: 0.0, dense: 0.0 };
    let noise = LipNetConfig { dropout: none, weight_noise: 0.1, ..small(Architecture::LipNet4) };
    let dropout = LipNetConfig { weight_noise: 0.0, ..noisy() };
    for config in [&noise, &dropout] {
        assert_eq!(logits(config, mode(0, 5)), logits(config, mode(0, 5)));
        assert_ne!(logits(config, mode(0, 5)), logits(config, mode(0, 6)));
        assert_ne!(logits(config, mode(0, 5)), logits(config, Mode::Evaluate));
    }
    let fading = LipNetConfig {
        dropout_decay: DropoutDecay::Linear { epochs: 2, end: 0.0 },
        ..small(Architecture::LipNet4)
    };
    assert_ne!(logits(&fading, mode(1, 5)), logits(&fading, Mode::Evaluate));
    assert_eq!(logits(&fading, mode(2, 5)), logits(&fading, Mode::Evaluate));
}

#[test]
fn noise_is_added_to_weights_and_not_to_biases() {
    let dropout = Dropout { block: 0.0, dense: 0.0 };
    let config = LipNetConfig { dropout, weight_noise: 0.5, ..small(Architecture::LipNet4c) };
    let network = new(&config, 1, DType::F32);
    // Zero images and zero biases: noise on a bias is all that could change these logits.
    let xs = waves(&network, 2).zeros_like().unwrap();
    assert_eq!(values(&network.forward(&xs, first_step(1)).unwrap()), [0.0; 6]);
}

#[test]
fn evaluation_is_free_of_chance() {
    let network = new(&noisy(), 1, DType::F32);
    let evaluate = || values(&network.forward(&waves(&network, 3), Mode::Evaluate).unwrap());
    let before = evaluate();
    network.forward(&waves(&network, 3), first_step(9)).unwrap();
    assert_eq!(evaluate(), before);
    // A sample's logits do not depend on its batch.
    let alone = network.forward(&waves(&network, 1), Mode::Evaluate).unwrap();
    micrograph_testkit::assert_close(&values(&alone), &before[..3], 1e-6, 1e-5);
}

fn methods() -> [OptimizerConfig; 5] {
    let sgd = SgdConfig { momentum: Momentum::Nesterov(0.9), ..Default::default() };
    [
        OptimizerConfig::default(),
        OptimizerConfig::AdamW(AdamWConfig::default()),
        OptimizerConfig::Sgd(sgd),
        OptimizerConfig::Nadam(NadamConfig::default()),
        OptimizerConfig::CenteredRmsProp(RmsPropConfig { momentum: 0.5, ..Default::default() }),
    ]
}

fn saved(tensors: Vec<(String, Tensor)>, file: &std::path::Path) -> HashMap<String, Tensor> {
    candle::safetensors::save(&tensors.into_iter().collect::<HashMap<_, _>>(), file).unwrap();
    candle::safetensors::load(file, &Device::Cpu).unwrap()
}

#[test]
fn five_steps_saved_and_five_more_are_ten() {
    let folder = temporary_folder();
    for method in methods() {
        let (network, mut optimizer) = started(&noisy(), 1, &method);
        train(&network, &mut optimizer, 1, 0..10);
        let ten: Vec<u64> = bits(network.parameters());

        let (network, mut optimizer) = started(&noisy(), 1, &method);
        train(&network, &mut optimizer, 1, 0..5);
        let weights = saved(network.parameters().to_tensors(), &folder.path().join("weights"));
        let state = saved(optimizer.state(), &folder.path().join("state"));

        // Another seed, so that nothing of the first weights is left but what was loaded.
        let (network, mut optimizer) = started(&noisy(), 99, &method);
        network.parameters().load(&weights).unwrap();
        optimizer.restore(&state).unwrap();
        train(&network, &mut optimizer, 1, 5..10);
        assert_eq!(bits(network.parameters()), ten, "{method:?}");
    }
}

#[test]
fn a_restored_state_is_a_copy() {
    let (network, mut optimizer) = started(&noisy(), 1, &OptimizerConfig::default());
    train(&network, &mut optimizer, 1, 0..2);
    let state: HashMap<_, _> = optimizer.state().into_iter().collect();
    let (twin, mut twins) = started(&noisy(), 1, &OptimizerConfig::default());
    twin.parameters()
        .load(&network.parameters().snapshot().unwrap().into_iter().collect())
        .unwrap();
    twins.restore(&state).unwrap();
    let before = values(&state["first.head.dense.weight"]);
    train(&twin, &mut twins, 1, 2..4);
    assert_eq!(values(&state["first.head.dense.weight"]), before);
}

#[test]
fn weights_of_another_configuration_are_refused() {
    let given: Parameters = new(&small(Architecture::LipNet4), 0, DType::F32).parameters().clone();
    let tensors = given.to_tensors().into_iter().collect();
    let network = new(&small(Architecture::LipNet2), 0, DType::F32);
    let before = bits(network.parameters());
    let message = network.parameters().load(&tensors).unwrap_err().to_string();
    assert!(message.contains("unexpected `block1.conv2.weight`"), "{message}");
    assert_eq!(bits(network.parameters()), before);
}
