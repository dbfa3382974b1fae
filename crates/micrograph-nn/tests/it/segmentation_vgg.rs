//! SegNet, DeconvNet and FCN: against PyTorch, and what is said of them.

use std::collections::BTreeMap;

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    DeconvNetConfig, FcnConfig, Mode, SegNetConfig, SegmentationArchitecture, SegmentationNetwork,
    SegmenterConfig,
};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

use super::{first_step, values};

#[derive(Deserialize)]
struct Golden {
    counts: BTreeMap<String, usize>,
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    size: [usize; 2],
    logits: Vec<f64>,
    squares: f64,
    loss: f64,
    gradients: BTreeMap<String, [f64; 2]>,
    running: BTreeMap<String, [f64; 2]>,
}

/// One map at the full resolution, for images of two channels and three classes.
fn small(name: &str) -> Box<dyn SegmentationNetwork> {
    let architecture = match name.parse().unwrap() {
        SegmentationArchitecture::Fcn(FcnConfig { stride, .. }) => {
            FcnConfig { stride, maps: 1, hidden: 3, dropout: 0.0 }.into()
        }
        SegmentationArchitecture::DeconvNet(_) => DeconvNetConfig { maps: 1, hidden: 2 }.into(),
        _ => SegmentationArchitecture::from(SegNetConfig { maps: 1 }),
    };
    SegmenterConfig::new(architecture, 2, 3).build(7, DType::F64, &Device::Cpu).unwrap()
}

fn set_waves(network: &dyn SegmentationNetwork) {
    for (j, (name, variable)) in network.parameters().iter().enumerate() {
        let offset = if name.ends_with("norm.weight") { 1.0 } else { 0.0 };
        let wave = |i: usize| offset + 0.3 * (0.7 * i as f64 + j as f64).sin();
        let waves = (0..variable.elem_count()).map(wave).collect::<Vec<_>>();
        variable.set(&Tensor::from_vec(waves, variable.shape(), &Device::Cpu).unwrap()).unwrap();
    }
}

fn images([height, width]: [usize; 2]) -> Tensor {
    let sines = (0..4 * height * width).map(|i| (0.3 * i as f64).sin()).collect::<Vec<_>>();
    Tensor::from_vec(sines, (2, 2, height, width), &Device::Cpu).unwrap()
}

fn sums(tensor: &Tensor) -> [f64; 2] {
    let numbers = values(tensor);
    [numbers.iter().sum(), numbers.iter().map(|x| x * x).sum()]
}

#[test]
fn logits_gradients_and_running_statistics_of_pytorch() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "vgg.json");
    assert_eq!(golden.cases.len(), 5);
    for (name, case) in golden.cases {
        let network = small(&name);
        set_waves(&*network);
        let xs = images(case.size);
        let logits = network.forward(&xs, Mode::Evaluate).unwrap();
        assert_eq!(logits.dims(), [2, 3, case.size[0], case.size[1]]);
        let of_class_1 = values(&logits.narrow(0, 0, 1).unwrap().narrow(1, 1, 1).unwrap());
        let root = case.squares.sqrt();
        assert_close(&of_class_1[..40], &case.logits, 1e-11 * root, 1e-9);
        assert_close(&[sums(&logits)[1]], &[case.squares], 0.0, 1e-9);

        let (n, pixels) = (2 * case.size[0] * case.size[1], (2, case.size[0], case.size[1]));
        let labels = (0..n).map(|i| (i / 3 % 3) as u32).collect();
        let labels = Tensor::from_vec(labels, pixels, &Device::Cpu).unwrap();
        let logits = network.forward(&xs, first_step(3)).unwrap();
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default()).unwrap();
        assert_close(&values(&loss), &[case.loss], 0.0, 1e-9);
        let gradients = loss.backward().unwrap();
        for (parameter, expected) in case.gradients {
            let variable = network.parameters().get(&parameter).unwrap();
            let found = sums(gradients.get(variable).unwrap());
            let scale = expected[1].sqrt();
            assert_close(&found[..1], &expected[..1], 1e-8 * scale, 1e-7);
            assert_close(&found[1..], &expected[1..], 1e-20, 1e-7);
        }
        let buffers: BTreeMap<_, _> = network.parameters().buffers().collect();
        for (buffer, expected) in case.running {
            assert_close(&sums(buffers[buffer.as_str()]), &expected, 1e-12, 1e-9);
        }
    }
}

#[test]
fn parameter_counts_are_those_of_pytorch() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "vgg.json");
    for (name, count) in golden.counts {
        let config = SegmenterConfig::new(name.parse().unwrap(), 3, 21);
        config.validate().unwrap();
        assert_eq!(config.parameter_count(), count, "{name}");
    }
}

#[test]
fn a_pixel_beyond_the_radius_changes_nothing() {
    for name in ["segnet", "deconvnet", "fcn8s"] {
        let network = small(name);
        set_waves(&*network);
        for (_, variable) in network.parameters().iter() {
            variable.set(&(variable.abs().unwrap() + 0.01).unwrap()).unwrap();
        }
        let field = network.field();
        let width = network.input().size.enclosing([1, 1]).unwrap()[1];
        let xs = images([2 * field.halo() + field.stride, width]).narrow(0, 0, 1).unwrap();
        let before = network.forward(&xs, Mode::Evaluate).unwrap();
        let changes = |rows: &[usize], of: usize| {
            let mut pixels = values(&xs);
            rows.iter().for_each(|row| pixels[row * width] += 1e3);
            let moved = Tensor::from_vec(pixels, xs.shape(), &Device::Cpu).unwrap();
            let after = network.forward(&moved, Mode::Evaluate).unwrap();
            let line = |logits: &Tensor| values(&logits.narrow(2, of, 1).unwrap());
            line(&before) != line(&after)
        };
        for row in [field.halo(), field.halo() + field.stride - 1] {
            assert!(!changes(&[row - field.radius - 1, row + field.radius + 1], row), "{name}");
            assert!(changes(&[row], row), "{name}");
        }
    }
}

/// The first gradients, and the running statistics behind the step, by each number of threads.
#[test]
fn normalization_has_the_same_bits_with_any_number_of_threads() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let config = SegNetConfig { maps: 4 };
            let network = SegmenterConfig::new(config.into(), 2, 3);
            let network = network.build(7, DType::F32, &Device::Cpu).unwrap();
            let xs = images([64, 96]).to_dtype(DType::F32).unwrap();
            let logits = network.forward(&xs, first_step(3)).unwrap();
            let gradients = logits.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            let first = network.parameters().get("encoder1.conv1.weight").unwrap();
            let tensors = network.parameters().to_tensors();
            let evaluated = network.forward(&xs, Mode::Evaluate).unwrap();
            let all = tensors.iter().map(|(_, tensor)| tensor).chain([&evaluated]);
            let all = all.chain([gradients.get(first).unwrap()]);
            all.flat_map(values).map(f64::to_bits).collect::<Vec<u64>>()
        })
    };
    let one = run(1);
    assert!(run(2) == one && run(3) == one);
}
