//! Losses: forward and gradients.

use super::*;

fn labels() -> Tensor {
    let labels = Tensor::from_iter((0..3 * 19 * 23_u32).map(|i| i * 7 % 4), &Device::Cpu);
    labels.and_then(|labels| labels.reshape((3, 19, 23))).expect("labels")
}

#[test]
fn losses() {
    let Some(device) = device("cuda::losses") else { return };
    let (logits, labels) = ([drawn(1, &[3, 4, 19, 23])], labels());
    for focusing in [0.0, 2.0] {
        let config = CrossEntropyConfig {
            class_weights: Some(vec![1.0, 2.0, 0.5, 1.0]),
            smoothing: LabelSmoothing::OverAll(0.1),
            ignore_index: Some(3),
            focusing,
        };
        twins_of_f64(&device, "cross-entropy", &logits, 64.0, |xs| {
            let (labels, dtype) = (labels.to_device(xs[0].device())?, xs[0].dtype());
            let weights = Tensor::ones(labels.shape(), dtype, xs[0].device())?;
            softmax_cross_entropy_weighted(xs[0], &labels, &weights, &config)
        });
    }
    twins_of_f64(&device, "Dice", &logits, 64.0, |xs| {
        dice_loss(xs[0], &labels.to_device(xs[0].device())?, &OverlapConfig::default())
    });
    let weights = ErrorWeights { false_positives: 0.3, false_negatives: 0.8 };
    twins_of_f64(&device, "Tversky", &logits, 64.0, |xs| {
        let labels = labels.to_device(xs[0].device())?;
        tversky_loss(xs[0], &labels, &weights, &OverlapConfig::default())
    });
    twins_of_f64(&device, "binary cross-entropy", &logits, 64.0, |xs| {
        bce_with_logits(xs[0], &xs[0].detach().clamp(0.0, 1.0)?, None, 2.0)
    });
}

/// A row at a time, so that no large loss hides a small one: each number agrees by itself.
#[test]
fn losses_at_any_logit() {
    let Some(device) = device("cuda::losses_at_any_logit") else { return };
    let run = |logits: [f32; 2], focusing, device: &Device| -> Result<Vec<f64>> {
        let row = Var::from_tensor(&Tensor::new(&[logits], device)?)?;
        let config = CrossEntropyConfig { focusing, ..Default::default() };
        let entropy = softmax_cross_entropy(&row, &Tensor::new(&[0_u32], device)?, &config)?;
        let target = Tensor::new(&[[1_f32, 0.0]], device)?;
        let binary = bce_with_logits(&row, &target, None, 1.0)?;
        let of = |loss: &Tensor| -> Result<Vec<f64>> {
            let gradients = loss.backward()?;
            let gradient = gradients.get(&row).expect("a gradient");
            Ok([numbers(loss), numbers(gradient)].concat())
        };
        Ok([of(&entropy)?, of(&binary)?].concat())
    };
    for logits in [[12.0, 0.0], [20.0, 0.0], [-20.0, 20.0], [1e4, -1e4], [-1e4, 1e4]] {
        for focusing in [0.0, 0.5] {
            let on = |device| run(logits, focusing, device).expect("losses");
            for (cuda, cpu) in on(&device).into_iter().zip(on(&Device::Cpu)) {
                let near = (cuda - cpu).abs() <= 2.0 * f64::from(f32::EPSILON) * cpu.abs();
                assert!(near, "{logits:?}, focusing {focusing}: {cuda} for {cpu}");
            }
        }
    }
}
