//! What cannot be computed is an error that says why and how to repair it, never a panic.

use crate::refused::{refused, zeros};
use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    AdamConfig, Conv2dConfig, CrossEntropyConfig, LabelSmoothing, Momentum, Padding, Pool2dConfig,
    RandomKey, SgdStep, adam_step, avg_pool2d, conv2d, conv2d_max_pool2d, dropout, gaussian_noise,
    global_avg_pool2d, linear, max_pool2d, relu, sgd_step, softmax, softmax_cross_entropy,
};

fn conv(xs: &[usize], weight: &[usize], config: Conv2dConfig) -> Result<Tensor> {
    conv2d(&zeros(xs), &zeros(weight), None, &config)
}

#[test]
fn convolutions() {
    let plain = Conv2dConfig::default();
    let dilated = Conv2dConfig { dilation: [4, 1], ..plain };
    refused(
        conv(&[1, 1, 8, 8], &[1, 1, 3, 3], dilated),
        &["conv2d", "9x3", "8x8", "enlarge the image, pad more", "[1, 1, 9, 3]"],
    );
    refused(conv(&[0, 1, 8, 8], &[1, 1, 3, 3], plain), &["conv2d", "[0, 1, 8, 8]", "leave"]);
    refused(conv(&[1, 1, 8, 8], &[1, 1, 0, 3], plain), &["conv2d", "[1, 1, 0, 3]", "leave"]);
    refused(conv(&[1, 8, 8], &[1, 1, 3, 3], plain), &["conv2d", "(n, c, h, w)", "[1, 8, 8]"]);
    refused(conv(&[1, 1, 8, 8], &[1, 3, 3], plain), &["conv2d", "(o, c / groups, kh, kw)"]);
    refused(
        conv(&[1, 2, 8, 8], &[1, 1, 3, 3], plain),
        &["conv2d", "must see 2 channels", "[1, 2, 3, 3]", "[1, 1, 3, 3]"],
    );
    for groups in [0, 3] {
        let config = Conv2dConfig { groups, ..plain };
        refused(conv(&[1, 4, 8, 8], &[4, 1, 3, 3], config), &["conv2d", "groups must divide 4"]);
    }
    let still = Conv2dConfig { stride: [1, 0], ..plain };
    refused(conv(&[1, 1, 8, 8], &[1, 1, 3, 3], still), &["conv2d", "stride [1, 0]", "1 or more"]);
    let collapsed = Conv2dConfig { dilation: [0, 1], ..plain };
    refused(conv(&[1, 1, 8, 8], &[1, 1, 3, 3], collapsed), &["conv2d", "dilation [0, 1]"]);
    let endless = Conv2dConfig { padding: Padding::all(usize::MAX), ..plain };
    refused(conv(&[1, 1, 8, 8], &[1, 1, 3, 3], endless), &["conv2d", "too large"]);
    let endless = Conv2dConfig { dilation: [usize::MAX, 1], ..plain };
    refused(conv(&[1, 1, 8, 8], &[1, 1, 3, 3], endless), &["conv2d", "does not fit"]);
    let (xs, weight) = (zeros(&[1, 1, 8, 8]), zeros(&[2, 1, 3, 3]));
    refused(conv2d(&xs, &weight, Some(&zeros(&[3])), &plain), &["conv2d", "bias", "2 outputs"]);
    let double = weight.to_dtype(DType::F64).unwrap();
    refused(conv2d(&xs, &double, None, &plain), &["conv2d", "F32", "F64"]);
    let pooled = conv2d_max_pool2d(&zeros(&[1, 1, 8, 3]), &zeros(&[2, 1, 3, 3]), None, &plain);
    refused(pooled, &["conv2d_max_pool2d", "6x1 pixels", "enlarge the image"]);
    let bytes = xs.to_dtype(DType::U8).unwrap();
    refused(conv2d(&bytes, &weight, None, &plain), &["conv2d", "U8"]);
}

#[test]
fn poolings() {
    let square = Pool2dConfig::square(3);
    for pool in [max_pool2d, avg_pool2d] {
        refused(pool(&zeros(&[1, 1, 2, 9]), &square), &["_pool2d", "3x3", "2x9", "enlarge"]);
        refused(pool(&zeros(&[1, 0, 9, 9]), &square), &["_pool2d", "[1, 0, 9, 9]"]);
        refused(pool(&zeros(&[9, 9]), &square), &["_pool2d", "(n, c, h, w)"]);
        let padded = Pool2dConfig { padding: Padding::all(3), ..square };
        refused(pool(&zeros(&[1, 1, 9, 9]), &padded), &["must be less than the kernel [3, 3]"]);
        let none = Pool2dConfig { kernel: [0, 3], ..square };
        refused(pool(&zeros(&[1, 1, 9, 9]), &none), &["kernel [0, 3]", "1 or more"]);
        let still = Pool2dConfig { stride: [3, 0], ..square };
        refused(pool(&zeros(&[1, 1, 9, 9]), &still), &["stride [3, 0]", "1 or more"]);
        let endless = Pool2dConfig { kernel: [usize::MAX; 2], ..square };
        refused(pool(&zeros(&[1, 1, 9, 9]), &endless), &["does not fit"]);
        let far = Pool2dConfig { stride: [usize::MAX; 2], ..square };
        assert_eq!(pool(&zeros(&[1, 1, 9, 9]), &far).unwrap().dims(), [1, 1, 1, 1]);
    }
    refused(global_avg_pool2d(&zeros(&[1, 1, 0, 9])), &["global_avg_pool2d", "[1, 1, 0, 9]"]);
}

#[test]
fn layers_and_losses() {
    let key = RandomKey { seed: 0, stream: 0 };
    let (xs, weight) = (zeros(&[2, 3]), zeros(&[4, 3]));
    refused(linear(&xs, &zeros(&[4, 2]), None), &["linear", "3 inputs", "[4, 3]", "[4, 2]"]);
    refused(linear(&xs, &weight, Some(&zeros(&[3]))), &["linear", "bias", "4 outputs"]);
    refused(linear(&zeros(&[0, 3]), &weight, None), &["linear", "[0, 3]"]);
    let indices = Tensor::zeros((2, 3), DType::U32, &Device::Cpu).unwrap();
    refused(relu(&indices), &["relu", "U32"]);
    for probability in [-0.1, 1.0, f64::NAN] {
        refused(dropout(&xs, probability, key), &["dropout", "must lie in [0, 1)"]);
    }
    for sigma in [-0.1, f64::INFINITY, f64::NAN] {
        refused(gaussian_noise(&xs, sigma, key), &["gaussian_noise", "finite"]);
    }
    refused(softmax(&zeros(&[2, 0])), &["softmax", "[2, 0]"]);
    assert_eq!(relu(&zeros(&[0, 3])).unwrap().dims(), [0, 3]);
    assert_eq!(dropout(&zeros(&[0, 3]), 0.5, key).unwrap().dims(), [0, 3]);
}

#[test]
fn cross_entropies() {
    let labels = |labels: &[u32]| Tensor::new(labels, &Device::Cpu).unwrap();
    let logits = zeros(&[2, 3]);
    let plain = CrossEntropyConfig::default();
    let loss = |labels: &Tensor| softmax_cross_entropy(&logits, labels, &plain);
    refused(loss(&labels(&[0, 3])), &["softmax_cross_entropy", "3"]);
    refused(loss(&labels(&[0])), &["softmax_cross_entropy", "one label for each of 2 rows"]);
    refused(loss(&zeros(&[2])), &["softmax_cross_entropy", "U32", "F32"]);
    let with = |class_weights: Option<Vec<f32>>, smoothing| {
        let config = CrossEntropyConfig { class_weights, smoothing, ..plain.clone() };
        softmax_cross_entropy(&logits, &labels(&[0, 1]), &config)
    };
    refused(with(Some(vec![1.0; 2]), LabelSmoothing::None), &["3 classes", "got 2"]);
    refused(with(Some(vec![1.0, -1.0, 1.0]), LabelSmoothing::None), &["class weight -1"]);
    refused(with(None, LabelSmoothing::OverAll(1.0)), &["smoothing 1", "[0, 1)"]);
    let one = CrossEntropyConfig { smoothing: LabelSmoothing::OverOthers(0.1), ..plain.clone() };
    let result = softmax_cross_entropy(&zeros(&[2, 1]), &labels(&[0, 0]), &one);
    refused(result, &["at least 2 classes"]);
}

#[test]
fn optimizer_steps() {
    let var = Var::zeros(3, DType::F32, &Device::Cpu).unwrap();
    let (grad, first, second) = (zeros(&[3]), zeros(&[3]), zeros(&[3]));
    let adam = |first: &Tensor, second: &Tensor, config: AdamConfig, t: u64| {
        adam_step(&var, &grad, first, second, &config.step(0.1, t))
    };
    let config = AdamConfig::default();
    refused(adam(&first, &second, config, 0), &["adam_step", "from t = 1"]);
    refused(adam(&first, &zeros(&[4]), config, 1), &["adam_step", "[3]", "[4]"]);
    refused(
        adam(&first, &zeros(&[3, 2]).narrow(1, 0, 1).unwrap().squeeze(1).unwrap(), config, 1),
        &["adam_step", "contiguous"],
    );
    let shared = ["adam_step", "must not share their memory", "copy one"];
    for pair in [(&grad, &second), (&first, &grad), (&first, &first), (&var, &second)] {
        refused(adam(pair.0, pair.1, config, 1), &shared);
    }
    refused(adam_step(&var, &var, &first, &second, &config.step(0.1, 1)), &shared);
    refused(adam(&first, &second, AdamConfig { beta1: 1.0, ..config }, 1), &["beta1 1"]);
    refused(adam(&first, &second, AdamConfig { epsilon: -1.0, ..config }, 1), &["epsilon -1"]);
    let sgd = |velocity, momentum| {
        sgd_step(&var, &grad, velocity, &SgdStep { lr: 0.1, momentum, weight_decay: 0.0 })
    };
    refused(sgd(None, Momentum::Classic(0.9)), &["sgd_step", "velocity; begin with zeros"]);
    refused(sgd(Some(&first), Momentum::None), &["sgd_step", "no velocity"]);
    refused(sgd(Some(&first), Momentum::Nesterov(1.5)), &["momentum 1.5"]);
    let rate = SgdStep { lr: f64::NAN, momentum: Momentum::None, weight_decay: 0.0 };
    refused(sgd_step(&var, &grad, None, &rate), &["learning rate NaN"]);
}
