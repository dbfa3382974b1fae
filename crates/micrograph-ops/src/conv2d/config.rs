//! What a convolution is to do.

use crate::window::Padding;
use serde::{Deserialize, Serialize};

/// Geometry and extras of [`conv2d`](crate::conv2d); pairs are `[vertical, horizontal]`.
///
/// The default is stride 1, no padding, dilation 1, one group, no activation, fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conv2dConfig {
    /// Pixels from one position of the kernel to the next.
    pub stride: [usize; 2],
    /// Zeros around the input.
    pub padding: Padding,
    /// Pixels from one element of the kernel to the next.
    pub dilation: [usize; 2],
    /// Input and output channels fall into so many groups that do not see each other.
    pub groups: usize,
    /// What is applied to the sums, in the same pass.
    pub activation: Activation,
    /// How the sums are computed.
    pub algorithm: Algorithm,
}

impl Conv2dConfig {
    /// The default, as a constant.
    pub const DEFAULT: Self = Self {
        stride: [1, 1],
        padding: Padding::ZERO,
        dilation: [1, 1],
        groups: 1,
        activation: Activation::None,
        algorithm: Algorithm::Fast,
    };
}

impl Default for Conv2dConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A function of each output of a layer, fused with it: one pass over memory less each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Activation {
    /// The sums as they are.
    #[default]
    None,
    /// `max(x, 0)`, as [`relu`](crate::relu).
    Relu,
}

/// How the sums of a convolution are computed. In f64 both are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Algorithm {
    /// Winograd's minimal filtering for kernels of 3x3 and 5x5 where it pays, else as `Exact`.
    ///
    /// Its relative error (root mean square, against f64) is about 1e-6, two to five times that of
    /// `Exact`. Errors are relative to the largest pixel of a tile of 6x6: beside a pixel 10,000
    /// times the others, these have a relative error of 5e-4. A pixel that is NaN or infinite
    /// spoils all tiles that it is in: up to 8x8 outputs of a kernel of 3x3, 6x6 of one of 5x5.
    #[default]
    Fast,
    /// Plain sums of products, whose relative error is 1e-7 to 4e-7.
    Exact,
}
