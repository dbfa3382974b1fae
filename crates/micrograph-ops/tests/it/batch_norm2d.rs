//! Batch normalization: against PyTorch, against differences, and its laws.

use crate::golden_case::check_golden;
use crate::gradient::check;
use crate::numbers::{numbers, spread};
use crate::refused::{refused, zeros};
use candle::{DType, Device, Result, Tensor};
use micrograph_ops::{ChannelStatistics, batch_norm2d, batch_norm2d_eval};
use micrograph_testkit::assert_close;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    mode: String,
    epsilon: f64,
    momentum: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
    new_mean: Vec<f64>,
    new_variance: Vec<f64>,
}

fn tensor(numbers: &[f64]) -> Tensor {
    Tensor::from_slice(numbers, numbers.len(), &Device::Cpu).unwrap()
}

#[test]
fn values_gradients_and_running_statistics_of_pytorch() -> Result<()> {
    check_golden("batch_norm2d.json", |settings: &Settings, inputs, _| {
        let [xs, weight, bias] = [0, 1, 2].map(|i| &inputs[i]);
        let running = ChannelStatistics {
            mean: tensor(&settings.mean),
            variance: tensor(&settings.variance),
        };
        if settings.mode == "evaluation" {
            return batch_norm2d_eval(xs, weight, bias, &running, settings.epsilon);
        }
        let (ys, batch) = batch_norm2d(xs, weight, bias, settings.epsilon)?;
        running.update(&batch, settings.momentum)?;
        assert_close(&numbers(&running.mean), &settings.new_mean, 1e-12, 1e-12);
        assert_close(&numbers(&running.variance), &settings.new_variance, 1e-12, 1e-12);
        Ok(ys)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn gradients_are_those_of_differences(
        (n, c, h, w) in (1..3_usize, 1..4_usize, 1..5_usize, 1..5_usize),
    ) {
        let inputs = [spread(&[n, c, h, w], 1), spread(&[c], 2), spread(&[c], 3)];
        if n * h * w > 1 {
            check(&inputs, |v| Ok(batch_norm2d(&v[0], &v[1], &v[2], 0.01)?.0));
        }
        let running = ChannelStatistics { mean: spread(&[c], 4), variance: spread(&[c], 5).sqr().unwrap() };
        check(&inputs, |v| batch_norm2d_eval(&v[0], &v[1], &v[2], &running, 0.01));
    }
}

#[test]
fn views_and_arguments_used_twice() {
    let inputs = [spread(&[3, 2, 3, 4], 1), spread(&[2, 2], 2)];
    check(&inputs, |v| {
        let xs = v[0].narrow(0, 1, 2)?.transpose(2, 3)?; // (2, 2, 4, 3)
        let weight = v[1].narrow(1, 1, 1)?.squeeze(1)?; // a column
        let once = batch_norm2d(&xs, &weight, &weight, 0.01)?.0;
        batch_norm2d(&once, &weight, &weight, 0.01)?.0.transpose(1, 2)?.contiguous()
    });
}

/// In f32 with a mean of 7,000 deviations, where sums of squares would keep no digit.
#[test]
fn a_large_mean_costs_no_digits() -> Result<()> {
    let xs = (spread(&[4, 1, 9, 9], 1) * 64.0)?.round()?;
    let (weight, bias) = (tensor(&[1.0]), tensor(&[0.0]));
    let (expected, batch) = batch_norm2d(&xs, &weight, &bias, 1e-5)?;
    let single = |t: &Tensor| t.to_dtype(DType::F32);
    let far = single(&(xs + 262_144.0)?)?; // exact in f32
    let (ys, far_batch) = batch_norm2d(&far, &single(&weight)?, &single(&bias)?, 1e-5)?;
    assert_close(&numbers(&ys), &numbers(&expected), 1e-6, 1e-6);
    assert_close(&numbers(&far_batch.variance), &numbers(&batch.variance), 0.0, 1e-6);
    Ok(())
}

#[test]
fn what_cannot_be_normalized_is_refused() {
    let (xs, ones) = (zeros(&[2, 3, 4, 4]), zeros(&[3]));
    refused(batch_norm2d(&zeros(&[1, 3, 1, 1]), &ones, &ones, 0.1), &["batch_norm2d", "one pixel"]);
    refused(batch_norm2d(&zeros(&[0, 3, 4, 4]), &ones, &ones, 0.1), &["batch_norm2d", "leave"]);
    refused(batch_norm2d(&xs, &zeros(&[2]), &ones, 0.1), &["weight", "[3]", "[2]"]);
    refused(batch_norm2d(&xs, &ones, &ones, -0.1), &["epsilon -0.1", "not negative"]);
    let running = |n| ChannelStatistics::new(n, DType::F32, &Device::Cpu).unwrap();
    refused(batch_norm2d_eval(&xs, &ones, &ones, &running(4), 0.1), &["mean", "[3]", "[4]"]);
    let double = ChannelStatistics::new(3, DType::F64, &Device::Cpu).unwrap();
    refused(batch_norm2d_eval(&xs, &ones, &ones, &double, 0.1), &["batch_norm2d", "F32", "F64"]);
    refused(running(3).update(&running(4), 0.1), &["channels of the batch", "[4]", "[3]"]);
    refused(running(3).update(&running(3), 1.1), &["momentum 1.1", "[0, 1]"]);
}
