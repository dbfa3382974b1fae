//! Networks that segment: against PyTorch, against differences, and what is said of them.

use std::collections::BTreeMap;

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    Border, Mode, RfiUNetConfig, SegmentationArchitecture, SegmentationNetwork, SegmenterConfig,
    StemNetConfig, UNetConfig,
};
use micrograph_ops::{Algorithm, CrossEntropyConfig, softmax_cross_entropy};
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
    amplitude: f64,
    logits: Vec<f64>,
    squares: f64,
    loss: f64,
    gradients: BTreeMap<String, [f64; 2]>,
    running: BTreeMap<String, [f64; 2]>,
}

fn build(
    config: impl Into<SegmentationArchitecture>,
    dtype: DType,
) -> Box<dyn SegmentationNetwork> {
    SegmenterConfig::new(config.into(), 2, 3).build(7, dtype, &Device::Cpu).unwrap()
}

/// Two images of waves of a size.
fn images(size: [usize; 2], dtype: DType) -> Tensor {
    let sines = (0..4 * size[0] * size[1]).map(|i| (0.3 * i as f64).sin()).collect();
    let shape = (2, 2, size[0], size[1]);
    Tensor::from_vec::<_, f64>(sines, shape, &Device::Cpu).unwrap().to_dtype(dtype).unwrap()
}

/// The loss in training, where parameters have gradients; nothing is drawn where nothing is dropped.
fn loss(network: &dyn SegmentationNetwork, xs: &Tensor) -> Tensor {
    let (n, _, h, w) = xs.dims4().unwrap();
    let labels: Vec<u32> = (0..n * h * w).map(|i| (i / 3 % 3) as u32).collect();
    let labels = Tensor::from_vec(labels, (n, h, w), &Device::Cpu).unwrap();
    let logits = network.forward(xs, first_step(3)).unwrap();
    softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default()).unwrap()
}

/// Element `i` of the `j`-th parameter becomes `a sin(0.7 i + j)`, with `a` = 0.3 for biases, and 1
/// added to weights of normalization.
fn set_waves(network: &dyn SegmentationNetwork, amplitude: f64) {
    for (j, (name, variable)) in network.parameters().iter().enumerate() {
        let a = if name.ends_with("bias") { 0.3 } else { amplitude };
        let offset = if name.ends_with("norm.weight") { 1.0 } else { 0.0 };
        let wave = |i: usize| offset + a * (0.7 * i as f64 + j as f64).sin();
        let waves = (0..variable.elem_count()).map(wave).collect::<Vec<_>>();
        let waves = Tensor::from_vec(waves, variable.shape(), &Device::Cpu).unwrap();
        variable.set(&waves.to_dtype(variable.dtype()).unwrap()).unwrap();
    }
}

fn small_unet() -> UNetConfig {
    UNetConfig { levels: 2, maps: 3, batch_norm: false, ..Default::default() }
}

fn small_stemnet() -> StemNetConfig {
    StemNetConfig { levels: 3, maps: 2, dropout: 0.0, ..Default::default() }
}

fn small(name: &str) -> SegmentationArchitecture {
    let (unet, stemnet) = (small_unet(), small_stemnet());
    match name {
        "unet" => unet.into(),
        "unet_norm" => UNetConfig { batch_norm: true, ..unet }.into(),
        "unet_mirror" => UNetConfig { levels: 1, maps: 2, border: Border::Mirror, ..unet }.into(),
        "stemnet" => stemnet.into(),
        "stemnet_relu" => StemNetConfig { levels: 2, relu_output: true, ..stemnet }.into(),
        _ => RfiUNetConfig { levels: 2, maps: 2, dropout: 0.0, ..Default::default() }.into(),
    }
}

#[test]
fn logits_and_gradients_of_pytorch() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "ladders.json");
    assert_eq!(golden.cases.len(), 6);
    for (name, case) in golden.cases {
        let network = build(small(&name), DType::F64);
        set_waves(&*network, case.amplitude);
        let xs = images(case.size, DType::F64);
        let logits = network.forward(&xs, Mode::Evaluate).unwrap();
        let of_class_1 = logits.narrow(0, 0, 1).unwrap().narrow(1, 1, 1).unwrap();
        assert_close(&values(&of_class_1), &case.logits, 1e-13, 1e-11);
        assert_close(
            &values(&logits.sqr().unwrap().sum_all().unwrap()),
            &[case.squares],
            0.,
            1e-11,
        );
        let loss = loss(&*network, &xs);
        assert_close(&values(&loss), &[case.loss], 0.0, 1e-12);
        let gradients = loss.backward().unwrap();
        assert_eq!(case.gradients.len(), network.parameters().iter().len(), "{name}");
        for (parameter, expected) in case.gradients {
            let variable = network.parameters().get(&parameter).unwrap();
            let gradient = values(gradients.get(variable).unwrap());
            let squares = gradient.iter().map(|g| g * g).sum();
            assert_close(&[gradient.iter().sum(), squares], &expected, 1e-13, 1e-10);
        }
        let parameters = network.parameters();
        assert_eq!(parameters.count(), SegmenterConfig::new(small(&name), 2, 3).parameter_count());
        assert_eq!(case.running.len(), parameters.buffers().len(), "{name}");
        for ((_, buffer), expected) in parameters.buffers().zip(case.running.values()) {
            let numbers = values(buffer);
            let squares = numbers.iter().map(|x| x * x).sum();
            assert_close(&[numbers.iter().sum(), squares], expected, 1e-13, 1e-10);
        }
    }
}

#[test]
fn parameter_counts_are_those_of_pytorch() {
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "ladders.json");
    assert_eq!(golden.counts.len(), 5);
    for (name, count) in &golden.counts {
        let config = SegmenterConfig::new(name.parse().unwrap(), 1, 2);
        assert_eq!(config.parameter_count(), *count, "{name}");
    }
    for name in ["unet", "stemnet"] {
        let config = SegmenterConfig::new(small(name), 1, 2);
        let network = config.build(0, DType::F32, &Device::Cpu).unwrap();
        assert_eq!(network.parameters().count(), config.parameter_count(), "{name}");
        assert_eq!(network.input(), config.input().unwrap());
        assert_eq!(network.field(), config.field().unwrap());
    }
}

#[test]
fn a_pixel_beyond_the_radius_changes_nothing_and_some_within_it_does() {
    for name in ["unet", "unet_mirror", "stemnet", "rfi_unet"] {
        let network = build(small(name), DType::F64);
        set_waves(&*network, 0.3);
        // Positive weights and a bright pixel: nothing on the way is rectified or outdone.
        for (_, variable) in network.parameters().iter() {
            variable.set(&(variable.abs().unwrap() + 0.01).unwrap()).unwrap();
        }
        let field = network.field();
        let (center, side) = (field.halo(), 2 * field.halo() + field.stride);
        let xs = images([side, field.stride], DType::F64);
        let before = network.forward(&xs, Mode::Evaluate).unwrap();
        let change = |row: usize, of: usize| {
            let mut pixels = values(&xs);
            pixels[row * field.stride] += 1e3;
            let moved = Tensor::from_vec(pixels, xs.shape(), &Device::Cpu).unwrap();
            let after = network.forward(&moved, Mode::Evaluate).unwrap();
            let line = |logits: &Tensor| values(&logits.narrow(2, of, 1).unwrap());
            line(&before) != line(&after)
        };
        let rows = center..center + field.stride;
        assert!(rows.clone().all(|row| !change(row - field.radius - 1, row)), "{name}");
        assert!(rows.clone().all(|row| !change(row + field.radius + 1, row)), "{name}");
        assert!(
            rows.clone().any(|row| change(row - field.radius, row))
                || rows.clone().any(|row| change(row + field.radius, row)),
            "{name}: {field:?} is too large"
        );
    }
}

#[test]
fn with_exact_convolutions_a_tile_has_the_bits_of_the_whole() {
    for name in ["unet", "unet_norm", "unet_mirror", "stemnet"] {
        let mut network = build(small(name), DType::F32);
        network.set_algorithm(Algorithm::Exact);
        let field = network.field();
        let (halo, side) = (field.halo(), 2 * field.halo() + 4 * field.stride);
        let xs = images([side, side], DType::F32);
        // Of a network with batch normalization: other running statistics than the first.
        network.forward(&xs, first_step(1)).unwrap();
        let whole = network.forward(&xs, Mode::Evaluate).unwrap();
        let length = side - field.stride;
        let tile = xs.narrow(2, field.stride, length).unwrap().narrow(3, 0, length).unwrap();
        let tile = network.forward(&tile, Mode::Evaluate).unwrap();
        let inner = length - 2 * halo;
        let part = |logits: &Tensor, row: usize| {
            values(&logits.narrow(2, row, inner).unwrap().narrow(3, halo, inner).unwrap())
        };
        assert_eq!(part(&tile, halo), part(&whole, halo + field.stride), "{name}");
    }
}

#[test]
fn an_unpadded_unet_takes_any_size() {
    let network = build(small("unet_mirror"), DType::F32);
    for size in [[1, 1], [1, 9], [7, 2]] {
        let logits = network.forward(&images(size, DType::F32), Mode::Evaluate).unwrap();
        assert_eq!(logits.dims(), [2, 3, size[0], size[1]]);
    }
}

#[test]
fn first_weights_are_those_of_the_appendix() {
    let network = build(StemNetConfig { levels: 3, ..Default::default() }, DType::F64);
    let of = |name: &str| values(network.parameters().get(name).unwrap());
    // (layer, 25 * maps): the way up counts the maps of the level below.
    let layers =
        [("down1.conv1", 400.), ("down3.conv1", 1600.), ("up1.up", 800.), ("up1.conv1", 800.)];
    let sigmas = layers.map(|(name, n): (_, f64)| (name, (2. / n).sqrt()));
    for (name, sigma) in sigmas.into_iter().chain([("output", 0.1)]) {
        let weights = of(&format!("{name}.weight"));
        let largest = weights.iter().fold(0.0_f64, |a, w| a.max(w.abs()));
        assert!(largest < 2.0 * sigma && largest > 1.5 * sigma, "{name}: {largest}, {sigma}");
        assert!(of(&format!("{name}.bias")).iter().all(|bias| bias.to_bits() == 0.1_f64.to_bits()));
    }
    // U-Net: normal, of the 9 * 3 numbers that an output is a sum of; 32 * 64 * 9 weights below.
    let network = build(UNetConfig::default(), DType::F64);
    let weights = values(network.parameters().get("down3.conv1.weight").unwrap());
    let squares = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
    assert_close(&[squares], &[2.0 / (9.0 * 32.0)], 0.0, 0.05);
    let weights = values(network.parameters().get("up3.up.weight").unwrap());
    let squares = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
    assert_close(&[squares], &[2.0 / 128.0], 0.0, 0.05);
}

/// One resolution: what is dropped is a convolution's sum, so that its pixel is the bias alone.
#[test]
fn stemnet_drops_before_the_bias() {
    let config = StemNetConfig { levels: 1, maps: 3, ..Default::default() };
    let network = build(config, DType::F64);
    let set = |name: &str, value: &[f64]| {
        let variable = network.parameters().get(name).unwrap();
        let value = Tensor::new(value, &Device::Cpu).unwrap().reshape(variable.shape()).unwrap();
        variable.set(&value).unwrap();
    };
    let identity: Vec<f64> = (0..9).map(|i| f64::from(u8::from(i % 4 == 0))).collect();
    set("output.weight", &identity);
    set("output.bias", &[0.0; 3]);
    set("down1.conv1.bias", &[0.5; 3]);
    let xs = (images([40, 40], DType::F64).abs().unwrap() + 0.1).unwrap();
    let weights = network.parameters().get("down1.conv1.weight").unwrap();
    weights.set(&weights.abs().unwrap()).unwrap();
    let evaluated = values(&network.forward(&xs, Mode::Evaluate).unwrap());
    let trained = values(&network.forward(&xs, first_step(1)).unwrap());
    let dropped = trained.iter().filter(|y| (**y - 0.5).abs() < 1e-15).count();
    let share = dropped as f64 / trained.len() as f64;
    assert!((share - 0.25).abs() < 0.02, "{share} dropped"); // 9600 draws: five deviations
    let kept = trained.iter().zip(&evaluated).filter(|(y, _)| **y > 0.5 + 1e-9);
    let (kept, expected): (Vec<f64>, Vec<f64>) =
        kept.map(|(y, e)| (*y - 0.5, (e - 0.5) / 0.75)).unzip();
    assert_close(&kept, &expected, 1e-12, 1e-12);
    assert_eq!(trained, values(&network.forward(&xs, first_step(1)).unwrap()));
    assert_ne!(trained, values(&network.forward(&xs, first_step(2)).unwrap()));
}

#[test]
fn gradients_under_dropout_are_those_of_differences() {
    const STEP: f64 = 1e-6;
    let unet = UNetConfig { dropout: 0.5, ..small_unet() };
    let stemnet = StemNetConfig { dropout: 0.25, ..small_stemnet() };
    for architecture in [SegmentationArchitecture::from(unet), stemnet.into()] {
        let network = build(architecture, DType::F64);
        set_waves(&*network, 0.3);
        // Away from zero, where a unit that sees only what is dropped stands on the kink of its ReLU.
        for (_, bias) in network.parameters().iter().filter(|(name, _)| name.ends_with("bias")) {
            bias.set(&(bias.as_tensor() + 0.05).unwrap()).unwrap();
        }
        let xs = images([4, 8], DType::F64);
        let gradients = loss(&*network, &xs).backward().unwrap();
        for (index, (_, variable)) in network.parameters().iter().enumerate() {
            let gradient = values(gradients.get(variable).unwrap());
            let element = index * 7919 % gradient.len();
            let before = values(variable);
            let at = |delta: f64| {
                let mut moved = before.clone();
                moved[element] += delta;
                variable
                    .set(&Tensor::from_vec(moved, variable.shape(), &Device::Cpu).unwrap())
                    .unwrap();
                loss(&*network, &xs).to_scalar::<f64>().unwrap()
            };
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            at(0.0);
            let found = gradient[element];
            assert_close(&[found], &[difference], 1e-8, 1e-6);
        }
    }
}

#[test]
fn evaluation_keeps_nothing_for_a_way_back() {
    let network = build(small_unet(), DType::F32);
    let xs = images([4, 8], DType::F32);
    assert!(!network.forward(&xs, Mode::Evaluate).unwrap().track_op());
    assert!(network.forward(&xs, first_step(0)).unwrap().track_op());
    let saliency = candle::Var::from_tensor(&xs).unwrap();
    let logits = network.forward(&saliency, Mode::Evaluate).unwrap();
    let gradients = logits.sum_all().unwrap().backward().unwrap();
    assert!(values(gradients.get(&saliency).unwrap()).iter().any(|g| g.abs() > 1e-3));
}

#[test]
fn settings_out_of_range_are_told() {
    #[track_caller]
    fn told(architecture: impl Into<SegmentationArchitecture>, expected: &str) {
        let config = SegmenterConfig::new(architecture.into(), 1, 2);
        assert_eq!(config.validate().unwrap_err().to_string(), expected);
        assert!(config.build(0, DType::F32, &Device::Cpu).is_err());
    }
    let (unet, stemnet) = (small_unet(), small_stemnet());
    told(UNetConfig { levels: 12, ..unet }, "levels = 12: expected from 1 to 11");
    told(StemNetConfig { levels: 0, ..stemnet }, "levels = 0: expected from 1 to 12");
    told(StemNetConfig { kernel: 4, ..stemnet }, "kernel = 4: expected an odd number, at most 31");
    told(UNetConfig { maps: 0, ..unet }, "maps = 0: expected at least 1");
    let dropout = "dropout = 1: expected a probability from 0 to below 1";
    told(UNetConfig { dropout: 1.0, ..unet }, dropout);
    told(
        UNetConfig { maps: 2000, levels: 4, ..unet },
        "unet would have 30296236002 parameters, expected at most 268435456; take fewer maps or levels",
    );
    let absurd = SegmenterConfig::new(UNetConfig { maps: usize::MAX, ..unet }.into(), 1, 2);
    assert!(absurd.validate().unwrap_err().to_string().contains("take fewer maps"));
    let one = SegmenterConfig::new(unet.into(), 1, 1);
    assert_eq!(one.validate().unwrap_err().to_string(), "n_classes = 1: expected at least 2");
}
