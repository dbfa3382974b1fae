//! Gradients of whole networks.

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    Architecture, Dropout, DropoutDecay, Init, LipNet, LipNetConfig, Mode, Network,
};
use micrograph_ops::{CrossEntropyConfig, LabelSmoothing, softmax_cross_entropy};

use super::{first_step, new, small, values, waves, without_dropout};

fn loss(network: &LipNet, mode: Mode) -> Tensor {
    let labels = Tensor::new(&[0_u32, 2, 1, 2], &Device::Cpu).unwrap();
    let config = CrossEntropyConfig {
        class_weights: Some(vec![1.0, 2.0, 0.5]),
        smoothing: LabelSmoothing::OverOthers(0.1),
        ..Default::default()
    };
    let logits = network.forward(&waves(network, 4), mode).unwrap();
    softmax_cross_entropy(&logits, &labels, &config).unwrap()
}

/// The loss with `delta` added to one element of a parameter, which is put back afterwards.
fn moved(network: &LipNet, mode: Mode, (name, element): (&str, usize), delta: f64) -> f64 {
    let variable = network.parameters().get(name).unwrap();
    let before = values(variable);
    let set = |values: Vec<f64>| {
        variable.set(&Tensor::from_vec(values, variable.shape(), &Device::Cpu).unwrap()).unwrap();
    };
    let mut after = before.clone();
    after[element] += delta;
    set(after);
    let value = loss(network, mode).to_scalar::<f64>().unwrap();
    set(before);
    value
}

/// Moves biases away from zero: a unit that sees only dropped inputs would stand exactly on the
/// kink of its ReLU, where a central difference is half of the gradient on one side.
fn set_biases(network: &LipNet) {
    for (name, bias) in network.parameters().iter().filter(|(name, _)| name.ends_with(".bias")) {
        let drawn = Init::HeNormal.variable(name, bias.dims(), 1, (DType::F64, &Device::Cpu));
        bias.set(&(drawn.unwrap().as_tensor() * 0.2).unwrap()).unwrap();
    }
}

/// Central differences against `backward`, at five elements of every parameter.
///
/// With a step of 1e-6 a difference has an error of about 1e-10 from rounding and less from
/// curvature; kinks of ReLU and pooling are not within 1e-6 of these points.
fn check_gradients(config: &LipNetConfig, mode: Mode) {
    const STEP: f64 = 1e-6;
    let network = new(config, 11, DType::F64);
    set_biases(&network);
    let gradients = loss(&network, mode).backward().unwrap();
    let mut largest = 0.0_f64;
    for (index, (name, variable)) in network.parameters().iter().enumerate() {
        let gradient = values(gradients.get(variable).unwrap());
        for draw in 0..5 {
            // A multiplicative walk over the elements stands for choosing them at random.
            let element = (index * 7919 + draw * 104_729) % gradient.len();
            let at = |delta| moved(&network, mode, (name, element), delta);
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let error = (difference - gradient[element]).abs();
            assert!(
                error < 1e-8 + 1e-7 * difference.abs(),
                "{} {name}[{element}]: backward {}, difference {difference}",
                config.architecture,
                gradient[element],
            );
            largest = largest.max(difference.abs());
        }
    }
    assert!(largest > 1e-2, "{}: all gradients vanish", config.architecture);
}

#[test]
fn gradients_are_those_of_central_differences() {
    for architecture in Architecture::ALL {
        check_gradients(&without_dropout(small(architecture)), first_step(1));
    }
}

#[test]
fn gradients_hold_with_dropout_and_noise_on_weights() {
    for architecture in Architecture::ALL {
        let config = LipNetConfig {
            dropout: Dropout { block: 0.3, dense: 0.4 },
            dropout_decay: DropoutDecay::Linear { epochs: 4, end: 0.5 },
            weight_noise: 0.05,
            ..small(architecture)
        };
        check_gradients(&config, Mode::Train { seed: 5, epoch: 2, step: 17 });
    }
}

#[test]
fn backward_reaches_every_parameter() {
    for architecture in Architecture::ALL {
        let network = new(&LipNetConfig::new(architecture, 1, 3), 0, DType::F32);
        let gradients = loss(&network, first_step(1)).backward().unwrap();
        for (name, variable) in network.parameters().iter() {
            let gradient = values(gradients.get(variable).unwrap());
            assert!(gradient.iter().any(|&g| g != 0.0), "{architecture} {name}: all zero");
            assert!(gradient.iter().all(|g| g.is_finite()), "{architecture} {name}");
        }
    }
}
