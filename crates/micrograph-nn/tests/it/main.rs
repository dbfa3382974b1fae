//! Behavior of `micrograph-nn` through its public functions.

mod gradient;
mod lipnet;
mod loss;
mod optimizer;
mod schedule;
mod segmentation;
mod segmentation_vgg;
mod training;

use candle::{DType, Device, Tensor};
use micrograph_nn::{
    Architecture, Dropout, InputSize, LipNet, LipNetConfig, Mode, Network, Parameters,
};

/// A LipNet of few numbers: 3 maps, 5 units, the smallest input with more than one pixel at its end.
fn small(architecture: Architecture) -> LipNetConfig {
    let config = LipNetConfig::new(architecture, 2, 3);
    let input_size = match config.input_size {
        InputSize::Fixed { .. } => InputSize::square(8),
        any => any,
    };
    LipNetConfig { input_size, maps: 3, dense: 5, ..config }
}

/// Without anything random, so that a training pass, which alone has gradients of parameters,
/// gives the logits of evaluation.
fn without_dropout(config: LipNetConfig) -> LipNetConfig {
    LipNetConfig { dropout: Dropout { block: 0.0, dense: 0.0 }, ..config }
}

fn new(config: &LipNetConfig, seed: u64, dtype: DType) -> LipNet {
    LipNet::new(config, seed, dtype, &Device::Cpu).unwrap()
}

/// `n` images of waves, of the shape and type that `network` takes; 8x8 where it takes any.
fn waves(network: &LipNet, n: usize) -> Tensor {
    match network.input().size {
        InputSize::Fixed { height, width } => waves_of(network, n, [height, width]),
        InputSize::MultipleOf { .. } => waves_of(network, n, [8, 8]),
    }
}

/// `n` images of waves of the given height and width.
fn waves_of(network: &LipNet, n: usize, [height, width]: [usize; 2]) -> Tensor {
    let shape = [n, network.input().channels, height, width];
    let length: usize = shape.iter().product();
    let values: Vec<f64> = (0..length).map(|i| (0.3 * i as f64).sin()).collect();
    let dtype = network.parameters().iter().next().unwrap().1.dtype();
    Tensor::from_vec(values, &shape, &Device::Cpu).unwrap().to_dtype(dtype).unwrap()
}

fn first_step(seed: u64) -> Mode {
    Mode::Train { seed, epoch: 0, step: 0 }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}

/// Every number of every parameter, in order, so that equality is equality of all bits.
fn bits(parameters: &Parameters) -> Vec<u64> {
    parameters.iter().flat_map(|(_, variable)| values(variable)).map(f64::to_bits).collect()
}

#[test]
fn the_public_types_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    crosses::<Box<dyn Network>>();
    crosses::<LipNet>();
    crosses::<Parameters>();
    crosses::<micrograph_nn::Optimizer>();
    crosses::<micrograph_nn::Error>();
}
