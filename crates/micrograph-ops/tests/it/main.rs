//! One program for all tests of the public operations: each program would link Candle anew.

mod algorithms;
mod batch_norm2d;
mod candle_defects;
mod conv2d;
mod conv2d_max_pool2d;
mod conv_transpose2d;
mod convolution_bits;
#[cfg(feature = "cuda")]
mod cuda;
mod golden_case;
mod goldens;
mod gradient;
mod layers;
mod losses;
mod max_pool2d;
mod numbers;
mod operations;
mod optimizers;
mod refusals;
mod refusals_of_layers;
mod refused;
mod resampling;
mod threads;
mod threads_of_layers;
mod warps;
