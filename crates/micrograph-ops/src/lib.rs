//! Differentiable operations for [Candle](candle) with correct, gradient-checked backward passes.
//!
//! Candle 0.11 cannot train the networks of this workspace: its `max_pool2d` gives a unique maximum
//! a quarter of its gradient, its `conv2d` cannot go back over a stride on images that are not
//! square, and its generator on the CPU takes no seed (`tests/it/candle_defects.rs` has the whole list
//! and tells when an upgrade repairs one). This crate has what the trainer needs instead, as plain
//! functions on tensors that take part in Candle's `backward`:
//!
//! | operation | shapes | gradient of |
//! |---|---|---|
//! | [`conv2d`], [`conv2d_max_pool2d`] | `(n, c, h, w)`, `(o, c / groups, kh, kw)` | input, weight, bias |
//! | [`conv_transpose2d`] | `(n, c, h, w)`, `(c, o / groups, kh, kw)` | input, weight, bias |
//! | [`max_pool2d`], [`max_pool2d_with_indices`], [`avg_pool2d`] | `(n, c, h, w)` | input |
//! | [`global_avg_pool2d`] | `(n, c, h, w)` to `(n, c)` | input |
//! | [`adaptive_avg_pool2d`], [`max_unpool2d`] | `(n, c, h, w)` to a given size | input |
//! | [`upsample_nearest2d`], [`upsample_bilinear2d`], [`crop_or_pad`] | `(n, c, h, w)` to a given size | input |
//! | [`grid_sample`] | `(n, c, h, w)`, `(n, oh, ow, 2)` | input, grid |
//! | [`affine_grid`] | `(n, 2, 3)` to `(n, oh, ow, 2)` | theta |
//! | [`linear`] | `(n, i)`, `(o, i)` | input, weight, bias |
//! | [`relu`], [`dropout`], [`gaussian_noise`], [`reverse_gradient`] | any | input |
//! | [`batch_norm2d`], [`batch_norm2d_eval`] | `(n, c, h, w)` | input, weight, bias |
//! | [`spatial_dropout`] | `(n, c, h, w)` | input |
//! | [`softmax`] | `(..., k)` | logits |
//! | [`softmax_cross_entropy`], [`softmax_cross_entropy_weighted`] | `(n, k, ...)`, `(n, ...)` to a scalar | logits |
//! | [`dice_loss`], [`tversky_loss`] | `(n, k, h, w)`, `(n, h, w)` to a scalar | logits |
//! | [`probability_loss`] | `(n, k, ...)`, `(n, ...)` to a scalar | logits |
//! | [`bce_with_logits`] | any to a scalar | logits |
//! | [`adam_step`], [`ams_grad_step`], [`nadam_step`], [`sgd_step`] | any, in place | - |
//! | [`ada_delta_step`], [`ada_grad_step`], [`ftrl_step`], [`rms_prop_step`] | any, in place | - |
//!
//! All run on the CPU, in f32 and f64, and take tensors of any memory layout. With the feature
//! `cuda` they run on NVIDIA GPUs as well, many also in bf16 and f16.
//!
//! # The same bits
//! Results depend on the arguments alone, not on the number of threads or their timing: work is cut
//! into parts by sizes, matrix products run on one thread each, and sums over parts follow the
//! order of the parts. Random numbers are a function of a [`RandomKey`] and the element's place
//! ([`philox4x32`]). Between machines with other vector instructions or other mathematical
//! libraries (`exp`, `ln`) the last bits may differ.
//!
//! # Example
//! ```
//! use candle::{Device, Tensor, Var};
//! use micrograph_ops::{
//!     Conv2dConfig, CrossEntropyConfig, Pool2dConfig, conv2d, max_pool2d, relu,
//!     softmax_cross_entropy,
//! };
//! let xs = Tensor::new(&[[[[1f64, 2., 0.], [0., 1., 0.], [4., 0., 1.]]]], &Device::Cpu)?;
//! let weight = Var::new(&[[[[1f64, 0.], [0., 1.]]], [[[0., 1.], [1., 0.]]]], &Device::Cpu)?;
//! let maps = conv2d(&xs, &weight, None, &Conv2dConfig::default())?; // (1, 2, 2, 2)
//! let logits = max_pool2d(&relu(&maps)?, &Pool2dConfig::square(2))?.reshape((1, 2))?;
//! assert_eq!(logits.to_vec2::<f64>()?, [[2., 5.]]);
//! let labels = Tensor::new(&[0u32], &Device::Cpu)?;
//! let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
//! assert!((loss.to_scalar::<f64>()? - (1.0 + 3f64.exp()).ln()).abs() < 1e-12);
//! let gradient = loss.backward()?.get(&weight).unwrap().flatten_all()?.to_vec1::<f64>()?;
//! let p = 1.0 / (1.0 + (-3f64).exp()); // of class 1, whose maximum saw the pixels 1, 1, 4, 0
//! assert!((gradient[6] - p * 4.0).abs() < 1e-12);
//! # Ok::<(), candle::Error>(())
//! ```
//!
//! # Errors
//! Functions return [`candle::Result`], because Candle's operations do. What cannot be computed is
//! refused before it is begun, by an error that names the operation, the sizes and the repair. Where
//! memory runs out the program ends, as everywhere in Rust.
//!
//! # Limits
//! The feature `cuda` adds kernels for NVIDIA GPUs; they are proven on the host and were never run
//! on a GPU (`docs/cuda.md` in the repository says what has kernels, and what was shown). On other
//! devices Candle says that the operation has no implementation there. A gradient of a gradient is
//! not available, as in Candle.

#[cfg(feature = "mimalloc")]
mod allocator;
mod batch_norm;
mod channel_sum;
mod conv2d;
mod cuda;
#[cfg(any(feature = "cuda", test))]
mod device_sum;
mod dropout;
mod elementwise;
mod error;
mod gaussian_noise;
mod gradient_reversal;
mod layer;
mod linear;
mod loss;
mod matrix;
mod optimizer;
mod parallel;
mod philox;
mod pool2d;
mod relu;
mod resample;
mod softmax;
mod spatial_dropout;
mod storage;
mod window;

#[cfg(feature = "mimalloc")]
pub use allocator::keep_freed_memory;
pub use batch_norm::{ChannelStatistics, batch_norm2d, batch_norm2d_eval};
pub use conv2d::{
    Activation, Algorithm, Conv2dConfig, ConvTranspose2dConfig, conv_transpose2d, conv2d,
    conv2d_max_pool2d,
};
pub use dropout::dropout;
pub use gaussian_noise::gaussian_noise;
pub use gradient_reversal::reverse_gradient;
pub use linear::linear;
pub use loss::{
    CrossEntropyConfig, ErrorWeights, LabelSmoothing, OverlapClasses, OverlapConfig, OverlapScope,
    ProbabilityCost, ProbabilityLossConfig, bce_with_logits, dice_loss, probability_loss,
    softmax_cross_entropy, softmax_cross_entropy_weighted, tversky_loss,
};
pub use optimizer::{
    AdaDeltaStep, AdaGradStep, AdamConfig, AdamStep, FtrlStep, Momentum, NadamStep, RmsPropStep,
    SgdStep, ada_delta_step, ada_grad_step, adam_step, ams_grad_step, ftrl_step, nadam_step,
    rms_prop_step, sgd_step,
};
pub use philox::{RandomKey, philox4x32};
pub use pool2d::{
    Pool2dConfig, Rounding, adaptive_avg_pool2d, avg_pool2d, global_avg_pool2d, max_pool2d,
    max_pool2d_with_indices, max_unpool2d,
};
pub use relu::relu;
pub use resample::{
    Alignment, Border, GridSampleConfig, Interpolation, Margins, affine_grid, crop_or_pad,
    grid_sample, upsample_bilinear2d, upsample_nearest2d,
};
pub use softmax::softmax;
pub use spatial_dropout::spatial_dropout;
pub use window::Padding;
