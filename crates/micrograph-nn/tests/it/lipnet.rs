//! Shapes, names, counts and values of the networks.

use std::collections::BTreeMap;

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    Architecture, ClassificationNetwork, InputShape, InputSize, LipNetConfig, Mode, Network, build,
};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

use super::{bits, first_step, new, small, values, waves, waves_of, without_dropout};

#[track_caller]
fn check_count(architecture: Architecture, channels: usize, classes: usize, expected: usize) {
    let config = LipNetConfig::new(architecture, channels, classes);
    let network = build(&config, 0, DType::F32, &Device::Cpu).unwrap();
    assert_eq!(network.parameters().count(), expected, "{architecture}");
    assert_eq!(config.parameter_count(), expected, "{architecture}");
    assert_eq!(network.input(), InputShape { channels, size: config.input_size });
    assert_eq!(network.n_classes(), classes);
}

#[test]
fn parameter_counts_are_pinned() {
    check_count(Architecture::LipNet1, 1, 2, 320 + (6272 * 256 + 256) + 514);
    check_count(Architecture::LipNet2, 1, 2, 320 + 9248 + (1568 * 256 + 256) + 514);
    check_count(Architecture::LipNet4, 1, 2, 430_242);
    check_count(Architecture::LipNet4c, 1, 2, 320 + 5 * 9248 + 66);
    check_count(Architecture::LipNet4v, 1, 2, 320 + 5 * 9248 + 33 * 256 + 514);
    check_count(Architecture::LipNet6, 1, 2, 320 + 5 * 9248 + (512 * 256 + 256) + 514);
    check_count(Architecture::LipNet4, 3, 5, 430_242 + 2 * 9 * 32 + 3 * 257);
    check_count(Architecture::LipNet4c, 3, 5, 46_626 + 2 * 9 * 32 + 3 * 33);
}

#[track_caller]
fn check_names(architecture: Architecture, expected: &[&str]) {
    let network = new(&small(architecture), 0, DType::F32);
    let names: Vec<&str> = network.parameters().iter().map(|(name, _)| name).collect();
    let expected: Vec<String> = expected
        .iter()
        .flat_map(|layer| [format!("{layer}.bias"), format!("{layer}.weight")])
        .collect();
    assert_eq!(names, expected, "{architecture}");
}

#[test]
fn names_are_sorted_and_those_of_pytorch() {
    check_names(Architecture::LipNet1, &["block1.conv1", "head.dense", "head.output"]);
    check_names(
        Architecture::LipNet4,
        &[
            "block1.conv1",
            "block1.conv2",
            "block2.conv1",
            "block2.conv2",
            "head.dense",
            "head.output",
        ],
    );
    check_names(
        Architecture::LipNet4c,
        &[
            "block1.conv1",
            "block1.conv2",
            "block1.down",
            "block2.conv1",
            "block2.conv2",
            "block2.down",
            "head.output",
        ],
    );
}

#[derive(Deserialize)]
struct Golden {
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    /// Height and width of the input.
    size: [usize; 2],
    logits: Vec<Vec<f64>>,
    loss: f64,
    /// Sum and sum of squares.
    gradients: BTreeMap<String, [f64; 2]>,
}

#[test]
fn logits_and_gradients_are_those_of_pytorch() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "lipnets.json");
    assert_eq!(golden.cases.len(), Architecture::ALL.len());
    for (name, case) in golden.cases {
        let config = without_dropout(small(name.parse().unwrap()));
        let network = new(&config, 0, DType::F64);
        for (j, (_, variable)) in network.parameters().iter().enumerate() {
            let n = variable.elem_count();
            let sines = (0..n).map(|i| 0.3 * (0.7 * i as f64 + j as f64).sin()).collect::<Vec<_>>();
            variable
                .set(&Tensor::from_vec(sines, variable.shape(), &Device::Cpu).unwrap())
                .unwrap();
        }
        let evaluated = network.forward(&waves_of(&network, 2, case.size), Mode::Evaluate).unwrap();
        assert_close(&values(&evaluated), &case.logits.concat(), 1e-13, 1e-11);
        let logits = network.forward(&waves_of(&network, 2, case.size), first_step(1)).unwrap();
        assert_eq!(values(&logits), values(&evaluated));
        let labels = Tensor::new(&[2_u32, 0], &Device::Cpu).unwrap();
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default()).unwrap();
        assert_close(&values(&loss), &[case.loss], 0.0, 1e-12);
        let gradients = loss.backward().unwrap();
        assert_eq!(case.gradients.len(), network.parameters().iter().len(), "{name}");
        for (parameter, expected) in case.gradients {
            let variable = network.parameters().get(&parameter).unwrap();
            let gradient = values(gradients.get(variable).unwrap());
            let squares = gradient.iter().map(|g| g * g).sum();
            assert_close(&[gradient.iter().sum(), squares], &expected, 1e-13, 1e-10);
        }
    }
}

/// The logits are the last layer's weights times the embedding, plus its bias.
#[test]
fn the_last_layer_of_the_embedding_gives_the_logits() {
    for architecture in Architecture::ALL {
        let network = new(&small(architecture), 4, DType::F64);
        let images = waves(&network, 3);
        let embedding = network.embedding(&images).unwrap();
        let length = network.embedding_length();
        assert_eq!(embedding.dims(), [3, length], "{architecture}");
        assert_eq!(length, network.config().embedding_length());
        let parameter = |name: &str| network.parameters().get(name).unwrap().as_tensor().clone();
        let weight = parameter("head.output.weight").reshape((3, length)).unwrap();
        let scores = embedding.matmul(&weight.t().unwrap()).unwrap();
        let scores = scores.broadcast_add(&parameter("head.output.bias")).unwrap();
        let logits = network.forward(&images, Mode::Evaluate).unwrap();
        assert_close(&values(&scores), &values(&logits), 1e-13, 1e-12);
    }
}

#[test]
fn any_batch_and_any_allowed_size_give_one_logit_a_class() {
    for architecture in Architecture::ALL.into_iter().filter(|one| !one.takes_any_size()) {
        for size in [16, 24] {
            let config =
                LipNetConfig { input_size: InputSize::square(size), ..small(architecture) };
            let network = new(&config, 0, DType::F32);
            for n in [1, 3] {
                let logits = network.forward(&waves(&network, n), first_step(1)).unwrap();
                assert_eq!(logits.dims(), [n, 3], "{architecture} {size}");
            }
        }
    }
    let odd = InputSize::Fixed { height: 13, width: 6 };
    let odd = LipNetConfig { input_size: odd, ..small(Architecture::LipNet4c) };
    let network = new(&odd, 0, DType::F32);
    assert_eq!(network.forward(&waves(&network, 2), Mode::Evaluate).unwrap().dims(), [2, 3]);
}

/// The weights do not depend on a size, and what an image gives not on those beside it.
#[test]
fn one_network_takes_images_of_many_sizes() {
    let network = new(&small(Architecture::LipNet4v), 0, DType::F32);
    for size in [[4, 4], [5, 9], [16, 32], [33, 7]] {
        let three = waves_of(&network, 3, size);
        let logits = network.forward(&three, Mode::Evaluate).unwrap();
        assert_eq!(logits.dims(), [3, 3], "{size:?}");
        let alone = network.forward(&three.narrow(0, 2, 1).unwrap(), Mode::Evaluate).unwrap();
        assert_eq!(values(&alone), values(&logits.narrow(0, 2, 1).unwrap()), "{size:?}");
        let gradients = network.forward(&three, first_step(1)).unwrap().backward().unwrap();
        for (name, variable) in network.parameters().iter() {
            assert!(gradients.get(variable).is_some(), "{name}");
        }
    }
    let small = network.forward(&waves_of(&network, 1, [3, 8]), Mode::Evaluate).unwrap_err();
    assert!(small.to_string().contains("at least 4x4 pixels"), "{small}");
    assert!(small.to_string().contains("pad images to 4x8"), "{small}");
}

#[test]
fn an_input_of_another_shape_or_type_is_refused() {
    let network = new(&small(Architecture::LipNet4), 0, DType::F32);
    let forward = |shape: &[usize], dtype| {
        let xs = Tensor::zeros(shape, dtype, &Device::Cpu).unwrap();
        // Below the first line stands a backtrace, where there is one.
        let first_line = |error: candle::Error| error.to_string().lines().next().map(str::to_owned);
        let told = first_line(network.forward(&xs, Mode::Evaluate).unwrap_err());
        assert_eq!(first_line(network.embedding(&xs).unwrap_err()), told);
        told.unwrap()
    };
    let expected = "lipnet4 takes images of 2 channels and 8x8 pixels, got a batch";
    assert_eq!(forward(&[4, 1, 8, 8], DType::F32), format!("{expected} (4, 1, 8, 8)"));
    assert_eq!(forward(&[2, 8, 8], DType::F32), format!("{expected} (2, 8, 8)"));
    assert_eq!(
        forward(&[0, 2, 8, 8], DType::F32),
        format!("{expected} (0, 2, 8, 8); give at least one image")
    );
    assert!(forward(&[4, 2, 8, 8], DType::F64).contains("expected: F32, got: F64"));
    assert!(build(&small(Architecture::LipNet4), 0, DType::U32, &Device::Cpu).is_err());
}

#[test]
fn first_weights_follow_from_seed_and_name() {
    let weights = |architecture, seed| {
        let config = LipNetConfig::new(architecture, 1, 2);
        let network = new(&config, seed, DType::F32);
        (
            bits(network.parameters()),
            values(network.parameters().get("block1.conv1.weight").unwrap()),
        )
    };
    let (all, first) = weights(Architecture::LipNet2, 1);
    assert_eq!(weights(Architecture::LipNet2, 1).0, all);
    assert_ne!(weights(Architecture::LipNet2, 2).0, all);
    // More layers leave the first as it was.
    assert_eq!(weights(Architecture::LipNet6, 1).1, first);
}

#[test]
fn single_and_double_precision_begin_with_the_same_weights() {
    let config = small(Architecture::LipNet4);
    let (single, double) = (new(&config, 3, DType::F32), new(&config, 3, DType::F64));
    for (name, variable) in double.parameters().iter() {
        let rounded: Vec<f64> =
            values(variable).iter().map(|&value| f64::from(value as f32)).collect();
        assert_eq!(values(single.parameters().get(name).unwrap()), rounded, "{name}");
    }
}
