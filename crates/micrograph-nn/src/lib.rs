//! Networks, seeded initialization, optimizers and schedules for classification and segmentation of images
//! on [Candle](candle).
//!
//! [`build`] makes one of the networks of the LipNet thesis from a [`LipNetConfig`], and
//! [`SegmenterConfig::build`] a U-Net, StemNet, SegNet, DeconvNet or FCN; all are used through the trait [`Network`], which
//! turns a batch of images into logits and names its [`Parameters`]. An [`Optimizer`] changes those against the gradient of a loss, at the rate that
//! a [`Schedule`] gives. The loss of images is [`micrograph_ops::softmax_cross_entropy`], with class
//! weights and label smoothing, that of pixels a [`SegmentationLoss`].
//!
//! # Example
//! Sixteen images of vertical or horizontal stripes, learned by heart:
//! ```
//! use candle::{DType, Device, Tensor};
//! use micrograph_nn::{
//!     Architecture, InputSize, LipNetConfig, Mode, Optimizer, OptimizerConfig, build,
//! };
//! use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
//!
//! let mut config = LipNetConfig::new(Architecture::LipNet2, 1, 2);
//! (config.input_size, config.maps, config.dense) = (InputSize::square(8), 4, 16);
//! let network = build(&config, 7, DType::F32, &Device::Cpu)?;
//! assert_eq!(network.parameters().count(), 40 + 148 + 272 + 34);
//!
//! let stripe = |n: usize, y: usize, x: usize| ((if n % 2 == 0 { x } else { y } + n / 2) % 2) as f32;
//! let pixels: Vec<f32> = (0..16 * 64).map(|i| stripe(i / 64, i / 8 % 8, i % 8)).collect();
//! let images = Tensor::from_vec(pixels, (16, 1, 8, 8), &Device::Cpu)?;
//! let labels = Tensor::from_vec((0..16).map(|n| n % 2).collect::<Vec<u32>>(), 16, &Device::Cpu)?;
//! let loss = |mode| {
//!     let logits = network.forward(&images, mode)?; // (16, 2)
//!     softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())
//! };
//!
//! let mut optimizer = Optimizer::new(OptimizerConfig::default(), network.parameters())?;
//! for step in 0..60 {
//!     let gradients = loss(Mode::Train { seed: 7, epoch: 0, step })?.backward()?;
//!     optimizer.step(network.parameters(), &gradients, 0.01)?;
//! }
//! assert!(loss(Mode::Evaluate)?.to_scalar::<f32>()? < 0.01);
//! # Ok::<(), candle::Error>(())
//! ```
//!
//! # Shapes
//! The walk through a network in figure 8 of the thesis, in the order `(n, c, h, w)`:
//! ```
//! use candle::{DType, Device, Tensor};
//! use micrograph_ops::{Conv2dConfig, Padding, Pool2dConfig, conv2d, max_pool2d};
//!
//! let zeros = |shape: [usize; 4]| Tensor::zeros(&shape, DType::F32, &Device::Cpu);
//! let same = Conv2dConfig { padding: Padding::same([3, 3]), ..Default::default() };
//! let halve = Pool2dConfig::square(2);
//!
//! let xs = conv2d(&zeros([1, 1, 28, 28])?, &zeros([3, 1, 3, 3])?, None, &same)?;
//! assert_eq!(xs.dims(), [1, 3, 28, 28]);
//! let xs = max_pool2d(&xs, &halve)?;
//! assert_eq!(xs.dims(), [1, 3, 14, 14]);
//! let xs = conv2d(&xs, &zeros([5, 3, 3, 3])?, None, &same)?;
//! assert_eq!(xs.dims(), [1, 5, 14, 14]);
//! let xs = max_pool2d(&xs, &halve)?;
//! assert_eq!(xs.dims(), [1, 5, 7, 7]);
//! let xs = conv2d(&xs, &zeros([2, 5, 1, 1])?, None, &Conv2dConfig::default())?;
//! assert_eq!(xs.dims(), [1, 2, 7, 7]);
//! assert_eq!(xs.flatten_from(1)?.dims(), [1, 98]);
//! # Ok::<(), candle::Error>(())
//! ```
//!
//! # Decisions
//! - All randomness is a function of numbers passed in: first weights of (seed, parameter name),
//!   dropout and noise of (seed, step, layer name). There is no generator to save or to lose, and
//!   a change in one layer leaves the numbers of the others alone.
//! - Whatever goes over all parameters goes in the order of their names, so that sums have the same
//!   bits in every run.
//! - Functions that run tensor operations return [`candle::Result`]; the cause is an [`Error`],
//!   whose message they keep.
//!
//! # Limits
//! f32 and f64, on CUDA devices also bf16 and f16 with parameters in f32, as [`micrograph_ops`]. A
//! network says with [`Network::input`] which sizes it takes: LipNet-4v any, the others the one
//! they were made for, LipNet-4c too.
#![forbid(unsafe_code)]

mod display;
mod dropout;
mod error;
mod init;
mod input;
mod lipnet;
mod loss;
mod network;
mod optimizer;
mod parameters;
mod schedule;
mod segmentation;
mod source;
mod tensors;
mod written;

pub use dropout::{Dropout, DropoutDecay};
pub use error::{Error, Result};
pub use init::Init;
pub use input::{InputShape, InputSize};
pub use lipnet::{Architecture, LipNet, LipNetConfig, MAX_PARAMETERS, build};
pub use loss::{BorderWeights, ClassWeights, PixelCost, PixelLoss, SegmentationLoss};
pub use network::{ClassificationNetwork, Mode, Network, SegmentationNetwork};
pub use optimizer::{
    AdaDeltaConfig, AdaGradConfig, AdamConfig, AdamWConfig, Exclusion, FtrlConfig, LossScale,
    NadamConfig, Optimizer, OptimizerConfig, OptimizerStep, Penalty, RmsPropConfig, SgdConfig,
    Stepped,
};
pub use parameters::Parameters;
pub use schedule::Schedule;
pub use segmentation::{
    Border, DeconvNetConfig, FcnConfig, Field, RfiUNetConfig, SegNetConfig,
    SegmentationArchitecture, SegmenterConfig, StemNetConfig, UNetConfig,
};

/// Runs the example of the README with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
