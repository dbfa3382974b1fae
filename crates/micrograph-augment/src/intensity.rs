//! The drawn changes of brightness, and the noise.

use ndarray::Array3;
use rand::RngExt;
use rand_distr::StandardNormal;

use crate::stream::Operation;
use crate::{Drawn, Key, Recipe};

impl Recipe {
    /// Brightness, contrast, gamma, noise, in this order; nothing is touched by a neutral one.
    pub(crate) fn adjust(
        &self,
        drawn: &Drawn,
        key: Key,
        pixels: &mut Array3<f32>,
        full_scale: f32,
    ) {
        if drawn.brightness != 0.0 {
            let step = drawn.brightness as f32 * full_scale;
            pixels.mapv_inplace(|value| value + step);
        }
        if drawn.contrast != 1.0 {
            let (mean, factor) = (mean(pixels), drawn.contrast as f32);
            pixels.mapv_inplace(|value| mean + factor * (value - mean));
        }
        if drawn.gamma != 1.0 {
            let gamma = drawn.gamma as f32;
            pixels.mapv_inplace(|value| {
                full_scale * (value / full_scale).clamp(0.0, 1.0).powf(gamma)
            });
        }
        if self.noise_sigma > 0.0 {
            let sigma = self.noise_sigma as f32 * full_scale;
            let mut stream = key.stream(Operation::Noise);
            pixels.mapv_inplace(|value| value + sigma * stream.sample::<f32, _>(StandardNormal));
        }
    }
}

/// The mean over all channels; 0 for no pixels.
fn mean(pixels: &Array3<f32>) -> f32 {
    let sum: f64 = pixels.iter().map(|&value| f64::from(value)).sum();
    (sum / pixels.len().max(1) as f64) as f32
}
