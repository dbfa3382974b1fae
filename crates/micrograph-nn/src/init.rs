//! First weights, drawn from a seed and the parameter's name.

use candle::{DType, Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::Result;

/// The distribution of a layer's first weights.
///
/// Of a weight `(outputs, inputs, ...)`, `fan_in` is the product of all lengths but the first and
/// `fan_out` the product of all but the second, so that a convolution's kernel counts in both.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// Normal with mean 0 and standard deviation `sqrt(2 / fan_in)`, which keeps the size of
    /// activations through layers with ReLU (He et al. 2015, eq. 10; `kaiming_normal_` in PyTorch).
    HeNormal,
    /// Uniform in `[-l, l)` with `l = gain * sqrt(6 / (fan_in + fan_out))`, for layers without
    /// ReLU (Glorot & Bengio 2010, eq. 16, with gain 1; `xavier_uniform_` in PyTorch).
    GlorotUniform {
        /// A factor on all weights, above 0.
        gain: f64,
    },
    /// Normal with mean 0, drawn anew while it is two standard deviations or more from it
    /// (`truncated_normal` in TensorFlow).
    TruncatedNormal {
        /// The standard deviation before the tails are cut off, which leaves 0.88 of it; above 0.
        std: f64,
    },
    /// Normal with mean 0 (`normal_` in PyTorch).
    Normal {
        /// The standard deviation, above 0.
        std: f64,
    },
    /// Linear interpolation: the kernel that spreads a pixel over the pixels around it, from each map
    /// to the one of its number, and of more maps than there are outputs their mean (Long et al., "Fully
    /// convolutional networks", 2015).
    Bilinear,
    /// The same number everywhere.
    Constant(f64),
    /// All zero: biases.
    Zero,
}

impl Init {
    /// The first values of the parameter `name`, in row-major order.
    ///
    /// They are a function of the arguments alone. Every name has a random stream of its own, so
    /// adding, removing or reordering layers leaves the values of all others as they were.
    ///
    /// ```
    /// use micrograph_nn::Init;
    ///
    /// let glorot = Init::GlorotUniform { gain: 1.0 };
    /// let weight = glorot.values("head.output.weight", &[2, 256], 7);
    /// let limit = (6.0_f64 / (256.0 + 2.0)).sqrt(); // 0.1525
    /// assert_eq!(weight.len(), 512);
    /// assert!(weight.iter().all(|w| (-limit..limit).contains(w)));
    /// assert_eq!(weight, glorot.values("head.output.weight", &[2, 256], 7));
    /// assert_eq!(Init::Zero.values("head.output.bias", &[2], 7), [0.0, 0.0]);
    /// ```
    #[must_use]
    pub fn values(self, name: &str, shape: &[usize], seed: u64) -> Vec<f64> {
        let n = shape.iter().product();
        let (fan_in, fan_out) = fans(shape);
        let mut stream = stream(seed, name);
        match self {
            Self::HeNormal => {
                let std = (2.0 / fan_in).sqrt();
                let draw = |z: f64| std * z;
                StandardNormal.sample_iter(&mut stream).take(n).map(draw).collect()
            }
            Self::GlorotUniform { gain } => {
                let limit = gain * (6.0 / (fan_in + fan_out)).sqrt();
                (0..n).map(|_| limit * (2.0 * stream.random::<f64>() - 1.0)).collect()
            }
            Self::TruncatedNormal { std } => {
                let inside = |z: &f64| z.abs() < 2.0;
                let draw = |z: f64| std * z;
                StandardNormal.sample_iter(&mut stream).filter(inside).take(n).map(draw).collect()
            }
            Self::Normal { std } => {
                let draw = |z: f64| std * z;
                StandardNormal.sample_iter(&mut stream).take(n).map(draw).collect()
            }
            Self::Bilinear => bilinear(shape),
            Self::Constant(value) => vec![value; n],
            Self::Zero => vec![0.0; n],
        }
    }

    /// A variable with these first values, drawn in f64 and then rounded to `dtype`.
    ///
    /// # Errors
    /// When `dtype` holds no fractions, or the device has no memory left.
    pub fn variable(
        self,
        name: &str,
        shape: &[usize],
        seed: u64,
        (dtype, device): (DType, &Device),
    ) -> Result<Var> {
        let values = Tensor::from_vec(self.values(name, shape, seed), shape, &Device::Cpu)?;
        Var::from_tensor(&values.to_dtype(dtype)?.to_device(device)?)
    }
}

/// A weight `(a, b, h, w)` that interpolates.
fn bilinear(shape: &[usize]) -> Vec<f64> {
    let length = |axis: usize| shape.get(axis).copied().unwrap_or(1).max(1);
    let [a, b, height, width] = [0, 1, 2, 3].map(length);
    let alike = a.min(b);
    let hat = |place: usize, length: usize| {
        let factor = length.div_ceil(2) as f64;
        let center = if length % 2 == 1 { factor - 1.0 } else { factor - 0.5 };
        1.0 - (place as f64 - center).abs() / factor
    };
    let value = |index: usize| {
        let (pixel, maps) = (index % (height * width), index / (height * width));
        let same = maps / b % alike == maps % b % alike;
        let share = if same { alike as f64 / b as f64 } else { 0.0 };
        share * hat(pixel / width, height) * hat(pixel % width, width)
    };
    (0..shape.iter().product()).map(value).collect()
}

fn fans(shape: &[usize]) -> (f64, f64) {
    let length = |axis: usize| shape.get(axis).copied().unwrap_or(1) as f64;
    let window: usize = shape.iter().skip(2).product();
    (length(1) * window as f64, length(0) * window as f64)
}

fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&name_hash(name).to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// FNV-1a, 64 bits: the stream of a name, the same in every version and on every machine.
pub(crate) fn name_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// Within five standard errors: mean `sd / sqrt(n)`, deviation about `sd / sqrt(2 n)`.
    #[track_caller]
    fn check_moments(values: &[f64], std: f64) {
        let n = values.len() as f64;
        let (mean, found) = moments(values);
        assert!(mean.abs() < 5.0 * std / n.sqrt(), "mean {mean}");
        assert!((found - std).abs() < 5.0 * std / (2.0 * n).sqrt(), "std {found}, expected {std}");
    }

    #[test]
    fn he_normal_has_the_variance_of_its_formula() {
        // fan_in = 32 * 3 * 3 = 288.
        let values = Init::HeNormal.values("conv", &[64, 32, 3, 3], 1);
        assert_eq!(values.len(), 18_432);
        check_moments(&values, (2.0_f64 / 288.0).sqrt());
    }

    #[test]
    fn glorot_uniform_has_the_variance_and_the_limit_of_its_formula() {
        // fan_in = 8 * 25, fan_out = 4 * 25; a uniform deviation is limit / sqrt(3).
        let limit = 0.5 * (6.0_f64 / 300.0).sqrt();
        let values = Init::GlorotUniform { gain: 0.5 }.values("conv", &[4, 8, 5, 5], 1);
        check_moments(&values, limit / 3.0_f64.sqrt());
        let largest = values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
        assert!(largest <= limit && largest > 0.98 * limit);
    }

    #[test]
    fn a_truncated_normal_ends_at_two_deviations() {
        // Of a standard normal cut off at 2: 1 - 2 * 2 * density(2) / 0.9545, of which the root.
        let values = Init::TruncatedNormal { std: 0.5 }.values("conv", &[40, 50, 3, 3], 1);
        check_moments(&values, 0.5 * 0.879_626);
        let largest = values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
        assert!(largest < 1.0 && largest > 0.98);
    }

    #[test]
    fn bilinear_kernels_interpolate() {
        // Of 4x4 with stride 2: (1, 3, 3, 1) / 4 along each axis, on the diagonal of two maps.
        let kernel = Init::Bilinear.values("up", &[2, 2, 4, 4], 0);
        assert_eq!(kernel[..4], [0.0625, 0.1875, 0.1875, 0.0625]);
        assert_eq!(kernel[20], 0.0);
        assert_eq!(kernel[48 + 5], 0.5625);
        let kernel = Init::Bilinear.values("up", &[1, 2, 3, 3], 0);
        assert_eq!(kernel[..9], [0.125, 0.25, 0.125, 0.25, 0.5, 0.25, 0.125, 0.25, 0.125]);
        assert_eq!(kernel[9..], kernel[..9]);
    }

    #[test]
    fn names_and_seeds_have_streams_of_their_own() {
        let draw = |name, seed| Init::HeNormal.values(name, &[4, 4], seed);
        assert_eq!(draw("a", 1), draw("a", 1));
        assert_ne!(draw("a", 1), draw("b", 1));
        assert_ne!(draw("a", 1), draw("a", 2));
    }

    #[test]
    fn name_hash_is_fnv_1a() {
        // The published test vectors of FNV-1a, 64 bits.
        assert_eq!(name_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(name_hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(name_hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
