//! Losses of pixels by their names.

use candle::{DType, Device, Tensor, Var};
use micrograph_nn::{BorderWeights, ClassWeights, PixelCost, SegmentationLoss};
use micrograph_ops::{
    CrossEntropyConfig, OverlapConfig, ProbabilityCost, ProbabilityLossConfig, dice_loss,
    probability_loss, softmax_cross_entropy_weighted,
};
use micrograph_testkit::assert_close;

use super::values;

const NAMES: [&str; 12] = [
    "cross_entropy",
    "dice",
    "squared_dice",
    "dice_cross_entropy",
    "focal",
    "tversky",
    "quadratic",
    "exponential",
    "hellinger",
    "kullback_leibler",
    "generalized_kullback_leibler",
    "itakura_saito",
];

fn named(name: &str) -> SegmentationLoss {
    serde_json::from_str(&format!(r#"{{"cost":"{name}"}}"#)).unwrap()
}

/// Logits, labels of which one is 255, and weights of pixels.
fn batch(scale: f64) -> [Tensor; 3] {
    let logits = (0..2 * 3 * 4).map(|i| scale * (1.3 * f64::from(i)).sin()).collect::<Vec<_>>();
    let weights = (0..8).map(|i| 1.0 + (0.7 * f64::from(i)).cos()).collect::<Vec<_>>();
    let tensor = |values, shape: &[usize]| Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
    let labels = Tensor::from_vec(vec![0_u32, 1, 2, 2, 255, 0, 1, 1], (2, 2, 2), &Device::Cpu);
    [tensor(logits, &[2, 3, 2, 2]), labels.unwrap(), tensor(weights, &[2, 2, 2])]
}

#[test]
fn every_cost_has_a_name_a_gradient_and_a_limit() {
    for name in NAMES {
        let config = SegmentationLoss { ignore_index: Some(255), ..named(name) };
        let loss = config.fit(3, &[]).unwrap();
        for scale in [1.0, 30.0, 1e4] {
            let [logits, labels, weights] = batch(scale);
            for dtype in [DType::F32, DType::F64] {
                let logits = Var::from_tensor(&logits.to_dtype(dtype).unwrap()).unwrap();
                let weights = weights.to_dtype(dtype).unwrap();
                let value = loss.loss(&logits, &labels, Some(&weights)).unwrap();
                assert!(values(&value)[0].is_finite(), "{name} {scale}");
                let gradients = value.backward().unwrap();
                let gradient = values(gradients.get(&logits).unwrap());
                assert!(gradient.iter().all(|g| g.is_finite()), "{name} {scale}");
                // Not one of the ignored pixel, the first of the second image, and some of the others.
                assert!([12, 16, 20].iter().all(|&i| gradient[i].to_bits() << 1 == 0), "{name}");
                assert!(scale > 1.0 || gradient.iter().any(|g| g.abs() > 1e-3), "{name}");
            }
        }
    }
}

#[test]
fn weights_and_names_reach_the_operations() {
    let [logits, labels, weights] = batch(1.0);
    let of = |loss: SegmentationLoss| {
        let loss = SegmentationLoss { ignore_index: Some(255), ..loss };
        values(&loss.fit(3, &[]).unwrap().loss(&logits, &labels, Some(&weights)).unwrap())
    };
    let class_weights = ClassWeights::Given(vec![1.0, 2.0, 0.5]);
    let entropy = |class_weights: Option<Vec<f32>>, focusing| {
        let config = CrossEntropyConfig {
            class_weights,
            focusing,
            ignore_index: Some(255),
            ..Default::default()
        };
        values(&softmax_cross_entropy_weighted(&logits, &labels, &weights, &config).unwrap())
    };
    let given = Some(vec![1.0, 2.0, 0.5]);
    let weighed =
        SegmentationLoss { class_weights: class_weights.clone(), ..named("cross_entropy") };
    assert_eq!(of(weighed), entropy(given.clone(), 0.0));
    assert_eq!(of(named("kullback_leibler")), entropy(None, 0.0));
    assert_eq!(of(named("focal")), entropy(None, 2.0));
    let dice = OverlapConfig { ignore_index: Some(255), ..Default::default() };
    let dice = values(&dice_loss(&logits, &labels, &dice).unwrap());
    assert_eq!(of(named("dice")), dice);
    assert_close(&of(named("dice_cross_entropy")), &[dice[0] + entropy(None, 0.0)[0]], 0.0, 1e-15);
    let config = ProbabilityLossConfig {
        cost: ProbabilityCost::ItakuraSaito { epsilon: 0.01 },
        class_weights: given,
        ignore_index: Some(255),
    };
    let expected = probability_loss(&logits, &labels, Some(&weights), &config).unwrap();
    assert_eq!(of(SegmentationLoss { class_weights, ..named("itakura_saito") }), values(&expected));
}

#[test]
fn what_cannot_be_is_told_before_the_first_step() {
    #[track_caller]
    fn told(loss: &SegmentationLoss, expected: &str) {
        assert_eq!(loss.validate().unwrap_err().to_string(), expected);
        assert!(loss.fit(2, &[vec![1, 1]]).is_err());
    }
    let dice = named("dice");
    let nothing = "expected none beside a cost of areas, such as Dice; take dice_cross_entropy";
    let ratio = SegmentationLoss { class_weights: ClassWeights::Ratio, ..dice.clone() };
    told(&ratio, &format!("class_weights = set: {nothing}"));
    let border = Some(BorderWeights::default());
    told(&SegmentationLoss { border, ..dice }, &format!("border = set: {nothing}"));
    let border = Some(BorderWeights { sigma_px: 0.0, ..Default::default() });
    let flat = SegmentationLoss { border, ..named("quadratic") };
    told(&flat, "border.sigma_px = 0: expected finite and above 0");
    let focal = PixelCost::Focal { gamma: f64::NAN };
    told(
        &SegmentationLoss { cost: focal, ..named("focal") },
        "cost.gamma = NaN: expected finite and 0 or more",
    );
    let order = PixelCost::GeneralizedKullbackLeibler { order: 1.0 };
    told(
        &SegmentationLoss { cost: order, ..named("focal") },
        "cost.order = 1: expected above 1, at most 2",
    );
}
