//! The same numbers as PyTorch; `goldens/make_*.py` made them.

use candle::{Device, Result, Tensor, Var};
use micrograph_ops::{
    Conv2dConfig, CrossEntropyConfig, LabelSmoothing, Padding, Pool2dConfig, Rounding, conv2d,
    max_pool2d_with_indices, softmax_cross_entropy,
};
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

/// All goldens are in f64: what differs is the order of sums.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Golden<T> {
    cases: Vec<T>,
}

fn cases<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    golden::<Golden<T>>(env!("CARGO_MANIFEST_DIR"), name).cases
}

fn tensor(values: &[f64], shape: &[usize]) -> Result<Tensor> {
    Tensor::from_slice(values, shape, &Device::Cpu)
}

#[track_caller]
fn assert_same(tensor: &Tensor, expected: &[f64]) {
    let got: Vec<f64> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    assert_close(&got, expected, TOLERANCE, TOLERANCE);
}

#[derive(Deserialize)]
struct Conv2dCase {
    xs_shape: [usize; 4],
    weight_shape: [usize; 4],
    ys_shape: [usize; 4],
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
    groups: usize,
    xs: Vec<f64>,
    weight: Vec<f64>,
    bias: Vec<f64>,
    grad: Vec<f64>,
    ys: Vec<f64>,
    grad_xs: Vec<f64>,
    grad_weight: Vec<f64>,
    grad_bias: Vec<f64>,
}

#[test]
fn conv2d_and_its_gradients() -> Result<()> {
    for case in cases::<Conv2dCase>("conv2d.json") {
        let xs = Var::from_tensor(&tensor(&case.xs, &case.xs_shape)?)?;
        let weight = Var::from_tensor(&tensor(&case.weight, &case.weight_shape)?)?;
        let bias = Var::from_tensor(&tensor(&case.bias, &[case.bias.len()])?)?;
        let [top, bottom, left, right] = case.padding;
        let padding = Padding { top, bottom, left, right };
        let Conv2dCase { stride, dilation, groups, .. } = case;
        let config = Conv2dConfig { stride, padding, dilation, groups, ..Conv2dConfig::DEFAULT };
        let ys = conv2d(&xs, &weight, Some(&bias), &config)?;
        assert_eq!(ys.dims(), case.ys_shape);
        assert_same(&ys, &case.ys);
        let gradients = (ys * tensor(&case.grad, &case.ys_shape)?)?.sum_all()?.backward()?;
        assert_same(gradients.get(&xs).unwrap(), &case.grad_xs);
        assert_same(gradients.get(&weight).unwrap(), &case.grad_weight);
        assert_same(gradients.get(&bias).unwrap(), &case.grad_bias);
    }
    Ok(())
}

#[derive(Deserialize)]
struct MaxPool2dCase {
    xs_shape: [usize; 4],
    ys_shape: [usize; 4],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    rounding: Rounding,
    xs: Vec<f64>,
    ys: Vec<f64>,
    indices: Vec<u32>,
    grad: Vec<f64>,
    grad_xs: Vec<f64>,
}

#[test]
fn max_pool2d_its_indices_and_its_gradient() -> Result<()> {
    for case in cases::<MaxPool2dCase>("max_pool2d.json") {
        let xs = Var::from_tensor(&tensor(&case.xs, &case.xs_shape)?)?;
        let [y, x] = case.padding;
        let padding = Padding { top: y, bottom: y, left: x, right: x };
        let MaxPool2dCase { kernel, stride, rounding, .. } = case;
        let config = Pool2dConfig { kernel, stride, padding, rounding };
        let (ys, indices) = max_pool2d_with_indices(&xs, &config)?;
        assert_eq!(ys.dims(), case.ys_shape);
        assert_same(&ys, &case.ys);
        assert_eq!(indices.flatten_all()?.to_vec1::<u32>()?, case.indices);
        let gradients = (ys * tensor(&case.grad, &case.ys_shape)?)?.sum_all()?.backward()?;
        assert_same(gradients.get(&xs).unwrap(), &case.grad_xs);
    }
    Ok(())
}

#[derive(Deserialize)]
struct CrossEntropyCase {
    smoothing: String,
    fraction: f64,
    weights: Option<Vec<f32>>,
    logits: Vec<Vec<f64>>,
    labels: Vec<u32>,
    loss: f64,
    grad: Vec<f64>,
}

#[test]
fn cross_entropy_with_weights_and_smoothing() -> Result<()> {
    for case in cases::<CrossEntropyCase>("cross_entropy.json") {
        let logits = Var::from_tensor(&Tensor::new(case.logits, &Device::Cpu)?)?;
        let labels = Tensor::new(case.labels, &Device::Cpu)?;
        let smoothing = match case.smoothing.as_str() {
            "over_all" => LabelSmoothing::OverAll(case.fraction),
            "over_others" => LabelSmoothing::OverOthers(case.fraction),
            _ => LabelSmoothing::None,
        };
        let class_weights = case.weights;
        let config = CrossEntropyConfig { class_weights, smoothing, ..Default::default() };
        let loss = softmax_cross_entropy(&logits, &labels, &config)?;
        assert_same(&loss, &[case.loss]);
        assert_same(loss.backward()?.get(&logits).unwrap(), &case.grad);
    }
    Ok(())
}
