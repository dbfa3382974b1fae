//! Losses: against PyTorch, against differences, and laws.

use crate::golden_case::check_golden;
use crate::gradient::check;
use crate::numbers::{numbers, spread};
use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    CrossEntropyConfig, ErrorWeights, LabelSmoothing, OverlapClasses, OverlapConfig, OverlapScope,
    ProbabilityCost, ProbabilityLossConfig, bce_with_logits, dice_loss, philox4x32,
    probability_loss, softmax_cross_entropy, softmax_cross_entropy_weighted, tversky_loss,
};
use micrograph_testkit::assert_close;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Loss {
    CrossEntropy(CrossEntropyConfig),
    Dice(OverlapConfig),
    Tversky(ErrorWeights, OverlapConfig),
    Binary(f64),
    Probability(ProbabilityLossConfig),
}

#[test]
fn values_and_gradients_of_pytorch() -> Result<()> {
    check_golden("losses.json", |loss: &Loss, inputs, labels| match (loss, inputs) {
        (Loss::CrossEntropy(config), [xs]) => softmax_cross_entropy(xs, &labels[0], config),
        (Loss::CrossEntropy(config), inputs) => {
            softmax_cross_entropy_weighted(&inputs[0], &labels[0], &inputs[1], config)
        }
        (Loss::Dice(config), inputs) => dice_loss(&inputs[0], &labels[0], config),
        (Loss::Tversky(weights, config), inputs) => {
            tversky_loss(&inputs[0], &labels[0], weights, config)
        }
        (Loss::Probability(config), inputs) => {
            probability_loss(&inputs[0], &labels[0], inputs.get(1), config)
        }
        (Loss::Binary(positive), inputs) => {
            bce_with_logits(&inputs[0], &inputs[1], inputs.get(2), *positive)
        }
    })
}

/// Labels below `classes` without a pattern.
fn labels(shape: &[usize], classes: usize) -> Tensor {
    let n = shape.iter().product::<usize>() as u32;
    let label = |i: u32| philox4x32([i, 0, 0, 0], [7, 0])[0] % classes as u32;
    Tensor::from_vec((0..n).map(label).collect(), shape, &Device::Cpu).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn cross_entropy_gradients_are_those_of_differences(
        (n, k, h, w) in (1..3_usize, 2..5_usize, 1..4_usize, 1..4_usize),
        kind in 0..3_usize,
        focusing in prop_oneof![Just(0.0), 0.3..3.0],
        ignored: bool,
    ) {
        let smoothing = [LabelSmoothing::None, LabelSmoothing::OverAll(0.1), LabelSmoothing::OverOthers(0.2)];
        let class_weights = Some((0..k).map(|c| c as f32 * 0.5).collect());
        let ignore_index = ignored.then_some(1);
        let config =
            CrossEntropyConfig { class_weights, smoothing: smoothing[kind], ignore_index, focusing };
        let labels = labels(&[n, h, w], k);
        let weights = spread(&[n, h, w], 2).sqr().unwrap();
        let logits = [(spread(&[n, k, h, w], 1) * 3.0).unwrap()];
        check(&logits, |v| softmax_cross_entropy_weighted(&v[0], &labels, &weights, &config));
    }

    #[test]
    fn overlap_gradients_are_those_of_differences(
        (n, k, h, w) in (1..3_usize, 1..4_usize, 1..4_usize, 1..4_usize),
        (alpha, beta, smooth) in (0.0..2.0, 0.0..2.0, 0.1..1.0),
        batch: bool,
        foreground: bool,
        ignored: bool,
    ) {
        let config = OverlapConfig {
            smooth,
            scope: if batch { OverlapScope::Batch } else { OverlapScope::Image },
            classes: if foreground { OverlapClasses::Foreground } else { OverlapClasses::All },
            ignore_index: ignored.then_some(0),
        };
        let labels = labels(&[n, h, w], k.max(2));
        let weights = ErrorWeights { false_positives: alpha, false_negatives: beta };
        let logits = [(spread(&[n, k, h, w], 1) * 3.0).unwrap()];
        check(&logits, |v| tversky_loss(&v[0], &labels, &weights, &config));
    }

    #[test]
    fn gradients_of_costs_are_those_of_differences(
        (n, k, h, w) in (1..3_usize, 2..4_usize, 1..4_usize, 1..4_usize),
        (kind, constant) in (0..6_usize, 0.1..1.0),
        weighted: bool,
        ignored: bool,
    ) {
        let config = ProbabilityLossConfig {
            cost: cost(kind, constant),
            class_weights: weighted.then(|| (0..k).map(|c| c as f32 * 0.5 + 0.25).collect()),
            ignore_index: ignored.then_some(1),
        };
        let labels = labels(&[n, h, w], k);
        let weights = weighted.then(|| spread(&[n, h, w], 2).sqr().unwrap());
        let logits = [(spread(&[n, k, h, w], 1) * 3.0).unwrap()];
        check(&logits, |v| probability_loss(&v[0], &labels, weights.as_ref(), &config));
    }

    #[test]
    fn binary_gradients_are_those_of_differences(n in 1..9_usize, positive in 0.0..3.0, weighted: bool) {
        let targets = ((spread(&[n], 2) + 1.0).unwrap() * 0.5).unwrap();
        let weights = weighted.then(|| spread(&[n], 3).sqr().unwrap());
        let logits = [(spread(&[n], 1) * 9.0).unwrap()];
        check(&logits, |v| bce_with_logits(&v[0], &targets, weights.as_ref(), positive));
    }
}

/// Each cost, with a constant from 0.1 to 1 that is moved to its range.
fn cost(kind: usize, constant: f64) -> ProbabilityCost {
    match kind {
        0 => ProbabilityCost::Quadratic,
        1 => ProbabilityCost::Exponential { tau: constant },
        2 => ProbabilityCost::Hellinger,
        3 => ProbabilityCost::GeneralizedKullbackLeibler { order: 1.0 + constant },
        4 => ProbabilityCost::ItakuraSaito { epsilon: constant },
        _ => ProbabilityCost::SquaredDice { epsilon: constant },
    }
}

/// The value and the gradient of the logits.
fn with_gradient(
    logits: &Tensor,
    loss: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<(f64, Tensor)> {
    let logits = Var::from_tensor(logits)?;
    let loss = loss(&logits)?;
    Ok((numbers(&loss)[0], loss.backward()?.get(&logits).unwrap().clone()))
}

/// Images of more than one block, whose last is not whole; rows of pixels; and batches of images.
#[test]
fn pixels_count_the_same_in_images_and_in_rows() -> Result<()> {
    let logits = spread(&[2, 3, 41, 40], 1);
    let labels = labels(&[2, 41, 40], 3);
    let rows = |t: &Tensor| t.permute((0, 2, 3, 1))?.flatten(0, 2)?.contiguous(); // (n * h * w, k)
    let config = CrossEntropyConfig { focusing: 1.5, ..Default::default() };
    let images = with_gradient(&logits, |xs| softmax_cross_entropy(xs, &labels, &config))?;
    let flat = labels.flatten_all()?;
    let pixels = with_gradient(&rows(&logits)?, |xs| softmax_cross_entropy(xs, &flat, &config))?;
    assert_close(&[images.0], &[pixels.0], 0.0, 1e-13);
    assert_close(&numbers(&rows(&images.1)?), &numbers(&pixels.1), 1e-16, 1e-12);
    let config = OverlapConfig { scope: OverlapScope::Batch, ..Default::default() };
    let images = with_gradient(&logits, |xs| dice_loss(xs, &labels, &config))?;
    let pixels = with_gradient(&rows(&logits)?, |xs| dice_loss(xs, &flat, &config))?;
    assert_close(&[images.0], &[pixels.0], 0.0, 1e-13);
    assert_close(&numbers(&rows(&images.1)?), &numbers(&pixels.1), 1e-16, 1e-12);
    Ok(())
}

#[test]
fn views_and_second_uses() {
    let labels = labels(&[3, 2, 4], 2).narrow(0, 1, 2).unwrap().transpose(1, 2).unwrap(); // (2, 4, 2)
    let weights =
        spread(&[4, 2, 2], 2).sqr().unwrap().transpose(0, 2).unwrap().transpose(1, 2).unwrap();
    let view = |v: &[Tensor]| v[0].narrow(0, 1, 2)?.transpose(1, 3); // (2, 2, 4, 2)
    let halves = ErrorWeights { false_positives: 0.3, false_negatives: 0.7 };
    check(&[spread(&[3, 2, 4, 2], 1)], |v| {
        let xs = view(v)?;
        let config = CrossEntropyConfig::default();
        let entropy = softmax_cross_entropy_weighted(&xs, &labels, &weights, &config)?;
        let overlap = tversky_loss(&xs, &labels, &halves, &OverlapConfig::default())?;
        let targets = labels.to_dtype(DType::F64)?;
        let binary = bce_with_logits(&xs.narrow(1, 1, 1)?.squeeze(1)?, &targets, None, 2.0)?;
        Tensor::stack(&[entropy, overlap, binary], 0)
    });
}

#[test]
fn what_is_ignored_counts_for_nothing() -> Result<()> {
    let (nan, labels) = (f64::NAN, Tensor::new(&[[1u32, 9]], &Device::Cpu)?);
    let logits = Tensor::new(&[[[0.0, nan], [3f64.ln(), nan]]], &Device::Cpu)?; // (1, 2, 2)
    let config = CrossEntropyConfig { ignore_index: Some(9), ..Default::default() };
    let (loss, gradient) =
        with_gradient(&logits, |xs| softmax_cross_entropy(xs, &labels, &config))?;
    assert_close(&[loss], &[(4f64 / 3.0).ln()], 1e-15, 0.0);
    assert_close(&numbers(&gradient), &[0.25, 0.0, -0.25, 0.0], 1e-15, 0.0);
    let config = OverlapConfig { ignore_index: Some(9), smooth: 0.0, ..Default::default() };
    let (loss, gradient) = with_gradient(&logits, |xs| dice_loss(xs, &labels, &config))?;
    assert_close(&[loss], &[1.0 - 0.5 * (1.5 / 1.75)], 1e-15, 0.0); // class 0 is not there
    assert_eq!([numbers(&gradient)[1], numbers(&gradient)[3]], [0.0, 0.0]);
    Ok(())
}

#[test]
fn logits_that_are_no_numbers_make_no_perfect_score() -> Result<()> {
    let labels = Tensor::new(&[[0u32, 1]], &Device::Cpu)?;
    for logit in [f64::NAN, f64::INFINITY] {
        let logits = Tensor::new(&[[[0.0, logit], [0.0, 0.0]]], &Device::Cpu)?;
        let config = OverlapConfig::default();
        assert!(dice_loss(&logits, &labels, &config)?.to_scalar::<f64>()?.is_nan(), "{logit}");
    }
    Ok(())
}

#[test]
fn an_empty_class_that_is_not_found_is_right() -> Result<()> {
    let labels = Tensor::zeros((1, 2), DType::U32, &Device::Cpu)?;
    let logits = Tensor::full(f64::NEG_INFINITY, (1, 1, 2), &Device::Cpu)?;
    let config = OverlapConfig { smooth: 0.0, ..Default::default() };
    let (loss, gradient) = with_gradient(&logits, |xs| dice_loss(xs, &labels, &config))?;
    assert_eq!((loss, numbers(&gradient)), (0.0, vec![0.0; 2]));
    Ok(())
}

#[test]
fn costs_are_finite_at_any_logit_and_end_at_zero() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        for (kind, size) in (0..6).flat_map(|kind| [10.0, 100.0, 1e4].map(|size| (kind, size))) {
            let logits = Tensor::new(&[[size, -size]], &Device::Cpu)?.to_dtype(dtype)?;
            let config = cost(kind, 0.1).into();
            let of = |label: u32| {
                let labels = Tensor::new(&[label], &Device::Cpu)?;
                let logits = Var::from_tensor(&logits)?;
                let loss = probability_loss(&logits, &labels, None, &config)?;
                let gradient = loss.backward()?.get(&logits).unwrap().clone();
                Ok::<_, candle::Error>((numbers(&loss)[0], numbers(&gradient)))
            };
            let ((right, flat), (wrong, steep)) = (of(0)?, of(1)?);
            // A tenth is Dice's epsilon: 1 - 2 / 2.1.
            assert!((-1e-7..0.05).contains(&right), "{kind} {size}: {right}");
            assert!(wrong > 0.6 && wrong.is_finite(), "{kind} {size}: {wrong}");
            assert!(flat.iter().chain(&steep).all(|g| g.is_finite()), "{kind} {size}: {steep:?}");
            assert!(flat.iter().all(|g| g.abs() < 1e-4), "{kind} {size}: {flat:?}");
        }
    }
    Ok(())
}

/// As the order goes to 1, the generalized divergence becomes cross-entropy.
#[test]
fn the_generalized_divergence_generalizes() -> Result<()> {
    let (logits, labels) = (spread(&[3, 2], 1), labels(&[3], 2));
    let config = ProbabilityCost::GeneralizedKullbackLeibler { order: 1.000_01 }.into();
    let (general, gradient) =
        with_gradient(&logits, |xs| probability_loss(xs, &labels, None, &config))?;
    let (entropy, expected) = with_gradient(&logits, |xs| {
        softmax_cross_entropy(xs, &labels, &CrossEntropyConfig::default())
    })?;
    assert_close(&[general], &[entropy], 0.0, 1e-5);
    assert_close(&numbers(&gradient), &numbers(&expected), 0.0, 1e-4);
    Ok(())
}

#[test]
fn losses_are_finite_at_any_logit() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        for size in [30.0, 100.0, 1e4] {
            let logits = Tensor::new(&[[size, -size]], &Device::Cpu)?.to_dtype(dtype)?;
            let wrong = Tensor::new(&[[0.0, 1.0]], &Device::Cpu)?.to_dtype(dtype)?;
            let (loss, gradient) =
                with_gradient(&logits, |xs| bce_with_logits(xs, &wrong, None, 1.0))?;
            assert_close(&[loss], &[size], 0.0, 1e-6);
            assert_close(&numbers(&gradient), &[0.5, -0.5], 1e-7, 0.0);
            let right = Tensor::new(&[[1.0, 0.0]], &Device::Cpu)?.to_dtype(dtype)?;
            let (loss, gradient) =
                with_gradient(&logits, |xs| bce_with_logits(xs, &right, None, 1.0))?;
            assert_close(&[loss], &[0.0], 1e-12, 0.0);
            assert_close(
                &numbers(&gradient),
                &[-0.5 * (-size).exp(), 0.5 * (-size).exp()],
                1e-44,
                1e-6,
            );
            let labels = Tensor::new(&[1u32], &Device::Cpu)?;
            let config = CrossEntropyConfig { focusing: 0.5, ..Default::default() };
            let (loss, gradient) =
                with_gradient(&logits, |xs| softmax_cross_entropy(xs, &labels, &config))?;
            assert_close(&[loss], &[2.0 * size], 0.0, 1e-6);
            assert_close(&numbers(&gradient), &[1.0, -1.0], 1e-7, 0.0);
        }
    }
    Ok(())
}
