//! The camera: counted electrons, spread, and shown in gray levels.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::canvas::Canvas;
use super::config::LiposomeConfig;

/// How one image is taken and shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exposure {
    /// Electrons that reach a pixel through empty ice.
    electrons: f32,
    /// The standard deviation of an electron's spread on the camera, px.
    blur_px: f32,
    /// The standard deviation of read-out noise, gray levels.
    readout: f32,
    /// The gray level of empty ice.
    gray: f32,
    /// Gray levels from no electrons to as many as through empty ice.
    gain: f32,
}

impl Exposure {
    /// An exposure within the ranges of `config`.
    pub(super) fn draw(rng: &mut ChaCha8Rng, config: &LiposomeConfig) -> Self {
        let gray: f32 = StandardNormal.sample(rng);
        let electrons = log_uniform(rng, config.electrons_per_pixel);
        Self {
            electrons,
            blur_px: rng.random_range(0.45..0.8),
            readout: rng.random_range(0.5..2.0),
            gray: (142.0 + 18.0 * gray).clamp(95.0, 190.0),
            // A noisier image is shown with less contrast, or it would leave the gray scale.
            gain: rng.random_range(380.0..640.0) * (electrons / 1000.0).powf(0.3),
        }
    }

    /// What the camera shows of a canvas: whole gray levels from 0 to 255, row by row.
    pub(super) fn record(self, rng: &mut ChaCha8Rng, canvas: &Canvas) -> Vec<f32> {
        let pixels = canvas.contrast.iter().zip(&canvas.transmission);
        let mut intensity: Vec<f32> = pixels
            .map(|(contrast, transmission)| {
                let expected = self.electrons * transmission * (1.0 + contrast).max(0.02);
                count(rng, expected) / self.electrons
            })
            .collect();
        blur(&mut intensity, (canvas.height, canvas.width), self.blur_px);
        for value in &mut intensity {
            let noise: f32 = StandardNormal.sample(rng);
            let gray = self.gray + self.gain * (*value - 1.0) + self.readout * noise;
            *value = f32::from((gray + 0.5).clamp(0.0, 255.0) as u8);
        }
        intensity
    }
}

/// A number whose logarithm is uniform between those of the range's ends.
pub(super) fn log_uniform(rng: &mut ChaCha8Rng, [low, high]: [f64; 2]) -> f32 {
    let part: f64 = rng.random_range(0.0..1.0);
    (low * (high / low).powf(part)) as f32
}

/// A Poisson number of electrons.
///
/// Above 20 by a Cornish-Fisher expansion of the normal distribution, which has the right mean,
/// variance and skewness and costs a tenth.
pub(super) fn count(rng: &mut ChaCha8Rng, expected: f32) -> f32 {
    if expected < 20.0 {
        return Poisson::new(expected).map_or(0.0, |poisson| poisson.sample(rng));
    }
    let normal: f32 = StandardNormal.sample(rng);
    let electrons = expected + expected.sqrt() * normal + (normal * normal - 1.0) / 6.0;
    // Truncating through an integer is several times as fast as `round`.
    (electrons + 0.5) as u32 as f32
}

/// Blurs an image in place by a Gaussian of standard deviation `sigma` px; the edges are repeated.
pub(super) fn blur(image: &mut [f32], (height, width): (usize, usize), sigma: f32) {
    let radius = (3.0 * sigma).ceil() as usize;
    let tap = |d: usize| (-0.5 * (d as f32 / sigma).powi(2)).exp();
    let sum = 1.0 + 2.0 * (1..=radius).map(tap).sum::<f32>();
    let taps: Vec<f32> = (0..=radius).map(|d| tap(d) / sum).collect();
    let mut line = vec![0.0; width + 2 * radius];
    for row in image.chunks_exact_mut(width) {
        line[radius..radius + width].copy_from_slice(row);
        line[..radius].fill(row[0]);
        line[radius + width..].fill(row[width - 1]);
        row.iter_mut().for_each(|value| *value *= taps[0]);
        for (d, tap) in taps.iter().enumerate().skip(1) {
            let sides = line[radius - d..].iter().zip(&line[radius + d..]);
            for (value, (left, right)) in row.iter_mut().zip(sides) {
                *value += tap * (left + right);
            }
        }
    }
    let source = image.to_vec();
    let row_of = |y: usize| &source[y * width..(y + 1) * width];
    for (y, row) in image.chunks_exact_mut(width).enumerate() {
        row.iter_mut().zip(row_of(y)).for_each(|(value, center)| *value = taps[0] * center);
        for (d, tap) in taps.iter().enumerate().skip(1) {
            let (above, below) = (row_of(y.saturating_sub(d)), row_of((y + d).min(height - 1)));
            for ((value, above), below) in row.iter_mut().zip(above).zip(below) {
                *value += tap * (above + below);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn electron_counts_have_the_moments_of_poisson() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for expected in [0.5_f32, 8.0, 25.0, 400.0] {
            let n = 40_000;
            let counts: Vec<f64> = (0..n).map(|_| f64::from(count(&mut rng, expected))).collect();
            let mean = counts.iter().sum::<f64>() / f64::from(n);
            let moment = |power| {
                counts.iter().map(|count| (count - mean).powi(power)).sum::<f64>() / f64::from(n)
            };
            let lambda = f64::from(expected);
            // Five standard errors of each estimate.
            assert!((mean - lambda).abs() < 5.0 * (lambda / f64::from(n)).sqrt(), "{mean}");
            let of_variance = lambda * ((2.0 + 1.0 / lambda) / f64::from(n)).sqrt();
            assert!((moment(2) - lambda).abs() < 5.0 * of_variance + 0.1, "{}", moment(2));
            let skewness = moment(3) / moment(2).powf(1.5);
            assert!((skewness - lambda.powf(-0.5)).abs() < 0.15, "{skewness} at {expected}");
        }
    }

    #[test]
    fn a_blur_keeps_the_sum_and_has_its_width() {
        let mut image = vec![0.0; 21 * 21];
        image[10 * 21 + 10] = 1.0;
        blur(&mut image, (21, 21), 1.5);
        let sum: f32 = image.iter().sum();
        let spread: f32 = (0..21 * 21).map(|i| image[i] * ((i % 21) as f32 - 10.0).powi(2)).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        assert!((spread.sqrt() - 1.5).abs() < 0.03, "{}", spread.sqrt());
    }
}
